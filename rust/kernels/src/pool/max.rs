//! Maxima, where they are, and their gradients.

use super::{LANES, Phases, Span, Window, each_block, filled, part, windows};
use crate::element::Real;
use crate::math::Math;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use std::mem::MaybeUninit;

/// Largest element per window. `index` receives its flat position in the input plane: the first of equals, the last
/// NaN if there are any. Planes have fewer than `2^31` elements, windows reach over fewer than `2^24`.
pub fn max_forward<T: Real>(w: &Window, planes: usize, input: &[T], output: &mut [T], index: &mut [i32]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(input_len <= i32::MAX as usize && input.len() == planes * input_len);
    assert!(output.len() == planes * output_len && index.len() == output.len());
    if w.output[2] == 1 && w.dilation == [1; 3] {
        // A single window along the width leaves nothing for lanes.
        return largest(planes, w.input, w.output, input, output, index, |axis, o| w.span(axis, o));
    }
    let phases = Phases::new(w);
    let rows = w.input[0] * w.input[1];
    let (output, index) = (Parts::new(output), Parts::new(index));
    each_block(planes, input_len + 4 * output_len, |block| {
        let width = w.output[2].next_multiple_of(LANES);
        par::scratch(rows * phases.row() + width, |scratch: &mut [MaybeUninit<T>]| {
            // The padding stays `-inf` from plane to plane.
            let (split, first) = filled(scratch, -T::INFINITY).split_at_mut(rows * phases.row());
            for o in 0..w.output[2] {
                let (taps, _) = w.taps(2, o);
                first[o] = T::from_f64((taps.start * w.dilation[2]) as f64);
            }
            for p in block {
                // SAFETY: planes are disjoint.
                let (output, index) = unsafe { (output.piece(p, output_len), index.piece(p, output_len)) };
                let input = &input[p * input_len..][..input_len];
                simd::dispatch(MaxPlane { w, phases, input, split, first, output, index });
            }
        });
    });
}

/// [`max_forward`] without the positions, in half of the time: maxima down the columns of a window first, then along.
pub fn max_values<T: Real>(w: &Window, planes: usize, input: &[T], output: &mut [T]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(input.len() == planes * input_len && output.len() == planes * output_len);
    let phases = Phases::new(w);
    let output = Parts::new(output);
    each_block(planes, input_len + output_len, |block| {
        par::scratch(w.input[2] + phases.row(), |scratch: &mut [MaybeUninit<T>]| {
            // The padding stays `-inf` from row to row.
            let (column, split) = filled(scratch, -T::INFINITY).split_at_mut(w.input[2]);
            for p in block {
                // SAFETY: planes are disjoint.
                let output = unsafe { output.piece(p, output_len) };
                let input = &input[p * input_len..][..input_len];
                simd::dispatch(MaxValues { w, phases, input, column, split, output });
            }
        });
    });
}

/// The gradient of [`max_forward`]: `grad_input` is zero but for the sums of `grad` at `index`.
pub fn max_backward<T: Real>(w: &Window, planes: usize, grad: &[T], index: &[i32], grad_input: &mut [T]) {
    scatter(planes, w.input_len(), w.output_len(), grad, index, grad_input);
}

/// `output = input[index]` in each plane: the derivative of [`max_backward`], and of [`max_forward`] in its own
/// direction.
pub fn max_pick<T: Real>(w: &Window, planes: usize, input: &[T], index: &[i32], output: &mut [T]) {
    let (input_len, output_len) = (w.input_len(), w.output_len());
    assert!(input.len() == planes * input_len && index.len() == planes * output_len && output.len() == index.len());
    let output = Parts::new(output);
    each_block(planes, 2 * output_len, |block| {
        for p in block {
            // SAFETY: planes are disjoint.
            let output = unsafe { output.piece(p, output_len) };
            let input = &input[p * input_len..][..input_len];
            for (output, &i) in output.iter_mut().zip(&index[p * output_len..]) {
                *output = input[i as usize];
            }
        }
    });
}

/// Largest element of each of `output_shape` nearly equal parts per axis; `index` as in [`max_forward`].
pub fn adaptive_max_forward<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    input: &[T],
    output: &mut [T],
    index: &mut [i32],
) {
    let parts = |axis: usize, o| part(input_shape[axis], output_shape[axis], o);
    largest(planes, input_shape, output_shape, input, output, index, parts);
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
    scatter(planes, input_shape.iter().product(), output_shape.iter().product(), grad, index, grad_input);
}

/// Adds each gradient at its index. A plane stays in the first-level cache, so this runs at the speed of memory.
fn scatter<T: Real>(
    planes: usize,
    input_len: usize,
    output_len: usize,
    grad: &[T],
    index: &[i32],
    grad_input: &mut [T],
) {
    assert!(grad.len() == planes * output_len && index.len() == grad.len() && grad_input.len() == planes * input_len);
    let grad_input = Parts::new(grad_input);
    each_block(planes, input_len + 4 * output_len, |block| {
        for p in block {
            // SAFETY: planes are disjoint.
            let grad_input = unsafe { grad_input.piece(p, input_len) };
            grad_input.fill(T::ZERO);
            for (&g, &i) in grad[p * output_len..][..output_len].iter().zip(&index[p * output_len..]) {
                grad_input[i as usize] += g;
            }
        }
    });
}

/// Maxima of windows of any extent, one by one.
fn largest<T: Real>(
    planes: usize,
    input_shape: [usize; 3],
    output_shape: [usize; 3],
    input: &[T],
    output: &mut [T],
    index: &mut [i32],
    span: impl Fn(usize, usize) -> Span + Sync,
) {
    let (input_len, output_len) = (input_shape.iter().product::<usize>(), output_shape.iter().product::<usize>());
    assert!(input_len <= i32::MAX as usize && input.len() == planes * input_len);
    assert!(output.len() == planes * output_len && index.len() == output.len());
    let (output, index) = (Parts::new(output), Parts::new(index));
    each_block(planes, 2 * input_len, |block| {
        for p in block {
            // SAFETY: planes are disjoint.
            let (output, index) = unsafe { (output.piece(p, output_len), index.piece(p, output_len)) };
            let input = &input[p * input_len..][..input_len];
            let row = |z: usize, y: usize| (z * input_shape[1] + y) * input_shape[2];
            let mut o = 0;
            windows(output_shape, |z, y| {
                let (z, y) = (span(0, z), span(1, y));
                for x in (0..output_shape[2]).map(|x| span(2, x)) {
                    let mut at = row(z.start, y.start) + x.start;
                    let mut best = -T::INFINITY;
                    for row in (z.start..z.end).flat_map(|z| (y.start..y.end).map(move |y| row(z, y))) {
                        for (i, &value) in input[row + x.start..row + x.end].iter().enumerate() {
                            #[allow(clippy::eq_op)] // NaN
                            if value > best || value != value {
                                (best, at) = (value, row + x.start + i);
                            }
                        }
                    }
                    (output[o], index[o]) = (best, at as i32);
                    o += 1;
                }
            });
        }
    });
}

struct MaxPlane<'a, T> {
    w: &'a Window,
    phases: Phases,
    input: &'a [T],
    /// Room for the plane in phases; its padding is `-inf`.
    split: &'a mut [T],
    /// The first column of each window that is inside, counted from where the window starts.
    first: &'a [T],
    output: &'a mut [T],
    index: &'a mut [i32],
}

impl<T: Real> Kernel for MaxPlane<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let w = self.w;
        if w.pairs() {
            return self.rows::<I, 2, 2, true>();
        }
        let rows = self.input.chunks_exact(w.input[2].max(1));
        for (row, split) in rows.zip(self.split.chunks_exact_mut(self.phases.row())) {
            self.phases.split::<T::V<I>>(row, split);
        }
        // The common windows get loops of constant length.
        match (w.kernel[2], w.stride[2], w.dilation[2]) {
            (2, 2, 1) => self.rows::<I, 2, 2, false>(),
            (3, 1, 1) => self.rows::<I, 3, 1, false>(),
            (3, 2, 1) => self.rows::<I, 3, 2, false>(),
            _ => self.rows::<I, 0, 0, false>(),
        }
    }
}

impl<T: Real> MaxPlane<'_, T> {
    /// All rows of windows; `K` and `S` are kernel and stride along the width, or 0 for any. `PAIRS`: the taps come from
    /// the input, not from phases ([`Window::pairs`]).
    #[inline(always)]
    fn rows<I: Isa, const K: usize, const S: usize, const PAIRS: bool>(self) {
        let w = self.w;
        let lanes = <T::V<I>>::LANES;
        let (taps, stride, dilation) = if K > 0 { (K, S, 1) } else { (w.kernel[2], w.stride[2], w.dilation[2]) };
        let phases = Phases { stride, ..self.phases };
        let [_, height, width] = w.input;
        let count = w.output[2];
        let (rows, row_len) = if PAIRS { (self.input, width) } else { (&*self.split, phases.row()) };
        let number = |i: usize| <T::V<I>>::lit(i as f64);
        // Distances between the taps of a window in the plane, which floats hold exactly.
        let [z_step, y_step] = [w.dilation[0] * height, w.dilation[1]];
        let reach = ((w.kernel[0] - 1) * z_step + (w.kernel[1] - 1) * y_step) * width + (taps - 1) * dilation;
        assert!(reach + LANES * stride <= 1 << 24, "a window reaches over {reach} elements");
        let mut places = [T::ZERO; LANES];
        places.iter_mut().enumerate().for_each(|(i, place)| *place = T::from_f64((i * stride) as f64));
        // SAFETY: no register has more lanes.
        let places = unsafe { <T::V<I>>::load(places.as_ptr()) };
        let mut o = 0;
        windows(w.output, |z, y| {
            let ((z_taps, z_start), (y_taps, y_start)) = (w.taps(0, z), w.taps(1, y));
            let start = (z_start * height as isize + y_start) * width as isize - w.padding[2] as isize;
            let (output, index) = (&mut self.output[o..o + count], &mut self.index[o..o + count]);
            o += count;
            let first = z_taps.start * z_step + y_taps.start * y_step;
            let (first_row, first_place) = ((start + w.padding[2] as isize) / width as isize, number(first * width));
            let first_row = (first_row + first as isize) as usize;
            for x in (0..count).step_by(lanes) {
                let some = lanes.min(count - x);
                let mut best = <T::V<I>>::splat(-T::INFINITY);
                // SAFETY: `first` is padded to whole registers.
                let mut at = unsafe { <T::V<I>>::load(self.first[x..].as_ptr()) } + first_place;
                let mut row = first_row;
                for z in 0..z_taps.len() {
                    let mut here = number(z * z_step * width) + first_place;
                    for y in 0..y_taps.len() {
                        let row = &rows[(row + y * y_step) * row_len..][..row_len];
                        if PAIRS {
                            let pair = 2 * some;
                            debug_assert!(2 * x + pair <= row.len());
                            // SAFETY: the taps of `some` windows are in the row.
                            let (even, odd) = unsafe {
                                let p = row.as_ptr().add(2 * x);
                                let low = pair.min(lanes);
                                <T::V<I>>::load_part(p, low).unzip(Vector::load_part(p.add(low), pair - low))
                            };
                            (best, at) = better(even, here, best, at);
                            (best, at) = better(odd, here + number(1), best, at);
                        } else {
                            for tap in 0..taps {
                                let from = phases.tap(tap * dilation) + x;
                                debug_assert!(from + lanes <= row.len());
                                // SAFETY: phases are padded to whole registers and the reach of a window.
                                let value = unsafe { <T::V<I>>::load(row.as_ptr().add(from)) };
                                (best, at) = better(value, here + number(tap * dilation), best, at);
                            }
                        }
                        here = here + number(y_step * width);
                    }
                    row += z_step;
                }
                // SAFETY: `some` windows are left in the row.
                unsafe {
                    best.store_part(output.as_mut_ptr().add(x), some);
                    (at + places).store_places((start + (x * stride) as isize) as i32, index.as_mut_ptr().add(x), some);
                }
            }
        });
    }
}

struct MaxValues<'a, T> {
    w: &'a Window,
    phases: Phases,
    input: &'a [T],
    /// Room for the maxima of columns ...
    column: &'a mut [T],
    /// ... and for these in phases; its padding is `-inf`.
    split: &'a mut [T],
    output: &'a mut [T],
}

impl<T: Real> Kernel for MaxValues<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let MaxValues { w, phases, input, column, split, output } = self;
        let lanes = <T::V<I>>::LANES;
        let [_, height, width] = w.input;
        for (o, output) in output.chunks_exact_mut(w.output[2].max(1)).enumerate() {
            let (z_taps, z_start) = w.taps(0, o / w.output[1]);
            let (y_taps, y_start) = w.taps(1, o % w.output[1]);
            let inside = |start: isize, tap: usize, axis: usize| (start + (tap * w.dilation[axis]) as isize) as usize;
            let (first_row, step) = (inside(y_start, y_taps.start, 1), w.dilation[1] * width);
            for x in (0..width).step_by(lanes) {
                let some = lanes.min(width - x);
                let mut best = <T::V<I>>::splat(-T::INFINITY);
                for z in z_taps.clone() {
                    let mut at = (inside(z_start, z, 0) * height + first_row) * width + x;
                    for _ in 0..y_taps.len() {
                        debug_assert!(at + some <= input.len());
                        // SAFETY: `some` elements are left in this row of the plane.
                        best = larger(unsafe { Vector::load_part(input.as_ptr().add(at), some) }, best);
                        at += step;
                    }
                }
                // SAFETY: as many are left here.
                unsafe { best.store_part(column.as_mut_ptr().add(x), some) };
            }
            phases.split::<T::V<I>>(column, split);
            for x in (0..output.len()).step_by(lanes) {
                let mut best = <T::V<I>>::splat(-T::INFINITY);
                for tap in 0..w.kernel[2] {
                    let from = phases.tap(tap * w.dilation[2]) + x;
                    debug_assert!(from + lanes <= split.len());
                    // SAFETY: phases are padded to whole registers and the reach of a window.
                    best = larger(unsafe { Vector::load(split.as_ptr().add(from)) }, best);
                }
                // SAFETY: `output` has the elements that are stored.
                unsafe { best.store_part(output.as_mut_ptr().add(x), lanes.min(output.len() - x)) };
            }
        }
    }
}

/// Whether a value takes the place of the best before it: it is larger, or NaN.
#[inline(always)]
fn wins<V: Vector>(value: V, best: V) -> V::Mask {
    value.gt(best) | value.ne(value)
}

/// The larger of a value and the best before it; NaN if one of them is.
#[inline(always)]
fn larger<V: Vector>(value: V, best: V) -> V {
    V::select(wins(value, best), value, best)
}

/// The larger of a value and the best before it, with its place: the first of equals, the last NaN.
#[inline(always)]
fn better<V: Vector>(value: V, here: V, best: V, at: V) -> (V, V) {
    let wins = wins(value, best);
    (V::select(wins, value, best), V::select(wins, here, at))
}
