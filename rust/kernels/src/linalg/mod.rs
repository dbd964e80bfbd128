//! Dense linear algebra on row-major matrices of `f64`: factorisations, eigenvalues, singular values.
//!
//! Only doubles: results for `float32` are computed here and rounded, which is more exact than single precision, and a
//! second copy of this code would cost more room in the wheel than it saves time. What is of third order goes through
//! the matrix product ([`crate::gemm`]) block by block. Own code instead of the crate `faer`: that added 670 KB to the
//! compressed wheel (0.24, `f64` alone, without threads), this code 79 KB.
//!
//! Matrices of a batch run on several threads ([`batches`]), each matrix in an order that depends on its shape only.

mod cholesky;
mod exponential;
mod general;
mod lu;
mod qr;
mod svd;
mod symmetric;
mod triangular;

pub use cholesky::cholesky;
pub use exponential::exponential;
pub use general::eig;
pub use lu::{lu, swap_rows};
pub use qr::{Reflectors, qr};
pub use svd::svd;
pub use symmetric::eigh;
pub use triangular::{Triangle, solve_triangular};

use crate::gemm::{self, Bias};
use crate::par;
use crate::parts::Parts;

/// Columns or rows that are worked on together, before a matrix product updates the rest.
const BLOCK: usize = 32;

/// Calls `f(i, pieces)` for each of `count` matrices, on several threads: piece `i` of every output, cut evenly.
/// `cost` is that of one matrix, as [`par::run`] counts.
pub fn batches<const N: usize>(
    count: usize,
    cost: usize,
    outputs: [&mut [f64]; N],
    f: impl Fn(usize, [&mut [f64]; N]) + Sync,
) {
    let sizes: [usize; N] = std::array::from_fn(|k| outputs[k].len().checked_div(count).unwrap_or(0));
    let parts = outputs.map(Parts::new);
    par::run(count, cost.saturating_mul(count), |i| {
        // SAFETY: one piece of each output per matrix.
        f(i, std::array::from_fn(|k| unsafe { parts[k].piece(i, sizes[k]) }));
    });
}

/// A matrix inside another: where it begins, and the strides.
#[derive(Clone, Copy)]
struct Window<'a> {
    data: &'a [f64],
    start: usize,
    row: usize,
    col: usize,
}

impl<'a> Window<'a> {
    fn new(data: &'a [f64], start: usize, row: usize, col: usize) -> Self {
        Window { data, start, row, col }
    }

    fn matrix(&self, rows: usize, columns: usize) -> gemm::Matrix<'static, f64> {
        if rows * columns > 0 {
            assert!(self.start + (rows - 1) * self.row + (columns - 1) * self.col < self.data.len());
        }
        let ptr = self.data.as_ptr().wrapping_add(self.start);
        gemm::Matrix { ptr, row: self.row as isize, col: self.col as isize, batch: &[] }
    }
}

/// `a @ b` for `m x k` and `k x n`, row-major.
fn product(m: usize, k: usize, n: usize, a: Window<'_>, b: Window<'_>) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    // SAFETY: `matrix` has checked the operands' bounds; the output is as large as it has to be, and new.
    unsafe { gemm::run(&[], m, k, n, a.matrix(m, k), b.matrix(k, n), out.as_mut_ptr(), Bias::None, false) };
    out
}

/// Row-major `m x k` times `k x n`.
fn multiply(m: usize, k: usize, n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    product(m, k, n, Window::new(a, 0, k, 1), Window::new(b, 0, n, 1))
}

/// `y += factor * x`
#[inline(always)]
fn axpy(factor: f64, x: &[f64], y: &mut [f64]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += factor * x);
}

/// The inner product in eight interleaved sums.
#[inline(always)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest: f64 = xs.remainder().iter().zip(ys.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        (0..8).for_each(|i| sums[i] += x[i] * y[i]);
    }
    sums.iter().sum::<f64>() + rest
}

/// Rows `i < j` of a matrix with `n` columns.
fn two_rows(a: &mut [f64], n: usize, i: usize, j: usize) -> (&mut [f64], &mut [f64]) {
    let (head, tail) = a.split_at_mut(j * n);
    (&mut head[i * n..][..n], &mut tail[..n])
}

/// A transposed copy of an `m x n` matrix.
pub fn transpose(a: &[f64], m: usize, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            out[j * m + i] = a[i * n + j];
        }
    }
    out
}
