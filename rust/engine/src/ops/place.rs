//! Writing to computed places, and reading by them, as compositions of indexing.

use super::arith::{add, mul, true_divide};
use super::brackets::{self, Entry};
use super::index;
use super::registry::{Arg, Sample, Value, Values};
use super::{compare, convert, create, inplace, sums, view};
use crate::array::{Array, DType, Scalar, broadcast_shapes, normalize_axis};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::Element;
use rutile_macros::op;
use std::cmp::Ordering;

/// A copy of `input` after `write`.
fn written(input: &Tensor, write: impl FnOnce(&Tensor) -> Result<()>) -> Result<Tensor> {
    let out = convert::clone(input)?;
    write(&out)?;
    Ok(out)
}

/// `[:, ..., at]` with `at` on axis `axis`.
fn along(axis: usize, at: &Tensor) -> Vec<Entry> {
    let mut entries = vec![Entry::Slice(None, None, None); axis];
    entries.push(Entry::Tensor(at.clone()));
    entries
}

fn check_vector(op: &str, input: &Tensor, dim: i64, at: &Tensor) -> Result<usize> {
    let axis = normalize_axis(op, dim, input.ndim())?;
    if at.ndim() > 1 || !matches!(at.dtype(), DType::I64 | DType::I32) {
        fail!(Index, "{op}: Index is supposed to be a vector of int64, got {} {:?}", at.dtype(), &at.shape()[..]);
    }
    if input.ndim() == 0 {
        fail!(Shape, "{op}: a 0-d tensor has no axis");
    }
    Ok(axis)
}

fn as_vector(at: &Tensor) -> Result<Tensor> {
    view::reshape_to(at, &[at.len()])
}

fn index_copy_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).arg(0).values(&[1], Values::Int(0, 4)).tensor(&[1, 3]),
        Sample::new().tensor(&[2, 4]).arg(-1).values(&[1], Values::Int(0, 4)).tensor(&[2, 1]),
    ]
}

/// `input` with the slices of `source` written at `index` (1-d integers) along axis `dim`; the last of equal places
/// wins. `source` has the shape of `input` but for `len(index)` along `dim`.
/// Raises: IndexError if an index is out of range or not an integer, or there are not as many slices; RuntimeError if
/// `source` does not fit otherwise.
///
/// >>> rt.index_copy(rt.zeros(3, 2), 0, rt.tensor([2, 0]), rt.tensor([[1.0, 2.0], [3.0, 4.0]]))
/// tensor([[3., 4.],
///         [0., 0.],
///         [1., 2.]])
#[op(at = [rutile, Tensor], sig = (input, dim, index, source), samples = index_copy_samples, inplace, complex)]
pub fn index_copy(input: &Tensor, dim: i64, index: &Tensor, source: &Tensor) -> Result<Tensor> {
    let axis = check_vector("index_copy", input, dim, index)?;
    if source.dtype() != input.dtype() {
        fail!(DType, "index_copy: self and source have dtypes {} and {}", input.dtype(), source.dtype());
    }
    let mut expected = input.shape();
    expected[axis] = index.len();
    if source.shape().get(axis).is_some_and(|&length| length != index.len()) {
        fail!(Index, "index_copy: {} indices, but the source is {:?}", index.len(), &source.shape()[..]);
    }
    if source.shape() != expected {
        fail!(Shape, "index_copy: source must be {:?}, got {:?}", &expected[..], &source.shape()[..]);
    }
    written(input, |out| brackets::set(out, &along(axis, &as_vector(index)?), source))
}

fn index_fill_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).arg(0).values(&[2], Values::Int(0, 4)).arg(1.5),
        Sample::new().tensor(&[2, 4]).arg(-1).values(&[3], Values::Int(0, 4)).arg(0.5),
    ]
}

/// `input` with `value` (a number or a 0-d tensor) written at the slices `index` (1-d integers) of axis `dim`.
/// Raises: IndexError if an index is out of range or not an integer.
///
/// >>> rt.index_fill(rt.zeros(2, 3), 1, rt.tensor([0, 2]), 7)
/// tensor([[7., 0., 7.],
///         [7., 0., 7.]])
#[op(at = [rutile, Tensor], sig = (input, dim, index, value), samples = index_fill_samples, inplace, complex)]
pub fn index_fill(input: &Tensor, dim: i64, index: &Tensor, value: &Tensor) -> Result<Tensor> {
    let axis = check_vector("index_fill", input, dim, index)?;
    if value.ndim() != 0 {
        fail!(Shape, "index_fill: value must be a number or a 0-d tensor, got {:?}", &value.shape()[..]);
    }
    written(input, |out| brackets::set(out, &along(axis, &as_vector(index)?), value))
}

fn take_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[2, 2], Values::Int(-12, 12)),
        Sample::new().tensor(&[5]).values(&[], Values::Int(0, 5)),
    ]
}

/// Elements of the flattened tensor at `index`, in the shape of `index`. Negative indices count from the end.
/// Raises: IndexError if an index is out of range or not an integer.
///
/// >>> rt.take(rt.tensor([[10, 20], [30, 40]]), rt.tensor([3, 0, -2]))
/// tensor([40, 10, 30])
#[op(at = [rutile, Tensor], sig = (input, index), samples = take_samples, complex)]
pub fn take(input: &Tensor, index: &Tensor) -> Result<Tensor> {
    let flat = view::reshape_to(input, &[input.len()])?;
    let picked = brackets::get(&flat, &[Entry::Tensor(as_vector(index)?)])?;
    view::reshape_to(&picked, &index.shape())
}

fn put_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[1], Values::Int(-12, 12)).tensor(&[1]),
        Sample::new().tensor(&[3, 4]).values(&[2, 2], Values::Int(0, 12)).tensor(&[4]).kw("accumulate", true),
    ]
}

/// `input` with the elements of `source` written to (or, with `accumulate`, added at) the places `index` of the
/// flattened tensor; `source` has as many elements as `index`.
/// Raises: IndexError if an index is out of range or the numbers of elements differ; RuntimeError if the dtypes do.
///
/// >>> rt.put(rt.zeros(2, 2), rt.tensor([3, 3]), rt.tensor([1.0, 2.0]), accumulate=True)
/// tensor([[0., 0.],
///         [0., 3.]])
#[op(at = [rutile, Tensor], sig = (input, index, source, accumulate=false), samples = put_samples, inplace, complex)]
pub fn put(input: &Tensor, index: &Tensor, source: &Tensor, accumulate: bool) -> Result<Tensor> {
    if index.len() != source.len() {
        fail!(Index, "put: {} indices, but {} elements of source", index.len(), source.len());
    }
    if source.dtype() != input.dtype() {
        fail!(DType, "put: input and source have dtypes {} and {}", input.dtype(), source.dtype());
    }
    written(input, |out| {
        let flat = view::reshape_to(out, &[out.len()])?;
        brackets::index_put(&flat, &[Entry::Tensor(as_vector(index)?)], &as_vector(source)?, accumulate)
    })
}

fn along_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3, 2], Values::Int(0, 4)).kw("dim", 1),
        Sample::new().tensor(&[3, 4]).values(&[1, 4], Values::Int(0, 3)).kw("dim", 0),
        Sample::new().tensor(&[3, 4]).values(&[5], Values::Int(0, 12)),
    ]
}

/// Elements picked along axis `dim` by `indices`, which broadcast with `input` on the other axes; without `dim`, of the
/// flattened tensor. With `argsort` or `argmax(keepdim=True)` it applies what they found.
/// Raises: IndexError if an index is out of range.
///
/// >>> x = rt.tensor([[3, 1, 2], [4, 6, 5]])
/// >>> rt.take_along_dim(x, x.argmax(dim=1, keepdim=True), dim=1)
/// tensor([[3],
///         [6]])
#[op(at = [rutile, Tensor], sig = (input, indices, dim=None), samples = along_samples, complex)]
pub fn take_along_dim(input: &Tensor, indices: &Tensor, dim: Option<i64>) -> Result<Tensor> {
    let Some(dim) = dim else {
        let flat = view::reshape_to(input, &[input.len()])?;
        return index::gather(&flat, 0, &as_vector(indices)?, false);
    };
    let axis = normalize_axis("take_along_dim", dim, input.ndim())?;
    let (mut from, mut at) = (input.shape(), indices.shape());
    if from.len() != at.len() || from.is_empty() {
        fail!(
            Shape,
            "take_along_dim: input and indices should have the same number of dimensions, but got {} dimensions for input, and {} dimensions for indices",
            from.len(),
            at.len()
        );
    }
    let (n, k) = (from[axis], at[axis]);
    (from[axis], at[axis]) = (1, 1);
    let mut shape = broadcast_shapes("take_along_dim", &from, &at)?;
    shape[axis] = n;
    let source = view::expand_to(input, &shape)?;
    shape[axis] = k;
    index::gather(&source, axis as i64, &view::expand_to(indices, &shape)?, false)
}

fn masked_scatter_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3, 4], Values::Bool).tensor(&[12]),
        Sample::new().tensor(&[3, 4]).values(&[4], Values::Bool).tensor(&[3, 5]),
    ]
}

/// `input` with the elements of `source`, in order, where `mask` (bool, broadcast) holds.
/// Raises: RuntimeError if `source` has fewer elements than `mask` holds places, another dtype, or `mask` is not bool.
///
/// >>> rt.masked_scatter(rt.zeros(4), rt.tensor([True, False, True, False]), rt.tensor([5.0, 6.0, 7.0]))
/// tensor([5., 0., 6., 0.])
#[op(at = [rutile, Tensor], sig = (input, mask, source), samples = masked_scatter_samples, inplace, complex)]
pub fn masked_scatter(input: &Tensor, mask: &Tensor, source: &Tensor) -> Result<Tensor> {
    if mask.dtype() != DType::Bool {
        fail!(DType, "masked_scatter_ only supports boolean masks, but got mask with dtype {}", mask.dtype());
    }
    if source.dtype() != input.dtype() {
        fail!(
            DType,
            "masked_scatter: expected self and source to have same dtypes but got {} and {}",
            input.dtype(),
            source.dtype()
        );
    }
    let shape = broadcast_shapes("masked_scatter", &input.shape(), &mask.shape())?;
    let mask = view::expand_to(&mask.detach(), &shape)?;
    let count = index::nonzero_count(&mask);
    if source.len() < count {
        fail!(Shape, "masked_scatter: {count} places but only {} elements of source", source.len());
    }
    let values = view::slice_axis(&as_vector(source)?, 0, 0, count, 1)?;
    written(&view::expand_to(input, &shape)?, |out| brackets::set(out, &[Entry::Tensor(mask)], &values))
}

fn argwhere_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Int(-1, 2)), Sample::new().values(&[0], Values::Int(0, 2))]
}

/// The indices of elements that are not zero: (count, axes), int64, in row-major order.
///
/// >>> rt.argwhere(rt.tensor([[0, 1], [2, 3]]))
/// tensor([[0, 1],
///         [1, 0],
///         [1, 1]])
#[op(at = [rutile, Tensor], sig = (input), samples = argwhere_samples, no_grad, complex)]
pub fn argwhere(input: &Tensor) -> Result<Value> {
    index::nonzero(input, false)
}

fn nonzero_static_samples() -> Vec<Sample> {
    let values = Values::Int(-1, 2);
    vec![
        Sample::new().values(&[3, 4], values).kw("size", 2),
        Sample::new().values(&[5], values).kw("size", 9).kw("fill_value", -7),
    ]
}

/// The first `size` indices of elements that are not zero: (size, axes), int64, whatever `input` holds; rows that are
/// missing hold `fill_value`.
/// Raises: ValueError if `size` is negative.
///
/// >>> rt.nonzero_static(rt.tensor([0, 5, 0, 7]), size=3)
/// tensor([[ 1],
///         [ 3],
///         [-1]])
#[op(at = [rutile, Tensor], sig = (input, *, size, fill_value=-1), samples = nonzero_static_samples, no_grad, complex)]
pub fn nonzero_static(input: &Tensor, size: usize, fill_value: i64) -> Result<Tensor> {
    let Value::Tensor(found) = index::nonzero(input, false)? else { unreachable!("as one tensor") };
    let found = found.array();
    let out = convert::filled(DType::I64, &[size, input.ndim()], fill_value.into());
    let rows = size.min(found.shape()[0]);
    convert::copy_into(&found.narrow(0, 0, rows, 1), &out.narrow(0, 0, rows, 1));
    Ok(Tensor::from(out))
}

fn fill_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).arg(1.5), Sample::new().tensor(&[2]).arg(0.5)]
}

/// A tensor like `input` with `value` (a number or a 0-d tensor) everywhere.
///
/// >>> rt.fill(rt.zeros(3), 2)
/// tensor([2., 2., 2.])
#[op(at = [rutile], sig = (input, value), samples = fill_samples, inplace, complex)]
pub fn fill(input: &Tensor, value: &Tensor) -> Result<Tensor> {
    written(input, |out| {
        if value.ndim() != 0 {
            fail!(Shape, "fill only supports 0-dimension value tensor but got tensor with {} dimensions", value.ndim());
        }
        inplace::assign("fill", out, value)
    })
}

fn where_method_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).values(&[3, 4], Values::Bool).tensor(&[4])]
}

/// The tensor where `condition` (bool) holds, else `other`; all three broadcast:
/// `rutile.where(condition, input, other)`.
/// Raises: RuntimeError if `condition` is not bool or the shapes do not fit.
///
/// >>> x = rt.tensor([-1.0, 2.0])
/// >>> x.where(x > 0, 0.0)
/// tensor([0., 2.])
#[op(name = "where", at = [Tensor], sig = (input, condition, other), samples = where_method_samples, complex)]
pub fn where_method(input: &Tensor, condition: &Tensor, other: &Tensor) -> Result<Tensor> {
    if condition.dtype() != DType::Bool {
        fail!(DType, "where: condition must be bool, not {}; compare it with something first", condition.dtype());
    }
    compare::select(condition, input, other)
}

// ---- writing and reducing at places ----

fn scatter_samples() -> Vec<Sample> {
    let call = || Sample::new().tensor(&[4, 3]).arg(1).values(&[4, 1], Values::Int(0, 3));
    vec![
        call().tensor(&[4, 1]),
        call().arg(1.5),
        call().kw("value", 2),
        call().tensor(&[4, 2]).kw("reduce", "add"),
        call().arg(0.5).kw("reduce", "add"),
        Sample::new()
            .values(&[4, 3], Values::Float(0.5, 2.0))
            .arg(0)
            .values(&[5, 2], Values::Int(0, 4))
            .values(&[5, 2], Values::Float(0.5, 2.0))
            .kw("reduce", "multiply"),
        Sample::new().tensor(&[3]).arg(-1).values(&[0], Values::Int(0, 3)).tensor(&[0]),
    ]
}

/// `input` with `src` (a tensor, or a number, which may also be called `value`) written at `index` along axis `dim`; the
/// last of equal places wins. With `reduce` it is added (`"add"`) or multiplied (`"multiply"`) to what is there instead,
/// equal places one after the other. See also `scatter_reduce`.
/// Raises: RuntimeError if `index` is larger than `src`, or than `input` apart from `dim`; IndexError if an index or
/// `dim` is out of range; TypeError unless one of `src` and `value` is given.
///
/// >>> labels = rt.tensor([[2], [0]])
/// >>> rt.scatter(rt.zeros(2, 3), 1, labels, 1.0)  # one-hot rows
/// tensor([[0., 0., 1.],
///         [1., 0., 0.]])
/// >>> rt.zeros(4).scatter(0, rt.tensor([1, 1, 3]), 2.0, reduce="add")
/// tensor([0., 4., 0., 2.])
#[op(name = "scatter", at = [rutile, Tensor], sig = (input, dim, index, src=None, *, value=None, reduce=None), samples = scatter_samples, inplace, complex)]
pub fn scatter(
    input: &Tensor,
    dim: i64,
    index: &Tensor,
    src: Option<&Tensor>,
    value: Option<Scalar>,
    reduce: Option<&str>,
) -> Result<Tensor> {
    let src = match (src, value) {
        (Some(src), None) => src.clone(),
        (None, Some(value)) => Tensor::from(Array::wrapped(value)),
        _ => fail!(Type, "scatter() takes either src, a tensor, or value, a number"),
    };
    let Some(reduce) = reduce else { return index::scatter(input, dim, index, &src) };
    if !matches!(reduce, "add" | "multiply") {
        fail!(Value, "scatter: reduce argument must be either add or multiply, got {reduce:?}");
    }
    let src = if src.ndim() == 0 {
        view::expand_to(&convert::for_writing("scatter", &src, input.dtype())?, &index.shape())?
    } else {
        src
    };
    match (reduce, input.dtype().is_complex()) {
        ("add", _) => index::scatter_add(input, dim, index, &src),
        (_, true) => fail!(DType, "scatter: reduce='multiply' takes no complex numbers, got {}", input.dtype()),
        _ => scatter_reduce(input, dim, index, &src, "prod", true),
    }
}

fn reduce_samples() -> Vec<Sample> {
    let (input, index, src) = (Values::Float(0.5, 2.0), Values::Int(0, 4), Values::Distinct);
    let mut samples: Vec<Sample> = ["sum", "mean", "amax", "amin", "prod"]
        .iter()
        .flat_map(|&how| {
            [true, false].map(|included| {
                let source = if how == "prod" { input } else { src };
                Sample::new()
                    .values(&[4, 3], input)
                    .arg(0)
                    .values(&[5, 3], index)
                    .values(&[5, 3], source)
                    .arg(how)
                    .kw("include_self", included)
            })
        })
        .collect();
    samples.push(Sample::new().values(&[3, 4], input).arg(1).values(&[2, 2], index).values(&[3, 3], input).arg("sum"));
    samples
}

/// `input` combined with the elements of `src` at `index` along axis `dim`, as `scatter_add` places them. `reduce` is
/// `"sum"`, `"prod"`, `"mean"`, `"amax"` or `"amin"`; without `include_self` the old elements of places that are hit do
/// not count. Equal extremes share the gradient.
/// Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `index` does
/// not fit `input` and `src`.
///
/// >>> group = rt.tensor([0, 1, 0, 1])
/// >>> rt.scatter_reduce(rt.zeros(2), 0, group, rt.tensor([1.0, 2.0, 3.0, 4.0]), "amax", include_self=False)
/// tensor([3., 4.])
#[op(at = [rutile, Tensor], sig = (input, dim, index, src, reduce, *, include_self=true), samples = reduce_samples, inplace)]
pub fn scatter_reduce(
    input: &Tensor,
    dim: i64,
    index: &Tensor,
    src: &Tensor,
    reduce: &str,
    include_self: bool,
) -> Result<Tensor> {
    let axis = normalize_axis("scatter_reduce", dim, input.ndim())? as i64;
    let vectors = |v: &[Tensor]| scatter_reduce(&v[0], dim, &v[1], &v[2], reduce, include_self);
    if let Some(out) = index::as_vectors([input, index, src], &input.shape(), vectors) {
        return out;
    }
    if input.dtype() != src.dtype() {
        fail!(
            DType,
            "scatter_reduce: Expected self.dtype to be equal to src.dtype, got {} and {}",
            input.dtype(),
            src.dtype()
        );
    }
    let number = |value: f64| Tensor::from(Array::wrapped(value.into()));
    let neutral = match reduce {
        "sum" | "mean" => Scalar::Int(0),
        "prod" => Scalar::Int(1),
        "amax" => lowest(input.dtype(), false),
        "amin" => lowest(input.dtype(), true),
        other => fail!(Value, "scatter_reduce: reduce must be sum, prod, mean, amax or amin, got {other:?}"),
    };
    let start = if include_self {
        input.clone()
    } else {
        index::scatter(input, axis, index, &Tensor::from(Array::wrapped(neutral)))?
    };
    match reduce {
        "sum" => index::scatter_add(&start, axis, index, src),
        "mean" => {
            let sum = index::scatter_add(&start, axis, index, src)?;
            let ones = |like: &Tensor| Tensor::from(convert::filled(like.dtype(), &like.shape(), Scalar::Int(1)));
            let mut count = ones(input);
            if !include_self {
                count = index::scatter(&count, axis, index, &number(0.0))?;
            }
            let count = index::scatter_add(&count, axis, index, &ones(src))?;
            let count =
                super::arith::maximum(&count, &Tensor::from(convert::filled(input.dtype(), &[], Scalar::Int(1))))?;
            if input.dtype().is_float() { true_divide(&sum, &count) } else { super::arith::floor_divide(&sum, &count) }
        }
        "prod" => product(&start, axis, index, src),
        _ => extreme(&start, axis, index, src, reduce == "amin"),
    }
}

/// What loses against every number of a dtype.
fn lowest(dtype: DType, high: bool) -> Scalar {
    let sign = if high { 1.0 } else { -1.0 };
    match dtype {
        DType::Bool => Scalar::Bool(high),
        DType::U8 => Scalar::Int(if high { 255 } else { 0 }),
        DType::I8 => Scalar::Int(if high { 127 } else { -128 }),
        DType::I16 => Scalar::Int(if high { i16::MAX.into() } else { i16::MIN.into() }),
        DType::I32 => Scalar::Int(if high { i32::MAX.into() } else { i32::MIN.into() }),
        DType::I64 => Scalar::Int(if high { i64::MAX } else { i64::MIN }),
        _ => Scalar::Float(sign * f64::INFINITY),
    }
}

/// The array of a scatter that combines by `combine`, checked.
fn combined(input: &Tensor, axis: i64, index: &Tensor, src: &Tensor, how: Combine) -> Result<Array> {
    // A plain scatter checks shapes and indices.
    let checked = index::scatter(input, axis, index, src)?;
    let out = convert::contiguous_copy(&input.array());
    drop(checked);
    let (at, source) = (convert::plain(&index.array(), DType::I64), src.array());
    with_dtype!(out.dtype(), T => {
        let combine = move |old: T, new: T| match how {
            Combine::Product if T::IS_FLOAT => T::from_f64(old.to_f64() * new.to_f64()),
            Combine::Product => T::from_i64(old.to_i64().wrapping_mul(new.to_i64())),
            Combine::Extreme(low) => {
                // NaN, of which every comparison is false, stays and wins.
                let order = old.partial_cmp(&new);
                let wanted = if low { Ordering::Less } else { Ordering::Greater };
                if order == Some(wanted) || old.to_f64().is_nan() { old } else { new }
            }
        };
        rutile_kernels::index::scatter_with(out.view_mut::<T>(), axis as usize, at.view::<i64>(), source.view::<T>(), combine);
    });
    Ok(out)
}

#[derive(Clone, Copy)]
enum Combine {
    Product,
    /// The smaller one?
    Extreme(bool),
}

fn product(input: &Tensor, axis: i64, index: &Tensor, src: &Tensor) -> Result<Tensor> {
    let out = combined(input, axis, index, src, Combine::Product)?;
    let (x, s, at) = (input.save(), src.save(), index.detach());
    Ok(record("scatter_reduce", out, &[input, src], move |g, grads| {
        let (x, s) = (x.get_for(grads)?, s.get_for(grads)?);
        // The product of the others: the whole by the element itself, or, where just that one is zero, of the rest.
        let one = Tensor::from(Array::wrapped(Scalar::Float(1.0)));
        let zero_at = |t: &Tensor| compare::eq(t, &sums::zero());
        let (x_zero, s_zero) = (zero_at(&x)?, zero_at(&s)?);
        let fill = |mask: &Tensor, t: &Tensor| compare::select(mask, &one, t);
        let (x_full, s_full) = (fill(&x_zero, &x)?, fill(&s_zero, &s)?);
        let whole = product(&x_full, axis, &at, &s_full)?;
        let float = |mask: &Tensor| convert::to_dtype(mask, g.dtype());
        let zeros = index::scatter_add(&float(&x_zero)?, axis, &at, &float(&s_zero)?)?;
        let others = |element: &Tensor, is_zero: &Tensor, whole: &Tensor, zeros: &Tensor| {
            let rest = add(zeros, &float(is_zero)?, -1.0)?;
            compare::select(&compare::eq(&rest, &sums::zero())?, &true_divide(whole, element)?, &sums::zero())
        };
        grads.push(|| mul(g, &others(&x_full, &x_zero, &whole, &zeros)?))?;
        grads.push(|| {
            let pick = |t: &Tensor| index::gather(t, axis, &at, false);
            let corner = |t: &Tensor| corner(t, &at);
            let slope = others(&corner(&s_full)?, &corner(&s_zero)?, &pick(&whole)?, &pick(&zeros)?)?;
            index::pad_to(&mul(&pick(g)?, &slope)?, &s.shape())
        })
    }))
}

/// The part of `t` that `at` covers.
fn corner(t: &Tensor, at: &Tensor) -> Result<Tensor> {
    at.shape().iter().enumerate().try_fold(t.clone(), |t, (axis, &n)| view::slice_axis(&t, axis, 0, n, 1))
}

fn extreme(input: &Tensor, axis: i64, index: &Tensor, src: &Tensor, low: bool) -> Result<Tensor> {
    let out = combined(input, axis, index, src, Combine::Extreme(low))?;
    let result = Tensor::from(out.clone());
    let (x, s, at) = (input.detach(), src.detach(), index.detach());
    Ok(record("scatter_reduce", out, &[input, src], move |g, grads| {
        let float = |mask: Tensor| convert::to_dtype(&mask, g.dtype());
        let own = float(compare::eq(&x, &result)?)?;
        let theirs = float(compare::eq(&corner(&s, &at)?, &index::gather(&result, axis, &at, false)?)?)?;
        let share = true_divide(g, &index::scatter_add(&own, axis, &at, &theirs)?)?;
        grads.push(|| mul(&share, &own))?;
        grads.push(|| index::pad_to(&mul(&index::gather(&share, axis, &at, false)?, &theirs)?, &s.shape()))
    }))
}

fn index_reduce_samples() -> Vec<Sample> {
    let (input, index) = (Values::Float(0.5, 2.0), Values::Int(0, 4));
    ["prod", "mean", "amax", "amin"]
        .iter()
        .map(|&how| {
            let source = if how == "prod" { input } else { Values::Distinct };
            Sample::new().values(&[4, 3], input).arg(0).values(&[5], index).values(&[5, 3], source).arg(how)
        })
        .collect()
}

/// `input` combined with the slices of `source` at `index` (1-d integers) along axis `dim`. `reduce` is `"prod"`,
/// `"mean"`, `"amax"` or `"amin"`; otherwise as `scatter_reduce`.
/// Raises: ValueError if `reduce` is another word; IndexError if an index is out of range; RuntimeError if `source`
/// does not fit.
///
/// >>> rt.index_reduce(rt.ones(2), 0, rt.tensor([0, 0]), rt.tensor([3.0, 4.0]), "prod")
/// tensor([12.,  1.])
#[op(at = [rutile, Tensor], sig = (input, dim, index, source, reduce, *, include_self=true), samples = index_reduce_samples, inplace)]
pub fn index_reduce(
    input: &Tensor,
    dim: i64,
    index: &Tensor,
    source: &Tensor,
    reduce: &str,
    include_self: bool,
) -> Result<Tensor> {
    if !matches!(reduce, "prod" | "mean" | "amax" | "amin") {
        fail!(Value, "index_reduce: reduce must be prod, mean, amax or amin, got {reduce:?}; sums are index_add");
    }
    let axis = check_vector("index_reduce", input, dim, index)?;
    let mut aligned = vec![1; input.ndim()];
    aligned[axis] = index.len();
    let at = view::reshape_to(index, &aligned)?;
    let mut wanted = input.shape();
    if let Some(extent) = wanted.get_mut(axis) {
        *extent = index.len();
    }
    if source.shape() != wanted {
        fail!(Shape, "index_reduce: source {:?} does not fit {} indices", &source.shape()[..], index.len());
    }
    scatter_reduce(input, axis as i64, &view::expand_to(&at, &source.shape())?, source, reduce, include_self)
}

fn scalar_samples() -> Vec<Sample> {
    vec![Sample::new().arg(1.5), Sample::new().arg(3).kw("dtype", DType::I32)]
}

/// A 0-d tensor of a number, by default in the default float type.
///
/// >>> rt.scalar_tensor(3), rt.scalar_tensor(3, dtype=rt.int64)
/// (tensor(3.), tensor(3))
#[op(at = [rutile], sig = (s, *, dtype=None, device=None, requires_grad=false), samples = scalar_samples, no_grad, complex)]
pub fn scalar_tensor(s: Scalar, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    create::check_device("scalar_tensor", &device)?;
    create::finish(convert::filled(dtype.unwrap_or_else(DType::default_float), &[], s), requires_grad)
}
