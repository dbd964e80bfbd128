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
#[derive(Clone, Copy)]
pub(super) struct Lattice {
    pub first: [usize; 2],
    pub step: [usize; 2],
}

/// What a part reads of one lattice of the images.
pub(super) struct Read {
    lattice: Lattice,
    /// Elements that tiles reach before the lattice's first.
    padding: [isize; 2],
    /// Which kernel elements they meet, row by row; none beyond the kernel's end.
    pub taps: Vec<Option<usize>>,
}

/// Results on one lattice, and the lattices that they are sums over.
pub(super) struct Part {
    pub written: Lattice,
    /// Rows and columns that it has.
    pub extent: [usize; 2],
    pub reads: Vec<Read>,
}

/// All pairs of a row's and a column's number.
fn pairs([rows, cols]: [usize; 2]) -> impl Iterator<Item = [usize; 2]> {
    (0..rows * cols).map(move |i| [i / cols, i % cols])
}

/// The two axes of images.
fn axes<R>(f: impl Fn(usize) -> R) -> [R; 2] {
    [f(1), f(2)]
}

fn lattice(axis: [[usize; 2]; 2]) -> Lattice {
    Lattice { first: axis.map(|[first, _]| first), step: axis.map(|[_, step]| step) }
}

fn part(written: Lattice, image: [usize; 3], reads: Vec<Read>) -> Part {
    let extent = [0, 1].map(|i| image[i + 1].saturating_sub(written.first[i]).div_ceil(written.step[i]));
    Part { written, extent, reads }
}

/// Kernel elements that leave the remainders `first` modulo the stride: `side` rows and columns of them.
fn taps(g: &Geometry, side: usize, first: [usize; 2], turned: bool) -> Vec<Option<usize>> {
    let [_, height, width] = g.kernel;
    let tap = |[row, col]: [usize; 2]| {
        let turn = |i: usize| if turned { side - 1 - i } else { i };
        let (y, x) = (first[0] + g.stride[1] * turn(row), first[1] + g.stride[2] * turn(col));
        (y < height && x < width).then_some(y * width + x)
    };
    pairs([side, side]).map(tap).collect()
}

/// The outputs, with kernels of `side` rows and columns per part.
pub(super) fn of_output(g: &Geometry, side: usize) -> Vec<Part> {
    let written = |output: [usize; 2]| lattice([0, 1].map(|i| [output[i], g.dilation[i + 1]]));
    let read = |output: [usize; 2], tap: [usize; 2]| {
        let along = axes(|axis| {
            let (stride, dilation) = (g.stride[axis], g.dilation[axis]);
            let start = (stride * output[axis - 1] + dilation * tap[axis - 1]) as isize - g.padding[axis] as isize;
            let step = stride * dilation;
            let first = start.rem_euclid(step as isize);
            ([first as usize, step], (first - start) / step as isize)
        });
        Read {
            lattice: lattice(along.map(|(lattice, _)| lattice)),
            padding: along.map(|(_, padding)| padding),
            taps: taps(g, side, tap, false),
        }
    };
    let strides = axes(|axis| g.stride[axis]);
    pairs(axes(|axis| g.dilation[axis].min(g.output[axis])))
        .map(|output| part(written(output), g.output, pairs(strides).map(|tap| read(output, tap)).collect()))
        .collect()
}

/// The gradient of the input, where the stride or the dilation is 1: input `x` meets outputs
/// `(x + padding - d k) / s`, for the kernel elements that leave no remainder.
pub(super) fn of_input(g: &Geometry, side: usize) -> Vec<Part> {
    let step = |axis: usize| g.stride[axis] * g.dilation[axis];
    let along = |axis: usize, input: usize| {
        let (stride, dilation) = (g.stride[axis], g.dilation[axis]);
        let tap = (input + g.padding[axis]) % stride;
        let output = (input + g.padding[axis] - tap) / stride;
        let reach = (output / dilation) as isize;
        (tap, [output % dilation, dilation], side as isize - 1 - reach)
    };
    let one = |input: [usize; 2]| {
        let along = axes(|axis| along(axis, input[axis - 1]));
        let read = Read {
            lattice: lattice(along.map(|(_, lattice, _)| lattice)),
            padding: along.map(|(_, _, padding)| padding),
            taps: taps(g, side, along.map(|(tap, ..)| tap), true),
        };
        part(lattice(axes(|axis| [input[axis - 1], step(axis)])), g.input, vec![read])
    };
    pairs(axes(|axis| step(axis).min(g.input[axis]))).map(one).collect()
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

    /// What the tiles of a part read.
    pub(super) fn read(&self, read: &Read, outputs: [usize; 2], side: usize) -> Source<T> {
        self.source(read.lattice, read.padding, outputs, side)
    }

    /// Tiles themselves.
    pub(super) fn tiles(&self, lattice: Lattice, extent: [usize; 2]) -> Source<T> {
        self.source(lattice, [0; 2], extent, OUT)
    }

    /// Tiles of outputs as points that read `side x side` elements each.
    fn source(&self, lattice: Lattice, padding: [isize; 2], outputs: [usize; 2], side: usize) -> Source<T> {
        let taps: Vec<[isize; 3]> =
            pairs([side, side]).map(|[y, x]| [0, y as isize - padding[0], x as isize - padding[1]]).collect();
        let ([image, channel, _, row, col], Lattice { first, step }) = (self.strides, lattice);
        let extent = |i: usize| self.extent[i + 1].saturating_sub(first[i]).div_ceil(step[i]);
        Source::new(
            self.ptr.wrapping_offset(first[0] as isize * row + first[1] as isize * col),
            [image, channel, 0, step[0] as isize * row, step[1] as isize * col],
            self.channels,
            [1, extent(0), extent(1)],
            [1, tiles(outputs[0]), tiles(outputs[1])],
            [1, OUT, OUT],
            &taps,
        )
    }
}
