//! Convolutions with kernels of 3 x 3, and of 4 x 4 and some of 3 x 3 with stride 2, in fewer multiplications.
//!
//! Winograd's minimal filtering F(4 x 4, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
//! 2016): a tile of 6 x 6 inputs and a kernel are transformed to 36 numbers each, which are multiplied point by point
//! and transformed back to 4 x 4 outputs. Summed over channels, the point-wise products are 36 matrix products. The
//! gradient of the weight is F(3 x 3, 4 x 4), with tiles of the output's gradient in the kernel's place.
//!
//! With stride 2, even and odd rows and columns of the input meet kernels of half the size each: F(4 x 4, 2 x 2), with 25
//! products for 64, and four times the channels ([`parts`]). Of a kernel of 3 x 3, some of these elements are zero.
//!
//! The transforms ([`transforms`]) lose some digits: against plain sums in `f32`, errors are about ten times as large
//! (`tests/conv.rs` has the bound). One infinite or NaN input spoils all outputs of its tile. [`set_enabled`] turns this
//! off.

mod forward;
mod parts;
mod transforms;
mod weight;

use super::{Geometry, contiguous};
use crate::element::Real;
use forward::Filters;
use parts::Images;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use transforms::{Scheme, Three, Two};

/// Rows and columns of outputs that a tile gives.
const OUT: usize = 4;

static ENABLED: AtomicBool = AtomicBool::new(true);

/// Whether convolutions may use Winograd's algorithm.
pub fn enabled() -> bool {
    ENABLED.load(Relaxed)
}

/// Lets convolutions use Winograd's algorithm, or not.
pub fn set_enabled(on: bool) {
    ENABLED.store(on, Relaxed);
}

/// What is computed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pass {
    Forward,
    InputGrad,
    WeightGrad,
}

/// Whether it is used: for floats alone. With doubles people check what floats compute, by plain sums, and the transforms
/// would be as much code once more; the size is a constant, so that there is none.
#[inline(always)]
pub(super) fn takes<T>(g: &Geometry, pass: Pass) -> bool {
    size_of::<T>() == size_of::<f32>() && pays(g, pass)
}

/// Whether it is the faster way for a geometry: enough channels that the products outweigh the transforms, and tiles that
/// are not mostly beyond the image's border. Measured with `cargo bench -p rutile-kernels -- convolutions`.
pub(super) fn pays(g: &Geometry, pass: Pass) -> bool {
    let [_, height, width] = extent(g, pass);
    let (tiles, [_, rows, cols]) = (tiles_of(g, pass), steps(g, pass));
    // Tiles that pay for the transforms of kernels. In the 3 x 3 ones of stride 2, 7 of 16 elements are zero.
    let enough = match (is_strided(g), g.taps() == 9, pass) {
        (false, true, _) | (true, false, Pass::WeightGrad) => 16,
        (true, false, _) | (true, true, Pass::WeightGrad) => 64,
        (true, true, Pass::Forward) if g.group_in() * g.group_out() <= MOST_ZEROS => 64,
        _ => return false,
    };
    // Channels whose products pay for the transforms of tiles, of which more are needed where rows of tiles are short.
    let channels = match pass {
        Pass::WeightGrad => 12,
        _ if height * width >= 256 => 8,
        _ => 16,
    };
    enabled()
        && (is_strided(g) || g.kernel == [1, 3, 3] && g.stride == [1; 3])
        && g.output[0] == 1
        && (0..3).all(|axis| g.padding[axis] < g.kernel[axis] * g.dilation[axis])
        && g.group_in().min(g.group_out()) >= channels
        && g.batch * height * width * 2 >= tiles * OUT * OUT
        && tiles >= enough * rows * cols
}

/// Kernels of 3 x 3 or 4 x 4 with stride 2.
fn is_strided(g: &Geometry) -> bool {
    matches!(g.kernel, [1, 3, 3] | [1, 4, 4]) && g.stride == [1, 2, 2] && g.dilation == [1; 3]
}

/// Kernels that are mostly zeros are transformed up to so many: then what they become stays near.
const MOST_ZEROS: usize = 8 << 10;

/// Extents of what is cut into tiles,
fn extent(g: &Geometry, pass: Pass) -> [usize; 3] {
    if pass == Pass::InputGrad { g.input } else { g.output }
}

/// and distances of what one part has of it.
fn steps(g: &Geometry, pass: Pass) -> [usize; 3] {
    [0, 1, 2].map(|axis| g.dilation[axis] * if pass == Pass::InputGrad { g.stride[axis] } else { 1 })
}

/// Tiles of all images and parts of a group.
pub(super) fn tiles_of(g: &Geometry, pass: Pass) -> usize {
    let (extent, steps) = (extent(g, pass), steps(g, pass));
    let along = |axis: usize| tiles(extent[axis].div_ceil(steps[axis])) * steps[axis];
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
    let (taps, cols) = (g.taps(), g.group_in());
    let filters =
        Filters { ptr: weight.as_ptr(), out: cols * taps, input: taps, size: taps, group: g.group_out() * cols * taps };
    let images = Images { ptr: input, strides, channels: cols, extent: g.input };
    let to = forward::Written { ptr: output.as_mut_ptr(), channels: g.group_out(), groups: g.groups, extent: g.output };
    // SAFETY: the caller's promise; slices hold what the geometry says.
    unsafe {
        match is_strided(g) {
            true => forward::run::<T, Two>(&parts::of_output(g, Two::KERNEL), images, filters, to, g.batch, bias),
            false => forward::run::<T, Three>(&parts::of_output(g, Three::KERNEL), images, filters, to, g.batch, bias),
        }
    }
}

/// See [`super::input_grad`].
pub(super) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    let (taps, cols) = (g.taps(), g.group_in());
    let filters =
        Filters { ptr: weight.as_ptr(), out: taps, input: cols * taps, size: taps, group: g.group_out() * cols * taps };
    let strides = contiguous(g.out_channels, g.output);
    let images = Images { ptr: grad_output.as_ptr(), strides, channels: g.group_out(), extent: g.output };
    let to = forward::Written { ptr: grad_input.as_mut_ptr(), channels: cols, groups: g.groups, extent: g.input };
    // SAFETY: slices hold what the geometry says.
    unsafe {
        match is_strided(g) {
            true => forward::run::<T, Two>(&parts::of_input(g, Two::KERNEL), images, filters, to, g.batch, None),
            false => forward::run::<T, Three>(&parts::of_input(g, Three::KERNEL), images, filters, to, g.batch, None),
        }
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
    let places = contiguous(g.out_channels, g.output);
    let images = Images { ptr: input, strides, channels: g.group_in(), extent: g.input };
    let gradient = Images { ptr: grad_output.as_ptr(), strides: places, channels: g.group_out(), extent: g.output };
    let kernels = grad_weight.chunks_mut(g.group_out() * g.group_in() * g.taps());
    for (group, out) in kernels.enumerate() {
        let (images, gradient, taps) = (images.group(group), gradient.group(group), g.taps());
        // SAFETY: the caller's promise; slices hold what the geometry says.
        unsafe {
            match is_strided(g) {
                true => weight::run::<T, Two>(&parts::of_output(g, Two::KERNEL), images, gradient, g.batch, taps, out),
                false => {
                    weight::run::<T, Three>(&parts::of_output(g, Three::KERNEL), images, gradient, g.batch, taps, out)
                }
            }
        }
    }
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
