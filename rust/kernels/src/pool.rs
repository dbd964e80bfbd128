//! Pooling: maxima and means over windows that slide over planes.
//!
//! A plane is one channel of one image, (depth, height, width), contiguous; 1-d and 2-d pooling have leading extents
//! 1. Planes are spread over threads, the width over lanes.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;

/// Windows sliding over a plane. Axes are depth, height, width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Extents of the input plane.
    pub input: [usize; 3],
    /// Extents of the window, in taps.
    pub kernel: [usize; 3],
    /// Extents of the output plane. The last windows may hang over the end (`ceil_mode`).
    pub output: [usize; 3],
    /// Distance between windows.
    pub stride: [usize; 3],
    /// How far the first window hangs over the start. Each window keeps at least one tap inside.
    pub padding: [usize; 3],
    /// Distance between the taps of a window; means know only 1.
    pub dilation: [usize; 3],
}

impl Window {
    /// Elements of an input plane.
    pub fn input_len(&self) -> usize {
        self.input.iter().product()
    }
    /// Elements of an output plane.
    pub fn output_len(&self) -> usize {
        self.output.iter().product()
    }
    /// The taps of window `o` on `axis` that are inside, and the position of tap 0.
    #[inline(always)]
    fn taps(&self, axis: usize, o: usize) -> (Range<usize>, isize) {
        let start = (o * self.stride[axis]) as isize - self.padding[axis] as isize;
        let dilation = self.dilation[axis];
        let first = (-start).max(0) as usize;
        let inside = (self.input[axis] as isize - start).max(0) as usize;
        (first.div_ceil(dilation)..self.kernel[axis].min(inside.div_ceil(dilation)), start)
    }
    /// The windows along the width whose taps are all inside.
    #[inline(always)]
    fn whole(&self) -> Range<usize> {
        let [stride, padding, output] = [self.stride[2], self.padding[2], self.output[2]];
        let reach = (self.kernel[2] - 1) * self.dilation[2] + 1;
        let end = (self.input[2] + padding).checked_sub(reach).map_or(0, |last| last / stride + 1).min(output);
        padding.div_ceil(stride).min(end)..end
    }
    /// Whether windows touch each other without overlap or padding.
    fn tiles(&self) -> bool {
        let inside = |axis: usize| self.output[axis] * self.kernel[axis] <= self.input[axis];
        self.kernel == self.stride && self.padding == [0; 3] && self.dilation == [1; 3] && (0..3).all(inside)
    }
    /// The part of window `o` on `axis` that is inside; dilation 1.
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        let (start, padding) = (o * self.stride[axis], self.padding[axis]);
        let end = (start + self.kernel[axis]).min(self.input[axis] + 2 * padding);
        Span {
            start: start.saturating_sub(padding).min(self.input[axis]),
            end: end.saturating_sub(padding).min(self.input[axis]),
            padded: end - start,
        }
    }
}

/// Largest element per window. `index` receives its flat position in the input plane: the first of equals, the last
/// NaN if there are any. Planes have fewer than `2^31` elements.
pub fn max_forward<T: Real>(w: &Window, planes: usize, input: &[T], output: &mut [T], index: &mut [i32]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(input_len <= i32::MAX as usize && input.len() == planes * input_len);
    assert!(output.len() == planes * output_len && index.len() == output.len());
    let (output, index) = (Parts::new(output), Parts::new(index));
    each_plane(planes, input_len + 4 * output_len, |p| {
        // SAFETY: planes are disjoint.
        let (output, index) = unsafe { (output.piece(p, output_len), index.piece(p, output_len)) };
        simd::dispatch(MaxPlane { w, input: &input[p * input_len..][..input_len], output, index });
    });
}

/// The gradient of [`max_forward`]: `grad_input` is zero but for the sums of `grad` at `index`.
pub fn max_backward<T: Real>(w: &Window, planes: usize, grad: &[T], index: &[i32], grad_input: &mut [T]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(grad.len() == planes * output_len && index.len() == grad.len() && grad_input.len() == planes * input_len);
    let grad_input = Parts::new(grad_input);
    let pairs = w.tiles() && w.kernel[2] == 2;
    each_plane(planes, input_len + 4 * output_len, |p| {
        // SAFETY: planes are disjoint.
        let grad_input = unsafe { grad_input.piece(p, input_len) };
        let (grad, index) = (&grad[p * output_len..][..output_len], &index[p * output_len..][..output_len]);
        if pairs {
            simd::dispatch(Spread { w, grad, index, grad_input });
        } else {
            scatter(grad, index, grad_input);
        }
    });
}

/// `output = input[index]` in each plane: the derivative of [`max_backward`], and of [`max_forward`] in its own
/// direction.
pub fn max_pick<T: Real>(w: &Window, planes: usize, input: &[T], index: &[i32], output: &mut [T]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(input.len() == planes * input_len && index.len() == planes * output_len && output.len() == index.len());
    let output = Parts::new(output);
    each_plane(planes, 2 * output_len, |p| {
        // SAFETY: planes are disjoint.
        let output = unsafe { output.piece(p, output_len) };
        let input = &input[p * input_len..][..input_len];
        for (output, &i) in output.iter_mut().zip(&index[p * output_len..]) {
            *output = input[i as usize];
        }
    });
}

/// Largest element of each of `output` nearly equal parts per axis; `index` as in [`max_forward`].
pub fn adaptive_max_forward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    input: &[T],
    output: &mut [T],
    index: &mut [i32],
) {
    let (input_len, output_len) = (input_shape.iter().product::<usize>(), output_shape.iter().product::<usize>());
    assert!(input_len <= i32::MAX as usize && input.len() == planes * input_len);
    assert!(output.len() == planes * output_len && index.len() == output.len());
    let (output, index) = (Parts::new(output), Parts::new(index));
    each_plane(planes, 2 * input_len, |p| {
        // SAFETY: planes are disjoint.
        let (output, index) = unsafe { (output.piece(p, output_len), index.piece(p, output_len)) };
        let input = &input[p * input_len..][..input_len];
        let mut o = 0;
        windows(output_shape, |z, y| {
            let [z, y] = [part(input_shape[0], output_shape[0], z), part(input_shape[1], output_shape[1], y)];
            for x in (0..output_shape[2]).map(|x| part(input_shape[2], output_shape[2], x)) {
                let start = |z, y| (z * input_shape[1] + y) * input_shape[2];
                let mut best = (-T::INFINITY, (start(z.start, y.start) + x.start) as i32);
                for row in (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| start(z, y))) {
                    for at in row + x.start..row + x.end {
                        best = larger(best, (input[at], at as i32));
                    }
                }
                (output[o], index[o]) = best;
                o += 1;
            }
        });
    });
}

/// The gradient of [`adaptive_max_forward`].
pub fn adaptive_max_backward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    grad: &[T],
    index: &[i32],
    grad_input: &mut [T],
) {
    let one = [1; 3];
    // Only the extents matter: windows that neither tile nor cover say that the index decides.
    let w = Window {
        input: input_shape,
        kernel: one,
        output: output_shape,
        stride: [0; 3],
        padding: [0; 3],
        dilation: one,
    };
    max_backward(&w, planes, grad, index, grad_input);
}

/// Mean per window: the sum of the elements inside, divided by `divisor` if given, else by the size of the window,
/// with the padding it covers if `count_include_pad`, without it otherwise. Padding beyond what `ceil_mode` adds
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
    let divisor = Divisor::new(count_include_pad, divisor);
    mean(w.input, w.output, planes, input, output, divisor, Some(w), |axis, o| w.span(axis, o));
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
    let divisor = Divisor::new(count_include_pad, divisor);
    mean_backward(w.input, w.output, planes, grad, grad_input, divisor, |axis, o| w.span(axis, o));
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
    let parts = |axis: usize, o| part(input_shape[axis], output_shape[axis], o);
    mean(input_shape, output_shape, planes, input, output, Divisor::Inside, None, parts);
}

/// The gradient of [`adaptive_avg_forward`].
pub fn adaptive_avg_backward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    grad: &[T],
    grad_input: &mut [T],
) {
    let parts = |axis: usize, o| part(input_shape[axis], output_shape[axis], o);
    mean_backward(input_shape, output_shape, planes, grad, grad_input, Divisor::Inside, parts);
}

/// Calls `f` for each plane, in parallel; `cost` is that of one plane.
fn each_plane(planes: usize, cost: usize, f: impl Fn(usize) + Sync) {
    par::blocks(planes, (TASK / cost.max(1)).max(1), cost, |planes| planes.for_each(&f));
}

/// Calls `f` for the depth and height of each row of windows.
#[inline(always)]
fn windows(output: [usize; 3], mut f: impl FnMut(usize, usize)) {
    for z in 0..output[0] {
        for y in 0..output[1] {
            f(z, y);
        }
    }
}

/// The better of two candidates: the larger, NaN before all, else the first.
#[inline(always)]
fn larger<T: Real>(best: (T, i32), new: (T, i32)) -> (T, i32) {
    // Without a branch, so that it runs in lanes.
    #[allow(clippy::eq_op)]
    let better = (new.0 > best.0) | (new.0 != new.0);
    (if better { new.0 } else { best.0 }, if better { new.1 } else { best.1 })
}

struct MaxPlane<'a, T> {
    w: &'a Window,
    input: &'a [T],
    output: &'a mut [T],
    index: &'a mut [i32],
}

impl<T: Real> Kernel for MaxPlane<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // The common windows get loops of constant length and stride, which run in lanes.
        match (self.w.kernel[2], self.w.stride[2], self.w.dilation[2]) {
            (2, 1, 1) => self.rows::<2, 1>(),
            (2, 2, 1) => self.rows::<2, 2>(),
            (3, 1, 1) => self.rows::<3, 1>(),
            (3, 2, 1) => self.rows::<3, 2>(),
            _ => self.rows::<0, 0>(),
        }
    }
}

impl<T: Real> MaxPlane<'_, T> {
    /// All rows of windows; `K` and `S` are kernel and stride along the width, or 0 for any.
    #[inline(always)]
    fn rows<const K: usize, const S: usize>(self) {
        let w = self.w;
        let width = w.output[2];
        let mut o = 0;
        windows(w.output, |z, y| {
            let (output, index) = (&mut self.output[o..o + width], &mut self.index[o..o + width]);
            o += width;
            output.fill(-T::INFINITY);
            let ((z_taps, z_start), (y_taps, y_start)) = (w.taps(0, z), w.taps(1, y));
            let mut first = true;
            for z in z_taps.map(|tap| (z_start + (tap * w.dilation[0]) as isize) as usize) {
                for y in y_taps.clone().map(|tap| (y_start + (tap * w.dilation[1]) as isize) as usize) {
                    let base = (z * w.input[1] + y) * w.input[2];
                    let row = &self.input[base..][..w.input[2]];
                    if first {
                        for (o, index) in index.iter_mut().enumerate() {
                            *index = base as i32 + ((o * w.stride[2]) as isize - w.padding[2] as isize).max(0) as i32;
                        }
                        first = false;
                    }
                    max_row::<T, K, S>(w, row, base as i32, output, index);
                }
            }
        });
    }
}

/// Takes one input row, which starts at the flat position `base`, into the running maxima of a row of windows.
#[inline(always)]
fn max_row<T: Real, const K: usize, const S: usize>(
    w: &Window,
    row: &[T],
    base: i32,
    output: &mut [T],
    index: &mut [i32],
) {
    let (taps, stride, dilation) = if K > 0 { (K, S, 1) } else { (w.kernel[2], w.stride[2], w.dilation[2]) };
    let whole = w.whole();
    for o in (0..whole.start).chain(whole.end..output.len()) {
        let (taps, start) = w.taps(2, o);
        for x in taps.map(|tap| (start + (tap * dilation) as isize) as usize) {
            (output[o], index[o]) = larger((output[o], index[o]), (row[x], base + x as i32));
        }
    }
    let Some(last) = whole.len().checked_sub(1) else { return };
    let start = whole.start * stride - w.padding[2];
    let row = &row[start..];
    let base = base + start as i32;
    let (output, index) = (&mut output[whole.clone()], &mut index[whole]);
    assert!(row.len() > last * stride + (taps - 1) * dilation && output.len() == index.len());
    for o in 0..output.len() {
        let mut best = (output[o], index[o]);
        for tap in 0..taps {
            let x = o * stride + tap * dilation;
            // SAFETY: at most `last * stride + (taps - 1) * dilation`, asserted to be inside.
            let value = unsafe { *row.get_unchecked(x) };
            best = larger(best, (value, base + x as i32));
        }
        (output[o], index[o]) = best;
    }
}

/// Adds each gradient at its index.
fn scatter<T: Real>(grad: &[T], index: &[i32], grad_input: &mut [T]) {
    grad_input.fill(T::ZERO);
    for (&g, &i) in grad.iter().zip(index) {
        grad_input[i as usize] += g;
    }
}

/// Windows two wide that tile the plane: every element has one window, so it is written once, and in order.
struct Spread<'a, T> {
    w: &'a Window,
    grad: &'a [T],
    index: &'a [i32],
    grad_input: &'a mut [T],
}

impl<T: Real> Kernel for Spread<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let w = self.w;
        let width = w.output[2];
        for z in 0..w.input[0] {
            for y in 0..w.input[1] {
                let base = (z * w.input[1] + y) * w.input[2];
                let (covered, rest) = self.grad_input[base..][..w.input[2]].split_at_mut(2 * width);
                rest.fill(T::ZERO);
                let (oz, oy) = (z / w.kernel[0], y / w.kernel[1]);
                if oz >= w.output[0] || oy >= w.output[1] {
                    covered.fill(T::ZERO);
                    continue;
                }
                let o = (oz * w.output[1] + oy) * width;
                let (grad, index) = (&self.grad[o..][..width], &self.index[o..][..width]);
                for (x, pair) in covered.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                    let at = (base + 2 * x) as i32;
                    pair[0] = if index[x] == at { grad[x] } else { T::ZERO };
                    pair[1] = if index[x] == at + 1 { grad[x] } else { T::ZERO };
                }
            }
        }
    }
}

/// A window on one axis: what is inside, and its length with padding.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    padded: usize,
}

impl Span {
    #[inline(always)]
    fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// Part `o` of `count` nearly equal parts of `len`.
#[inline(always)]
fn part(len: usize, count: usize, o: usize) -> Span {
    let (start, end) = (o * len / count, ((o + 1) * len).div_ceil(count));
    Span { start, end, padded: end - start }
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
    #[inline(always)]
    fn of<T: Real>(self, z: Span, y: Span, x: Span) -> T {
        T::from_i64(match self {
            Divisor::Inside => z.len() * y.len() * x.len(),
            Divisor::Padded => z.padded * y.padded * x.padded,
            Divisor::Given(divisor) => divisor,
        } as i64)
    }
}

fn mean<T: Real>(
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    planes: usize,
    input: &[T],
    output: &mut [T],
    divisor: Divisor,
    window: Option<&Window>,
    span: impl Fn(usize, usize) -> Span + Copy + Sync,
) {
    let (input_len, output_len) = (input_shape.iter().product::<usize>(), output_shape.iter().product::<usize>());
    assert!(input.len() == planes * input_len && output.len() == planes * output_len);
    let output = Parts::new(output);
    each_plane(planes, input_len + output_len, |p| {
        // SAFETY: planes are disjoint.
        let output = unsafe { output.piece(p, output_len) };
        let input = &input[p * input_len..][..input_len];
        par::scratch(input_shape[2], |columns: &mut [MaybeUninit<T>]| {
            simd::dispatch(MeanPlane { input_shape, output_shape, input, output, divisor, window, span, columns });
        });
    });
}

struct MeanPlane<'a, T, F> {
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    input: &'a [T],
    output: &'a mut [T],
    divisor: Divisor,
    window: Option<&'a Window>,
    span: F,
    columns: &'a mut [MaybeUninit<T>],
}

impl<T: Real, F: Fn(usize, usize) -> Span + Copy> Kernel for MeanPlane<'_, T, F> {
    type Output = ();
    /// Sums each column of a row of windows first (lanes along the width), then the columns of each window.
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let [_, height, width] = self.input_shape;
        let span = self.span;
        for (row, output) in self.output.chunks_exact_mut(self.output_shape[2].max(1)).enumerate() {
            let (z, y) = (span(0, row / self.output_shape[1]), span(1, row % self.output_shape[1]));
            let all = span(2, 0);
            if output.len() == 1 && all.start == 0 && all.end == width {
                // The window spans the width: its rows are one piece.
                let mut sum = T::ZERO;
                for z in z.start..z.end {
                    sum += sum_of::<T, I>(&self.input[(z * height + y.start) * width..(z * height + y.end) * width]);
                }
                output[0] = if z.len() * y.len() * width == 0 { T::ZERO } else { sum / self.divisor.of(z, y, all) };
                continue;
            }
            let columns = zeroed(self.columns);
            for row in (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| z * height + y)) {
                for (sum, &value) in columns.iter_mut().zip(&self.input[row * width..][..width]) {
                    *sum += value;
                }
            }
            let whole = self.window.map_or(0..0, Window::whole);
            let done = if let Some(w) = self.window.filter(|_| !whole.is_empty()) {
                let columns = &columns[whole.start * w.stride[2] - w.padding[2]..];
                let (divisor, output) = (self.divisor.of(z, y, span(2, whole.start)), &mut output[whole.clone()]);
                match (w.kernel[2], w.stride[2]) {
                    (2, 1) => mean_row::<T, 2, 1>(columns, divisor, output),
                    (2, 2) => mean_row::<T, 2, 2>(columns, divisor, output),
                    (3, 1) => mean_row::<T, 3, 1>(columns, divisor, output),
                    (3, 2) => mean_row::<T, 3, 2>(columns, divisor, output),
                    _ => false,
                }
            } else {
                false
            };
            let whole = if done { whole } else { 0..0 };
            for o in (0..whole.start).chain(whole.end..output.len()) {
                let x = span(2, o);
                let empty = z.len() * y.len() * x.len() == 0;
                output[o] =
                    if empty { T::ZERO } else { sum_of::<T, I>(&columns[x.start..x.end]) / self.divisor.of(z, y, x) };
            }
        }
    }
}

/// Windows of constant length and stride whose taps are all inside, from sums of columns.
#[inline(always)]
fn mean_row<T: Real, const K: usize, const S: usize>(columns: &[T], divisor: T, output: &mut [T]) -> bool {
    assert!(columns.len() >= (output.len() - 1) * S + K);
    for (o, output) in output.iter_mut().enumerate() {
        let mut sum = T::ZERO;
        for tap in 0..K {
            // SAFETY: asserted for the last window.
            sum += unsafe { *columns.get_unchecked(o * S + tap) };
        }
        *output = sum / divisor;
    }
    true
}

fn mean_backward<T: Real>(
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    planes: usize,
    grad: &[T],
    grad_input: &mut [T],
    divisor: Divisor,
    span: impl Fn(usize, usize) -> Span + Copy + Sync,
) {
    let (input_len, output_len) = (input_shape.iter().product::<usize>(), output_shape.iter().product::<usize>());
    assert!(grad.len() == planes * output_len && grad_input.len() == planes * input_len);
    let grad_input = Parts::new(grad_input);
    each_plane(planes, input_len + output_len, |p| {
        // SAFETY: planes are disjoint.
        let grad_input = unsafe { grad_input.piece(p, input_len) };
        let grad = &grad[p * output_len..][..output_len];
        par::scratch(input_shape[2], |columns: &mut [MaybeUninit<T>]| {
            simd::dispatch(MeanGrad { input_shape, output_shape, grad, grad_input, divisor, span, columns });
        });
    });
}

struct MeanGrad<'a, T, F> {
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    grad: &'a [T],
    grad_input: &'a mut [T],
    divisor: Divisor,
    span: F,
    columns: &'a mut [MaybeUninit<T>],
}

impl<T: Real, F: Fn(usize, usize) -> Span + Copy> Kernel for MeanGrad<'_, T, F> {
    type Output = ();
    /// Spreads a row of windows over its columns, then the columns over the rows that the windows cover.
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let [_, height, width] = self.input_shape;
        let span = self.span;
        self.grad_input.fill(T::ZERO);
        for (row, grad) in self.grad.chunks_exact(self.output_shape[2].max(1)).enumerate() {
            let (z, y) = (span(0, row / self.output_shape[1]), span(1, row % self.output_shape[1]));
            let all = span(2, 0);
            if grad.len() == 1 && all.start == 0 && all.end == width {
                let grad = grad[0] / self.divisor.of(z, y, all);
                for z in z.start..z.end {
                    for value in &mut self.grad_input[(z * height + y.start) * width..(z * height + y.end) * width] {
                        *value += grad;
                    }
                }
                continue;
            }
            let columns = zeroed(self.columns);
            for (o, &grad) in grad.iter().enumerate() {
                let x = span(2, o);
                if x.len() > 0 {
                    let grad = grad / self.divisor.of(z, y, x);
                    columns[x.start..x.end].iter_mut().for_each(|column| *column += grad);
                }
            }
            for row in (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| z * height + y)) {
                for (value, &column) in self.grad_input[row * width..][..width].iter_mut().zip(&*columns) {
                    *value += column;
                }
            }
        }
    }
}

/// `memory`, set to zero.
#[inline(always)]
fn zeroed<T: Real>(memory: &mut [MaybeUninit<T>]) -> &mut [T] {
    memory.fill(MaybeUninit::new(T::ZERO));
    // SAFETY: just written.
    unsafe { memory.assume_init_mut() }
}

/// The sum of a row, in lanes.
#[inline(always)]
fn sum_of<T: Real, I: Isa>(row: &[T]) -> T {
    let lanes = <T::V<I>>::LANES;
    if row.len() < lanes {
        return row.iter().fold(T::ZERO, |sum, &x| sum + x);
    }
    // Four sums, so that additions need not wait for each other.
    let mut sums = [<T::V<I>>::splat(T::ZERO); 4];
    let mut blocks = row.chunks_exact(4 * lanes);
    for block in &mut blocks {
        for i in 0..4 {
            // SAFETY: the block has four registers' elements.
            sums[i] = sums[i] + unsafe { <T::V<I>>::load(block.as_ptr().add(i * lanes)) };
        }
    }
    for rest in blocks.remainder().chunks(lanes) {
        // SAFETY: as many elements as the chunk has.
        sums[0] = sums[0] + unsafe { <T::V<I>>::load_first(rest.as_ptr(), rest.len()) };
    }
    ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
}
