//! Depthwise convolutions: a plane is one long row.
//!
//! The input is cut into its phases, the elements that leave the same remainders modulo the stride; in each, a kernel
//! element is a distance in the plane of the output. A phase is copied into a plane of that width between margins of
//! zeros, so whole registers are loaded wherever rows begin and end, and what was read from the row above or below is
//! replaced by zero. So short rows fill registers as long ones do.

use super::{Geometry, Phase, phases};
use crate::element::Real;
use crate::gemm::Target;
use crate::interleave;
use crate::par;
use crate::simd::{self, Isa, Kernel, MOST_LANES, Vector};
use std::ops::Range;

/// Registers of points computed side by side.
const REGISTERS: usize = 4;
/// Kernel elements of a column that are taken at once; where there are fewer or more, of the gradient a pair.
const TAPS: usize = 3;
const PAIR: usize = 2;
/// Outputs of a group whose kernels' gradients make a task.
const OUTPUTS: usize = 8;
/// Elements of planes that make a task.
const TASK: usize = 16 << 10;

/// Kernel elements that reach equally far to the side.
struct Column<T> {
    /// For every column of the plane, and once more from the first on: 1 where the element reached lies in the same row.
    /// Nothing for the column that reaches straight up and down.
    inside: Vec<T>,
    /// Kernel element, and distance in the plane.
    taps: Vec<(usize, isize)>,
}

/// How a phase is read from the points of the output, or the other way round.
struct Plane<T> {
    phase: Phase,
    width: usize,
    /// What a register of 1, 2, 4, ... lanes leaves in a row that it fills as often as it can.
    rest: [usize; 5],
    columns: Vec<Column<T>>,
}

impl<T: Real> Plane<T> {
    /// `sign` is 1 where points of the phase read the output, -1 where points of the output read the phase.
    fn new(g: &Geometry, phase: Phase, sign: isize) -> Self {
        let [_, height, width] = g.output;
        let mut columns: Vec<(isize, Column<T>)> = Vec::new();
        for (&tap, offset) in phase.taps.iter().zip(&phase.offsets) {
            let [y, x] = [sign * offset[1], sign * offset[2]];
            // Beyond the height and the width there is nothing, and no need for a margin of that length.
            let distance = y.clamp(-(height as isize), height as isize) * width as isize + x;
            let distance = if x.unsigned_abs() < width { distance } else { 0 };
            let at = columns.iter().position(|(side, _)| *side == x).unwrap_or_else(|| {
                let inside = |i: usize| (0..width as isize).contains(&((i % width) as isize + x));
                let inside = (0..width + MOST_LANES).map(|i| T::from_f64(f64::from(u8::from(inside(i)))));
                let inside = if x == 0 { Vec::new() } else { inside.collect() };
                columns.push((x, Column { inside, taps: Vec::new() }));
                columns.len() - 1
            });
            columns[at].1.taps.push((tap, distance));
        }
        let rest = [0, 1, 2, 3, 4].map(|power| (1 << power) % width);
        Plane { phase, width, rest, columns: columns.into_iter().map(|(_, column)| column).collect() }
    }

    /// Copies the phase, which begins at `from` and whose rows and columns lie `step` apart.
    /// # Safety
    /// The phase is readable; `to` has room for it.
    #[inline(always)]
    unsafe fn copy(&self, from: *const T, step: [isize; 2], to: *mut T) {
        let [_, rows, columns] = self.phase.points;
        // SAFETY: the caller's promise.
        unsafe {
            if step == [self.width as isize, 1] && columns == self.width {
                return from.copy_to_nonoverlapping(to, rows * columns); // the one phase of stride 1
            }
            for y in 0..rows {
                let (from, to) = (from.offset(y as isize * step[0]), to.add(y * self.width));
                match step[1] {
                    1 => from.copy_to_nonoverlapping(to, columns),
                    step => (0..columns).for_each(|x| *to.add(x) = *from.offset(x as isize * step)),
                }
            }
        }
    }

    /// `out[i] = start + sum over taps of weight[tap] * plane[i + distance]`, or added to what is there, for some points.
    /// # Safety
    /// The plane, or what these points read of it, lies between its margins; `out` has room for the points.
    #[inline(always)]
    unsafe fn correlate<V: Vector<Elem = T>>(
        &self,
        plane: *const T,
        weight: &[T],
        start: Option<T>,
        points: Range<usize>,
        out: *mut T,
    ) {
        let (mut at, mut place) = (points.start, points.start % self.width);
        // SAFETY: the caller's promise; beyond the last point there is a margin to read.
        unsafe {
            while at < points.end {
                let mut places = [place; REGISTERS];
                for r in 1..REGISTERS {
                    places[r] = self.register_on::<V>(places[r - 1]);
                }
                let n = points.end - at;
                let mut totals = [V::splat(start.unwrap_or_default()); REGISTERS];
                let full = n >= REGISTERS * V::LANES;
                if start.is_none() {
                    for r in 0..n.div_ceil(V::LANES).min(REGISTERS) {
                        totals[r] = V::load_part(out.add(at + r * V::LANES), V::LANES.min(n - r * V::LANES));
                    }
                }
                if full {
                    self.sums::<V, REGISTERS>(plane.add(at), weight, places, &mut totals);
                    for r in 0..REGISTERS {
                        totals[r].store(out.add(at + r * V::LANES));
                    }
                    at += REGISTERS * V::LANES;
                    place = self.register_on::<V>(places[REGISTERS - 1]);
                } else {
                    self.sums::<V, 1>(plane.add(at), weight, places, &mut totals);
                    totals[0].store_first(out.add(at), n.min(V::LANES));
                    at += V::LANES;
                    place = places[1];
                }
            }
        }
    }

    /// The place in a row, a register on.
    #[inline(always)]
    fn register_on<V: Vector<Elem = T>>(&self, place: usize) -> usize {
        let next = place + self.rest[V::LANES.trailing_zeros() as usize];
        if next >= self.width { next - self.width } else { next }
    }

    #[inline(always)]
    unsafe fn sums<V: Vector<Elem = T>, const R: usize>(
        &self,
        from: *const T,
        weight: &[T],
        places: [usize; REGISTERS],
        totals: &mut [V; REGISTERS],
    ) {
        let zero = V::splat(T::default());
        for column in &self.columns {
            let mut sums = [zero; R];
            for taps in column.taps.chunks(TAPS) {
                // SAFETY: the caller's promise.
                unsafe {
                    match taps.len() {
                        TAPS => add_taps::<V, R, TAPS>(from, weight, taps, &mut sums),
                        _ => {
                            for tap in taps.chunks(1) {
                                add_taps::<V, R, 1>(from, weight, tap, &mut sums);
                            }
                        }
                    }
                }
            }
            for r in 0..R {
                if !column.inside.is_empty() {
                    // SAFETY: there are `MOST_LANES` elements from every place in a row on.
                    let inside = unsafe { V::load(column.inside.as_ptr().add(places[r])) };
                    sums[r] = V::select(inside.gt(zero), sums[r], zero);
                }
                totals[r] = totals[r] + sums[r];
            }
        }
    }
}

/// `sums += sum over taps of weight[tap] * elements`, for `R` registers of points from `from` on.
/// # Safety
/// The elements at the taps' distances are readable; there are `N` taps.
#[inline(always)]
unsafe fn add_taps<V: Vector, const R: usize, const N: usize>(
    from: *const V::Elem,
    weight: &[V::Elem],
    taps: &[(usize, isize)],
    sums: &mut [V; R],
) {
    for t in 0..N {
        let (tap, distance) = taps[t];
        let scale = V::splat(weight[tap]);
        for r in 0..R {
            // SAFETY: the caller's promise.
            let value = unsafe { V::load(from.offset(distance + (r * V::LANES) as isize)) };
            sums[r] = scale.mul_add(value, sums[r]);
        }
    }
}

/// The phases that kernel elements see, and planes for them.
struct Planes<T> {
    planes: Vec<Plane<T>>,
    pixels: usize,
    /// Zeros before and behind a plane.
    margins: [usize; 2],
}

impl<T: Real> Planes<T> {
    fn new(g: &Geometry, sign: isize) -> Self {
        let seen = phases(g).into_iter().filter(|phase| !phase.taps.is_empty());
        let planes: Vec<Plane<T>> = seen.map(|phase| Plane::new(g, phase, sign)).collect();
        let taps = || planes.iter().flat_map(|plane| &plane.columns).flat_map(|column| &column.taps);
        let reach = |sign: isize| taps().map(|tap| sign * tap.1).max().unwrap_or(0).max(0) as usize;
        let margins = [reach(-1), reach(1) + MOST_LANES * REGISTERS];
        Planes { planes, pixels: g.out_pixels(), margins }
    }

    /// Whether a plane has the even columns and the next one the odd columns of the same rows.
    fn is_pair(&self, g: &Geometry, at: usize) -> bool {
        let [_, y, x] = self.planes[at].phase.first;
        let odd = self.planes.get(at + 1).is_some_and(|next| next.phase.first == [0, y, 1]);
        g.stride[2] == 2 && x == 0 && odd
    }

    /// Elements of a plane with its margins.
    fn room(&self) -> usize {
        self.margins[0] + self.pixels + self.margins[1]
    }

    /// `count` planes of zeros, and where the first begins.
    /// # Safety
    /// There are `count` times [`Planes::room`] elements.
    unsafe fn zeros(&self, room: *mut T, count: usize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe {
            std::slice::from_raw_parts_mut(room, count * self.room()).fill(T::default());
            room.add(self.margins[0])
        }
    }

    /// As [`Plane::correlate`], for all points of the one plane that lies at `from` without gaps. `copy` is for its edges: a
    /// large plane is read where it is.
    /// # Safety
    /// As there; `copy` lies between margins.
    #[inline(always)]
    unsafe fn correlate_whole<V: Vector<Elem = T>>(
        &self,
        from: *const T,
        copy: *mut T,
        weight: &[T],
        start: Option<T>,
        out: *mut T,
    ) {
        let (plane, pixels, [before, behind]) = (&self.planes[0], self.pixels, self.margins);
        // SAFETY: the caller's promise.
        unsafe {
            let (mut first, mut last) = (before, pixels.saturating_sub(behind));
            if pixels < 4 * (before + behind) {
                (first, last) = (pixels, pixels);
                from.copy_to_nonoverlapping(copy, pixels);
            } else {
                from.copy_to_nonoverlapping(copy, first + behind);
                from.add(last - before).copy_to_nonoverlapping(copy.add(last - before), before + behind);
            }
            // One call, which is inlined once.
            for (source, points) in [(copy.cast_const(), 0..first), (from, first..last), (copy, last..pixels)] {
                plane.correlate::<V>(source, weight, start, points, out);
            }
        }
    }

    fn cost(&self, g: &Geometry) -> usize {
        g.group_out() * self.pixels * (g.taps() / 4 + 1)
    }
}

/// Whether there is one phase, which is as large as the output.
fn keeps_size(g: &Geometry) -> bool {
    g.stride == [1; 3] && g.input == g.output
}

/// Whether it is a depthwise convolution of planes whose phases fit the plane of the output. Doubles go the plain way:
/// few train with them, and the loops twice would be a hundredth of the wheel.
pub(super) fn takes<T>(g: &Geometry) -> bool {
    if size_of::<T>() != size_of::<f32>() {
        return false;
    }
    let flat = [g.input[0], g.kernel[0], g.output[0], g.stride[0]] == [1; 4] && g.padding[0] == 0;
    let fits = |axis: usize| g.input[axis].div_ceil(g.stride[axis]) <= g.output[axis];
    // Else a phase that some kernel element sees could be empty.
    let every_phase = |axis: usize| g.input[axis] >= g.stride[axis];
    g.is_depthwise() && flat && (1..3).all(|axis| fits(axis) && every_phase(axis))
}

/// Whether the gradient of the weight is summed plane by plane as well, for one input channel, many output channels and
/// 3 x 3 kernels that keep the size: with more input channels the same gradient would be read again for each.
pub(super) fn takes_single<T>(g: &Geometry) -> bool {
    let flat = g.output[0] == 1 && g.kernel == [1, 3, 3];
    size_of::<T>() == size_of::<f32>() && flat && keeps_size(g) && g.group_in() == 1 && g.group_out() >= 2 * OUTPUTS
}

/// # Safety
/// As for [`super::forward`].
pub(super) unsafe fn forward<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    weight: &[T],
    bias: Option<&[T]>,
    output: &mut [T],
) {
    let planes = Planes::new(g, -1);
    let (input, output) = (Target(input.cast_mut()), Target(output.as_mut_ptr()));
    par::blocks(g.batch * g.groups, TASK / planes.pixels, planes.cost(g), |range| {
        par::scratch::<T, _>(planes.planes.len() * planes.room(), |room| {
            let room = room.as_mut_ptr().cast();
            simd::dispatch(Forward { g, planes: &planes, input, strides, weight, bias, output, range, room });
        });
    });
}

struct Forward<'a, T> {
    g: &'a Geometry,
    planes: &'a Planes<T>,
    input: Target<T>,
    strides: [isize; 5],
    weight: &'a [T],
    bias: Option<&'a [T]>,
    output: Target<T>,
    /// Image and group.
    range: Range<usize>,
    room: *mut T,
}

impl<T: Real> Kernel for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Forward { g, planes, input, strides, weight, bias, output, range, room } = self;
        let (multiplier, taps) = (g.group_out(), g.taps());
        // SAFETY: the caller of `forward` promises the input; tasks write different planes of the output.
        unsafe {
            let first = planes.zeros(room, planes.planes.len());
            let gapless = keeps_size(g) && strides[4] == 1 && strides[3] == g.input[2] as isize;
            for index in range {
                let (image, group) = (index / g.groups, index % g.groups);
                let from = input.0.wrapping_offset(image as isize * strides[0] + group as isize * strides[1]);
                if !gapless {
                    copy_phases::<T::V<I>>(g, planes, from, strides, first);
                }
                for out in index * multiplier..(index + 1) * multiplier {
                    let channel = out % g.out_channels;
                    let weight = &weight[channel * taps..][..taps];
                    let (start, to) = (bias.map_or(T::default(), |bias| bias[channel]), output.at(out * planes.pixels));
                    if gapless {
                        planes.correlate_whole::<T::V<I>>(from, first, weight, Some(start), to);
                        continue;
                    }
                    for (i, plane) in planes.planes.iter().enumerate() {
                        let (start, copy) = ((i == 0).then_some(start), first.add(i * planes.room()));
                        plane.correlate::<T::V<I>>(copy, weight, start, 0..planes.pixels, to);
                    }
                }
            }
        }
    }
}

/// Copies the phases of the input's plane at `from`, each to its plane from `first` on.
/// # Safety
/// The input is readable; there is room for the planes.
#[inline(always)]
unsafe fn copy_phases<V: Vector<Elem: Real>>(
    g: &Geometry,
    planes: &Planes<V::Elem>,
    from: *const V::Elem,
    strides: [isize; 5],
    first: *mut V::Elem,
) {
    let step = [g.stride[1] as isize * strides[3], g.stride[2] as isize * strides[4]];
    let mut at = 0;
    while let Some(plane) = planes.planes.get(at) {
        let [_, y, x] = plane.phase.first.map(|n| n as isize);
        // SAFETY: the caller's promise.
        unsafe {
            let (from, to) = (from.offset(y * strides[3] + x * strides[4]), first.add(at * planes.room()));
            if strides[4] == 1 && planes.is_pair(g, at) {
                for row in 0..plane.phase.points[1] {
                    let (from, to) = (from.offset(row as isize * step[0]), to.add(row * plane.width));
                    interleave::split::<V>(from, g.input[2], to, to.add(planes.room()));
                }
                at += 2;
            } else {
                plane.copy(from, step, to);
                at += 1;
            }
        }
    }
}

/// The gradient of the input: each phase is a convolution of the output's gradient with the kernel turned round.
pub(super) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    let planes = Planes::new(g, 1);
    if planes.planes.len() < g.stride.iter().product() {
        grad_input.fill(T::default()); // phases that no kernel element sees, or that are empty
    }
    let target = Target(grad_input.as_mut_ptr());
    par::blocks(g.batch * g.groups, TASK / planes.pixels, planes.cost(g), |range| {
        par::scratch::<T, _>(g.group_out() * planes.room() + 2 * planes.pixels, |room| {
            let room = room.as_mut_ptr().cast();
            simd::dispatch(InputGrad { g, planes: &planes, grad_output, weight, target, range, room });
        });
    });
}

struct InputGrad<'a, T> {
    g: &'a Geometry,
    planes: &'a Planes<T>,
    grad_output: &'a [T],
    weight: &'a [T],
    target: Target<T>,
    /// Image and group.
    range: Range<usize>,
    room: *mut T,
}

impl<T: Real> Kernel for InputGrad<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let InputGrad { g, planes, grad_output, weight, target, range, room } = self;
        let (multiplier, taps, pixels, width) = (g.group_out(), g.taps(), planes.pixels, g.input[2]);
        let whole = keeps_size(g);
        // SAFETY: the lengths were checked; tasks write different planes.
        unsafe {
            let first = planes.zeros(room, multiplier);
            let result = room.add(multiplier * planes.room());
            for index in range {
                let to = target.at(index * g.in_pixels());
                let gradient = |i: usize| grad_output[(index * multiplier + i) * pixels..].as_ptr();
                let weight = |i: usize| &weight[(index * multiplier % g.out_channels + i) * taps..][..taps];
                let start = |i: usize| (i == 0).then(T::default);
                if whole {
                    for i in 0..multiplier {
                        planes.correlate_whole::<T::V<I>>(gradient(i), first, weight(i), start(i), to);
                    }
                    continue;
                }
                for i in 0..multiplier {
                    gradient(i).copy_to_nonoverlapping(first.add(i * planes.room()), pixels);
                }
                let mut at = 0;
                while at < planes.planes.len() {
                    let pair = planes.is_pair(g, at);
                    let together = 1 + usize::from(pair);
                    for (part, plane) in planes.planes[at..][..together].iter().enumerate() {
                        for i in 0..multiplier {
                            let (copy, result) = (first.add(i * planes.room()), result.add(part * pixels));
                            plane.correlate::<T::V<I>>(copy, weight(i), start(i), 0..pixels, result);
                        }
                    }
                    let Phase { first: [_, row, column], points: [_, rows, columns], .. } = planes.planes[at].phase;
                    for y in 0..rows {
                        let (from, to) =
                            (result.add(y * g.output[2]), to.add((row + y * g.stride[1]) * width + column));
                        if pair {
                            interleave::merge::<T::V<I>>(from, from.add(pixels), width, to);
                            continue;
                        }
                        match g.stride[2] {
                            1 => from.copy_to_nonoverlapping(to, columns),
                            step => (0..columns).for_each(|x| *to.add(step * x) = *from.add(x)),
                        }
                    }
                    at += together;
                }
            }
        }
    }
}

/// # Safety
/// As for [`super::weight_grad`].
pub(super) unsafe fn weight_grad<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    grad_output: &[T],
    grad_weight: &mut [T],
) {
    let planes = Planes::new(g, -1);
    let (input, target) = (Target(input.cast_mut()), Target(grad_weight.as_mut_ptr()));
    let parts = g.group_out().div_ceil(OUTPUTS);
    par::run(g.groups * parts, g.batch * g.groups * planes.cost(g), |task| {
        let (group, first) = (task / parts, task % parts * OUTPUTS);
        let outputs = group * g.group_out() + first..group * g.group_out() + g.group_out().min(first + OUTPUTS);
        let totals = outputs.len() * g.taps() * MOST_LANES;
        par::scratch::<T, _>(planes.planes.len() * planes.room() + totals, |room| {
            let room = room.as_mut_ptr().cast();
            simd::dispatch(WeightGrad {
                g,
                planes: &planes,
                input,
                strides,
                grad_output,
                target,
                group,
                outputs,
                room,
            });
        });
    });
}

struct WeightGrad<'a, T> {
    g: &'a Geometry,
    planes: &'a Planes<T>,
    input: Target<T>,
    strides: [isize; 5],
    grad_output: &'a [T],
    target: Target<T>,
    group: usize,
    /// Channels of the output.
    outputs: Range<usize>,
    room: *mut T,
}

impl<T: Real> Kernel for WeightGrad<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let WeightGrad { g, planes, input, strides, grad_output, target, group, outputs, room } = self;
        let (count, taps, pixels) = (outputs.len(), g.taps(), planes.pixels);
        // SAFETY: the caller of `weight_grad` promises the input, the lengths were checked; tasks write the gradients of
        // different outputs.
        unsafe {
            let first = planes.zeros(room, planes.planes.len());
            let totals = room.add(planes.planes.len() * planes.room());
            std::slice::from_raw_parts_mut(totals, count * taps * MOST_LANES).fill(T::default());
            for image in 0..g.batch {
                let from = input.0.wrapping_offset(image as isize * strides[0] + group as isize * strides[1]);
                copy_phases::<T::V<I>>(g, planes, from, strides, first);
                for i in 0..count {
                    let gradient = &grad_output[(image * g.out_channels + outputs.start + i) * pixels..][..pixels];
                    let totals = totals.add(i * taps * MOST_LANES);
                    for (p, plane) in planes.planes.iter().enumerate() {
                        plane.products::<T::V<I>>(first.add(p * planes.room()), gradient, totals);
                    }
                }
            }
            for tap in 0..count * taps {
                *target.at(outputs.start * taps + tap) = <T::V<I>>::load(totals.add(tap * MOST_LANES)).sum();
            }
        }
    }
}

impl<T: Real> Plane<T> {
    /// Adds the products of the gradient's points and the elements that each kernel element sees from there: to `totals`,
    /// `MOST_LANES` for each kernel element.
    /// # Safety
    /// The plane lies between its margins.
    #[inline(always)]
    unsafe fn products<V: Vector<Elem = T>>(&self, plane: *const T, gradient: &[T], totals: *mut T) {
        // SAFETY: the caller's promise.
        unsafe {
            if let [a, b, c] = &self.columns[..]
                && [a, b, c].iter().all(|column| column.taps.len() == TAPS)
            {
                let taps = [&a.taps[..], &b.taps, &c.taps];
                return self.products_of::<V, 3, TAPS>(
                    plane,
                    gradient,
                    [&a.inside, &b.inside, &c.inside],
                    taps,
                    totals,
                );
            }
            for Column { inside, taps } in &self.columns {
                for taps in taps.chunks(PAIR) {
                    match taps.len() {
                        PAIR => self.products_of::<V, 1, PAIR>(plane, gradient, [inside], [taps], totals),
                        _ => self.products_of::<V, 1, 1>(plane, gradient, [inside], [taps], totals),
                    }
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
        let len = gradient.len();
        let distances: [[isize; N]; C] = std::array::from_fn(|c| std::array::from_fn(|t| taps[c][t].1));
        let mut sums = [[V::splat(T::default()); N]; C];
        let (mut at, mut place) = (0, 0);
        // SAFETY: the caller promises the plane and its margins.
        unsafe {
            while at + V::LANES <= len {
                let scale = V::load(gradient.as_ptr().add(at));
                add_products::<V, C, N, true>(plane.add(at), &distances, scale, V::LANES, inside, place, &mut sums);
                place = self.register_on::<V>(place);
                at += V::LANES;
            }
            if at < len {
                let scale = V::load_first(gradient.as_ptr().add(at), len - at);
                add_products::<V, C, N, false>(plane.add(at), &distances, scale, len - at, inside, place, &mut sums);
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

/// `sums += scale * elements`, for a register of points at `from`, or its first `n`.
/// # Safety
/// The elements at the distances are readable; a register's worth of `inside` follows every place.
#[inline(always)]
unsafe fn add_products<V: Vector, const C: usize, const N: usize, const WHOLE: bool>(
    from: *const V::Elem,
    distances: &[[isize; N]; C],
    scale: V,
    n: usize,
    inside: [&[V::Elem]; C],
    place: usize,
    sums: &mut [[V; N]; C],
) {
    let zero = V::splat(V::Elem::default());
    for c in 0..C {
        // SAFETY: the caller's promise.
        unsafe {
            let mut values = [zero; N];
            for t in 0..N {
                let from = from.offset(distances[c][t]);
                values[t] = if WHOLE { V::load(from) } else { V::load_first(from, n) };
            }
            if !inside[c].is_empty() {
                let inside = V::load(inside[c].as_ptr().add(place)).gt(zero);
                for t in 0..N {
                    values[t] = V::select(inside, values[t], zero);
                }
            }
            for t in 0..N {
                sums[c][t] = scale.mul_add(values[t], sums[c][t]);
            }
        }
    }
}
