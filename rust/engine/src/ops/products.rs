//! Products of vectors, matrices and tensors beside `matmul`.

use super::registry::{Arg, FromArg, Ints, Sample};
use super::{arith, complex, join, matmul, reduce, view};
use crate::array::{Shape, normalize_axis};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

// ---- with a summand ----

fn addmv_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2]).tensor(&[2, 3]).tensor(&[3]),
        Sample::new().tensor(&[2]).tensor(&[2, 3]).tensor(&[3]).kw("beta", 2.0).kw("alpha", -1.0),
        Sample::new().tensor(&[1]).tensor(&[2, 3]).tensor(&[3]),
        Sample::new().tensor(&[2]).tensor(&[2, 0]).tensor(&[0]),
    ]
}

/// `beta * input + alpha * (mat @ vec)` with `mat` (n, m) and `vec` (m); `input` broadcasts to (n). With `beta` 0 it
/// does not matter, not even NaN in it.
/// Raises: RuntimeError if the shapes or dtypes do not fit.
///
/// >>> rt.addmv(rt.tensor([1.0, 1.0]), rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, 10.0]))
/// tensor([22., 44.])
#[op(at = [rutile, Tensor], sig = (input, mat, vec, *, beta=1.0, alpha=1.0), samples = addmv_samples, inplace, complex)]
pub fn addmv(input: &Tensor, mat: &Tensor, vec: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    matmul::combine("addmv", input, &matmul::mv(mat, vec)?, beta, alpha)
}

fn addr_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[2]).tensor(&[3]),
        Sample::new().tensor(&[3]).tensor(&[2]).tensor(&[3]).kw("beta", 2.0).kw("alpha", -1.0),
        Sample::new().tensor(&[1, 3]).tensor(&[0]).tensor(&[3]),
    ]
}

/// `beta * input + alpha * outer(vec1, vec2)` with `vec1` (n) and `vec2` (m); `input` broadcasts to (n, m). With `beta`
/// 0 it does not matter, not even NaN in it.
/// Raises: RuntimeError if the shapes do not fit.
///
/// >>> rt.addr(rt.zeros(2, 2), rt.tensor([1.0, 2.0]), rt.tensor([1.0, 10.0]))
/// tensor([[ 1., 10.],
///         [ 2., 20.]])
#[op(at = [rutile, Tensor], sig = (input, vec1, vec2, *, beta=1.0, alpha=1.0), samples = addr_samples, inplace, complex)]
pub fn addr(input: &Tensor, vec1: &Tensor, vec2: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    matmul::axes("addr", "vec1", vec1, 1)?;
    matmul::axes("addr", "vec2", vec2, 1)?;
    matmul::combine("addr", input, &matmul::outer(vec1, vec2)?, beta, alpha)
}

fn addbmm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 4]).tensor(&[3, 2, 3]).tensor(&[3, 3, 4]),
        Sample::new().tensor(&[4]).tensor(&[2, 2, 3]).tensor(&[2, 3, 4]).kw("beta", 2.0).kw("alpha", -1.0),
    ]
}

/// `beta * input + alpha * sum(batch1[i] @ batch2[i])` over all matrices of `batch1` (b, n, k) and `batch2` (b, k, m);
/// `input` broadcasts to (n, m). It is one product of matrices whose inner axis is the batch's and theirs.
/// Raises: RuntimeError if the shapes or dtypes do not fit.
///
/// >>> rt.addbmm(rt.zeros(2, 2), rt.ones(10, 2, 3), rt.ones(10, 3, 2))
/// tensor([[30., 30.],
///         [30., 30.]])
#[op(at = [rutile, Tensor], sig = (input, batch1, batch2, *, beta=1.0, alpha=1.0), samples = addbmm_samples, inplace, complex)]
pub fn addbmm(input: &Tensor, batch1: &Tensor, batch2: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    matmul::batches("addbmm", batch1, batch2)?;
    let (a, b) = (batch1.shape(), batch2.shape());
    if a[2] != b[1] {
        fail!(Shape, "addbmm: the columns of batch1 {:?} are not the rows of batch2 {:?}", &a[..], &b[..]);
    }
    let left = view::reshape_to(&view::permute_to(batch1, &[1, 0, 2])?, &[a[1], a[0] * a[2]])?;
    let right = view::reshape_to(batch2, &[b[0] * b[1], b[2]])?;
    matmul::combine("addbmm", input, &matmul::product("addbmm", &left, &right)?, beta, alpha)
}

// ---- of vectors ----

fn vector_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[5]).tensor(&[5]), Sample::new().tensor(&[0]).tensor(&[0])]
}

/// The inner product of two vectors of one length, the first conjugated: of reals, `dot`. 0-d.
/// Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ.
///
/// >>> rt.vdot(rt.tensor([1 + 1j, 2]), rt.tensor([1 + 1j, 3]))
/// tensor(8.+0.j)
#[op(at = [rutile, Tensor], sig = (input, other), samples = vector_samples, complex)]
pub fn vdot(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    matmul::dot(&complex::conj(input)?, other)
}

fn vecdot_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[2, 3]),
        Sample::new().tensor(&[2, 3]).tensor(&[3]),
        Sample::new().tensor(&[2, 3]).tensor(&[2, 1]).kw("dim", 0),
        Sample::new().tensor(&[2, 0]).tensor(&[2, 0]),
    ]
}

/// The inner products of the vectors along axis `dim` of two tensors, which broadcast; `x` is conjugated. The axis
/// goes.
/// Raises: RuntimeError if the shapes do not broadcast.
///
/// >>> rt.linalg.vecdot(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, 10.0]))
/// tensor([21., 43.])
#[op(at = [linalg], sig = (x, y, *, dim=-1), samples = vecdot_samples, complex)]
pub fn vecdot(x: &Tensor, y: &Tensor, dim: i64) -> Result<Tensor> {
    let product = arith::mul(&complex::conj(x)?, y)?;
    let dtype = product.dtype();
    reduce::sum(&product, Some(Ints::from_elem(dim, 1)), false, Some(dtype))
}

fn cross_along(op: &str, input: &Tensor, other: &Tensor, dim: i64) -> Result<Tensor> {
    if input.ndim() != other.ndim() {
        fail!(
            Shape,
            "{op}: inputs must have the same number of dimensions, got {:?} and {:?}",
            &input.shape()[..],
            &other.shape()[..]
        );
    }
    let axis = normalize_axis(op, dim, input.ndim())?;
    for x in [input, other] {
        if x.shape().get(axis) != Some(&3) {
            fail!(
                Shape,
                "{op}: inputs dimension {axis} must have length 3. Got {:?} and {:?}",
                &input.shape()[..],
                &other.shape()[..]
            );
        }
    }
    // Element i is a[i+1] b[i+2] - a[i+2] b[i+1].
    let turned = |x: &Tensor, by: i64| join::roll(x, Ints::from_elem(-by, 1), Some(Ints::from_elem(axis as i64, 1)));
    arith::sub(
        &arith::mul(&turned(input, 1)?, &turned(other, 2)?)?,
        &arith::mul(&turned(input, 2)?, &turned(other, 1)?)?,
        1.0,
    )
}

fn cross_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[2, 3]),
        Sample::new().tensor(&[3, 2]).tensor(&[3, 2]).kw("dim", 0),
        Sample::new().tensor(&[2, 3]).tensor(&[1, 3]).kw("dim", 1),
        Sample::new().tensor(&[0, 3]).tensor(&[0, 3]).kw("dim", -1),
    ]
}

/// The cross products of the vectors of length 3 along axis `dim`; without `dim`, along the first axis of that length.
/// The other axes broadcast.
/// Raises: RuntimeError if the axis has another length, or there is none.
///
/// >>> rt.cross(rt.tensor([1.0, 0.0, 0.0]), rt.tensor([0.0, 1.0, 0.0]))
/// tensor([0., 0., 1.])
#[op(at = [rutile, Tensor], sig = (input, other, dim=None), samples = cross_samples, complex)]
pub fn cross(input: &Tensor, other: &Tensor, dim: Option<i64>) -> Result<Tensor> {
    let dim = match dim {
        Some(dim) => dim,
        None => match input.shape().iter().position(|&n| n == 3) {
            Some(axis) => axis as i64,
            None => fail!(Shape, "cross: no dimension of size 3 in input {:?}", &input.shape()[..]),
        },
    };
    cross_along("cross", input, other, dim)
}

fn linalg_cross_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[2, 3]),
        Sample::new().tensor(&[3, 2]).tensor(&[3, 1]).kw("dim", 0),
        Sample::new().tensor(&[0, 3]).tensor(&[0, 3]),
    ]
}

/// The cross products of the vectors of length 3 along axis `dim`; the other axes broadcast.
/// Raises: RuntimeError if the axis has another length.
///
/// >>> rt.linalg.cross(rt.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), rt.tensor([[0.0, 0.0, 1.0]]))
/// tensor([[ 0., -1.,  0.],
///         [ 1.,  0.,  0.]])
#[op(name = "cross", at = [linalg], sig = (input, other, *, dim=-1), samples = linalg_cross_samples, complex)]
pub fn linalg_cross(input: &Tensor, other: &Tensor, dim: i64) -> Result<Tensor> {
    cross_along("linalg.cross", input, other, dim)
}

// ---- of tensors ----

fn inner_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3]).tensor(&[3]),
        Sample::new().tensor(&[2, 3]).tensor(&[4, 3]),
        Sample::new().tensor(&[2, 2, 3]).tensor(&[3]),
        Sample::new().tensor(&[]).tensor(&[2, 3]),
        Sample::new().tensor(&[2, 0]).tensor(&[0]),
    ]
}

/// The sums of products over the last axis of both: (..., k) and (*, k) give (..., *). Of vectors the inner product; a
/// 0-d operand multiplies.
/// Raises: RuntimeError if the last axes differ.
///
/// >>> rt.inner(rt.tensor([[1, 2], [3, 4]]), rt.tensor([[1, 0], [0, 1], [1, 1]]))
/// tensor([[1, 2, 3],
///         [3, 4, 7]])
#[op(at = [rutile, Tensor], sig = (input, other), samples = inner_samples, complex)]
pub fn inner(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let (a, b) = (input.ndim(), other.ndim());
    if a == 0 || b == 0 {
        return arith::mul(input, other);
    }
    if input.shape()[a - 1] != other.shape()[b - 1] {
        fail!(
            Shape,
            "inner() the last dimension must match on both input tensors but got shapes {:?} and {:?}",
            &input.shape()[..],
            &other.shape()[..]
        );
    }
    contract_axes("inner", input, other, &[a - 1], &[b - 1])
}

/// Sums of products over axes of both, in the order given.
fn contract_axes(op: &'static str, a: &Tensor, b: &Tensor, over_a: &[usize], over_b: &[usize]) -> Result<Tensor> {
    let (shape_a, shape_b) = (a.shape(), b.shape());
    let kept = |ndim: usize, over: &[usize]| (0..ndim).filter(|axis| !over.contains(axis)).collect::<Vec<_>>();
    let (kept_a, kept_b) = (kept(shape_a.len(), over_a), kept(shape_b.len(), over_b));
    let size = |shape: &[usize], axes: &[usize]| axes.iter().map(|&axis| shape[axis]).product::<usize>();
    let order = |first: &[usize], then: &[usize]| first.iter().chain(then).copied().collect::<Vec<_>>();
    let left = view::reshape_to(
        &view::permute_to(a, &order(&kept_a, over_a))?,
        &[size(&shape_a, &kept_a), size(&shape_a, over_a)],
    )?;
    let right = view::reshape_to(
        &view::permute_to(b, &order(over_b, &kept_b))?,
        &[size(&shape_b, over_b), size(&shape_b, &kept_b)],
    )?;
    let shape: Shape =
        kept_a.iter().map(|&axis| shape_a[axis]).chain(kept_b.iter().map(|&axis| shape_b[axis])).collect();
    view::reshape_to(&matmul::product(op, &left, &right)?, &shape)
}

fn tensordot_samples() -> Vec<Sample> {
    let pair = |a: &[i64], b: &[i64]| Arg::List(vec![Arg::Ints(Ints::from_slice(a)), Arg::Ints(Ints::from_slice(b))]);
    vec![
        Sample::new().tensor(&[2, 3, 2]).tensor(&[3, 2, 4]),
        Sample::new().tensor(&[2, 3]).tensor(&[3, 4]).arg(1),
        Sample::new().tensor(&[2]).tensor(&[3, 4]).kw("dims", 0),
        Sample::new().tensor(&[2, 3, 4]).tensor(&[4, 3, 2]).kw("dims", pair(&[1, 0], &[1, -1])),
        Sample::new().tensor(&[2, 1]).tensor(&[3, 4]).kw("dims", pair(&[1], &[0])),
        Sample::new().tensor(&[2, 0]).tensor(&[0, 4]).kw("dims", 1),
    ]
}

/// Sums of products over `dims` axes: the last of `a` with the first of `b`, or, given as a pair of lists, any axes of
/// `a` with as many of `b`. The other axes of `a`, then of `b` are left. An axis of length one goes with any length.
/// Raises: RuntimeError if the lengths differ; ValueError if the lists do.
///
/// >>> a, b = rt.ones(3, 4, 5), rt.ones(4, 3, 2)
/// >>> rt.tensordot(a, b, dims=([1, 0], [0, 1])).shape
/// rutile.Size([5, 2])
#[op(at = [rutile], sig = (a, b, dims=2), samples = tensordot_samples, complex)]
pub fn tensordot(a: &Tensor, b: &Tensor, dims: Arg) -> Result<Tensor> {
    let (ndim_a, ndim_b) = (a.ndim(), b.ndim());
    let (over_a, over_b): (Ints, Ints) = match dims {
        Arg::List(pair) if pair.len() == 2 => {
            let mut lists = pair.into_iter().map(Ints::from_arg);
            match (lists.next(), lists.next()) {
                (Some(Ok(first)), Some(Ok(second))) => (first, second),
                _ => fail!(Type, "tensordot(): dims must be an int or a pair of lists of ints"),
            }
        }
        Arg::Tensor(pair) if pair.ndim() == 2 && pair.shape()[0] == 2 && !pair.dtype().is_float() => {
            let values = super::convert::plain(&pair.array(), crate::DType::I64);
            let (first, second) = values.slice::<i64>().split_at(pair.shape()[1]);
            (first.into(), second.into())
        }
        other => match i64::from_arg(other) {
            Ok(count) if count < 0 => fail!(Value, "tensordot expects dims >= 0, but got dims={count}"),
            Ok(count) if count as usize > ndim_a.min(ndim_b) => fail!(
                Value,
                "tensordot expects dims <= the number of dimensions of both, but got dims={count} for {ndim_a} and {ndim_b}"
            ),
            Ok(count) => ((-count..0).collect(), (0..count).collect()),
            Err(_) => fail!(Type, "tensordot(): dims must be an int or a pair of lists of ints"),
        },
    };
    if over_a.len() != over_b.len() {
        fail!(
            Value,
            "tensordot: both dimension lists should have same length, got {:?} and {:?}",
            &over_a[..],
            &over_b[..]
        );
    }
    let axes = |dims: &[i64], ndim: usize| -> Result<Vec<usize>> {
        let mut axes = Vec::new();
        for &dim in dims {
            let axis = normalize_axis("tensordot", dim, ndim)?;
            if axes.contains(&axis) {
                fail!(Value, "tensordot: dim {dim} appears multiple times in the list of dims {dims:?}");
            }
            axes.push(axis);
        }
        Ok(axes)
    };
    let (over_a, over_b) = (axes(&over_a, ndim_a)?, axes(&over_b, ndim_b)?);
    let (mut a, mut b) = (a.clone(), b.clone());
    for (&i, &j) in over_a.iter().zip(&over_b) {
        let (m, n) = (a.shape()[i], b.shape()[j]);
        let summed =
            |x: &Tensor, axis: usize| reduce::sum(x, Some(Ints::from_elem(axis as i64, 1)), true, Some(x.dtype()));
        if m == n {
        } else if m == 1 {
            b = summed(&b, j)?;
        } else if n == 1 {
            a = summed(&a, i)?;
        } else {
            fail!(
                Shape,
                "tensordot: contracted dimensions need to match, but first has size {m} in dim {i} and second has size {n} \
                 in dim {j}"
            );
        }
    }
    contract_axes("tensordot", &a, &b, &over_a, &over_b)
}

fn kron_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[2, 2]),
        Sample::new().tensor(&[3]).tensor(&[2, 2]),
        Sample::new().tensor(&[2, 1, 2]).tensor(&[3]),
        Sample::new().tensor(&[]).tensor(&[2]),
        Sample::new().tensor(&[0, 2]).tensor(&[2, 2]),
    ]
}

/// The Kronecker product: every element of `input` times the whole of `other`, block by block; lengths multiply, axis
/// by axis. The one with fewer axes gets leading ones.
///
/// >>> rt.kron(rt.eye(2), rt.tensor([[1.0, 2.0]]))
/// tensor([[1., 2., 0., 0.],
///         [0., 0., 1., 2.]])
#[op(at = [rutile, Tensor], sig = (input, other), samples = kron_samples, complex)]
pub fn kron(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let ndim = input.ndim().max(other.ndim());
    let padded = |x: &Tensor| -> Shape { std::iter::repeat_n(1, ndim - x.ndim()).chain(x.shape()).collect() };
    let (a, b) = (padded(input), padded(other));
    let spaced = |x: &Tensor, shape: &[usize], at: usize| {
        let mut wide = Shape::from_elem(1, 2 * ndim);
        shape.iter().enumerate().for_each(|(axis, &n)| wide[2 * axis + at] = n);
        view::reshape_to(x, &wide)
    };
    let blocks = arith::mul(&spaced(input, &a, 0)?, &spaced(other, &b, 1)?)?;
    view::reshape_to(&blocks, &a.iter().zip(&b).map(|(m, n)| m * n).collect::<Shape>())
}

// ---- of many matrices ----

fn chain_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensors(&[&[2, 3], &[3, 4], &[4, 2]]),
        Sample::new().tensors(&[&[3], &[3, 2], &[2, 4], &[4]]),
        Sample::new().tensors(&[&[2, 3], &[3]]),
    ]
}

/// The product of two or more matrices, in the order of the fewest multiplications (Cormen et al., Introduction to
/// Algorithms, 15.2). The first and the last may be vectors.
/// Raises: ValueError for fewer than two tensors; RuntimeError if neighbours do not fit.
///
/// >>> rt.linalg.multi_dot([rt.ones(10, 100), rt.ones(100, 5), rt.ones(5, 50)]).shape
/// rutile.Size([10, 50])
#[op(at = [linalg], sig = (tensors), samples = chain_samples, complex)]
pub fn multi_dot(tensors: &[Tensor]) -> Result<Tensor> {
    chain("multi_dot", tensors)
}

fn chain(op: &'static str, tensors: &[Tensor]) -> Result<Tensor> {
    let n = tensors.len();
    if n < 2 {
        fail!(Value, "{op}(): expected at least 2 tensors but got {n}");
    }
    let mut parts = tensors.to_vec();
    let vector = |x: &Tensor| x.ndim() == 1;
    let (row, column) = (vector(&parts[0]), vector(&parts[n - 1]));
    if row {
        parts[0] = view::unsqueeze(&parts[0], 0)?;
    }
    if column {
        parts[n - 1] = view::unsqueeze(&parts[n - 1], 1)?;
    }
    for (i, part) in parts.iter().enumerate() {
        if part.ndim() != 2 {
            let may = if i == 0 || i == n - 1 { "1D or 2D" } else { "2D" };
            fail!(Shape, "{op}(): tensor {i} must be {may} but got {}D", tensors[i].ndim());
        }
        if i > 0 && parts[i - 1].shape()[1] != part.shape()[0] {
            fail!(
                Shape,
                "{op}(): tensors {} and {i} with shapes {:?} and {:?} cannot be multiplied",
                i - 1,
                &tensors[i - 1].shape()[..],
                &tensors[i].shape()[..]
            );
        }
    }
    let extents: Vec<usize> = std::iter::once(parts[0].shape()[0]).chain(parts.iter().map(|p| p.shape()[1])).collect();
    // cost[i][j]: multiplications of the product of i..=j; split[i][j]: where it is cut.
    let (mut cost, mut split) = (vec![vec![0.0_f64; n]; n], vec![vec![0; n]; n]);
    for len in 1..n {
        for i in 0..n - len {
            let j = i + len;
            cost[i][j] = f64::INFINITY;
            for k in i..j {
                let outer = (extents[i] * extents[k + 1]) as f64 * extents[j + 1] as f64;
                let total = cost[i][k] + cost[k + 1][j] + outer;
                if total < cost[i][j] {
                    (cost[i][j], split[i][j]) = (total, k);
                }
            }
        }
    }
    let out = chain_part(op, &parts, &split, 0, n - 1)?;
    match (row, column) {
        (true, true) => view::reshape_to(&out, &[]),
        (true, false) => view::squeeze_axes(&out, &[0]),
        (false, true) => view::squeeze_axes(&out, &[1]),
        _ => Ok(out),
    }
}

fn chain_part(op: &'static str, parts: &[Tensor], split: &[Vec<usize>], i: usize, j: usize) -> Result<Tensor> {
    if i == j {
        return Ok(parts[i].clone());
    }
    let k = split[i][j];
    matmul::product(op, &chain_part(op, parts, split, i, k)?, &chain_part(op, parts, split, k + 1, j)?)
}

fn chain_matmul_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).tensor(&[3, 4]).tensor(&[4, 2]), Sample::new().tensor(&[2, 3])]
}

/// The product of matrices, in the order of the fewest multiplications: `linalg.multi_dot` of separate arguments.
/// Raises: RuntimeError if neighbours do not fit.
///
/// >>> rt.chain_matmul(rt.ones(2, 3), rt.ones(3, 4), rt.ones(4, 5)).shape
/// rutile.Size([2, 5])
#[op(at = [rutile], sig = (*matrices), samples = chain_matmul_samples, complex)]
pub fn chain_matmul(matrices: &[Tensor]) -> Result<Tensor> {
    for matrix in matrices {
        matmul::axes("chain_matmul", "every matrix", matrix, 2)?;
    }
    match matrices {
        [one] => Ok(one.clone()),
        _ => chain("chain_matmul", matrices),
    }
}
