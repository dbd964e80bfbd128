//! Convolutions in one, two and three dimensions: forward, gradient of the input, gradient of the weight.
//!
//! Each is a matrix product whose operands are gathered from images as the product asks for them ([`patches`]); with
//! few channels there is too little to multiply, and direct loops take over ([`direct`]).

mod depthwise;
mod direct;
mod gather;
mod lanes;
mod patches;
mod source;
pub mod winograd;

use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::Strided;
use crate::gemm::product::{self, Columns, Product};
use crate::par;
use patches::{Patches, Points};
use source::Source;
use std::ops::Range;
use std::ptr;
use winograd::Pass;

/// Columns that one product should have at least, to be worth packing the weight for.
const COLUMNS: usize = 1024;

/// The shape of a convolution. In one and two dimensions the leading extents are 1 (their padding 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Images.
    pub batch: usize,
    /// Independent groups of channels.
    pub groups: usize,
    /// Channels of the input, all groups together.
    pub in_channels: usize,
    /// Channels of the output, all groups together.
    pub out_channels: usize,
    /// Extents of an input image: depth, height, width.
    pub input: [usize; 3],
    /// Extents of the kernel.
    pub kernel: [usize; 3],
    /// Extents of an output image.
    pub output: [usize; 3],
    /// Input elements from one output point to the next.
    pub stride: [usize; 3],
    /// Zeros before the first input element.
    pub padding: [usize; 3],
    /// Input elements from one kernel element to the next.
    pub dilation: [usize; 3],
}

impl Geometry {
    fn taps(&self) -> usize {
        self.kernel.iter().product()
    }
    fn in_pixels(&self) -> usize {
        self.input.iter().product()
    }
    fn out_pixels(&self) -> usize {
        self.output.iter().product()
    }
    fn group_in(&self) -> usize {
        self.in_channels / self.groups
    }
    fn group_out(&self) -> usize {
        self.out_channels / self.groups
    }
    fn weights(&self) -> usize {
        self.out_channels * self.group_in() * self.taps()
    }
    fn is_depthwise(&self) -> bool {
        self.group_in() == 1 && self.group_out() <= 4 && self.groups > 1
    }
    fn is_empty(&self) -> bool {
        self.batch * self.in_channels * self.out_channels * self.out_pixels() * self.in_pixels() * self.taps() == 0
    }

    /// Where each kernel element reads, seen from `point * stride`.
    fn offsets(&self) -> Vec<[isize; 3]> {
        let at = |k: usize, axis: usize| (k * self.dilation[axis]) as isize - self.padding[axis] as isize;
        let [depth, height, width] = self.kernel;
        (0..depth * height * width)
            .map(|tap| [at(tap / width / height, 0), at(tap / width % height, 1), at(tap % width, 2)])
            .collect()
    }

    fn check<T>(&self, weight: &[T], output: &[T]) {
        assert_eq!(self.in_channels % self.groups, 0, "input channels per group");
        assert_eq!(self.out_channels % self.groups, 0, "output channels per group");
        assert_eq!(weight.len(), self.weights(), "elements of the weight");
        assert_eq!(output.len(), self.batch * self.out_channels * self.out_pixels(), "elements of the output");
    }
}

/// Images of a batch, cut so that each part has enough points for a product.
struct Parts {
    images: usize,
    count: usize,
}

impl Parts {
    fn new(batch: usize, points: usize) -> Parts {
        let images = (COLUMNS / points.max(1)).clamp(1, batch);
        Parts { images, count: batch.div_ceil(images) }
    }
    fn part(&self, index: usize, batch: usize) -> Range<usize> {
        index * self.images..batch.min((index + 1) * self.images)
    }
}

/// `output[n][o] = sum over c of weight[o][c] * input[n][c] + bias[o]`, where `*` is the cross-correlation that deep
/// learning calls convolution.
///
/// # Safety
/// `input` with `strides` (image, channel, depth, height, width) describes readable elements; `g.output` is what the
/// other extents give.
pub unsafe fn forward<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    weight: &[T],
    bias: Option<&[T]>,
    output: &mut [T],
) {
    g.check(weight, output);
    if let Some(bias) = bias {
        assert_eq!(bias.len(), g.out_channels, "elements of the bias");
    }
    if output.is_empty() {
        return;
    }
    if g.is_empty() {
        let planes = output.chunks_mut(g.out_pixels()).enumerate();
        planes.for_each(|(i, plane)| plane.fill(bias.map_or(T::default(), |bias| bias[i % g.out_channels])));
        return;
    }
    let (m, channels, pixels) = (g.group_out(), g.group_in(), g.out_pixels());
    let source = |input: *const T, channels: usize| {
        Source::new(input, strides, channels, g.input, g.output, g.stride, &g.offsets())
    };
    if lanes::pays::<T>(g, Pass::Forward) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { lanes::forward(g, input, strides, weight, bias, output) };
    }
    if winograd::takes::<T>(g, Pass::Forward) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { winograd::forward(g, input, strides, weight, bias, output) };
    }
    if depthwise::takes::<T>(g) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { depthwise::forward(g, input, strides, weight, bias, output) };
    }
    if g.is_depthwise() {
        // SAFETY: the caller's promise; the lengths were checked.
        unsafe { direct::forward(g, &source(input, g.in_channels), weight, bias, output) };
        return;
    }
    let sources: Vec<Source<T>> = (0..g.groups)
        .map(|group| source(input.wrapping_offset((group * channels) as isize * strides[1]), channels))
        .collect();
    let parts = Parts::new(g.batch, pixels);
    let k = channels * g.taps();
    let target = Target(output.as_mut_ptr());
    product::run(g.groups * parts.count, |index| {
        let (group, images) = (index / parts.count, parts.part(index % parts.count, g.batch));
        Product {
            m,
            k,
            n: images.len() * pixels,
            a: Strided { ptr: weight[group * m * k..].as_ptr(), depth: 1, col: k as isize },
            b: Patches { source: &sources[group], first_image: images.start },
            // SAFETY: within the output.
            c: unsafe { target.at((images.start * g.groups + group) * m * pixels) },
            c_row: pixels as isize,
            c_cols: columns(
                [images.len(), g.output[0], g.output[1], g.output[2]],
                g.out_channels * pixels,
                g.output,
                [1; 3],
            ),
            bias_row: ptr::null(),
            bias_col: bias.map_or(ptr::null(), |bias| bias[group * m..].as_ptr()),
            accumulate: false,
        }
    });
}

/// The gradient of the input: the transpose of [`forward`] with respect to `input`.
///
/// Input elements at distance `stride` from each other see the same kernel elements, so each remainder is a
/// convolution of its own, without holes.
pub fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    g.check(weight, grad_output);
    assert_eq!(grad_input.len(), g.batch * g.in_channels * g.in_pixels(), "elements of the input's gradient");
    if !g.is_empty() && lanes::pays::<T>(g, Pass::InputGrad) {
        return lanes::input_grad(g, grad_output, weight, grad_input);
    }
    if !g.is_empty() && winograd::takes::<T>(g, Pass::InputGrad) {
        return winograd::input_grad(g, grad_output, weight, grad_input);
    }
    if !g.is_empty() && depthwise::takes::<T>(g) {
        return depthwise::input_grad(g, grad_output, weight, grad_input);
    }
    let phases = phases(g);
    if g.is_empty() || phases.iter().any(|phase| phase.taps.is_empty()) {
        grad_input.fill(T::default());
    }
    if g.is_empty() {
        return;
    }
    for phase in phases.iter().filter(|phase| !phase.taps.is_empty()) {
        let (channels, pixels, taps) = (g.group_out(), g.out_pixels(), phase.taps.len());
        let stride = contiguous(g.out_channels, g.output);
        let points: usize = phase.points.iter().product();
        let source = |group: usize, channels: usize| {
            let from = grad_output.as_ptr().wrapping_add(group * channels * pixels);
            Source::new(from, stride, channels, g.output, phase.points, [1; 3], &phase.offsets)
        };
        let [_, height, width] = g.input;
        let start = (phase.first[0] * height + phase.first[1]) * width + phase.first[2];
        if g.group_in() <= direct::MOST_CHANNELS {
            // SAFETY: the lengths were checked.
            unsafe {
                let out = &mut grad_input[start..];
                direct::input_grad(g, &source(0, g.out_channels), &phase.taps, weight, out);
            }
            continue;
        }
        let sources: Vec<Source<T>> = (0..g.groups).map(|group| source(group, channels)).collect();
        let (m, k) = (g.group_in(), channels * taps);
        let parts = Parts::new(g.batch, points);
        // Depth first: output channel and kernel element, then input channel. A single element lies so.
        let lies_so = g.taps() == 1;
        par::scratch::<T, _>(if lies_so { 0 } else { g.groups * k * m }, |flipped| {
            let turned = Target(if lies_so { weight.as_ptr().cast_mut() } else { flipped.as_mut_ptr().cast::<T>() });
            par::blocks(if lies_so { 0 } else { g.out_channels }, 16, taps * m, |range| {
                for o in range {
                    for (t, &tap) in phase.taps.iter().enumerate() {
                        for c in 0..m {
                            // SAFETY: within the scratch memory; each output channel is written once.
                            unsafe { *turned.at((o * taps + t) * m + c) = weight[(o * m + c) * g.taps() + tap] };
                        }
                    }
                }
            });
            let target = Target(grad_input.as_mut_ptr());
            product::run(g.groups * parts.count, |index| {
                let (group, images) = (index / parts.count, parts.part(index % parts.count, g.batch));
                let [depth, height, width] = phase.points;
                Product {
                    m,
                    k,
                    n: images.len() * points,
                    // SAFETY: within the turned weight.
                    a: Strided { ptr: unsafe { turned.at(group * k * m) }, depth: m as isize, col: 1 },
                    b: Patches { source: &sources[group], first_image: images.start },
                    // SAFETY: within the gradient.
                    c: unsafe { target.at((images.start * g.groups + group) * m * g.in_pixels() + start) },
                    c_row: g.in_pixels() as isize,
                    c_cols: columns(
                        [images.len(), depth, height, width],
                        g.in_channels * g.in_pixels(),
                        g.input,
                        g.stride,
                    ),
                    bias_row: ptr::null(),
                    bias_col: ptr::null(),
                    accumulate: false,
                }
            });
        });
    }
}

/// The gradient of the weight: the transpose of [`forward`] with respect to `weight`.
///
/// # Safety
/// As for [`forward`].
pub unsafe fn weight_grad<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    grad_output: &[T],
    grad_weight: &mut [T],
) {
    g.check(grad_weight, grad_output);
    if g.is_empty() {
        grad_weight.fill(T::default());
        return;
    }
    let (m, channels, pixels) = (g.group_out(), g.group_in(), g.out_pixels());
    let source = |input: *const T, channels: usize| {
        Source::new(input, strides, channels, g.input, g.output, g.stride, &g.offsets())
    };
    let gradient = |group: usize, channels: usize| {
        let from = grad_output.as_ptr().wrapping_add(group * channels * pixels);
        Source::new(from, contiguous(g.out_channels, g.output), channels, g.output, g.output, [1; 3], &[[0; 3]])
    };
    if depthwise::takes_single::<T>(g) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { depthwise::weight_grad(g, input, strides, grad_output, grad_weight) };
    }
    if lanes::pays_for_weight::<T>(g) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { lanes::weight_grad(g, input, strides, grad_output, grad_weight) };
    }
    if depthwise::takes::<T>(g) {
        // SAFETY: the caller's promise; the lengths were checked.
        return unsafe { depthwise::weight_grad(g, input, strides, grad_output, grad_weight) };
    }
    if g.is_depthwise() {
        // SAFETY: the caller's promise; the lengths were checked.
        unsafe { direct::weight_grad(g, &source(input, g.in_channels), grad_output, grad_weight) };
        return;
    }
    if winograd::takes::<T>(g, Pass::WeightGrad) {
        // SAFETY: as above.
        return unsafe { winograd::weight_grad(g, input, strides, grad_output, grad_weight) };
    }
    let operands: Vec<(Source<T>, Source<T>)> = (0..g.groups)
        .map(|group| {
            let input = input.wrapping_offset((group * channels) as isize * strides[1]);
            (gradient(group, m), source(input, channels))
        })
        .collect();
    let n = channels * g.taps();
    let target = Target(grad_weight.as_mut_ptr());
    product::run(g.groups, |group| Product {
        m,
        k: g.batch * pixels,
        n,
        a: Points(&operands[group].0),
        b: Points(&operands[group].1),
        // SAFETY: within the gradient.
        c: unsafe { target.at(group * m * n) },
        c_row: n as isize,
        c_cols: Columns::contiguous(n),
        bias_row: ptr::null(),
        bias_col: ptr::null(),
        accumulate: false,
    });
}

/// Input elements whose coordinates leave the same remainders modulo the stride.
struct Phase {
    /// The first of them.
    first: [usize; 3],
    /// How many, per axis.
    points: [usize; 3],
    /// The kernel elements that they see, and where those lie in the output, seen from the point.
    taps: Vec<usize>,
    offsets: Vec<[isize; 3]>,
}

fn phases(g: &Geometry) -> Vec<Phase> {
    let [depth, height, width] = g.stride;
    let remainders = (0..depth * height * width).map(|i| [i / width / height, i / width % height, i % width]);
    let phase = |first: [usize; 3]| {
        let points = [0, 1, 2].map(|axis| g.input[axis].saturating_sub(first[axis]).div_ceil(g.stride[axis]));
        let (mut taps, mut offsets) = (Vec::new(), Vec::new());
        let [_, height, width] = g.kernel;
        for tap in 0..g.taps() {
            let kernel = [tap / width / height, tap / width % height, tap % width];
            let distance = [0, 1, 2]
                .map(|axis| (first[axis] + g.padding[axis]) as isize - (kernel[axis] * g.dilation[axis]) as isize);
            if (0..3).all(|axis| distance[axis] % g.stride[axis] as isize == 0) {
                taps.push(tap);
                offsets.push([0, 1, 2].map(|axis| distance[axis] / g.stride[axis] as isize));
            }
        }
        Phase { first, points, taps, offsets }
    };
    remainders.map(phase).filter(|phase| phase.points.iter().all(|&n| n > 0)).collect()
}

/// Strides of contiguous images.
fn contiguous(channels: usize, [depth, height, width]: [usize; 3]) -> [isize; 5] {
    [channels * depth * height * width, depth * height * width, height * width, width, 1].map(|s| s as isize)
}

/// Every `step`-th element of contiguous images.
fn columns(points: [usize; 4], image: usize, [_, height, width]: [usize; 3], step: [usize; 3]) -> Columns {
    Columns::new(points, [image, step[0] * height * width, step[1] * width, step[2]].map(|s| s as isize))
}
