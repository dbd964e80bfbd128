//! Dense linear algebra on row-major matrices of real or complex doubles ([`Number`]): factorisations, eigenvalues,
//! singular values.
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
mod number;
mod qr;
mod schur;
mod svd;
mod symmetric;
mod triangular;

pub use cholesky::cholesky;
pub use exponential::exponential;
pub use general::eig;
pub use lu::{lu, swap_rows};
pub use number::{Complex, Number};
pub use qr::{Reflectors, qr};
pub use schur::eig as complex_eig;
pub use svd::svd;
pub use symmetric::eigh;
pub use triangular::{Triangle, solve_triangular};

use crate::gemm;
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
pub struct Window<'a, T> {
    data: &'a [T],
    start: usize,
    row: usize,
    col: usize,
    /// Read as complex conjugates.
    conj: bool,
}

impl<'a, T: Number> Window<'a, T> {
    fn new(data: &'a [T], start: usize, row: usize, col: usize) -> Self {
        Window { data, start, row, col, conj: false }
    }

    /// Its complex conjugates.
    fn conj(self) -> Self {
        Window { conj: !self.conj, ..self }
    }

    /// The real (0) or imaginary (1) parts of `rows x columns` of it.
    fn part(&self, rows: usize, columns: usize, which: usize) -> gemm::Matrix<'static, f64> {
        if rows * columns > 0 {
            assert!(self.start + (rows - 1) * self.row + (columns - 1) * self.col < self.data.len());
        }
        let ptr = self.data.as_ptr().wrapping_add(self.start).cast::<f64>().wrapping_add(which);
        let [row, col] = [self.row, self.col].map(|stride| (T::PARTS * stride) as isize);
        gemm::Matrix { ptr, row, col, batch: &[] }
    }
}

/// `a @ b` for `m x k` and `k x n`, row-major.
fn product<T: Number>(m: usize, k: usize, n: usize, a: Window<'_, T>, b: Window<'_, T>) -> Vec<T> {
    T::product(m, k, n, a, b)
}

/// Row-major `m x k` times `k x n`.
fn multiply<T: Number>(m: usize, k: usize, n: usize, a: &[T], b: &[T]) -> Vec<T> {
    product(m, k, n, Window::new(a, 0, k, 1), Window::new(b, 0, n, 1))
}

/// `y += factor * x`
#[inline(always)]
fn axpy<T: Number>(factor: T, x: &[T], y: &mut [T]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y += factor * x);
}

/// The sum of `x[i] * y[i]`, in eight interleaved sums.
#[inline(always)]
fn dot<T: Number>(x: &[T], y: &[T]) -> T {
    let mut sums = [T::default(); 8];
    let (xs, ys) = (x.chunks_exact(8), y.chunks_exact(8));
    let rest = xs.remainder().iter().zip(ys.remainder()).fold(T::default(), |sum, (&x, &y)| sum + x * y);
    for (x, y) in xs.zip(ys) {
        (0..8).for_each(|i| sums[i] += x[i] * y[i]);
    }
    sums.iter().fold(T::default(), |sum, &part| sum + part) + rest
}

/// The inner product: the sum of `conj(x[i]) * y[i]`.
#[inline(always)]
fn inner<T: Number>(x: &[T], y: &[T]) -> T {
    if T::PARTS == 1 {
        return dot(x, y);
    }
    x.iter().zip(y).fold(T::default(), |sum, (&x, &y)| sum + x.conj() * y)
}

/// The sum of squares of absolute values.
fn square<T: Number>(x: &[T]) -> f64 {
    inner(x, x).re()
}

/// Rows `i < j` of a matrix with `n` columns.
fn two_rows<T>(a: &mut [T], n: usize, i: usize, j: usize) -> (&mut [T], &mut [T]) {
    let (head, tail) = a.split_at_mut(j * n);
    (&mut head[i * n..][..n], &mut tail[..n])
}

/// A transposed copy of an `m x n` matrix.
pub fn transpose<T: Number>(a: &[T], m: usize, n: usize) -> Vec<T> {
    let mut out = vec![T::default(); m * n];
    for i in 0..m {
        for j in 0..n {
            out[j * m + i] = a[i * n + j];
        }
    }
    out
}
