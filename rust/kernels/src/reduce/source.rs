//! Where the elements of a reduction come from.

use crate::copy::convert;
use crate::element::Element;
use crate::simd::{self, Isa, Kernel};
use crate::view::View;
use std::any::TypeId;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// Elements of a buffer that holds what cannot be read in place: a multiple of the accumulators of a row.
pub(super) const CHUNK: usize = 512;

/// Memory for [`Source::read`].
pub(super) type Buffer<E> = [MaybeUninit<E>; CHUNK];

/// Fresh memory for [`Source::read`].
#[inline(always)]
pub(super) fn buffer<E>() -> Buffer<E> {
    [const { MaybeUninit::uninit() }; CHUNK]
}

/// Memory of any type, read as `E`.
pub(super) struct Source<'a, E> {
    first: *const u8,
    /// Bytes per element.
    size: usize,
    /// Whether the elements are of type `E`.
    direct: bool,
    load: unsafe fn(*const u8, isize, usize, *mut E),
    life: PhantomData<&'a E>,
}

// SAFETY: only reads, like the `View` it is made of.
unsafe impl<E: Sync> Sync for Source<'_, E> {}

impl<'a, E: Element> Source<'a, E> {
    pub(super) fn new<T: Element>(src: &View<'a, T>) -> Self {
        let direct = TypeId::of::<T>() == TypeId::of::<E>();
        Source { first: src.ptr().cast(), size: size_of::<T>(), direct, load: load::<T, E>, life: PhantomData }
    }

    /// Whether elements that lie `step` apart are read in place, however many.
    #[inline(always)]
    pub(super) fn in_place(&self, step: isize) -> bool {
        self.direct && step == 1
    }

    /// The elements from `offset` on.
    ///
    /// # Safety
    /// All `len` of them are in the view, and [`Source::in_place`] holds for a step of 1.
    #[inline(always)]
    pub(super) unsafe fn read_in_place(&self, offset: isize, len: usize) -> &'a [E] {
        debug_assert!(self.in_place(1));
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.first.cast::<E>().offset(offset), len) }
    }

    /// The elements at `offset`, `offset + step`, ..., next to each other: in place or in `buffer`.
    ///
    /// # Safety
    /// All `len` of them are in the view; unless they are read in place, they are at most [`CHUNK`].
    #[inline(always)]
    pub(super) unsafe fn read<'b>(&self, offset: isize, step: isize, len: usize, buffer: &'b mut Buffer<E>) -> &'b [E]
    where
        'a: 'b,
    {
        // SAFETY: the caller's promise.
        unsafe {
            let mut p = self.first.offset(offset * self.size as isize);
            if !self.in_place(step) {
                (self.load)(p, step, len, buffer.as_mut_ptr().cast());
                p = buffer.as_ptr().cast();
            }
            std::slice::from_raw_parts(p.cast(), len)
        }
    }
}

/// # Safety
/// `len` elements of type `T` are readable at `p`, `step` apart; as many are writable at `out`.
unsafe fn load<T: Element, E: Element>(p: *const u8, step: isize, len: usize, out: *mut E) {
    simd::dispatch_elementwise(Load { p: p.cast::<T>(), step, len, out });
}

/// Not one of the loops that casts have: those of integers are compiled without an instruction set, for size.
struct Load<T, E> {
    p: *const T,
    step: isize,
    len: usize,
    out: *mut E,
}

impl<T: Element, E: Element> Kernel for Load<T, E> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the promise that `load` has from its callers. The first loop becomes lanes.
        unsafe {
            if self.step == 1 {
                (0..self.len).for_each(|i| *self.out.add(i) = convert(*self.p.add(i)));
            } else {
                (0..self.len).for_each(|i| *self.out.add(i) = convert(*self.p.offset(i as isize * self.step)));
            }
        }
    }
}
