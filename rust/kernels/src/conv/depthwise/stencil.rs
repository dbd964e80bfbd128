//! What points read of planes, in registers.

use super::super::{Geometry, Phase};
use crate::element::Real;
use crate::simd::{MOST_LANES, Vector, prefetch};
use std::ops::Range;

/// Registers of points computed together, and of those whose products are summed.
pub(super) const REGISTERS: usize = 4;
const PAIR: usize = 2;
/// Rows of points whose products are summed before the next ones: memory is read in long pieces.
const STRIP: usize = 8;
/// Kernel elements of a column that are taken at once; what is left is taken one at a time.
const FEW: usize = 3;
const MANY: usize = 5;

/// A column of the kernel, or a piece of it: elements that reach equally far to the side.
struct Column<T> {
    /// For every column of the plane, and once more from the first on: 1 where the element reached lies in the same row.
    /// Nothing for the column that reaches straight up and down.
    inside: Vec<T>,
    /// Kernel element, and distance from the point.
    taps: Vec<(usize, isize)>,
}

impl<T: Clone> Column<T> {
    /// Pieces of as many elements as are taken at once.
    fn cut(mut self) -> Vec<Self> {
        self.taps.sort_by_key(|tap| tap.1);
        let (most, rest) = match self.taps.len() {
            MANY => (MANY, 0),
            n => (FEW, n % FEW),
        };
        let (whole, rest) = self.taps.split_at(self.taps.len() - rest);
        let piece = |taps: &[_]| Column { inside: self.inside.clone(), taps: taps.to_vec() };
        whole.chunks(most).chain(rest.chunks(1)).map(piece).collect()
    }
}

/// What the points of one plane read of others, which lie one behind the other.
pub(super) struct Stencil<T> {
    pub width: usize,
    columns: Vec<Column<T>>,
}

/// Registers of points, one below the other.
struct Stack {
    /// Their distance.
    step: isize,
    /// Where the first begins in the row.
    place: usize,
    /// Points of each.
    lanes: usize,
}

/// How far away in the plane `offset` is.
pub(super) fn distance(g: &Geometry, sign: isize, offset: [isize; 3]) -> isize {
    let [_, height, width] = g.output.map(|n| n as isize);
    let [y, x] = [sign * offset[1], sign * offset[2]];
    // Beyond the height and the width there is nothing, and no need for a margin of that length.
    if x.abs() < width { y.clamp(-height, height) * width + x } else { 0 }
}

impl<T: Real> Stencil<T> {
    /// `sign` is 1 where points of the one phase read the output, -1 where points of the output read the phases, whose
    /// planes lie `room` apart.
    pub(super) fn new(g: &Geometry, phases: &[Phase], sign: isize, room: usize) -> Self {
        let (width, mut columns) = (g.output[2], Vec::<Column<T>>::new());
        for (at, phase) in phases.iter().enumerate() {
            for (&tap, &offset) in phase.taps.iter().zip(&phase.offsets) {
                let (side, column) = (sign * offset[2], tap % g.kernel[2]);
                let of_column = |other: &Column<T>| other.taps[0].0 % g.kernel[2] == column;
                let found = columns.iter().position(of_column).unwrap_or_else(|| {
                    let inside = |i: usize| (0..width as isize).contains(&((i % width) as isize + side));
                    let inside = (0..width + MOST_LANES).map(|i| T::from_f64(f64::from(u8::from(inside(i)))));
                    let inside = if side == 0 { Vec::new() } else { inside.collect() };
                    columns.push(Column { inside, taps: Vec::new() });
                    columns.len() - 1
                });
                columns[found].taps.push((tap, (at * room) as isize + distance(g, sign, offset)));
            }
        }
        Stencil { width, columns: columns.into_iter().flat_map(Column::cut).collect() }
    }

    /// Points of as many whole rows as a register holds, or of one.
    #[inline(always)]
    fn span(&self, lanes: usize) -> usize {
        self.width * (lanes / self.width).max(1)
    }

    /// `out[i] = start + sum over taps of weight[tap] * plane[i + distance]`, or added to what is there, for some rows of
    /// points.
    /// # Safety
    /// The planes, or what these points read of them, lie between their margins; `out` has room for the points.
    #[inline(always)]
    pub(super) unsafe fn correlate<V: Vector<Elem = T>>(
        &self,
        plane: *const T,
        weight: &[T],
        start: Option<T>,
        points: Range<usize>,
        out: *mut T,
    ) {
        let (span, mut at) = (self.span(V::LANES), points.start);
        while at < points.end {
            if at + REGISTERS * span > points.end && points.len() >= REGISTERS * span && start.is_some() {
                at = points.end - REGISTERS * span; // some points twice
            }
            let whole = at + REGISTERS * span <= points.end;
            let row = span.min(points.end - at);
            let (ahead, block) = (at + 2 * REGISTERS * span, REGISTERS * span * size_of::<T>());
            if ahead < points.end {
                // Hardware does not foresee the way over several rows at a time.
                prefetch(plane.wrapping_add(ahead), block);
                prefetch(out.wrapping_add(ahead).cast_const(), block);
            }
            for place in (0..row).step_by(V::LANES) {
                let stack = Stack { step: span as isize, place, lanes: V::LANES.min(row - place) };
                // SAFETY: the caller's promise; beyond the last point there is a margin to read.
                unsafe {
                    let (from, to) = (plane.add(at + place), out.add(at + place));
                    match whole {
                        true => self.sums::<V, REGISTERS>(from, weight, start, &stack, to),
                        false => self.sums::<V, 1>(from, weight, start, &stack, to),
                    }
                }
            }
            at += if whole { REGISTERS * span } else { span };
        }
    }

    /// [`Stencil::correlate`] for `R` registers of points.
    #[inline(always)]
    unsafe fn sums<V: Vector<Elem = T>, const R: usize>(
        &self,
        from: *const T,
        weight: &[T],
        start: Option<T>,
        stack: &Stack,
        to: *mut T,
    ) {
        let zero = V::splat(T::default());
        let mut totals = [V::splat(start.unwrap_or_default()); R];
        // SAFETY: the caller's promise.
        unsafe {
            if start.is_none() {
                for r in 0..R {
                    totals[r] = V::load_part(to.offset(r as isize * stack.step), stack.lanes);
                }
            }
            for Column { inside, taps } in &self.columns {
                let mut sums = [zero; R];
                match taps.len() {
                    // Few points are left: one loop for all, for the sake of size.
                    _ if R == 1 => {
                        for tap in taps.chunks(1) {
                            add_taps::<V, R, 1>(from, weight, tap, stack.step, &mut sums);
                        }
                    }
                    MANY => add_taps::<V, R, MANY>(from, weight, taps, stack.step, &mut sums),
                    FEW => add_taps::<V, R, FEW>(from, weight, taps, stack.step, &mut sums),
                    _ => add_taps::<V, R, 1>(from, weight, taps, stack.step, &mut sums),
                }
                if !inside.is_empty() {
                    // There are `MOST_LANES` elements from every place in a row on.
                    let inside = V::load(inside.as_ptr().add(stack.place)).gt(zero);
                    for r in 0..R {
                        sums[r] = V::select(inside, sums[r], zero);
                    }
                }
                for r in 0..R {
                    totals[r] = totals[r] + sums[r];
                }
            }
            for r in 0..R {
                totals[r].store_part(to.offset(r as isize * stack.step), stack.lanes);
            }
        }
    }

    /// Adds the products of the gradient's points and the elements that each kernel element sees from there: to `totals`,
    /// `MOST_LANES` for each kernel element.
    /// # Safety
    /// The planes lie between their margins.
    #[inline(always)]
    pub(super) unsafe fn products<V: Vector<Elem = T>>(&self, plane: *const T, gradient: &[T], totals: *mut T) {
        // SAFETY: the caller's promise.
        unsafe {
            if let [a, b, c] = &self.columns[..]
                && [a, b, c].iter().all(|column| column.taps.len() == FEW)
            {
                let taps = [&a.taps[..], &b.taps, &c.taps];
                let inside = [&a.inside[..], &b.inside, &c.inside];
                return self.products_of::<V, 3, FEW>(plane, gradient, inside, taps, totals);
            }
            for Column { inside, taps } in &self.columns {
                match taps.len() {
                    MANY => self.products_of::<V, 1, MANY>(plane, gradient, [inside], [taps], totals),
                    FEW => self.products_of::<V, 1, FEW>(plane, gradient, [inside], [taps], totals),
                    _ => self.products_of::<V, 1, 1>(plane, gradient, [inside], [taps], totals),
                }
            }
        }
    }

    /// For `C` columns and `N` kernel elements of each.
    #[inline(always)]
    unsafe fn products_of<V: Vector<Elem = T>, const C: usize, const N: usize>(
        &self,
        plane: *const T,
        gradient: &[T],
        inside: [&[T]; C],
        taps: [&[(usize, isize)]; C],
        totals: *mut T,
    ) {
        let (len, span) = (gradient.len(), self.span(V::LANES));
        let distances: [[isize; N]; C] = std::array::from_fn(|c| std::array::from_fn(|t| taps[c][t].1));
        let stacked = N > 1 && taps.iter().all(|taps| in_steps::<N>(taps, span as isize));
        let mut sums = [[V::splat(T::default()); N]; C];
        // SAFETY: the caller promises the planes and their margins.
        unsafe {
            for first in (0..len).step_by(STRIP * span) {
                let end = len.min(first + STRIP * span);
                prefetch(gradient.as_ptr().wrapping_add(end), STRIP * span * size_of::<T>());
                for place in (0..span).step_by(V::LANES) {
                    let mut at = first + place;
                    let mut lanes = V::LANES.min(span - place);
                    let mut valid = in_row::<V, C>(inside, place, lanes);
                    while at < end {
                        if at + lanes > end {
                            lanes = end - at;
                            valid = in_row::<V, C>(inside, place, lanes);
                        }
                        let pair = stacked && at + span + lanes <= end;
                        let (from, scales, step) = (plane.add(at), gradient.as_ptr().add(at), span as isize);
                        let one = V::load_part(scales, lanes);
                        if pair {
                            let scales = [one, V::load_part(scales.add(span), lanes)];
                            add_products::<V, PAIR, C, N>(from, scales, step, valid, &distances, &mut sums);
                        } else {
                            add_products::<V, 1, C, N>(from, [one], step, valid, &distances, &mut sums);
                        }
                        at += if pair { PAIR * span } else { span };
                    }
                }
            }
            for c in 0..C {
                for t in 0..N {
                    let total = totals.add(taps[c][t].0 * MOST_LANES);
                    (V::load(total) + sums[c][t]).store(total);
                }
            }
        }
    }
}

/// Whether each of a column's elements lies a step below the one before, so that points a step apart read the same.
#[inline(always)]
fn in_steps<const N: usize>(taps: &[(usize, isize)], step: isize) -> bool {
    (1..N).all(|t| taps[t].1 - taps[t - 1].1 == step)
}

/// `sums += sum over taps of weight[tap] * elements`, for `R` registers of points from `from` on, `step` apart.
/// # Safety
/// The elements at the taps' distances are readable; there are `N` taps.
#[inline(always)]
unsafe fn add_taps<V: Vector, const R: usize, const N: usize>(
    from: *const V::Elem,
    weight: &[V::Elem],
    taps: &[(usize, isize)],
    step: isize,
    sums: &mut [V; R],
) {
    let mut scales = [V::splat(V::Elem::default()); N];
    for t in 0..N {
        scales[t] = V::splat(weight[taps[t].0]);
    }
    // SAFETY: the caller's promise.
    unsafe {
        if N > 1 && in_steps::<N>(taps, step) {
            let from = from.offset(taps[0].1);
            for i in 0..R + N - 1 {
                let value = V::load(from.offset(i as isize * step));
                for t in 0..N {
                    if (t..t + R).contains(&i) {
                        sums[i - t] = scales[t].mul_add(value, sums[i - t]);
                    }
                }
            }
        } else {
            for t in 0..N {
                for r in 0..R {
                    let value = V::load(from.offset(taps[t].1 + r as isize * step));
                    sums[r] = scales[t].mul_add(value, sums[r]);
                }
            }
        }
    }
}

/// For each column, which of the first `lanes` elements lie in the row. What lies outside may be infinite: it goes before
/// the product.
/// # Safety
/// A register's worth of `inside` follows `place`.
#[inline(always)]
unsafe fn in_row<V: Vector<Elem: Real>, const C: usize>(
    inside: [&[V::Elem]; C],
    place: usize,
    lanes: usize,
) -> [V::Mask; C] {
    // SAFETY: there are as many ones as lanes; the caller's promise.
    unsafe {
        let zero = V::splat(V::Elem::default());
        let lanes = V::load_first([V::Elem::ONE; MOST_LANES].as_ptr(), lanes);
        let mut valid = [lanes.gt(zero); C];
        for c in 0..C {
            if !inside[c].is_empty() {
                valid[c] = (lanes * V::load(inside[c].as_ptr().add(place))).gt(zero);
            }
        }
        valid
    }
}

/// `sums += scale * elements` where they are valid, for a register from `from` on, or for several, `step` apart as the
/// distances of each column then are.
/// # Safety
/// The elements at the distances are readable.
#[inline(always)]
unsafe fn add_products<V: Vector<Elem: Real>, const R: usize, const C: usize, const N: usize>(
    from: *const V::Elem,
    scales: [V; R],
    step: isize,
    valid: [V::Mask; C],
    distances: &[[isize; N]; C],
    sums: &mut [[V; N]; C],
) {
    let zero = V::splat(V::Elem::default());
    for c in 0..C {
        // SAFETY: the caller's promise.
        unsafe {
            if R == 1 {
                for t in 0..N {
                    let value = V::select(valid[c], V::load(from.offset(distances[c][t])), zero);
                    sums[c][t] = scales[0].mul_add(value, sums[c][t]);
                }
                continue;
            }
            for i in 0..R + N - 1 {
                let value = V::load(from.offset(distances[c][0] + i as isize * step));
                let value = V::select(valid[c], value, zero);
                for t in 0..N {
                    if (t..t + R).contains(&i) {
                        sums[c][t] = scales[i - t].mul_add(value, sums[c][t]);
                    }
                }
            }
        }
    }
}
