//! Means and their gradients.
//!
//! Rows of windows are separable: forward, the rows that they cover are summed column by column, then the columns of
//! each window; backward, gradients are spread over columns, then columns over rows.

use super::{LANES, Phases, Span, Window, combine, each_block, filled, part};
use crate::element::Real;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use crate::sums::{Values, sums};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Mean per window: the sum of the elements inside, divided by `divisor` if given, else by the size of the window,
/// with the padding it covers if `count_include_pad`, without it otherwise. What `ceil_mode` adds beyond the padding
/// never counts.
pub fn avg_forward<T: Real>(
    w: &Window,
    planes: usize,
    input: &[T],
    output: &mut [T],
    count_include_pad: bool,
    divisor: Option<usize>,
) {
    debug_assert_eq!(w.dilation, [1; 3]);
    forward(
        &Sliding { w, phases: Phases::new(w), divisor: Divisor::new(count_include_pad, divisor) },
        planes,
        input,
        output,
    );
}

/// The gradient of [`avg_forward`]: each window spreads its gradient over its elements.
pub fn avg_backward<T: Real>(
    w: &Window,
    planes: usize,
    grad: &[T],
    grad_input: &mut [T],
    count_include_pad: bool,
    divisor: Option<usize>,
) {
    debug_assert_eq!(w.dilation, [1; 3]);
    let windows = Sliding { w, phases: Phases::new(w), divisor: Divisor::new(count_include_pad, divisor) };
    backward(&windows, planes, grad, grad_input);
}

/// Mean of each of `output_shape` nearly equal parts per axis: part `o` of `n` reaches from `floor(o len / n)` to
/// `ceil((o + 1) len / n)`. Global average pooling is `output_shape == [1, 1, 1]`.
pub fn adaptive_avg_forward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    input: &[T],
    output: &mut [T],
) {
    forward(&Adaptive { input: input_shape, output: output_shape }, planes, input, output);
}

/// The gradient of [`adaptive_avg_forward`].
pub fn adaptive_avg_backward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    grad: &[T],
    grad_input: &mut [T],
) {
    backward(&Adaptive { input: input_shape, output: output_shape }, planes, grad, grad_input);
}

/// What the sum of a window is divided by.
#[derive(Clone, Copy)]
enum Divisor {
    /// Its elements inside the plane.
    Inside,
    /// Its elements and the padding it covers.
    Padded,
    /// A number of the user's choice.
    Given(usize),
}

impl Divisor {
    fn new(count_include_pad: bool, divisor: Option<usize>) -> Self {
        match divisor {
            Some(divisor) => Divisor::Given(divisor),
            None if count_include_pad => Divisor::Padded,
            None => Divisor::Inside,
        }
    }
    /// The share of one axis in the divisor; no window is empty on all axes but its sum is zero then.
    #[inline(always)]
    fn share(self, span: Span) -> usize {
        match self {
            Divisor::Inside => span.len().max(1),
            Divisor::Padded => span.padded.max(1),
            Divisor::Given(_) => 1,
        }
    }
}

/// Windows of some kind. Implementations of `gather` and `spread` are `#[inline(always)]`.
trait Windows: Sync {
    fn input(&self) -> [usize; 3];
    fn output(&self) -> [usize; 3];
    fn span(&self, axis: usize, o: usize) -> Span;
    /// What the sums of a row of windows are divided by, but for the width's share.
    fn divisor(&self, z: Span, y: Span) -> usize;
    /// The width's share for one window.
    fn share(&self, x: Span) -> usize;
    /// Whether [`Window::pairs`] holds.
    fn pairs(&self) -> bool;
    /// Elements of working memory that `gather` and `spread` need.
    fn room(&self) -> usize;
    /// Prepares working memory, which is zero.
    fn prepare<T: Real>(&self, room: &mut [T]);
    /// From sums of columns to means of windows.
    fn gather<T: Real, I: Isa>(&self, columns: &[T], room: &mut [T], divisor: T, output: &mut [T]);
    /// From gradients of windows to gradients of columns; all of `columns` is written.
    fn spread<T: Real, I: Isa>(&self, grad: &[T], room: &mut [T], divisor: T, columns: &mut [T]);
}

struct Sliding<'a> {
    w: &'a Window,
    phases: Phases,
    divisor: Divisor,
}

impl Sliding<'_> {
    /// Windows of a row, in whole registers.
    fn width(&self) -> usize {
        self.w.output[2].next_multiple_of(LANES)
    }
}

impl Windows for Sliding<'_> {
    fn input(&self) -> [usize; 3] {
        self.w.input
    }
    fn output(&self) -> [usize; 3] {
        self.w.output
    }
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        self.w.span(axis, o)
    }
    #[inline(always)]
    fn divisor(&self, z: Span, y: Span) -> usize {
        if let Divisor::Given(divisor) = self.divisor { divisor } else { self.share(z) * self.share(y) }
    }
    #[inline(always)]
    fn share(&self, x: Span) -> usize {
        self.divisor.share(x)
    }
    fn pairs(&self) -> bool {
        self.w.pairs()
    }
    /// Shares of windows, then a row in phases, then a row of windows.
    fn room(&self) -> usize {
        2 * self.width() + self.phases.row()
    }
    fn prepare<T: Real>(&self, room: &mut [T]) {
        for (o, share) in room[..self.width()].iter_mut().enumerate() {
            let inside = o < self.w.output[2];
            *share = T::from_f64(if inside { self.share(self.w.span(2, o)) as f64 } else { 1.0 });
        }
    }
    #[inline(always)]
    fn gather<T: Real, I: Isa>(&self, columns: &[T], room: &mut [T], divisor: T, output: &mut [T]) {
        let (shares, room) = room.split_at_mut(self.width());
        let row = &mut room[..self.phases.row()];
        self.phases.split::<T::V<I>>(columns, row);
        let divisor = <T::V<I>>::splat(divisor);
        for x in (0..output.len()).step_by(<T::V<I>>::LANES) {
            let mut sum = <T::V<I>>::splat(T::ZERO);
            for tap in 0..self.w.kernel[2] {
                let from = self.phases.tap(tap) + x;
                debug_assert!(from + <T::V<I>>::LANES <= row.len());
                // SAFETY: phases are padded to whole registers and the reach of a window.
                sum = sum + unsafe { <T::V<I>>::load(row.as_ptr().add(from)) };
            }
            // SAFETY: shares are padded to whole registers; `output` has the elements that are stored.
            unsafe {
                let mean = sum / (<T::V<I>>::load(shares[x..].as_ptr()) * divisor);
                mean.store_part(output[x..].as_mut_ptr(), <T::V<I>>::LANES.min(output.len() - x));
            }
        }
    }
    #[inline(always)]
    fn spread<T: Real, I: Isa>(&self, grad: &[T], room: &mut [T], divisor: T, columns: &mut [T]) {
        let (shares, room) = room.split_at_mut(self.width());
        let (row, each) = room.split_at_mut(self.phases.row());
        let divisor = <T::V<I>>::splat(divisor);
        for x in (0..grad.len()).step_by(<T::V<I>>::LANES) {
            // SAFETY: `grad` has the elements that are loaded, shares and rows of windows are padded to registers.
            unsafe {
                let g = <T::V<I>>::load_part(grad[x..].as_ptr(), <T::V<I>>::LANES.min(grad.len() - x));
                (g / (<T::V<I>>::load(shares[x..].as_ptr()) * divisor)).store(each[x..].as_mut_ptr());
            }
        }
        row.fill(T::ZERO);
        for tap in 0..self.w.kernel[2] {
            combine::<T::V<I>>(&each[..grad.len()], &mut row[self.phases.tap(tap)..], |each, sum| sum + each);
        }
        self.phases.merge::<T::V<I>>(row, columns, T::ZERO);
    }
}

struct Adaptive {
    input: [usize; 3],
    output: [usize; 3],
}

impl Windows for Adaptive {
    fn input(&self) -> [usize; 3] {
        self.input
    }
    fn output(&self) -> [usize; 3] {
        self.output
    }
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        part(self.input[axis], self.output[axis], o)
    }
    #[inline(always)]
    fn divisor(&self, z: Span, y: Span) -> usize {
        z.len() * y.len()
    }
    #[inline(always)]
    fn share(&self, x: Span) -> usize {
        x.len()
    }
    fn pairs(&self) -> bool {
        false
    }
    fn room(&self) -> usize {
        0
    }
    fn prepare<T: Real>(&self, _: &mut [T]) {}
    #[inline(always)]
    fn gather<T: Real, I: Isa>(&self, columns: &[T], _: &mut [T], divisor: T, output: &mut [T]) {
        for (o, output) in output.iter_mut().enumerate() {
            let x = self.span(2, o);
            let [sum] = sums::<I, T, _, 1, 1>(Values, [&columns[x.start..x.end]]);
            *output = sum / (T::from_f64(x.len() as f64) * divisor);
        }
    }
    #[inline(always)]
    fn spread<T: Real, I: Isa>(&self, grad: &[T], _: &mut [T], divisor: T, columns: &mut [T]) {
        columns.fill(T::ZERO);
        for (o, &g) in grad.iter().enumerate() {
            let x = self.span(2, o);
            let each = g / (T::from_f64(x.len() as f64) * divisor);
            columns[x.start..x.end].iter_mut().for_each(|column| *column += each);
        }
    }
}

fn forward<T: Real, W: Windows>(windows: &W, planes: usize, input: &[T], output: &mut [T]) {
    let (input_len, output_len) =
        (windows.input().iter().product::<usize>(), windows.output().iter().product::<usize>());
    assert!(input.len() == planes * input_len && output.len() == planes * output_len);
    let output = Parts::new(output);
    each_block(planes, input_len + output_len, |block| {
        let width = windows.input()[2].next_multiple_of(LANES);
        par::scratch(width + windows.room(), |scratch: &mut [MaybeUninit<T>]| {
            let (columns, room) = filled(scratch, T::ZERO).split_at_mut(width);
            windows.prepare(room);
            for p in block {
                // SAFETY: planes are disjoint.
                let output = unsafe { output.piece(p, output_len) };
                simd::dispatch(Forward { windows, input: &input[p * input_len..][..input_len], output, columns, room });
            }
        });
    });
}

fn backward<T: Real, W: Windows>(windows: &W, planes: usize, grad: &[T], grad_input: &mut [T]) {
    let (input_len, output_len) =
        (windows.input().iter().product::<usize>(), windows.output().iter().product::<usize>());
    assert!(grad.len() == planes * output_len && grad_input.len() == planes * input_len);
    let grad_input = Parts::new(grad_input);
    each_block(planes, input_len + output_len, |block| {
        par::scratch(windows.input()[2] + windows.room(), |scratch: &mut [MaybeUninit<T>]| {
            let (columns, room) = filled(scratch, T::ZERO).split_at_mut(windows.input()[2]);
            windows.prepare(room);
            for p in block {
                // SAFETY: planes are disjoint.
                let grad_input = unsafe { grad_input.piece(p, input_len) };
                let grad = &grad[p * output_len..][..output_len];
                simd::dispatch(Backward { windows, grad, grad_input, columns, room });
            }
        });
    });
}

struct Forward<'a, T, W> {
    windows: &'a W,
    input: &'a [T],
    output: &'a mut [T],
    columns: &'a mut [T],
    room: &'a mut [T],
}

impl<T: Real, W: Windows> Kernel for Forward<'_, T, W> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let [_, height, width] = self.windows.input();
        let [_, rows, count] = self.windows.output();
        for (row, output) in self.output.chunks_exact_mut(count.max(1)).enumerate() {
            let (z, y) = (self.windows.span(0, row / rows), self.windows.span(1, row % rows));
            let divisor = T::from_f64(self.windows.divisor(z, y) as f64);
            let all = self.windows.span(2, 0);
            if count == 1 && all.len() == width {
                // The window spans the width: its rows are one piece.
                let mut sum = T::ZERO;
                for z in z.start..z.end {
                    let rows = &self.input[(z * height + y.start) * width..(z * height + y.end) * width];
                    let [part] = sums::<I, T, _, 1, 1>(Values, [rows]);
                    sum += part;
                }
                output[0] = sum / (T::from_f64(self.windows.share(all) as f64) * divisor);
                continue;
            }
            if self.windows.pairs() {
                let rows = (z.start..z.end).map(|z| (z * height + y.start)..(z * height + y.end));
                let divisor = T::from_f64(self.windows.share(all) as f64) * divisor;
                means_of_pairs::<T::V<I>>(rows, width, self.input, divisor, output);
                continue;
            }
            let covered = (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| z * height + y));
            // In whole registers, with zeros behind the row: partial ones are slow to come back.
            for (x, sums) in self.columns.chunks_exact_mut(<T::V<I>>::LANES).enumerate() {
                let x = x * <T::V<I>>::LANES;
                let some = <T::V<I>>::LANES.min(width.saturating_sub(x));
                let mut sum = <T::V<I>>::splat(T::ZERO);
                for row in covered.clone() {
                    // SAFETY: `some` elements are left in the row.
                    sum =
                        sum + unsafe { <T::V<I>>::load_part(self.input[row * width..][..width].as_ptr().add(x), some) };
                }
                // SAFETY: the chunk is a register long.
                unsafe { sum.store(sums.as_mut_ptr()) };
            }
            self.windows.gather::<T, I>(&self.columns[..width], self.room, divisor, output);
        }
    }
}

/// Means of pairs of neighbouring columns over some rows.
#[inline(always)]
fn means_of_pairs<V: Vector>(
    rows: impl Iterator<Item = Range<usize>> + Clone,
    width: usize,
    input: &[V::Elem],
    divisor: V::Elem,
    output: &mut [V::Elem],
) {
    let divisor = V::splat(divisor);
    assert!(2 * output.len() <= width);
    for x in (0..output.len()).step_by(V::LANES) {
        let some = V::LANES.min(output.len() - x);
        let first = V::LANES.min(2 * some);
        let mut sums = [V::splat(V::Elem::ZERO); 2];
        for row in rows.clone().flatten() {
            let row = &input[row * width..][..width];
            // SAFETY: the pairs of `some` windows are in the row.
            unsafe {
                let p = row.as_ptr().add(2 * x);
                sums[0] = sums[0] + V::load_part(p, first);
                sums[1] = sums[1] + V::load_part(p.add(first), 2 * some - first);
            }
        }
        let (even, odd) = sums[0].unzip(sums[1]);
        // SAFETY: `some` windows are left in the row.
        unsafe { ((even + odd) / divisor).store_part(output.as_mut_ptr().add(x), some) };
    }
}

struct Backward<'a, T, W> {
    windows: &'a W,
    grad: &'a [T],
    grad_input: &'a mut [T],
    columns: &'a mut [T],
    room: &'a mut [T],
}

impl<T: Real, W: Windows> Kernel for Backward<'_, T, W> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let [depth, height, width] = self.windows.input();
        let [_, rows, count] = self.windows.output();
        let whole = (0..3).all(|axis| self.windows.span(axis, 0).len() == self.windows.input()[axis]);
        if whole && self.grad.len() == 1 {
            let [z, y, x] = [0, 1, 2].map(|axis| self.windows.span(axis, 0));
            let count = self.windows.divisor(z, y) * self.windows.share(x);
            return self.grad_input.fill(self.grad[0] / T::from_f64(count as f64));
        }
        // In images, rows are covered from the top: those from `fresh` on are new and written, others added to. In
        // volumes the order is another, so all start at zero.
        let mut fresh = if depth == 1 { 0 } else { depth * height };
        self.grad_input[..fresh * width].fill(T::ZERO);
        for (row, grad) in self.grad.chunks_exact(count.max(1)).enumerate() {
            let (z, y) = (self.windows.span(0, row / rows), self.windows.span(1, row % rows));
            let divisor = T::from_f64(self.windows.divisor(z, y) as f64);
            self.windows.spread::<T, I>(grad, self.room, divisor, self.columns);
            for row in (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| z * height + y)) {
                if row >= fresh {
                    self.grad_input[fresh * width..row * width].fill(T::ZERO);
                    combine::<T::V<I>>(self.columns, &mut self.grad_input[row * width..], |x, _| x);
                    fresh = row + 1;
                    continue;
                }
                combine::<T::V<I>>(self.columns, &mut self.grad_input[row * width..], |column, sum| sum + column);
            }
        }
        self.grad_input[fresh * width..].fill(T::ZERO);
    }
}
