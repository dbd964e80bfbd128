//! A right operand that many products share: it is packed once.

use super::panel::{Panel, SLACK, Strided};
use super::product::tile_shape;
use super::tile::{self, Ahead, Tile};
use crate::element::Real;
use crate::par;
use crate::simd::{self, Isa, Kernel};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

/// Depth that meets all rows before the next.
const DEPTH: usize = 256;

/// Strips of as many columns as a tile has.
#[derive(Clone, Copy)]
pub(crate) struct Packed<T> {
    strips: *const T,
    depth: usize,
    cols: usize,
    width: usize,
}

// SAFETY: it is only read.
unsafe impl<T: Sync> Sync for Packed<T> {}

impl<T: Real> Packed<T> {
    /// Elements of memory for a matrix of `depth` x `cols`.
    pub(crate) fn room(depth: usize, cols: usize) -> usize {
        depth * cols.next_multiple_of(tile_shape::<T>().1) + SLACK
    }

    /// Columns of a strip.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Packs a matrix into memory that lives as long as the operand is used.
    /// # Safety
    /// The matrix has these extents.
    pub(crate) unsafe fn new(matrix: Strided<T>, depth: usize, cols: usize, memory: &mut [MaybeUninit<T>]) -> Self {
        assert!(memory.len() >= Self::room(depth, cols));
        let (width, strips) = (tile_shape::<T>().1, memory.as_mut_ptr().cast::<T>());
        // SAFETY: there is room; the caller promises the matrix.
        unsafe { pack(matrix, depth, cols, width, strips) };
        Packed { strips, depth, cols, width }
    }

    /// `c (+)= a @ matrix + bias` for some columns, from the first of a strip on. Rows of `a` lie without gaps.
    /// # Safety
    /// There are `rows` rows of `a` and of `c`, and a whole row of biases, or null.
    pub(crate) unsafe fn multiply(
        &self,
        rows: usize,
        a: *const T,
        cols: Range<usize>,
        c: *mut T,
        c_row: usize,
        bias: *const T,
        accumulate: bool,
    ) {
        debug_assert!(cols.start.is_multiple_of(self.width) && cols.end <= self.cols);
        let height = tile_shape::<T>().0;
        par::scratch::<T, _>(DEPTH * rows.next_multiple_of(height) + SLACK, |room| {
            let room = room.as_mut_ptr().cast();
            simd::dispatch(Multiply { packed: self, rows, a, cols: cols.clone(), c, c_row, bias, accumulate, room });
        });
    }
}

/// Packs a matrix into strips of `width` columns.
/// # Safety
/// The matrix has these extents; there is room for the strips, and for [`SLACK`] more elements.
pub(crate) unsafe fn pack<T: Real>(matrix: Strided<T>, depth: usize, cols: usize, width: usize, to: *mut T) {
    simd::dispatch(Pack { matrix, depth, cols, width, to });
}

struct Pack<T> {
    matrix: Strided<T>,
    depth: usize,
    cols: usize,
    width: usize,
    to: *mut T,
}

impl<T: Real> Kernel for Pack<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the caller of `pack` promises the matrix and the room.
        unsafe { self.matrix.pack::<T::V<I>>((), 0..self.depth, 0..self.cols, self.width, self.to) };
    }
}

struct Multiply<'a, T> {
    packed: &'a Packed<T>,
    rows: usize,
    a: *const T,
    cols: Range<usize>,
    c: *mut T,
    c_row: usize,
    bias: *const T,
    accumulate: bool,
    room: *mut T,
}

impl<T: Real> Kernel for Multiply<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let Multiply { packed: &Packed { strips, depth, width, .. }, rows, a, cols, c, c_row, bias, accumulate, room } =
            self;
        // With few registers, rows that are read in place are too few to hide the latency of multiply-add.
        let in_place = I::REGISTERS >= 32;
        let packed = tile::shape::<T, I>().0;
        let height = if in_place { tile::rows_in_place(packed) } else { packed };
        let left = Strided { ptr: a, depth: 1, col: depth as isize };
        for start in (0..depth).step_by(DEPTH) {
            let (first, end) = (start == 0, depth.min(start + DEPTH));
            if !in_place {
                let matrix = Strided { ptr: left.ptr.wrapping_add(start), ..left };
                isa.run(Pack { matrix, depth: end - start, cols: rows, width: height, to: room });
            }
            for col in cols.clone().step_by(width) {
                for row in (0..rows).step_by(height) {
                    // Within what the caller promises.
                    let (a, a_row, a_k) = match in_place {
                        true => (a.wrapping_add(row * depth + start), depth as isize, 1),
                        false => (room.wrapping_add(row * (end - start)).cast_const(), 1, height as isize),
                    };
                    isa.run(Tile {
                        rows: height.min(rows - row),
                        cols: width.min(cols.end - col),
                        k: end - start,
                        a,
                        a_row,
                        a_k,
                        a_packed: !in_place,
                        b: strips.wrapping_add(col * depth + start * width),
                        b_k: width as isize,
                        c: c.wrapping_add(row * c_row + col),
                        c_row: c_row as isize,
                        add: accumulate || !first,
                        bias_row: if first && !bias.is_null() { bias.wrapping_add(col) } else { ptr::null() },
                        bias_col: ptr::null(),
                        ahead: Ahead::NOTHING,
                    });
                }
            }
        }
    }
}
