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

    /// Where packing of some columns would read the first row, and how far the next ones are, if a row is a run.
    fn rows_of(&self, depth: usize, cols: Range<usize>) -> Option<(*const T, isize)> {
        let _ = (depth, cols);
        None
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
                    let offsets: [isize; 64] = std::array::from_fn(|i| i as isize * self.col);
                    let (from, n) = (first.offset(j as isize * self.col), width.min(cols - j));
                    transpose::<V>(from, &offsets[..n], depth, width, out.add(j * depth));
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
    fn rows_of(&self, depth: usize, cols: Range<usize>) -> Option<(*const T, isize)> {
        let first = self.ptr.wrapping_offset(depth as isize * self.depth + cols.start as isize);
        (self.col == 1).then_some((first, self.depth))
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

/// Writes columns, each contiguous in depth and at its offset from `from`, as rows of `width`; may write up to
/// [`SLACK`] elements beyond the last.
#[inline(always)]
pub(crate) unsafe fn transpose<V: Vector>(
    from: *const V::Elem,
    offsets: &[isize],
    depth: usize,
    width: usize,
    out: *mut V::Elem,
) {
    let cols = offsets.len();
    // SAFETY: the caller promises the columns, and room for `depth` rows of `width >= cols`.
    unsafe {
        let mut j = 0;
        if cols == width && (9..16).contains(&width) && Quads::<V>::side(16) == 16 {
            // The last columns once more make a whole register; what it stores beyond a row, the next row overwrites.
            let whole: [isize; 16] = std::array::from_fn(|i| offsets[i.min(cols - 1)]);
            for p in (0..depth & !3).step_by(4) {
                Quads::<V>::transpose(from.add(p), &whole, out.add(p * width), width);
            }
            for p in depth & !3..depth {
                for i in 0..cols {
                    *out.add(p * width + i) = *from.offset(offsets[i]).add(p);
                }
            }
            return;
        }
        while j < cols {
            let side = Quads::<V>::side(cols - j);
            if side == 1 && cols >= 4 {
                j = cols - 4; // some columns once more: faster than one by one
                continue;
            }
            for p in (0..depth & !3).step_by(4) {
                Quads::<V>::transpose(from.add(p), &offsets[j..j + side], out.add(p * width + j), width);
            }
            for p in depth & !3..depth {
                for i in 0..side {
                    *out.add(p * width + j + i) = *from.offset(offsets[j + i]).add(p);
                }
            }
            j += side;
        }
        if cols < width {
            for p in 0..depth {
                std::slice::from_raw_parts_mut(out.add(p * width + cols), width - cols).fill(V::Elem::default());
            }
        }
    }
}

/// Four elements of as many columns as a register has lanes, turned within registers.
struct Quads<V>(std::marker::PhantomData<V>);

impl<V: Vector> Quads<V> {
    const FLOATS: bool = cfg!(target_arch = "x86_64") && size_of::<V::Elem>() == 4;

    /// How many of `cols` columns [`Quads::transpose`] takes at once.
    #[inline(always)]
    fn side(cols: usize) -> usize {
        match cols {
            16.. if Self::FLOATS && V::LANES == 16 => 16,
            8.. if Self::FLOATS && V::LANES >= 8 => 8,
            4.. => 4,
            _ => 1,
        }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const V::Elem, offsets: &[isize], to: *mut V::Elem, width: usize) {
        let column = |i: usize| from.wrapping_offset(offsets[i]);
        // SAFETY: the caller promises four elements of each column and of each row; lanes prove the instruction set.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            if Self::FLOATS && offsets.len() >= 4 {
                use std::arch::x86_64::*;
                let quad = |i: usize| _mm_loadu_ps(column(i).cast());
                match offsets.len() {
                    16 => {
                        let mut rows = [_mm512_setzero_ps(); 4];
                        for i in 0..4 {
                            let row = _mm512_castps128_ps512(quad(i));
                            let row = _mm512_insertf32x4::<1>(row, quad(i + 4));
                            let row = _mm512_insertf32x4::<2>(row, quad(i + 8));
                            rows[i] = _mm512_insertf32x4::<3>(row, quad(i + 12));
                        }
                        let [a, b, c, d] = rows;
                        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
                        let (ef, gh) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
                        let to = to.cast::<f32>();
                        _mm512_storeu_ps(to, _mm512_shuffle_ps::<0x44>(ab, cd));
                        _mm512_storeu_ps(to.add(width), _mm512_shuffle_ps::<0xee>(ab, cd));
                        _mm512_storeu_ps(to.add(2 * width), _mm512_shuffle_ps::<0x44>(ef, gh));
                        _mm512_storeu_ps(to.add(3 * width), _mm512_shuffle_ps::<0xee>(ef, gh));
                    }
                    8 => {
                        let mut rows = [_mm256_setzero_ps(); 4];
                        for i in 0..4 {
                            rows[i] = _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(quad(i)), quad(i + 4));
                        }
                        let [a, b, c, d] = rows;
                        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
                        let (ef, gh) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
                        let to = to.cast::<f32>();
                        _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(ab, cd));
                        _mm256_storeu_ps(to.add(width), _mm256_shuffle_ps::<0xee>(ab, cd));
                        _mm256_storeu_ps(to.add(2 * width), _mm256_shuffle_ps::<0x44>(ef, gh));
                        _mm256_storeu_ps(to.add(3 * width), _mm256_shuffle_ps::<0xee>(ef, gh));
                    }
                    _ => {
                        let [mut a, mut b, mut c, mut d] = [quad(0), quad(1), quad(2), quad(3)];
                        _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
                        for (i, row) in [a, b, c, d].into_iter().enumerate() {
                            _mm_storeu_ps(to.add(i * width).cast(), row);
                        }
                    }
                }
                return;
            }
            for i in 0..offsets.len() {
                for p in 0..4 {
                    *to.add(p * width + i) = *column(i).add(p);
                }
            }
        }
    }
}
