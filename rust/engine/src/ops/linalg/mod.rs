//! Linear algebra: systems, factorisations, eigenvalues and singular values, norms.
//!
//! Matrices lie on the last two axes, all others are batches. The kernels work in `float64` and `complex128`; other floats
//! are converted and the results rounded. Derivatives are the closed formulas in differentiable operations (Giles, An extended
//! collection of matrix derivative results, 2008, where no other source is named), so every order follows.

mod eigen;
mod factor;
mod lu;
mod norms;
mod solve;
mod spectral;

pub use eigen::*;
pub use factor::*;
pub use lu::*;
pub use norms::*;
pub use solve::*;
pub use spectral::*;

use super::matmul::transposed;
use super::{arith, complex, convert, join, view};
use crate::array::{Array, DType, Shape};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_kernels::linalg::Number;

/// A batch of matrices as contiguous doubles, of complex numbers the parts along a last axis.
pub(super) struct Matrices {
    pub array: Array,
    pub batch: Shape,
    pub rows: usize,
    pub columns: usize,
    /// What the results are rounded to.
    pub dtype: DType,
}

impl Matrices {
    /// The elements of `x`; `fresh` if they will be overwritten.
    fn read(x: &Tensor, fresh: bool) -> Matrices {
        let array = x.array();
        let shape = array.shape();
        let lead = shape.len() - 2;
        let (batch, rows, columns) = (Shape::from_slice(&shape[..lead]), shape[lead], shape[lead + 1]);
        let dtype = array.dtype();
        let wide = wide(dtype);
        let array =
            if dtype == wide && fresh { convert::contiguous_copy(&array) } else { convert::plain(&array, wide) };
        let array = if dtype.is_complex() { array.parts() } else { array };
        Matrices { array, batch, rows, columns, dtype }
    }

    fn count(&self) -> usize {
        self.batch.iter().product()
    }

    fn size(&self) -> usize {
        self.rows * self.columns
    }

    /// Matrix number `i`.
    fn matrix<T: Number>(&self, i: usize) -> &[T] {
        let len = T::PARTS * self.size();
        T::of(&self.array.slice::<f64>()[i * len..][..len])
    }

    /// Room for real results per matrix.
    fn room(&self, extents: &[usize]) -> Array {
        let mut shape = self.batch.clone();
        shape.extend_from_slice(extents);
        convert::zeros(DType::F64, &shape)
    }

    /// Room for results of the matrices' kind.
    fn numbers(&self, extents: &[usize]) -> Array {
        let mut parts = Shape::from_slice(extents);
        parts.extend(self.dtype.is_complex().then_some(2));
        self.room(&parts)
    }

    /// What work of third order on one matrix costs, as `par` counts.
    fn cubic(&self) -> usize {
        let products = if self.dtype.is_complex() { 4 } else { 1 };
        self.size().saturating_mul(self.rows.min(self.columns)) / 4 * products
    }

    /// Real results in the matrices' precision.
    fn round(&self, array: &Array) -> Array {
        convert::cast(array, self.dtype.real())
    }

    /// Results of the matrices' kind in their precision.
    fn round_numbers(&self, array: &Array) -> Array {
        if self.dtype.is_complex() {
            return convert::cast(&array.joined().expect("pairs side by side"), self.dtype);
        }
        self.round(array)
    }
}

/// What the kernels compute in.
fn wide(dtype: DType) -> DType {
    if dtype.is_complex() { DType::C128 } else { DType::F64 }
}

/// Runs `$body` with the type of the numbers of `$matrices` as `$T`.
macro_rules! with_number {
    ($matrices:expr, $T:ident => $body:expr) => {
        if $matrices.dtype.is_complex() {
            type $T = rutile_kernels::linalg::Complex;
            $body
        } else {
            type $T = f64;
            $body
        }
    };
}
use with_number;

/// The conjugate transpose, of real matrices the transpose.
pub(super) fn adjoint(x: &Tensor) -> Result<Tensor> {
    let turned = transposed(x)?;
    if x.dtype().is_complex() { complex::conj(&turned) } else { Ok(turned) }
}

/// Refuses what is no matrix or batch of them.
pub(super) fn require_matrix(op: &str, x: &Tensor) -> Result<()> {
    if !x.dtype().has_gradients() {
        fail!(DType, "{op}: Expected a floating point tensor as input. Got {}", x.dtype());
    }
    if x.ndim() < 2 {
        fail!(Shape, "{op}: The input tensor A must have at least 2 dimensions, got shape {:?}", &x.shape()[..]);
    }
    Ok(())
}

pub(super) fn require_square(op: &str, x: &Tensor) -> Result<()> {
    require_matrix(op, x)?;
    square(op, x)
}

/// Complex matrices `X + iY` as real ones of twice the size, `[[X, -Y], [Y, X]]`: sums, products, inverses and power series
/// of these are those of the complex matrices.
pub(super) fn doubled(x: &Tensor) -> Result<Tensor> {
    let (re, im) = (complex::real(x)?, complex::imag(x)?);
    let above = join::cat(&[re.clone(), arith::neg(&im)?], -1)?;
    join::cat(&[above, join::cat(&[im, re], -1)?], -2)
}

/// The left half of a doubled matrix (or of a product of one), `[[X], [Y]]`, as complex numbers.
pub(super) fn halved(x: &Tensor, columns: usize) -> Result<Tensor> {
    let (row, column) = (x.ndim() - 2, x.ndim() - 1);
    let n = x.shape()[row] / 2;
    let left = view::slice_axis(x, column, 0, columns, 1)?;
    complex::complex(&view::slice_axis(&left, row, 0, n, 1)?, &view::slice_axis(&left, row, n, n, 1)?)
}

fn square(op: &str, x: &Tensor) -> Result<()> {
    if x.ndim() < 2 {
        fail!(Shape, "{op}: The input tensor A must have at least 2 dimensions, got shape {:?}", &x.shape()[..]);
    }
    let shape = x.shape();
    let [m, n] = [shape[shape.len() - 2], shape[shape.len() - 1]];
    if m != n {
        fail!(Shape, "{op}: A must be batches of square matrices, but they are {m} by {n} matrices");
    }
    Ok(())
}

/// `(Batch element 3): ` for the error about one of several matrices.
fn which(batch: &[usize], i: usize) -> String {
    if batch.is_empty() { String::new() } else { format!("(Batch element {i}): ") }
}

/// The identity, of a tensor's dtype.
fn eye(n: usize, dtype: DType) -> Tensor {
    let mut values = vec![0.0_f64; n * n];
    (0..n).for_each(|i| values[i * n + i] = 1.0);
    Tensor::from(convert::cast(&Array::from_slice(&values, &[n, n]), dtype))
}

/// A vector of each matrix as a column (axis `-1`) or row (axis `-2`).
fn column(x: &Tensor) -> Result<Tensor> {
    view::unsqueeze(x, -1)
}

fn row(x: &Tensor) -> Result<Tensor> {
    view::unsqueeze(x, -2)
}
