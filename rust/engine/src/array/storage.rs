//! Reference-counted bytes.

use super::cache;
use crate::profile;
use std::any::Any;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the bytes are, and who frees them.
enum Home {
    /// Here: a few numbers need no memory of their own.
    Inline(UnsafeCell<[u64; INLINE_BYTES / 8]>),
    /// In a block of the cache.
    Cache(NonNull<u8>),
    /// With somebody else (a NumPy array, a mapped file), who is kept alive and dropped with the storage.
    Foreign { pointer: NonNull<u8>, _owner: Box<dyn Any + Send + Sync> },
}

/// Results up to this size lie inside the storage itself.
const INLINE_BYTES: usize = 32;

/// A block of bytes that arrays share. Its version counts in-place writes, so that the tape can tell when a saved
/// value has changed.
pub struct Storage {
    home: Home,
    bytes: usize,
    /// Whether its owner lets others write to it.
    writable: bool,
    version: AtomicU32,
}

// SAFETY: the bytes are plain numbers behind a pointer that stays valid as long as the storage lives. Racing writes
// from several threads give wrong numbers, never a dangling pointer; kernels that write in parallel cut disjoint pieces.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

impl Storage {
    /// `bytes` uninitialised bytes; large blocks lie on a 64-byte boundary.
    pub fn uninit(bytes: usize) -> Storage {
        let home = if bytes <= INLINE_BYTES {
            Home::Inline(UnsafeCell::new([0; INLINE_BYTES / 8]))
        } else {
            let block = cache::acquire(bytes);
            profile::memory(bytes as i64);
            Home::Cache(block)
        };
        Storage { home, bytes, writable: true, version: AtomicU32::new(0) }
    }

    /// Memory of somebody else, for reading only or for both.
    ///
    /// # Safety
    /// `bytes` bytes at `pointer` are readable (and writable, if so declared) while `owner` lives.
    pub unsafe fn foreign(
        pointer: NonNull<u8>,
        bytes: usize,
        writable: bool,
        owner: Box<dyn Any + Send + Sync>,
    ) -> Storage {
        Storage { home: Home::Foreign { pointer, _owner: owner }, bytes, writable, version: AtomicU32::new(0) }
    }

    /// The first byte. It stays where it is as long as the storage is not moved: arrays hold it behind an `Arc`.
    #[inline]
    pub fn pointer(&self) -> *mut u8 {
        match &self.home {
            Home::Inline(words) => words.get().cast(),
            Home::Cache(pointer) | Home::Foreign { pointer, .. } => pointer.as_ptr(),
        }
    }

    /// How many bytes there are.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it may be written to: memory of a read-only NumPy array or a mapped file may not.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// How often the bytes were written in place.
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Relaxed)
    }

    /// Notes an in-place write.
    pub fn bump(&self) {
        self.version.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        if let Home::Cache(pointer) = self.home {
            profile::memory(-(self.bytes as i64));
            // SAFETY: acquired with this size in `uninit`; the last array is gone.
            unsafe { cache::release(pointer, self.bytes) };
        }
    }
}
