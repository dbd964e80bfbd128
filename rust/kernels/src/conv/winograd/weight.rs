//! The gradient of the weight: tiles of the output's gradient take the kernels' place, and the sum runs over tiles.
//!
//! Both operands of the products want the channels of a tile side by side, so images are turned first, to that order, and
//! registers hold channels in the transforms.

use super::parts::{Images, Part, View};
use super::transforms::{MOST_TAPS, Scheme};
use super::{OUT, Pieces, apart, tiles};
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, copy, transpose};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::{Ahead, Tile};
use crate::par;
use crate::simd::{self, Isa, Kernel, MOST_LANES, Vector};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

/// Tiles that are transformed before their products are summed;
const TILES: usize = 512;
/// of these, how many a thread takes at once where it may.
const PART: usize = 128;

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
            let (grid, written) = (part.extent.map(tiles), View { lattice: part.written, padding: [0; 2] });
            let views = part.reads.iter().map(|read| read.view).collect();
            let left: Operand<T, S> = Operand::new(gradient, vec![written], grid, OUT, mr, left_point);
            let right: Operand<T, S> = Operand::new(images, views, grid, S::SIDE, nr, right_point);
            for tiles in (0..pieces.count()).map(|piece| pieces.get(piece)) {
                let count = tiles.len();
                // The right operand has few strips, so its tiles are cut as well, into whole images or parts of one.
                // Packing the left one writes beyond its rows: it must not be cut.
                let some = Pieces::within(count, grid.iter().product(), PART);
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
                    // SAFETY: as above.
                    let out = unsafe { memory.at(0) };
                    par::scratch::<T, _>(operand.room(some.len()), |scratch| {
                        let scratch = scratch.as_mut_ptr().cast();
                        let (all, tiles) = (tiles.clone(), some.clone());
                        simd::dispatch(Transform { operand, strip, all, tiles, out, scratch });
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

/// One operand: images of which tiles are transformed to strips of `width` channels for the microkernel.
struct Operand<T, S> {
    images: Images<T>,
    views: Vec<View>,
    /// Rows and columns of tiles of an image,
    grid: [usize; 2],
    /// and of what a tile reads.
    side: usize,
    width: usize,
    /// Elements between points.
    point: usize,
    scheme: PhantomData<S>,
}

// SAFETY: the images are only read.
unsafe impl<T: Sync, S> Sync for Operand<T, S> {}

impl<T: Real, S: Scheme> Operand<T, S> {
    fn new(images: Images<T>, views: Vec<View>, grid: [usize; 2], side: usize, width: usize, point: usize) -> Self {
        Operand { images, views, grid, side, width, point, scheme: PhantomData }
    }
    /// Strips of one view.
    fn strips(&self) -> usize {
        self.images.channels.div_ceil(self.width)
    }
    /// Lines that the tiles of a range read of one image, at most.
    fn lines(&self, tiles: usize) -> usize {
        let rows = (tiles.div_ceil(self.grid[1]) + 1).min(self.grid[0]);
        (rows - 1) * OUT + self.side
    }
    /// Elements of a slab of turned lines, and of one tile.
    fn rooms(&self, tiles: usize) -> [usize; 2] {
        let lanes = self.width.next_multiple_of(MOST_LANES);
        [self.lines(tiles) * self.images.extent[2] * lanes + SLACK, self.side * self.side * lanes]
    }
    fn room(&self, tiles: usize) -> usize {
        self.rooms(tiles).iter().sum()
    }
}

/// Elements of a strip. Packing writes a little beyond its end, where another task must not be at work.
fn strip(width: usize, depth: usize) -> usize {
    width * depth + SLACK
}

/// Transforms some tiles for a strip of channels of all views.
struct Transform<'a, T, S> {
    operand: &'a Operand<T, S>,
    strip: usize,
    /// The tiles of a strip,
    all: Range<usize>,
    /// and those of them to be transformed.
    tiles: Range<usize>,
    /// Where the operand begins.
    out: *mut T,
    scratch: *mut T,
}

impl<T: Real, S: Scheme> Transform<'_, T, S> {
    /// Copies lines of a view of an image, all columns, each as a row of the strip's channels in whole registers.
    #[inline(always)]
    unsafe fn turn<V: Vector<Elem = T>>(&self, image: usize, view: &View, lines: Range<usize>, out: *mut T) {
        let Operand { images, width, .. } = *self.operand;
        let [image_step, channel, _, row, col] = images.strides;
        let (lanes, cols, first) = (width.next_multiple_of(V::LANES), images.extent[2], self.strip * width);
        // A register takes what there is: the channels beyond the strip are not used.
        let n = lanes.min(images.channels - first);
        let offsets: [isize; 64] = std::array::from_fn(|c| c as isize * channel);
        let (y, step) = (view.lattice.first[0] as isize, view.lattice.step[0] as isize);
        let start = images.ptr.wrapping_offset(image as isize * image_step + first as isize * channel + y * row);
        // SAFETY: the caller promises the images and the room.
        unsafe {
            if col == 1 && step == 1 && row == cols as isize {
                let from = start.wrapping_offset(lines.start as isize * row);
                return transpose::<V>(from, &offsets[..n], lines.len() * cols, lanes, out);
            }
            for (i, line) in lines.enumerate() {
                let (from, out) = (start.wrapping_offset(line as isize * step * row), out.add(i * cols * lanes));
                if col == 1 {
                    transpose::<V>(from, &offsets[..n], cols, lanes, out);
                    continue;
                }
                for x in 0..cols {
                    let (from, out) = (from.wrapping_offset(x as isize * col), out.add(x * lanes));
                    out.add(n).write_bytes(0, lanes - n);
                    if channel == 1 {
                        copy::<V>(from, n, out);
                    } else {
                        (0..n).for_each(|c| *out.add(c) = *from.offset(offsets[c]));
                    }
                }
            }
        }
    }

    /// Transforms one tile; the slab has `lines` of the view.
    #[inline(always)]
    unsafe fn tile<V: Vector<Elem = T>>(
        &self,
        view: &View,
        [row, col]: [usize; 2],
        lines: &Range<usize>,
        slab: *const T,
        dense: *mut T,
        out: *mut T,
    ) {
        let Operand { images, side, width, point, .. } = *self.operand;
        let lanes = width.next_multiple_of(V::LANES);
        let line = images.extent[2] * lanes;
        let [_, extent] = view.lattice.extent(images.extent);
        let (first, step) = (view.lattice.first[1], view.lattice.step[1]);
        let (top, left) = ((row * OUT) as isize - view.padding[0], (col * OUT) as isize - view.padding[1]);
        let inside = |start: isize, range: Range<usize>| {
            start >= range.start as isize && start + side as isize <= range.end as isize
        };
        // SAFETY: the caller promises the slab, room for a tile, and for what comes out.
        unsafe {
            let (mut from, mut steps) = (dense.cast_const(), [side * lanes, lanes]);
            if inside(top, lines.clone()) && inside(left, 0..extent) {
                from = slab.add((top as usize - lines.start) * line + (first + left as usize * step) * lanes);
                steps = [line, step * lanes];
            } else {
                for i in 0..side * side {
                    let (y, x) = (top + (i / side) as isize, left + (i % side) as isize);
                    let there = y >= lines.start as isize && y < lines.end as isize && x >= 0 && x < extent as isize;
                    let row = (y - lines.start as isize) * line as isize;
                    let from = slab.wrapping_offset(row + (first as isize + x * step as isize) * lanes as isize);
                    for lane in (0..lanes).step_by(V::LANES) {
                        let values = if there { V::load(from.add(lane)) } else { V::splat(T::ZERO) };
                        values.store(dense.add(i * lanes + lane));
                    }
                }
            }
            for lane in (0..width).step_by(V::LANES) {
                match side == OUT {
                    true => S::gradient::<V>(from.add(lane), steps, out.add(lane), point),
                    false => S::input::<V>(from.add(lane), steps, out.add(lane), point),
                }
            }
        }
    }
}

impl<T: Real, S: Scheme> Kernel for Transform<'_, T, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let operand = self.operand;
        let Operand { images, side, width, grid: [rows, cols], .. } = *operand;
        let strip_len = strip(width, self.all.len());
        // SAFETY: the scratch memory is divided as `Operand::room` counts it; the strips are this task's.
        unsafe {
            let [slab_room, _] = operand.rooms(self.tiles.len());
            let (slab, dense) = (self.scratch, self.scratch.add(slab_room));
            let mut start = self.tiles.start;
            while start < self.tiles.end {
                let image = start / (rows * cols);
                let end = self.tiles.end.min((image + 1) * rows * cols);
                let of_image = start - image * rows * cols..end - image * rows * cols;
                let (first_row, last_row) = (of_image.start / cols, (of_image.end - 1) / cols);
                let mut turned = None;
                for (read, view) in operand.views.iter().enumerate() {
                    let [extent, _] = view.lattice.extent(images.extent);
                    let line = |row: usize, more: usize| {
                        ((row * OUT + more) as isize - view.padding[0]).clamp(0, extent as isize) as usize
                    };
                    let lines = line(first_row, 0)..line(last_row, side);
                    // Views that differ in their columns alone share what was turned.
                    let key = Some((view.lattice.first[0], lines.clone()));
                    if turned != key {
                        self.turn::<T::V<I>>(image, view, lines.clone(), slab);
                        turned = key;
                    }
                    let out = self.out.add((read * operand.strips() + self.strip) * strip_len);
                    for tile in of_image.clone() {
                        let place = image * rows * cols + tile - self.all.start;
                        let at = [tile / cols, tile % cols];
                        self.tile::<T::V<I>>(view, at, &lines, slab, dense, out.add(place * width));
                    }
                }
                start = end;
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
                    let step = [S::SIDE * self.point, self.point];
                    S::weight::<T::V<I>>(self.sums.add(row * self.width + col), step, kernels.as_mut_ptr(), 16);
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
