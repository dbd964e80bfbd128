//! Images in the lanes: a register holds the same element of many images.
//!
//! Images are turned so that a pixel is a row of as many floats as there are images, and turned back afterwards. Between,
//! a pixel of the result is a sum over the kernel elements that lie inside the image, each one element of the weight times
//! a register: no patches, no ends of rows, nothing multiplied by padding, the same for any stride and dilation. What
//! turning costs is small beside patches, which hold each element once per kernel element. This is the layout of
//! cuda-convnet (A. Krizhevsky, 2012).

mod map;
mod turn;
mod weight;

use super::Geometry;
use super::winograd::{self, Pass};
use crate::simd::{self, Isa, Kernel, Vector};

pub(super) use map::{forward, input_grad};
pub(super) use weight::weight_grad;

/// Kernel elements of all pixels: their list is small beside the images.
const PAIRS: usize = 128 << 10;

/// The only ones here: few train with doubles, and they would be as much code once more. A constant, so that there is none.
#[inline(always)]
fn is_float<T>() -> bool {
    size_of::<T>() == size_of::<f32>()
}

/// Whether there are images enough to fill registers.
fn fills(g: &Geometry) -> bool {
    let (lanes, _) = simd::dispatch(Shape);
    3 * g.batch.next_multiple_of(images_of_block(g.batch, lanes)) <= 4 * g.batch
}

/// Whether it is faster than the other ways: there are images enough, and patches would cost much beside the products, for
/// they are used for few channels, or small images have many borders and short rows.
#[inline(always)]
pub(super) fn pays<T>(g: &Geometry, pass: Pass) -> bool {
    is_float::<T>() && map_pays(g, pass)
}

fn map_pays(g: &Geometry, pass: Pass) -> bool {
    if !fills(g) {
        return false;
    }
    let (lanes, _) = simd::dispatch(Shape);
    let (strided, forward) = (g.stride.iter().product::<usize>(), pass == Pass::Forward);
    let (depth, m, points, reached) = match forward {
        true => (g.group_in(), g.group_out(), g.out_pixels(), g.taps()),
        false => (g.group_out(), g.group_in(), g.in_pixels(), g.taps().div_ceil(strided)),
    };
    if points * reached > PAIRS || winograd::pays(g, pass) && winograd::tiles_of(g, pass) >= 3 * lanes {
        return false;
    }
    if g.is_depthwise() {
        // Outputs that fill four registers are the limit; there, gradients are quicker plane by plane.
        return strided > 1 && g.out_pixels() < 4 * lanes + usize::from(forward);
    }
    let small = points <= 64 || strided > 1 && points <= 256;
    g.taps() > 1 && depth * reached >= 96 && (small || m <= 32)
}

/// As [`pays`], for the gradient of the weight.
#[inline(always)]
pub(super) fn pays_for_weight<T>(g: &Geometry) -> bool {
    is_float::<T>() && weight_pays(g)
}

fn weight_pays(g: &Geometry) -> bool {
    let points = g.out_pixels();
    let (lanes, _) = simd::dispatch(Shape);
    let few = match g.is_depthwise() {
        true => g.stride != [1; 3] && points <= 4 * lanes,
        false => g.group_out() <= 32 || g.group_in() <= 4,
    };
    few && g.taps() > 1 && points * g.taps() <= PAIRS && fills(g) && !winograd::pays(g, Pass::WeightGrad)
}

/// Lanes of a register, and registers, on the instruction set in use.
struct Shape;
impl Kernel for Shape {
    type Output = (usize, usize);
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> (usize, usize) {
        (<I::F32 as Vector>::LANES, I::REGISTERS)
    }
}

/// Rows of a tile: two registers each, besides two of pixels and one of the weight.
#[inline(always)]
fn rows_of_tile(registers: usize) -> usize {
    if registers >= 32 { 14 } else { 6 }
}

/// Images of a block: as many as one or two registers have lanes.
fn images_of_block(batch: usize, lanes: usize) -> usize {
    let full = |images: usize| batch.next_multiple_of(images);
    if batch > lanes && full(2 * lanes) <= full(lanes) + batch / 8 { 2 * lanes } else { lanes }
}
