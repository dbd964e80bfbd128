//! Reductions over axes.

use super::formula::no_complex;
use super::registry::{Arg, FromArg, Ints, Sample, Values};
use super::{arith, compare, complex, convert, create, special, sums, view};
use crate::array::{Array, DType, Shape, normalize_axes};
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::reduce;
use rutile_macros::op;
use smallvec::SmallVec;

pub use super::extreme::{amax, amin, argmax, argmin, max, min, share_evenly};

/// Which axes are reduced.
#[derive(Clone)]
pub struct Axes {
    pub(super) reduced: SmallVec<[bool; 6]>,
}

impl Axes {
    /// `dim` as Python gives it: None or an empty list mean all axes.
    pub fn new(op: &str, dim: Option<&Ints>, ndim: usize) -> Result<Axes> {
        let dims = dim.map_or(&[][..], |dims| &dims[..]);
        // A 0-d array may be reduced along its one axis, once.
        let mut reduced = SmallVec::from_elem(dims.is_empty(), ndim.max(1));
        for axis in normalize_axes(op, dims, ndim)? {
            reduced[axis] = true;
        }
        reduced.truncate(ndim);
        Ok(Axes { reduced })
    }

    /// As [`Axes::new`], but an empty list means no axis: what PyTorch's `any` and `all` make of it.
    fn listed(op: &str, dim: Option<&Ints>, ndim: usize) -> Result<Axes> {
        match dim {
            Some(dims) if dims.is_empty() => Ok(Axes { reduced: SmallVec::from_elem(false, ndim) }),
            dim => Axes::new(op, dim, ndim),
        }
    }

    pub(super) fn all(ndim: usize) -> Axes {
        Axes { reduced: SmallVec::from_elem(true, ndim) }
    }

    /// The shape with reduced axes of length one.
    pub(super) fn kept_as_one(&self, shape: &[usize]) -> Shape {
        shape.iter().zip(&self.reduced).map(|(&n, &reduced)| if reduced { 1 } else { n }).collect()
    }

    /// The shape without reduced axes.
    pub(super) fn without(&self, shape: &[usize]) -> Shape {
        shape.iter().zip(&self.reduced).filter(|(_, reduced)| !**reduced).map(|(&n, _)| n).collect()
    }

    pub(super) fn result_shape(&self, shape: &[usize], keepdim: bool) -> Shape {
        if keepdim { self.kept_as_one(shape) } else { self.without(shape) }
    }

    /// How many elements each result is made of.
    pub(super) fn count(&self, shape: &[usize]) -> usize {
        shape.iter().zip(&self.reduced).filter(|(_, reduced)| **reduced).map(|(&n, _)| n).product()
    }
}

/// A result of a reduction, expanded over what it was made of.
pub(super) fn spread(result: &Tensor, axes: &Axes, shape: &[usize]) -> Result<Tensor> {
    view::expand_to(&view::reshape_to(result, &axes.kept_as_one(shape))?, shape)
}

fn sum_array(array: &Array, axes: &Axes, keepdim: bool) -> Array {
    let shape = axes.result_shape(array.shape(), keepdim);
    if array.dtype().is_complex() {
        let out = Array::uninit(array.dtype(), &shape);
        let mut reduced = axes.reduced.clone();
        reduced.push(false); // the parts
        let (from, to) = (array.parts(), out.parts());
        with_dtype!(reals from.dtype(), T => reduce::sum(from.view::<T>(), &reduced, to.slice_mut::<T>()));
        out
    } else if array.dtype().is_float() {
        let out = Array::uninit(array.dtype(), &shape);
        with_dtype!(floats array.dtype(), T => reduce::sum(array.view::<T>(), &axes.reduced, out.slice_mut::<T>()));
        out
    } else {
        let out = Array::uninit(DType::I64, &shape);
        with_dtype!(ints array.dtype(), T => reduce::sum_int(array.view::<T>(), &axes.reduced, out.slice_mut::<i64>()));
        out
    }
}

pub(super) fn sum_axes(input: &Tensor, axes: Axes, keepdim: bool) -> Tensor {
    let array = input.array();
    let shape: Shape = array.shape().into();
    record("sum", sum_array(&array, &axes, keepdim), &[input], move |g, grads| grads.push(|| spread(g, &axes, &shape)))
}

/// Sums to `shape`, from which the input's shape came by broadcasting.
pub fn sum_to(input: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let from = input.shape();
    let lead = from.len() - shape.len();
    let reduced = (0..from.len()).map(|axis| axis < lead || (shape[axis - lead] == 1 && from[axis] != 1)).collect();
    view::reshape_to(&sum_axes(input, Axes { reduced }, true), shape)
}

fn reduce_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[2, 3, 4]).kw("dim", 1),
        Sample::new().tensor(&[2, 3, 4]).kw("dim", [0, -1]).kw("keepdim", true),
        Sample::new().tensor(&[]),
    ]
}

/// The sum over axes `dim` (all if None). Integers and bool give int64. Sums are pairwise in fixed blocks: the same
/// bits for any number of threads.
/// Raises: IndexError if an axis is out of range; ValueError if one comes twice.
///
/// >>> x = rt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
/// >>> x.sum(), x.sum(dim=0), x.sum(dim=1, keepdim=True).shape
/// (tensor(21.), tensor([5., 7., 9.]), rutile.Size([2, 1]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false, *, dtype=None), samples = reduce_samples, complex)]
pub fn sum(input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let input = &convert::to_dtype(input, dtype.unwrap_or(input.dtype()))?;
    let axes = Axes::new("sum", dim.as_ref(), input.ndim())?;
    let out = sum_axes(input, axes, keepdim);
    if let Some(dtype) = dtype { convert::to_dtype(&out, dtype) } else { Ok(out) }
}

fn require_float(op: &str, input: &Tensor) -> Result<()> {
    if !input.dtype().has_gradients() {
        fail!(
            DType,
            "{op}: could not infer output dtype. Input dtype must be a floating point dtype. Got: {}",
            input.dtype()
        );
    }
    Ok(())
}

/// The mean over axes `dim` (all if None); NaN of nothing. Takes floats, or integers with `dtype=` a float.
/// Raises: IndexError if an axis is out of range; RuntimeError for integers without `dtype`.
///
/// >>> x = rt.tensor([[1.0, 2.0], [3.0, 6.0]])
/// >>> x.mean(), x.mean(dim=1)
/// (tensor(3.), tensor([1.5000, 4.5000]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false, *, dtype=None), samples = reduce_samples, complex)]
pub fn mean(input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let input = &convert::to_dtype(input, dtype.unwrap_or(input.dtype()))?;
    require_float("mean", input)?;
    let axes = Axes::new("mean", dim.as_ref(), input.ndim())?;
    let count = axes.count(&input.shape());
    arith::true_divide(&sum_axes(input, axes, keepdim), &sums::number(count as f64))
}

fn prod_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[5]),
        Sample::new().tensor(&[2, 3]).kw("dim", 1),
        Sample::new().tensor(&[2, 3]).kw("dim", 0).kw("keepdim", true),
    ]
}

/// The product over axes `dim` (all if None); 1 of nothing. Integers and bool give int64. The derivative holds at zeros
/// too.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.prod(rt.tensor([[1, 2], [3, 4]]), dim=0)
/// tensor([3, 8])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false, *, dtype=None), samples = prod_samples, complex)]
pub fn prod(input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let input = &convert::to_dtype(input, dtype.unwrap_or(input.dtype()))?;
    let array = input.array();
    let axes = Axes::new("prod", dim.as_ref(), array.ndim())?;
    if array.dtype().is_complex() {
        return complex_prod(input, &axes, keepdim);
    }
    let shape = axes.result_shape(array.shape(), keepdim);
    if !array.dtype().is_float() {
        let out = Array::uninit(DType::I64, &shape);
        with_dtype!(ints array.dtype(), T => reduce::prod_int(array.view::<T>(), &axes.reduced, out.slice_mut::<i64>()));
        return Ok(Tensor::from(convert::cast(&out, dtype.unwrap_or(DType::I64))));
    }
    let out = Array::uninit(array.dtype(), &shape);
    with_dtype!(floats array.dtype(), T => reduce::prod(array.view::<T>(), &axes.reduced, out.slice_mut::<T>()));
    let saved = input.save();
    Ok(record("prod", out, &[input], move |g, grads| {
        let x = saved.get_for(grads)?;
        grads.push(|| prod_gradient(g, &x, &axes))
    }))
}

/// Products of complex numbers, two halves at a time: differentiable at zeros without more ado.
fn complex_prod(input: &Tensor, axes: &Axes, keepdim: bool) -> Result<Tensor> {
    let from = input.shape();
    let (reduced, kept): (Vec<usize>, Vec<usize>) = (0..from.len()).partition(|&axis| axes.reduced[axis]);
    let order: Vec<usize> = kept.iter().chain(&reduced).copied().collect();
    let (rows, n) = (kept.iter().map(|&axis| from[axis]).product(), axes.count(&from));
    let mut x = view::reshape_to(&view::permute_to(input, &order)?, &[rows, n])?;
    while x.shape()[1] > 1 {
        let half = x.shape()[1] / 2;
        let part = |at: usize, len: usize| view::slice_axis(&x, 1, at, len, 1);
        let product = arith::mul(&part(0, half)?, &part(half, half)?)?;
        x = if x.shape()[1] % 2 == 0 { product } else { super::join::cat(&[product, part(2 * half, 1)?], 1)? };
    }
    let shape = axes.result_shape(&from, keepdim);
    if n == 0 {
        create::ones(shape.iter().map(|&n| n as i64).collect(), Some(input.dtype()), Arg::None, false)
    } else {
        view::reshape_to(&x, &shape)
    }
}

/// Each element's gradient is the product of the others.
fn prod_gradient(g: &Tensor, x: &Tensor, axes: &Axes) -> Result<Tensor> {
    let shape = x.shape();
    let g = spread(g, axes, &shape)?;
    let (zero, one) = (sums::zero(), sums::one());
    let is_zero = compare::eq(x, &zero)?;
    let zeros = sum_axes(&is_zero, axes.clone(), true).array();
    if !zeros.slice::<i64>().iter().any(|&n| n > 0) {
        let y = prod_keep(x, axes)?;
        return arith::true_divide(&arith::mul(&g, &y)?, x);
    }
    if grad_enabled() {
        return arith::mul(&g, &products_of_others(x, axes)?);
    }
    // With one zero in a group only its own gradient is not zero; with more, none.
    let others = prod_keep(&compare::select(&is_zero, &one, x)?, axes)?;
    let zeros = Tensor::from(zeros);
    let at_zero = compare::select(&compare::eq(&zeros, &one)?, &others, &zero)?;
    let elsewhere = compare::select(&compare::eq(&zeros, &zero)?, &arith::true_divide(&others, x)?, &zero)?;
    arith::mul(&g, &compare::select(&is_zero, &at_zero, &elsewhere)?)
}

fn prod_keep(x: &Tensor, axes: &Axes) -> Result<Tensor> {
    let dims: Ints = axes.reduced.iter().enumerate().filter(|(_, r)| **r).map(|(axis, _)| axis as i64).collect();
    prod(x, if dims.is_empty() { None } else { Some(dims) }, true, None)
}

/// For every element the product of the others of its group, by a square table: quadratic, but differentiable at zeros.
fn products_of_others(x: &Tensor, axes: &Axes) -> Result<Tensor> {
    let ndim = x.ndim();
    let (reduced, kept): (Vec<usize>, Vec<usize>) = (0..ndim).partition(|&axis| axes.reduced[axis]);
    let order: Vec<usize> = kept.iter().chain(&reduced).copied().collect();
    let moved = view::permute_to(x, &order)?;
    let shape = moved.shape();
    let n: usize = shape[kept.len()..].iter().product();
    let groups: usize = shape[..kept.len()].iter().product();
    let table = view::expand_to(&view::reshape_to(&moved, &[groups, 1, n])?, &[groups, n, n])?;
    let mut eye = vec![false; n * n];
    (0..n).for_each(|i| eye[i * (n + 1)] = true);
    let eye = Tensor::from(Array::from_slice(&eye, &[n, n]));
    let others = prod(&compare::select(&eye, &sums::one(), &table)?, Some(Ints::from_slice(&[-1])), false, None)?;
    let mut back = vec![0; ndim];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    view::permute_to(&view::reshape_to(&others, &shape)?, &back)
}

// ---- truth ----

fn truth_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Bool),
        Sample::new().values(&[3, 4], Values::Int(0, 2)).kw("dim", 1),
        Sample::new().values(&[2, 0], Values::Bool).kw("dim", 1).kw("keepdim", true),
    ]
}

/// Truth values in the type that PyTorch gives them.
fn truth(out: Array, input: DType) -> Tensor {
    Tensor::from(if input == DType::U8 { convert::cast(&out, DType::U8) } else { out })
}

/// Whether any element over axes `dim` (all if None) is not zero: bool, but uint8 of uint8. False of nothing.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.any(rt.tensor([[0, 1], [0, 0]]), dim=1)
/// tensor([ True, False])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = truth_samples, no_grad, complex)]
pub fn any(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    let array = compare::truthy(input).array();
    let axes = Axes::listed("any", dim.as_ref(), array.ndim())?;
    let out = Array::uninit(DType::Bool, &axes.result_shape(array.shape(), keepdim));
    with_dtype!(array.dtype(), T => reduce::any(array.view::<T>(), &axes.reduced, out.slice_mut::<bool>()));
    Ok(truth(out, array.dtype()))
}

/// Whether all elements over axes `dim` (all if None) are not zero: bool, but uint8 of uint8. True of nothing.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.all(rt.tensor([[1, 2], [0, 3]]), dim=1)
/// tensor([ True, False])
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false), samples = truth_samples, no_grad, complex)]
pub fn all(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    let array = compare::truthy(input).array();
    let axes = Axes::listed("all", dim.as_ref(), array.ndim())?;
    let out = Array::uninit(DType::Bool, &axes.result_shape(array.shape(), keepdim));
    with_dtype!(array.dtype(), T => reduce::all(array.view::<T>(), &axes.reduced, out.slice_mut::<bool>()));
    Ok(truth(out, array.dtype()))
}

fn count_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Int(-1, 2)), Sample::new().values(&[3, 4], Values::Bool).kw("dim", 1)]
}

/// How many elements over axes `dim` (all if None) are not zero, int64.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.count_nonzero(rt.tensor([[0, 1, 2], [0, 0, 3]]), dim=0)
/// tensor([0, 1, 2])
#[op(at = [rutile, Tensor], sig = (input, dim=None), samples = count_samples, no_grad, complex)]
pub fn count_nonzero(input: &Tensor, dim: Option<Ints>) -> Result<Tensor> {
    sum(&compare::ne(input, &sums::zero())?, dim, false, None)
}

// ---- moments ----

fn moment_samples() -> Vec<Sample> {
    let mut samples = vec![
        Sample::new().tensor(&[3, 4]).kw("dim", 1).kw("correction", 0),
        Sample::new().tensor(&[2, 3, 4]).kw("dim", [0, 2]).kw("keepdim", true),
    ];
    samples.push(Sample::new().tensor(&[5]));
    samples
}

/// `(n - correction)`, where `unbiased` is PyTorch's older word for a correction of 1.
fn degrees(
    op: &str,
    dim: &mut Option<Ints>,
    dim_arg: Arg,
    unbiased: Option<bool>,
    correction: Option<f64>,
) -> Result<f64> {
    let mut unbiased = unbiased;
    *dim = match dim_arg {
        Arg::Bool(flag) => {
            unbiased = Some(flag);
            None
        }
        other => match Option::<Ints>::from_arg(other) {
            Ok(dim) => dim,
            Err(_) => fail!(Type, "{op}(): argument 'dim' must be int | Sequence[int] | None"),
        },
    };
    match (correction, unbiased) {
        (Some(_), Some(_)) => fail!(Type, "{op}(): give either correction or unbiased, not both"),
        (Some(correction), None) => Ok(correction),
        (None, unbiased) => Ok(f64::from(u8::from(unbiased.unwrap_or(true)))),
    }
}

fn variance(
    op: &'static str,
    input: &Tensor,
    dim: Option<Ints>,
    correction: f64,
    keepdim: bool,
) -> Result<(Tensor, Tensor)> {
    require_float(op, input)?;
    if input.dtype().is_complex() {
        return complex_variance(op, input, dim, correction, keepdim);
    }
    let array = input.array();
    let axes = Axes::new(op, dim.as_ref(), array.ndim())?;
    let degrees = axes.count(array.shape()) as f64 - correction;
    let shape = axes.result_shape(array.shape(), keepdim);
    let compute = array.dtype().compute();
    let source = convert::cast(&array, compute);
    let (mean, squares) = (Array::uninit(compute, &shape), Array::uninit(compute, &shape));
    with_dtype!(reals compute, T => {
        reduce::moments(source.view::<T>(), &axes.reduced, mean.slice_mut::<T>(), squares.slice_mut::<T>());
    });
    let scale = sums::number(1.0 / degrees.max(0.0));
    let var = crate::autograd::mode::no_grad(|| arith::mul(&Tensor::from(squares), &scale))?.array();
    let count = axes.count(array.shape()) as f64;
    let (x, from): (_, Shape) = (input.save(), array.shape().into());
    let mean = convert::cast(&mean, array.dtype());
    let outputs = vec![convert::cast(&var, array.dtype()), mean];
    let mut both = crate::autograd::record_many(op, outputs, &[input], move |gs, grads| {
        let x = x.get_for(grads)?;
        grads.push(|| {
            let mut total: Option<Tensor> = None;
            if let Some(g) = &gs[0] {
                let dims: Ints = (0..from.len()).filter(|&axis| axes.reduced[axis]).map(|axis| axis as i64).collect();
                let centred = arith::sub(&x, &mean_keep(&x, &dims)?, 1.0)?;
                let g = spread(g, &axes, &from)?;
                total = Some(arith::mul(&arith::mul(&g, &centred)?, &sums::number(2.0 / degrees))?);
            }
            if let Some(g) = &gs[1] {
                let part = arith::true_divide(&spread(g, &axes, &from)?, &sums::number(count))?;
                total = Some(match total {
                    Some(sum) => arith::add(&sum, &part, 1.0)?,
                    None => part,
                });
            }
            Ok(total.expect("one of the outputs has a gradient"))
        })
    })
    .into_iter();
    match (both.next(), both.next()) {
        (Some(var), Some(mean)) => Ok((var, mean)),
        _ => unreachable!("two outputs were recorded"),
    }
}

/// Of complex numbers: the sum of the variances of their parts, and the mean.
fn complex_variance(
    op: &'static str,
    input: &Tensor,
    dim: Option<Ints>,
    correction: f64,
    keepdim: bool,
) -> Result<(Tensor, Tensor)> {
    let axes = Axes::new(op, dim.as_ref(), input.ndim())?;
    let shape = axes.result_shape(&input.shape(), keepdim);
    let one_axis = if input.ndim() == 0 { view::unsqueeze(input, 0)? } else { input.clone() };
    let listed = (0..one_axis.ndim()).filter(|&axis| axes.reduced.get(axis).copied().unwrap_or(true));
    let dims: Ints = listed.map(|axis| axis as i64).collect();
    let (var, mean) = variance(op, &complex::view_as_real(&one_axis)?, Some(dims), correction, keepdim)?;
    let total = sum(&var, Some(Ints::from_elem(-1, 1)), false, None)?;
    Ok((view::reshape_to(&total, &shape)?, view::reshape_to(&complex::join(&mean)?, &shape)?))
}

fn mean_keep(x: &Tensor, dims: &Ints) -> Result<Tensor> {
    mean(x, Some(dims.clone()), true, None)
}

/// The variance over axes `dim` (all if None): the sum of squared deviations from the mean, over `n - correction`
/// (default 1; 0 for the variance of a whole population). NaN where that is not positive.
/// Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
/// `correction`.
///
/// >>> x = rt.tensor([[1.0, 3.0], [2.0, 6.0]])
/// >>> x.var(dim=1), x.var(dim=1, correction=0)
/// (tensor([2., 8.]), tensor([1., 4.]))
#[op(at = [rutile, Tensor], sig = (input, dim=None, unbiased=None, keepdim=false, *, correction=None), samples = moment_samples, complex, integers = refused)]
pub fn var(input: &Tensor, dim: Arg, unbiased: Option<bool>, keepdim: bool, correction: Option<f64>) -> Result<Tensor> {
    let mut dims = None;
    let correction = degrees("var", &mut dims, dim, unbiased, correction)?;
    Ok(variance("var", input, dims, correction, keepdim)?.0)
}

/// The standard deviation over axes `dim` (all if None): the root of `var`, with the same arguments.
/// Raises: IndexError if an axis is out of range; RuntimeError for integers; TypeError for both `unbiased` and
/// `correction`.
///
/// >>> rt.std(rt.tensor([1.0, 2.0, 3.0])), rt.std(rt.tensor([1.0, 2.0, 3.0]), correction=0)
/// (tensor(1.), tensor(0.8165))
#[op(at = [rutile, Tensor], sig = (input, dim=None, unbiased=None, keepdim=false, *, correction=None), samples = moment_samples, complex, integers = refused)]
pub fn std(input: &Tensor, dim: Arg, unbiased: Option<bool>, keepdim: bool, correction: Option<f64>) -> Result<Tensor> {
    let mut dims = None;
    let correction = degrees("std", &mut dims, dim, unbiased, correction)?;
    Ok(deviation(&variance("std", input, dims, correction, keepdim)?.0))
}

/// The root of a variance; where that is 0 the gradient is 0, as in PyTorch, and not infinite.
pub fn deviation(variance: &Tensor) -> Tensor {
    let array = variance.array();
    let out = crate::autograd::mode::no_grad(|| special::sqrt(&Tensor::from(array))).expect("a float").array();
    let saved = Saved::from_output(&out);
    record("std", out, &[variance], move |g, grads| {
        let y = saved.output(grads, 0)?;
        grads.push(|| {
            let constant = compare::eq(&y, &sums::zero())?;
            let twice = arith::mul(&compare::select(&constant, &sums::one(), &y)?, &sums::number(2.0))?;
            compare::select(&constant, &sums::zero(), &arith::true_divide(g, &twice)?)
        })
    })
}

/// The variance and the mean over axes `dim` (all if None), in one pass; see `var`.
/// Raises: IndexError if an axis is out of range; RuntimeError for integers.
///
/// >>> rt.var_mean(rt.tensor([[1.0, 3.0], [2.0, 6.0]]), dim=1)
/// (tensor([2., 8.]), tensor([2., 4.]))
#[op(at = [rutile], sig = (input, dim=None, unbiased=None, keepdim=false, *, correction=None), samples = moment_samples, complex, integers = refused)]
pub fn var_mean(
    input: &Tensor,
    dim: Arg,
    unbiased: Option<bool>,
    keepdim: bool,
    correction: Option<f64>,
) -> Result<(Tensor, Tensor)> {
    let mut dims = None;
    let correction = degrees("var_mean", &mut dims, dim, unbiased, correction)?;
    variance("var_mean", input, dims, correction, keepdim)
}

// ---- norms ----

fn logsumexp_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).arg(1), Sample::new().tensor(&[3, 4]).arg([0, 1]).kw("keepdim", true)]
}

/// `log(sum(exp(input)))` over axes `dim` without overflow; minus infinity of nothing.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.logsumexp(rt.tensor([[1000.0, 1000.0], [0.0, -rt.inf]]), dim=1)
/// tensor([1000.6932,    0.0000])
#[op(at = [rutile, Tensor, special], sig = (input, dim, keepdim=false), samples = logsumexp_samples, integers = floats)]
pub fn logsumexp(input: &Tensor, dim: Ints, keepdim: bool) -> Result<Tensor> {
    let float = if input.dtype().is_float() { input.dtype() } else { DType::default_float() };
    let input = &convert::to_dtype(input, float)?;
    let largest = if input.is_empty() {
        sums::zero() // nothing has no largest element
    } else {
        let largest = amax(&input.detach(), Some(dim.clone()), true)?;
        compare::select(&compare::isfinite(&largest)?, &largest, &sums::zero())?
    };
    let scaled = special::exp(&arith::sub(input, &largest, 1.0)?)?;
    let out = arith::add(&special::log(&sum(&scaled, Some(dim.clone()), true, None)?)?, &largest, 1.0)?;
    let axes = Axes::new("logsumexp", Some(&dim), input.ndim())?;
    view::reshape_to(&out, &axes.result_shape(&input.shape(), keepdim))
}

fn norm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[3, 4]).arg(1).kw("dim", 1),
        Sample::new().tensor(&[3, 4]).arg(3).kw("dim", [0, 1]),
        Sample::new().values(&[3, 4], Values::Distinct).arg(f64::INFINITY).kw("dim", 0).kw("keepdim", true),
    ]
}

/// The vector norm of order `p` over axes `dim` (all if None): `sum(|x|**p) ** (1/p)`; `"fro"` is 2, `"nuc"` the
/// nuclear norm of matrices, `inf` and `-inf` give extremes, 0 counts. The derivative of the 2-norm at 0 is 0.
/// Raises: IndexError if an axis is out of range; ValueError for another word; RuntimeError for integers, and for
/// `"nuc"` of vectors.
///
/// >>> x = rt.tensor([[3.0, 4.0], [5.0, 12.0]])
/// >>> rt.norm(x, dim=1), rt.norm(x, p=1), rt.norm(x, p=rt.inf)
/// (tensor([ 5., 13.]), tensor(24.), tensor(12.))
#[op(at = [rutile, Tensor], sig = (input, p="fro", dim=None, keepdim=false, dtype=None), samples = norm_samples, complex)]
pub fn norm(input: &Tensor, p: Arg, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    let input = &convert::to_dtype(input, dtype.unwrap_or(input.dtype()))?;
    require_float("norm", input)?;
    let nuclear = matches!(&p, Arg::Str(name) if name == "nuc");
    if input.dtype().is_complex() {
        if nuclear {
            return Err(no_complex("norm: p='nuc'", input.dtype()));
        }
        return norm(&arith::abs(input)?, p, dim, keepdim, None);
    }
    let p = match p {
        Arg::None => 2.0,
        Arg::Str(name) if name == "fro" => 2.0,
        Arg::Str(name) if name == "nuc" => return super::linalg::nuclear_norm(input, dim, keepdim),
        Arg::Str(name) => fail!(Value, "norm: p={name:?} is no norm; 'fro', 'nuc' and numbers are"),
        other => match f64::from_arg(other) {
            Ok(p) => p,
            Err(_) => fail!(Type, "norm(): argument 'p' must be a number or 'fro'"),
        },
    };
    if p == 2.0 {
        return root_of_squares(input, dim, keepdim);
    }
    let size = arith::abs(input)?;
    if p == f64::INFINITY {
        amax(&size, dim, keepdim)
    } else if p == f64::NEG_INFINITY {
        amin(&size, dim, keepdim)
    } else if p == 0.0 {
        let hit = convert::to_dtype(&compare::ne(input, &sums::zero())?, input.dtype())?;
        let count = sum(&hit, dim, keepdim, None)?.array();
        // A constant, but one may ask for its gradient all the same.
        Ok(record("norm", count, &[input], |_, grads| {
            grads.skip();
            Ok(())
        }))
    } else if p == 1.0 {
        sum(&size, dim, keepdim, None)
    } else {
        let powers = sum(&arith::pow(&size, &sums::number(p))?, dim, keepdim, None)?;
        arith::pow(&powers, &sums::number(1.0 / p))
    }
}

fn root_of_squares(input: &Tensor, dim: Option<Ints>, keepdim: bool) -> Result<Tensor> {
    let axes = Axes::new("norm", dim.as_ref(), input.ndim())?;
    let plain = input.detach();
    let out = special::sqrt(&sum(&arith::square(&plain)?, dim, keepdim, None)?)?.array();
    let (x, y) = (input.save(), Saved::from_output(&out));
    Ok(record("norm", out, &[input], move |g, grads| {
        let (x, y) = (x.get_for(grads)?, y.output(grads, 0)?);
        grads.push(|| {
            let at_zero = compare::eq(&y, &sums::zero())?;
            let safe = compare::select(&at_zero, &sums::one(), &y)?;
            let scale = arith::true_divide(g, &safe)?;
            arith::mul(&x, &spread(&scale, &axes, &x.shape())?)
        })
    }))
}
