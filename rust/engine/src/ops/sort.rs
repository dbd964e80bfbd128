//! Sorting, and elements by their rank: the largest, the k-th, the median, the most frequent.
//!
//! All pick elements of the input: their derivative puts the gradient back where the elements came from.

use super::registry::{Arg, FromArg, Sample, Value, Values};
use super::{compare, convert, index, reduce, view};
use crate::array::{Array, DType, Scalar, Shape, normalize_axis};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::sort;
use rutile_macros::op;

// ---- rows ----

/// The axis along which an operation goes, of a tensor that may be 0-d.
struct Rows {
    axis: usize,
    shape: Shape,
    len: usize,
    /// Contiguous, with the axis last.
    array: Array,
}

impl Rows {
    fn new(op: &str, input: &Tensor, dim: i64) -> Result<Rows> {
        let array = input.array();
        let axis = normalize_axis(op, dim, array.ndim())?;
        let shape = Shape::from(array.shape());
        let len = shape.get(axis).copied().unwrap_or(1);
        if u32::try_from(len).is_err() {
            fail!(Unsupported, "{op}: axis {axis} has {len} elements; at most 2**32 - 1 can be sorted");
        }
        let mut order: Shape = (0..shape.len()).filter(|&a| a != axis).collect();
        if !shape.is_empty() {
            order.push(axis);
        }
        let array = convert::contiguous_array(&array.permute(&order));
        Ok(Rows { axis, shape, len, array })
    }

    /// Room for `k` elements of each row.
    fn room(&self, dtype: DType, k: usize) -> Array {
        let mut shape = Shape::from(self.array.shape());
        if let Some(last) = shape.last_mut() {
            *last = k;
        }
        Array::uninit(dtype, &shape)
    }

    /// The last axis back in its place.
    fn turn_back(&self, array: Array) -> Array {
        let Some(last) = self.shape.len().checked_sub(1) else { return array };
        let mut order: Shape = (0..last).collect();
        order.insert(self.axis, last);
        convert::contiguous_array(&array.permute(&order))
    }

    /// The first `k` of every row, had it been sorted, and where they were.
    fn first(&self, k: usize, descending: bool) -> (Array, Array) {
        let (values, places) = (self.room(self.array.dtype(), k), self.room(DType::I64, k));
        with_dtype!(self.array.dtype(), T => {
            let source = self.array.slice::<T>();
            sort::first(self.len, k, descending, source, values.slice_mut::<T>(), places.slice_mut::<i64>());
        });
        (self.turn_back(values), self.turn_back(places))
    }

    /// The element of a rank in every row, which has some, and where it is; the axis has length one.
    fn nth(&self, rank: impl Fn(usize, usize) -> usize + Sync) -> (Array, Array) {
        let (values, places) = (self.room(self.array.dtype(), 1), self.room(DType::I64, 1));
        let len = self.len;
        with_dtype!(self.array.dtype(), T => {
            #[allow(clippy::eq_op)]
            let rank = |row: &[T]| rank(len, row.iter().filter(|x| **x != **x).count());
            sort::nth(len, rank, self.array.slice::<T>(), values.slice_mut::<T>(), places.slice_mut::<i64>());
        });
        (self.turn_back(values), self.turn_back(places))
    }

    /// Records that `values` are the input's elements at `places` along the axis.
    fn picked(self, op: &'static str, input: &Tensor, values: Array, places: Array) -> (Tensor, Tensor) {
        let indices = Tensor::from(places);
        let (axis, shape, at) = (self.axis, self.shape, indices.clone());
        let values = record(op, values, &[input], move |g, grads| {
            grads.push(|| if shape.is_empty() { Ok(g.clone()) } else { index::scatter_back(g, axis, &at, &shape) })
        });
        (values, indices)
    }

    /// Both results without the axis, which has length one, unless it is kept.
    fn dropped(axis: usize, keepdim: bool, (values, indices): (Tensor, Tensor)) -> Result<(Tensor, Tensor)> {
        if keepdim || values.ndim() == 0 {
            return Ok((values, indices));
        }
        Ok((view::squeeze_axes(&values, &[axis])?, view::squeeze_axes(&indices, &[axis])?))
    }

    fn refuse_empty(&self, op: &str) -> Result<()> {
        if self.len == 0 {
            fail!(
                Index,
                "{op}(): Expected reduction dim {} to have non-zero size: shape {:?}",
                self.axis,
                &self.shape[..]
            );
        }
        Ok(())
    }
}

// ---- sorting ----

fn sort_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[2, 3, 4], Values::Distinct).kw("dim", 1).kw("descending", true),
        Sample::new().values(&[3, 4], Values::Int(-2, 3)).kw("dim", 0).kw("stable", true),
        Sample::new().tensor(&[]),
        Sample::new().tensor(&[0, 2]).arg(0),
    ]
}

/// The elements in ascending order along axis `dim`, and their indices in `input`. NaN comes after everything. Equal
/// elements stay in their order, with or without `stable`.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.sort(rt.tensor([3.0, 1.0, 2.0]))
/// sort(values=tensor([1., 2., 3.]), indices=tensor([1, 2, 0]))
/// >>> rt.sort(rt.tensor([3.0, 1.0, 2.0]), descending=True).indices
/// tensor([0, 2, 1])
#[op(at = [rutile, Tensor], sig = (input, dim=-1, descending=false, stable=false), samples = sort_samples, fields = [values, indices])]
pub fn sort(input: &Tensor, dim: i64, descending: bool, stable: Option<bool>) -> Result<(Tensor, Tensor)> {
    let _ = stable; // always
    let rows = Rows::new("sort", input, dim)?;
    let (values, places) = rows.first(rows.len, descending);
    Ok(rows.picked("sort", input, values, places))
}

/// The indices that sort `input` along axis `dim`: `sort(...).indices`.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.argsort(rt.tensor([3.0, 1.0, 2.0]))
/// tensor([1, 2, 0])
#[op(at = [rutile, Tensor], sig = (input, dim=-1, descending=false, stable=false), samples = sort_samples, no_grad)]
pub fn argsort(input: &Tensor, dim: i64, descending: bool, stable: Option<bool>) -> Result<Tensor> {
    let _ = stable; // always
    let rows = Rows::new("argsort", input, dim)?;
    Ok(Tensor::from(rows.first(rows.len, descending).1))
}

fn msort_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Distinct), Sample::new().tensor(&[0, 2])]
}

/// The elements in ascending order along the first axis: `sort(input, dim=0).values`.
///
/// >>> rt.msort(rt.tensor([[3, 1], [2, 4]]))
/// tensor([[2, 1],
///         [3, 4]])
#[op(at = [rutile, Tensor], sig = (input), samples = msort_samples)]
pub fn msort(input: &Tensor) -> Result<Tensor> {
    Ok(sort(input, 0, false, None)?.0)
}

fn topk_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 5], Values::Distinct).arg(2),
        Sample::new().values(&[4, 3], Values::Distinct).arg(3).kw("dim", 0).kw("largest", false),
        Sample::new().values(&[2, 6], Values::Distinct).arg(6).kw("sorted", true),
        Sample::new().tensor(&[]).arg(1),
        Sample::new().tensor(&[2, 0]).arg(0),
    ]
}

/// The `k` largest (or smallest) elements along axis `dim`, the most extreme first, and their indices: both have length
/// `k` there. Of equal elements those with lower indices are taken. The result is in order whatever `sorted` says.
/// Raises: ValueError if `k` is more than the axis holds or negative; IndexError if `dim` is out of range.
///
/// >>> rt.topk(rt.tensor([1.0, 4.0, 2.0, 3.0]), 2)
/// topk(values=tensor([4., 3.]), indices=tensor([1, 3]))
#[op(at = [rutile, Tensor], sig = (input, k, dim=-1, largest=true, sorted=true), samples = topk_samples, fields = [values, indices])]
pub fn topk(input: &Tensor, k: i64, dim: i64, largest: bool, sorted: bool) -> Result<(Tensor, Tensor)> {
    let _ = sorted; // always
    let rows = Rows::new("topk", input, dim)?;
    let Some(k) = usize::try_from(k).ok().filter(|&k| k <= rows.len) else {
        fail!(Value, "topk(): selected index k out of range: k is {k}, axis {} has {} elements", rows.axis, rows.len);
    };
    let (values, places) = rows.first(if rows.shape.is_empty() { 1 } else { k }, largest);
    Ok(rows.picked("topk", input, values, places))
}

// ---- one rank ----

fn kth_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 5], Values::Distinct).arg(2),
        Sample::new().values(&[4, 3], Values::Distinct).arg(4).kw("dim", 0).kw("keepdim", true),
        Sample::new().tensor(&[]).arg(1),
    ]
}

/// The `k`-th smallest elements along axis `dim` (counted from 1), and their indices.
/// Raises: ValueError unless `k` is from 1 to the length of the axis; IndexError if `dim` is out of range.
///
/// >>> rt.kthvalue(rt.tensor([5.0, 1.0, 3.0]), 2)
/// kthvalue(values=tensor(3.), indices=tensor(2))
#[op(at = [rutile, Tensor], sig = (input, k, dim=-1, keepdim=false), samples = kth_samples, fields = [values, indices])]
pub fn kthvalue(input: &Tensor, k: i64, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
    let rows = Rows::new("kthvalue", input, dim)?;
    rows.refuse_empty("kthvalue")?;
    let axis = rows.axis;
    let Some(rank) = usize::try_from(k - 1).ok().filter(|&rank| rank < rows.len) else {
        fail!(Value, "kthvalue(): selected number k out of range for dimension {axis}: {k} of {} elements", rows.len);
    };
    let (values, places) = rows.nth(|_, _| rank);
    Rows::dropped(axis, keepdim, rows.picked("kthvalue", input, values, places))
}

/// The rank of the median of `len` elements of which `nans` are NaN; NaN are the last.
fn median_rank(len: usize, nans: usize, ignore: bool) -> usize {
    if ignore {
        (len - nans).saturating_sub(1) / 2
    } else if nans > 0 {
        len - nans
    } else {
        (len - 1) / 2
    }
}

fn median_of(op: &'static str, input: &Tensor, dim: Arg, keepdim: bool, ignore: bool) -> Result<Value> {
    let dim = match dim {
        Arg::None => return Ok(median_of_all(op, input, ignore)?.into()),
        other => match i64::from_arg(other) {
            Ok(dim) => dim,
            Err(_) => fail!(Type, "{op}(): argument 'dim' must be int"),
        },
    };
    let rows = Rows::new(op, input, dim)?;
    rows.refuse_empty(op)?;
    let axis = rows.axis;
    let (values, places) = rows.nth(|len, nans| median_rank(len, nans, ignore));
    let (values, indices) = Rows::dropped(axis, keepdim, rows.picked(op, input, values, places))?;
    Ok(Value::Tensors(vec![values, indices]))
}

fn median_of_all(op: &'static str, input: &Tensor, ignore: bool) -> Result<Tensor> {
    let array = input.array();
    if array.is_empty() {
        return Ok(Tensor::from(convert::filled(array.dtype(), &[], Scalar::Float(f64::NAN))));
    }
    let flat = convert::contiguous_array(&array).reshape(&[array.len()]).expect("contiguous");
    let rows = Rows::new(op, &Tensor::from(flat), 0)?;
    let out = rows.nth(|len, nans| median_rank(len, nans, ignore)).0.reshape(&[]).expect("one element");
    let (x, y) = (input.save(), Saved::from_output(&out));
    Ok(record(op, out, &[input], move |g, grads| {
        let (x, y) = (x.get_for(grads)?.detach(), y.output(grads, 0)?.detach());
        grads.push(|| reduce::share_evenly(g, &compare::same(&x, &y)?))
    }))
}

fn median_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[3, 4], Values::Distinct).arg(1),
        Sample::new().values(&[2, 5, 3], Values::Distinct).kw("dim", -2).kw("keepdim", true),
        Sample::new().tensor(&[]),
        Sample::new().tensor(&[]).arg(0),
    ]
}

/// `median(input)`: the median of all elements; of an even number the lower of the two in the middle.
/// `median(input, dim, keepdim=False)`: the medians along an axis, with their indices. NaN if there is one.
/// Raises: IndexError if `dim` is out of range or that axis is empty.
///
/// >>> rt.median(rt.tensor([4.0, 1.0, 3.0, 2.0]))
/// tensor(2.)
/// >>> rt.median(rt.tensor([[4, 1, 3], [7, 9, 8]]), dim=1)
/// median(values=tensor([3, 8]), indices=tensor([2, 2]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = median_samples, fields = [values, indices])]
pub fn median(input: &Tensor, dim: Arg, keepdim: bool) -> Result<Value> {
    median_of("median", input, dim, keepdim, false)
}

/// As `median`, of the elements that are not NaN.
///
/// >>> rt.nanmedian(rt.tensor([4.0, rt.nan, 3.0]))
/// tensor(3.)
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = median_samples, fields = [values, indices])]
pub fn nanmedian(input: &Tensor, dim: Arg, keepdim: bool) -> Result<Value> {
    median_of("nanmedian", input, dim, keepdim, true)
}

fn mode_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 7], Values::Int(0, 3)),
        Sample::new().values(&[5, 2], Values::Distinct).kw("dim", 0).kw("keepdim", true),
        Sample::new().tensor(&[]),
    ]
}

/// The most frequent elements along axis `dim` (the smallest of several), and the index of one such element (the last).
/// Raises: IndexError if `dim` is out of range or that axis is empty.
///
/// >>> rt.mode(rt.tensor([2, 1, 1, 2, 3]))
/// mode(values=tensor(1), indices=tensor(2))
#[op(at = [rutile, Tensor], sig = (input, dim=-1, keepdim=false), samples = mode_samples, fields = [values, indices])]
pub fn mode(input: &Tensor, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
    let rows = Rows::new("mode", input, dim)?;
    rows.refuse_empty("mode")?;
    let (axis, dtype) = (rows.axis, rows.array.dtype());
    let (sorted, order) = (rows.room(dtype, rows.len), rows.room(DType::I64, rows.len));
    let (values, places) = (rows.room(dtype, 1), rows.room(DType::I64, 1));
    with_dtype!(dtype, T => {
        let (sorted, order) = (sorted.slice_mut::<T>(), order.slice_mut::<i64>());
        sort::sort(rows.len, false, rows.array.slice::<T>(), sorted, order);
        sort::modes(rows.len, sorted, order, values.slice_mut::<T>(), places.slice_mut::<i64>());
    });
    let (values, places) = (rows.turn_back(values), rows.turn_back(places));
    Rows::dropped(axis, keepdim, rows.picked("mode", input, values, places))
}
