//! Borrowed, strided memory.

use std::marker::PhantomData;

/// A read-only array in borrowed memory: pointer to its first element, shape, strides in elements.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    ptr: *const T,
    shape: &'a [usize],
    strides: &'a [isize],
}

/// A writable array in borrowed memory. It may be uninitialised: kernels write every element and read none
/// before it is written, unless they say that they accumulate.
pub struct ViewMut<'a, T> {
    ptr: *mut T,
    shape: &'a [usize],
    strides: &'a [isize],
    life: PhantomData<&'a mut T>,
}

// SAFETY: a View only reads, a ViewMut is the only way to its elements; kernels cut them into disjoint pieces.
unsafe impl<T: Sync> Send for View<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for View<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for ViewMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for ViewMut<'_, T> {}

impl<'a, T> View<'a, T> {
    /// # Safety
    /// Every element that `shape` and `strides` reach from `ptr` is initialised, readable and unwritten for `'a`.
    #[inline]
    pub unsafe fn new(ptr: *const T, shape: &'a [usize], strides: &'a [isize]) -> Self {
        debug_assert_eq!(shape.len(), strides.len());
        View { ptr, shape, strides }
    }
    /// The first element.
    #[inline]
    pub fn ptr(&self) -> *const T {
        self.ptr
    }
    /// Extent per axis.
    #[inline]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }
    /// Distance between neighbours per axis, in elements; may be zero or negative.
    #[inline]
    pub fn strides(&self) -> &'a [isize] {
        self.strides
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T> ViewMut<'a, T> {
    /// # Safety
    /// Every element that `shape` and `strides` reach from `ptr` is writable and reached by nobody else for `'a`;
    /// no two indices reach the same element.
    #[inline]
    pub unsafe fn new(ptr: *mut T, shape: &'a [usize], strides: &'a [isize]) -> Self {
        debug_assert_eq!(shape.len(), strides.len());
        ViewMut { ptr, shape, strides, life: PhantomData }
    }
    /// The first element.
    #[inline]
    pub fn ptr(&self) -> *mut T {
        self.ptr
    }
    /// Extent per axis.
    #[inline]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }
    /// Distance between neighbours per axis, in elements.
    #[inline]
    pub fn strides(&self) -> &'a [isize] {
        self.strides
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
