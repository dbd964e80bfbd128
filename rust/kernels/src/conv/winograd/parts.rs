//! A convolution cut into parts whose neighbouring outputs read neighbouring inputs, as tiles want them.
//!
//! With stride `s` and dilation `d`, output `y` reads inputs `s y + d k - padding`. Outputs at distance `d` and kernel
//! elements at distance `s` meet inputs at distance `s d`: a convolution of its own, without stride or dilation. Outputs
//! fall into `d` parts per axis; each is the sum over the `s` remainders of the kernel's elements.

use super::{OUT, tiles};
use crate::conv::Geometry;
use crate::conv::source::Source;
use crate::element::Real;

/// Rows and columns of images at a distance from each other.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Lattice {
    pub first: [usize; 2],
    pub step: [usize; 2],
}

impl Lattice {
    /// Rows and columns that it has in images of an extent.
    pub(super) fn extent(&self, [_, rows, cols]: [usize; 3]) -> [usize; 2] {
        let along = |i: usize, extent: usize| extent.saturating_sub(self.first[i]).div_ceil(self.step[i]);
        [along(0, rows), along(1, cols)]
    }
}

/// A lattice of images as tiles see it.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub lattice: Lattice,
    /// Elements that tiles reach before the lattice's first.
    pub padding: [isize; 2],
}

/// What a part reads of the images.
pub(super) struct Read {
    pub view: View,
    /// Which kernel elements they meet, row by row; none beyond the kernel's end.
    pub taps: Vec<Option<usize>>,
}

/// Results on one lattice, and what they are the sum over.
pub(super) struct Part {
    pub written: Lattice,
    /// Rows and columns that it has.
    pub extent: [usize; 2],
    pub reads: Vec<Read>,
}

/// What a part reads along one axis: a lattice's first element and its step, how far tiles reach before it, and the first
/// kernel element that it meets.
#[derive(Clone, Copy)]
struct Along {
    first: usize,
    step: usize,
    padding: isize,
    tap: usize,
}

/// The outputs, as sums over kernels of `side` rows and columns.
pub(super) fn of_output(g: &Geometry, side: usize) -> Vec<Part> {
    let along = |axis: usize, output: usize, tap: usize| {
        let (stride, dilation) = (g.stride[axis], g.dilation[axis]);
        let (start, step) = ((stride * output + dilation * tap) as isize - g.padding[axis] as isize, stride * dilation);
        let first = start.rem_euclid(step as isize);
        Along { first: first as usize, step, padding: (first - start) / step as isize, tap }
    };
    let part = |[row, col]: [usize; 2]| {
        let written = Lattice { first: [row, col], step: [g.dilation[1], g.dilation[2]] };
        let read = |[y, x]: [usize; 2]| read(g, side, [along(1, row, y), along(2, col, x)], false);
        let reads = pairs([g.stride[1], g.stride[2]]).map(read).collect();
        Part { written, extent: written.extent(g.output), reads }
    };
    pairs([1, 2].map(|axis| g.dilation[axis].min(g.output[axis]))).map(part).collect()
}

/// The gradient of the input, where the stride or the dilation is 1: input `x` meets outputs `(x + padding - d k) / s`, for
/// the kernel elements that leave no remainder.
pub(super) fn of_input(g: &Geometry, side: usize) -> Vec<Part> {
    let along = |axis: usize, input: usize| {
        let (stride, dilation) = (g.stride[axis], g.dilation[axis]);
        let tap = (input + g.padding[axis]) % stride;
        let output = (input + g.padding[axis] - tap) / stride;
        let padding = side as isize - 1 - (output / dilation) as isize;
        Along { first: output % dilation, step: dilation, padding, tap }
    };
    let step = [1, 2].map(|axis| g.stride[axis] * g.dilation[axis]);
    let part = |[row, col]: [usize; 2]| {
        let written = Lattice { first: [row, col], step };
        let reads = vec![read(g, side, [along(1, row), along(2, col)], true)];
        Part { written, extent: written.extent(g.input), reads }
    };
    pairs([0, 1].map(|i| step[i].min(g.input[i + 1]))).map(part).collect()
}

/// What is read, given for each axis, with the kernel as it is or turned around.
fn read(g: &Geometry, side: usize, along: [Along; 2], turned: bool) -> Read {
    let lattice = Lattice { first: along.map(|axis| axis.first), step: along.map(|axis| axis.step) };
    let [_, height, width] = g.kernel;
    let tap = |[row, col]: [usize; 2]| {
        let turn = |i: usize| if turned { side - 1 - i } else { i };
        let (y, x) = (along[0].tap + g.stride[1] * turn(row), along[1].tap + g.stride[2] * turn(col));
        (y < height && x < width).then_some(y * width + x)
    };
    let taps = pairs([side, side]).map(tap).collect();
    Read { view: View { lattice, padding: along.map(|axis| axis.padding) }, taps }
}

/// All pairs of a row's and a column's number.
fn pairs([rows, cols]: [usize; 2]) -> impl Iterator<Item = [usize; 2]> {
    (0..rows * cols).map(move |i| [i / cols, i % cols])
}

/// Images of one group.
#[derive(Clone, Copy)]
pub(super) struct Images<T> {
    pub ptr: *const T,
    /// Distances between neighbouring images, channels, planes, rows, columns.
    pub strides: [isize; 5],
    pub channels: usize,
    pub extent: [usize; 3],
}

impl<T: Real> Images<T> {
    /// Those of the `group`-th group of `channels` channels.
    pub(super) fn group(self, group: usize) -> Self {
        let ptr = self.ptr.wrapping_offset((group * self.channels) as isize * self.strides[1]);
        Images { ptr, ..self }
    }

    /// Tiles of outputs as points that read `side x side` elements each.
    pub(super) fn source(&self, view: &View, outputs: [usize; 2], side: usize) -> Source<T> {
        let View { lattice, padding } = *view;
        let taps: Vec<[isize; 3]> =
            pairs([side, side]).map(|[y, x]| [0, y as isize - padding[0], x as isize - padding[1]]).collect();
        let ([image, channel, _, row, col], Lattice { first, step }) = (self.strides, lattice);
        let [rows, cols] = lattice.extent(self.extent);
        Source::new(
            self.ptr.wrapping_offset(first[0] as isize * row + first[1] as isize * col),
            [image, channel, 0, step[0] as isize * row, step[1] as isize * col],
            self.channels,
            [1, rows, cols],
            [1, tiles(outputs[0]), tiles(outputs[1])],
            [1, OUT, OUT],
            &taps,
        )
    }
}
