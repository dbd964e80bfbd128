//! Norms of vectors and matrices.

#![allow(non_snake_case)] // PyTorch names a parameter `A`

use super::{Order, inv, order, require_matrix, require_square, svdvals};
use crate::array::{DType, normalize_axis};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use crate::ops::registry::{Arg, Ints, Sample, Values};
use crate::ops::{arith, compare, convert, reduce, sums, view};
use rutile_macros::op;

fn vector_samples() -> Vec<Sample> {
    let x = || Sample::new().tensor(&[3, 4]);
    vec![
        x(),
        x().arg(1),
        x().arg(3.5).kw("dim", 1),
        x().kw("ord", 2).kw("dim", [0, 1]).kw("keepdim", true),
        Sample::new().values(&[3, 4], Values::Distinct).kw("ord", f64::INFINITY).kw("dim", 0),
        Sample::new().values(&[3, 4], Values::Float(0.5, 2.0)).kw("ord", f64::NEG_INFINITY),
        x().kw("ord", 0),
        Sample::new().tensor(&[]),
    ]
}

/// The norm of order `ord` over axes `dim`, all as one vector if None: `sum(|x|**ord) ** (1/ord)`; `inf` and `-inf`
/// give the extremes, 0 counts what is not zero. `dtype` converts the input first.
/// Raises: IndexError if there is no such axis; RuntimeError for integers without `dtype`.
///
/// >>> x = rt.tensor([[3.0, 4.0], [0.0, -2.0]])
/// >>> rt.linalg.vector_norm(x, dim=1), rt.linalg.vector_norm(x, ord=1)
/// (tensor([5., 2.]), tensor(9.))
#[op(at = [linalg], sig = (x, ord=2, dim=None, keepdim=false, *, dtype=None), samples = vector_samples, complex)]
pub fn vector_norm(x: &Tensor, ord: Arg, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    match order("linalg.vector_norm", &ord)? {
        Order::Number(p) => reduce::norm(x, Arg::Float(p), dim, keepdim, dtype),
        _ => fail!(Type, "linalg.vector_norm: argument 'ord' must be a number"),
    }
}

fn matrix_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 4], Values::Regular);
    vec![
        a(),
        a().arg("nuc"),
        a().arg(2),
        a().kw("ord", -2).kw("keepdim", true),
        a().kw("ord", 1),
        a().kw("ord", -1),
        a().kw("ord", f64::INFINITY),
        a().kw("ord", f64::NEG_INFINITY).kw("dim", [1, 0]),
        Sample::new().values(&[2, 3, 2], Values::Regular).kw("ord", "fro").kw("dim", [0, -1]),
        Sample::new().values(&[2, 3, 2], Values::Regular).kw("ord", "nuc").kw("dim", [2, 0]),
    ]
}

/// A norm of matrices on the two axes `dim`: `"fro"` (the root of the sum of squares), `"nuc"` (the sum of the singular
/// values), 2 and -2 (the largest and the smallest of them), 1 and -1 (the largest and the smallest sum of a column's
/// sizes), inf and -inf (of a row's). `dtype` converts the input first.
/// Raises: RuntimeError for another `ord`, if there are fewer than 2 axes, or for integers without `dtype`.
///
/// >>> A = rt.tensor([[3.0, 0.0], [4.0, 0.0]])
/// >>> rt.linalg.matrix_norm(A), rt.linalg.matrix_norm(A, ord=1), rt.linalg.matrix_norm(A, ord=rt.inf)
/// (tensor(5.), tensor(7.), tensor(4.))
#[op(at = [linalg], sig = (A, ord="fro", dim=None, keepdim=false, *, dtype=None), samples = matrix_samples, complex)]
pub fn matrix_norm(A: &Tensor, ord: Arg, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let op = "linalg.matrix_norm";
    let ord = if matches!(ord, Arg::None) { Order::Frobenius } else { order(op, &ord)? };
    norm_of_matrices(op, A, ord, dim, keepdim, dtype)
}

fn norm_of_matrices(
    op: &str,
    a: &Tensor,
    ord: Order,
    dim: Option<Ints>,
    keepdim: bool,
    dtype: Option<DType>,
) -> Result<Tensor> {
    if a.dtype().is_complex() && !matches!(ord, Order::Number(p) if p.abs() == 2.0) && ord != Order::Nuclear {
        return norm_of_matrices(op, &arith::abs(a)?, ord, dim, keepdim, None);
    }
    require_matrix(op, a)?;
    let a = &convert::to_dtype(a, dtype.unwrap_or(a.dtype()))?;
    let dim = dim.unwrap_or_else(|| Ints::from_slice(&[-2, -1]));
    let [first, second] = dim[..] else {
        fail!(Value, "{op}: dim must be a 2-tuple of ints, got {:?}", &dim[..]);
    };
    let ndim = a.ndim();
    let (row, column) = (normalize_axis(op, first, ndim)?, normalize_axis(op, second, ndim)?);
    if row == column {
        fail!(Value, "{op}: dims must be different. Got ({first}, {second})");
    }
    if let Order::Number(p) = ord {
        if p.abs() != 1.0 && p.abs() != 2.0 && !p.is_infinite() {
            fail!(
                Value,
                "{op}: Order {p} not supported; matrices have the norms 1, -1, 2, -2, inf, -inf, 'fro' and 'nuc'"
            );
        }
        if p.abs() != 2.0 {
            // Sums along one axis, then the extreme along the other.
            let (summed, rest) = if p.abs() == 1.0 { (row, column) } else { (column, row) };
            let sums = reduce::sum(&arith::abs(a)?, Some(Ints::from_elem(summed as i64, 1)), true, None)?;
            return extreme(&sums, p > 0.0, &[rest, summed], keepdim);
        }
    }
    if ord == Order::Frobenius {
        return reduce::norm(a, Arg::Float(2.0), Some(Ints::from_slice(&[row as i64, column as i64])), keepdim, None);
    }
    let mut axes: Vec<usize> = (0..ndim).filter(|&axis| axis != row && axis != column).collect();
    axes.extend([row, column]);
    let values = svdvals(&view::permute_to(a, &axes)?)?;
    let last = Some(Ints::from_elem(-1, 1));
    let mut out = match ord {
        Order::Number(p) if p > 0.0 => reduce::amax(&values, last, false)?,
        Order::Number(_) => reduce::amin(&values, last, false)?,
        _ => reduce::sum(&values, last, false, None)?,
    };
    if keepdim {
        for axis in [row.min(column), row.max(column)] {
            out = view::unsqueeze(&out, axis as i64)?;
        }
    }
    Ok(out)
}

fn extreme(x: &Tensor, largest: bool, axes: &[usize], keepdim: bool) -> Result<Tensor> {
    let dims = Some(axes.iter().map(|&axis| axis as i64).collect());
    if largest { reduce::amax(x, dims, keepdim) } else { reduce::amin(x, dims, keepdim) }
}

fn norm_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 4], Values::Regular);
    vec![
        a(),
        a().arg("fro"),
        a().kw("ord", "nuc"),
        a().kw("ord", 2),
        a().kw("ord", 1).kw("dim", 1),
        a().kw("dim", [0, 1]).kw("ord", f64::INFINITY).kw("keepdim", true),
        Sample::new().tensor(&[4]).kw("ord", 3),
        Sample::new().tensor(&[2, 3, 2]).kw("dim", [0, 2]),
    ]
}

/// A norm of vectors or matrices. With neither `ord` nor `dim`, the 2-norm of all elements; with two axes in `dim`, or
/// `ord` and 2 dimensions, a norm of matrices (`matrix_norm`), else one of vectors (`vector_norm`).
/// Raises: RuntimeError if `ord` is given without `dim` for more than 2 axes.
///
/// >>> A = rt.tensor([[3.0, 0.0], [4.0, 0.0]])
/// >>> rt.linalg.norm(A), rt.linalg.norm(A, ord=1), rt.linalg.norm(A, dim=1)
/// (tensor(5.), tensor(7.), tensor([3., 4.]))
#[op(name = "norm", at = [linalg], sig = (A, ord=None, dim=None, keepdim=false, *, dtype=None), samples = norm_samples, complex)]
pub fn linalg_norm(A: &Tensor, ord: Arg, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let op = "linalg.norm";
    if matches!(ord, Arg::None) {
        return reduce::norm(A, Arg::Float(2.0), dim, keepdim, dtype);
    }
    let ord = order(op, &ord)?;
    if dim.is_none() && !matches!(A.ndim(), 1 | 2) {
        fail!(Shape, "{op}: If dim is not specified but ord is, the input must be 1D or 2D. Got {}D", A.ndim());
    }
    let pair = dim.as_ref().map_or(A.ndim() == 2, |dim| dim.len() == 2);
    match (pair, ord) {
        (false, Order::Number(p)) => reduce::norm(A, Arg::Float(p), dim, keepdim, dtype),
        (false, _) => fail!(
            Shape,
            "{op}: 'fro' and 'nuc' are norms of matrices: dim must name two axes, got shape {:?}",
            &A.shape()[..]
        ),
        (true, ord) => norm_of_matrices(op, A, ord, dim, keepdim, dtype),
    }
}

fn nuclear_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 2], Values::Regular),
        Sample::new().values(&[2, 3, 2], Values::Regular).arg([0, 1]).kw("keepdim", true),
    ]
}

/// The sum of the singular values of matrices, on the axes `dim` (the last two if None).
/// Raises: RuntimeError if there are fewer than 2 axes.
///
/// >>> rt.nuclear_norm(rt.tensor([[3.0, 0.0], [0.0, -4.0]]))
/// tensor(7.)
#[op(at = [rutile], sig = (input, dim=None, keepdim=false), samples = nuclear_samples, integers = refused, complex)]
pub fn nuclear_norm(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    norm_of_matrices("nuclear_norm", input, Order::Nuclear, dim, keepdim, None)
}

fn frobenius_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 2]).arg([0, 1]), Sample::new().tensor(&[3, 2]).arg([1]).kw("keepdim", true)]
}

/// The root of the sum of squares over axes `dim`.
/// Raises: IndexError if there is no such axis.
///
/// >>> rt.frobenius_norm(rt.tensor([[3.0, 4.0], [0.0, 0.0]]), dim=(0, 1))
/// tensor(5.)
#[op(at = [rutile], sig = (input, dim, keepdim=false), samples = frobenius_samples, complex, integers = refused)]
pub fn frobenius_norm(input: &Tensor, dim: Ints, keepdim: bool) -> Result<Tensor> {
    reduce::norm(input, Arg::Float(2.0), Some(dim), keepdim, None)
}

fn cond_samples() -> Vec<Sample> {
    let a = || Sample::new().values(&[3, 3], Values::Regular);
    vec![
        a(),
        a().arg("fro"),
        a().arg("nuc"),
        a().kw("p", 1),
        a().kw("p", f64::INFINITY),
        a().kw("p", -2),
        Sample::new().values(&[2, 4, 2], Values::Regular),
    ]
}

/// The condition number of matrices in the norm `p`: that of the matrix times that of its inverse. None and 2: the
/// largest singular value over the smallest (-2: the smallest over the largest), also of matrices that are not square.
/// A singular matrix has the condition inf.
/// Raises: RuntimeError for another `p`, or a matrix that is not square with a norm other than 2 and -2.
///
/// >>> rt.linalg.cond(rt.tensor([[2.0, 0.0], [0.0, 0.5]]))
/// tensor(4.)
#[op(at = [linalg], sig = (A, p=None), samples = cond_samples, integers = refused, complex)]
pub fn cond(A: &Tensor, p: Arg) -> Result<Tensor> {
    let op = "linalg.cond";
    require_matrix(op, A)?;
    let ord = if matches!(p, Arg::None) { Order::Number(2.0) } else { order(op, &p)? };
    if let Order::Number(p) = ord
        && p.abs() == 2.0
    {
        let s = svdvals(A)?;
        let last = Some(Ints::from_elem(-1, 1));
        let (most, least) = (reduce::amax(&s, last.clone(), false)?, reduce::amin(&s, last, false)?);
        return if p > 0.0 { arith::true_divide(&most, &least) } else { arith::true_divide(&least, &most) };
    }
    require_square(op, A)?;
    let inverse = match inv(A) {
        Ok(inverse) => inverse,
        // Infinite where some matrix is singular: the others still have theirs.
        Err(crate::error::Error::LinAlg(_)) => {
            let (inverse, info) = super::inv_ex(A, false)?;
            let singular = compare::ne(&info, &sums::zero())?;
            let mask = view::unsqueeze(&view::unsqueeze(&singular, -1)?, -1)?;
            compare::select(&mask, &sums::number(f64::INFINITY), &inverse)?
        }
        Err(error) => return Err(error),
    };
    let norm = |x: &Tensor| norm_of_matrices(op, x, ord, None, false, None);
    arith::mul(&norm(A)?, &norm(&inverse)?)
}
