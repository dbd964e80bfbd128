//! Copies between layouts and types.

use crate::element::{Element, Real};
use crate::map::convert_row;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use crate::view::{Axes, View, ViewMut};
use std::any::TypeId;
use std::mem::MaybeUninit;

/// Elements that a thread takes at once.
const BLOCK: usize = 16 * 1024;
/// Side of the square tiles in which transposed memory is copied: two of them fit the first-level cache.
const TILE: usize = 64;
/// Rows that are copied while moving to the next columns: more than a tile, because every column is in another page,
/// and whoever visits as many pages as there are columns does more for a visit to one than to read 128 bytes.
const BAND: usize = 128;
/// Columns of a tile that lie side by side in its buffer.
const GROUP: usize = 4;

/// Copies `src` to `dst`, which have the same shape, converting as PyTorch does: floats become integers by
/// truncation, integers wrap, bool is `!= 0`.
pub fn cast<T: Element, U: Element>(src: View<'_, T>, dst: ViewMut<'_, U>) {
    debug_assert_eq!(src.shape(), dst.shape());
    if dst.is_empty() {
        return;
    }
    let mut axes = Axes::new(dst.shape(), dst.strides(), [src.strides()]);
    // Is there an axis along which the source is contiguous, while the destination is so along another?
    let across = match axes.others(0) {
        [0 | 1] => None,
        _ => (1..axes.rank()).find(|&axis| axes.others(axis) == [1] && axes.extent(axis) >= 4),
    };
    if let Some(axis) = across {
        axes.move_inwards(axis, 1);
        return transpose(&axes, &src, &dst);
    }
    let same = TypeId::of::<T>() == TypeId::of::<U>();
    par::blocks(dst.len(), BLOCK, 2, |range| {
        for piece in axes.walk(range) {
            // SAFETY: the walk stays within the operands, its pieces are disjoint.
            unsafe {
                let (src, dst) = (src.ptr().offset(piece.others[0]), dst.ptr().offset(piece.lead));
                if same && axes.lead(0) == 1 && axes.others(0) == [1] {
                    std::ptr::copy_nonoverlapping(src.cast(), dst, piece.len);
                } else {
                    convert_row(src, axes.others(0)[0], dst, axes.lead(0), piece.len, convert::<T, U>);
                }
            }
        }
    });
}

/// `cast` where the destination is contiguous along axis 0 and the source along axis 1: tile by tile, so that the
/// cache lines of both are used as a whole.
fn transpose<T: Element, U: Element>(axes: &Axes<1>, src: &View<'_, T>, dst: &ViewMut<'_, U>) {
    let (width, height) = (axes.extent(0), axes.extent(1));
    let planes = axes.len() / (width * height);
    let mut band = BAND;
    while band > TILE && planes * height < 16 * band {
        band /= 2; // few tasks: smaller ones
    }
    let bands = height.div_ceil(band);
    par::run(planes * bands, axes.len() * 2, |task| {
        let (plane, band_start) = (task / bands, task % bands * band);
        let band_end = height.min(band_start + band);
        let first = plane * width * height;
        let Some(start) = axes.walk(first..first + 1).next() else { return };
        // Through a small buffer: distances of powers of two between rows would make them evict each other
        // from the cache if lines of both sides were open at once.
        let mut tile = [const { MaybeUninit::<U>::uninit() }; TILE * TILE];
        for column in (0..width).step_by(TILE) {
            let columns = TILE.min(width - column);
            for row in (band_start..band_end).step_by(TILE) {
                let rows = TILE.min(band_end - row);
                let from = start.others[0] + column as isize * axes.others(0)[0] + row as isize;
                let to = start.lead + row as isize * axes.lead(1) + column as isize * axes.lead(0);
                // SAFETY: rows and columns are within the axes; the tasks are disjoint.
                unsafe {
                    let (from, to) = (src.ptr().offset(from), dst.ptr().offset(to));
                    fill_tile(from, axes.others(0)[0], rows, columns, &mut tile);
                    empty_tile(&tile, rows, columns, to, [axes.lead(1), axes.lead(0)]);
                }
            }
        }
    });
}

/// Brings a tile into its buffer: column `i` of row `j` is at `src + i * step + j`.
///
/// # Safety
/// `src` is readable at all rows and columns, of which there are at most `TILE`.
unsafe fn fill_tile<T: Element, U: Element>(
    src: *const T,
    step: isize,
    rows: usize,
    columns: usize,
    tile: &mut [MaybeUninit<U>; TILE * TILE],
) {
    debug_assert!(rows <= TILE && columns <= TILE);
    // Elements of 4 and 8 bytes move as floats of that size, whatever they are: that changes no bits.
    match size_of::<T>() {
        4 if TypeId::of::<T>() == TypeId::of::<U>() => {
            let (src, tile) = (src.cast::<f32>(), tile.as_mut_ptr().cast());
            simd::dispatch_elementwise(Tile { src, step, rows, columns, tile });
        }
        8 if TypeId::of::<T>() == TypeId::of::<U>() => {
            let (src, tile) = (src.cast::<f64>(), tile.as_mut_ptr().cast());
            simd::dispatch_elementwise(Tile { src, step, rows, columns, tile });
        }
        _ => {
            for i in 0..columns {
                for j in 0..rows {
                    // SAFETY: the caller's promise.
                    let value = unsafe { *src.offset(i as isize * step + j as isize) };
                    tile[place(i, j)].write(convert::<T, U>(value));
                }
            }
        }
    }
}

/// Writes the buffer of a tile to `dst`, with the distances of rows and columns there.
///
/// # Safety
/// The buffer has been filled, and `dst` is writable at all rows and columns.
unsafe fn empty_tile<U: Element>(
    tile: &[MaybeUninit<U>; TILE * TILE],
    rows: usize,
    columns: usize,
    dst: *mut U,
    [row_step, column_step]: [isize; 2],
) {
    let whole = if column_step == 1 { columns / GROUP * GROUP } else { 0 };
    for j in 0..rows {
        // SAFETY: the caller's promise; groups lie side by side in the buffer and, if the step is 1, in `dst`.
        unsafe {
            let dst = dst.offset(j as isize * row_step);
            for i in (0..whole).step_by(GROUP) {
                let group = tile.as_ptr().add(place(i, j)).cast::<[U; GROUP]>();
                dst.add(i).cast::<[U; GROUP]>().write_unaligned(group.read_unaligned());
            }
            for i in whole..columns {
                *dst.offset(i as isize * column_step) = tile[place(i, j)].assume_init();
            }
        }
    }
}

/// Where the buffer of a tile has column `i` of row `j`: columns by groups, in a group row by row.
#[inline(always)]
fn place(i: usize, j: usize) -> usize {
    (i / GROUP * TILE + j) * GROUP + i % GROUP
}

/// The loop of [`fill_tile`] in registers.
struct Tile<E> {
    src: *const E,
    step: isize,
    rows: usize,
    columns: usize,
    tile: *mut E,
}

impl<E: Real> Kernel for Tile<E> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = E::V::<I>::LANES;
        let (whole_rows, whole_columns) = (self.rows / lanes * lanes, self.columns / GROUP * GROUP);
        // SAFETY: `fill_tile` has the caller's promise.
        unsafe {
            for i in (0..whole_columns).step_by(GROUP) {
                for j in (0..whole_rows).step_by(lanes) {
                    let column = |c: usize| E::V::<I>::load(self.src.offset((i + c) as isize * self.step + j as isize));
                    let columns = [column(0), column(1), column(2), column(3)];
                    E::V::<I>::interleave(columns, self.tile.add(place(i, j)));
                }
            }
            for i in 0..self.columns {
                for j in if i < whole_columns { whole_rows } else { 0 }..self.rows {
                    *self.tile.add(place(i, j)) = *self.src.offset(i as isize * self.step + j as isize);
                }
            }
        }
    }
}

/// One element to another type, as PyTorch does.
#[inline(always)]
pub fn convert<T: Element, U: Element>(value: T) -> U {
    if TypeId::of::<T::Compute>() == TypeId::of::<U::Compute>() {
        let value = value.to_compute();
        // SAFETY: the two types are the same.
        U::from_compute(unsafe { std::mem::transmute_copy::<T::Compute, U::Compute>(&value) })
    } else if T::IS_FLOAT && (U::IS_FLOAT || TypeId::of::<U>() == TypeId::of::<bool>()) {
        U::from_f64(value.to_f64())
    } else {
        U::from_i64(value.to_i64())
    }
}

/// Writes `value` everywhere.
pub fn fill<T: Element>(value: T, dst: ViewMut<'_, T>) {
    if dst.is_empty() {
        return;
    }
    let axes = Axes::new(dst.shape(), dst.strides(), []);
    par::blocks(dst.len(), BLOCK, 1, |range| {
        for piece in axes.walk(range) {
            // SAFETY: the walk stays within the operand, its pieces are disjoint; the value is read at a stride of 0.
            unsafe { convert_row(&value, 0, dst.ptr().offset(piece.lead), axes.lead(0), piece.len, |value| value) };
        }
    });
}
