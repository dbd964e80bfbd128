//! Copies between layouts and types.

use crate::element::Element;
use crate::map::convert_row;
use crate::par;
use crate::view::{Axes, View, ViewMut};
use std::any::TypeId;
use std::mem::MaybeUninit;

/// Elements that a thread takes at once.
const BLOCK: usize = 16 * 1024;
/// Side of the square tiles in which transposed memory is copied: two of them fit the first-level cache.
const TILE: usize = 32;

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
    let bands = height.div_ceil(TILE);
    let planes = axes.len() / (width * height);
    par::run(planes * bands, axes.len() * 2, |task| {
        let (plane, rows) = (task / bands, task % bands * TILE..height.min((task % bands + 1) * TILE));
        let first = plane * width * height;
        let Some(start) = axes.walk(first..first + 1).next() else { return };
        for column in (0..width).step_by(TILE) {
            let columns = column..width.min(column + TILE);
            // Through a small buffer: distances of powers of two between rows would make them evict each other
            // from the cache if lines of both sides were open at once.
            let mut tile = [[const { MaybeUninit::<U>::uninit() }; TILE]; TILE];
            for (i, column) in columns.clone().enumerate() {
                let source = start.others[0] + column as isize * axes.others(0)[0];
                for (j, row) in rows.clone().enumerate() {
                    // SAFETY: row and column are within the axes.
                    tile[j][i].write(convert::<T, U>(unsafe { *src.ptr().offset(source + row as isize) }));
                }
            }
            for (line, row) in tile.iter().zip(rows.clone()) {
                let target = start.lead + row as isize * axes.lead(1);
                for (value, column) in line.iter().zip(columns.clone()) {
                    // SAFETY: as above; the value has been written; the tasks are disjoint.
                    unsafe { *dst.ptr().offset(target + column as isize * axes.lead(0)) = value.assume_init() };
                }
            }
        }
    });
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
