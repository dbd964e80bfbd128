//! Freed blocks, kept for the next result of their size.
//!
//! A fresh 64 MiB result costs tens of milliseconds in page faults alone, several times what an elementwise kernel
//! takes. Large blocks therefore come back here and are handed out again, most recently used first.

use crate::error::OutOfMemory;
use std::alloc::{Layout, alloc, dealloc};
use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// Blocks start on a cache line (and on a whole AVX-512 register) ...
pub const ALIGNMENT: usize = 64;
/// ... unless they are small: the allocator is several times quicker where it may choose the place.
const UNALIGNED: usize = 1 << 10;
/// Smaller blocks go to the system allocator, which is good at them.
const SMALLEST: usize = 64 << 10;
/// What is kept at most unless [`set_limit`] says otherwise.
const DEFAULT_LIMIT: usize = 1 << 30;

/// No machine has more; rounding up to a class cannot overflow below.
const LARGEST: usize = isize::MAX as usize / 4;

struct Cache {
    /// Least recently freed first.
    blocks: VecDeque<(usize, Block)>,
    bytes: usize,
    limit: usize,
}

struct Block(NonNull<u8>);
// SAFETY: a cached block belongs to the cache alone.
unsafe impl Send for Block {}

static CACHE: Mutex<Cache> = Mutex::new(Cache { blocks: VecDeque::new(), bytes: 0, limit: DEFAULT_LIMIT });

/// The size that is really allocated for `bytes`: large blocks are rounded up to eighths of a power of two, so that
/// slightly different shapes share blocks.
fn class(bytes: usize) -> usize {
    if bytes < SMALLEST {
        return bytes;
    }
    let step = (bytes.next_power_of_two() / 2).max(SMALLEST) / 8;
    bytes.div_ceil(step) * step
}

fn layout(class: usize) -> Layout {
    let alignment = if class < UNALIGNED { 16 } else { ALIGNMENT };
    Layout::from_size_align(class, alignment).expect("a block of memory fits the address space")
}

/// A block of at least `bytes > 0` bytes; give it back with [`release`] and the same `bytes`. Memory that cannot be had
/// unwinds to the nearest [`crate::error::guard`].
pub fn acquire(bytes: usize) -> NonNull<u8> {
    if bytes > LARGEST {
        resume_unwind(Box::new(OutOfMemory(bytes)));
    }
    let class = class(bytes);
    if class >= SMALLEST {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = cache.blocks.iter().rposition(|(size, _)| *size == class) {
            cache.bytes -= class;
            return cache.blocks.remove(at).expect("position is in range").1.0;
        }
    }
    // SAFETY: `class > 0` because `bytes > 0`.
    let pointer = unsafe { alloc(layout(class)) };
    NonNull::new(pointer).unwrap_or_else(|| resume_unwind(Box::new(OutOfMemory(bytes))))
}

/// Takes back a block of [`acquire`].
///
/// # Safety
/// `pointer` came from `acquire(bytes)` and nobody uses it any more.
pub unsafe fn release(pointer: NonNull<u8>, bytes: usize) {
    let class = class(bytes);
    if class < SMALLEST {
        // SAFETY: allocated with this layout by `acquire`.
        unsafe { dealloc(pointer.as_ptr(), layout(class)) };
        return;
    }
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    cache.bytes += class;
    cache.blocks.push_back((class, Block(pointer)));
    let limit = cache.limit;
    let surplus = cache.shrink(limit);
    drop(cache);
    free(surplus);
}

impl Cache {
    /// Takes out the oldest blocks until at most `limit` bytes remain.
    fn shrink(&mut self, limit: usize) -> Vec<(usize, Block)> {
        let mut out = Vec::new();
        while self.bytes > limit
            && let Some(block) = self.blocks.pop_front()
        {
            self.bytes -= block.0;
            out.push(block);
        }
        out
    }
}

fn free(blocks: Vec<(usize, Block)>) {
    for (class, block) in blocks {
        // SAFETY: the cache owned the block; it was allocated with this layout.
        unsafe { dealloc(block.0.as_ptr(), layout(class)) };
    }
}

/// Gives all cached memory back to the system.
pub fn trim() {
    let blocks = CACHE.lock().unwrap_or_else(PoisonError::into_inner).shrink(0);
    free(blocks);
}

/// Sets how many bytes are kept at most (1 GiB at first); 0 turns the cache off.
pub fn set_limit(bytes: usize) {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    cache.limit = bytes;
    let surplus = cache.shrink(bytes);
    drop(cache);
    free(surplus);
}

/// Bytes that are kept now.
pub fn cached_bytes() -> usize {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner).bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_waste_little() {
        for bytes in [SMALLEST, SMALLEST + 1, 100_000, 1 << 20, (1 << 20) + 1, 123_456_789] {
            let class = class(bytes);
            assert!(class >= bytes && class <= bytes + bytes / 4, "{bytes} -> {class}");
        }
    }
}
