//! Convolutions with 3 x 3 kernels of stride 1 in a quarter of the multiplications.
//!
//! Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
//! 2016): a tile of 6 x 6 inputs and a kernel are transformed to 36 numbers each, which are multiplied point by point
//! and transformed back to 4 x 4 outputs. Summed over channels, the point-wise products are 36 matrix products. The
//! gradient of the weight is F(3 x 3, 4 x 4), with tiles of the output's gradient in the kernel's place.
//!
//! The transforms interpolate polynomials at 0, 1, -1, 2, -2 and infinity. They lose some digits: against plain sums in
//! `f32`, errors are about ten times as large (`tests/conv.rs` has the bound). One infinite or NaN input spoils all
//! outputs of its tile. [`set_enabled`] turns this off.

mod forward;
mod weight;

use super::source::Source;
use super::{Geometry, contiguous};
use crate::element::Real;
use crate::simd::Vector;
use forward::{Filters, Part};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Rows and columns of outputs that a tile gives,
const OUT: usize = 4;
/// of inputs that it reads,
const SIDE: usize = OUT + 2;
/// and products per tile and pair of channels;
const POINTS: usize = SIDE * SIDE;
/// elements of a kernel.
const TAPS: usize = 9;

static ENABLED: AtomicBool = AtomicBool::new(true);

/// Whether convolutions may use Winograd's algorithm.
pub fn enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// Lets convolutions use Winograd's algorithm, or not.
pub fn set_enabled(on: bool) {
    ENABLED.store(on, Relaxed);
}

/// Whether it is used: for floats alone. With doubles people check what floats compute, by plain sums, and the transforms
/// would be as much code once more; the size is a constant, so that there is none.
#[inline(always)]
pub(super) fn takes<T>(g: &Geometry) -> bool {
    size_of::<T>() == size_of::<f32>() && pays(g)
}

/// Whether it is the faster way for a geometry: enough channels that the products outweigh the transforms, and tiles
/// that are not mostly beyond the image's border. Measured with `cargo bench -p rutile-kernels -- convolutions`.
pub(super) fn pays(g: &Geometry) -> bool {
    let [depth, height, width] = g.output;
    enabled()
        && g.kernel == [1, 3, 3]
        && g.stride == [1; 3]
        && g.padding[0] == 0
        && g.padding[1] <= 2 * g.dilation[1]
        && g.padding[2] <= 2 * g.dilation[2]
        && depth == 1
        && g.group_in() >= 16
        && g.group_out() >= 16
        && {
            let tiles = [tiles(height.div_ceil(g.dilation[1])), tiles(width.div_ceil(g.dilation[2]))];
            let covered = tiles[0] * tiles[1] * OUT * OUT * g.dilation[1] * g.dilation[2];
            height * width * 2 >= covered && g.batch * tiles[0] * tiles[1] >= 16
        }
}

/// Tiles of all images of a group.
pub(super) fn tiles_of(g: &Geometry) -> usize {
    let along = |axis: usize| tiles(g.output[axis].div_ceil(g.dilation[axis])) * g.dilation[axis];
    g.batch * along(1) * along(2)
}

/// Tiles along an axis of the output.
fn tiles(extent: usize) -> usize {
    extent.div_ceil(OUT)
}

/// See [`super::forward`].
///
/// # Safety
/// As there.
pub(super) unsafe fn forward<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    weight: &[T],
    bias: Option<&[T]>,
    output: &mut [T],
) {
    let (rows, cols) = (g.group_out(), g.group_in());
    let [out, step] = [cols * TAPS, TAPS].map(|n| n as isize);
    let filters = Filters { ptr: weight.as_ptr(), out, input: step, tap: 1, group: (rows * cols * TAPS) as isize };
    // SAFETY: the caller's promise; slices hold what the geometry says.
    unsafe { forward::run(&parts(g, input, strides, output.as_mut_ptr()), filters, g.batch, bias) }
}

/// See [`super::input_grad`].
pub(super) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    let (rows, cols) = (g.group_out(), g.group_in());
    let [out, step] = [TAPS, cols * TAPS].map(|n| n as isize);
    let last = weight.as_ptr().wrapping_add(TAPS - 1);
    let filters = Filters { ptr: last, out, input: step, tap: -1, group: (rows * cols * TAPS) as isize };
    let strides = contiguous(g.out_channels, g.output);
    // SAFETY: slices hold what the geometry says.
    unsafe {
        let parts = parts(&g.turned(), grad_output.as_ptr(), strides, grad_input.as_mut_ptr());
        forward::run(&parts, filters, g.batch, None);
    }
}

/// See [`super::weight_grad`].
///
/// # Safety
/// As there.
pub(super) unsafe fn weight_grad<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    grad_output: &[T],
    grad_weight: &mut [T],
) {
    let kernels = grad_weight.chunks_mut(g.group_out() * g.group_in() * TAPS);
    for (group, out) in kernels.enumerate() {
        let operands = |phase: &Phase| {
            let gradient = Geometry { in_channels: g.out_channels, input: g.output, ..*g };
            let places = contiguous(g.out_channels, g.output);
            (
                phase.source(g, input, strides, SIDE, phase.input, phase.padding, group),
                phase.source(&gradient, grad_output.as_ptr(), places, OUT, phase.output, [0; 2], group),
                phase.extent,
            )
        };
        let operands: Vec<_> = phases(g).iter().map(operands).collect();
        // SAFETY: the caller's promise; slices hold what the geometry says.
        unsafe { weight::run(&operands, g.batch, out.as_mut_ptr()) }
    }
}

/// Outputs whose rows and columns leave the same remainders modulo the dilation: they read inputs at the same distance,
/// as a convolution of its own without dilation does. Without dilation there is one phase.
struct Phase {
    /// The first output, how many there are, and the first input that they may read.
    output: [usize; 2],
    extent: [usize; 2],
    input: [usize; 2],
    /// Zeros before it.
    padding: [usize; 2],
}

fn phases(g: &Geometry) -> Vec<Phase> {
    let [_, rows, cols] = g.dilation;
    let phase = |output: [usize; 2]| {
        let start = [0, 1].map(|axis| output[axis] as isize - g.padding[axis + 1] as isize);
        let dilation = |axis: usize| g.dilation[axis + 1];
        let input = [0, 1].map(|axis| start[axis].rem_euclid(dilation(axis) as isize) as usize);
        Phase {
            output,
            extent: [0, 1].map(|axis| (g.output[axis + 1] - output[axis]).div_ceil(dilation(axis))),
            input,
            padding: [0, 1].map(|axis| (input[axis] as isize - start[axis]) as usize / dilation(axis)),
        }
    };
    let firsts = (0..rows * cols).map(|i| [i / cols, i % cols]);
    firsts.filter(|first| first[0] < g.output[1] && first[1] < g.output[2]).map(phase).collect()
}

impl Phase {
    /// The tiles of its outputs as points that read `side x side` elements each, which start `padding` before `first`.
    fn source<T: Real>(
        &self,
        g: &Geometry,
        images: *const T,
        [image, channel, _, row, col]: [isize; 5],
        side: usize,
        first: [usize; 2],
        padding: [usize; 2],
        group: usize,
    ) -> Source<T> {
        let tap = |i: usize| [0, (i / side) as isize - padding[0] as isize, (i % side) as isize - padding[1] as isize];
        let taps: Vec<[isize; 3]> = (0..side * side).map(tap).collect();
        let channels = g.in_channels / g.groups;
        let first_element = (group * channels) as isize * channel + first[0] as isize * row + first[1] as isize * col;
        let [_, rows, cols] = g.dilation;
        let extent = |axis: usize, step: usize| g.input[axis].saturating_sub(first[axis - 1]).div_ceil(step);
        Source::new(
            images.wrapping_offset(first_element),
            [image, channel, 0, rows as isize * row, cols as isize * col],
            channels,
            [1, extent(1, rows), extent(2, cols)],
            [1, tiles(self.extent[0]), tiles(self.extent[1])],
            [1, OUT, OUT],
            &taps,
        )
    }
}

/// A convolution as parts without dilation, by phase and group.
fn parts<T: Real>(g: &Geometry, input: *const T, strides: [isize; 5], output: *mut T) -> Vec<Part<T>> {
    let ([_, height, width], [_, rows, cols]) = (g.output, g.dilation);
    let channels = g.group_out();
    let part = |phase: &Phase, group: usize| Part {
        images: phase.source(g, input, strides, SIDE, phase.input, phase.padding, group),
        group,
        channels,
        extent: phase.extent,
        out: output.wrapping_add(group * channels * height * width + phase.output[0] * width + phase.output[1]),
        image: g.out_channels * height * width,
        channel: height * width,
        row: rows * width,
        col: cols,
    };
    phases(g).iter().flat_map(|phase| (0..g.groups).map(move |group| (phase, group)).map(|(p, i)| part(p, i))).collect()
}

/// Elements between the matrices of two points: an odd number of cache lines, so that the 36 elements of a tile do not
/// all fall into the same set of the cache.
fn apart<T>(len: usize) -> usize {
    let line = 64 / size_of::<T>();
    (len.div_ceil(line) | 1) * line
}

/// How tiles are cut into pieces of about `limit`: whole rows of tiles of large images, or whole small images.
struct Pieces {
    image: usize,
    piece: usize,
    per_image: usize,
    total: usize,
}

impl Pieces {
    fn new(batch: usize, [rows, cols]: [usize; 2], limit: usize) -> Pieces {
        let (image, total) = (rows * cols, batch * rows * cols);
        if image < limit {
            let images = (limit / image).min(batch);
            let images = batch.div_ceil(batch.div_ceil(images));
            return Pieces { image: images * image, piece: images * image, per_image: 1, total };
        }
        let wanted = image.div_ceil(limit);
        let piece = rows.div_ceil(wanted) * cols;
        Pieces { image, piece, per_image: image.div_ceil(piece), total }
    }
    /// Of `total` tiles that are whole images of `image` tiles, or some of one.
    fn within(total: usize, image: usize, limit: usize) -> Pieces {
        if image < limit {
            let piece = limit / image * image;
            return Pieces { image: piece, piece, per_image: 1, total };
        }
        let image = image.min(total);
        let per_image = image.div_ceil(limit);
        Pieces { image, piece: image.div_ceil(per_image), per_image, total }
    }
    fn count(&self) -> usize {
        self.total.div_ceil(self.image) * self.per_image
    }
    fn get(&self, index: usize) -> std::ops::Range<usize> {
        let image = index / self.per_image * self.image;
        let start = image + index % self.per_image * self.piece;
        start..(start + self.piece).min(image + self.image).min(self.total)
    }
}

/// A linear map along one axis of a tile. A trait, not a closure: what a closure does with registers is compiled without
/// the instruction set unless it is inlined.
trait Along<const FROM: usize, const TO: usize> {
    fn apply<V: Vector>(d: [V; FROM]) -> [V; TO];
}

/// Applies a map along both axes.
#[inline(always)]
fn both<V: Vector, F: Along<FROM, TO>, const FROM: usize, const TO: usize>(d: [[V; FROM]; FROM]) -> [[V; TO]; TO] {
    let zero = V::splat(V::Elem::default());
    let (mut half, mut whole) = ([[zero; FROM]; TO], [[zero; TO]; TO]);
    for x in 0..FROM {
        let mut column = [zero; FROM];
        for y in 0..FROM {
            column[y] = d[y][x];
        }
        let column = F::apply(column);
        for y in 0..TO {
            half[y][x] = column[y];
        }
    }
    for y in 0..TO {
        whole[y] = F::apply(half[y]);
    }
    whole
}

/// Loads `N x N` registers that lie `step` elements apart.
/// # Safety
/// They are readable.
#[inline(always)]
unsafe fn load<V: Vector, const N: usize>(from: *const V::Elem, step: usize) -> [[V; N]; N] {
    let mut d = [[V::splat(V::Elem::default()); N]; N];
    for y in 0..N {
        for x in 0..N {
            // SAFETY: the caller's promise.
            d[y][x] = unsafe { V::load(from.add((y * N + x) * step)) };
        }
    }
    d
}

/// Six inputs: the transpose of the interpolation that ends the algorithm.
struct Input;
impl Along<6, 6> for Input {
    #[inline(always)]
    fn apply<V: Vector>(d: [V; 6]) -> [V; 6] {
        let (two, four, five) = (V::lit(2.0), V::lit(4.0), V::lit(-5.0));
        let (even, odd) = (d[4] - d[2] * four, d[3] - d[1] * four);
        let (near, far) = (d[4] - d[2], (d[3] - d[1]) * two);
        [
            d[0].mul_add(four, d[2].mul_add(five, d[4])),
            even + odd,
            even - odd,
            near + far,
            near - far,
            d[1].mul_add(four, d[3].mul_add(five, d[5])),
        ]
    }
}

/// A polynomial with three coefficients, scaled, at the six points.
struct Short;
impl Along<3, 6> for Short {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 3]) -> [V; 6] {
        let [a, b, c, d] = ends(g[0], g[1], g[2], V::lit(0.0));
        [g[0] * V::lit(0.25), a, b, c, d, g[2]]
    }
}

/// As [`Short`], with four coefficients.
struct Long;
impl Along<4, 6> for Long {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 4]) -> [V; 6] {
        let [a, b, c, d] = ends(g[0], g[1], g[2], g[3]);
        [g[0] * V::lit(0.25), a, b, c, d, g[3]]
    }
}

/// The polynomial at 1, -1, 2 and -2, scaled.
#[inline(always)]
fn ends<V: Vector>(a: V, b: V, c: V, d: V) -> [V; 4] {
    let (sixth, twelfth, small, third) = (V::lit(1.0 / 6.0), V::lit(1.0 / 12.0), V::lit(1.0 / 24.0), V::lit(1.0 / 3.0));
    let (even, odd) = (-((a + c) * sixth), (b + d) * sixth);
    let (far, far_odd) = (a.mul_add(small, c * sixth), b.mul_add(twelfth, d * third));
    [even - odd, even + odd, far + far_odd, far - far_odd]
}

/// Four outputs from their values at the six points.
struct Output;
impl Along<6, 4> for Output {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 6]) -> [V; 4] {
        let (two, four, eight) = (V::lit(2.0), V::lit(4.0), V::lit(8.0));
        let (near, near_odd, far, far_odd) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]);
        [
            m[0] + near + far,
            far_odd.mul_add(two, near_odd),
            far.mul_add(four, near),
            far_odd.mul_add(eight, near_odd) + m[5],
        ]
    }
}

/// As [`Output`], three of them: the gradient's kernel.
struct Kernel3;
impl Along<6, 3> for Kernel3 {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 6]) -> [V; 3] {
        let (near, near_odd, far, far_odd) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]);
        [m[0] + near + far, far_odd.mul_add(V::lit(2.0), near_odd), far.mul_add(V::lit(4.0), near) + m[5]]
    }
}
