//! Elementwise loops: one output element from the input elements at the same place.
//!
//! All operands have the shape of the output; broadcasting is a stride of 0. The output may be one of the inputs
//! (the same element at the same place), otherwise it overlaps none.

use crate::element::{Element, Real};
use crate::math::Math;
use crate::par;
use crate::simd::{self, Isa, Kernel, MOST_LANES, Vector};
use crate::view::{Axes, Piece, View, ViewMut, is_contiguous};
use std::any::TypeId;
use std::mem::MaybeUninit;
use std::ops::Range;

/// A formula of `N` inputs: a `Copy` value that holds its parameters. Implementations of `eval` are
/// `#[inline(always)]`.
pub trait Formula<const N: usize>: Copy + Send + Sync {
    /// About how many additions one element costs: decides from which size on threads pay.
    const COST: usize = 2;
    /// Whether it is worth a copy of the loop for registers of 512 bits (`f32`): much to compute, and often called.
    const WIDE: bool = false;
    /// The formula's value.
    fn eval<M: Math>(&self, x: [M; N]) -> M;
}

/// Elements that a thread takes at once.
const BLOCK: usize = 16 * 1024;
/// Elements per staging buffer: a handful of buffers fits the first-level cache.
const CHUNK: usize = 512;
/// Rows from this length on are walked one by one, so that operands with a stride of 1 need no staging.
const LONG_ROW: usize = 128;

/// Evaluates `f` at every element.
///
/// The loop that does so is compiled once per formula, instruction set and computing type, for contiguous memory.
/// Operands that are not contiguous, or 16 bits wide, pass through small buffers on the stack.
pub fn map<T: Element, const N: usize, F: Formula<N>>(f: F, inputs: [View<'_, T>; N], out: ViewMut<'_, T>)
where
    T::Compute: Real,
{
    debug_assert!(inputs.iter().all(|x| x.shape() == out.shape()));
    let cost = F::COST.max(1) + N / 2;
    drive(inputs, out, cost, &|inputs, constant, out, len| lanes(f, inputs, constant, out, len));
}

/// [`map`] for a few elements in contiguous memory: no layout, no threads.
#[inline]
pub fn slices<C: Real, const N: usize, F: Formula<N>>(f: F, inputs: [&[C]; N], out: &mut [C]) {
    assert!(inputs.iter().all(|x| x.len() == out.len()));
    lanes(f, inputs.map(<[C]>::as_ptr), [false; N], out.as_mut_ptr(), out.len());
}

/// Evaluates `f` over contiguous memory, on the registers that it was compiled for.
#[inline]
fn lanes<C: Real, const N: usize, F: Formula<N>>(
    f: F,
    inputs: [*const C; N],
    constant: [bool; N],
    out: *mut C,
    len: usize,
) {
    let lanes = Lanes { f, inputs, constant, out, len };
    if F::WIDE && size_of::<C>() == size_of::<f32>() {
        simd::dispatch(lanes);
    } else {
        simd::dispatch_elementwise(lanes);
    }
}

/// The loop of [`map`] over contiguous memory.
struct Lanes<F, C, const N: usize> {
    f: F,
    inputs: [*const C; N],
    /// Inputs that are a register of one element, for all.
    constant: [bool; N],
    out: *mut C,
    len: usize,
}

impl<C: Real, const N: usize, F: Formula<N>> Kernel for Lanes<F, C, N> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = C::V::<I>::LANES;
        let Lanes { f, mut inputs, constant, mut out, len } = self;
        let steps = constant.map(|constant| if constant && N > 1 { 0 } else { usize::MAX });
        let (mut whole, rest) = (len - len % lanes, len % lanes);
        let mut ends = [[C::ZERO; MOST_LANES]; N];
        let mut end = [C::ZERO; MOST_LANES];
        // The last few elements pass through registers of their own, in a second round of the same loop: the formula is
        // in the binary once, and the loop asks nothing.
        loop {
            let mut at = 0;
            while at < whole {
                let mut x = [C::V::<I>::lit(0.0); N];
                for k in 0..N {
                    // SAFETY: `drive` gives pointers to `len` elements, or a register; the ends have one. Also below.
                    x[k] = unsafe { C::V::<I>::load(inputs[k].add(at & steps[k])) };
                }
                // SAFETY: as above.
                unsafe { f.eval(x).store(out.add(at)) };
                at += lanes;
            }
            let ending = std::ptr::eq(out, end.as_ptr());
            if ending || rest == 0 {
                if ending {
                    // SAFETY: as above.
                    unsafe { C::V::<I>::load(out).store_first(self.out.add(len - rest), rest) };
                }
                return;
            }
            for k in 0..N {
                // SAFETY: as above.
                unsafe { C::V::<I>::load_first(inputs[k].add(whole & steps[k]), rest).store(ends[k].as_mut_ptr()) };
                inputs[k] = ends[k].as_ptr();
            }
            (out, whole) = (end.as_mut_ptr(), lanes);
        }
    }
}

/// A loop over contiguous memory: inputs, which of them are constant, output, length. A constant one is a register full of
/// the same element.
type Run<'a, C, const N: usize> = &'a (dyn Fn([*const C; N], [bool; N], *mut C, usize) + Sync);

/// Brings contiguous memory to `run`. Not generic over the formula, because there are hundreds of them.
fn drive<T: Element, const N: usize>(
    inputs: [View<'_, T>; N],
    out: ViewMut<'_, T>,
    cost: usize,
    run: Run<'_, T::Compute, N>,
) {
    let wide = TypeId::of::<T>() == TypeId::of::<T::Compute>();
    let contiguous = |strides| is_contiguous(out.shape(), strides);
    if wide && contiguous(out.strides()) && inputs.iter().all(|x| contiguous(x.strides())) {
        par::blocks(out.len(), BLOCK, cost, |range| {
            // SAFETY: the range lies within the operands, the ranges are disjoint, and T is its own Compute.
            unsafe {
                let inputs = inputs.map(|x| x.ptr().add(range.start).cast());
                run(inputs, [false; N], out.ptr().add(range.start).cast(), range.len());
            }
        });
    } else if !out.is_empty() {
        let axes = Axes::new(out.shape(), out.strides(), inputs.map(|x| x.strides()));
        let staging = Staging::new(axes, inputs, &out);
        par::blocks(out.len(), BLOCK, cost + 2, |range| staging.run(range, run));
    }
}

/// How the operands of [`drive`] become contiguous.
struct Staging<'a, T, const N: usize> {
    axes: Axes<N>,
    inputs: [View<'a, T>; N],
    /// Inputs that pass through a buffer.
    staged: [bool; N],
    /// Of these, those that are the same all along a chunk.
    constant: [bool; N],
    out: &'a ViewMut<'a, T>,
    out_staged: bool,
    /// Whether chunks end with the innermost row.
    by_row: bool,
    /// Most elements per chunk.
    limit: usize,
}

impl<'a, T: Element, const N: usize> Staging<'a, T, N> {
    fn new(axes: Axes<N>, inputs: [View<'a, T>; N], out: &'a ViewMut<'a, T>) -> Self {
        let wide = TypeId::of::<T>() == TypeId::of::<T::Compute>();
        let by_row = axes.extent(0) >= LONG_ROW;
        let (mut staged, mut constant) = ([false; N], [false; N]);
        for k in 0..N {
            let stride = axes.others(0)[k];
            staged[k] = !(wide && (axes.other_is_dense(k) || by_row && stride == 1));
            constant[k] =
                staged[k] && (by_row && stride == 0 || (0..axes.rank()).all(|axis| axes.others(axis)[k] == 0));
        }
        let out_staged = !(wide && (axes.lead_is_dense() || by_row && axes.lead(0) == 1));
        // Constants take a register of their buffer, however long the chunk; a formula of one input has no use for that.
        let fills = |k: usize| staged[k] && !(constant[k] && N > 1);
        let limit = if out_staged || (0..N).any(fills) { CHUNK } else { usize::MAX };
        Staging { axes, inputs, staged, constant, out, out_staged, by_row, limit }
    }

    fn run(&self, range: Range<usize>, run: Run<'_, T::Compute, N>) {
        // Types that are computed in another are always staged: for them there is no such code.
        if size_of::<T>() == size_of::<T::Compute>() && self.by_row && self.limit == usize::MAX {
            return self.rows(range, run);
        }
        let axes = &self.axes;
        let mut buffers = [const { [const { MaybeUninit::<T::Compute>::uninit() }; CHUNK] }; N];
        let mut out_buffer = [const { MaybeUninit::<T::Compute>::uninit() }; CHUNK];
        let mut filled = [isize::MIN; N]; // the offsets of the constants that fill the buffers
        let mut at = range.start;
        while at < range.end {
            let row = if self.by_row { axes.extent(0) - at % axes.extent(0) } else { usize::MAX };
            let len = (range.end - at).min(self.limit).min(row);
            let mut start = None;
            let mut done = 0;
            for piece in axes.walk(at..at + len) {
                start.get_or_insert(piece);
                for k in 0..N {
                    let offset = piece.others[k];
                    if !self.staged[k] || self.constant[k] && filled[k] == offset {
                        continue;
                    }
                    // SAFETY: the walk stays within the operands; the pieces of a chunk add up to `len <= CHUNK`.
                    unsafe {
                        let source = self.inputs[k].ptr().offset(offset);
                        if self.constant[k] {
                            let needed = if N > 1 { MOST_LANES } else { CHUNK };
                            buffers[k][..needed].fill(MaybeUninit::new((*source).to_compute()));
                            filled[k] = offset;
                        } else {
                            let buffer = buffers[k].as_mut_ptr().add(done).cast();
                            convert_row(source, axes.others(0)[k], buffer, 1, piece.len, T::to_compute);
                        }
                    }
                }
                done += piece.len;
            }
            let Some(start) = start else { return };
            let mut inputs = [std::ptr::null(); N];
            for k in 0..N {
                inputs[k] = match self.staged[k] {
                    true => buffers[k].as_ptr().cast(),
                    // SAFETY: as above; an operand that is not staged is contiguous throughout the chunk.
                    false => unsafe { self.inputs[k].ptr().offset(start.others[k]).cast() },
                };
            }
            if self.out_staged {
                run(inputs, self.constant, out_buffer.as_mut_ptr().cast(), len);
                let mut done = 0;
                for piece in axes.walk(at..at + len) {
                    // SAFETY: as above; `run` has written `len` elements.
                    unsafe {
                        let (buffer, target) = (out_buffer.as_ptr().add(done), self.out.ptr().offset(piece.lead));
                        convert_row(buffer.cast(), 1, target, axes.lead(0), piece.len, T::from_compute);
                    }
                    done += piece.len;
                }
            } else {
                // SAFETY: as above.
                run(inputs, self.constant, unsafe { self.out.ptr().offset(start.lead).cast() }, len);
            }
            at += len;
        }
    }

    /// [`Staging::run`] where whole rows are read as they lie, but for constants: one walk, whose pieces are rows.
    fn rows(&self, range: Range<usize>, run: Run<'_, T::Compute, N>) {
        let mut registers = [[MaybeUninit::<T::Compute>::uninit(); MOST_LANES]; N];
        for Piece { lead, others, len } in self.axes.walk(range) {
            let mut inputs = [std::ptr::null(); N];
            for k in 0..N {
                // SAFETY: the walk stays within the operands; what is not staged is contiguous along a row.
                unsafe {
                    let source = self.inputs[k].ptr().offset(others[k]);
                    inputs[k] = source.cast();
                    if self.constant[k] {
                        registers[k].fill(MaybeUninit::new((*source).to_compute()));
                        inputs[k] = registers[k].as_ptr().cast();
                    }
                }
            }
            // SAFETY: as above.
            run(inputs, self.constant, unsafe { self.out.ptr().offset(lead).cast() }, len);
        }
    }
}

/// Writes `f` of each of `len` elements.
///
/// # Safety
/// `len` elements are readable at `a` and writable at `out`, at their strides; the two are the same or disjoint.
pub(crate) unsafe fn convert_row<A: Element, U: Element>(
    a: *const A,
    a_stride: isize,
    out: *mut U,
    out_stride: isize,
    len: usize,
    f: impl Fn(A) -> U + Copy,
) {
    // Too short for lanes: not even worth the look at the instruction set.
    if len < 8 {
        for i in 0..len as isize {
            // SAFETY: the caller's promise.
            unsafe { *out.offset(i * out_stride) = f(*a.offset(i * a_stride)) };
        }
    } else {
        A::enter_elementwise(EachRow { a, a_stride, out, out_stride, len, f });
    }
}

struct EachRow<A, U, F> {
    a: *const A,
    a_stride: isize,
    out: *mut U,
    out_stride: isize,
    len: usize,
    f: F,
}

impl<A: Element, U: Element, F: Fn(A) -> U + Copy> Kernel for EachRow<A, U, F> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let EachRow { a, a_stride, out, out_stride, len, f } = self;
        // SAFETY: the promise that `convert_row` and `each` have from their callers. The first case is one that the
        // compiler turns into lanes.
        unsafe {
            match (out_stride, a_stride) {
                (1, 1) => (0..len).for_each(|i| *out.add(i) = f(*a.add(i))),
                (1, 0) => {
                    let value = f(*a);
                    (0..len).for_each(|i| *out.add(i) = value);
                }
                _ => (0..len as isize).for_each(|i| *out.offset(i * out_stride) = f(*a.offset(i * a_stride))),
            }
        }
    }
}

/// Evaluates a plain closure at every element: for integers, bool and changes of type.
pub fn each<A: Element, U: Element>(a: View<'_, A>, out: ViewMut<'_, U>, f: impl Fn(A) -> U + Copy + Send + Sync) {
    debug_assert_eq!(a.shape(), out.shape());
    if out.is_empty() {
        return;
    }
    let axes = Axes::new(out.shape(), out.strides(), [a.strides()]);
    par::blocks(out.len(), BLOCK, 2, |range| {
        for piece in axes.walk(range) {
            // SAFETY: the walk stays within the operands, its pieces are disjoint.
            unsafe {
                let (a, out) = (a.ptr().offset(piece.others[0]), out.ptr().offset(piece.lead));
                convert_row(a, axes.others(0)[0], out, axes.lead(0), piece.len, f);
            }
        }
    });
}

/// Evaluates a plain closure at every pair of elements: for integers, bool and comparisons.
pub fn zip<A: Element, B: Element, U: Element>(
    a: View<'_, A>,
    b: View<'_, B>,
    out: ViewMut<'_, U>,
    f: impl Fn(A, B) -> U + Copy + Send + Sync,
) {
    debug_assert!(a.shape() == out.shape() && b.shape() == out.shape());
    if out.is_empty() {
        return;
    }
    let axes = Axes::new(out.shape(), out.strides(), [a.strides(), b.strides()]);
    let (axes, a, b, out) = (&axes, &a, &b, &out);
    par::blocks(out.len(), BLOCK, 2, |range| A::enter_elementwise(Zip { axes, range, a, b, out, f }));
}

/// The loop of [`zip`] over a range of positions; its elements may be anything, pairs too.
pub(crate) struct Zip<'a, A, B, U, F> {
    pub axes: &'a Axes<2>,
    pub range: Range<usize>,
    pub a: &'a View<'a, A>,
    pub b: &'a View<'a, B>,
    pub out: &'a ViewMut<'a, U>,
    pub f: F,
}

impl<A: Copy, B: Copy, U, F: Fn(A, B) -> U + Copy> Kernel for Zip<'_, A, B, U, F> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let f = self.f;
        let (step, [a_step, b_step]) = (self.axes.lead(0), self.axes.others(0));
        for Piece { lead, others, len } in self.axes.walk(self.range) {
            // SAFETY: the walk stays within the operands, its pieces are disjoint. Steps that are constants in the
            // code let the compiler use lanes.
            unsafe {
                let (a, b) = (self.a.ptr().offset(others[0]), self.b.ptr().offset(others[1]));
                let out = self.out.ptr().offset(lead);
                match (step, a_step, b_step) {
                    (1, 1, 1) => (0..len).for_each(|i| *out.add(i) = f(*a.add(i), *b.add(i))),
                    (1, 1, 0) => {
                        let b = *b;
                        (0..len).for_each(|i| *out.add(i) = f(*a.add(i), b));
                    }
                    _ => (0..len as isize).for_each(|i| {
                        *out.offset(i * step) = f(*a.offset(i * a_step), *b.offset(i * b_step));
                    }),
                }
            }
        }
    }
}

/// Takes each element from `a` where the mask holds, else from `b`.
pub fn select<T: Element>(mask: View<'_, bool>, a: View<'_, T>, b: View<'_, T>, out: ViewMut<'_, T>) {
    debug_assert!([mask.shape(), a.shape(), b.shape()].iter().all(|&shape| shape == out.shape()));
    // Only the size matters.
    match size_of::<T>() {
        1 => blend::<T, u8>(mask, a, b, out),
        2 => blend::<T, u16>(mask, a, b, out),
        4 => blend::<T, u32>(mask, a, b, out),
        8 => blend::<T, u64>(mask, a, b, out),
        size => unreachable!("no element has {size} bytes"),
    }
}

/// [`select`] for elements of the size of `B`.
fn blend<T: Element, B: Bits>(mask: View<'_, bool>, a: View<'_, T>, b: View<'_, T>, out: ViewMut<'_, T>) {
    if out.is_empty() {
        return;
    }
    assert_eq!(size_of::<T>(), size_of::<B>());
    let axes = Axes::new(out.shape(), out.strides(), [mask.strides(), a.strides(), b.strides()]);
    // SAFETY: elements have the size of `B`, and are taken as they are.
    let (a, b, out) = unsafe {
        (
            View::<B>::new(a.ptr().cast(), a.shape(), a.strides()),
            View::<B>::new(b.ptr().cast(), b.shape(), b.strides()),
            ViewMut::<B>::new(out.ptr().cast(), out.shape(), out.strides()),
        )
    };
    let (axes, mask, a, b, out) = (&axes, &mask, &a, &b, &out);
    par::blocks(out.len(), BLOCK, 2, |range| simd::dispatch_elementwise(Select { axes, range, mask, a, b, out }));
}

/// An element as a number without meaning.
trait Bits: Copy + Send + Sync {
    /// `a` if `mask`, else `b`, without a branch: masks are hard to foresee, and lanes have none.
    fn pick(mask: bool, a: Self, b: Self) -> Self;
}

macro_rules! bits {
    ($($t:ty),*) => {$(
        impl Bits for $t {
            #[inline(always)]
            fn pick(mask: bool, a: $t, b: $t) -> $t {
                let all = <$t>::from(mask).wrapping_neg();
                a & all | b & !all
            }
        }
    )*};
}
bits!(u8, u16, u32, u64);

struct Select<'a, B> {
    axes: &'a Axes<3>,
    range: Range<usize>,
    mask: &'a View<'a, bool>,
    a: &'a View<'a, B>,
    b: &'a View<'a, B>,
    out: &'a ViewMut<'a, B>,
}

impl<B: Bits> Kernel for Select<'_, B> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (step, [m_step, a_step, b_step]) = (self.axes.lead(0), self.axes.others(0));
        for Piece { lead, others, len } in self.axes.walk(self.range) {
            // SAFETY: the walk stays within the operands, its pieces are disjoint.
            unsafe {
                let mask = self.mask.ptr().offset(others[0]);
                let (a, b) = (self.a.ptr().offset(others[1]), self.b.ptr().offset(others[2]));
                let out = self.out.ptr().offset(lead);
                match (step, m_step, a_step, b_step) {
                    (1, 1, 1, 1) => (0..len).for_each(|i| *out.add(i) = B::pick(*mask.add(i), *a.add(i), *b.add(i))),
                    (1, 1, 1, 0) => {
                        let b = *b;
                        (0..len).for_each(|i| *out.add(i) = B::pick(*mask.add(i), *a.add(i), b));
                    }
                    (1, 1, 0, 1) => {
                        let a = *a;
                        (0..len).for_each(|i| *out.add(i) = B::pick(*mask.add(i), a, *b.add(i)));
                    }
                    _ => (0..len as isize).for_each(|i| {
                        let (a, b) = (*a.offset(i * a_step), *b.offset(i * b_step));
                        *out.offset(i * step) = B::pick(*mask.offset(i * m_step), a, b);
                    }),
                }
            }
        }
    }
}
