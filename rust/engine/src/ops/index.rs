//! Reading and writing at computed places.
//!
//! Two families closed under differentiation: `gather` / `scatter_add`, and `index_select` / `index_add`. Everything else
//! is a composition of them with views.

use super::registry::{Sample, Values};
use super::{arith, convert, inplace, sums, view};
use crate::array::{Array, DType, Scalar, Shape, broadcast_shapes, normalize_axis};
use crate::autograd::mode::no_grad;
use crate::autograd::{Tensor, record, tracked};
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
fn places_of_reals(at: &Array, array: &Array) -> Array {
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
    check_index("gather", &shape, axis, &index.shape(), false)?;
    if shape.is_empty() {
        return convert::clone(input);
    }
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
    check_index("scatter_add", &shape, axis, &index.shape(), false)?;
    check_index("scatter_add", &src.shape(), axis, &index.shape(), true)?;
    let at = indices("scatter_add", index, shape[axis], false)?;
    arith::add(input, &scatter_at(&convert::for_writing("scatter_add", src, input.dtype())?, axis, &at, &shape)?, 1.0)
}

/// `input` with `src` written at `index` along axis `dim`.
pub fn scatter(input: &Tensor, dim: i64, index: &Tensor, src: &Tensor) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("scatter", dim, shape.len())?;
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

fn nonzero_columns(array: &Array) -> Vec<Array> {
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

// ---- square brackets ----

/// One entry between square brackets.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An integer: takes one element, the axis goes.
    Int(i64),
    /// `start:stop:step`
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// `None`: a new axis.
    NewAxis,
    /// `...`
    Ellipsis,
    /// `True` or `False`: a new axis of length one or zero.
    Flag(bool),
    /// Integers or bools: advanced indexing.
    Tensor(Tensor),
}

fn is_flag(entry: &Entry) -> bool {
    match entry {
        Entry::Flag(_) => true,
        Entry::Tensor(mask) => mask.dtype() == DType::Bool && mask.ndim() == 0,
        _ => false,
    }
}

/// A view by the simple entries, and the index tensors by axis of that view.
struct Parsed {
    view: Tensor,
    advanced: Vec<Option<Tensor>>,
}

fn parse(input: &Tensor, entries: &[Entry]) -> Result<Parsed> {
    let ndim = input.ndim();
    let used: usize = entries
        .iter()
        .map(|entry| match entry {
            Entry::Int(_) | Entry::Slice(..) => 1,
            Entry::Tensor(t) if t.dtype() == DType::Bool => t.ndim(),
            Entry::Tensor(_) => 1,
            _ => 0,
        })
        .sum();
    if used > ndim {
        fail!(Index, "too many indices for tensor of dimension {ndim}: {used} for shape {:?}", &input.shape()[..]);
    }
    let mut view = input.clone();
    let mut advanced: Vec<Option<Tensor>> = Vec::new();
    let mut seen_ellipsis = false;
    for entry in entries {
        let axis = advanced.len();
        match entry {
            Entry::Ellipsis => {
                if std::mem::replace(&mut seen_ellipsis, true) {
                    fail!(Index, "an index can only have a single ellipsis ('...')");
                }
                advanced.extend(std::iter::repeat_n(None, ndim - used));
            }
            Entry::NewAxis => {
                view = view::unsqueeze(&view, axis as i64)?;
                advanced.push(None);
            }
            Entry::Flag(flag) => {
                view = view::unsqueeze(&view, axis as i64)?;
                if !flag {
                    view = view::slice_axis(&view, axis, 0, 0, 1)?;
                }
                advanced.push(None);
            }
            Entry::Int(index) => view = view::select(&view, axis as i64, *index)?,
            Entry::Slice(start, stop, step) => {
                view = slice(&view, axis, *start, *stop, *step)?;
                advanced.push(None);
            }
            Entry::Tensor(mask) if mask.dtype() == DType::Bool => {
                let (shape, mask_shape) = (view.shape(), mask.shape());
                let under = &shape[axis..axis + mask_shape.len()];
                if under != &mask_shape[..] {
                    fail!(
                        Index,
                        "The shape of the mask {:?} at index {axis} does not match the shape of the indexed tensor {:?}",
                        &mask_shape[..],
                        &shape[..]
                    );
                }
                if mask_shape.is_empty() {
                    let flag = mask.array().item().to_i64() != 0;
                    view = view::unsqueeze(&view, axis as i64)?;
                    if !flag {
                        view = view::slice_axis(&view, axis, 0, 0, 1)?;
                    }
                    advanced.push(None);
                }
                advanced.extend(nonzero_columns_if(&mask.array()));
            }
            Entry::Tensor(index) => advanced.push(Some(index.clone())),
        }
    }
    advanced.resize(view.ndim(), None);
    Ok(Parsed { view, advanced })
}

fn nonzero_columns_if(mask: &Array) -> Vec<Option<Tensor>> {
    if mask.ndim() == 0 {
        Vec::new()
    } else {
        nonzero_columns(mask).into_iter().map(|c| Some(Tensor::from(c))).collect()
    }
}

pub(super) fn slice(
    input: &Tensor,
    axis: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Tensor> {
    let n = input.shape()[axis] as i64;
    let step = step.unwrap_or(1);
    if step <= 0 {
        fail!(Value, "step must be greater than zero, got {step}; flip() turns an axis round");
    }
    let clamp = |at: i64| (if at < 0 { at + n } else { at }).clamp(0, n);
    let start = clamp(start.unwrap_or(0));
    let stop = clamp(stop.unwrap_or(n)).max(start);
    if start == 0 && stop == n && step == 1 {
        // As in PyTorch the result is a new view all the same.
        return view::slice_axis(input, axis, 0, n as usize, 1);
    }
    let len = (stop - start + step - 1) / step;
    view::slice_axis(input, axis, start as usize, len as usize, step as isize)
}

/// Where advanced indices point, brought to one axis: the view with the indexed axes merged into one at `axis`, the
/// places along it, the shape of the indices, and how the result's axes are put back.
struct Places {
    merged: Tensor,
    axis: usize,
    at: Array,
    shape: Shape,
}

fn places(parsed: &Parsed) -> Result<Option<Places>> {
    let axes: Vec<usize> = (0..parsed.advanced.len()).filter(|&axis| parsed.advanced[axis].is_some()).collect();
    let Some(&first) = axes.first() else {
        return Ok(None);
    };
    let extents = parsed.view.shape();
    let mut shape = Shape::new();
    for index in parsed.advanced.iter().flatten() {
        shape = broadcast_shapes("indexing", &shape, &index.shape())?;
    }
    // One place along the merged axes for every tuple of indices.
    let at = convert::zeros(DType::I64, &shape);
    for &axis in &axes {
        let index = parsed.advanced[axis].as_ref().expect("an indexed axis has an index");
        let index = indices("index", index, extents[axis], true)?.expand("index", &shape)?;
        let index = convert::contiguous_array(&index);
        let extent = extents[axis] as i64;
        for (place, &i) in at.slice_mut::<i64>().iter_mut().zip(index.slice::<i64>()) {
            *place = *place * extent + i;
        }
    }
    let adjacent = axes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let (moved, axis) = if adjacent {
        (parsed.view.clone(), first)
    } else {
        let rest = (0..extents.len()).filter(|axis| !axes.contains(axis));
        let order: Shape = axes.iter().copied().chain(rest).collect();
        (view::permute_to(&parsed.view, &order)?, 0)
    };
    let from = moved.shape();
    let mut merged = Shape::from_slice(&from[..axis]);
    merged.push(from[axis..axis + axes.len()].iter().product());
    merged.extend_from_slice(&from[axis + axes.len()..]);
    let merged = if merged == from { moved } else { view::reshape_to(&moved, &merged)? };
    let at = at.reshape(&[at.len()]).expect("contiguous");
    Ok(Some(Places { merged, axis, at, shape }))
}

impl Places {
    fn result_shape(&self) -> Shape {
        let from = self.merged.shape();
        let mut shape = Shape::from_slice(&from[..self.axis]);
        shape.extend_from_slice(&self.shape);
        shape.extend_from_slice(&from[self.axis + 1..]);
        shape
    }
}

/// `input[entries]`: a view for integers, slices, `None` and `...`; a copy where tensors index.
pub fn get(input: &Tensor, entries: &[Entry]) -> Result<Tensor> {
    let parsed = parse(input, entries)?;
    match places(&parsed)? {
        // Truth values choose elements as masks do: the result is a copy.
        None if entries.iter().any(is_flag) => convert::clone(&parsed.view),
        None if parsed.view.is(input) => view::reshape_to(input, &input.shape()),
        None => Ok(parsed.view),
        Some(places) => {
            view::reshape_to(&select_slices(&places.merged, places.axis, &places.at)?, &places.result_shape())
        }
    }
}

/// `input[entries] = value`, in place.
pub fn set(input: &Tensor, entries: &[Entry], value: &Tensor) -> Result<()> {
    let parsed = parse(input, entries)?;
    let Some(places) = places(&parsed)? else {
        return inplace::assign("setitem", &parsed.view, value);
    };
    put(input, &parsed, &places, value, false)
}

/// Writes (or adds) `value` at the places.
fn put(input: &Tensor, parsed: &Parsed, places: &Places, value: &Tensor, accumulate: bool) -> Result<()> {
    inplace::check("index_put", input)?;
    let shape = places.result_shape();
    let value = convert::for_writing("index_put", value, input.dtype())?;
    let surplus = value.ndim().saturating_sub(shape.len());
    let squeezed: Vec<usize> = (0..surplus).filter(|&axis| value.shape()[axis] == 1).collect();
    let value = view::squeeze_axes(&value, &squeezed)?;
    if value.array().expand("index_put", &shape).is_err() {
        fail!(
            Shape,
            "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {:?}",
            &value.shape()[..],
            &shape[..]
        );
    }
    let value = view::expand_to(&value, &shape)?;
    let mut flat = Shape::from(&places.merged.shape()[..]);
    flat[places.axis] = places.at.len();
    let value = view::reshape_to(&value, &flat)?;
    // In memory, if nobody records and the merged axes are still a window on the input.
    if !tracked([input, &value]) && places.merged.array().shares_storage(&input.array()) {
        let target = places.merged.array();
        write_slices(&target, places.axis, &places.at, &value.array(), accumulate);
        input.array().bump();
        return Ok(());
    }
    let written = write_recorded(&places.merged, places.axis, &places.at, &value, accumulate)?;
    let back = unmerge(parsed, places, &written)?;
    inplace::assign("setitem", &parsed.view, &back)
}

/// The slices of `value` written (or added) to `target` at `at` along `axis`.
fn write_slices(target: &Array, axis: usize, at: &Array, value: &Array, accumulate: bool) {
    let mut aligned = Shape::from_elem(1, target.ndim());
    aligned[axis] = at.len();
    let at = at.reshape(&aligned).expect("contiguous").expand("index_put", value.shape()).expect("aligned");
    let value = if value.shares_storage(target) { convert::contiguous_copy(value) } else { value.clone() };
    let (to, places, from) = (reals(target), places_of_reals(&at, target), reals(&value));
    with_dtype!(to.dtype(), T => {
        let (out, at, value) = (to.view_mut::<T>(), places.view::<i64>(), from.view::<T>());
        if accumulate { index::scatter_add(out, axis, at, value) } else { index::scatter_write(out, axis, at, value) }
    });
}

fn write_recorded(target: &Tensor, axis: usize, at: &Array, value: &Tensor, accumulate: bool) -> Result<Tensor> {
    let out = convert::contiguous_copy(&target.array());
    write_slices(&out, axis, at, &value.array(), accumulate);
    let at = at.clone();
    Ok(record("index_put", out, &[target, value], move |g, grads| {
        grads.push(|| {
            if accumulate {
                return Ok(g.clone());
            }
            let mut shape = g.shape();
            shape[axis] = at.len();
            let zeros = view::expand_to(&convert::to_dtype(&sums::zero(), g.dtype())?, &shape)?;
            write_recorded(g, axis, &at, &zeros, false)
        })?;
        grads.push(|| select_slices(g, axis, &at))
    }))
}

/// From the merged axes back to the axes of the parsed view.
fn unmerge(parsed: &Parsed, places: &Places, merged: &Tensor) -> Result<Tensor> {
    let extents = parsed.view.shape();
    let axes: Vec<usize> = (0..extents.len()).filter(|&axis| parsed.advanced[axis].is_some()).collect();
    let adjacent = axes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    if adjacent {
        return view::reshape_to(merged, &extents);
    }
    debug_assert_eq!(places.axis, 0);
    let rest = (0..extents.len()).filter(|axis| !axes.contains(axis));
    let order: Vec<usize> = axes.iter().copied().chain(rest).collect();
    let moved: Shape = order.iter().map(|&axis| extents[axis]).collect();
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    view::permute_to(&view::reshape_to(merged, &moved)?, &back)
}

/// `input.index_put_(entries, value, accumulate)`.
pub fn index_put(input: &Tensor, entries: &[Entry], value: &Tensor, accumulate: bool) -> Result<()> {
    let parsed = no_grad_view(input, entries)?;
    match places(&parsed)? {
        Some(places) => put(input, &parsed, &places, value, accumulate),
        None if accumulate => inplace::assign("index_put", &parsed.view, &arith::add(&parsed.view, value, 1.0)?),
        None => inplace::assign("index_put", &parsed.view, value),
    }
}

fn no_grad_view(input: &Tensor, entries: &[Entry]) -> Result<Parsed> {
    if tracked([input]) { parse(input, entries) } else { no_grad(|| parse(input, entries)) }
}
