//! Eigenvalues of general matrices: complex numbers.

#![allow(non_snake_case)] // PyTorch names parameters `A`

use super::{Matrices, column, require_square, row, spectral};
use crate::array::Array;
use crate::autograd::{Saved, Tensor, record_many};
use crate::error::Result;
use crate::ops::matmul::{product, transposed};
use crate::ops::registry::{Sample, Values};
use crate::ops::{arith, compare, complex, convert, sums, view};
use rutile_kernels::linalg::{Complex, Number, batches, complex_eig, eig as general};
use rutile_macros::op;

fn eig_samples() -> Vec<Sample> {
    // Vectors have derivatives in sums that their angles do not change: tests/test_linalg.py has these.
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Constant(-2.0, 2.0));
    vec![a(&[3, 3]), a(&[2, 2, 2]), a(&[1, 1]), a(&[0, 0])]
}

fn eigvals_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().tensor(shape);
    vec![a(&[3, 3]), a(&[2, 2, 2]), a(&[1, 1]), a(&[0, 0])]
}

/// The eigenvalues and, in the columns of the second result, eigenvectors of square matrices (..., n, n): both complex.
/// Vectors have length one, and their largest element is real. Those of a real matrix come in conjugate pairs, side by
/// side. Vectors are unique only up to a factor of absolute value one: gradients are of functions that such factors do
/// not change, and want eigenvalues that differ.
///
/// Hessenberg form and Francis's double steps (Golub and Van Loan, 7.5). For symmetric matrices use `eigh`.
/// Raises: RuntimeError if a matrix is not square; LinAlgError if it is not finite.
///
/// >>> rt.linalg.eig(rt.tensor([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues
/// tensor([0.+1.j, 0.-1.j])
#[op(at = [linalg], sig = (A), samples = eig_samples, fields = [eigenvalues, eigenvectors], integers = refused, complex)]
pub fn eig(A: &Tensor) -> Result<(Tensor, Tensor)> {
    let op = "linalg.eig";
    require_square(op, A)?;
    let a = Matrices::read(A, false);
    let n = a.rows;
    let (values, vectors, done) = (a.room(&[n, 2]), a.room(&[n, n, 2]), a.room(&[1]));
    batches(
        a.count(),
        a.cubic().saturating_mul(40),
        [values.slice_mut::<f64>(), vectors.slice_mut::<f64>(), done.slice_mut::<f64>()],
        |i, [values, vectors, done]| {
            done[0] = f64::from(u8::from(if a.dtype.is_complex() {
                complex_eig(a.matrix(i), n, Complex::of_mut(values), Complex::of_mut(vectors))
            } else {
                general(a.matrix(i), n, values, vectors)
            }));
        },
    );
    spectral::require_converged(op, &done, &a.batch)?;
    let joined = |parts: &Array| convert::cast(parts, a.dtype.real().compute()).joined().expect("pairs side by side");
    let outputs = vec![joined(&values), joined(&vectors)];
    let (saved_w, saved_v) = (Saved::from_output(&outputs[0]), Saved::from_output(&outputs[1]));
    let mut outputs = record_many(op, outputs, &[A], move |g, grads| {
        let (w, v) = (saved_w.output(grads, 0)?, saved_v.output(grads, 1)?);
        grads.push(|| eig_gradient(&w, &v, g[0].as_ref(), g[1].as_ref()))
    });
    let (vectors, values) = (outputs.pop(), outputs.pop());
    let (Some(values), Some(vectors)) = (values, vectors) else { unreachable!("two outputs were recorded") };
    Ok((values, vectors))
}

/// `V^-H (diag(gw) + (V^H gV - V^H V Re diag(V^H gV)) / E) V^H` with `E_ij = conj(w_j - w_i)`: of vectors of length one, whose
/// change along themselves is none (Boeddeker et al., On the computation of complex-valued gradients, 2017).
fn eig_gradient(w: &Tensor, v: &Tensor, gw: Option<&Tensor>, gv: Option<&Tensor>) -> Result<Tensor> {
    let n = w.shape()[w.ndim() - 1];
    let diagonal = spectral::on_diagonal(n);
    let v_h = complex::conj(&transposed(v)?)?;
    let zero = || arith::mul(v, &sums::zero());
    let inner = match gv {
        Some(g) => {
            let along = product("matmul", &v_h, g)?;
            let own = view::diagonal(&along, 0, -2, -1)?;
            spectral::require_unturned("linalg.eig", &own)?;
            let length = convert::to_dtype(&complex::real(&own)?, v.dtype())?;
            let off = arith::sub(&along, &arith::mul(&product("matmul", &v_h, v)?, &row(&length)?)?, 1.0)?;
            let gaps = complex::conj(&arith::sub(&row(w)?, &column(w)?, 1.0)?)?;
            arith::true_divide(&off, &compare::select(&diagonal, &sums::one(), &gaps)?)?
        }
        None => zero()?,
    };
    let values = match gw {
        Some(g) => arith::add(&column(g)?, &zero()?, 1.0)?,
        None => zero()?,
    };
    let inner = compare::select(&diagonal, &values, &inner)?;
    super::solve(&v_h, &product("matmul", &inner, &v_h)?, true)
}

/// The eigenvalues (..., n) of square matrices (..., n, n), complex, in no particular order; see `eig`, also for
/// errors.
///
/// >>> rt.linalg.eigvals(rt.tensor([[2.0, 1.0], [0.0, 3.0]]))
/// tensor([2.+0.j, 3.+0.j])
#[op(at = [linalg], sig = (A), samples = eigvals_samples, integers = refused, complex)]
pub fn eigvals(A: &Tensor) -> Result<Tensor> {
    Ok(eig(A)?.0)
}
