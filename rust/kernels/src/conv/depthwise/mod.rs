//! Depthwise convolutions: a plane is one long row.
//!
//! The input is cut into its phases, the elements that leave the same remainders modulo the stride; in each, a kernel
//! element is a distance in the plane of the output. A phase is copied into a plane of that width between margins of
//! zeros, so whole registers are loaded wherever rows begin and end, and what was read from the row before or behind is
//! replaced by zero. So short rows fill registers as long ones do. Registers of points lie one below the other: most of
//! what a column of the kernel reads for one, it reads for its neighbours as well.

mod stencil;

use super::{Geometry, Phase, phases};
use crate::element::Real;
use crate::gemm::Target;
use crate::interleave;
use crate::par;
use crate::simd::{self, Isa, Kernel, MOST_LANES, Vector, prefetch};
use std::ops::Range;
use stencil::{REGISTERS, Stencil, distance};

/// Outputs of a group whose kernels' gradients make a task.
const OUTPUTS: usize = 8;
/// Elements of planes that make a task.
const TASK: usize = 16 << 10;
/// Bytes of the next plane that are asked for in time: hardware does not foresee where it begins.
const AHEAD: usize = 8 << 10;

/// The phases that kernel elements see, planes for them, and who reads what.
struct Planes<T> {
    phases: Vec<Phase>,
    /// Of the output's points, or of each phase's.
    stencils: Vec<Stencil<T>>,
    pixels: usize,
    /// Zeros before and behind a plane.
    margins: [usize; 2],
}

impl<T: Real> Planes<T> {
    /// For points of the output, which read all phases.
    fn of_output(g: &Geometry) -> Self {
        let mut planes = Planes::new(g, -1);
        planes.stencils = vec![Stencil::new(g, &planes.phases, -1, planes.room())];
        planes
    }

    /// For points of the phases, which all read the output.
    fn of_phases(g: &Geometry) -> Self {
        let mut planes = Planes::new(g, 1);
        let stencil = |phase| Stencil::new(g, std::slice::from_ref(phase), 1, 0);
        planes.stencils = planes.phases.iter().map(stencil).collect();
        planes
    }

    fn new(g: &Geometry, sign: isize) -> Self {
        let phases: Vec<Phase> = phases(g).into_iter().filter(|phase| !phase.taps.is_empty()).collect();
        let distances = || phases.iter().flat_map(|phase| &phase.offsets).map(|&offset| distance(g, sign, offset));
        let reach = |sign: isize| distances().map(|distance| sign * distance).max().unwrap_or(0).max(0) as usize;
        let margins = [reach(-1), reach(1) + MOST_LANES];
        Planes { phases, stencils: Vec::new(), pixels: g.out_pixels(), margins }
    }

    /// Whether a phase has the even columns and the next one the odd columns of the same rows.
    fn is_pair(&self, g: &Geometry, at: usize) -> bool {
        let [_, y, x] = self.phases[at].first;
        let odd = self.phases.get(at + 1).is_some_and(|next| next.first == [0, y, 1]);
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

    /// As [`Stencil::correlate`], for all points of the one plane that lies at `from` without gaps. `copy` is for its edges:
    /// a large plane is read where it is.
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
        let (stencil, pixels, [before, behind]) = (&self.stencils[0], self.pixels, self.margins);
        // SAFETY: the caller's promise.
        unsafe {
            let (mut first, mut last) = (pixels, pixels);
            if pixels < 8 * (before + behind).max(stencil.width) {
                from.copy_to_nonoverlapping(copy, pixels);
            } else {
                first = before.div_ceil(stencil.width).max(REGISTERS) * stencil.width;
                last = pixels - behind.div_ceil(stencil.width).max(REGISTERS) * stencil.width;
                from.copy_to_nonoverlapping(copy, first + behind);
                from.add(last - before).copy_to_nonoverlapping(copy.add(last - before), pixels - (last - before));
            }
            // One call, which is inlined once.
            for (source, points) in [(copy.cast_const(), 0..first), (from, first..last), (copy, last..pixels)] {
                stencil.correlate::<V>(source, weight, start, points, out);
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
    let planes = Planes::of_output(g);
    let (input, output) = (Target(input.cast_mut()), Target(output.as_mut_ptr()));
    par::blocks(g.batch * g.groups, TASK / planes.pixels, planes.cost(g), |range| {
        par::scratch::<T, _>(planes.phases.len() * planes.room(), |room| {
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
            let first = planes.zeros(room, planes.phases.len());
            let gapless = keeps_size(g) && strides[4] == 1 && strides[3] == g.input[2] as isize;
            for index in range {
                let (image, group) = (index / g.groups, index % g.groups);
                let from = input.0.wrapping_offset(image as isize * strides[0] + group as isize * strides[1]);
                prefetch(from.wrapping_offset(strides[1]), AHEAD.min(g.in_pixels() * size_of::<T>()));
                if !gapless {
                    copy_phases::<T::V<I>>(g, planes, from, strides, first);
                }
                for out in index * multiplier..(index + 1) * multiplier {
                    let channel = out % g.out_channels;
                    let weight = &weight[channel * taps..][..taps];
                    let (start, to) = (bias.map_or(T::default(), |bias| bias[channel]), output.at(out * planes.pixels));
                    if gapless {
                        planes.correlate_whole::<T::V<I>>(from, first, weight, Some(start), to);
                    } else {
                        planes.stencils[0].correlate::<T::V<I>>(first, weight, Some(start), 0..planes.pixels, to);
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
    let (step, width) = ([g.stride[1] as isize * strides[3], g.stride[2] as isize * strides[4]], g.output[2]);
    let mut at = 0;
    while let Some(&Phase { first: [_, y, x], points: [_, rows, columns], .. }) = planes.phases.get(at) {
        let pair = strides[4] == 1 && planes.is_pair(g, at);
        // SAFETY: the caller's promise.
        unsafe {
            let from = from.offset(y as isize * strides[3] + x as isize * strides[4]);
            let to = first.add(at * planes.room());
            let gapless = columns == width && step == [width as isize, 1];
            let [rows, columns] = if gapless { [1, rows * columns] } else { [rows, columns] };
            for row in 0..rows {
                let (from, to) = (from.offset(row as isize * step[0]), to.add(row * width));
                match step[1] {
                    _ if pair => interleave::split::<V>(from, g.input[2], to, to.add(planes.room())),
                    1 => from.copy_to_nonoverlapping(to, columns),
                    step => (0..columns).for_each(|x| *to.add(x) = *from.offset(x as isize * step)),
                }
            }
        }
        at += 1 + usize::from(pair);
    }
}

/// The gradient of the input: each phase is a convolution of the output's gradient with the kernel turned round.
pub(super) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    let planes = Planes::of_phases(g);
    if planes.phases.len() < g.stride.iter().product() {
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
                while at < planes.phases.len() {
                    let pair = planes.is_pair(g, at);
                    let together = 1 + usize::from(pair);
                    for (part, stencil) in planes.stencils[at..][..together].iter().enumerate() {
                        for i in 0..multiplier {
                            let (copy, result) = (first.add(i * planes.room()), result.add(part * pixels));
                            stencil.correlate::<T::V<I>>(copy, weight(i), start(i), 0..pixels, result);
                        }
                    }
                    let Phase { first: [_, row, column], points: [_, rows, columns], .. } = planes.phases[at];
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
    let planes = Planes::of_output(g);
    let (input, target) = (Target(input.cast_mut()), Target(grad_weight.as_mut_ptr()));
    let parts = g.group_out().div_ceil(OUTPUTS);
    par::run(g.groups * parts, g.batch * g.groups * planes.cost(g), |task| {
        let (group, first) = (task / parts, task % parts * OUTPUTS);
        let outputs = group * g.group_out() + first..group * g.group_out() + g.group_out().min(first + OUTPUTS);
        let totals = outputs.len() * g.taps() * MOST_LANES;
        par::scratch::<T, _>(planes.phases.len() * planes.room() + totals, |room| {
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
            let first = planes.zeros(room, planes.phases.len());
            let totals = room.add(planes.phases.len() * planes.room());
            std::slice::from_raw_parts_mut(totals, count * taps * MOST_LANES).fill(T::default());
            for image in 0..g.batch {
                let from = input.0.wrapping_offset(image as isize * strides[0] + group as isize * strides[1]);
                prefetch(from.wrapping_offset(strides[0]), AHEAD.min(g.in_pixels() * size_of::<T>()));
                copy_phases::<T::V<I>>(g, planes, from, strides, first);
                for i in 0..count {
                    let gradient = &grad_output[(image * g.out_channels + outputs.start + i) * pixels..][..pixels];
                    let totals = totals.add(i * taps * MOST_LANES);
                    planes.stencils[0].products::<T::V<I>>(first, gradient, totals);
                }
            }
            for tap in 0..count * taps {
                *target.at(outputs.start * taps + tap) = <T::V<I>>::load(totals.add(tap * MOST_LANES)).sum();
            }
        }
    }
}
