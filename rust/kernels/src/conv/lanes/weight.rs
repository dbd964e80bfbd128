//! The gradient of the weight: inner products of turned planes.

use super::turn::{Images, Turn, square};
use super::{Shape, images_of_block};
use crate::conv::{Geometry, contiguous};
use crate::element::Real;
use crate::gemm::Target;
use crate::par;
use crate::simd::{self, Isa, Kernel, MOST_LANES, Vector};
use std::ops::Range;

/// Output channels of a task.
const CHANNELS: usize = 32;
/// Elements of a task's totals.
const TOTALS: usize = 64 << 10;
/// Elements of a turned row that meet all others before the next: a tile's rows of them stay in the first-level cache.
const PART: usize = 1024;

/// # Safety
/// As for [`crate::conv::weight_grad`].
pub(in crate::conv) unsafe fn weight_grad<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    grad_output: &[T],
    grad_weight: &mut [T],
) {
    let (lanes, _) = simd::dispatch(Shape);
    let width = images_of_block(g.batch, lanes);
    let outputs = Images::new(g.batch, grad_output.as_ptr(), contiguous(g.out_channels, g.output), g.output);
    let reach = |axis: usize| (g.output[axis] - 1) * g.stride[axis] + g.dilation[axis] * (g.kernel[axis] - 1) + 1;
    let inputs = Images {
        before: g.padding,
        turned: [0, 1, 2].map(|axis| reach(axis).max(g.input[axis] + g.padding[axis])),
        ..Images::new(g.batch, input, strides, g.input)
    };
    let [_, height, columns] = inputs.turned;
    let tap = |offset: &[isize; 3]| {
        let [z, y, x] = [0, 1, 2].map(|axis| (offset[axis] + g.padding[axis] as isize) as usize);
        ((z * height + y) * columns + x) * width
    };
    let sizes = [g.in_channels * inputs.pixels() * width, g.out_channels * outputs.pixels() * width];
    let (m, depth) = (g.group_out(), g.group_in());
    // Few tasks, for each goes through all pixels, but enough for the threads; and their totals are to stay in the cache.
    let down = m.div_ceil(CHANNELS);
    let most = (TOTALS / (m.min(CHANNELS) * g.taps() * lanes)).max(1);
    let across = (4 * par::num_threads()).div_ceil(down * g.groups).max(depth.div_ceil(most)).min(depth);
    let part = depth.div_ceil(across);
    let across = depth.div_ceil(part);
    let taps: Vec<usize> = g.offsets().iter().map(tap).collect();
    let target = Target(grad_weight.as_mut_ptr());
    let cost = g.batch * g.out_pixels() * (g.weights() / 8 + 1);
    par::scratch::<T, _>(sizes[0] + sizes[1], |room| {
        let turned = Target(room.as_mut_ptr().cast::<T>());
        // SAFETY: within the memory.
        let turned = [turned, Target(unsafe { turned.at(sizes[0]) })];
        for block in 0..g.batch.div_ceil(width) {
            par::run(g.in_channels + g.out_channels, sizes[0] + sizes[1], |task| {
                let (side, channel) = if task < g.in_channels { (0, task) } else { (1, task - g.in_channels) };
                let images = [&inputs, &outputs][side];
                // SAFETY: each channel has its part of the memory.
                let to = unsafe { turned[side].at(channel * images.pixels() * width) };
                simd::dispatch(Turn { images, block, width, channel, to });
            });
            par::run(g.groups * down * across, cost, |task| {
                let (group, piece) = (task / (down * across), task % (down * across));
                let (first, row) = (piece % across * part, piece / across * CHANNELS);
                let (channels, rows) = (first..depth.min(first + part), row..m.min(row + CHANNELS));
                let totals = (rows.len() * channels.len() * taps.len()).next_multiple_of(MOST_LANES) * lanes;
                par::scratch::<T, _>(totals + MOST_LANES * MOST_LANES, |room| {
                    // SAFETY: within the turned planes and the gradient.
                    let (inputs_at, outputs_at, to) = unsafe {
                        (
                            turned[0].at((group * depth + channels.start) * inputs.pixels() * width),
                            turned[1].at((group * m + rows.start) * outputs.pixels() * width),
                            target.at(((group * m + rows.start) * depth + channels.start) * taps.len()),
                        )
                    };
                    simd::dispatch(Piece {
                        g,
                        width,
                        taps: &taps,
                        turned: inputs.turned,
                        inputs: inputs_at,
                        outputs: outputs_at,
                        rows,
                        channels,
                        totals: room.as_mut_ptr().cast(),
                        to,
                        add: block > 0,
                    });
                });
            });
        }
    });
}

/// The gradient for some output and some input channels, of a block of images.
struct Piece<'a, T> {
    g: &'a Geometry,
    width: usize,
    /// Where each kernel element reads, in a turned plane.
    taps: &'a [usize],
    /// Extents of a turned plane of the input.
    turned: [usize; 3],
    inputs: *const T,
    outputs: *const T,
    rows: Range<usize>,
    channels: Range<usize>,
    /// A register per element of the gradient, and room to turn as many as a register has lanes.
    totals: *mut T,
    to: *mut T,
    add: bool,
}

impl<T: Real> Kernel for Piece<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the fields say what there is.
        unsafe {
            // A register per inner product, one per row, and one for a column.
            if I::REGISTERS >= 32 {
                self.sums::<T::V<I>, 4, 6>()
            } else {
                self.sums::<T::V<I>, 3, 4>()
            }
            self.finish::<T::V<I>>();
        }
    }
}

impl<T: Real> Piece<'_, T> {
    #[inline(always)]
    unsafe fn sums<V: Vector<Elem = T>, const ROWS: usize, const COLS: usize>(&self) {
        let Piece { g, width, taps, turned: [_, height, wide], inputs, outputs, totals, .. } = *self;
        let (rows, cols) = (self.rows.len(), self.channels.len() * taps.len());
        let (plane, points) = (self.turned.iter().product::<usize>() * width, g.out_pixels() * width);
        let [planes, lines, columns] = g.output;
        // Some whole lines, or a part of one.
        let most = (PART / width).clamp(1, columns);
        let together = if most < columns { 1 } else { PART / width / columns };
        let starts = (0..planes).flat_map(|z| (0..lines).step_by(together.max(1)).map(move |y| (z, y)));
        let mut add = false;
        for (z, y) in starts {
            for x in (0..columns).step_by(most) {
                let output = outputs.wrapping_add(((z * lines + y) * columns + x) * width);
                let [down, right] = [y * g.stride[1], x * g.stride[2]];
                let input = inputs.wrapping_add(((z * g.stride[0] * height + down) * wide + right) * width);
                for col in (0..cols).step_by(COLS) {
                    // Beyond the last, the last again.
                    let mut places = [input; COLS];
                    for j in 0..COLS {
                        let col = (col + j).min(cols - 1);
                        places[j] = input.wrapping_add(col / taps.len() * plane + taps[col % taps.len()]);
                    }
                    for row in (0..rows).step_by(ROWS) {
                        let mut from = [output; ROWS];
                        for r in 0..ROWS {
                            from[r] = output.wrapping_add((row + r).min(rows - 1) * points);
                        }
                        let tile = Tile {
                            lines: together.clamp(1, lines - y),
                            count: most.min(columns - x),
                            width,
                            step: g.stride[2] * width,
                            line: g.stride[1] * wide * width,
                            size: [ROWS.min(rows - row), COLS.min(cols - col)],
                            totals: totals.wrapping_add((row * cols + col) * V::LANES),
                            total_row: cols * V::LANES,
                            add,
                        };
                        // SAFETY: the caller's promise.
                        unsafe { tile.compute::<V, ROWS, COLS>(from, places) };
                    }
                }
                add = true;
            }
        }
    }

    /// Sums the lanes: as many registers as there are lanes, turned, are one register of sums.
    #[inline(always)]
    unsafe fn finish<V: Vector<Elem = T>>(&self) {
        let cols = self.channels.len() * self.taps.len();
        let (count, row) = (self.rows.len() * cols, self.g.group_in() * self.taps.len());
        // SAFETY: the caller's promise; the registers are a whole number of turns, the room follows them.
        unsafe {
            let all = count.next_multiple_of(MOST_LANES);
            let room = self.totals.add(all * V::LANES);
            std::slice::from_raw_parts_mut(self.totals.add(count * V::LANES), (all - count) * V::LANES)
                .fill(T::default());
            for first in (0..count).step_by(V::LANES) {
                square::<V>(self.totals.add(first * V::LANES), V::LANES as isize, room, V::LANES);
                let mut sums = V::splat(T::default());
                for lane in 0..V::LANES {
                    sums = sums + V::load(room.add(lane * V::LANES));
                }
                sums.store(room);
                for i in 0..V::LANES.min(count - first) {
                    let to = self.to.add((first + i) / cols * row + (first + i) % cols);
                    *to = if self.add { *to + *room.add(i) } else { *room.add(i) };
                }
            }
        }
    }
}

/// Inner products of some rows of the gradient of the output with some of the input, over neighbouring pixels.
struct Tile<T> {
    /// Lines, and pixels of each.
    lines: usize,
    count: usize,
    width: usize,
    /// From one pixel to the next that is read of the input, and from a line's first to the next line's.
    step: usize,
    line: usize,
    /// Rows and columns that are kept.
    size: [usize; 2],
    totals: *mut T,
    total_row: usize,
    add: bool,
}

impl<T: Real> Tile<T> {
    #[inline(always)]
    unsafe fn compute<V: Vector<Elem = T>, const ROWS: usize, const COLS: usize>(
        &self,
        rows: [*const T; ROWS],
        cols: [*const T; COLS],
    ) {
        let mut sums = [[V::splat(T::default()); COLS]; ROWS];
        // SAFETY: the caller promises the pixels and the totals.
        unsafe {
            if self.add {
                for r in 0..ROWS.min(self.size[0]) {
                    for c in 0..COLS.min(self.size[1]) {
                        sums[r][c] = V::load(self.totals.add(r * self.total_row + c * V::LANES));
                    }
                }
            }
            let mut at = 0;
            for line in 0..self.lines {
                let mut place = line * self.line;
                for _ in 0..self.count {
                    for lane in (0..self.width).step_by(V::LANES) {
                        let mut scales = [V::splat(T::default()); ROWS];
                        for r in 0..ROWS {
                            scales[r] = V::load(rows[r].add(at + lane));
                        }
                        for c in 0..COLS {
                            let value = V::load(cols[c].add(place + lane));
                            for r in 0..ROWS {
                                sums[r][c] = scales[r].mul_add(value, sums[r][c]);
                            }
                        }
                    }
                    (at, place) = (at + self.width, place + self.step);
                }
            }
            for r in 0..ROWS.min(self.size[0]) {
                for c in 0..COLS.min(self.size[1]) {
                    sums[r][c].store(self.totals.add(r * self.total_row + c * V::LANES));
                }
            }
        }
    }
}
