//! Handing disjoint pieces of one output to parallel tasks.

use std::marker::PhantomData;
use std::ops::Range;

/// A mutable slice shared by tasks, each of which writes pieces that no other task touches.
pub(crate) struct Parts<'a, T> {
    ptr: *mut T,
    len: usize,
    life: PhantomData<&'a mut [T]>,
}

// SAFETY: the only access is `range`, whose contract forbids overlap between tasks.
unsafe impl<T: Send> Send for Parts<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Parts<'_, T> {}

impl<'a, T> Parts<'a, T> {
    /// Shares `slice` for as long as it is borrowed.
    pub fn new(slice: &'a mut [T]) -> Self {
        Parts { ptr: slice.as_mut_ptr(), len: slice.len(), life: PhantomData }
    }

    /// The piece `range`.
    ///
    /// # Safety
    /// While the piece lives, no other piece that overlaps it does.
    #[inline(always)]
    pub unsafe fn range(&self, range: Range<usize>) -> &'a mut [T] {
        assert!(range.start <= range.end && range.end <= self.len);
        // SAFETY: inside the slice by the assertion, unique by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.add(range.start), range.len()) }
    }

    /// The first element, for those who write places that are not slices. The same promise holds for them.
    #[inline(always)]
    pub fn ptr(&self) -> *mut T {
        self.ptr
    }

    /// Piece number `i` of those of `size` elements.
    ///
    /// # Safety
    /// As [`Parts::range`].
    #[inline(always)]
    pub unsafe fn piece(&self, i: usize, size: usize) -> &'a mut [T] {
        // SAFETY: handed on.
        unsafe { self.range(i * size..(i + 1) * size) }
    }
}
