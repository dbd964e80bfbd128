//! The gradient of the weight: tiles of the output's gradient take the kernels' place, and the sum runs over tiles.

use super::{Input, Kernel3, Long, OUT, POINTS, Pieces, SIDE, TAPS, apart, both, load, tiles};
use crate::conv::gather::Moves;
use crate::conv::source::Source;
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, transpose};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::{Ahead, Tile};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;
use std::ptr;

/// Tiles that are transformed before their products are summed;
const TILES: usize = 512;
/// of these, how many a thread takes at once where it may,
const PART: usize = 128;
/// and how many are gathered at once.
const GATHERED: usize = 32;

/// `out[o][c] = sum over n of gradient[n][o] * images[n][c]`, summed over pairs of images and gradients, both read tile by
/// tile; with each pair comes the gradient's extent. `out` is contiguous.
///
/// # Safety
/// The pointers reach what their shapes say.
pub(super) unsafe fn run<T: Real>(pairs: &[(Source<T>, Source<T>, [usize; 2])], batch: usize, out: *mut T) {
    let (mr, nr) = tile_shape::<T>();
    let (rows, cols) = (pairs[0].1.channels, pairs[0].0.channels);
    let pieces: Vec<Pieces> = pairs.iter().map(|pair| Pieces::new(batch, pair.2.map(tiles), TILES)).collect();
    let longest = pieces.iter().map(|pieces| pieces.get(0).len()).max().unwrap_or(0);
    let (left_point, right_point) = (points::<T>(rows, mr, longest), points::<T>(cols, nr, longest));
    let width = cols.next_multiple_of(nr);
    let sums = apart::<T>(rows * width);
    par::scratch::<T, _>(POINTS * (left_point + right_point + sums), |scratch| {
        let memory = Target(scratch.as_mut_ptr().cast::<T>());
        // SAFETY: the scratch memory is divided as counted above; tasks write disjoint parts of it and of `out`.
        let (lefts, rights, totals) = unsafe {
            (memory, Target(memory.at(POINTS * left_point)), Target(memory.at(POINTS * (left_point + right_point))))
        };
        let all = pairs
            .iter()
            .zip(&pieces)
            .flat_map(|(pair, pieces)| (0..pieces.count()).map(move |i| (pair, pieces.get(i))));
        for (piece, ((images, gradient, extent), tiles)) in all.enumerate() {
            let count = tiles.len();
            let left = Operand { source: gradient, side: OUT, width: mr, point: left_point };
            let right = Operand { source: images, side: SIDE, width: nr, point: right_point };
            // The right operand has few strips, so its tiles are cut as well, into whole images or parts of one. Packing
            // the left one writes beyond its rows: it must not be cut.
            let parts = Pieces::within(count, extent.map(self::tiles).iter().product(), PART);
            par::run(left.strips() + right.strips() * parts.count(), count * (rows + cols) * POINTS, |task| {
                let (operand, strip, some, memory) = match task.checked_sub(left.strips()) {
                    None => (&left, task, tiles.clone(), lefts),
                    Some(i) => {
                        let part = parts.get(i % parts.count());
                        (&right, i / parts.count(), tiles.start + part.start..tiles.start + part.end, rights)
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
            par::run(POINTS, count * rows * cols * POINTS / 16, |point| {
                // SAFETY: as above.
                let (a, b, c) =
                    unsafe { (lefts.at(point * left_point), rights.at(point * right_point), totals.at(point * sums)) };
                simd::dispatch(Multiply { a, b, c, rows, cols, depth: count, width, add: piece > 0 });
            });
        }
        let out = Target(out);
        par::blocks(rows, 8, cols * POINTS, |range| {
            // SAFETY: as above.
            let (sums_of, out) = unsafe { (totals.at(0), out.at(0)) };
            simd::dispatch(Finish { sums: sums_of, point: sums, width, rows: range, cols, out });
        });
    });
}

/// Tiles of one operand, to be transformed to strips of `width` channels for the microkernel.
struct Operand<'a, T> {
    source: &'a Source<T>,
    /// Rows and columns of what is read of a tile.
    side: usize,
    width: usize,
    /// Elements between points.
    point: usize,
}

impl<T: Real> Operand<'_, T> {
    fn strips(&self) -> usize {
        self.source.channels.div_ceil(self.width)
    }
    /// Elements of the gathered taps of a channel, and of what they are transformed to for a strip of channels.
    fn rooms(&self) -> (usize, usize) {
        (self.side * self.side * GATHERED + SLACK, POINTS * self.width * GATHERED)
    }
    fn slab_room(&self, tiles: usize) -> usize {
        self.source.slab_room(self.width, tiles)
    }
    fn room(&self, tiles: usize) -> usize {
        let (gathered, transformed) = self.rooms();
        gathered + transformed + self.slab_room(tiles)
    }
}

/// Elements between points of an operand.
fn points<T>(channels: usize, width: usize, depth: usize) -> usize {
    apart::<T>(channels.div_ceil(width) * strip(width, depth))
}

/// Elements of a strip. Packing writes a little beyond its end, where another task must not be at work.
fn strip(width: usize, depth: usize) -> usize {
    width * depth + SLACK
}

struct Transform<'a, T> {
    operand: &'a Operand<'a, T>,
    strip: usize,
    tiles: Range<usize>,
    /// Where the first of them goes.
    out: *mut T,
    scratch: *mut T,
}

impl<T: Real> Kernel for Transform<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let operand = self.operand;
        let (source, side, width) = (operand.source, operand.side, operand.width);
        let (depth, start) = (self.tiles.len(), self.tiles.start);
        let channels = self.strip * width..source.channels.min((self.strip + 1) * width);
        let (gathered_room, transformed_room) = operand.rooms();
        // SAFETY: the scratch memory is divided as `Operand::room` counts it; the strip is this task's.
        unsafe {
            let gathered = self.scratch;
            let transformed = gathered.add(gathered_room);
            let slab = transformed.add(transformed_room);
            slab.write_bytes(0, operand.slab_room(depth));
            let slab = source.slab_inside::<T::V<I>>(channels.clone(), self.tiles.clone(), slab);
            gathered.write_bytes(0, gathered_room);
            let taps: [isize; POINTS] =
                std::array::from_fn(|tap| source.tap(&slab, channels.start, tap.min(side * side - 1)));
            let offsets: [isize; 64] = std::array::from_fn(|c| (c * GATHERED) as isize);
            for first in (0..depth).step_by(GATHERED) {
                let count = GATHERED.min(depth - first);
                let moves = Moves::new::<T::V<I>>(source, &slab, start + first..start + first + count);
                for (i, c) in channels.clone().enumerate() {
                    let shift = source.tap(&slab, c, 0) - taps[0];
                    moves.gather::<T::V<I>>(shift, &taps[..side * side], gathered, GATHERED);
                    let to = transformed.add(i * GATHERED);
                    for lane in (0..count).step_by(T::V::<I>::LANES) {
                        let from = gathered.add(lane);
                        let points = if side == OUT {
                            both::<T::V<I>, Long, 4, 6>(load(from, GATHERED))
                        } else {
                            both::<T::V<I>, Input, 6, 6>(load(from, GATHERED))
                        };
                        for i in 0..POINTS {
                            points[i / 6][i % 6].store(to.add(i * width * GATHERED + lane));
                        }
                    }
                }
                for point in 0..POINTS {
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
    cols: usize,
    depth: usize,
    width: usize,
    add: bool,
}

impl<T: Real> Kernel for Multiply<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let (mr, nr) = crate::gemm::tile::shape::<T, I>();
        for col in (0..self.cols).step_by(nr) {
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
struct Finish<T> {
    sums: *const T,
    point: usize,
    width: usize,
    rows: Range<usize>,
    cols: usize,
    out: *mut T,
}

impl<T: Real> Kernel for Finish<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = T::V::<I>::LANES;
        for row in self.rows {
            for col in (0..self.cols).step_by(lanes) {
                // SAFETY: the sums have whole strips of columns, the kernels nine elements each.
                unsafe {
                    let from = self.sums.add(row * self.width + col);
                    let kernels = both::<_, Kernel3, 6, 3>(load::<T::V<I>, 6>(from, self.point));
                    let out = self.out.add((row * self.cols + col) * TAPS);
                    for tap in 0..TAPS {
                        let mut numbers = [T::default(); 16];
                        kernels[tap / 3][tap % 3].store(numbers.as_mut_ptr());
                        for lane in 0..lanes.min(self.cols - col) {
                            *out.add(lane * TAPS + tap) = numbers[lane];
                        }
                    }
                }
            }
        }
    }
}
