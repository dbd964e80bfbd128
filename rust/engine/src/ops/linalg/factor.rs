//! Cholesky and QR.

#![allow(non_snake_case)] // PyTorch names parameters `A`, `B`, `L`

use super::{Matrices, adjoint, eye, require_matrix, require_square, triangular, which, with_number};
use crate::array::{Array, Shape};
use crate::autograd::{Saved, Tensor, record, record_many};
use crate::error::Result;
use crate::fail;
use crate::ops::matmul::product;
use crate::ops::registry::{Sample, Values};
use crate::ops::{arith, create, join, sums, view};
use rutile_kernels::linalg::{Number, batches, cholesky as factor_cholesky, qr as factor_qr};
use rutile_macros::op;

// ---- Cholesky ----

/// The factor of every matrix, and the order of the first leading minor that is not positive, or 0.
fn factored(a: &Tensor) -> (Tensor, Vec<usize>, Shape) {
    let matrices = Matrices::read(a, true);
    let (n, info) = (matrices.rows, matrices.room(&[1]));
    batches(
        matrices.count(),
        matrices.cubic(),
        [matrices.array.slice_mut::<f64>(), info.slice_mut::<f64>()],
        |_, [matrix, info]| {
            let order = with_number!(matrices, T => factor_cholesky(T::of_mut(matrix), n));
            info[0] = order.unwrap_or(0) as f64;
        },
    );
    let out = matrices.round_numbers(&matrices.array);
    let saved = Saved::from_output(&out);
    let factor = record("linalg.cholesky", out, &[a], move |g, grads| {
        let l = saved.output(grads, 0)?;
        grads.push(|| cholesky_gradient(&l, g))
    });
    let orders = info.slice::<f64>().iter().map(|&order| order as usize).collect();
    (factor, orders, matrices.batch)
}

/// `sym(L^-H Phi(L' g) L^-1)`, where `Phi` takes the lower triangle with half the diagonal (Murray, Differentiation of the
/// Cholesky decomposition, 2016).
fn cholesky_gradient(l: &Tensor, g: &Tensor) -> Result<Tensor> {
    let l_t = adjoint(l)?;
    let full = product("matmul", &l_t, &create::tril(g, 0)?)?;
    let half = sums::number(0.5);
    let phi = arith::mul(&arith::add(&create::tril(&full, 0)?, &create::tril(&full, -1)?, 1.0)?, &half)?;
    let left = triangular(&l_t, &phi, true, false)?;
    let both = adjoint(&triangular(&l_t, &adjoint(&left)?, true, false)?)?;
    arith::mul(&arith::add(&both, &adjoint(&both)?, 1.0)?, &half)
}

fn cholesky_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Definite);
    vec![a(&[3, 3]), a(&[2, 2, 2]).kw("upper", true), a(&[0, 0]), a(&[0, 2, 2])]
}

fn cholesky_of(op: &str, a: &Tensor, upper: bool) -> Result<Tensor> {
    require_square(op, a)?;
    let (factor, orders, batch) = factored(a);
    if let Some((i, order)) = orders.iter().enumerate().find(|(_, order)| **order > 0) {
        fail!(
            LinAlg,
            "{op}: {}The factorization could not be completed because the input is not positive-definite (the leading \
             minor of order {order} is not positive-definite).",
            which(&batch, i)
        );
    }
    if upper { adjoint(&factor) } else { Ok(factor) }
}

/// The lower triangular `L` with `A = L L'` of symmetric (complex: Hermitian) positive-definite matrices (..., n, n), or,
/// if `upper`, its conjugate transpose. Only the lower triangle of `A` is read; the gradient is symmetric (Murray, 2016).
/// Raises: LinAlgError if a matrix is not positive-definite; RuntimeError if it is not square.
///
/// >>> rt.linalg.cholesky(rt.tensor([[4.0, 2.0], [2.0, 5.0]]))
/// tensor([[2., 0.],
///         [1., 2.]])
#[op(at = [linalg], sig = (A, *, upper=false), samples = cholesky_samples, integers = refused, complex)]
pub fn cholesky(A: &Tensor, upper: bool) -> Result<Tensor> {
    cholesky_of("linalg.cholesky", A, upper)
}

/// As `linalg.cholesky`, with its errors.
///
/// >>> rt.cholesky(rt.tensor([[4.0, 2.0], [2.0, 5.0]]), upper=True)
/// tensor([[2., 1.],
///         [0., 2.]])
#[op(name = "cholesky", at = [rutile, Tensor], sig = (input, upper=false), samples = cholesky_samples, integers = refused, complex)]
pub fn root_cholesky(input: &Tensor, upper: bool) -> Result<Tensor> {
    cholesky_of("cholesky", input, upper)
}

fn cholesky_ex_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Definite);
    vec![a(&[3, 3]), a(&[2, 2, 2]).kw("upper", true).kw("check_errors", true)]
}

/// The Cholesky factors, and per matrix 0 or the order of the first leading minor that is not positive: such a matrix
/// has no factor.
/// Raises: LinAlgError in that case, with `check_errors`.
///
/// >>> rt.linalg.cholesky_ex(rt.tensor([[1.0, 0.0], [0.0, -1.0]])).info
/// tensor(2, dtype=rutile.int32)
#[op(at = [linalg], sig = (A, *, upper=false, check_errors=false), samples = cholesky_ex_samples, fields = [L, info], integers = refused, complex)]
pub fn cholesky_ex(A: &Tensor, upper: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
    if check_errors {
        cholesky_of("linalg.cholesky_ex", A, upper)?;
    }
    require_square("linalg.cholesky_ex", A)?;
    let (factor, orders, batch) = factored(A);
    let orders: Vec<i32> = orders.iter().map(|&order| order as i32).collect();
    let factor = if upper { adjoint(&factor)? } else { factor };
    Ok((factor, Tensor::from(Array::from_slice(&orders, &batch))))
}

fn cholesky_solve_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 2]).values(&[3, 3], Values::Regular),
        Sample::new().tensor(&[2, 3, 2]).values(&[3, 3], Values::Regular).kw("upper", true),
    ]
}

/// The solution `X` (..., n, k) of `A X = B` from the Cholesky factor `L` of `A`: `A = L L'`, or with `upper` `A = L'
/// L`.
/// Raises: RuntimeError if shapes do not fit, or `B` has fewer than 2 axes.
///
/// >>> A = rt.tensor([[4.0, 2.0], [2.0, 5.0]])
/// >>> rt.cholesky_solve(rt.tensor([[8.0], [12.0]]), rt.linalg.cholesky(A))
/// tensor([[1.],
///         [2.]])
#[op(at = [rutile, Tensor], sig = (B, L, upper=false), samples = cholesky_solve_samples, integers = refused, complex)]
pub fn cholesky_solve(B: &Tensor, L: &Tensor, upper: bool) -> Result<Tensor> {
    let (lower_first, then) = if upper { (adjoint(L)?, L.clone()) } else { (L.clone(), adjoint(L)?) };
    let y = super::solve_triangular(&lower_first, B, false, true, false)?;
    super::solve_triangular(&then, &y, true, true, false)
}

fn cholesky_inverse_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 3], Values::Regular),
        Sample::new().values(&[2, 2, 2], Values::Regular).kw("upper", true),
    ]
}

/// The inverse of `A` from its Cholesky factor: of `L L'`, or with `upper` of `L' L`.
/// Raises: RuntimeError if a matrix is not square.
///
/// >>> rt.cholesky_inverse(rt.tensor([[2.0, 0.0], [1.0, 2.0]]))
/// tensor([[ 0.3125, -0.1250],
///         [-0.1250,  0.2500]])
#[op(at = [rutile, Tensor], sig = (L, upper=false), samples = cholesky_inverse_samples, integers = refused, complex)]
pub fn cholesky_inverse(L: &Tensor, upper: bool) -> Result<Tensor> {
    require_square("cholesky_inverse", L)?;
    cholesky_solve(&eye(L.shape()[L.ndim() - 1], L.dtype()), L, upper)
}

// ---- QR ----

fn qr_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]),
        a(&[4, 2]),
        a(&[2, 4]),
        a(&[2, 3, 2]).kw("mode", "reduced"),
        a(&[3, 3]).kw("mode", "complete"),
        a(&[0, 3]),
    ]
}

/// `A = Q R` with orthonormal columns in `Q` and an upper triangle `R`, of matrices (..., m, n). `mode`: `"reduced"`
/// gives `min(m, n)` columns of `Q`, `"complete"` all `m`, `"r"` only `R` (`Q` is empty). By Householder reflections;
/// the signs are LAPACK's. Differentiable if `mode` is `"reduced"`, or `"complete"` for m <= n, and the first columns
/// are independent.
/// Raises: ValueError for another `mode`.
///
/// >>> A = rt.tensor([[3.0, 1.0], [4.0, 2.0]])
/// >>> Q, R = rt.linalg.qr(A)
/// >>> R
/// tensor([[-5.0000, -2.2000],
///         [ 0.0000,  0.4000]])
/// >>> rt.allclose(Q @ R, A)
/// True
#[op(at = [linalg], sig = (A, mode="reduced"), samples = qr_samples, fields = [Q, R], integers = refused, complex)]
pub fn qr(A: &Tensor, mode: &str) -> Result<(Tensor, Tensor)> {
    let op = "linalg.qr";
    require_matrix(op, A)?;
    let a = Matrices::read(A, false);
    let (m, n) = (a.rows, a.columns);
    let k = m.min(n);
    let columns = match mode {
        "reduced" => k,
        "complete" => m,
        "r" => 0,
        _ => fail!(
            Value,
            "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        ),
    };
    let rows = if mode == "complete" { m } else { k };
    let (q, r) = (a.numbers(&[m, columns]), a.numbers(&[rows, n]));
    batches(a.count(), a.cubic(), [q.slice_mut::<f64>(), r.slice_mut::<f64>()], |i, [q, r]| {
        with_number!(a, T => {
            let factored = factor_qr::<T>(a.matrix(i), m, n);
            factored.q(columns, T::of_mut(q));
            factored.r(rows, T::of_mut(r));
        });
    });
    let q = if mode == "r" { Array::uninit(a.dtype, &[0]) } else { a.round_numbers(&q) };
    let r = a.round_numbers(&r);
    let (saved_q, saved_r) = (Saved::from_output(&q), Saved::from_output(&r));
    let refused = match mode {
        "r" => Some("mode='r' does not keep Q, which the derivative needs; use mode='reduced'"),
        "complete" if m > n => Some("mode='complete' has no derivative for more rows than columns; use mode='reduced'"),
        _ => None,
    };
    let mut outputs = record_many(op, vec![q, r], &[A], move |g, grads| {
        if let Some(reason) = refused {
            fail!(Autograd, "linalg.qr: {reason}");
        }
        let (q, r) = (saved_q.output(grads, 0)?, saved_r.output(grads, 1)?);
        grads.push(|| qr_gradient(&q, &r, g[0].as_ref(), g[1].as_ref()))
    });
    let (r, q) = (outputs.pop(), outputs.pop());
    let (Some(q), Some(r)) = (q, r) else { unreachable!("two outputs were recorded") };
    Ok((q, r))
}

/// For m >= n: `(gQ + Q copyltu(R gR' - gQ' Q)) R^-T`, where `copyltu` mirrors the lower triangle (Walter, Lehmann and Lamour,
/// 2012). The columns right of the square part only depend on `Q`: `R2 = Q' A2`.
fn qr_gradient(q: &Tensor, r: &Tensor, gq: Option<&Tensor>, gr: Option<&Tensor>) -> Result<Tensor> {
    let axis = r.ndim() - 1;
    let (k, n) = (r.shape()[axis - 1], r.shape()[axis]);
    let zeros = |x: &Tensor| arith::mul(x, &sums::zero());
    let mut gq = gq.map_or_else(|| zeros(q), |g| Ok(g.clone()))?;
    let gr = gr.map_or_else(|| zeros(r), |g| Ok(g.clone()))?;
    let left = |x: &Tensor| view::slice_axis(x, axis, 0, k.min(n), 1);
    let (square, g_square) = (left(r)?, create::triu(&left(&gr)?, 0)?);
    let mut rest = None;
    if n > k {
        let right = |x: &Tensor| view::slice_axis(x, axis, k, n - k, 1);
        let (r2, g2) = (right(r)?, right(&gr)?);
        let a2 = product("matmul", q, &r2)?; // Q is square here: this is A2 itself
        gq = arith::add(&gq, &product("matmul", &a2, &adjoint(&g2)?)?, 1.0)?;
        rest = Some(product("matmul", q, &g2)?);
    }
    let inner =
        arith::sub(&product("matmul", &square, &adjoint(&g_square)?)?, &product("matmul", &adjoint(&gq)?, q)?, 1.0)?;
    let low = arith::add(&create::tril(&inner, 0)?, &create::tril(&inner, -1)?, 1.0)?;
    let mirrored = arith::mul(&arith::add(&low, &adjoint(&low)?, 1.0)?, &sums::number(0.5))?;
    let sum = arith::add(&gq, &product("matmul", q, &mirrored)?, 1.0)?;
    // x R^-T is the transpose of R^-1 x'.
    let whole = adjoint(&triangular(&square, &adjoint(&sum)?, true, false)?)?;
    match rest {
        Some(rest) => join::cat(&[whole, rest], -1),
        None => Ok(whole),
    }
}

fn root_qr_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![a(&[3, 2]), a(&[2, 3]).arg(false)]
}

/// As `linalg.qr`: with `some` the reduced factors, else the complete ones.
///
/// >>> rt.qr(rt.tensor([[3.0], [4.0]]), some=False).Q
/// tensor([[-0.6000, -0.8000],
///         [-0.8000,  0.6000]])
#[op(name = "qr", at = [rutile, Tensor], sig = (input, some=true), samples = root_qr_samples, fields = [Q, R], integers = refused, complex)]
pub fn root_qr(input: &Tensor, some: bool) -> Result<(Tensor, Tensor)> {
    qr(input, if some { "reduced" } else { "complete" })
}

fn geqrf_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![a(&[3, 3]), a(&[4, 2]), a(&[2, 2, 4]), a(&[0, 3]), a(&[0, 2, 2])]
}

/// The reflections that make up `Q` in `input = Q R`, as LAPACK keeps them: `a` (..., m, n) holds `R` on and above the
/// diagonal and below it the vectors `v`, whose first element is 1, of the reflections `I - tau v v'`; `tau` is
/// (..., min(m, n)). `ormqr` multiplies by `Q`, `linalg.householder_product` makes it. No derivative, as in PyTorch: use
/// `linalg.qr`.
/// Raises: RuntimeError unless `input` is a matrix or a batch of them.
///
/// >>> a, tau = rt.geqrf(rt.tensor([[3.0], [4.0]]))
/// >>> a  # R, and v
/// tensor([[-5.0000],
///         [ 0.5000]])
/// >>> tau
/// tensor([1.6000])
#[op(at = [rutile, Tensor], sig = (input), samples = geqrf_samples, fields = [a, tau], no_grad, integers = refused, complex)]
pub fn geqrf(input: &Tensor) -> Result<(Tensor, Tensor)> {
    require_matrix("geqrf", input)?;
    let a = Matrices::read(input, false);
    let (m, n) = (a.rows, a.columns);
    let (packed, taus) = (a.numbers(&[m, n]), a.numbers(&[m.min(n)]));
    batches(a.count(), a.cubic(), [packed.slice_mut::<f64>(), taus.slice_mut::<f64>()], |i, [packed, taus]| {
        with_number!(a, T => {
            let factored = factor_qr::<T>(a.matrix(i), m, n);
            T::of_mut(packed).copy_from_slice(&factored.packed);
            T::of_mut(taus).copy_from_slice(&factored.taus);
        });
    });
    Ok((Tensor::from(a.round_numbers(&packed)), Tensor::from(a.round_numbers(&taus))))
}
