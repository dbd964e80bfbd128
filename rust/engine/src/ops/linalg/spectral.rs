//! Eigenvalues, singular values, and what is made of them: pseudoinverse, rank, least squares. The matrix exponential.

#![allow(non_snake_case)] // PyTorch names parameters `A`, `B`, `UPLO`

use super::{
    Matrices, adjoint, column, doubled, halved, require_matrix, require_square, row, which, wide, with_number,
};
use crate::array::{Array, DType, Shape};
use crate::autograd::{Saved, Tensor, record, record_many};
use crate::error::Result;
use crate::fail;
use crate::ops::matmul::{product, transposed};
use crate::ops::registry::{Arg, FromArg, Ints, Sample, Value, Values};
use crate::ops::{arith, compare, convert, create, join, reduce, sums, view};
use rutile_kernels::linalg::{Number, batches, eigh as symmetric, exponential, svd as singular, transpose};
use rutile_macros::op;

/// Fails for the first matrix whose iteration did not end.
pub(super) fn require_converged(op: &str, done: &Array, batch: &[usize]) -> Result<()> {
    match done.slice::<f64>().iter().position(|&done| done == 0.0) {
        None => Ok(()),
        Some(i) => fail!(
            LinAlg,
            "{op}: {}The algorithm failed to converge because the input matrix is ill-conditioned or contains non-finite \
             values.",
            which(batch, i)
        ),
    }
}

/// The diagonal as a matrix of booleans.
pub(super) fn on_diagonal(n: usize) -> Tensor {
    let values: Vec<bool> = (0..n * n).map(|i| i % (n + 1) == 0).collect();
    Tensor::from(Array::from_slice(&values, &[n, n]))
}

/// `x` with its diagonal replaced by ones.
fn ones_on_diagonal(x: &Tensor) -> Result<Tensor> {
    compare::select(&on_diagonal(x.shape()[x.ndim() - 1]), &sums::one(), x)
}

/// A vector per matrix as a diagonal matrix.
fn as_diagonal(x: &Tensor) -> Result<Tensor> {
    let n = x.shape()[x.ndim() - 1];
    arith::mul(&column(x)?, &convert::to_dtype(&on_diagonal(n), x.dtype())?)
}

fn off_diagonal(x: &Tensor) -> Result<Tensor> {
    if !x.dtype().is_complex() {
        return Ok(x.clone()); // of real matrices it is zero
    }
    compare::select(&on_diagonal(x.shape()[x.ndim() - 1]), &sums::zero(), x)
}

/// Fails if a loss depends on the angles of complex vectors, which are open: its gradient has imaginary parts `own` along
/// them.
pub(super) fn require_unturned(op: &str, own: &Tensor) -> Result<()> {
    if !own.dtype().is_complex() {
        return Ok(());
    }
    let parts = convert::cast(&convert::plain(&own.array(), own.dtype()).parts(), DType::F64);
    let largest =
        |which: usize| parts.slice::<f64>().iter().skip(which).step_by(2).fold(0.0_f64, |most, x| most.max(x.abs()));
    let precision = if own.dtype() == DType::C128 { 1e-6 } else { 1e-2 };
    if largest(1) > precision * largest(0).max(1.0) {
        let vectors = if op == "linalg.svd" { "singular vectors" } else { "eigenvectors" };
        fail!(
            Autograd,
            "{op}: The {vectors} in the complex case are specified up to multiplication by e^{{i phi}}. The specified \
             loss function depends on this quantity, so it is ill-defined."
        );
    }
    Ok(())
}

fn mul3(a: &Tensor, b: &Tensor, c: &Tensor) -> Result<Tensor> {
    product("matmul", &product("matmul", a, b)?, c)
}

// ---- eigenvalues ----

fn eigh_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Definite);
    vec![a(&[3, 3]), a(&[2, 2, 2]).kw("UPLO", "U"), a(&[1, 1]), a(&[0, 0])]
}

/// The eigenvalues (..., n), ascending, and, in the columns of the second result (..., n, n), the orthonormal
/// eigenvectors of symmetric (complex: Hermitian) matrices. Only the lower triangle is read (`UPLO="U"`: the upper); the
/// gradient is that of a function of symmetric matrices. Eigenvectors are unique up to their sign (complex: a factor of
/// absolute value one, which a loss must not depend on); gradients through them want eigenvalues that differ.
///
/// Householder tridiagonalisation and implicit QL (Golub and Van Loan, 8.3).
/// Raises: RuntimeError if a matrix is not square, or `UPLO` neither "L" nor "U"; LinAlgError if it is not finite.
///
/// >>> values, vectors = rt.linalg.eigh(rt.tensor([[2.0, 0.0], [0.0, 1.0]]))
/// >>> values
/// tensor([1., 2.])
/// >>> vectors.abs()
/// tensor([[0., 1.],
///         [1., 0.]])
#[op(at = [linalg], sig = (A, UPLO="L"), samples = eigh_samples, fields = [eigenvalues, eigenvectors], integers = refused, complex)]
pub fn eigh(A: &Tensor, UPLO: &str) -> Result<(Tensor, Tensor)> {
    let op = "linalg.eigh";
    require_square(op, A)?;
    let a = lower(op, A, UPLO)?;
    let matrices = Matrices::read(&a, false);
    let n = matrices.rows;
    let (values, vectors, done) = (matrices.room(&[n]), matrices.numbers(&[n, n]), matrices.room(&[1]));
    batches(
        matrices.count(),
        matrices.cubic().saturating_mul(8),
        [values.slice_mut::<f64>(), vectors.slice_mut::<f64>(), done.slice_mut::<f64>()],
        |i, [values, vectors, done]| {
            with_number!(matrices, T => {
                let vectors = T::of_mut(vectors);
                done[0] = f64::from(u8::from(symmetric::<T>(matrices.matrix(i), n, values, vectors)));
                let columns = transpose(vectors, n, n);
                vectors.copy_from_slice(&columns);
            });
        },
    );
    require_converged(op, &done, &matrices.batch)?;
    let outputs = vec![matrices.round(&values), matrices.round_numbers(&vectors)];
    let (saved_w, saved_v) = (Saved::from_output(&outputs[0]), Saved::from_output(&outputs[1]));
    let mut outputs = record_many(op, outputs, &[&a], move |g, grads| {
        let (w, v) = (saved_w.output(grads, 0)?, saved_v.output(grads, 1)?);
        grads.push(|| {
            let by_values = match &g[0] {
                Some(g) => product("matmul", &arith::mul(&v, &row(g)?)?, &adjoint(&v)?)?,
                None => arith::mul(&v, &sums::zero())?,
            };
            let Some(g) = &g[1] else { return Ok(by_values) };
            // V ((V' gV) / (w_j - w_i), zero on the diagonal) V'
            let v_t = adjoint(&v)?;
            let gaps = ones_on_diagonal(&arith::sub(&row(&w)?, &column(&w)?, 1.0)?)?;
            let along = product("matmul", &v_t, g)?;
            require_unturned(op, &view::diagonal(&along, 0, -2, -1)?)?;
            let inner = arith::true_divide(&along, &gaps)?;
            let inner = compare::select(&on_diagonal(n), &sums::zero(), &inner)?;
            arith::add(&by_values, &mul3(&v, &inner, &v_t)?, 1.0)
        })
    });
    let (vectors, values) = (outputs.pop(), outputs.pop());
    let (Some(values), Some(vectors)) = (values, vectors) else { unreachable!("two outputs were recorded") };
    Ok((values, vectors))
}

/// The matrix whose lower triangle is meant.
fn lower(op: &str, a: &Tensor, uplo: &str) -> Result<Tensor> {
    match uplo {
        "L" | "l" => Ok(a.clone()),
        "U" | "u" => adjoint(a),
        _ => fail!(Value, "{op}: Expected UPLO argument to be 'L' or 'U', but got {uplo}"),
    }
}

/// The eigenvalues (..., n) of symmetric matrices (..., n, n), ascending; see `eigh`, also for errors.
///
/// >>> rt.linalg.eigvalsh(rt.tensor([[2.0, 1.0], [1.0, 2.0]]))
/// tensor([1., 3.])
#[op(at = [linalg], sig = (A, UPLO="L"), samples = eigh_samples, integers = refused, complex)]
pub fn eigvalsh(A: &Tensor, UPLO: &str) -> Result<Tensor> {
    Ok(eigh(A, UPLO)?.0)
}

// ---- singular values ----

fn svd_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]),
        a(&[4, 2]).kw("full_matrices", false),
        a(&[2, 4]).kw("full_matrices", false),
        a(&[2, 3, 2]).kw("full_matrices", false),
        a(&[0, 3]).kw("full_matrices", false),
    ]
}

/// `A = U diag(S) Vh` of matrices (..., m, n): orthonormal columns in `U`, orthonormal rows in `Vh`, and singular
/// values `S` in descending order. `U` is (..., m, m) and `Vh` (..., n, n), or, unless `full_matrices`, (..., m, k) and
/// (..., k, n) with `k = min(m, n)`. Pairs of vectors are unique up to their sign (complex: a factor of absolute value
/// one, which a loss must not depend on); gradients through them want singular values that differ, and for matrices
/// that are not square `full_matrices=False`.
///
/// A QR factorisation and one-sided Jacobi rotations (Drmac and Veselic, 2008).
/// Raises: LinAlgError if a matrix is not finite.
///
/// >>> U, S, Vh = rt.linalg.svd(rt.tensor([[0.0, 2.0], [3.0, 0.0], [0.0, 0.0]]), full_matrices=False)
/// >>> S
/// tensor([3., 2.])
/// >>> U @ rt.diag(S) @ Vh
/// tensor([[0., 2.],
///         [3., 0.],
///         [0., 0.]])
#[op(name = "svd", at = [linalg], sig = (A, full_matrices=true), samples = svd_samples, fields = [U, S, Vh], integers = refused, complex)]
pub fn linalg_svd(A: &Tensor, full_matrices: bool) -> Result<(Tensor, Tensor, Tensor)> {
    svd(A, full_matrices)
}

/// As [`linalg_svd()`].
pub(super) fn svd(a: &Tensor, full: bool) -> Result<(Tensor, Tensor, Tensor)> {
    let op = "linalg.svd";
    require_matrix(op, a)?;
    let matrices = Matrices::read(a, false);
    let (m, n) = (matrices.rows, matrices.columns);
    let k = m.min(n);
    let (columns, rows) = if full { (m, n) } else { (k, k) };
    let (u, s, vh) = (matrices.numbers(&[m, columns]), matrices.room(&[k]), matrices.numbers(&[rows, n]));
    let done = matrices.room(&[1]);
    batches(
        matrices.count(),
        matrices.cubic().saturating_mul(16),
        [u.slice_mut::<f64>(), s.slice_mut::<f64>(), vh.slice_mut::<f64>(), done.slice_mut::<f64>()],
        |i, [u, s, vh, done]| {
            with_number!(matrices, T => {
                let (u, vh) = (T::of_mut(u), T::of_mut(vh));
                if k == 0 {
                    // Nothing to decompose: any orthonormal vectors will do.
                    (0..columns).for_each(|i| u[i * columns + i] = T::real(1.0));
                    (0..rows).for_each(|i| vh[i * n + i] = T::real(1.0));
                    done[0] = 1.0;
                } else {
                    done[0] = f64::from(u8::from(singular::<T>(matrices.matrix(i), m, n, s, u, vh)));
                }
            });
        },
    );
    require_converged(op, &done, &matrices.batch)?;
    let outputs = vec![matrices.round_numbers(&u), matrices.round(&s), matrices.round_numbers(&vh)];
    let saved = [0, 1, 2].map(|i| Saved::from_output(&outputs[i]));
    let mut outputs = record_many(op, outputs, &[a], move |g, grads| {
        let (u, s, vh) = (saved[0].output(grads, 0)?, saved[1].output(grads, 1)?, saved[2].output(grads, 2)?);
        if full && m != n && (g[0].is_some() || g[2].is_some()) {
            fail!(
                Autograd,
                "linalg.svd: the vectors that full_matrices=True adds for a {m} x {n} matrix are not unique, so they have \
                 no derivative; use full_matrices=False"
            );
        }
        grads.push(|| {
            let (u, vh) =
                (view::slice_axis(&u, u.ndim() - 1, 0, k, 1)?, view::slice_axis(&vh, vh.ndim() - 2, 0, k, 1)?);
            svd_gradient(&u, &s, &vh, [g[0].as_ref(), g[1].as_ref(), g[2].as_ref()])
        })
    });
    let (vh, s, u) = (outputs.pop(), outputs.pop(), outputs.pop());
    let (Some(u), Some(s), Some(vh)) = (u, s, vh) else { unreachable!("three outputs were recorded") };
    Ok((u, s, vh))
}

/// `U (skew(U' gU) / E S + S skew(V' gV) / E + diag(gS)) V'` with `E_ij = s_j^2 - s_i^2` and `skew(X) = X - X'`, and for matrices
/// that are not square what lies outside their span (Townsend, Differentiating the singular value decomposition, 2016).
/// Of complex ones also the diagonal of `skew(U' gU) / 2S` counts: the angles of `U` and `V` change against each other.
fn svd_gradient(u: &Tensor, s: &Tensor, vh: &Tensor, g: [Option<&Tensor>; 3]) -> Result<Tensor> {
    let [gu, gs, gvh] = g;
    let mut inner = match gs {
        Some(g) => as_diagonal(g)?,
        None => arith::mul(&as_diagonal(s)?, &sums::zero())?,
    };
    inner = convert::to_dtype(&inner, u.dtype())?;
    let skew = |x: &Tensor| arith::sub(x, &adjoint(x)?, 1.0);
    let (u_t, v) = (adjoint(u)?, adjoint(vh)?);
    let mut turned = Vec::new();
    let gaps = || {
        let squares = arith::square(s)?;
        ones_on_diagonal(&arith::sub(&row(&squares)?, &column(&squares)?, 1.0)?)
    };
    if let Some(g) = gu {
        let along = skew(&product("matmul", &u_t, g)?)?;
        let part = arith::true_divide(&along, &gaps()?)?;
        inner = arith::add(&inner, &arith::mul(&off_diagonal(&part)?, &row(s)?)?, 1.0)?;
        if u.dtype().is_complex() {
            let own = view::diagonal(&along, 0, -2, -1)?;
            inner = arith::add(
                &inner,
                &as_diagonal(&arith::true_divide(&own, &arith::mul(s, &sums::number(2.0))?)?)?,
                1.0,
            )?;
            turned.push(own);
        }
    }
    if let Some(g) = gvh {
        let along = skew(&product("matmul", vh, &adjoint(g)?)?)?;
        let part = arith::true_divide(&along, &gaps()?)?;
        inner = arith::add(&inner, &arith::mul(&off_diagonal(&part)?, &column(s)?)?, 1.0)?;
        turned.push(view::diagonal(&along, 0, -2, -1)?);
    }
    if let Some(turned) = turned.into_iter().map(Ok).reduce(|a, b| arith::add(&a?, &b?, 1.0)) {
        require_unturned("linalg.svd", &turned?)?;
    }
    let mut out = mul3(u, &inner, vh)?;
    let (axis, k) = (u.ndim() - 1, s.shape()[s.ndim() - 1]);
    if let Some(g) = gu.filter(|_| u.shape()[axis - 1] > k) {
        let outside = arith::sub(g, &mul3(u, &u_t, g)?, 1.0)?;
        out = arith::add(&out, &product("matmul", &arith::true_divide(&outside, &row(s)?)?, vh)?, 1.0)?;
    }
    if let Some(g) = gvh.filter(|_| vh.shape()[axis] > k) {
        let outside = arith::sub(g, &mul3(g, &v, vh)?, 1.0)?;
        out = arith::add(&out, &product("matmul", u, &arith::true_divide(&outside, &column(s)?)?)?, 1.0)?;
    }
    Ok(out)
}

fn matrix_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![a(&[3, 3]), a(&[4, 2]), a(&[2, 3, 4]), a(&[0, 3])]
}

/// The singular values (..., min(m, n)) of matrices (..., m, n), in descending order.
///
/// >>> rt.linalg.svdvals(rt.tensor([[0.0, 2.0], [-3.0, 0.0]]))
/// tensor([3., 2.])
#[op(at = [linalg], sig = (A), samples = matrix_samples, integers = refused, complex)]
pub fn svdvals(A: &Tensor) -> Result<Tensor> {
    Ok(svd(A, false)?.1)
}

fn root_svd_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 2], Values::Regular);
    vec![a(), a().kw("compute_uv", false)]
}

/// As `linalg.svd`, but with `V` in place of its transpose: `input = U diag(S) V.T`. With `some` the reduced vectors,
/// without `compute_uv` zeros in place of vectors.
///
/// >>> U, S, V = rt.svd(rt.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]]))
/// >>> U.shape, S, V.shape
/// (rutile.Size([3, 2]), tensor([3., 2.]), rutile.Size([2, 2]))
#[op(name = "svd", at = [rutile, Tensor], sig = (input, some=true, compute_uv=true), samples = root_svd_samples, fields = [U, S, V], integers = refused, complex)]
pub fn root_svd(input: &Tensor, some: bool, compute_uv: bool) -> Result<(Tensor, Tensor, Tensor)> {
    let (u, s, vh) = svd(input, !some && compute_uv)?;
    if compute_uv {
        return Ok((u, s, adjoint(&vh)?));
    }
    let zeros = |rows: usize| {
        let mut shape = Shape::from_slice(&input.shape()[..input.ndim() - 2]);
        shape.extend([rows, rows]);
        Tensor::from(convert::zeros(input.dtype(), &shape))
    };
    Ok((zeros(input.shape()[input.ndim() - 2]), s, zeros(input.shape()[input.ndim() - 1])))
}

// ---- tolerance ----

/// Singular values up to `max(atol, rtol * largest)` count as zero; without either, `rtol` is the larger extent times the
/// dtype's precision.
fn threshold(a: &Tensor, s: &Array, atol: Option<f64>, rtol: Option<f64>) -> Array {
    let shape = a.shape();
    let extent = shape[shape.len() - 2].max(shape[shape.len() - 1]) as f64;
    let precision = match a.dtype().real() {
        DType::F64 => f64::EPSILON,
        DType::F32 => f64::from(f32::EPSILON),
        DType::F16 => 2.0_f64.powi(-10),
        _ => 2.0_f64.powi(-7),
    };
    let rtol = rtol.unwrap_or(if atol.unwrap_or(0.0) > 0.0 { 0.0 } else { extent * precision });
    let s = convert::plain(s, DType::F64);
    let k = *s.shape().last().unwrap_or(&0);
    let limits: Vec<f64> = match k {
        0 => vec![0.0; s.shape()[..s.ndim() - 1].iter().product()],
        _ => s.slice::<f64>().chunks_exact(k).map(|s| atol.unwrap_or(0.0).max(rtol * s[0])).collect(),
    };
    Array::from_slice(&limits, &s.shape()[..s.ndim() - 1])
}

/// The Hermitian matrix in the lower triangle.
fn mirrored(a: &Tensor) -> Result<Tensor> {
    arith::add(&create::tril(a, 0)?, &adjoint(&create::tril(a, -1)?)?, 1.0)
}

fn pinv_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]),
        a(&[4, 2]),
        a(&[2, 2, 3]).kw("rtol", 1e-6),
        a(&[3, 2]).kw("atol", 1e-6),
        a(&[0, 3]),
        Sample::new().values(&[3, 3], Values::Definite).kw("hermitian", true),
    ]
}

/// The pseudoinverse (Moore and Penrose) of matrices (..., m, n), as (..., n, m). Singular values up to `max(atol, rtol
/// * largest)` count as zero; by default `rtol` is `max(m, n)` times the dtype's precision. With `hermitian` the lower
/// triangle stands for a symmetric matrix. The derivative is that at constant rank (Golub and Pereyra, 1973).
///
/// >>> rt.linalg.pinv(rt.tensor([[2.0, 0.0], [0.0, 0.0]]))
/// tensor([[0.5000, 0.0000],
///         [0.0000, 0.0000]])
#[op(at = [linalg], sig = (A, *, atol=None, rtol=None, hermitian=false), samples = pinv_samples, integers = refused, complex)]
pub fn pinv(A: &Tensor, atol: Option<f64>, rtol: Option<f64>, hermitian: bool) -> Result<Tensor> {
    require_matrix("linalg.pinv", A)?;
    if hermitian {
        require_square("linalg.pinv", A)?;
        return pseudoinverse(&mirrored(A)?, atol, rtol);
    }
    pseudoinverse(A, atol, rtol)
}

fn pseudoinverse(a: &Tensor, atol: Option<f64>, rtol: Option<f64>) -> Result<Tensor> {
    // Doubles all through: rounding in between would cost ill-conditioned matrices their digits.
    let exact = Tensor::from(convert::cast(&a.array(), wide(a.dtype())));
    let (u, s, vh) = svd(&exact, false)?;
    let limit = Tensor::from(threshold(a, &s.array(), atol, rtol));
    let kept = compare::gt(&s, &column(&limit)?)?;
    let safe = compare::select(&kept, &s, &sums::one())?;
    let inverse = compare::select(&kept, &arith::true_divide(&sums::one(), &safe)?, &sums::zero())?;
    let out = product("matmul", &arith::mul(&adjoint(&vh)?, &row(&inverse)?)?, &adjoint(&u)?)?;
    let out = convert::cast(&out.array(), a.dtype());
    let (saved_a, saved) = (a.save(), Saved::from_output(&out));
    Ok(record("linalg.pinv", out, &[a], move |g, grads| {
        let (a, p) = (saved_a.get_for(grads)?, saved.output(grads, 0)?);
        grads.push(|| {
            let (p_t, g_t) = (adjoint(&p)?, adjoint(g)?);
            let inner = arith::neg(&mul3(&p_t, g, &p_t)?)?;
            // (I - A P) g' P P'  and  P' P g' (I - P A)
            let left = mul3(&g_t, &p, &p_t)?;
            let left = arith::sub(&left, &mul3(&a, &p, &left)?, 1.0)?;
            let right = mul3(&p_t, &p, &g_t)?;
            let right = arith::sub(&right, &mul3(&right, &p, &a)?, 1.0)?;
            arith::add(&arith::add(&inner, &left, 1.0)?, &right, 1.0)
        })
    }))
}

fn pinverse_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 2], Values::Regular), Sample::new().values(&[2, 3], Values::Regular).arg(1e-10)]
}

/// The pseudoinverse; singular values up to `rcond` times the largest count as zero. See `linalg.pinv`.
///
/// >>> rt.pinverse(rt.tensor([[1.0], [1.0]]))
/// tensor([[0.5000, 0.5000]])
#[op(at = [rutile, Tensor], sig = (input, rcond=1e-15), samples = pinverse_samples, integers = refused, complex)]
pub fn pinverse(input: &Tensor, rcond: f64) -> Result<Tensor> {
    pinv(input, None, Some(rcond), false)
}

fn rank_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]),
        a(&[2, 4, 2]).kw("rtol", 0.5),
        a(&[3, 3]).kw("atol", 3.0),
        a(&[0, 3]),
        Sample::new().values(&[3, 3], Values::Definite).kw("hermitian", true),
        a(&[3, 3]).kw("tol", 3.0),
    ]
}

/// How many singular values of each matrix are larger than `max(atol, rtol * largest)`; by default `rtol` is `max(m,
/// n)` times the dtype's precision. `tol` is the older name of `atol`.
///
/// >>> rt.linalg.matrix_rank(rt.tensor([[1.0, 2.0], [2.0, 4.0]]))
/// tensor(1)
#[op(at = [linalg], sig = (A, tol=None, hermitian=false, *, atol=None, rtol=None), samples = rank_samples, no_grad, integers = refused, complex)]
pub fn matrix_rank(
    A: &Tensor,
    tol: Option<f64>,
    hermitian: bool,
    atol: Option<f64>,
    rtol: Option<f64>,
) -> Result<Tensor> {
    require_matrix("linalg.matrix_rank", A)?;
    let (atol, rtol) = if tol.is_some() { (tol, Some(0.0)) } else { (atol, rtol) };
    let a = if hermitian { mirrored(&A.detach())? } else { A.detach() };
    let exact = Tensor::from(convert::cast(&a.array(), wide(a.dtype())));
    let s = svdvals(&exact)?;
    let limit = Tensor::from(threshold(A, &s.array(), atol, rtol));
    reduce::sum(&compare::gt(&s, &column(&limit)?)?, Some(Ints::from_elem(-1, 1)), false, None)
}

// ---- least squares ----

fn lstsq_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[4, 2]).tensor(&[4, 3]),
        a(&[2, 4]).tensor(&[2, 1]),
        a(&[2, 4, 2]).tensor(&[2, 4, 1]).kw("driver", "gelsd"),
        a(&[4, 2]).tensor(&[4, 1]).kw("driver", "gels"),
        a(&[4, 2]).tensor(&[4, 1]).kw("rcond", 1e-8).kw("driver", "gelss"),
    ]
}

/// The `X` that makes `|A X - B|` least, the shortest if there are several, for `A` (..., m, n) and `B` (..., m, k).
///
/// A named tuple: `solution` (..., n, k); `residuals`, the squares of what is left per column, for m > n and full rank
/// with a `driver` other than `"gelsy"` (the default), else empty; `rank`, empty for `"gels"`; `singular_values` for
/// `"gelsd"` and `"gelss"`, else empty. Whatever the driver, the solution comes from the pseudoinverse, whose singular
/// values up to `rcond` times the largest count as zero.
/// Raises: RuntimeError if rows or dtypes do not fit, or for another `driver`.
///
/// >>> x, y = rt.tensor([0.0, 1.0, 2.0]), rt.tensor([[1.5], [2.0], [2.5]])
/// >>> rt.linalg.lstsq(rt.stack([x, rt.ones(3)], dim=1), y).solution  # y = x / 2 + 3 / 2
/// tensor([[0.5000],
///         [1.5000]])
#[op(at = [linalg], sig = (input, b, rcond=None, *, driver=None), samples = lstsq_samples, fields = [solution, residuals, rank, singular_values], integers = refused, complex)]
pub fn lstsq(input: &Tensor, b: &Tensor, rcond: Option<f64>, driver: Option<&str>) -> Result<Value> {
    let op = "linalg.lstsq";
    require_matrix(op, input)?;
    let drivers = ["gels", "gelsy", "gelsd", "gelss"];
    let driver = driver.unwrap_or("gelsy");
    if !drivers.contains(&driver) {
        fail!(Value, "{op}: parameter `driver` should be one of ({}), got {driver}", drivers.join(", "));
    }
    if input.dtype() != b.dtype() {
        fail!(
            DType,
            "{op}: Expected input and other to have the same dtype, but got {} and {}",
            input.dtype(),
            b.dtype()
        );
    }
    let (from, to) = (input.shape(), b.shape());
    let (lead, m, n) = (from.len() - 2, from[from.len() - 2], from[from.len() - 1]);
    let vectors = to.len() + 1 == from.len() && to[..] == from[..=lead];
    if !vectors && (to.len() < 2 || to[to.len() - 2] != m) {
        fail!(Shape, "{op}: input.size(-2) should match b's rows: {:?} and {:?}", &from[..], &to[..]);
    }
    let exact = |x: &Tensor| convert::to_dtype(x, wide(x.dtype()));
    let a = exact(input)?;
    let right = if vectors { column(&exact(b)?)? } else { exact(b)? };
    let precision = if input.dtype().real() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let rtol = rcond.unwrap_or(precision * m.max(n) as f64);
    let mut x = product(op, &pinv(&a, None, Some(rtol), false)?, &right)?;
    let s = svdvals(&a.detach())?;
    let limit = Tensor::from(threshold(&a, &s.array(), None, Some(rtol)));
    let rank = reduce::sum(&compare::gt(&s, &column(&limit)?)?, Some(Ints::from_elem(-1, 1)), false, None)?;
    let full = rank.array().slice::<i64>().iter().all(|&rank| rank as usize == n);
    let empty = |dtype: DType| Tensor::from(Array::uninit(dtype, &[0]));
    let residuals = if m > n && full && driver != "gelsy" {
        let off = arith::sub(&product(op, &a, &x)?, &right, 1.0)?;
        convert::to_dtype(
            &reduce::sum(&arith::square(&arith::abs(&off)?)?, Some(Ints::from_elem(-2, 1)), false, None)?,
            input.dtype().real(),
        )?
    } else {
        empty(input.dtype().real())
    };
    if vectors {
        x = view::squeeze_axes(&x, &[x.ndim() - 1])?;
    }
    Ok(Value::Tensors(vec![
        convert::to_dtype(&x, input.dtype())?,
        residuals,
        if driver == "gels" { empty(DType::I64) } else { rank },
        if matches!(driver, "gelsd" | "gelss") {
            convert::to_dtype(&s, input.dtype().real())?
        } else {
            empty(input.dtype().real())
        },
    ]))
}

// ---- the exponential ----

fn square_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 3]),
        Sample::new().tensor(&[2, 2, 2]),
        Sample::new().tensor(&[1, 1]),
        Sample::new().tensor(&[0, 0]),
    ]
}

/// The exponential of square matrices: `I + A + A A / 2 + ...`, by scaling and squaring with a Padé approximant
/// (Higham, 2005). The derivative is a block of the exponential of a matrix twice as large (Van Loan, 1978).
/// Raises: RuntimeError if a matrix is not square.
///
/// >>> rt.linalg.matrix_exp(rt.tensor([[0.0, 1.0], [0.0, 0.0]]))
/// tensor([[1., 1.],
///         [0., 1.]])
/// >>> rt.linalg.matrix_exp(rt.tensor([[0.0, -1.0], [1.0, 0.0]]) * rt.pi / 3)  # a rotation by pi / 3
/// tensor([[ 0.5000, -0.8660],
///         [ 0.8660,  0.5000]])
#[op(at = [linalg, rutile, Tensor], sig = (A), samples = square_samples, complex, integers = refused)]
pub fn matrix_exp(A: &Tensor) -> Result<Tensor> {
    require_square("linalg.matrix_exp", A)?;
    if A.dtype().is_complex() {
        return halved(&matrix_exp(&doubled(A)?)?, A.shape()[A.ndim() - 1]);
    }
    let a = Matrices::read(A, false);
    let n = a.rows;
    let out = a.room(&[n, n]);
    batches(a.count(), a.cubic().saturating_mul(8), [out.slice_mut::<f64>()], |i, [out]| {
        exponential(a.matrix(i), n, out);
    });
    let saved = A.save();
    Ok(record("linalg.matrix_exp", a.round(&out), &[A], move |g, grads| {
        let a = transposed(&saved.get_for(grads)?)?;
        grads.push(|| {
            let axis = a.ndim() - 2;
            let zero = arith::mul(g, &sums::zero())?;
            let whole = join::cat(&[join::cat(&[a.clone(), g.clone()], -1)?, join::cat(&[zero, a.clone()], -1)?], -2)?;
            let out = matrix_exp(&whole)?;
            view::slice_axis(&view::slice_axis(&out, axis, 0, n, 1)?, axis + 1, n, n, 1)
        })
    }))
}

/// A number or name of a norm.
pub(super) fn order(op: &str, ord: &Arg) -> Result<Order> {
    match ord {
        Arg::Str(name) if name == "fro" => Ok(Order::Frobenius),
        Arg::Str(name) if name == "nuc" => Ok(Order::Nuclear),
        Arg::Str(name) => fail!(Value, "{op}: Order {name} not supported; it is a number, 'fro' or 'nuc'"),
        other => match f64::from_arg(other.clone()) {
            Ok(p) => Ok(Order::Number(p)),
            Err(_) => fail!(Type, "{op}(): argument 'ord' must be a number, 'fro' or 'nuc'"),
        },
    }
}

/// Which norm of a matrix.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Order {
    Frobenius,
    Nuclear,
    Number(f64),
}
