//! Matrix products.
//!
//! One microkernel ([`tile`]) serves every shape, type and layout; what differs is how operands come to it
//! ([`panel`]) and how the work is cut ([`product`]). Products with a single row or column read their matrix once
//! and have loops of their own ([`vector`]).

pub(crate) mod packed;
pub(crate) mod panel;
pub(crate) mod product;
pub(crate) mod tile;
mod vector;

use crate::element::Real;
use panel::Strided;
use product::{Columns, Product};
use std::ptr;

/// A matrix, or a batch of them, in borrowed memory. Strides are in elements and may be zero or negative.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The first element.
    pub ptr: *const T,
    /// Distance between neighbouring rows.
    pub row: isize,
    /// Distance between neighbouring columns.
    pub col: isize,
    /// Distance between neighbours per batch axis; 0 broadcasts.
    pub batch: &'a [isize],
}

// SAFETY: it is only read.
unsafe impl<T: Sync> Sync for Matrix<'_, T> {}

/// What is added to a product.
#[derive(Clone, Copy, Debug)]
pub enum Bias<'a, T> {
    /// Nothing.
    None,
    /// One value per column, added to each row.
    Row(&'a [T]),
    /// One value per row, added to each column.
    Col(&'a [T]),
}

impl<T> Bias<'_, T> {
    fn row(&self) -> *const T {
        if let Bias::Row(bias) = self { bias.as_ptr() } else { ptr::null() }
    }
    fn col(&self) -> *const T {
        if let Bias::Col(bias) = self { bias.as_ptr() } else { ptr::null() }
    }
}

/// `c[i] = a[i] @ b[i] + bias`, or `c[i] += ...` if `accumulate`, for every index `i` of `batch`; `a[i]` is `m x k`,
/// `b[i]` is `k x n`. `c` is contiguous, batch by batch, and may be uninitialised unless `accumulate`.
///
/// The order of the sums depends on the shape only, never on the number of threads.
///
/// # Safety
/// All elements that the shapes and strides reach are readable; `c` has room and overlaps none of them.
pub unsafe fn run<T: Real>(
    batch: &[usize],
    m: usize,
    k: usize,
    n: usize,
    a: Matrix<T>,
    b: Matrix<T>,
    c: *mut T,
    bias: Bias<T>,
    accumulate: bool,
) {
    debug_assert!(a.batch.len() == batch.len() && b.batch.len() == batch.len());
    match bias {
        Bias::Row(bias) => assert_eq!(bias.len(), n, "bias per column"),
        Bias::Col(bias) => assert_eq!(bias.len(), m, "bias per row"),
        Bias::None => {}
    }
    let count: usize = batch.iter().product();
    if count == 0 || m == 0 || n == 0 {
        return;
    }
    // One matrix for many: the batch is only more rows.
    if count > 1 && !matches!(bias, Bias::Col(_)) && b.batch.iter().zip(batch).all(|(&s, &len)| s == 0 || len == 1) {
        let mut next = a.row * m as isize;
        let rows_continue = batch.iter().zip(a.batch).rev().all(|(&len, &stride)| {
            let fits = len == 1 || stride == next;
            next *= len as isize;
            fits
        });
        if rows_continue {
            // SAFETY: the same elements.
            return unsafe {
                run(&[], count * m, k, n, Matrix { batch: &[], ..a }, Matrix { batch: &[], ..b }, c, bias, accumulate)
            };
        }
    }
    let at = |matrix: &Matrix<T>, index: usize| {
        let (mut rest, mut ptr) = (index, matrix.ptr);
        for (&len, &stride) in batch.iter().zip(matrix.batch).rev() {
            ptr = ptr.wrapping_offset((rest % len) as isize * stride);
            rest /= len;
        }
        ptr
    };
    let c = Target(c);
    // SAFETY: the caller's promise, for each matrix of the batch.
    unsafe {
        if m == 1 || n == 1 {
            vector::run(count, k, m.max(n), accumulate, |i| vector::Product {
                x: if m == 1 { at(&a, i) } else { at(&b, i) },
                x_stride: if m == 1 { a.col } else { b.row },
                matrix: if m == 1 {
                    Strided { ptr: at(&b, i), depth: b.row, col: b.col }
                } else {
                    Strided { ptr: at(&a, i), depth: a.col, col: a.row }
                },
                y: c.at(i * m * n),
                bias: if m == 1 { bias.row() } else { bias.col() },
                constant: if m == 1 { bias.col() } else { bias.row() },
            });
            return;
        }
        product::run(count, |i| Product {
            m,
            k,
            n,
            a: Strided { ptr: at(&a, i), depth: a.col, col: a.row },
            b: Strided { ptr: at(&b, i), depth: b.row, col: b.col },
            c: c.at(i * m * n),
            c_row: n as isize,
            c_cols: Columns::contiguous(n),
            bias_row: bias.row(),
            bias_col: bias.col(),
            accumulate,
        });
    }
}

/// The result's pointer, for closures that run on several threads.
#[derive(Clone, Copy)]
pub(crate) struct Target<T>(pub *mut T);

// SAFETY: tasks write disjoint parts.
unsafe impl<T: Send> Sync for Target<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Target<T> {}

impl<T> Target<T> {
    /// The pointer `offset` elements on.
    /// # Safety
    /// It is within the result.
    pub(crate) unsafe fn at(&self, offset: usize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(offset) }
    }
}
