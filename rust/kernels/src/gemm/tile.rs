//! The microkernel: a small tile of the result stays in registers while the depth runs by.

use crate::element::Real;
use crate::simd::{Isa, Kernel, Vector, prefetch};

/// Registers side by side in a tile. With 2, `2 * MR` accumulators need `MR + 2` loads per step.
const NV: usize = 2;

/// Rows and columns of a tile for `T` on an instruction set. 16 registers hold 6 x 2 accumulators, 32 hold 14 x 2,
/// besides two of `b` and one of `a`: enough independent sums to hide the latency of multiply-add.
#[inline(always)]
pub(crate) fn shape<T: Real, I: Isa>() -> (usize, usize) {
    (if I::REGISTERS >= 32 { 14 } else { 6 }, NV * T::V::<I>::LANES)
}

/// Rows of a tile whose `a` is read in place, given those of a packed one: 8 of 14, 4 of 6. Fewer, for each row needs an
/// address register of its own.
#[inline(always)]
pub(crate) fn rows_in_place(packed: usize) -> usize {
    packed / 2 + 1
}

/// One tile of `c (+)= a @ b + bias`, at most [`shape`] large. `b` has a whole tile's columns readable per step.
#[derive(Clone, Copy)]
pub(crate) struct Tile<T> {
    pub rows: usize,
    pub cols: usize,
    pub k: usize,
    /// `a[row * a_row + p * a_k]`.
    pub a: *const T,
    pub a_row: isize,
    pub a_k: isize,
    /// `a_row` is 1 and all rows of a tile are readable, even beyond `rows`.
    pub a_packed: bool,
    /// `b[p * b_k + col]`.
    pub b: *const T,
    pub b_k: isize,
    /// `c[row * c_row + col]`.
    pub c: *mut T,
    pub c_row: isize,
    /// Add to `c` instead of overwriting it.
    pub add: bool,
    /// One per column, or null.
    pub bias_row: *const T,
    /// One per row, or null.
    pub bias_col: *const T,
    pub ahead: Ahead<T>,
}

/// What a tile asks for while it computes, because it will be packed next: so many rows of a tile's width.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<T> {
    pub from: *const T,
    /// Distance between rows.
    pub step: isize,
    pub rows: usize,
}

impl<T> Ahead<T> {
    pub(crate) const NOTHING: Ahead<T> = Ahead { from: std::ptr::null(), step: 0, rows: 0 };
}

impl<T: Real> Kernel for Tile<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        debug_assert!(self.rows >= 1 && self.cols >= 1 && self.cols <= shape::<T, I>().1);
        // SAFETY: the fields promise what `columns` needs.
        unsafe {
            if self.cols <= T::V::<I>::LANES {
                self.rows::<T::V<I>, 1>(I::REGISTERS >= 32)
            } else {
                self.rows::<T::V<I>, NV>(I::REGISTERS >= 32)
            }
        }
    }
}

impl<T: Real> Tile<T> {
    /// Chooses how many rows are computed: few heights, so that the code stays small.
    #[inline(always)]
    unsafe fn rows<V: Vector<Elem = T>, const NV: usize>(&self, many_registers: bool) {
        // SAFETY: the caller's promise.
        unsafe {
            match (self.rows, self.a_packed, many_registers) {
                (1, true, _) => self.compute::<V, 1, NV, true>(),
                (2, true, _) => self.compute::<V, 2, NV, true>(),
                (3..=4, true, _) => self.compute::<V, 4, NV, true>(),
                (5..=8, true, true) => self.compute::<V, 8, NV, true>(),
                (_, true, true) => self.compute::<V, 14, NV, true>(),
                (_, true, false) => self.compute::<V, 6, NV, true>(),
                (1, false, _) => self.compute::<V, 1, NV, false>(),
                (2, false, _) => self.compute::<V, 2, NV, false>(),
                (_, false, true) => self.compute::<V, 8, NV, false>(),
                (_, false, false) => self.compute::<V, 4, NV, false>(),
            }
        }
    }

    #[inline(always)]
    unsafe fn compute<V: Vector<Elem = T>, const MR: usize, const NV: usize, const PACKED: bool>(&self) {
        debug_assert!(self.rows <= MR && self.cols <= NV * V::LANES);
        // SAFETY: the fields promise what `accumulate` reads; `store` writes `rows` x `cols` elements of `c`.
        unsafe {
            let sums = self.accumulate::<V, MR, NV, PACKED>();
            if self.cols == NV * V::LANES {
                self.store::<V, MR, NV, true>(sums);
            } else {
                self.store::<V, MR, NV, false>(sums);
            }
        }
    }

    /// The products, summed over the depth in order.
    #[inline(always)]
    unsafe fn accumulate<V: Vector<Elem = T>, const MR: usize, const NV: usize, const PACKED: bool>(
        &self,
    ) -> [[V; NV]; MR] {
        let mut sums = [[V::splat(T::default()); NV]; MR];
        // In place, rows beyond the last read the last again: they are never stored.
        let mut row = [0isize; MR];
        for r in 0..MR {
            row[r] = if PACKED { r as isize } else { r.min(self.rows - 1) as isize * self.a_row };
        }
        let (mut a, mut b) = (self.a, self.b);
        // A rolled loop loses a fifth of the speed to its own bookkeeping.
        for r in 0..self.k / 4 {
            // The result will be needed at the end; asked for row by row, it does not hold up the operands.
            if r < self.rows {
                prefetch(self.c.wrapping_offset(r as isize * self.c_row), NV * size_of::<V>());
            }
            if r < self.ahead.rows {
                prefetch(self.ahead.from.wrapping_offset(r as isize * self.ahead.step), NV * size_of::<V>());
            }
            for _ in 0..4 {
                // SAFETY: the fields promise `k` steps of `a` and `b`; also below.
                unsafe { step(a, b, &row, &mut sums) };
                (a, b) = (a.wrapping_offset(self.a_k), b.wrapping_offset(self.b_k));
            }
        }
        for _ in 0..self.k % 4 {
            // SAFETY: as above.
            unsafe { step(a, b, &row, &mut sums) };
            (a, b) = (a.wrapping_offset(self.a_k), b.wrapping_offset(self.b_k));
        }
        sums
    }

    #[inline(always)]
    unsafe fn store<V: Vector<Elem = T>, const MR: usize, const NV: usize, const WHOLE: bool>(
        &self,
        sums: [[V; NV]; MR],
    ) {
        // SAFETY: `rows` x `cols` elements of `c` are writable, and initialised if `add`; so are the biases.
        unsafe {
            for r in 0..MR {
                if r >= self.rows {
                    break;
                }
                for v in 0..NV {
                    let n = if WHOLE || v + 1 < NV { V::LANES } else { self.cols - v * V::LANES };
                    let c = self.c.offset(r as isize * self.c_row).add(v * V::LANES);
                    let mut sum = sums[r][v];
                    if !self.bias_col.is_null() {
                        sum = sum + V::splat(*self.bias_col.add(r));
                    }
                    if !self.bias_row.is_null() {
                        sum = sum + V::load_part(self.bias_row.add(v * V::LANES), n);
                    }
                    if self.add {
                        sum = sum + V::load_part(c, n);
                    }
                    sum.store_part(c, n)
                }
            }
        }
    }
}

/// Adds the products of one column of `a` with one row of `b`.
#[inline(always)]
unsafe fn step<V: Vector, const MR: usize, const NV: usize>(
    a: *const V::Elem,
    b: *const V::Elem,
    row: &[isize; MR],
    sums: &mut [[V; NV]; MR],
) {
    // SAFETY: the caller promises `MR` elements of `a` and `NV` registers of `b`.
    unsafe {
        let mut columns = [V::splat(V::Elem::default()); NV];
        for v in 0..NV {
            columns[v] = V::load(b.add(v * V::LANES));
        }
        for r in 0..MR {
            let scale = V::splat(*a.offset(row[r]));
            for v in 0..NV {
                sums[r][v] = scale.mul_add(columns[v], sums[r][v]);
            }
        }
    }
}
