//! LU with partial pivoting: what systems and determinants are computed from, and as a result.

#![allow(non_snake_case)] // PyTorch names parameters `A`, `B`, `LU`

use super::solve::{fit, triangular};
use super::{Matrices, adjoint, eye, require_matrix, require_square, which, with_number};
use crate::array::{Array, DType, Shape};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::fail;
use crate::ops::matmul::{product, transposed};
use crate::ops::registry::{Sample, Value, Values};
use crate::ops::{arith, convert, create, view};
use rutile_kernels::linalg::{Number, Triangle, batches, lu as factor_lu, solve_triangular as substitute, swap_rows};
use rutile_macros::op;

/// Packed factors and, per row, the row that it was exchanged with (as doubles, from 0), of every matrix.
pub(super) struct Packed {
    pub(super) a: Matrices,
    pivots: Array,
}

impl Packed {
    pub(super) fn new(x: &Tensor) -> Packed {
        let a = Matrices::read(x, true);
        let (m, n) = (a.rows, a.columns);
        let pivots = a.room(&[m.min(n)]);
        batches(
            a.count(),
            a.cubic(),
            [a.array.slice_mut::<f64>(), pivots.slice_mut::<f64>()],
            |_, [packed, pivots]| with_number!(a, T => factor_lu(T::of_mut(packed), m, n, pivots)),
        );
        Packed { a, pivots }
    }

    /// The pivots of matrix number `i`.
    fn exchanges(&self, i: usize) -> &[f64] {
        let k = self.a.rows.min(self.a.columns);
        &self.pivots.slice::<f64>()[i * k..][..k]
    }

    /// The diagonal of `U` of matrix number `i`.
    pub(super) fn diagonal<T: Number>(&self, i: usize) -> impl Iterator<Item = T> {
        self.a.matrix(i).iter().step_by(self.a.columns + 1).copied()
    }

    /// -1 or 1 by the number of exchanged rows.
    pub(super) fn parity(&self, i: usize) -> f64 {
        let exchanged = self.exchanges(i).iter().enumerate().filter(|&(at, &pivot)| pivot as usize != at).count();
        if exchanged % 2 == 0 { 1.0 } else { -1.0 }
    }

    /// Where the first zero pivot of each matrix is, counted from 1, or 0.
    pub(super) fn zero_pivots(&self) -> Vec<usize> {
        let zero = |i| with_number!(self.a, T => self.diagonal::<T>(i).position(|x| x == T::default()));
        (0..self.a.count()).map(|i| zero(i).map_or(0, |at| at + 1)).collect()
    }

    /// `b` becomes the solution of every system.
    pub(super) fn solve(&self, b: &Array, k: usize) {
        let n = self.a.rows;
        let lower = Triangle { n, row: n, col: 1, upper: false, unit: true };
        batches(self.a.count(), n * n * k / 4, [b.slice_mut::<f64>()], |i, [b]| {
            with_number!(self.a, T => {
                let b = T::of_mut(b);
                self.exchanges(i).iter().enumerate().for_each(|(at, &pivot)| swap_rows(b, k, at, pivot as usize));
                substitute(self.a.matrix(i), lower, b, k);
                substitute(self.a.matrix(i), Triangle { upper: true, unit: false, ..lower }, b, k);
            });
        });
    }

    /// The pivots as LAPACK's users know them: int32, from 1.
    fn lapack_pivots(&self) -> Array {
        let from_one: Vec<i32> = self.pivots.slice::<f64>().iter().map(|&pivot| pivot as i32 + 1).collect();
        Array::from_slice(&from_one, self.pivots.shape())
    }
}

pub(super) fn integers(values: &[usize], shape: &[usize]) -> Array {
    Array::from_slice(&values.iter().map(|&value| value as i32).collect::<Vec<_>>(), shape)
}

// ---- as a result ----

fn any_shape_samples() -> Vec<Sample> {
    [&[3, 3][..], &[2, 4], &[4, 2], &[2, 3, 3], &[0, 3]]
        .into_iter()
        .map(|shape| Sample::new().values(shape, Values::Regular))
        .collect()
}

fn require_pivot(op: &str, pivot: bool) -> Result<()> {
    if !pivot {
        fail!(Unsupported, "{op}: LU without pivoting is not there (nor on PyTorch's CPU); use pivot=True");
    }
    Ok(())
}

/// The factors in one matrix, with their derivative, and the pivots.
fn packed_lu(a: &Tensor) -> (Tensor, Array, Vec<usize>) {
    let factors = Packed::new(a);
    let pivots = factors.lapack_pivots();
    let zeros = factors.zero_pivots();
    let out = factors.a.round_numbers(&factors.a.array);
    let (saved, exchanges) = (Saved::from_output(&out), pivots.clone());
    let result = record("linalg.lu_factor", out, &[a], move |g, grads| {
        let packed = saved.output(grads, 0)?;
        grads.push(|| lu_gradient(&packed, &exchanges, g))
    });
    (result, pivots, zeros)
}

/// With `A = P L U` and, for square matrices, `A' = P L^-T (tril(L' gL, -1) + triu(gU U')) U^-1'`. What is right of or below
/// the square part follows from `L U2 = P' A2` and `L2 U = P' A2`; here `gL` and `gU` lie in one matrix as `L` and `U` do.
fn lu_gradient(packed: &Tensor, pivots: &Array, g: &Tensor) -> Result<Tensor> {
    let shape = packed.shape();
    let [m, n] = [shape[shape.len() - 2], shape[shape.len() - 1]];
    let k = m.min(n);
    let axes = (shape.len() - 2, shape.len() - 1);
    let part = |x: &Tensor, axis: usize, from: usize, to: usize| view::slice_axis(x, axis, from, to - from, 1);
    let square = |x: &Tensor| part(&part(x, axes.0, 0, k)?, axes.1, 0, k);
    let (lu, mut g_low, mut g_up) = (square(packed)?, create::tril(&square(g)?, -1)?, create::triu(&square(g)?, 0)?);
    let low_t = adjoint(&lu)?;
    // L^-T x and x U^-T.
    let by_l = |x: &Tensor| triangular(&low_t, x, true, true);
    let by_u = |x: &Tensor| adjoint(&triangular(&lu, &adjoint(x)?, true, false)?);
    let mut rest = None;
    if n > k {
        let (u2, g2) = (part(packed, axes.1, k, n)?, part(g, axes.1, k, n)?);
        let below = by_l(&g2)?;
        g_low = arith::sub(&g_low, &create::tril(&product("matmul", &below, &adjoint(&u2)?)?, -1)?, 1.0)?;
        rest = Some((below, 1));
    } else if m > k {
        let (l2, g2) = (part(packed, axes.0, k, m)?, part(g, axes.0, k, m)?);
        let below = by_u(&g2)?;
        g_up = arith::sub(&g_up, &create::triu(&product("matmul", &adjoint(&l2)?, &below)?, 0)?, 1.0)?;
        rest = Some((below, 0));
    }
    let unit = arith::add(&create::tril(&lu, -1)?, &eye(k, packed.dtype()), 1.0)?;
    let inner = arith::add(
        &create::tril(&product("matmul", &adjoint(&unit)?, &g_low)?, -1)?,
        &create::triu(&product("matmul", &g_up, &adjoint(&create::triu(&lu, 0)?)?)?, 0)?,
        1.0,
    )?;
    let mut whole = by_u(&by_l(&inner)?)?;
    if let Some((rest, axis)) = rest {
        whole = crate::ops::join::cat(&[whole, rest], axis - 2)?;
    }
    product("matmul", &Tensor::from(permutation(pivots, m, packed.dtype())), &whole)
}

/// The matrix `P` (`m x m` per batch) with `A = P L U` from LAPACK's pivots.
fn permutation(pivots: &Array, m: usize, dtype: DType) -> Array {
    let pivots = convert::plain(pivots, DType::I64);
    let lead = pivots.ndim() - 1;
    let k = pivots.shape()[lead];
    let mut shape = Shape::from_slice(&pivots.shape()[..lead]);
    let count: usize = shape.iter().product();
    shape.extend([m, m]);
    let out = convert::zeros(DType::F64, &shape);
    for i in 0..count {
        let mut rows: Vec<usize> = (0..m).collect();
        let exchanges = &pivots.slice::<i64>()[i * k..][..k];
        exchanges.iter().enumerate().for_each(|(at, &pivot)| rows.swap(at, pivot as usize - 1));
        let matrix = &mut out.slice_mut::<f64>()[i * m * m..][..m * m];
        rows.iter().enumerate().for_each(|(to, &from)| matrix[from * m + to] = 1.0);
    }
    convert::cast(&out, dtype)
}

/// The LU factors of matrices (..., m, n) packed in one: `U` on and above the diagonal, `L` below it (its diagonal is
/// 1), and the pivots: row `i` was exchanged with row `pivots[i]`, counted from 1. Partial pivoting.
/// Raises: RuntimeError for `pivot=False`.
///
/// >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
/// >>> LU
/// tensor([[4.0000, 6.0000],
///         [0.2500, 0.5000]])
/// >>> pivots
/// tensor([2, 2], dtype=rutile.int32)
#[op(at = [linalg], sig = (A, *, pivot=true), samples = any_shape_samples, fields = [LU, pivots], integers = refused, complex)]
pub fn lu_factor(A: &Tensor, pivot: bool) -> Result<(Tensor, Tensor)> {
    require_matrix("linalg.lu_factor", A)?;
    require_pivot("linalg.lu_factor", pivot)?;
    let (packed, pivots, _) = packed_lu(A);
    Ok((packed, Tensor::from(pivots)))
}

/// As `lu_factor`, and per matrix 0 or the place (from 1) of a zero pivot.
/// Raises: LinAlgError in that case, with `check_errors`.
///
/// >>> rt.linalg.lu_factor_ex(rt.tensor([[1.0, 2.0], [2.0, 4.0]])).info
/// tensor(2, dtype=rutile.int32)
#[op(at = [linalg], sig = (A, *, pivot=true, check_errors=false), samples = any_shape_samples, fields = [LU, pivots, info], integers = refused, complex)]
pub fn lu_factor_ex(A: &Tensor, pivot: bool, check_errors: bool) -> Result<(Tensor, Tensor, Tensor)> {
    require_matrix("linalg.lu_factor_ex", A)?;
    require_pivot("linalg.lu_factor_ex", pivot)?;
    let (packed, pivots, zeros) = packed_lu(A);
    let batch = Shape::from_slice(&A.shape()[..A.ndim() - 2]);
    if let Some((i, at)) = zeros.iter().enumerate().find(|(_, at)| check_errors && **at > 0) {
        fail!(LinAlg, "linalg.lu_factor_ex: {}U[{at},{at}] is zero", which(&batch, i));
    }
    Ok((packed, Tensor::from(pivots), Tensor::from(integers(&zeros, &batch))))
}

/// `L` and `U` of packed factors.
fn unpacked(packed: &Tensor) -> Result<(Tensor, Tensor)> {
    let shape = packed.shape();
    let lead = shape.len() - 2;
    let k = shape[lead].min(shape[lead + 1]);
    let low = view::slice_axis(packed, lead + 1, 0, k, 1)?;
    let mut diagonal = vec![0.0_f64; shape[lead] * k];
    (0..k).for_each(|i| diagonal[i * (k + 1)] = 1.0);
    let diagonal = Tensor::from(convert::cast(&Array::from_slice(&diagonal, &[shape[lead], k]), packed.dtype()));
    let low = arith::add(&create::tril(&low, -1)?, &diagonal, 1.0)?;
    Ok((low, create::triu(&view::slice_axis(packed, lead, 0, k, 1)?, 0)?))
}

/// `A = P L U` of matrices (..., m, n): a permutation (..., m, m), a lower triangle with ones on its diagonal (..., m,
/// k) and an upper triangle (..., k, n), where `k = min(m, n)`.
/// Raises: RuntimeError if there are fewer than 2 axes, or for `pivot=False`.
///
/// >>> P, L, U = rt.linalg.lu(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
/// >>> L
/// tensor([[1.0000, 0.0000],
///         [0.2500, 1.0000]])
/// >>> U
/// tensor([[4.0000, 6.0000],
///         [0.0000, 0.5000]])
#[op(at = [linalg], sig = (A, *, pivot=true), samples = any_shape_samples, fields = [P, L, U], integers = refused, complex)]
pub fn lu(A: &Tensor, pivot: bool) -> Result<(Tensor, Tensor, Tensor)> {
    require_matrix("linalg.lu", A)?;
    require_pivot("linalg.lu", pivot)?;
    let (packed, pivots, _) = packed_lu(A);
    let (low, up) = unpacked(&packed)?;
    let rows = A.shape()[A.ndim() - 2];
    Ok((Tensor::from(permutation(&pivots, rows, A.dtype())), low, up))
}

fn check_pivots(op: &str, packed: &Tensor, pivots: &Tensor) -> Result<()> {
    require_matrix(op, packed)?;
    let shape = packed.shape();
    let lead = shape.len() - 2;
    let (m, k) = (shape[lead], shape[lead].min(shape[lead + 1]));
    let fits = pivots.ndim() == lead + 1 && pivots.shape()[..lead] == shape[..lead] && pivots.shape()[lead] == k;
    if !fits || pivots.dtype().has_gradients() {
        fail!(
            Shape,
            "{op}: the pivots must be integers of shape (..., {k}) for factors {:?}, got {} {:?}",
            &shape[..],
            pivots.dtype(),
            &pivots.shape()[..]
        );
    }
    let values = convert::plain(&pivots.array(), DType::I64);
    if let Some(pivot) = values.slice::<i64>().iter().find(|&&pivot| pivot < 1 || pivot as usize > m) {
        fail!(Value, "{op}: pivots are between 1 and the number of rows, {m}, got {pivot}");
    }
    Ok(())
}

fn unpack_samples() -> Vec<Sample> {
    // One matrix of one row has one possible pivot.
    vec![
        Sample::new().tensor(&[1, 2]).values(&[1], Values::Int(1, 2)),
        Sample::new().tensor(&[2, 1, 1]).values(&[2, 1], Values::Int(1, 2)),
    ]
}

/// `P`, `L` and `U` of what `linalg.lu_factor` gives; `unpack_data` and `unpack_pivots` say which of them are wanted.
///
/// >>> A = rt.tensor([[1.0, 2.0], [4.0, 6.0]])
/// >>> P, L, U = rt.lu_unpack(*rt.linalg.lu_factor(A))
/// >>> P @ L @ U
/// tensor([[1., 2.],
///         [4., 6.]])
#[op(at = [rutile], sig = (LU_data, LU_pivots, unpack_data=true, unpack_pivots=true), samples = unpack_samples, fields = [P, L, U], complex)]
pub fn lu_unpack(
    LU_data: &Tensor,
    LU_pivots: &Tensor,
    unpack_data: bool,
    unpack_pivots: bool,
) -> Result<(Tensor, Tensor, Tensor)> {
    check_pivots("lu_unpack", LU_data, LU_pivots)?;
    let none = || Tensor::from(Array::uninit(LU_data.dtype(), &[0]));
    let rows = LU_data.shape()[LU_data.ndim() - 2];
    let order =
        if unpack_pivots { Tensor::from(permutation(&LU_pivots.array(), rows, LU_data.dtype())) } else { none() };
    let (low, up) = if unpack_data { unpacked(LU_data)? } else { (none(), none()) };
    Ok((order, low, up))
}

fn lu_solve_samples() -> Vec<Sample> {
    let call = || Sample::new().values(&[1, 1], Values::Regular).values(&[1], Values::Int(1, 2));
    vec![call().tensor(&[1, 2]), call().tensor(&[1, 2]).kw("adjoint", true), call().tensor(&[2, 1]).kw("left", false)]
}

/// The solution of `A X = B` from the factors that `lu_factor` gave; of `X A = B` unless `left`, with `A` transposed if
/// `adjoint`. `B` is (..., n, k).
/// Raises: RuntimeError if shapes do not fit, or the pivots hold no integers.
///
/// >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
/// >>> rt.linalg.lu_solve(LU, pivots, rt.tensor([[5.0], [16.0]]))
/// tensor([[1.],
///         [2.]])
#[op(at = [linalg], sig = (LU, pivots, B, *, left=true, adjoint=false), samples = lu_solve_samples, complex)]
pub fn lu_solve(LU: &Tensor, pivots: &Tensor, B: &Tensor, left: bool, adjoint: bool) -> Result<Tensor> {
    let op = "linalg.lu_solve";
    require_square(op, LU)?;
    require_matrix(op, B)?;
    check_pivots(op, LU, pivots)?;
    if !left {
        // X A = B is A' X' = B'.
        return super::adjoint(&lu_solve(LU, pivots, &super::adjoint(B)?, true, !adjoint)?);
    }
    let n = LU.shape()[LU.ndim() - 1];
    let (factors, b) = fit(op, LU, B, false, true)?;
    let order = Tensor::from(permutation(&pivots.array(), n, B.dtype()));
    if adjoint {
        let turned = super::adjoint(&factors)?;
        let y = triangular(&turned, &b, false, false)?;
        return product("matmul", &order, &triangular(&turned, &y, true, true)?);
    }
    let y = triangular(&factors, &product("matmul", &transposed(&order)?, &b)?, false, true)?;
    triangular(&factors, &y, true, false)
}

// ---- PyTorch's older names ----

fn root_lu_samples() -> Vec<Sample> {
    let a = |shape: &[usize]| Sample::new().values(shape, Values::Regular);
    vec![a(&[3, 3]), a(&[2, 2, 4]).kw("get_infos", true)]
}

/// Packed factors and pivots as of `linalg.lu_factor`, and with `get_infos` also `linalg.lu_factor_ex`'s info.
///
/// >>> LU, pivots = rt.tensor([[1.0, 2.0], [4.0, 6.0]]).lu()
/// >>> LU
/// tensor([[4.0000, 6.0000],
///         [0.2500, 0.5000]])
#[op(name = "lu", at = [rutile, Tensor], sig = (A, pivot=true, get_infos=false), samples = root_lu_samples, integers = refused, complex)]
pub fn root_lu(A: &Tensor, pivot: bool, get_infos: bool) -> Result<Value> {
    let (packed, pivots, info) = lu_factor_ex(A, pivot, false)?;
    let mut parts = vec![packed, pivots];
    parts.extend(get_infos.then_some(info));
    Ok(Value::Tensors(parts))
}

fn root_lu_solve_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[1, 2]).values(&[1, 1], Values::Regular).values(&[1], Values::Int(1, 2)),
        Sample::new().tensor(&[2, 1, 2]).values(&[2, 1, 1], Values::Regular).values(&[2, 1], Values::Int(1, 2)),
    ]
}

/// As `linalg.lu_solve`, with the right sides first.
///
/// >>> LU, pivots = rt.linalg.lu_factor(rt.tensor([[1.0, 2.0], [4.0, 6.0]]))
/// >>> rt.lu_solve(rt.tensor([[5.0], [16.0]]), LU, pivots)
/// tensor([[1.],
///         [2.]])
#[op(name = "lu_solve", at = [rutile, Tensor], sig = (b, LU_data, LU_pivots), samples = root_lu_solve_samples, complex)]
pub fn root_lu_solve(b: &Tensor, LU_data: &Tensor, LU_pivots: &Tensor) -> Result<Tensor> {
    lu_solve(LU_data, LU_pivots, b, true, false)
}
