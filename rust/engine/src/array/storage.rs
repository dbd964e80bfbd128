//! Reference-counted bytes.

use super::cache;
use std::any::Any;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// A cache line: what nothing points to, if there are no bytes, is aligned as well.
#[repr(align(64))]
struct Line;

/// Who frees the bytes.
pub enum Owner {
    /// The block cache.
    Cache,
    /// Somebody else (a NumPy array, a mapped file): kept alive and dropped with the storage.
    Foreign(Box<dyn Any + Send + Sync>),
}

/// A block of bytes that arrays share. Its version counts in-place writes, so that the tape can tell when a saved
/// value has changed.
pub struct Storage {
    pointer: NonNull<u8>,
    bytes: usize,
    owner: Owner,
    version: AtomicU32,
}

// SAFETY: the bytes are plain numbers behind a pointer that stays valid as long as the storage lives. Racing writes
// from several threads give wrong numbers, never a dangling pointer; kernels that write in parallel cut disjoint pieces.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

impl Storage {
    /// `bytes` uninitialised bytes on a 64-byte boundary.
    pub fn uninit(bytes: usize) -> Storage {
        let pointer = if bytes == 0 { NonNull::<Line>::dangling().cast() } else { cache::acquire(bytes) };
        Storage { pointer, bytes, owner: Owner::Cache, version: AtomicU32::new(0) }
    }

    /// Memory of somebody else.
    ///
    /// # Safety
    /// `bytes` bytes at `pointer` are readable (and writable, if arrays on it are written to) while `owner` lives.
    pub unsafe fn foreign(pointer: NonNull<u8>, bytes: usize, owner: Box<dyn Any + Send + Sync>) -> Storage {
        Storage { pointer, bytes, owner: Owner::Foreign(owner), version: AtomicU32::new(0) }
    }

    /// The first byte.
    pub fn pointer(&self) -> *mut u8 {
        self.pointer.as_ptr()
    }

    /// How many bytes there are.
    pub fn bytes(&self) -> usize {
        self.bytes
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
        if matches!(self.owner, Owner::Cache) && self.bytes > 0 {
            // SAFETY: acquired with this size in `uninit`; the last array is gone.
            unsafe { cache::release(self.pointer, self.bytes) };
        }
    }
}
