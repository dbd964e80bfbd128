//! The gradient of the weight: tiles of the output's gradient take the kernels' place, and the sum runs over tiles.

use super::parts::{Images, Part};
use super::transforms::{MOST_POINTS, MOST_TAPS, Scheme};
use super::{OUT, Pieces, apart, tiles};
use crate::conv::gather::Moves;
use crate::conv::source::Source;
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, transpose};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::{Ahead, Tile};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

/// Tiles that are transformed before their products are summed;
const TILES: usize = 512;
/// of these, how many a thread takes at once where it may,
const PART: usize = 128;
/// and how many are gathered at once.
const GATHERED: usize = 32;

/// `out[o][c] = sum over n of gradient[n][o] * images[n][c]`, summed over the parts of a group, images and gradients both
/// read tile by tile. `out` is contiguous, with kernels of `taps` elements.
///
/// # Safety
/// The pointers reach what their shapes say.
pub(super) unsafe fn run<T: Real, S: Scheme>(
    parts: &[Part],
    images: Images<T>,
    gradient: Images<T>,
    batch: usize,
    taps: usize,
    out: &mut [T],
) {
    let (mr, nr) = tile_shape::<T>();
    let (rows, cols) = (gradient.channels, images.channels);
    let pieces: Vec<Pieces> = parts.iter().map(|part| Pieces::new(batch, part.extent.map(tiles), TILES)).collect();
    let longest = pieces.iter().map(|pieces| pieces.get(0).len()).max().unwrap_or(0);
    // Every part reads as many lattices, for the same elements of the kernels.
    let reads = &parts[0].reads;
    let (strips, width) = (reads.len() * cols.div_ceil(nr), reads.len() * cols.next_multiple_of(nr));
    let (left_point, right_point) =
        (apart::<T>(rows.div_ceil(mr) * strip(mr, longest)), apart::<T>(strips * strip(nr, longest)));
    let sums = apart::<T>(rows * width);
    par::scratch::<T, _>(S::POINTS * (left_point + right_point + sums), |scratch| {
        let memory = Target(scratch.as_mut_ptr().cast::<T>());
        // SAFETY: the scratch memory is divided as counted above; tasks write disjoint parts of it and of `out`.
        let (lefts, rights, totals) = unsafe {
            (
                memory,
                Target(memory.at(S::POINTS * left_point)),
                Target(memory.at(S::POINTS * (left_point + right_point))),
            )
        };
        let mut first = true;
        for (part, pieces) in parts.iter().zip(&pieces) {
            let left = [gradient.tiles(part.written, part.extent)];
            let right: Vec<Source<T>> = part.reads.iter().map(|read| images.read(read, part.extent, S::SIDE)).collect();
            let left: Operand<T, S> = Operand::new(&left, OUT, mr, left_point);
            let right: Operand<T, S> = Operand::new(&right, S::SIDE, nr, right_point);
            for tiles in (0..pieces.count()).map(|piece| pieces.get(piece)) {
                let count = tiles.len();
                // The right operand has few strips, so its tiles are cut as well, into whole images or parts of one.
                // Packing the left one writes beyond its rows: it must not be cut.
                let some = Pieces::within(count, part.extent.map(self::tiles).iter().product(), PART);
                let cost = count * (rows + width) * S::POINTS;
                par::run(left.strips() + right.strips() * some.count(), cost, |task| {
                    let (operand, strip, some, memory) = match task.checked_sub(left.strips()) {
                        None => (&left, task, tiles.clone(), lefts),
                        Some(i) => {
                            let part = some.get(i % some.count());
                            (&right, i / some.count(), tiles.start + part.start..tiles.start + part.end, rights)
                        }
                    };
                    if some.is_empty() {
                        return;
                    }
                    let first = some.start - tiles.start;
                    // SAFETY: as above; the strip, and within it the tiles.
                    let out = unsafe { memory.at(strip * self::strip(operand.width, count) + first * operand.width) };
                    par::scratch::<T, _>(operand.room(some.len()), |scratch| {
                        let scratch = scratch.as_mut_ptr().cast();
                        simd::dispatch(Transform { operand, strip, tiles: some.clone(), out, scratch });
                    });
                });
                par::run(S::POINTS, count * rows * width * S::POINTS / 16, |point| {
                    // SAFETY: as above.
                    let (a, b, c) = unsafe {
                        (lefts.at(point * left_point), rights.at(point * right_point), totals.at(point * sums))
                    };
                    simd::dispatch(Multiply { a, b, c, rows, depth: count, width, add: !first });
                });
                first = false;
            }
        }
        let out = Target(out.as_mut_ptr());
        par::blocks(rows, 8, width * S::POINTS, |range| {
            // SAFETY: as above.
            let (sums_of, out) = unsafe { (totals.at(0), out.at(0)) };
            for (read, elements) in reads.iter().map(|read| &read.taps[..]).enumerate() {
                let sums_of = sums_of.wrapping_add(read * width / reads.len());
                let (rows, scheme) = (range.clone(), PhantomData::<S>);
                simd::dispatch(Finish { sums: sums_of, point: sums, width, rows, cols, elements, taps, out, scheme });
            }
        });
    });
}

/// Tiles of one operand, to be transformed to strips of `width` channels for the microkernel.
struct Operand<'a, T, S> {
    sources: &'a [Source<T>],
    /// Rows and columns of what is read of a tile.
    side: usize,
    width: usize,
    /// Elements between points.
    point: usize,
    scheme: PhantomData<S>,
}

impl<'a, T: Real, S: Scheme> Operand<'a, T, S> {
    fn new(sources: &'a [Source<T>], side: usize, width: usize, point: usize) -> Self {
        Operand { sources, side, width, point, scheme: PhantomData }
    }
    /// Strips of one source: a strip has the channels of one.
    fn strips_of_one(&self) -> usize {
        self.sources[0].channels.div_ceil(self.width)
    }
    fn strips(&self) -> usize {
        self.sources.len() * self.strips_of_one()
    }
    /// Elements of the gathered taps of a channel, and of what they are transformed to for a strip of channels.
    fn rooms(&self) -> (usize, usize) {
        (self.side * self.side * GATHERED + SLACK, S::POINTS * self.width * GATHERED)
    }
    fn room(&self, tiles: usize) -> usize {
        let (gathered, transformed) = self.rooms();
        let slab = self.sources.iter().map(|source| source.slab_room(self.width, tiles)).max();
        gathered + transformed + slab.unwrap_or(0)
    }
}

/// Elements of a strip. Packing writes a little beyond its end, where another task must not be at work.
fn strip(width: usize, depth: usize) -> usize {
    width * depth + SLACK
}

struct Transform<'a, T, S> {
    operand: &'a Operand<'a, T, S>,
    strip: usize,
    tiles: Range<usize>,
    /// Where the first of them goes.
    out: *mut T,
    scratch: *mut T,
}

impl<T: Real, S: Scheme> Kernel for Transform<'_, T, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let operand = self.operand;
        let strips = operand.strips_of_one();
        let (source, strip) = (&operand.sources[self.strip / strips], self.strip % strips);
        let (side, width) = (operand.side, operand.width);
        let (depth, start) = (self.tiles.len(), self.tiles.start);
        let channels = strip * width..source.channels.min((strip + 1) * width);
        let (gathered_room, transformed_room) = operand.rooms();
        // SAFETY: the scratch memory is divided as `Operand::room` counts it; the strip is this task's.
        unsafe {
            let gathered = self.scratch;
            let transformed = gathered.add(gathered_room);
            let slab = transformed.add(transformed_room);
            slab.write_bytes(0, source.slab_room(width, depth));
            let slab = source.slab_inside::<T::V<I>>(channels.clone(), self.tiles.clone(), slab);
            gathered.write_bytes(0, gathered_room);
            let mut taps = [0; MOST_POINTS];
            let taps = &mut taps[..side * side];
            taps.iter_mut().enumerate().for_each(|(i, tap)| *tap = source.tap(&slab, channels.start, i));
            let offsets: [isize; 64] = std::array::from_fn(|c| (c * GATHERED) as isize);
            for first in (0..depth).step_by(GATHERED) {
                let count = GATHERED.min(depth - first);
                let moves = Moves::new::<T::V<I>>(source, &slab, start + first..start + first + count);
                for (i, c) in channels.clone().enumerate() {
                    let shift = source.tap(&slab, c, 0) - taps[0];
                    moves.gather::<T::V<I>>(shift, taps, gathered, GATHERED);
                    let to = transformed.add(i * GATHERED);
                    for lane in (0..count).step_by(T::V::<I>::LANES) {
                        let (from, to) = (gathered.add(lane), to.add(lane));
                        if side == OUT {
                            S::gradient::<T::V<I>>(from, GATHERED, to, width * GATHERED);
                        } else {
                            S::input::<T::V<I>>(from, GATHERED, to, width * GATHERED);
                        }
                    }
                }
                for point in 0..S::POINTS {
                    let from = transformed.add(point * width * GATHERED);
                    let to = self.out.add(point * operand.point + first * width);
                    transpose::<T::V<I>>(from, &offsets[..channels.len()], count, width, to);
                }
            }
        }
    }
}

/// One of the matrix products.
struct Multiply<T> {
    a: *const T,
    b: *const T,
    c: *mut T,
    rows: usize,
    depth: usize,
    /// Columns: whole strips.
    width: usize,
    add: bool,
}

impl<T: Real> Kernel for Multiply<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let (mr, nr) = crate::gemm::tile::shape::<T, I>();
        for col in (0..self.width).step_by(nr) {
            for row in (0..self.rows).step_by(mr) {
                // SAFETY: the operands are packed in strips, `c` has whole strips of columns.
                unsafe {
                    isa.run(Tile {
                        rows: mr.min(self.rows - row),
                        cols: nr,
                        k: self.depth,
                        a: self.a.add(row / mr * strip(mr, self.depth)),
                        a_row: 1,
                        a_k: mr as isize,
                        a_packed: true,
                        b: self.b.add(col / nr * strip(nr, self.depth)),
                        b_k: nr as isize,
                        c: self.c.add(row * self.width + col),
                        c_row: self.width as isize,
                        add: self.add,
                        bias_row: ptr::null(),
                        bias_col: ptr::null(),
                        ahead: Ahead::NOTHING,
                    });
                }
            }
        }
    }
}

/// Transforms the sums to kernels.
struct Finish<'a, T, S> {
    sums: *const T,
    point: usize,
    width: usize,
    rows: Range<usize>,
    cols: usize,
    /// Which elements of the kernels they are, of how many.
    elements: &'a [Option<usize>],
    taps: usize,
    out: *mut T,
    scheme: PhantomData<S>,
}

impl<T: Real, S: Scheme> Kernel for Finish<'_, T, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = T::V::<I>::LANES;
        for row in self.rows {
            for col in (0..self.cols).step_by(lanes) {
                let mut kernels = [T::default(); 16 * MOST_TAPS];
                // SAFETY: the sums have whole strips of columns, the kernels as many elements as said.
                unsafe {
                    S::weight::<T::V<I>>(self.sums.add(row * self.width + col), self.point, kernels.as_mut_ptr(), 16);
                    let out = self.out.add((row * self.cols + col) * self.taps);
                    for (i, element) in self.elements.iter().enumerate() {
                        if let Some(element) = element {
                            for lane in 0..lanes.min(self.cols - col) {
                                *out.add(lane * self.taps + element) = kernels[16 * i + lane];
                            }
                        }
                    }
                }
            }
        }
    }
}
