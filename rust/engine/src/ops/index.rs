//! Reading and writing at computed places.
//!
//! Two families closed under differentiation: `gather` / `scatter_add`, and `index_select` / `index_add`. Everything else
//! is a composition of them with views.

use super::registry::{Sample, Values};
use super::{arith, convert, inplace, sums, view};
use crate::array::{Array, DType, Scalar, Shape, broadcast_shapes, normalize_axis};
use crate::autograd::{Tensor, record};
use crate::error::{Error, Result};
use crate::{fail, with_dtype};
use rutile_kernels::index;
use rutile_macros::op;
use std::ops::Range;

/// Indices as contiguous int64, not checked.
fn integers(op: &str, tensor: &Tensor) -> Result<Array> {
    let array = tensor.array();
    if !array.dtype().is_int() {
        let message = format!("{op}: indices must be integers, not {}", array.dtype());
        // As in PyTorch, where `x[index]` and the functions differ.
        return Err(if op == "index" { Error::Index(message) } else { Error::DType(message) });
    }
    Ok(convert::plain(&array, DType::I64))
}

/// An error if an index is not in `range`.
fn inside(op: &str, array: &Array, extent: usize, range: Range<i64>) -> Result<()> {
    if let Some(at) = index::first_outside(array.slice::<i64>(), range) {
        let value = array.slice::<i64>()[at];
        fail!(Index, "{op}: index {value} is out of bounds for dimension with size {extent}");
    }
    Ok(())
}

/// Indices as contiguous int64, checked to be below `extent`; negative ones, if allowed, count from the end.
pub(super) fn indices(op: &str, tensor: &Tensor, extent: usize, negative: bool) -> Result<Array> {
    let mut array = integers(op, tensor)?;
    let n = extent as i64;
    // Most indices pass the first look.
    if index::first_outside(array.slice::<i64>(), 0..n).is_some() {
        inside(op, &array, extent, if negative { -n } else { 0 }..n)?;
        array = convert::contiguous_copy(&array);
        array.slice_mut::<i64>().iter_mut().filter(|i| **i < 0).for_each(|i| *i += n);
    }
    Ok(array)
}

/// (outer, axis, inner) extents around an axis.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

/// Complex numbers by their parts along a last axis of two, as loops take them; real numbers as they are.
pub(super) fn reals(array: &Array) -> Array {
    if array.dtype().is_complex() { array.parts() } else { array.clone() }
}

/// Places for the elements of `array` that hold for their parts as well.
pub(super) fn places_of_reals(at: &Array, array: &Array) -> Array {
    if !array.dtype().is_complex() {
        return at.clone();
    }
    let mut shape = Shape::from(at.shape());
    shape.push(2);
    at.unsqueeze(at.ndim()).expand("index", &shape).expect("a new axis")
}

// ---- whole slices: index_select / index_add ----

/// Slices `at` (int64, 1-d, checked) of axis `axis`.
pub(super) fn select_slices(input: &Tensor, axis: usize, at: &Array) -> Result<Tensor> {
    let array = convert::contiguous_array(&input.array());
    let mut shape = Shape::from(array.shape());
    let extent = shape[axis];
    shape[axis] = at.len();
    let out = Array::uninit(array.dtype(), &shape);
    let (from, to) = (reals(&array), reals(&out));
    let (outer, _, inner) = around(from.shape(), axis);
    with_dtype!(from.dtype(), T => {
        index::index_select(outer, extent, inner, from.slice::<T>(), at.slice::<i64>(), to.slice_mut::<T>());
    });
    let at = at.clone();
    Ok(record("index_select", out, &[input], move |g, grads| grads.push(|| add_slices(g, axis, &at, extent))))
}

/// Zeros with axis `axis` of length `extent`, and the slices of `source` added at `at`.
pub(super) fn add_slices(source: &Tensor, axis: usize, at: &Array, extent: usize) -> Result<Tensor> {
    let array = convert::contiguous_array(&source.array());
    let mut shape = Shape::from(array.shape());
    shape[axis] = extent;
    let out = convert::zeros(array.dtype(), &shape);
    let (from, to) = (reals(&array), reals(&out));
    let (outer, _, inner) = around(from.shape(), axis);
    with_dtype!(from.dtype(), T => {
        index::index_add(outer, extent, inner, at.slice::<i64>(), from.slice::<T>(), to.slice_mut::<T>());
    });
    let at = at.clone();
    Ok(record("index_add", out, &[source], move |g, grads| grads.push(|| select_slices(g, axis, &at))))
}

fn index_select_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).arg(0).values(&[5], Values::Int(0, 4)),
        Sample::new().tensor(&[2, 4, 3]).arg(-2).values(&[2], Values::Int(0, 4)),
    ]
}

/// The slices `index` (1-d, integers) of axis `dim`, copied.
/// Raises: RuntimeError if `index` is not 1-d or not integer; IndexError if an index or `dim` is out of range.
///
/// >>> x = rt.tensor([[1, 2, 3], [4, 5, 6]])
/// >>> rt.index_select(x, 1, rt.tensor([2, 0]))
/// tensor([[3, 1],
///         [6, 4]])
#[op(at = [rutile, Tensor], sig = (input, dim, index), samples = index_select_samples, complex)]
pub fn index_select(input: &Tensor, dim: i64, index: &Tensor) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("index_select", dim, shape.len())?;
    if index.ndim() > 1 || shape.is_empty() {
        fail!(
            Shape,
            "index_select: index must be 1-d and input have axes, got {:?} and {:?}",
            &index.shape()[..],
            &shape[..]
        );
    }
    select_slices(input, axis, &indices("index_select", index, shape[axis], false)?)
}

fn index_add_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).arg(0).values(&[5], Values::Int(0, 4)).tensor(&[5, 3]),
        Sample::new().tensor(&[2, 4]).arg(1).values(&[2], Values::Int(0, 4)).tensor(&[2, 2]).kw("alpha", 2.0),
    ]
}

/// `input` with `alpha` times the slices of `source` added at `index` (1-d, integers) along axis `dim`; equal indices
/// add up.
/// Raises: RuntimeError if `source` does not have the shape of the slices; IndexError if an index or `dim` is out of
/// range.
///
/// >>> x = rt.zeros(3, 2)
/// >>> rt.index_add(x, 0, rt.tensor([0, 2, 0]), rt.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
/// tensor([[4., 4.],
///         [0., 0.],
///         [2., 2.]])
#[op(at = [rutile, Tensor], sig = (input, dim, index, source, *, alpha=1.0), samples = index_add_samples, inplace, complex)]
pub fn index_add(input: &Tensor, dim: i64, index: &Tensor, source: &Tensor, alpha: f64) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("index_add", dim, shape.len())?;
    let mut expected = shape.clone();
    if let Some(extent) = expected.get_mut(axis) {
        *extent = index.len();
    }
    if shape.is_empty() || index.ndim() > 1 || source.shape() != expected {
        fail!(
            Shape,
            "index_add: source must be {:?} for input {:?}, axis {axis} and {} indices, got {:?}",
            &expected[..],
            &shape[..],
            index.len(),
            &source.shape()[..]
        );
    }
    let at = indices("index_add", index, shape[axis], false)?;
    let source = convert::for_writing("index_add", source, input.dtype())?;
    // Multiplied first: what no index names stays as it is, whatever `alpha` is.
    let source = if alpha == 1.0 {
        source
    } else {
        convert::to_dtype(&arith::mul(&source, &sums::number(alpha))?, input.dtype())?
    };
    arith::add(input, &add_slices(&source, axis, &at, shape[axis])?, 1.0)
}

// ---- single elements: gather / scatter_add ----

/// Among vectors a 0-d tensor counts as one of one element: what `run` gives of all as vectors, in `shape`. None if there
/// is no such tensor.
pub(super) fn as_vectors<const N: usize>(
    tensors: [&Tensor; N],
    shape: &[usize],
    run: impl FnOnce(&[Tensor]) -> Result<Tensor>,
) -> Option<Result<Tensor>> {
    if tensors.iter().all(|tensor| tensor.ndim() > 0) || tensors.iter().any(|tensor| tensor.ndim() > 1) {
        return None;
    }
    let vectors: Result<Vec<Tensor>> = tensors.iter().map(|tensor| view::reshape_to(tensor, &[tensor.len()])).collect();
    Some(vectors.and_then(|vectors| view::reshape_to(&run(&vectors)?, shape)))
}

/// `input[.., at[.., k, ..], ..]` along `axis`.
pub(super) fn gather_at(input: &Tensor, axis: usize, at: &Array) -> Result<Tensor> {
    let array = input.array();
    let out = Array::uninit(array.dtype(), at.shape());
    let (from, places, to) = (reals(&array), places_of_reals(at, &array), reals(&out));
    let all_inside =
        with_dtype!(from.dtype(), T => index::gather(from.view::<T>(), axis, places.view::<i64>(), to.view_mut::<T>()));
    if !all_inside {
        inside("gather", at, array.shape()[axis], 0..array.shape()[axis] as i64)?;
    }
    let (at, shape): (_, Shape) = (at.clone(), array.shape().into());
    Ok(record("gather", out, &[input], move |g, grads| grads.push(|| scatter_at(g, axis, &at, &shape))))
}

/// Zeros of `shape` with `source` added at `at` along `axis`.
fn scatter_at(source: &Tensor, axis: usize, at: &Array, shape: &[usize]) -> Result<Tensor> {
    let array = source.array();
    let out = convert::zeros(array.dtype(), shape);
    let (to, places, from) = (reals(&out), places_of_reals(at, &array), reals(&array));
    with_dtype!(from.dtype(), T => {
        index::scatter_add(to.view_mut::<T>(), axis, places.view::<i64>(), from.view::<T>());
    });
    let (at, from): (_, Shape) = (at.clone(), array.shape().into());
    Ok(record("scatter_add", out, &[source], move |g, grads| {
        grads.push(|| {
            let picked = gather_at(g, axis, &at)?;
            if picked.shape() == from { Ok(picked) } else { pad_to(&picked, &from) }
        })
    }))
}

/// Zeros of `shape` with `part` in the front corner.
pub(super) fn pad_to(part: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let target = Tensor::from(convert::zeros(part.dtype(), shape));
    let mut corner = target.clone();
    for (axis, &n) in part.shape().iter().enumerate() {
        corner = view::slice_axis(&corner, axis, 0, n, 1)?;
    }
    inplace::assign("copy", &corner, part)?;
    Ok(target)
}

/// The gradient of picking one element along `axis`: `g` put back at `at`, which has length one there.
pub fn scatter_back(g: &Tensor, axis: usize, at: &Tensor, shape: &[usize]) -> Result<Tensor> {
    scatter_at(g, axis, &at.array(), shape)
}

fn gather_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).arg(0).values(&[2, 3], Values::Int(0, 4)),
        Sample::new().tensor(&[4, 3]).arg(1).values(&[2, 5], Values::Int(0, 3)),
    ]
}

fn check_index(op: &str, input: &[usize], axis: usize, index: &[usize], everywhere: bool) -> Result<()> {
    let fits =
        input.len() == index.len() && (0..input.len()).all(|a| (a == axis && !everywhere) || index[a] <= input[a]);
    if !fits {
        fail!(
            Shape,
            "{op}: index {index:?} must have as many axes as {input:?} and not exceed it apart from axis {axis}"
        );
    }
    Ok(())
}

/// Elements picked along axis `dim`, in the shape of `index` (integers): `out[i][j] = input[index[i][j]][j]` for
/// `dim=0`, `out[i][j] = input[i][index[i][j]]` for `dim=1`. `index` has as many axes as `input` and may be shorter
/// along the others.
/// Raises: RuntimeError if `index` has another number of axes, is too large or not integer; IndexError if an index or
/// `dim` is out of range.
///
/// >>> x = rt.tensor([[1, 2], [3, 4]])
/// >>> rt.gather(x, 1, rt.tensor([[0, 0], [1, 0]]))
/// tensor([[1, 1],
///         [4, 3]])
#[op(at = [rutile, Tensor], sig = (input, dim, index, *, sparse_grad=false), samples = gather_samples, complex)]
pub fn gather(input: &Tensor, dim: i64, index: &Tensor, sparse_grad: bool) -> Result<Tensor> {
    if sparse_grad {
        fail!(Unsupported, "gather: sparse_grad=True is not there; gradients are dense");
    }
    let shape = input.shape();
    let axis = normalize_axis("gather", dim, shape.len())?;
    if let Some(out) = as_vectors([input, index], &index.shape(), |v| gather(&v[0], dim, &v[1], sparse_grad)) {
        return out;
    }
    check_index("gather", &shape, axis, &index.shape(), false)?;
    gather_at(input, axis, &integers("gather", index)?)
}

fn scatter_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[4, 3]).arg(0).values(&[2, 3], Values::Int(0, 4)).tensor(&[2, 3])]
}

/// `input` with `src` added at `index` along axis `dim`: `out[index[i][j]][j] += src[i][j]` for `dim=0`. Equal places
/// add up. The derivative by `src` is `gather`.
/// Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
/// `dim` is out of range.
///
/// >>> rt.scatter_add(rt.zeros(3), 0, rt.tensor([0, 2, 0]), rt.tensor([1.0, 2.0, 3.0]))
/// tensor([4., 0., 2.])
#[op(at = [rutile, Tensor], sig = (input, dim, index, src), samples = scatter_samples, inplace, complex)]
pub fn scatter_add(input: &Tensor, dim: i64, index: &Tensor, src: &Tensor) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("scatter_add", dim, shape.len())?;
    if let Some(out) = as_vectors([input, index, src], &shape, |v| scatter_add(&v[0], dim, &v[1], &v[2])) {
        return out;
    }
    check_index("scatter_add", &shape, axis, &index.shape(), false)?;
    check_index("scatter_add", &src.shape(), axis, &index.shape(), true)?;
    let at = indices("scatter_add", index, shape[axis], false)?;
    arith::add(input, &scatter_at(&convert::for_writing("scatter_add", src, input.dtype())?, axis, &at, &shape)?, 1.0)
}

/// `input` with `src` written at `index` along axis `dim`.
pub fn scatter(input: &Tensor, dim: i64, index: &Tensor, src: &Tensor) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("scatter", dim, shape.len())?;
    if let Some(out) = as_vectors([input, index], &shape, |v| scatter(&v[0], dim, &v[1], src)) {
        return out;
    }
    check_index("scatter", &shape, axis, &index.shape(), false)?;
    let at = indices("scatter", index, shape[axis], false)?;
    let src = convert::for_writing("scatter", src, input.dtype())?;
    let src =
        if src.with_array(Array::is_wrapped) || src.ndim() == 0 { view::expand_to(&src, at.shape())? } else { src };
    check_index("scatter", &src.shape(), axis, &index.shape(), true)?;
    let out = convert::contiguous_copy(&input.array());
    let source = src.array();
    let (to, places, from) = (reals(&out), places_of_reals(&at, &out), reals(&source));
    with_dtype!(to.dtype(), T => {
        index::scatter_write(to.view_mut::<T>(), axis, places.view::<i64>(), from.view::<T>());
    });
    let zero = Tensor::from(Array::wrapped(Scalar::Float(0.0)));
    let from = src.shape();
    Ok(record("scatter", out, &[input, &src], move |g, grads| {
        let index = Tensor::from(at.clone());
        grads.push(|| scatter(g, axis as i64, &index, &zero))?;
        grads.push(|| {
            let picked = gather_at(g, axis, &at)?;
            if picked.shape() == from { Ok(picked) } else { pad_to(&picked, &from) }
        })
    }))
}

// ---- masks ----

/// The places where `mask` holds, as int64 indices of the flattened tensor.
fn true_places(mask: &Array) -> Array {
    let mask = convert::plain(mask, DType::Bool);
    let out = Array::uninit(DType::I64, &[index::count_true(mask.slice::<bool>())]);
    index::true_positions(mask.slice::<bool>(), out.slice_mut::<i64>());
    out
}

fn nonzero_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Int(-1, 2)), Sample::new().values(&[5], Values::Bool)]
}

/// The indices of elements that are not zero: (count, axes), int64, in row-major order. `as_tuple` gives one tensor an
/// axis, which `x[...]` takes.
///
/// >>> x = rt.tensor([[0, 5], [6, 0]])
/// >>> rt.nonzero(x)
/// tensor([[0, 1],
///         [1, 0]])
/// >>> x[rt.nonzero(x, as_tuple=True)]
/// tensor([5, 6])
#[op(at = [rutile, Tensor], sig = (input, *, as_tuple=false), samples = nonzero_samples, no_grad, complex)]
pub fn nonzero(input: &Tensor, as_tuple: bool) -> Result<super::registry::Value> {
    let array = input.array();
    let columns = nonzero_columns(&if as_tuple && array.ndim() == 0 { array.unsqueeze(0) } else { array });
    if as_tuple {
        return Ok(super::registry::Value::Tensors(columns.into_iter().map(Tensor::from).collect()));
    }
    let (count, axes) = (columns.first().map_or_else(|| nonzero_count(input), Array::len), columns.len());
    let out = Array::uninit(DType::I64, &[count, axes]);
    for (axis, column) in columns.iter().enumerate() {
        convert::copy_into(column, &out.select(1, axis));
    }
    Ok(Tensor::from(out).into())
}

/// How many elements are not zero.
pub(super) fn nonzero_count(input: &Tensor) -> usize {
    true_places(&input.array()).len()
}

pub(super) fn nonzero_columns(array: &Array) -> Vec<Array> {
    let flat = true_places(array);
    let mut columns = Vec::new();
    let mut inner = 1;
    for &n in array.shape().iter().rev() {
        let column = Array::uninit(DType::I64, &[flat.len()]);
        for (out, &place) in column.slice_mut::<i64>().iter_mut().zip(flat.slice::<i64>()) {
            *out = place / inner % n.max(1) as i64;
        }
        columns.push(column);
        inner *= n as i64;
    }
    columns.reverse();
    columns
}

fn masked_select_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3, 4], Values::Bool),
        Sample::new().tensor(&[3, 4]).values(&[4], Values::Bool),
    ]
}

/// The elements of `input` where `mask` (bool, broadcast) holds, 1-d in row-major order, copied.
/// Raises: RuntimeError if `mask` is not bool or does not broadcast with `input`.
///
/// >>> x = rt.tensor([[1, 2], [3, 4]])
/// >>> rt.masked_select(x, x > 1)
/// tensor([2, 3, 4])
#[op(at = [rutile, Tensor], sig = (input, mask), samples = masked_select_samples, complex)]
pub fn masked_select(input: &Tensor, mask: &Tensor) -> Result<Tensor> {
    if mask.dtype() != DType::Bool {
        fail!(DType, "masked_select: expected BoolTensor for mask, not {}", mask.dtype());
    }
    let shape = broadcast_shapes("masked_select", &input.shape(), &mask.shape())?;
    let places = true_places(&mask.array().expand("masked_select", &shape)?);
    let flat = view::reshape_to(&view::expand_to(input, &shape)?, &[shape.iter().product()])?;
    select_slices(&flat, 0, &places)
}
