//! Images as operands of a product, without ever writing all patches down (implicit GEMM).
//!
//! Element (channel `c`, tap `t`; image `n`, point `o`) of the matrix of patches is
//! `source[n][c][o * step + tap[t]]`, zero outside the image. The channels and rows that a block needs are first
//! copied to a slab: with its borders of zeros, and with the columns of a strided convolution sorted by remainder, so
//! that neighbouring points read neighbouring elements. Then packing is nothing but copying short runs. An image that
//! needs neither is its own slab.

use super::gather::Moves;
use super::source::{Slab, Source};
use crate::element::Real;
use crate::gemm::panel::{Panel, transpose};
use crate::simd::Vector;
use std::ops::Range;

/// Elements of a slab that stays in the second-level cache beside the other operand.
const SLAB: usize = 96 << 10;

/// Channels' taps whose offsets are looked up at once.
const STEPS: usize = 128;

/// Columns are points, depth is channels and taps: for the convolution itself and the gradient of its input.
pub(super) struct Patches<'a, T> {
    pub source: &'a Source<T>,
    /// The image of the first column.
    pub first_image: usize,
}

impl<T: Real> Patches<'_, T> {
    fn points(&self, cols: &Range<usize>) -> Range<usize> {
        let first = self.first_image * self.source.pixels();
        first + cols.start..first + cols.end
    }
}

impl<T: Real> Panel<T> for Patches<'_, T> {
    type Ready = Slab<T>;

    fn room(&self, depth: usize, cols: usize) -> usize {
        let source = self.source;
        source.slab_room(depth / source.taps() + 1, self.cols_end(0, cols).min(cols))
    }

    #[inline(always)]
    unsafe fn prepare<V: Vector<Elem = T>>(&self, depth: Range<usize>, cols: Range<usize>, room: *mut T) -> Slab<T> {
        // SAFETY: the caller's promise.
        unsafe { self.source.slab::<V>(self.source.channels_of(&depth), self.points(&cols), room) }
    }

    #[inline(always)]
    unsafe fn pack<V: Vector<Elem = T>>(
        &self,
        slab: Slab<T>,
        depth: Range<usize>,
        cols: Range<usize>,
        width: usize,
        out: *mut T,
    ) {
        let source = self.source;
        debug_assert!(width <= 64);
        if let Some(matrix) = source.matrix(self.points(&cols)) {
            // SAFETY: these columns lie side by side in an image; packing them reads memory in order.
            return unsafe { matrix.pack::<V>((), depth, 0..cols.len(), width, out) };
        }
        let mut start = depth.start;
        while start < depth.end {
            let len = STEPS.min(depth.end - start);
            let mut offsets = [0; STEPS];
            source.offsets(&slab, start, &mut offsets[..len]);
            for (strip, j) in cols.clone().step_by(width).enumerate() {
                let last = cols.end.min(j + width);
                let moves = Moves::new::<V>(source, &slab, self.points(&(j..last)));
                // SAFETY: the slab holds all that the points read.
                unsafe {
                    let to = out.add(strip * width * depth.len() + (start - depth.start) * width);
                    moves.gather::<V>(0, &offsets[..len], to, width);
                    if last - j < width {
                        for row in 0..len {
                            let end = to.add(row * width + last - j);
                            std::slice::from_raw_parts_mut(end, width - (last - j)).fill(T::default());
                        }
                    }
                }
            }
            start += len;
        }
    }

    #[inline(always)]
    fn rows_of(&self, depth: usize, cols: Range<usize>) -> Option<(*const T, isize)> {
        let matrix = self.source.matrix(self.points(&cols))?;
        matrix.rows_of(depth, 0..cols.len())
    }

    fn depth_end(&self, start: usize, limit: usize) -> usize {
        start + limit.next_multiple_of(self.source.taps())
    }

    fn cols_end(&self, start: usize, end: usize) -> usize {
        let source = self.source;
        if source.in_place {
            return end;
        }
        // Whole images or, of large ones, whole rows, so that the slab stays small.
        let (pixels, channels) = (source.pixels(), (384 / source.taps()).clamp(1, source.channels));
        let line = channels * source.width() * source.step[1];
        let rows = (SLAB / line.max(1)).max(4);
        if source.points[0] == 1 && rows < source.points[1] {
            let in_image = start % pixels;
            return start - in_image + pixels.min((in_image / source.points[2] + rows) * source.points[2]);
        }
        let images = if start.is_multiple_of(pixels) { rows / source.points[0] / source.points[1] } else { 1 };
        (start / pixels + images.max(1)) * pixels
    }
}

/// Depth is points, columns are channels and taps: for the gradient of the weight.
pub(super) struct Points<'a, T>(pub &'a Source<T>);

impl<T: Real> Panel<T> for Points<'_, T> {
    type Ready = Slab<T>;

    fn room(&self, depth: usize, cols: usize) -> usize {
        self.0.slab_room(cols.div_ceil(self.0.taps()) + 1, depth)
    }

    #[inline(always)]
    unsafe fn prepare<V: Vector<Elem = T>>(&self, depth: Range<usize>, cols: Range<usize>, room: *mut T) -> Slab<T> {
        // SAFETY: the caller's promise.
        unsafe { self.0.slab::<V>(self.0.channels_of(&cols), depth, room) }
    }

    #[inline(always)]
    unsafe fn pack<V: Vector<Elem = T>>(
        &self,
        slab: Slab<T>,
        depth: Range<usize>,
        cols: Range<usize>,
        width: usize,
        out: *mut T,
    ) {
        let source = self.0;
        let count = source.taps();
        debug_assert!(width <= 64);
        for j in cols.clone().step_by(width) {
            let n = width.min(cols.end - j);
            let out = out.wrapping_add((j - cols.start) * depth.len());
            let mut offsets = [0; 64];
            for i in 0..n {
                offsets[i] = source.tap(&slab, (j + i) / count, (j + i) % count);
            }
            for (first, len, from) in source.runs(&slab, depth.clone()) {
                // SAFETY: the slab holds all that the points read.
                unsafe { transpose::<V>(from, &offsets[..n], len, width, out.add(first * width)) };
            }
        }
    }

    /// Whole images or, of large ones, whole rows.
    fn depth_end(&self, start: usize, limit: usize) -> usize {
        let (pixels, width) = (self.0.pixels(), self.0.points[2]);
        if pixels == 0 {
            return start + limit;
        }
        if pixels <= limit || self.0.points[0] > 1 {
            return start + (limit / pixels).max(1) * pixels;
        }
        let rows = self.0.points[1].div_ceil(pixels.div_ceil(limit));
        let in_image = start % pixels;
        start - in_image + pixels.min(in_image + rows * width)
    }
}
