//! Operands of a product, read column by column of a `depth x columns` matrix, wherever their elements lie.

use crate::element::Real;
use crate::simd::Vector;
use std::ops::Range;

/// One operand of a product. Both are seen as matrices of `depth` rows: the left operand's columns are the rows of
/// the result, the right operand's columns are the columns of the result.
pub(crate) trait Panel<T: Real>: Sync {
    /// What [`Panel::prepare`] tells [`Panel::pack`].
    type Ready: Copy;

    /// Elements of memory that [`Panel::prepare`] wants for so much depth and so many columns.
    fn room(&self, depth: usize, cols: usize) -> usize {
        let _ = (depth, cols);
        0
    }

    /// Gets a part of the operand ready for packing, perhaps by copying it to `room` in a friendlier order.
    /// # Safety
    /// The part lies within the operand; `room` has as many elements as asked for, and lives while the part is packed.
    unsafe fn prepare<V: Vector<Elem = T>>(&self, depth: Range<usize>, cols: Range<usize>, room: *mut T)
    -> Self::Ready;

    /// Writes some of the columns that are ready as strips of `width`, one after another. A strip is `depth.len()`
    /// rows of `width` elements; columns beyond the last are zero.
    /// # Safety
    /// The part is ready, and `out` has room for it and for [`SLACK`] more elements.
    unsafe fn pack<V: Vector<Elem = T>>(
        &self,
        ready: Self::Ready,
        depth: Range<usize>,
        cols: Range<usize>,
        width: usize,
        out: *mut T,
    );

    /// Where a block of depth that starts at `start` and is at most (about) `limit` long should end.
    fn depth_end(&self, start: usize, limit: usize) -> usize {
        start + limit
    }

    /// Where a run of columns that starts at `start` should end to be ready at once.
    fn cols_end(&self, start: usize, end: usize) -> usize {
        let _ = start;
        end
    }

    /// Where an element lies and how far its neighbours are in depth and column, if the operand lies in memory as a
    /// matrix and need not be packed.
    fn in_place(&self, depth: usize, col: usize) -> Option<(*const T, isize, isize)> {
        let _ = (depth, col);
        None
    }
}

/// Elements that packing may write beyond its end: whole registers are stored where part of one is needed.
pub(crate) const SLACK: usize = 16;

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
    type Ready = ();

    #[inline(always)]
    unsafe fn prepare<V: Vector<Elem = T>>(&self, _: Range<usize>, _: Range<usize>, _: *mut T) {}

    #[inline(always)]
    unsafe fn pack<V: Vector<Elem = T>>(
        &self,
        _: (),
        depth: Range<usize>,
        cols: Range<usize>,
        width: usize,
        out: *mut T,
    ) {
        let first = self.ptr.wrapping_offset(depth.start as isize * self.depth + cols.start as isize * self.col);
        let (depth, cols, strip) = (depth.len(), cols.len(), depth.len() * width);
        // SAFETY: the caller's promise.
        unsafe {
            if self.depth == 1 && self.col != 1 {
                for j in (0..cols).step_by(width) {
                    let column = |i: usize| first.offset((j + i) as isize * self.col);
                    transpose(column, depth, width.min(cols - j), width, out.add(j * depth));
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
                    if n < width {
                        std::slice::from_raw_parts_mut(to.add(n), width - n).fill(T::default());
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

/// Writes `cols` columns, each contiguous in depth, as rows of `width`.
#[inline(always)]
pub(crate) unsafe fn transpose<T: Real>(
    column: impl Fn(usize) -> *const T,
    depth: usize,
    cols: usize,
    width: usize,
    out: *mut T,
) {
    // SAFETY: the caller promises the columns and room for `depth` rows of `width >= cols`.
    unsafe {
        let mut j = 0;
        while j + 4 <= cols {
            let from = [column(j), column(j + 1), column(j + 2), column(j + 3)];
            let mut p = 0;
            while p + 4 <= depth {
                transpose_4x4(from.map(|column| column.add(p)), out.add(p * width + j), width);
                p += 4;
            }
            for p in p..depth {
                for i in 0..4 {
                    *out.add(p * width + j + i) = *from[i].add(p);
                }
            }
            j += 4;
        }
        for j in j..width {
            for p in 0..depth {
                *out.add(p * width + j) = if j < cols { *column(j).add(p) } else { T::default() };
            }
        }
    }
}

/// Sixteen elements in registers: the baseline's shuffles do, whatever the instruction set in use.
#[inline(always)]
unsafe fn transpose_4x4<T: Real>(from: [*const T; 4], to: *mut T, width: usize) {
    // SAFETY: the caller promises 4 x 4 elements on both sides; SSE is part of x86-64.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if size_of::<T>() == 4 {
            use std::arch::x86_64::*;
            let [mut a, mut b, mut c, mut d] = from.map(|row| _mm_loadu_ps(row.cast()));
            _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
            for (i, row) in [a, b, c, d].into_iter().enumerate() {
                _mm_storeu_ps(to.add(i * width).cast(), row);
            }
            return;
        }
        let rows = from.map(|row| row.cast::<[T; 4]>().read_unaligned());
        for i in 0..4 {
            to.add(i * width).cast::<[T; 4]>().write_unaligned(rows.map(|row| row[i]));
        }
    }
}
