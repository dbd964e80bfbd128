//! A vector times a matrix: every element of the matrix is read once, so the loops follow its layout.

use super::panel::Strided;
use crate::element::Real;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;

/// Columns of a task where rows are contiguous: its part of the result stays in the first-level cache.
const WIDTH: usize = 1024;
/// Rows added to the result per pass over it.
const ROWS: usize = 8;
/// Columns read side by side where columns are contiguous.
const SIDE: usize = 4;

/// `y (+)= x @ matrix + bias + constant`.
pub(super) struct Product<T> {
    pub x: *const T,
    pub x_stride: isize,
    pub matrix: Strided<T>,
    pub y: *mut T,
    /// One per column, or null.
    pub bias: *const T,
    /// One for all columns, or null.
    pub constant: *const T,
}

/// Computes `count` products of `k` elements with `k x n` matrices, which `make` describes.
/// # Safety
/// All that the products name is readable, all results writable, initialised if `accumulate`.
pub(super) unsafe fn run<T: Real>(
    count: usize,
    k: usize,
    n: usize,
    accumulate: bool,
    make: impl Fn(usize) -> Product<T> + Sync,
) {
    // Each column is summed in one order whatever the width of a task, which has some columns however long they are.
    let contiguous_columns = count > 0 && make(0).matrix.depth == 1;
    let width = if contiguous_columns { (par::GRAIN / k.max(1)).max(1).next_multiple_of(SIDE) } else { WIDTH };
    let tasks = n.div_ceil(width);
    par::run(count * tasks, (count * n).saturating_mul(k.max(1)), |task| {
        let product = make(task / tasks);
        let cols = task % tasks * width..n.min((task % tasks + 1) * width);
        let packed = if contiguous_columns && product.x_stride != 1 { k } else { 0 };
        par::scratch::<T, _>(packed, |scratch| {
            let mut product = product;
            if packed > 0 {
                for (i, x) in scratch.iter_mut().enumerate() {
                    // SAFETY: the caller's promise for `x`.
                    x.write(unsafe { *product.x.offset(i as isize * product.x_stride) });
                }
                (product.x, product.x_stride) = (scratch.as_ptr().cast(), 1);
            }
            simd::dispatch(Task { product, k, cols, accumulate });
        });
    });
}

struct Task<T> {
    product: Product<T>,
    k: usize,
    cols: Range<usize>,
    accumulate: bool,
}

impl<T: Real> Kernel for Task<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Strided { depth, col, .. } = self.product.matrix;
        // SAFETY: `run`'s caller promised the operands, the result is this task's own.
        unsafe {
            if depth == 1 {
                self.columns::<T::V<I>>();
            } else if col == 1 {
                self.rows::<T::V<I>>();
            } else {
                self.elements::<T::V<I>>();
            }
        }
    }
}

impl<T: Real> Task<T> {
    /// What the sums of `V::LANES` columns, of which `n` count, start from.
    #[inline(always)]
    unsafe fn start<V: Vector<Elem = T>>(&self, col: usize, n: usize) -> V {
        let p = &self.product;
        // SAFETY: the caller promises `n` columns of bias and result.
        unsafe {
            let mut y = if self.accumulate { V::load_first(p.y.add(col), n) } else { V::splat(T::default()) };
            if !p.bias.is_null() {
                y = y + V::load_first(p.bias.add(col), n);
            }
            if !p.constant.is_null() {
                y = y + V::splat(*p.constant);
            }
            y
        }
    }

    /// Contiguous rows: a few of them are scaled and added to the result at a time.
    #[inline(always)]
    unsafe fn rows<V: Vector<Elem = T>>(&self) {
        let (p, end) = (&self.product, self.cols.end);
        // SAFETY: the caller's promise; no column beyond `end` is touched.
        unsafe {
            for j in self.cols.clone().step_by(V::LANES) {
                let n = V::LANES.min(end - j);
                self.start::<V>(j, n).store_first(p.y.add(j), n);
            }
            let mut i = 0;
            while i < self.k {
                let rows = ROWS.min(self.k - i);
                let row = |r: usize| p.matrix.ptr.offset((i + r) as isize * p.matrix.depth);
                let mut scale = [V::splat(T::default()); ROWS];
                for r in 0..rows {
                    scale[r] = V::splat(*p.x.offset((i + r) as isize * p.x_stride));
                }
                let mut j = self.cols.start;
                if rows == ROWS {
                    while j + V::LANES <= end {
                        let mut y = V::load(p.y.add(j));
                        for r in 0..ROWS {
                            y = scale[r].mul_add(V::load(row(r).add(j)), y);
                        }
                        y.store(p.y.add(j));
                        j += V::LANES;
                    }
                }
                while j < end {
                    let n = V::LANES.min(end - j);
                    let mut y = V::load_first(p.y.add(j), n);
                    for r in 0..rows {
                        y = scale[r].mul_add(V::load_first(row(r).add(j), n), y);
                    }
                    y.store_first(p.y.add(j), n);
                    j += V::LANES;
                }
                i += rows;
            }
        }
    }

    /// Contiguous columns: dot products.
    #[inline(always)]
    unsafe fn columns<V: Vector<Elem = T>>(&self) {
        let mut j = self.cols.start;
        // SAFETY: the caller's promise.
        unsafe {
            while j + SIDE <= self.cols.end {
                self.dot::<V, SIDE>(j);
                j += SIDE;
            }
            while j < self.cols.end {
                self.dot::<V, 1>(j);
                j += 1;
            }
        }
    }

    /// `N` neighbouring columns, each summed in the same order whatever `N` is.
    #[inline(always)]
    unsafe fn dot<V: Vector<Elem = T>, const N: usize>(&self, col: usize) {
        let p = &self.product;
        // SAFETY: the caller promises the columns.
        unsafe {
            let mut sums = [[V::splat(T::default()); 2]; N];
            let column = |j: usize| p.matrix.ptr.offset((col + j) as isize * p.matrix.col);
            let mut i = 0;
            while i + 2 * V::LANES <= self.k {
                for half in 0..2 {
                    let at = i + half * V::LANES;
                    let x = V::load(p.x.add(at));
                    for j in 0..N {
                        sums[j][half] = x.mul_add(V::load(column(j).add(at)), sums[j][half]);
                    }
                }
                i += 2 * V::LANES;
            }
            while i < self.k {
                let n = V::LANES.min(self.k - i);
                let x = V::load_first(p.x.add(i), n);
                for j in 0..N {
                    sums[j][0] = x.mul_add(V::load_first(column(j).add(i), n), sums[j][0]);
                }
                i += V::LANES;
            }
            for j in 0..N {
                let sum = V::splat((sums[j][0] + sums[j][1]).sum());
                (self.start::<V>(col + j, 1) + sum).store_first(p.y.add(col + j), 1);
            }
        }
    }

    /// Neither is contiguous: a rare layout, element by element.
    #[inline(always)]
    unsafe fn elements<V: Vector<Elem = T>>(&self) {
        let (p, Strided { ptr, depth, col }) = (&self.product, self.product.matrix);
        for j in self.cols.clone() {
            // SAFETY: the caller's promise.
            unsafe {
                let mut sum = self.start::<V>(j, 1);
                for i in 0..self.k as isize {
                    let element = V::splat(*ptr.offset(i * depth + j as isize * col));
                    sum = V::splat(*p.x.offset(i * p.x_stride)).mul_add(element, sum);
                }
                sum.store_first(p.y.add(j), 1);
            }
        }
    }
}
