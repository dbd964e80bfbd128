//! Searching: where values belong in a sorted tensor, which elements are equal, which are in a set.

use super::registry::{Sample, Value, Values};
use super::{convert, index};
use crate::array::{Array, DType, Shape, normalize_axis, result_type};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::sort;
use rutile_macros::op;

// ---- places in order ----

/// With one boundary, because random ones are not in order.
fn search_samples() -> Vec<Sample> {
    let ints = Values::Int(-2, 8);
    vec![
        Sample::new().values(&[1], ints).values(&[3, 4], ints),
        Sample::new().tensor(&[2, 1]).tensor(&[2, 4]).kw("right", true),
        Sample::new().values(&[1], ints).values(&[2, 0], ints).kw("side", "right").kw("out_int32", true),
        Sample::new().values(&[1], ints).arg(1),
        Sample::new().values(&[0], ints).values(&[2], ints),
        Sample::new().values(&[1], ints).values(&[3], ints).kw_tensor("sorter", &[1], Values::Int(0, 1)),
    ]
}

/// `right` from PyTorch's `right` and NumPy's `side`.
fn on_the_right(op: &str, right: bool, side: Option<&str>) -> Result<bool> {
    match side {
        None => Ok(right),
        Some("right") => Ok(true),
        Some("left") if right => {
            fail!(Value, "{op}: side and right can't be set to opposites, got side of left while right was True")
        }
        Some("left") => Ok(false),
        Some(other) => fail!(Value, "{op}: side can only be 'left' or 'right' but got {other:?}"),
    }
}

/// The places of `values` in the rows of `sorted`; the caller has checked shapes.
fn places(op: &str, sorted: &Array, order: Option<&Array>, values: &Array, right: bool) -> Result<Array> {
    if !values.is_wrapped() && sorted.dtype() != values.dtype() {
        fail!(
            DType,
            "{op}: boundary tensor and input value tensor should have same dtype, got {} and {}",
            sorted.dtype(),
            values.dtype()
        );
    }
    let common = result_type(&[sorted, values]).wide();
    let [sorted, values] = [sorted, values].map(|array| convert::plain(array, common));
    let len = sorted.shape().last().copied().unwrap_or(0);
    let per_row = if sorted.ndim() == 1 { usize::MAX } else { values.shape().last().copied().unwrap_or(1).max(1) };
    let out = Array::uninit(DType::I64, values.shape());
    with_dtype!(wide common, T => sort::search(
        len,
        right,
        sorted.slice::<T>(),
        order.map(|order| order.slice::<i64>()),
        |i| i / per_row * len,
        values.slice::<T>(),
        out.slice_mut::<i64>(),
    ));
    Ok(out)
}

fn counted(places: &Array, out_int32: bool) -> Tensor {
    Tensor::from(if out_int32 { convert::cast(places, DType::I32) } else { places.clone() })
}

/// Where `input` belongs in `sorted_sequence`, whose last axis is in ascending order: the index before which each
/// element is to be inserted to keep the order; with `right=True` (or `side="right"`) behind its equals.
/// `sorted_sequence` is 1-d, or has the leading axes of `input`. `sorter` holds the indices that sort it, if it is not
/// sorted itself. The result has the shape of `input`, int64 or, with `out_int32`, int32.
/// Raises: RuntimeError if the leading axes differ; ValueError if `side` is another word or contradicts `right`.
///
/// >>> rt.searchsorted(rt.tensor([1, 3, 5]), rt.tensor([0, 3, 6]))
/// tensor([0, 1, 3])
/// >>> rt.searchsorted(rt.tensor([1, 3, 5]), rt.tensor([0, 3, 6]), right=True)
/// tensor([0, 2, 3])
#[op(at = [rutile], sig = (sorted_sequence, input, *, out_int32=false, right=false, side=None, sorter=None), samples = search_samples, no_grad)]
pub fn searchsorted(
    sorted_sequence: &Tensor,
    input: &Tensor,
    out_int32: bool,
    right: bool,
    side: Option<&str>,
    sorter: Option<&Tensor>,
) -> Result<Tensor> {
    let right = on_the_right("searchsorted", right, side)?;
    let (sorted, values) = (sorted_sequence.array(), input.array());
    let lead = |shape: &[usize]| Shape::from(&shape[..shape.len().saturating_sub(1)]);
    if sorted.ndim() == 0 {
        fail!(Shape, "searchsorted: boundaries tensor should have positive dimension, but got 0-d");
    }
    if sorted.ndim() != 1 && (sorted.ndim() != values.ndim() || lead(sorted.shape()) != lead(values.shape())) {
        fail!(
            Shape,
            "searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and \
             input value tensor must match, but we got boundaries tensor {:?} and input value tensor {:?}",
            sorted.shape(),
            values.shape()
        );
    }
    let order = sorter.map(|sorter| checked_order(&sorted, &sorter.array())).transpose()?;
    let places = places("searchsorted", &sorted, order.as_ref(), &values, right)?;
    Ok(counted(&places, out_int32))
}

fn checked_order(sorted: &Array, order: &Array) -> Result<Array> {
    if order.shape() != sorted.shape() {
        fail!(
            Shape,
            "searchsorted: boundary and sorter must have the same size, but got boundary tensor {:?} and got sorter \
             tensor {:?}",
            sorted.shape(),
            order.shape()
        );
    }
    if order.dtype() != DType::I64 {
        fail!(DType, "searchsorted: sorter must be a tensor of long dtype but got dtype {}", order.dtype());
    }
    let order = convert::contiguous_array(order);
    let len = sorted.shape().last().copied().unwrap_or(0) as i64;
    if let Some(at) = rutile_kernels::index::first_outside(order.slice::<i64>(), 0..len) {
        fail!(Index, "searchsorted: sorter index {} is out of range [0, {len})", order.slice::<i64>()[at]);
    }
    Ok(order)
}

fn bucketize_samples() -> Vec<Sample> {
    let ints = Values::Int(-2, 8);
    vec![
        Sample::new().values(&[3, 4], ints).values(&[1], ints),
        Sample::new().tensor(&[3]).tensor(&[1]).kw("right", true).kw("out_int32", true),
    ]
}

/// The number of the bucket between `boundaries` (1-d, ascending) in which each element lies: `i` with
/// `boundaries[i - 1] < input <= boundaries[i]`; with `right=True` the equality is on the left.
/// Raises: RuntimeError if `boundaries` is not 1-d.
///
/// >>> rt.bucketize(rt.tensor([1.0, 2.0, 7.0]), rt.tensor([0.0, 2.0, 4.0]))
/// tensor([1, 1, 3])
#[op(at = [rutile], sig = (input, boundaries, *, out_int32=false, right=false), samples = bucketize_samples, no_grad)]
pub fn bucketize(input: &Tensor, boundaries: &Tensor, out_int32: bool, right: bool) -> Result<Tensor> {
    let bounds = boundaries.array();
    if bounds.ndim() != 1 {
        fail!(Shape, "bucketize: boundaries tensor must be 1 dimension, but got {:?}", bounds.shape());
    }
    Ok(counted(&places("bucketize", &bounds, None, &input.array(), right)?, out_int32))
}

// ---- membership ----

fn isin_samples() -> Vec<Sample> {
    let ints = Values::Int(0, 6);
    vec![
        Sample::new().values(&[3, 4], ints).values(&[5], ints),
        Sample::new().values(&[4], ints).values(&[2, 2], ints).kw("invert", true),
        Sample::new().values(&[4], ints).arg(3),
        Sample::new().values(&[2], ints).values(&[0], ints).kw("assume_unique", true),
    ]
}

/// Whether each element is one of `test_elements`, in the shape of `elements`; `invert` asks whether it is none. NaN is
/// in no set. `assume_unique` is not used.
///
/// >>> rt.isin(rt.tensor([1, 2, 3]), rt.tensor([3, 1]))
/// tensor([ True, False,  True])
#[op(at = [rutile], sig = (elements, test_elements, *, assume_unique=false, invert=false), samples = isin_samples, no_grad)]
pub fn isin(elements: &Tensor, test_elements: &Tensor, assume_unique: bool, invert: bool) -> Result<Tensor> {
    let _ = assume_unique; // would only save a sort
    let (elements, set) = (elements.array(), test_elements.array());
    let common = result_type(&[&elements, &set]).wide();
    let [elements, set] = [elements, set].map(|array| convert::plain(&array, common));
    let out = Array::uninit(DType::Bool, elements.shape());
    with_dtype!(wide common, T => {
        let (mut sorted, mut order) = (vec![T::default(); set.len()], vec![0; set.len()]);
        if !set.is_empty() {
            sort::sort(set.len(), false, set.slice::<T>(), &mut sorted, &mut order);
        }
        let mut places = vec![0; elements.len()];
        sort::search(sorted.len(), false, &sorted, None, |_| 0, elements.slice::<T>(), &mut places);
        for ((out, x), place) in out.slice_mut::<bool>().iter_mut().zip(elements.slice::<T>()).zip(places) {
            *out = (sorted.get(place as usize) == Some(x)) != invert;
        }
    });
    Ok(Tensor::from(out))
}

// ---- equal elements ----

/// Runs of equal rows: the first row of each, its length, the run of each row.
struct Runs {
    first: Array,
    counts: Array,
    inverse: Array,
}

/// The runs among rows of `width` elements, in their order or, if `sorted`, in ascending order.
fn runs(rows: &Array, count: usize, sorted: bool) -> Runs {
    let width = rows.len().checked_div(count).unwrap_or(0);
    let (mut order, mut run): (Vec<i64>, Vec<i64>) = ((0..count as i64).collect(), vec![0; count]);
    let found = with_dtype!(rows.dtype(), T => {
        let source = rows.slice::<T>();
        if sorted && width == 1 && count > 0 {
            sort::sort(count, false, source, &mut vec![T::default(); count], &mut order);
        } else if sorted {
            sort::order_rows(width, source, &mut order);
        }
        sort::number_runs(width, source, Some(&order), &mut run)
    });
    let [first, counts] = [(); 2].map(|()| convert::zeros(DType::I64, &[found]));
    let inverse = Array::uninit(DType::I64, &[count]);
    let (firsts, lengths, back) = (first.slice_mut::<i64>(), counts.slice_mut::<i64>(), inverse.slice_mut::<i64>());
    for (&place, &run) in order.iter().zip(&run).rev() {
        firsts[run as usize] = place;
        lengths[run as usize] += 1;
        back[place as usize] = run;
    }
    Runs { first, counts, inverse }
}

fn distinct(
    op: &str,
    input: &Tensor,
    sorted: bool,
    return_inverse: bool,
    return_counts: bool,
    dim: Option<i64>,
) -> Result<Value> {
    let array = input.array();
    let (runs, values, inverse_shape) = match dim {
        None => {
            let flat = convert::contiguous_array(&array).reshape(&[array.len()]).expect("contiguous");
            let runs = runs(&flat, flat.len(), sorted);
            let values = index::index_select(&Tensor::from(flat), 0, &Tensor::from(runs.first.clone()))?;
            (runs, values, Shape::from(array.shape()))
        }
        Some(dim) => {
            let axis = normalize_axis(op, dim, array.ndim())?;
            if array.is_empty() && array.shape()[axis] != 0 {
                fail!(
                    Shape,
                    "{op}: There are 0 sized dimensions, and they aren't selected, so unique cannot be applied: {:?}",
                    array.shape()
                );
            }
            if array.ndim() == 0 {
                return distinct(op, input, sorted, return_inverse, return_counts, None);
            }
            let order: Vec<usize> = std::iter::once(axis).chain((0..array.ndim()).filter(|&a| a != axis)).collect();
            let rows = convert::contiguous_array(&array.permute(&order));
            let count = array.shape()[axis];
            let runs = runs(&rows, count, sorted);
            let values = index::index_select(&input.detach(), axis as i64, &Tensor::from(runs.first.clone()))?;
            (runs, values, Shape::from_slice(&[count]))
        }
    };
    let mut results = vec![values];
    if return_inverse {
        results.push(Tensor::from(runs.inverse.reshape(&inverse_shape).expect("contiguous")));
    }
    if return_counts {
        results.push(Tensor::from(runs.counts));
    }
    Ok(if results.len() == 1 { results.remove(0).into() } else { Value::Tensors(results) })
}

fn unique_samples() -> Vec<Sample> {
    let ints = Values::Int(0, 4);
    vec![
        Sample::new().values(&[3, 4], ints),
        Sample::new().values(&[2, 5], ints).kw("return_inverse", true).kw("return_counts", true),
        Sample::new()
            .values(&[6, 2], Values::Int(0, 2))
            .kw("return_inverse", true)
            .kw("return_counts", true)
            .kw("dim", 0),
        Sample::new().values(&[2, 6], Values::Int(0, 2)).kw("return_counts", true).kw("dim", -1),
        Sample::new().values(&[5], Values::Bool),
        Sample::new().tensor(&[0]).kw("return_inverse", true),
        Sample::new().tensor(&[]),
    ]
}

/// The different elements, 1-d, in ascending order whatever `sorted` says; with `dim` the different slices along that
/// axis, in lexicographic order. `return_inverse` adds where each element (or slice) is in the result, `return_counts`
/// how often it occurs. Every NaN is different.
///
/// >>> rt.unique(rt.tensor([3, 1, 3]), return_counts=True)
/// (tensor([1, 3]), tensor([1, 2]))
#[op(at = [rutile, Tensor], sig = (input, sorted=true, return_inverse=false, return_counts=false, dim=None), samples = unique_samples, no_grad)]
pub fn unique(
    input: &Tensor,
    sorted: bool,
    return_inverse: bool,
    return_counts: bool,
    dim: Option<i64>,
) -> Result<Value> {
    let _ = sorted; // always
    distinct("unique", input, true, return_inverse, return_counts, dim)
}

fn consecutive_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[12], Values::Int(0, 2)),
        Sample::new().values(&[3, 4], Values::Int(0, 2)).kw("return_inverse", true).kw("return_counts", true),
        Sample::new().values(&[6, 1], Values::Int(0, 2)).kw("return_counts", true).kw("dim", 0),
    ]
}

/// The elements without repetitions of their predecessor, 1-d; with `dim` the slices along that axis. Otherwise as
/// `unique`.
///
/// >>> rt.unique_consecutive(rt.tensor([1, 1, 2, 1]))
/// tensor([1, 2, 1])
#[op(at = [rutile, Tensor], sig = (input, return_inverse=false, return_counts=false, dim=None), samples = consecutive_samples, no_grad)]
pub fn unique_consecutive(
    input: &Tensor,
    return_inverse: bool,
    return_counts: bool,
    dim: Option<i64>,
) -> Result<Value> {
    distinct("unique_consecutive", input, false, return_inverse, return_counts, dim)
}
