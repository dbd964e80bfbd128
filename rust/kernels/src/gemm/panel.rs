//! Operands of a product, read column by column of a `depth x columns` matrix, wherever their elements lie.

use crate::element::Real;
use crate::simd::Vector;
use std::ops::Range;

/// One operand of a product. Both are seen as matrices of `depth` rows: the left operand's columns are the rows of
/// the result, the right operand's columns are the columns of the result.
pub(crate) trait Panel<T: Real>: Sync {
    /// Writes the given part as strips of `width` columns, one after another. A strip is `depth.len()` rows of `width`
    /// elements; columns beyond the last are zero.
    /// # Safety
    /// The part lies within the operand, and `out` has room.
    unsafe fn pack<V: Vector<Elem = T>>(&self, depth: Range<usize>, cols: Range<usize>, width: usize, out: *mut T);

    /// Where an element lies and how far its neighbours are in depth and column, if the operand lies in memory as a
    /// matrix and need not be packed.
    fn in_place(&self, depth: usize, col: usize) -> Option<(*const T, isize, isize)> {
        let _ = (depth, col);
        None
    }
}

/// A matrix in memory.
#[derive(Clone, Copy)]
pub(crate) struct Strided<T> {
    pub ptr: *const T,
    /// Distance between neighbours in depth.
    pub depth: isize,
    /// Distance between neighbouring columns.
    pub col: isize,
}

// SAFETY: it is only read.
unsafe impl<T: Sync> Sync for Strided<T> {}

impl<T: Real> Panel<T> for Strided<T> {
    #[inline(always)]
    unsafe fn pack<V: Vector<Elem = T>>(&self, depth: Range<usize>, cols: Range<usize>, width: usize, out: *mut T) {
        let first = self.ptr.wrapping_offset(depth.start as isize * self.depth + cols.start as isize * self.col);
        let (depth, cols, strip) = (depth.len(), cols.len(), depth.len() * width);
        // SAFETY: the caller's promise.
        unsafe {
            if self.depth == 1 && self.col != 1 {
                for j in (0..cols).step_by(width) {
                    let from = first.offset(j as isize * self.col);
                    transpose(from, self.col, depth, width.min(cols - j), width, out.add(j * depth));
                }
                return;
            }
            // Row by row, across all strips: memory is read in order.
            for p in 0..depth {
                let (from, to) = (first.offset(p as isize * self.depth), out.add(p * width));
                for (s, j) in (0..cols).step_by(width).enumerate() {
                    let (to, n) = (to.add(s * strip), width.min(cols - j));
                    if self.col == 1 {
                        copy::<V>(from.add(j), n, to);
                    } else {
                        for i in 0..n {
                            *to.add(i) = *from.offset((j + i) as isize * self.col);
                        }
                    }
                    for i in n..width {
                        *to.add(i) = T::default();
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn in_place(&self, depth: usize, col: usize) -> Option<(*const T, isize, isize)> {
        Some((self.ptr.wrapping_offset(depth as isize * self.depth + col as isize * self.col), self.depth, self.col))
    }
}

/// Copies `n` elements: less than a call of `memcpy` for the few registers of a panel's row.
#[inline(always)]
pub(crate) unsafe fn copy<V: Vector>(from: *const V::Elem, n: usize, to: *mut V::Elem) {
    // SAFETY: the caller promises `n` elements on both sides.
    unsafe {
        let mut j = 0;
        while j + V::LANES <= n {
            V::load(from.add(j)).store(to.add(j));
            j += V::LANES;
        }
        if j < n {
            V::load_first(from.add(j), n - j).store_first(to.add(j), n - j);
        }
    }
}

/// Writes `cols` columns, each contiguous in depth and `distance` from the next, as rows of `width`.
#[inline(always)]
pub(crate) unsafe fn transpose<T: Real>(
    from: *const T,
    distance: isize,
    depth: usize,
    cols: usize,
    width: usize,
    out: *mut T,
) {
    // SAFETY: the caller promises the source and room for `depth` rows of `width >= cols`.
    unsafe {
        let mut j = 0;
        while j + 4 <= cols {
            let from = from.offset(j as isize * distance);
            let mut p = 0;
            while p + 4 <= depth {
                transpose_4x4(from.add(p), distance, out.add(p * width + j), width);
                p += 4;
            }
            for p in p..depth {
                for i in 0..4 {
                    *out.add(p * width + j + i) = *from.offset(i as isize * distance).add(p);
                }
            }
            j += 4;
        }
        for j in j..width {
            for p in 0..depth {
                *out.add(p * width + j) =
                    if j < cols { *from.offset(j as isize * distance).add(p) } else { T::default() };
            }
        }
    }
}

/// Sixteen elements in registers: the baseline's shuffles do, whatever the instruction set in use.
#[inline(always)]
unsafe fn transpose_4x4<T: Real>(from: *const T, distance: isize, to: *mut T, width: usize) {
    // SAFETY: the caller promises 4 x 4 elements on both sides; SSE is part of x86-64.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if size_of::<T>() == 4 {
            use std::arch::x86_64::*;
            let from = from.cast::<f32>();
            let mut row = [0, 1, 2, 3].map(|i| _mm_loadu_ps(from.offset(i * distance)));
            let [a, b, c, d] = &mut row;
            _MM_TRANSPOSE4_PS(a, b, c, d);
            for (i, row) in row.into_iter().enumerate() {
                _mm_storeu_ps(to.cast::<f32>().add(i * width), row);
            }
            return;
        }
        let rows = [0, 1, 2, 3].map(|i| from.offset(i * distance).cast::<[T; 4]>().read_unaligned());
        for i in 0..4 {
            to.add(i * width).cast::<[T; 4]>().write_unaligned(rows.map(|row| row[i]));
        }
    }
}
