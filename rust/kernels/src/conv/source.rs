//! The images that a convolution reads, and copies of parts of them that are easier to read.

use crate::element::Real;
use crate::gemm::panel::Strided;
use crate::simd::{Vector, prefetch};
use std::ops::Range;

/// A batch of images, and which of their elements a grid of points reads.
pub(super) struct Source<T> {
    pub ptr: *const T,
    /// Distances between neighbouring images, channels, planes, rows, columns.
    pub stride: [isize; 5],
    pub channels: usize,
    pub extent: [usize; 3],
    /// Points per axis.
    pub points: [usize; 3],
    /// Elements between neighbouring points.
    pub step: [usize; 3],
    /// The smallest offset of any tap.
    low: [isize; 3],
    /// Per tap: planes and rows from the lowest, and position in a row of the slab.
    taps: Vec<[usize; 3]>,
    /// Planes, rows and columns (per remainder) of a slab for one point, beyond that point.
    reach: [usize; 3],
    /// Per remainder of a column: which elements of a slab's row lie in the image; none if no tap reads them.
    inside: Vec<Option<Range<usize>>>,
    /// Per remainder of a row: whether a tap reads it.
    read: Vec<bool>,
    /// Whether an image is its own slab.
    pub in_place: bool,
}

// SAFETY: it is only read.
unsafe impl<T: Sync> Sync for Source<T> {}

/// A part of the images in memory, zeros around it where the taps reach out.
pub(super) struct Slab<T> {
    ptr: *const T,
    first_channel: usize,
    first_image: usize,
    first_row: usize,
    image: isize,
    channel: isize,
    plane: isize,
    row: isize,
}

impl<T> Clone for Slab<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Slab<T> {}

impl<T: Real> Source<T> {
    pub(super) fn new(
        ptr: *const T,
        stride: [isize; 5],
        channels: usize,
        extent: [usize; 3],
        points: [usize; 3],
        step: [usize; 3],
        offsets: &[[isize; 3]],
    ) -> Source<T> {
        let bound = |axis: usize, best: fn(isize, isize) -> isize| offsets.iter().map(|o| o[axis]).reduce(best);
        let low = [0, 1, 2].map(|axis| bound(axis, isize::min).unwrap_or(0));
        let high = [0, 1, 2].map(|axis| bound(axis, isize::max).unwrap_or(0));
        let reachable = (0..3).all(|axis| {
            let last = (points[axis].max(1) - 1) * step[axis];
            low[axis] >= 0 && high[axis] + (last as isize) < extent[axis] as isize
        });
        let mut reach = [0, 1, 2].map(|axis| (high[axis] - low[axis]) as usize);
        let in_place = reachable && stride[4] == 1 && step[2] == 1;
        reach[2] /= step[2];
        let width = points[2] + reach[2];
        let tap = |offset: &[isize; 3]| {
            let [z, y, x] = [0, 1, 2].map(|axis| (offset[axis] - low[axis]) as usize);
            [z, y, x % step[2] * width + x / step[2]]
        };
        let taps = offsets.iter().map(tap).collect();
        let reads = |axis: usize, remainder: usize| {
            offsets.iter().any(|offset| (offset[axis] - low[axis]) as usize % step[axis] == remainder)
        };
        // Element i of a remainder's part is column `first + i * step`.
        let inside = |remainder: usize| {
            let first = low[2] + remainder as isize;
            let begin = ((-first).max(0) as usize).div_ceil(step[2]).min(width);
            let end = ((extent[2] as isize - first).max(0) as usize).div_ceil(step[2]).clamp(begin, width);
            reads(2, remainder).then_some(begin..end)
        };
        let inside = (0..step[2]).map(inside).collect();
        let read = (0..step[1]).map(|remainder| reads(1, remainder)).collect();
        Source { ptr, stride, channels, extent, points, step, low, taps, reach, inside, read, in_place }
    }

    pub(super) fn pixels(&self) -> usize {
        self.points.iter().product()
    }

    /// The matrix of channels and points, if each channel is read once, as it lies, and all points are in one image.
    #[inline(always)]
    pub(super) fn matrix(&self, points: Range<usize>) -> Option<Strided<T>> {
        let (pixels, [image, channel, plane, row, column]) = (self.pixels(), self.stride);
        let as_it_lies = self.in_place && self.taps.len() == 1 && self.low == [0; 3] && self.points == self.extent;
        let [depth, height, width] = self.extent;
        let gapless = (column == 1 || width == 1)
            && (row == width as isize || height == 1)
            && (plane == (width * height) as isize || depth == 1);
        let n = points.start / pixels;
        (as_it_lies && gapless && points.end <= (n + 1) * pixels).then(|| Strided {
            ptr: self.ptr.wrapping_offset(n as isize * image + (points.start % pixels) as isize),
            depth: channel,
            col: 1,
        })
    }

    /// Elements in a row of a slab.
    pub(super) fn width(&self) -> usize {
        (self.points[2] + self.reach[2]) * self.step[2]
    }

    /// Rows that so many rows of points read.
    fn rows(&self, points: usize, axis: usize) -> usize {
        (points - 1) * self.step[axis] + self.reach[axis] + 1
    }

    /// Elements of a slab for `channels` channels and `points` neighbouring points: of one image, or whole images.
    pub(super) fn slab_room(&self, channels: usize, points: usize) -> usize {
        if self.in_place || self.pixels() == 0 {
            return 0;
        }
        let planes = self.rows(self.points[0], 0);
        let lines = |rows: usize| self.rows(rows, 1);
        let images = points.div_ceil(self.pixels());
        if self.points[0] == 1 && points < self.pixels() {
            let rows = (points.div_ceil(self.points[2]) + 1).min(self.points[1]);
            return channels * lines(rows) * self.width() + 64;
        }
        images * channels * planes * lines(self.points[1]) * self.width() + 64
    }

    /// Copies what the points `points` read of `channels`; nothing for no points.
    /// # Safety
    /// The points lie within the images; there is room for the slab.
    #[inline(always)]
    pub(super) unsafe fn slab<V: Vector<Elem = T>>(
        &self,
        channels: Range<usize>,
        points: Range<usize>,
        room: *mut T,
    ) -> Slab<T> {
        // SAFETY: the caller's promise.
        unsafe { self.fill::<V, true>(channels, points, room) }
    }

    /// As [`Source::slab`], in room whose borders are zero: all of it was zero before, or it held other channels of the
    /// same points.
    /// # Safety
    /// As there.
    #[inline(always)]
    pub(super) unsafe fn slab_inside<V: Vector<Elem = T>>(
        &self,
        channels: Range<usize>,
        points: Range<usize>,
        room: *mut T,
    ) -> Slab<T> {
        // SAFETY: the caller's promise.
        unsafe { self.fill::<V, false>(channels, points, room) }
    }

    #[inline(always)]
    unsafe fn fill<V: Vector<Elem = T>, const BORDERS: bool>(
        &self,
        channels: Range<usize>,
        points: Range<usize>,
        room: *mut T,
    ) -> Slab<T> {
        if self.in_place || points.is_empty() {
            return self.as_it_lies();
        }
        let pixels = self.pixels();
        let images = points.start / pixels..points.end.div_ceil(pixels);
        let by_row = images.len() == 1 && self.points[0] == 1;
        let rows = if by_row {
            (points.start % pixels) / self.points[2]..((points.end - 1) % pixels) / self.points[2] + 1
        } else {
            0..self.points[1]
        };
        let (planes, lines) = (self.rows(self.points[0], 0), self.rows(rows.len(), 1));
        let width = self.width();
        let (row, plane) = (width, lines * width);
        let channel = planes * plane;
        let slab = Slab {
            ptr: room,
            first_channel: channels.start,
            first_image: images.start,
            first_row: rows.start,
            image: (channels.len() * channel) as isize,
            channel: channel as isize,
            plane: plane as isize,
            row: row as isize,
        };
        let all = images.flat_map(|n| channels.clone().map(move |c| [n as isize, c as isize]));
        let all = all.map(|[n, c]| self.ptr.wrapping_offset(n * self.stride[0] + c * self.stride[1]));
        let top = (rows.start * self.step[1]) as isize + self.low[1];
        let by_four = !BORDERS && self.step[2] == 4 && self.low[2] <= 0 && self.extent[0] == 1 && planes == 1;
        // SAFETY: the caller promises the images and room for the slab.
        unsafe {
            match self.stride[4] {
                1 if by_four => self.by_four::<V, 1>(all, top, lines, room),
                2 if by_four => self.by_four::<V, 2>(all, top, lines, room),
                _ => self.by_line::<BORDERS>(all, planes, top, lines, room),
            }
        }
        slab
    }

    /// Copies `lines` lines, from row `top` on, of `planes` planes of each of `channels`.
    #[inline(always)]
    unsafe fn by_line<const BORDERS: bool>(
        &self,
        channels: impl Iterator<Item = *const T>,
        planes: usize,
        top: isize,
        lines: usize,
        mut out: *mut T,
    ) {
        let width = self.width();
        for channel in channels {
            for z in (0..planes).map(|z| z as isize + self.low[0]) {
                for line in 0..lines {
                    let y = top + line as isize;
                    let inside = (0..self.extent[0] as isize).contains(&z) && (0..self.extent[1] as isize).contains(&y);
                    // SAFETY: the caller promises the images and room for the slab.
                    unsafe {
                        let read = self.read[line % self.step[1]];
                        if read && inside {
                            let from = channel.offset(z * self.stride[2] + y * self.stride[3]);
                            if self.stride[4] == 1 {
                                // A short row ends before the hardware has seen what comes next.
                                prefetch(from.wrapping_offset(self.stride[1]), self.extent[2] * size_of::<T>());
                            }
                            self.line(from, out);
                        } else if read && BORDERS {
                            std::slice::from_raw_parts_mut(out, width).fill(T::default());
                        }
                        out = out.add(width);
                    }
                }
            }
        }
    }

    /// The images themselves.
    fn as_it_lies(&self) -> Slab<T> {
        let [image, channel, plane, row, _] = self.stride;
        let origin = (0..3).map(|axis| self.low[axis] * self.stride[axis + 2]).sum::<isize>();
        let ptr = self.ptr.wrapping_offset(origin);
        Slab { ptr, first_channel: 0, first_image: 0, first_row: 0, image, channel, plane, row }
    }

    /// Copies one row with its borders, sorted by the remainder of the step.
    #[inline(always)]
    unsafe fn line(&self, from: *const T, mut out: *mut T) {
        let (step, stride, len) = (self.step[2], self.stride[4], self.points[2] + self.reach[2]);
        for (remainder, inside) in self.inside.iter().enumerate() {
            let Some(Range { start: begin, end }) = inside.clone() else {
                out = out.wrapping_add(len);
                continue;
            };
            let first = self.low[2] + remainder as isize;
            // SAFETY: the caller promises the row and `len` elements per remainder.
            unsafe {
                std::slice::from_raw_parts_mut(out, begin).fill(T::default());
                std::slice::from_raw_parts_mut(out.add(end), len - end).fill(T::default());
                if begin < end {
                    let from = from.offset((first + (begin * step) as isize) * stride);
                    let (to, n, distance) = (out.add(begin), end - begin, step as isize * stride);
                    match distance {
                        1 => from.copy_to_nonoverlapping(to, n),
                        // A constant lets registers do it.
                        2 => (0..n).for_each(|i| *to.add(i) = *from.add(2 * i)),
                        4 => (0..n).for_each(|i| *to.add(i) = *from.add(4 * i)),
                        _ => (0..n).for_each(|i| *to.add(i) = *from.offset(i as isize * distance)),
                    }
                }
                out = out.add(len);
            }
        }
    }

    /// As [`Source::by_line`], the inside alone, of single planes whose points are four columns apart, for a distance of
    /// columns in memory of one or two.
    #[inline(always)]
    unsafe fn by_four<V: Vector<Elem = T>, const DISTANCE: usize>(
        &self,
        channels: impl Iterator<Item = *const T>,
        top: isize,
        lines: usize,
        mut out: *mut T,
    ) {
        let (len, before, row) = (self.points[2] + self.reach[2], self.low[2].unsigned_abs(), self.stride[3]);
        let last = self.extent[2].min((4 * len).saturating_sub(before));
        let begin = ((-top).max(0) as usize).min(lines);
        let end = ((self.extent[1] as isize - top).max(0) as usize).clamp(begin, lines);
        // Where the first four elements go: those four places further in the row go one place further.
        let to = [0, 1, 2, 3].map(|x| (x + before) % 4 * len + (x + before) / 4 + begin * 4 * len);
        for channel in channels {
            let mut from = channel.wrapping_offset((top + begin as isize) * row);
            let mut to = to.map(|to| out.wrapping_add(to));
            for _ in begin..end {
                // A short row ends before the hardware has seen what comes next.
                prefetch(from.wrapping_offset(self.stride[1]), DISTANCE * self.extent[2] * size_of::<T>());
                // SAFETY: the caller promises the rows and `4 * len` elements for each.
                unsafe {
                    let mut x = 0;
                    while V::LANES >= 4 && x + V::LANES <= last {
                        let mut elements = V::load(from.add(DISTANCE * x));
                        if DISTANCE == 2 {
                            // The row may end with the last element that counts.
                            let rest = V::load_first(from.add(2 * x + V::LANES), V::LANES - 1);
                            elements = elements.unzip(rest).0;
                        }
                        elements.store_by_four(to.map(|to| to.add(x / 4)));
                        x += V::LANES;
                    }
                    while x + 4 <= last {
                        (0..4).for_each(|i| *to[i].add(x / 4) = *from.add(DISTANCE * (x + i)));
                        x += 4;
                    }
                    (x..last).for_each(|x| *to[x % 4].add(x / 4) = *from.add(DISTANCE * x));
                }
                from = from.wrapping_offset(row);
                to = to.map(|to| to.wrapping_add(4 * len));
            }
            out = out.wrapping_add(lines * 4 * len);
        }
    }

    /// The runs of points in a row: how many points come before, how many it has, where its first is in the first
    /// channel.
    #[inline(always)]
    pub(super) fn runs<'a>(&'a self, slab: &'a Slab<T>, points: Range<usize>) -> Runs<'a, T> {
        let [planes, rows, width] = self.points;
        let line = points.start / width;
        let plane = line / rows;
        let place = [plane / planes, plane % planes, line % rows, points.start % width];
        Runs { source: self, slab, place, done: 0, len: points.len() }
    }

    /// Kernel elements.
    pub(super) fn taps(&self) -> usize {
        self.taps.len()
    }

    /// Where the first point of a row lies in the first channel.
    #[inline(always)]
    pub(super) fn point(&self, slab: &Slab<T>, image: usize, plane: usize, row: usize) -> *const T {
        let offset = (image - slab.first_image) as isize * slab.image
            + (plane * self.step[0]) as isize * slab.plane
            + ((row - slab.first_row) * self.step[1]) as isize * slab.row;
        slab.ptr.wrapping_offset(offset)
    }

    /// Where a channel's tap lies, seen from the first channel's point.
    #[inline(always)]
    pub(super) fn tap(&self, slab: &Slab<T>, channel: usize, tap: usize) -> isize {
        let [z, y, x] = self.taps[tap];
        (channel - slab.first_channel) as isize * slab.channel
            + z as isize * slab.plane
            + y as isize * slab.row
            + x as isize
    }

    /// Where channels' taps lie from the `start`-th on, seen from the first channel's point.
    #[inline(always)]
    pub(super) fn offsets(&self, slab: &Slab<T>, start: usize, out: &mut [isize]) {
        let (mut channel, mut tap) = (start / self.taps.len(), start % self.taps.len());
        for out in out {
            *out = self.tap(slab, channel, tap);
            tap += 1;
            if tap == self.taps.len() {
                (tap, channel) = (0, channel + 1);
            }
        }
    }

    pub(super) fn channels_of(&self, part: &Range<usize>) -> Range<usize> {
        part.start / self.taps.len()..part.end.div_ceil(self.taps.len())
    }
}

pub(super) struct Runs<'a, T> {
    source: &'a Source<T>,
    slab: &'a Slab<T>,
    /// Image, plane, row, column.
    place: [usize; 4],
    done: usize,
    len: usize,
}

impl<T: Real> Iterator for Runs<'_, T> {
    type Item = (usize, usize, *const T);
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let ([planes, rows, width], [image, plane, row, column]) = (self.source.points, self.place);
        let (first, n) = (self.done, (width - column).min(self.len - self.done));
        if n == 0 {
            return None;
        }
        self.done += n;
        self.place = match (row + 1 < rows, plane + 1 < planes) {
            (true, _) => [image, plane, row + 1, 0],
            (false, true) => [image, plane + 1, 0, 0],
            (false, false) => [image + 1, 0, 0, 0],
        };
        Some((first, n, self.source.point(self.slab, image, plane, row).wrapping_add(column)))
    }
}
