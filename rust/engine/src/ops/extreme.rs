//! The largest and the smallest elements, and where they are.

use super::reduce::{Axes, spread, sum_axes};
use super::registry::{Arg, Ints, Sample, Value, Values};
use super::{arith, compare, convert, index, view};
use crate::array::{Array, DType, Shape, normalize_axis};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::reduce;
use rutile_macros::op;

/// The 0-d gradient `g` in equal parts over the elements that `hit` marks.
pub fn share_evenly(g: &Tensor, hit: &Tensor) -> Result<Tensor> {
    let axes = Axes::all(hit.ndim());
    let hits = convert::to_dtype(&sum_axes(hit, axes, false), g.dtype())?;
    arith::mul(&arith::true_divide(g, &hits)?, &convert::to_dtype(hit, g.dtype())?)
}

/// Refuses extremes of nothing; `whole`: no axis was named.
fn refuse_empty(op: &str, array: &Array, axes: &Axes, whole: bool) -> Result<()> {
    if whole && array.is_empty() {
        fail!(
            Value,
            "{op}(): Expected reduction dim to be specified for input.numel() == 0: shape {:?}. Specify the reduction dim \
             with the 'dim' argument.",
            array.shape()
        );
    }
    if axes.count(array.shape()) == 0 && !axes.without(array.shape()).contains(&0) {
        fail!(
            Index,
            "{op}(): Expected reduction dim to have non-zero size: an extreme of nothing has no value, and shape {:?} has \
             nothing along it",
            array.shape()
        );
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Extreme {
    Max,
    Min,
}

impl Extreme {
    /// The extreme over axes; elements that tie share the gradient evenly.
    fn over(self, op: &'static str, input: &Tensor, dim: Option<&Ints>, keepdim: bool) -> Result<Tensor> {
        let array = input.array();
        let axes = Axes::new(op, dim, array.ndim())?;
        refuse_empty(op, &array, &axes, dim.is_none_or(|dims| dims.is_empty()))?;
        let out = Array::uninit(array.dtype(), &axes.result_shape(array.shape(), keepdim));
        with_dtype!(array.dtype(), T => match self {
            Extreme::Max => reduce::max(array.view::<T>(), &axes.reduced, out.slice_mut::<T>()),
            Extreme::Min => reduce::min(array.view::<T>(), &axes.reduced, out.slice_mut::<T>()),
        });
        let (x, y) = (input.save(), Saved::from_output(&out));
        Ok(record(op, out, &[input], move |g, grads| {
            let (x, y) = (x.get_for(grads)?.detach(), y.output(grads, 0)?.detach());
            grads.push(|| {
                let shape = x.shape();
                let value = spread(&y, &axes, &shape)?;
                // As in PyTorch NaN share the gradient if they are the extreme of everything, and have none along axes.
                let all = matches!(op, "max" | "min");
                let hit = if all { compare::same(&x, &value)? } else { compare::eq(&x, &value)? };
                let ties = convert::to_dtype(&sum_axes(&hit, axes.clone(), true), g.dtype())?;
                let share = arith::true_divide(&convert::to_dtype(&hit, g.dtype())?, &ties)?;
                arith::mul(&spread(g, &axes, &shape)?, &share)
            })
        }))
    }

    /// The extreme along one axis and where it is (the first one).
    fn along(self, op: &'static str, input: &Tensor, dim: i64, keepdim: bool) -> Result<(Tensor, Tensor)> {
        let array = input.array();
        let axis = normalize_axis(op, dim, array.ndim())?;
        let axes = Axes::new(op, Some(&Ints::from_slice(&[dim])), array.ndim())?;
        refuse_empty(op, &array, &axes, false)?;
        let shape = axes.result_shape(array.shape(), keepdim);
        let (values, indices) = (Array::uninit(array.dtype(), &shape), Array::uninit(DType::I64, &shape));
        if array.ndim() == 0 {
            convert::copy_into(&array, &values);
            convert::fill(&indices, 0_i64.into());
        } else {
            with_dtype!(array.dtype(), T => {
                let (values, indices) = (values.slice_mut::<T>(), indices.slice_mut::<i64>());
                match self {
                    Extreme::Max => reduce::max_with_index(array.view::<T>(), axis, values, indices),
                    Extreme::Min => reduce::min_with_index(array.view::<T>(), axis, values, indices),
                }
            });
        }
        let indices = Tensor::from(indices);
        let (from, at): (Shape, _) = (array.shape().into(), indices.clone());
        let values = record(op, values, &[input], move |g, grads| {
            grads.push(|| {
                if from.is_empty() {
                    return Ok(g.clone());
                }
                let one = axes.kept_as_one(&from);
                index::scatter_back(&view::reshape_to(g, &one)?, axis, &view::reshape_to(&at, &one)?, &from)
            })
        });
        Ok((values, indices))
    }

    /// PyTorch's three forms in one: of everything, along an axis, of two tensors.
    fn form(self, op: &'static str, input: &Tensor, dim: Arg, keepdim: bool) -> Result<Value> {
        match dim {
            Arg::None => Ok(self.over(op, input, None, keepdim)?.into()),
            Arg::Int(dim) => {
                let (values, indices) = self.along(op, input, dim, keepdim)?;
                Ok(Value::Tensors(vec![values, indices]))
            }
            Arg::Tensor(_) if keepdim => fail!(Type, "{op}(): keepdim goes with an axis, not with another tensor"),
            Arg::Tensor(other) if self == Extreme::Max => Ok(arith::maximum(input, &other)?.into()),
            Arg::Tensor(other) => Ok(arith::minimum(input, &other)?.into()),
            _ => fail!(Type, "{op}(): the second argument must be an int (an axis) or a Tensor"),
        }
    }
}

fn max_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[2, 3, 4], Values::Distinct).arg(1),
        Sample::new().values(&[2, 3], Values::Distinct).arg(-1).kw("keepdim", true),
        Sample::new().values(&[6], Values::Distinct).values(&[6], Values::Distinct),
    ]
}

/// `max(input)`: the largest element, 0-d. `max(input, dim, keepdim=False)`: the largest along an axis, with their
/// indices (the first of equals), as a named tuple `(values, indices)`. `max(input, other)`: the larger of two, element
/// by element. NaN wins. `max(input)` shares the gradient among equals, `max(input, dim)` gives it to the one at
/// `indices`.
/// Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.
///
/// >>> x = rt.tensor([[1, 5], [7, 2]])
/// >>> rt.max(x)
/// tensor(7)
/// >>> rt.max(x, dim=1).values, rt.max(x, dim=1).indices
/// (tensor([5, 7]), tensor([1, 0]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = max_samples, fields = [values, indices])]
pub fn max(input: &Tensor, dim: Arg, keepdim: bool) -> Result<Value> {
    Extreme::Max.form("max", input, dim, keepdim)
}

/// `min(input)`: the smallest element, 0-d. `min(input, dim, keepdim=False)`: the smallest along an axis, with their
/// indices (the first of equals), as a named tuple `(values, indices)`. `min(input, other)`: the smaller of two,
/// element by element. NaN wins. `min(input)` shares the gradient among equals, `min(input, dim)` gives it to the one
/// at `indices`.
/// Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.
///
/// >>> x = rt.tensor([[1, 5], [7, 2]])
/// >>> rt.min(x)
/// tensor(1)
/// >>> rt.min(x, rt.tensor(3))
/// tensor([[1, 3],
///         [3, 2]])
/// >>> rt.min(x, dim=0).indices
/// tensor([0, 1])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = max_samples, fields = [values, indices])]
pub fn min(input: &Tensor, dim: Arg, keepdim: bool) -> Result<Value> {
    Extreme::Min.form("min", input, dim, keepdim)
}

fn amax_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[2, 3, 4], Values::Distinct).kw("dim", [0, 2]),
        Sample::new().values(&[2, 3], Values::Distinct).kw("dim", 1).kw("keepdim", true),
    ]
}

/// The largest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
/// Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.
///
/// >>> x = rt.tensor([[1.0, 5.0], [7.0, 2.0]])
/// >>> rt.amax(x, dim=1)
/// tensor([5., 7.])
/// >>> rt.amax(x, dim=(0, 1), keepdim=True)
/// tensor([[7.]])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = amax_samples)]
pub fn amax(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    Extreme::Max.over("amax", input, dim.as_ref(), keepdim)
}

/// The smallest element over axes `dim` (one, several, all without it); NaN wins. Ties share the gradient evenly.
/// Raises: IndexError if there is no axis `dim`, or it has no elements; RuntimeError for an empty tensor without `dim`.
///
/// >>> rt.amin(rt.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
/// tensor([1., 2.])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = amax_samples)]
pub fn amin(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    Extreme::Min.over("amin", input, dim.as_ref(), keepdim)
}

fn position(op: &str, input: &Tensor, dim: Option<i64>, keepdim: bool, which: Extreme) -> Result<Tensor> {
    let array = input.array();
    let dims = dim.map(|dim| Ints::from_slice(&[dim]));
    let axes = Axes::new(op, dims.as_ref(), array.ndim())?;
    refuse_empty(op, &array, &axes, false)?;
    let axis = dim.map(|dim| normalize_axis(op, dim, array.ndim())).transpose()?.filter(|_| array.ndim() > 0);
    let out = Array::uninit(DType::I64, &axes.result_shape(array.shape(), keepdim));
    with_dtype!(array.dtype(), T => match which {
        Extreme::Max => reduce::argmax(array.view::<T>(), axis, out.slice_mut::<i64>()),
        Extreme::Min => reduce::argmin(array.view::<T>(), axis, out.slice_mut::<i64>()),
    });
    Ok(Tensor::from(out))
}

/// The index (int64) of the largest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
/// is the largest.
/// Raises: IndexError if there is no axis `dim`, or it has no elements.
///
/// >>> x = rt.tensor([[1.0, 5.0], [7.0, 2.0]])
/// >>> rt.argmax(x), rt.argmax(x, dim=1)
/// (tensor(2), tensor([1, 0]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = arg_samples, no_grad)]
pub fn argmax(input: &Tensor, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
    position("argmax", input, dim, keepdim, Extreme::Max)
}

/// The index (int64) of the smallest element along axis `dim`, or in the flattened tensor; the first one of equals. NaN
/// is the smallest.
/// Raises: IndexError if there is no axis `dim`, or it has no elements.
///
/// >>> rt.argmin(rt.tensor([[1.0, 5.0], [7.0, 2.0]]), dim=1)
/// tensor([0, 1])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = arg_samples, no_grad)]
pub fn argmin(input: &Tensor, dim: Option<i64>, keepdim: bool) -> Result<Tensor> {
    position("argmin", input, dim, keepdim, Extreme::Min)
}

fn arg_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[2, 3, 4], Values::Distinct).kw("dim", 1),
        Sample::new().values(&[2, 3], Values::Distinct).kw("dim", -1).kw("keepdim", true),
    ]
}
