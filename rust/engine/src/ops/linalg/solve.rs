//! Systems of equations, inverses, determinants.

#![allow(non_snake_case)] // PyTorch names parameters `A`, `B`, `LU`

use super::lu::{Packed, integers};
use super::{Matrices, adjoint, column, eye, require_matrix, require_square, row, which, with_number};
use crate::array::{Shape, broadcast_shapes};
use crate::autograd::{Saved, Tensor, record, record_many};
use crate::error::Result;
use crate::fail;
use crate::ops::matmul::{product, transposed};
use crate::ops::registry::{Ints, Sample, Values};
use crate::ops::{arith, compare, complex, convert, create, reduce, special, sums, view};
use rutile_kernels::linalg::{Number, Triangle, batches, solve_triangular as substitute};
use rutile_macros::op;

// ---- solving ----

/// `b` as columns of matrices: whether it was one vector per matrix, and both with the same batch.
pub(super) fn fit(op: &str, a: &Tensor, b: &Tensor, vectors: bool, left: bool) -> Result<(Tensor, Tensor)> {
    if a.dtype() != b.dtype() {
        fail!(
            DType,
            "{op}: Expected A and B to have the same dtype, but found A of {} and B of {}",
            a.dtype(),
            b.dtype()
        );
    }
    let b = if vectors { column(b)? } else { b.clone() };
    let (from, to) = (a.shape(), b.shape());
    let (lead_a, lead_b) = (from.len() - 2, to.len() - 2);
    let n = from[lead_a + 1];
    if to[lead_b + usize::from(!left)] != n {
        fail!(
            Shape,
            "{op}: Incompatible shapes of A and B for the equation {}: {:?} and {:?}",
            if left { "AX = B" } else { "XA = B" },
            &from[..],
            &to[..]
        );
    }
    let batch = broadcast_shapes(op, &from[..lead_a], &to[..lead_b])?;
    let expanded = |x: &Tensor, shape: &[usize]| {
        let mut wide = batch.clone();
        wide.extend_from_slice(&shape[shape.len() - 2..]);
        view::expand_to(x, &wide)
    };
    Ok((expanded(a, &from)?, expanded(&b, &to)?))
}

/// The solution of `a @ x = b` for matrices of one batch.
fn solve_matrices(op: &'static str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let factors = Packed::new(a);
    if let Some((i, _)) = factors.zero_pivots().iter().enumerate().find(|(_, at)| **at > 0) {
        fail!(LinAlg, "{op}: {}The solver failed because the input matrix is singular.", which(&factors.a.batch, i));
    }
    let right = Matrices::read(b, true);
    factors.solve(&right.array, right.columns);
    let out = right.round_numbers(&right.array);
    let (saved_a, saved_x) = (a.save(), Saved::from_output(&out));
    Ok(record(op, out, &[a, b], move |g, grads| {
        let (a, x) = (saved_a.get_for(grads)?, saved_x.output(grads, 0)?);
        let by_b = solve_matrices(op, &adjoint(&a)?, g)?;
        grads.push(|| arith::neg(&product("matmul", &by_b, &adjoint(&x)?)?))?;
        grads.push(|| Ok(by_b.clone()))
    }))
}

fn solve_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]).tensor(&[3, 2]),
        a(&[3, 3]).tensor(&[3]),
        a(&[2, 3, 3]).tensor(&[3, 2]),
        a(&[2, 2, 2]).tensor(&[2, 2]),
        a(&[3, 3]).tensor(&[2, 3]).kw("left", false),
        a(&[0, 0]).tensor(&[0, 2]),
        a(&[0, 2, 2]).tensor(&[0, 2, 1]),
    ]
}

/// The solution `X` of `A X = B` (of `X A = B` unless `left`) for square matrices `A` (..., n, n). `B` is (..., n, k),
/// or (..., n): one vector per matrix. Batches broadcast. By LU with partial pivoting.
/// Raises: LinAlgError if a matrix is singular; RuntimeError if shapes do not fit.
///
/// >>> rt.linalg.solve(rt.tensor([[2.0, 0.0], [0.0, 4.0]]), rt.tensor([2.0, 2.0]))
/// tensor([1.0000, 0.5000])
#[op(at = [linalg], sig = (A, B, *, left=true), samples = solve_samples, complex, integers = refused)]
pub fn solve(A: &Tensor, B: &Tensor, left: bool) -> Result<Tensor> {
    let op = "linalg.solve";
    require_square(op, A)?;
    let (from, to) = (A.shape(), B.shape());
    if B.ndim() == 0 {
        fail!(Shape, "{op}: B must have at least one dimension, got shape []");
    }
    let vectors = to.len() == 1 || (to.len() + 1 == from.len() && to[..] == from[..from.len() - 1]);
    if vectors && !left {
        fail!(Shape, "{op}: with left=False, B must be matrices, got shape {:?}", &to[..]);
    }
    let (a, b) = fit(op, A, B, vectors, left)?;
    if !left {
        return transposed(&solve_matrices(op, &transposed(&a)?, &transposed(&b)?)?);
    }
    let x = solve_matrices(op, &a, &b)?;
    if vectors { view::squeeze_axes(&x, &[x.ndim() - 1]) } else { Ok(x) }
}

fn solve_ex_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 3], Values::Regular);
    vec![a().tensor(&[3, 2]), a().tensor(&[2, 3]).kw("left", false).kw("check_errors", true)]
}

/// As `solve`, and per matrix 0 or the place (from 1) of the pivot that is zero: such a system's solution means
/// nothing.
/// Raises: LinAlgError in that case, with `check_errors`.
///
/// >>> rt.linalg.solve_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]]), rt.ones(2)).info
/// tensor(2, dtype=rutile.int32)
#[op(at = [linalg], sig = (A, B, *, left=true, check_errors=false), samples = solve_ex_samples, fields = [result, info], integers = refused, complex)]
pub fn solve_ex(A: &Tensor, B: &Tensor, left: bool, check_errors: bool) -> Result<(Tensor, Tensor)> {
    require_square("linalg.solve_ex", A)?;
    let factors = Packed::new(&A.detach());
    let zeros = factors.zero_pivots();
    let info = Tensor::from(integers(&zeros, &factors.a.batch));
    if check_errors || zeros.iter().all(|&at| at == 0) {
        return Ok((solve(A, B, left)?, info));
    }
    let (inverse, info) = inv_ex(A, false)?;
    let product = if left { crate::ops::matmul::matmul(&inverse, B) } else { crate::ops::matmul::matmul(B, &inverse) };
    Ok((product?, info))
}

fn triangular_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![
        a(&[3, 3]).tensor(&[3, 2]).kw("upper", true),
        a(&[3, 3]).tensor(&[3, 2]).kw("upper", false),
        a(&[2, 3, 3]).tensor(&[3, 2]).kw("upper", true).kw("unitriangular", true),
        a(&[3, 3]).tensor(&[2, 3]).kw("upper", false).kw("left", false),
        a(&[0, 0]).tensor(&[0, 2]).kw("upper", true),
    ]
}

/// The solution `X` of `A X = B` (of `X A = B` unless `left`) for triangular matrices: only the upper or lower triangle
/// of `A` is read, and not its diagonal if it is `unitriangular`. A zero on the diagonal gives infinities.
/// Raises: RuntimeError if shapes do not fit.
///
/// >>> rt.linalg.solve_triangular(rt.tensor([[2.0, 0.0], [1.0, 4.0]]), rt.tensor([[2.0], [9.0]]), upper=False)
/// tensor([[1.],
///         [2.]])
#[op(at = [linalg], sig = (A, B, *, upper, left=true, unitriangular=false), samples = triangular_samples, integers = refused, complex)]
pub fn solve_triangular(A: &Tensor, B: &Tensor, upper: bool, left: bool, unitriangular: bool) -> Result<Tensor> {
    let op = "linalg.solve_triangular";
    require_square(op, A)?;
    require_matrix(op, B)?;
    let (a, b) = fit(op, A, B, false, left)?;
    if left {
        return triangular(&a, &b, upper, unitriangular);
    }
    transposed(&triangular(&transposed(&a)?, &transposed(&b)?, !upper, unitriangular)?)
}

/// As [`solve_triangular()`], for matrices of one batch.
pub(super) fn triangular(a: &Tensor, b: &Tensor, upper: bool, unit: bool) -> Result<Tensor> {
    let (t, right) = (Matrices::read(a, false), Matrices::read(b, true));
    let (n, k) = (t.rows, right.columns);
    batches(right.count(), n * n * k / 8, [right.array.slice_mut::<f64>()], |i, [b]| {
        let shape = Triangle { n, row: n, col: 1, upper, unit };
        with_number!(t, T => substitute(t.matrix(i), shape, T::of_mut(b), k));
    });
    let out = right.round_numbers(&right.array);
    let (saved_a, saved_x) = (a.save(), Saved::from_output(&out));
    Ok(record("solve_triangular", out, &[a, b], move |g, grads| {
        let (a, x) = (saved_a.get_for(grads)?, saved_x.output(grads, 0)?);
        let by_b = triangular(&adjoint(&a)?, g, !upper, unit)?;
        grads.push(|| {
            let full = arith::neg(&product("matmul", &by_b, &adjoint(&x)?)?)?;
            let off = i64::from(unit);
            if upper { create::triu(&full, off) } else { create::tril(&full, -off) }
        })?;
        grads.push(|| Ok(by_b.clone()))
    }))
}

// ---- inverse ----

fn square_samples() -> Vec<Sample> {
    [&[3, 3][..], &[2, 2, 2], &[1, 1], &[0, 0], &[0, 3, 3]]
        .into_iter()
        .map(|shape| Sample::new().values(shape, Values::Regular))
        .collect()
}

/// The inverse, and per matrix the place of the first zero pivot (from 1) or 0; singular matrices give no-numbers.
fn inverse(a: &Tensor) -> (Tensor, Vec<usize>, Shape) {
    let factors = Packed::new(a);
    let zeros = factors.zero_pivots();
    let n = factors.a.rows;
    let out = factors.a.numbers(&[n, n]);
    with_number!(factors.a, T => {
        let values = T::of_mut(out.slice_mut::<f64>());
        (0..factors.a.count()).for_each(|i| (0..n).for_each(|j| values[i * n * n + j * (n + 1)] = T::real(1.0)));
    });
    factors.solve(&out, n);
    let out = factors.a.round_numbers(&out);
    let saved = Saved::from_output(&out);
    let result = record("linalg.inv", out, &[a], move |g, grads| {
        let p = adjoint(&saved.output(grads, 0)?)?;
        grads.push(|| arith::neg(&product("matmul", &product("matmul", &p, g)?, &p)?))
    });
    (result, zeros, factors.a.batch)
}

/// The inverses of square matrices (..., n, n). To solve a system, `solve` is quicker and more exact than multiplying
/// by the inverse.
/// Raises: LinAlgError if a matrix is singular; RuntimeError if it is not square.
///
/// >>> rt.linalg.inv(rt.tensor([[2.0, 0.0], [1.0, 4.0]]))
/// tensor([[ 0.5000,  0.0000],
///         [-0.1250,  0.2500]])
#[op(at = [linalg], alias = [rutile.inverse, Tensor.inverse], sig = (A), samples = square_samples, complex, integers = refused)]
pub fn inv(A: &Tensor) -> Result<Tensor> {
    require_square("linalg.inv", A)?;
    let (result, zeros, batch) = inverse(A);
    if let Some((i, at)) = zeros.iter().enumerate().find(|(_, at)| **at > 0) {
        fail!(
            LinAlg,
            "linalg.inv: {}The diagonal element {at} is zero, the inversion could not be completed because the input \
             matrix is singular.",
            which(&batch, i)
        );
    }
    Ok(result)
}

fn ex_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 3], Values::Regular),
        Sample::new().values(&[2, 2, 2], Values::Regular).kw("check_errors", true),
    ]
}

/// The inverses, and per matrix 0 or the place (from 1) of the pivot that is zero: of such a matrix the inverse means
/// nothing.
/// Raises: LinAlgError in that case, with `check_errors`.
///
/// >>> rt.linalg.inv_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]])).info
/// tensor(2, dtype=rutile.int32)
#[op(at = [linalg], sig = (A, *, check_errors=false), samples = ex_samples, fields = [inverse, info], integers = refused, complex)]
pub fn inv_ex(A: &Tensor, check_errors: bool) -> Result<(Tensor, Tensor)> {
    require_square("linalg.inv_ex", A)?;
    if check_errors {
        inv(A)?;
    }
    let (result, zeros, batch) = inverse(A);
    Ok((result, Tensor::from(integers(&zeros, &batch))))
}

// ---- determinants ----

/// The determinants (...) of square matrices (..., n, n), 1 for those of no rows. The derivative is right for singular
/// matrices too.
/// Raises: RuntimeError if a matrix is not square.
///
/// >>> rt.linalg.det(rt.tensor([[1.0, 2.0], [3.0, 4.0]]))
/// tensor(-2.)
#[op(at = [linalg, rutile, Tensor], sig = (A), samples = square_samples, integers = refused, complex)]
pub fn det(A: &Tensor) -> Result<Tensor> {
    require_square("linalg.det", A)?;
    let factors = Packed::new(A);
    let out = factors.a.numbers(&[]);
    with_number!(factors.a, T => {
        for (i, out) in T::of_mut(out.slice_mut::<f64>()).iter_mut().enumerate() {
            *out = factors.diagonal(i).fold(T::real(1.0), |product, x: T| product * x).scaled(factors.parity(i));
        }
    });
    let singular = factors.zero_pivots().iter().any(|&at| at > 0);
    let out = factors.a.round_numbers(&out);
    let (saved_a, saved) = (A.save(), Saved::from_output(&out));
    Ok(record("linalg.det", out, &[A], move |g, grads| {
        let (a, det) = (saved_a.get_for(grads)?, saved.output(grads, 0)?);
        let wide = |x: &Tensor| column(&column(x)?);
        grads.push(|| {
            if singular {
                return arith::mul(&wide(g)?, &cofactors(&a)?);
            }
            arith::mul(&wide(&arith::mul(g, &complex::conj(&det)?)?)?, &adjoint(&inv(&a)?)?)
        })
    }))
}

/// The conjugates of the cofactors of any matrix by its singular values: `conj(det(U V')) U diag(product of the other s) V'`.
fn cofactors(a: &Tensor) -> Result<Tensor> {
    let (u, s, vh) = super::svd(a, false)?;
    let sign = complex::conj(&arith::mul(&det(&u.detach())?, &det(&vh.detach())?)?)?;
    let n = a.shape()[a.ndim() - 1];
    let mut shape = s.shape();
    shape.push(n);
    let table = view::expand_to(&row(&s)?, &shape)?;
    let others = compare::select(&compare::eq(&eye(n, s.dtype()), &sums::one())?, &sums::one(), &table)?;
    let others = reduce::prod(&others, Some(Ints::from_elem(-1, 1)), false, None)?;
    let scaled = arith::mul(&u, &row(&arith::mul(&others, &column(&sign)?)?)?)?;
    product("matmul", &scaled, &vh)
}

/// The sign (-1, 0 or 1) of each determinant and the logarithm of its size, where the determinant itself might
/// overflow.
/// Raises: RuntimeError if a matrix is not square.
///
/// >>> sign, logabsdet = rt.linalg.slogdet(rt.eye(200) * -10.0)  # the determinant is 10**200
/// >>> sign, logabsdet
/// (tensor(1.), tensor(460.5170))
#[op(at = [linalg, rutile, Tensor], sig = (A), samples = square_samples, fields = [sign, logabsdet], integers = refused, complex)]
pub fn slogdet(A: &Tensor) -> Result<(Tensor, Tensor)> {
    require_square("linalg.slogdet", A)?;
    let factors = Packed::new(A);
    let (signs, logs) = (factors.a.numbers(&[]), factors.a.room(&[]));
    with_number!(factors.a, T => {
        let signs = T::of_mut(signs.slice_mut::<f64>());
        for (i, (sign, log)) in signs.iter_mut().zip(logs.slice_mut::<f64>()).enumerate() {
            let zero = factors.diagonal(i).any(|x: T| x == T::default());
            let turn = |sign: T, x: T| sign * x.scaled(1.0 / x.size());
            let start = T::real(factors.parity(i));
            *sign = if zero { T::default() } else { factors.diagonal(i).fold(start, turn) };
            *log = factors.diagonal(i).map(|x: T| x.size().ln()).sum();
        }
    });
    let outputs = vec![factors.a.round_numbers(&signs), factors.a.round(&logs)];
    let (saved, saved_sign) = (A.save(), Saved::from_output(&outputs[0]));
    let mut outputs = record_many("linalg.slogdet", outputs, &[A], move |g, grads| {
        let (a, sign) = (saved.get_for(grads)?, saved_sign.output(grads, 0)?);
        // The sign of a real matrix does not change; that of a complex one is e^(i Im log det).
        let turned = g[0].as_ref().filter(|_| a.dtype().is_complex());
        let turn = turned.map(|g| complex::imag(&arith::mul(&complex::conj(g)?, &sign)?)).transpose()?;
        let slope = match (&g[1], turn) {
            (None, None) => {
                grads.skip();
                return Ok(());
            }
            (Some(g), None) => convert::to_dtype(g, a.dtype())?,
            (None, Some(turn)) => complex::complex(&arith::mul(&turn, &sums::zero())?, &arith::neg(&turn)?)?,
            (Some(g), Some(turn)) => complex::complex(g, &arith::neg(&turn)?)?,
        };
        grads.push(|| arith::mul(&column(&column(&slope)?)?, &adjoint(&inv(&a)?)?))
    });
    let (log, sign) = (outputs.pop(), outputs.pop());
    let (Some(sign), Some(log)) = (sign, log) else { unreachable!("two outputs were recorded") };
    Ok((sign, log))
}

fn definite_samples() -> Vec<Sample> {
    [&[3, 3][..], &[2, 2, 2], &[0, 0]].into_iter().map(|shape| Sample::new().values(shape, Values::Definite)).collect()
}

/// The logarithms of the determinants of square matrices; NaN for negative ones, -inf for 0.
/// Raises: RuntimeError if a matrix is not square.
///
/// >>> rt.logdet(rt.tensor([[2.0, 0.0], [0.0, 3.0]]))
/// tensor(1.7918)
#[op(at = [rutile, Tensor], sig = (input), samples = definite_samples, integers = refused, complex)]
pub fn logdet(input: &Tensor) -> Result<Tensor> {
    let (sign, log) = slogdet(input)?;
    arith::add(&log, &special::log(&sign)?, 1.0)
}

// ---- powers ----

fn power_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 3], Values::Regular);
    vec![
        a().arg(3),
        a().arg(0),
        a().arg(1),
        a().arg(-2),
        Sample::new().values(&[2, 2, 2], Values::Regular).arg(2),
        Sample::new().values(&[0, 2, 2], Values::Regular).arg(0),
    ]
}

/// The `n`-th power of square matrices by repeated squaring; negative powers are those of the inverse, and the power 0
/// is the identity.
/// Raises: RuntimeError if a matrix is not square; LinAlgError for negative powers of a singular one.
///
/// >>> rt.matrix_power(rt.tensor([[1, 1], [1, 0]]), 10)  # Fibonacci numbers
/// tensor([[89, 55],
///         [55, 34]])
#[op(at = [rutile, Tensor, linalg], sig = (input, n), samples = power_samples, complex)]
pub fn matrix_power(input: &Tensor, n: i64) -> Result<Tensor> {
    let shape = input.shape();
    let size = *shape.last().unwrap_or(&0);
    if shape.len() < 2 || shape[shape.len() - 2] != size {
        fail!(Shape, "linalg.matrix_power: A must be batches of square matrices, but got shape {:?}", &shape[..]);
    }
    if n == 0 {
        return convert::clone(&view::expand_to(&eye(size, input.dtype()), &shape)?);
    }
    let mut square = if n < 0 { inv(input)? } else { input.clone() };
    let mut left = n.unsigned_abs();
    let mut out: Option<Tensor> = None;
    while left > 0 {
        if left % 2 == 1 {
            out = Some(match out {
                Some(out) => product("matmul", &out, &square)?,
                None => square.clone(),
            });
        }
        left /= 2;
        if left > 0 {
            square = product("matmul", &square, &square)?;
        }
    }
    match out {
        Some(out) if out.is(input) => convert::clone(&out),
        Some(out) => Ok(out),
        None => unreachable!("a power other than 0 has a factor"),
    }
}

fn old_triangular_samples() -> Vec<Sample> {
    let call = || Sample::new().tensor(&[3, 2]).values(&[3, 3], Values::Regular);
    vec![call(), call().kw("upper", false), call().kw("transpose", true), call().kw("unitriangular", true)]
}

/// The solution of `A X = b` (with `transpose`, of `A' X = b`) for triangular matrices, and a copy of `A`. See
/// `linalg.solve_triangular`.
///
/// >>> rt.triangular_solve(rt.tensor([[4.0], [8.0]]), rt.tensor([[2.0, 1.0], [0.0, 4.0]])).solution
/// tensor([[1.],
///         [2.]])
#[op(at = [rutile, Tensor], sig = (b, A, upper=true, transpose=false, unitriangular=false), samples = old_triangular_samples, fields = [solution, cloned_coefficient], integers = refused, complex)]
pub fn triangular_solve(
    b: &Tensor,
    A: &Tensor,
    upper: bool,
    transpose: bool,
    unitriangular: bool,
) -> Result<(Tensor, Tensor)> {
    let turned = if transpose { transposed(A)? } else { A.clone() };
    let solution = solve_triangular(&turned, b, upper != transpose, true, unitriangular)?;
    let mut shape = solution.shape();
    shape.truncate(shape.len() - 2);
    shape.extend_from_slice(&A.shape()[A.ndim() - 2..]);
    Ok((solution, convert::clone(&view::expand_to(A, &shape)?)?))
}
