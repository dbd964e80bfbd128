//! Scans along an axis: running sums, products, extremes and sums of exponentials; differences and integrals.
//!
//! Two families are closed under differentiation: the running sum from either end, and the linear recurrence
//! `s[k] = b[k] + a[k] * s[k - 1]` from either end, with shifts by one place. The derivatives of products and of sums
//! of exponentials are recurrences: exact at zeros, without division and without overflow.

use super::registry::{Arg, Sample, Values};
use super::softmax::around;
use super::{arith, compare, convert, index, join, reduce, special, sums, view};
use crate::array::{Array, DType, Scalar, Shape, normalize_axis};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::scan;
use rutile_macros::op;

fn samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg(0),
        Sample::new().tensor(&[2, 3, 4]).arg(-2),
        Sample::new().tensor(&[2, 3]).kw("dim", -1),
        Sample::new().tensor(&[]).arg(0),
        Sample::new().tensor(&[2, 0, 3]).arg(1),
    ]
}

fn dtype_samples() -> Vec<Sample> {
    let mut samples = samples();
    samples.push(Sample::new().tensor(&[2, 3]).arg(1).kw("dtype", DType::F64));
    samples.push(Sample::new().values(&[5], Values::Int(-3, 4)).arg(0).kw("dtype", DType::I32));
    samples.push(Sample::new().values(&[5], Values::Bool).arg(0));
    samples
}

/// The input in the type that the result has: `dtype`, else floats stay and the others become int64.
fn promoted(input: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    let own = if input.dtype().has_gradients() { input.dtype() } else { DType::I64 };
    convert::to_dtype(input, dtype.unwrap_or(own))
}

// ---- running sums ----

/// Sums of all elements so far, from the front or, if `reverse`, from the end.
fn running_sum(input: &Tensor, axis: usize, reverse: bool) -> Tensor {
    let array = input.array();
    let complex = array.dtype().is_complex();
    let numbers = if complex && array.ndim() == 0 { array.unsqueeze(0) } else { array.clone() };
    let reals = index::reals(&numbers);
    let (outer, len, inner) = around(reals.shape(), axis);
    let x = convert::plain(&reals, reals.dtype().wide());
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(wide x.dtype(), T => scan::cumsum(outer, len, inner, reverse, x.slice::<T>(), out.slice_mut::<T>()));
    let out = convert::cast(&out, reals.dtype());
    let out = if complex { out.joined().and_then(|out| out.reshape(array.shape())).expect("contiguous") } else { out };
    record("cumsum", out, &[input], move |g, grads| grads.push(|| Ok(running_sum(g, axis, !reverse))))
}

/// The sums of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
/// `dtype` converts the input first. Sums of float32 are accumulated in float64.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.cumsum(rt.tensor([[1, 2, 3], [4, 5, 6]]), dim=1)
/// tensor([[ 1,  3,  6],
///         [ 4,  9, 15]])
#[op(at = [rutile, Tensor], sig = (input, dim, *, dtype=None), samples = dtype_samples, inplace, complex)]
pub fn cumsum(input: &Tensor, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
    let axis = normalize_axis("cumsum", dim, input.ndim())?;
    Ok(running_sum(&promoted(input, dtype)?, axis, false))
}

// ---- linear recurrences ----

/// `input` moved by one place along `axis`, towards the end if `forward`; `fill` takes the free place.
fn shift(input: &Tensor, axis: usize, forward: bool, fill: f64) -> Tensor {
    let array = input.array();
    let out = convert::filled(array.dtype(), array.shape(), fill.into());
    if let Some(rest) = array.shape().get(axis).and_then(|n| n.checked_sub(1)) {
        let (from, to) = if forward { (0, 1) } else { (1, 0) };
        if rest > 0 {
            convert::copy_into(&array.narrow(axis, from, rest, 1), &out.narrow(axis, to, rest, 1));
        }
    }
    record("shift", out, &[input], move |g, grads| grads.push(|| Ok(shift(g, axis, !forward, 0.0))))
}

/// `s[k] = b[k] + a[k] * s[k - 1]` along `axis`, or with `s[k + 1]` if `reverse`. Both have one shape and dtype, a float.
fn recurrence(b: &Tensor, a: &Tensor, axis: usize, reverse: bool) -> Tensor {
    let (b_array, dtype) = (b.array(), b.dtype());
    let (outer, len, inner) = around(b_array.shape(), axis);
    let [x, factors] = [&b_array, &a.array()].map(|array| convert::plain(array, dtype.compute()));
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(reals x.dtype(), T => {
        scan::recurrence(outer, len, inner, reverse, [x.slice::<T>(), factors.slice::<T>()], out.slice_mut::<T>());
    });
    let out = convert::cast(&out, dtype);
    let (factors, solution) = (a.save(), Saved::from_output(&out));
    record("recurrence", out, &[b, a], move |g, grads| {
        // The adjoint runs the other way, with the factors of the neighbours.
        let (a, s) = (factors.get_for(grads)?, solution.output(grads, 0)?);
        let adjoint = recurrence(g, &shift(&a, axis, reverse, 0.0), axis, !reverse);
        grads.push(|| Ok(adjoint.clone()))?;
        grads.push(|| arith::mul(&adjoint, &shift(&s, axis, !reverse, 0.0)))
    })
}

// ---- running products ----

/// The products of all elements so far along axis `dim`, in a tensor of the same shape. Integers and bool give int64;
/// `dtype` converts the input first. The derivative holds at zeros too.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.cumprod(rt.tensor([1, 2, 3, 4]), dim=0)
/// tensor([ 1,  2,  6, 24])
#[op(at = [rutile, Tensor], sig = (input, dim, *, dtype=None), samples = dtype_samples, inplace, complex)]
pub fn cumprod(input: &Tensor, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
    let input = &promoted(input, dtype)?;
    let array = input.array();
    let axis = normalize_axis("cumprod", dim, array.ndim())?;
    if array.dtype().is_complex() {
        return complex_cumprod(input, axis);
    }
    let (outer, len, inner) = around(array.shape(), axis);
    let x = convert::plain(&array, array.dtype().wide());
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(wide x.dtype(), T => scan::cumprod(outer, len, inner, x.slice::<T>(), out.slice_mut::<T>()));
    let out = convert::cast(&out, array.dtype());
    let (saved, output) = (input.save(), Saved::from_output(&out));
    Ok(record("cumprod", out, &[input], move |g, grads| {
        let (x, y) = (saved.get_for(grads)?, output.output(grads, 0)?);
        grads.push(|| {
            // dL/dx[i] = y[i - 1] * s[i], where s[i] = g[i] + x[i + 1] * s[i + 1].
            let later = recurrence(g, &shift(&x, axis, false, 0.0), axis, true);
            arith::mul(&shift(&y, axis, true, 1.0), &later)
        })
    }))
}

/// Running products of complex numbers, of twice as many numbers in every step (W. D. Hillis and G. L. Steele, Data
/// parallel algorithms, 1986): differentiable at zeros without more ado.
fn complex_cumprod(input: &Tensor, axis: usize) -> Result<Tensor> {
    let n = input.shape().get(axis).copied().unwrap_or(1);
    let (mut out, mut reach) = (convert::clone(input)?, 1);
    while reach < n {
        let part = |at: usize, len: usize| view::slice_axis(&out, axis, at, len, 1);
        let later = arith::mul(&part(reach, n - reach)?, &part(0, n - reach)?)?;
        out = join::cat(&[part(0, reach)?, later], axis as i64)?;
        reach *= 2;
    }
    Ok(out)
}

/// `log(cumsum(exp(input)))` along axis `dim` without overflow. An element of -inf gets the gradient 0.
/// Raises: IndexError if `dim` is out of range; RuntimeError for integers.
///
/// >>> rt.logcumsumexp(rt.zeros(3), dim=0)
/// tensor([0.0000, 0.6931, 1.0986])
#[op(at = [rutile, Tensor], sig = (input, dim), samples = samples, integers = refused)]
pub fn logcumsumexp(input: &Tensor, dim: i64) -> Result<Tensor> {
    let array = input.array();
    if !array.dtype().is_float() {
        fail!(DType, "logcumsumexp: takes floats, not {}", array.dtype());
    }
    let axis = normalize_axis("logcumsumexp", dim, array.ndim())?;
    let (outer, len, inner) = around(array.shape(), axis);
    let x = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(reals x.dtype(), T => scan::logcumsumexp(outer, len, inner, x.slice::<T>(), out.slice_mut::<T>()));
    let out = convert::cast(&out, array.dtype());
    let (saved, output) = (input.save(), Saved::from_output(&out));
    Ok(record("logcumsumexp", out, &[input], move |g, grads| {
        let (x, y) = (saved.get_for(grads)?, output.output(grads, 0)?);
        grads.push(|| {
            // dL/dx[i] = exp(x[i] - y[i]) * s[i], where s[i] = g[i] + exp(y[i] - y[i + 1]) * s[i + 1]: no exponent is
            // positive. Where y is -inf there is nothing yet, and 0 in its place makes exp(-inf) of the differences.
            let nothing = compare::eq(&y, &sums::number(f64::NEG_INFINITY))?;
            let y_finite = compare::select(&nothing, &sums::zero(), &y)?;
            let decay = special::exp(&arith::sub(&y, &shift(&y_finite, axis, false, 0.0), 1.0)?)?;
            // The last decay meets no s: whatever it is, it must not spoil derivatives.
            let decay = shift(&shift(&decay, axis, true, 0.0), axis, false, 0.0);
            let later = recurrence(g, &decay, axis, true);
            arith::mul(&special::exp(&arith::sub(&x, &y_finite, 1.0)?)?, &later)
        })
    }))
}

// ---- running extremes ----

fn extreme<const LARGEST: bool>(input: &Tensor, dim: i64) -> Result<(Tensor, Tensor)> {
    let op = if LARGEST { "cummax" } else { "cummin" };
    let array = input.array();
    let axis = normalize_axis(op, dim, array.ndim())?;
    let (outer, len, inner) = around(array.shape(), axis);
    let x = convert::plain(&array, array.dtype().wide());
    let (values, at) = (Array::uninit(x.dtype(), x.shape()), Array::uninit(DType::I64, x.shape()));
    with_dtype!(wide x.dtype(), T => {
        let run = if LARGEST { scan::cummax::<T> } else { scan::cummin::<T> };
        run(outer, len, inner, x.slice::<T>(), values.slice_mut::<T>(), at.slice_mut::<i64>());
    });
    let values = convert::cast(&values, array.dtype());
    let indices = Tensor::from(at);
    let (at, shape) = (indices.clone(), Shape::from(array.shape()));
    let values = record(op, values, &[input], move |g, grads| {
        grads.push(|| if shape.is_empty() { Ok(g.clone()) } else { index::scatter_back(g, axis, &at, &shape) })
    });
    Ok((values, indices))
}

fn extreme_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct).arg(0),
        Sample::new().values(&[2, 3, 4], Values::Distinct).kw("dim", -2),
        Sample::new().values(&[4, 2], Values::Int(-1, 2)).arg(0),
        Sample::new().tensor(&[]).arg(-1),
        Sample::new().tensor(&[2, 0]).arg(1),
    ]
}

/// The largest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
/// NaN.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.cummax(rt.tensor([1, 3, 2, 3]), dim=0)
/// cummax(values=tensor([1, 3, 3, 3]), indices=tensor([0, 1, 1, 3]))
#[op(at = [rutile, Tensor], sig = (input, dim), samples = extreme_samples, fields = [values, indices])]
pub fn cummax(input: &Tensor, dim: i64) -> Result<(Tensor, Tensor)> {
    extreme::<true>(input, dim)
}

/// The smallest elements so far along axis `dim`, and their indices (the last of equals). From the first NaN on all are
/// NaN.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.cummin(rt.tensor([3, 1, 2, 1]), dim=0)
/// cummin(values=tensor([3, 1, 1, 1]), indices=tensor([0, 1, 1, 3]))
#[op(at = [rutile, Tensor], sig = (input, dim), samples = extreme_samples, fields = [values, indices])]
pub fn cummin(input: &Tensor, dim: i64) -> Result<(Tensor, Tensor)> {
    extreme::<false>(input, dim)
}

// ---- differences and integrals ----

fn diff_samples() -> Vec<Sample> {
    let floats = Values::Float(-2.0, 2.0);
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[3, 4]).kw("n", 2).kw("dim", 0),
        Sample::new().tensor(&[3, 4]).kw_tensor("prepend", &[3, 1], floats).kw_tensor("append", &[3, 2], floats),
        Sample::new().tensor(&[3]).kw("n", 5),
        Sample::new().values(&[2, 5], Values::Bool),
        Sample::new().tensor(&[0]),
    ]
}

/// All but the last, or all but the first, elements of an axis that has some.
fn neighbours(input: &Tensor, axis: usize) -> Result<[Tensor; 2]> {
    let rest = input.shape()[axis] - 1;
    Ok([view::slice_axis(input, axis, 0, rest, 1)?, view::slice_axis(input, axis, 1, rest, 1)?])
}

/// The `n`-th differences of neighbours along axis `dim`: `input[i + 1] - input[i]`, `n` times. `prepend` and `append`
/// are joined to the input first. Differences of bools say whether they differ.
/// Raises: ValueError if `n` is negative; RuntimeError for a 0-d tensor, or if `prepend` or `append` does not fit.
///
/// >>> rt.diff(rt.tensor([1, 3, 2]))
/// tensor([ 2, -1])
/// >>> rt.diff(rt.tensor([1, 3, 2]), prepend=rt.tensor([0]))
/// tensor([ 1,  2, -1])
#[op(at = [rutile, Tensor], sig = (input, n=1, dim=-1, prepend=None, append=None), samples = diff_samples, complex)]
pub fn diff(input: &Tensor, n: i64, dim: i64, prepend: Option<&Tensor>, append: Option<&Tensor>) -> Result<Tensor> {
    if input.ndim() == 0 {
        fail!(Shape, "diff expects input to be at least one-dimensional, got a 0-d tensor");
    }
    if n < 0 {
        fail!(Value, "diff: order must be non-negative but got {n}");
    }
    let axis = normalize_axis("diff", dim, input.ndim())?;
    let parts: Vec<Tensor> = [prepend, Some(input), append].into_iter().flatten().cloned().collect();
    if let Some(part) = parts.iter().find(|part| part.ndim() != input.ndim()) {
        fail!(
            Shape,
            "diff expects prepend or append to be the same dimension as input: {} axes, got {}",
            input.ndim(),
            part.ndim()
        );
    }
    let mut out = if parts.len() == 1 { input.clone() } else { join::cat(&parts, axis as i64)? };
    let len = out.shape()[axis];
    for _ in 0..n.min(len as i64) {
        let [before, after] = neighbours(&out, axis)?;
        out = match out.dtype() {
            DType::Bool => compare::logical_xor(&after, &before)?,
            _ => arith::sub(&after, &before, 1.0)?,
        };
    }
    Ok(out)
}

fn trapezoid_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[3, 4]).kw("dx", 0.5).kw("dim", 0),
        Sample::new().tensor(&[3, 4]).tensor(&[4]),
        Sample::new().tensor(&[3, 4]).tensor(&[3, 4]).kw("dim", 0),
        Sample::new().tensor(&[1]),
        Sample::new().tensor(&[0]),
    ]
}

/// The areas of the trapezoids between neighbours along `axis`.
fn areas(op: &str, y: &Tensor, x: Option<&Tensor>, dx: Arg, dim: i64) -> Result<(Tensor, usize)> {
    let shape = y.shape();
    if shape.is_empty() {
        fail!(Index, "{op}: Dimension specified as {dim} but tensor has no dimensions");
    }
    let axis = normalize_axis(op, dim, shape.len())?;
    if shape[axis] == 0 {
        let float = if y.dtype().has_gradients() { y.dtype() } else { DType::default_float() };
        return Ok((convert::to_dtype(y, float)?, axis));
    }
    // As in PyTorch: only whole integrals with even steps are summed in int64.
    let whole = op == "trapezoid" && x.is_none();
    let [before, after] = neighbours(&if whole { promoted(y, None)? } else { y.clone() }, axis)?;
    let both = arith::add(&before, &after, 1.0)?;
    let width = match (x, dx) {
        (Some(_), dx) if !matches!(dx, Arg::None) => fail!(Type, "{op}(): give either x or dx, not both"),
        (None, Arg::None) => sums::one(),
        (None, Arg::Int(dx)) => Tensor::from(Array::wrapped(Scalar::Int(dx))),
        (None, Arg::Float(dx)) => sums::number(dx),
        (None, Arg::Tensor(dx)) if dx.ndim() == 0 => dx,
        (None, _) => fail!(Type, "{op}(): argument 'dx' must be a number"),
        (Some(x), _) => {
            let points = x.shape();
            let x_axis = if points.len() == 1 { Some(0) } else { (axis + points.len()).checked_sub(shape.len()) };
            let Some(x_axis) = x_axis.filter(|&at| points.get(at) == Some(&shape[axis])) else {
                fail!(
                    Shape,
                    "{op}: There must be one `x` value for each sample point: y is {:?}, x is {:?}, along axis {axis}",
                    &shape[..],
                    &points[..]
                );
            };
            let [left, right] = neighbours(x, x_axis)?;
            let widths = arith::sub(&right, &left, 1.0)?;
            let mut aligned = Shape::from_elem(1, shape.len());
            aligned[axis] = shape[axis] - 1;
            if points.len() == 1 { view::reshape_to(&widths, &aligned)? } else { widths }
        }
    };
    Ok((arith::true_divide(&arith::mul(&both, &width)?, &sums::number(2.0))?, axis))
}

/// The integral of the samples `y` along axis `dim` by the trapezoidal rule. `x` has the places of the samples: 1-d, or
/// of a shape that broadcasts; without it they are `dx` apart (1).
/// Raises: RuntimeError if `x` does not fit; TypeError for both `x` and `dx`.
///
/// >>> rt.trapezoid(rt.tensor([1.0, 5.0, 10.0]), rt.tensor([1.0, 3.0, 6.0]))
/// tensor(28.5000)
#[op(at = [rutile], alias = [trapz], sig = (y, x=None, *, dx=None, dim=-1), samples = trapezoid_samples, complex)]
pub fn trapezoid(y: &Tensor, x: Option<&Tensor>, dx: Arg, dim: i64) -> Result<Tensor> {
    let (areas, axis) = areas("trapezoid", y, x, dx, dim)?;
    let total = reduce::sum(&areas, Some([axis as i64].into_iter().collect()), false, None)?;
    // Of no samples PyTorch gives zeros in their own type.
    if y.shape()[axis] == 0 { convert::to_dtype(&total, y.dtype()) } else { Ok(total) }
}

/// The integral of the samples `y` up to each of them but the first, along axis `dim`; otherwise as `trapezoid`.
///
/// >>> rt.cumulative_trapezoid(rt.tensor([1.0, 5.0, 10.0]))
/// tensor([ 3.0000, 10.5000])
#[op(at = [rutile], sig = (y, x=None, *, dx=None, dim=-1), samples = trapezoid_samples, complex)]
pub fn cumulative_trapezoid(y: &Tensor, x: Option<&Tensor>, dx: Arg, dim: i64) -> Result<Tensor> {
    let (areas, axis) = areas("cumulative_trapezoid", y, x, dx, dim)?;
    cumsum(&areas, axis as i64, None)
}
