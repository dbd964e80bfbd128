//! Comparisons, logic, bits, and choices.

// The comparisons are written once for all dtypes, and bool is one of them.
#![allow(clippy::bool_comparison)]

use super::convert;
use super::formula::no_complex;
use super::registry::{Arg, Sample, Value, Values};
use super::{arith, sums};
use crate::array::{Array, DType, broadcast_shapes, result_type};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, map};
use rutile_macros::op;

fn compare_samples() -> Vec<Sample> {
    let small = Values::Int(-2, 3);
    vec![
        Sample::new().tensor(&[3, 4]).tensor(&[3, 4]),
        Sample::new().values(&[2, 3], small).values(&[3], small),
        Sample::new().values(&[3], small).arg(Arg::Float(0.5)),
        Sample::new().tensor(&[0]).tensor(&[0]),
    ]
}

/// Two operands of one dtype and shape.
fn align(op: &str, a: &Tensor, b: &Tensor) -> Result<(Array, Array)> {
    let (a, b) = (a.array(), b.array());
    let dtype = result_type(&[&a, &b]);
    let shape = broadcast_shapes(op, a.shape(), b.shape())?;
    Ok((convert::cast(&a, dtype).expand(op, &shape)?, convert::cast(&b, dtype).expand(op, &shape)?))
}

/// `f` over the elements of two operands, in their common type; the result is bool.
macro_rules! predicate {
    ($op:literal, $a:expr, $b:expr, $f:expr) => {{
        let (a, b) = align($op, $a, $b)?;
        if a.dtype().is_complex() {
            return Err(no_complex($op, a.dtype()));
        }
        let out = Array::uninit(DType::Bool, a.shape());
        with_dtype!(a.dtype(), T => map::zip(a.view::<T>(), b.view::<T>(), out.view_mut::<bool>(), $f));
        Ok(Tensor::from(out))
    }};
}

/// `eq` of real and imaginary parts, if either operand is complex.
fn parts_equal(op: &str, a: &Tensor, b: &Tensor) -> Result<Option<Tensor>> {
    if !a.dtype().is_complex() && !b.dtype().is_complex() {
        return Ok(None);
    }
    let (a, b) = align(op, a, b)?;
    let part = |which| eq(&a.part(which).into(), &b.part(which).into());
    bitwise_and(&part(0)?, &part(1)?).map(Some)
}

/// `input == other`, element by element, with broadcasting. NaN equals nothing.
///
/// >>> rt.eq(rt.tensor([1, 2, 3]), rt.tensor([1, 0, 3]))
/// tensor([ True, False,  True])
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, inplace, complex)]
pub fn eq(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    if let Some(equal) = parts_equal("eq", input, other)? {
        return Ok(equal);
    }
    predicate!("eq", input, other, |a, b| a == b)
}

/// `input != other`, element by element, with broadcasting. NaN differs from everything.
///
/// >>> rt.ne(rt.tensor([1, 2, 3]), 2)
/// tensor([ True, False,  True])
#[op(at = [rutile, Tensor], alias = [not_equal], sig = (input, other), samples = compare_samples, no_grad, inplace, complex)]
pub fn ne(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    if let Some(equal) = parts_equal("ne", input, other)? {
        return bitwise_not(&equal);
    }
    predicate!("ne", input, other, |a, b| a != b)
}

/// `input < other`, element by element, with broadcasting.
///
/// >>> rt.lt(rt.tensor([1, 2, 3]), 2)
/// tensor([ True, False, False])
#[op(at = [rutile, Tensor], alias = [less], sig = (input, other), samples = compare_samples, no_grad, inplace)]
pub fn lt(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("lt", input, other, |a, b| a < b)
}

/// `input <= other`, element by element, with broadcasting.
///
/// >>> rt.le(rt.tensor([1, 2, 3]), 2)
/// tensor([ True,  True, False])
#[op(at = [rutile, Tensor], alias = [less_equal], sig = (input, other), samples = compare_samples, no_grad, inplace)]
pub fn le(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("le", input, other, |a, b| a <= b)
}

/// `input > other`, element by element, with broadcasting.
///
/// >>> rt.gt(rt.tensor([1, 2, 3]), 2)
/// tensor([False, False,  True])
#[op(at = [rutile, Tensor], alias = [greater], sig = (input, other), samples = compare_samples, no_grad, inplace)]
pub fn gt(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("gt", input, other, |a, b| a > b)
}

/// `input >= other`, element by element, with broadcasting.
///
/// >>> rt.ge(rt.tensor([1, 2, 3]), 2)
/// tensor([False,  True,  True])
#[op(at = [rutile, Tensor], alias = [greater_equal], sig = (input, other), samples = compare_samples, no_grad, inplace)]
pub fn ge(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("ge", input, other, |a, b| a >= b)
}

/// True where both are not zero; with broadcasting.
///
/// >>> rt.logical_and(rt.tensor([0.0, 1.5, -2.0]), rt.tensor([1, 1, 0]))
/// tensor([False,  True, False])
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, inplace, complex)]
pub fn logical_and(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("logical_and", &truthy(input), &truthy(other), |a, b| a.to_f64() != 0.0 && b.to_f64() != 0.0)
}

/// True where either is not zero; with broadcasting.
///
/// >>> rt.logical_or(rt.tensor([0.0, 1.5, 0.0]), rt.tensor([1, 1, 0]))
/// tensor([ True,  True, False])
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, inplace, complex)]
pub fn logical_or(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("logical_or", &truthy(input), &truthy(other), |a, b| a.to_f64() != 0.0 || b.to_f64() != 0.0)
}

/// True where just one is not zero; with broadcasting.
///
/// >>> rt.logical_xor(rt.tensor([0.0, 1.5, -2.0]), rt.tensor([1, 1, 0]))
/// tensor([ True, False,  True])
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, inplace, complex)]
pub fn logical_xor(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    predicate!("logical_xor", &truthy(input), &truthy(other), |a, b| (a.to_f64() != 0.0) != (b.to_f64() != 0.0))
}

fn unary_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]), Sample::new().values(&[3], Values::Int(-1, 2)), Sample::new().tensor(&[0])]
}

macro_rules! test {
    ($input:expr, $f:expr) => {{
        let a = $input.array();
        let out = Array::uninit(DType::Bool, a.shape());
        with_dtype!(a.dtype(), T => map::each(a.view::<T>(), out.view_mut::<bool>(), $f));
        Ok(Tensor::from(out))
    }};
}

/// Of complex numbers: what is true of either part, or of both.
macro_rules! by_parts {
    ($input:expr, $test:ident, $join:ident) => {
        if $input.dtype().is_complex() {
            let array = $input.array();
            return $join(&$test(&array.part(0).into())?, &$test(&array.part(1).into())?);
        }
    };
}

/// Truth values in place of complex numbers.
pub(super) fn truthy(input: &Tensor) -> Tensor {
    if input.dtype().is_complex() { Tensor::from(convert::cast(&input.array(), DType::Bool)) } else { input.clone() }
}

/// True where zero.
///
/// >>> rt.logical_not(rt.tensor([0, 1, -2]))
/// tensor([ True, False, False])
#[op(at = [rutile, Tensor], sig = (input), samples = unary_samples, no_grad, inplace, complex)]
pub fn logical_not(input: &Tensor) -> Result<Tensor> {
    test!(truthy(input), |x| x.to_f64() == 0.0)
}

/// True where not a number; of complex numbers, where either part is not.
///
/// >>> rt.isnan(rt.tensor([1.0, rt.nan, rt.inf]))
/// tensor([False,  True, False])
#[op(at = [rutile, Tensor], sig = (input), samples = unary_samples, no_grad, complex)]
pub fn isnan(input: &Tensor) -> Result<Tensor> {
    by_parts!(input, isnan, bitwise_or);
    test!(input, |x| x.to_f64().is_nan())
}

/// True where infinite, of either sign; of complex numbers, where either part is.
///
/// >>> rt.isinf(rt.tensor([1.0, rt.nan, -rt.inf]))
/// tensor([False, False,  True])
#[op(at = [rutile, Tensor], sig = (input), samples = unary_samples, no_grad, complex)]
pub fn isinf(input: &Tensor) -> Result<Tensor> {
    by_parts!(input, isinf, bitwise_or);
    test!(input, |x| x.to_f64().is_infinite())
}

/// True where neither infinite nor NaN; of complex numbers, where neither part is.
///
/// >>> rt.isfinite(rt.tensor([1.0, rt.nan, -rt.inf]))
/// tensor([ True, False, False])
#[op(at = [rutile, Tensor], sig = (input), samples = unary_samples, no_grad, complex)]
pub fn isfinite(input: &Tensor) -> Result<Tensor> {
    by_parts!(input, isfinite, bitwise_and);
    test!(input, |x| x.to_f64().is_finite())
}

fn close_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[3, 4]), Sample::new().tensor(&[3]).tensor(&[]).kw("atol", 2.5)]
}

/// True where `|input - other| <= atol + rtol * |other|`, with broadcasting; `equal_nan` lets NaN equal NaN. Infinities
/// are close to themselves only.
///
/// >>> rt.isclose(rt.tensor([100.0, 1.0]), rt.tensor([100.0001, 1.1]))
/// tensor([ True, False])
#[op(at = [rutile, Tensor], sig = (input, other, rtol=1e-5, atol=1e-8, equal_nan=false), samples = close_samples, no_grad, complex)]
pub fn isclose(input: &Tensor, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<Tensor> {
    for (name, tolerance) in [("rtol", rtol), ("atol", atol)] {
        if tolerance < 0.0 || tolerance.is_nan() {
            fail!(Value, "isclose: {name} must be greater than or equal to zero, but got {tolerance}");
        }
    }
    if input.dtype().is_complex() || other.dtype().is_complex() {
        return near(input, other, rtol, atol, equal_nan);
    }
    predicate!("isclose", input, other, move |a, b| {
        let (a, b) = (a.to_f64(), b.to_f64());
        a == b || (equal_nan && a.is_nan() && b.is_nan()) || ((a - b).abs() <= atol + rtol * b.abs() && b.is_finite())
    })
}

/// [`isclose`] of complex numbers, by their distance.
fn near(a: &Tensor, b: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<Tensor> {
    let (a, b) = (&a.detach(), &b.detach());
    let distance = arith::abs(&arith::sub(a, b, 1.0)?)?;
    let allowed = arith::add(&sums::number(atol), &arith::abs(b)?, rtol)?;
    let mut close = bitwise_and(&le(&distance, &allowed)?, &isfinite(&distance)?)?;
    if equal_nan {
        close = bitwise_or(&close, &bitwise_and(&isnan(a)?, &isnan(b)?)?)?;
    }
    bitwise_or(&close, &eq(a, b)?)
}

/// Whether all elements are close: a Python bool; see `isclose`.
///
/// >>> rt.allclose(rt.tensor([1.0, 2.0]), rt.tensor([1.0, 2.000001]))
/// True
#[op(at = [rutile, Tensor], sig = (input, other, rtol=1e-5, atol=1e-8, equal_nan=false), samples = close_samples, no_grad, complex)]
pub fn allclose(input: &Tensor, other: &Tensor, rtol: f64, atol: f64, equal_nan: bool) -> Result<bool> {
    let close = isclose(input, other, rtol, atol, equal_nan)?.array();
    Ok(close.slice::<bool>().iter().all(|&close| close))
}

/// Whether both have the same shape and elements: a Python bool. Nothing broadcasts, and NaN equals nothing.
///
/// >>> rt.equal(rt.tensor([1, 2]), rt.tensor([1, 2]))
/// True
/// >>> rt.equal(rt.tensor([1, 2]), rt.tensor([[1, 2]]))
/// False
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, complex)]
pub fn equal(input: &Tensor, other: &Tensor) -> Result<bool> {
    if input.shape() != other.shape() {
        return Ok(false);
    }
    Ok(eq(input, other)?.array().slice::<bool>().iter().all(|&same| same))
}

/// Where two are equal, or both NaN.
pub fn same(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    predicate!("same", a, b, |a, b| {
        let (a, b) = (a.to_f64(), b.to_f64());
        a == b || (a.is_nan() && b.is_nan())
    })
}

// ---- bits ----

fn bit_samples() -> Vec<Sample> {
    let (ints, bits) = (Values::Int(0, 100), Values::Bool);
    vec![Sample::new().values(&[3, 4], ints).values(&[4], ints), Sample::new().values(&[3], bits).values(&[3], bits)]
}

macro_rules! bits {
    ($op:literal, $a:expr, $b:expr, $f:expr) => {{
        let (a, b) = align($op, $a, $b)?;
        if a.dtype().has_gradients() {
            fail!(DType, "{}: takes integers and bool, not {}", $op, a.dtype());
        }
        let out = Array::uninit(a.dtype(), a.shape());
        with_dtype!(ints a.dtype(), T => map::zip(a.view::<T>(), b.view::<T>(), out.view_mut::<T>(), |a: T, b: T| {
            let f: fn(i64, i64) -> i64 = $f;
            T::from_i64(f(a.to_i64(), b.to_i64()))
        }));
        Ok(Tensor::from(out))
    }};
}

/// The bits set in both: `input & other` with broadcasting; logical and of bools.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_and(rt.tensor([12, 7]), 10)
/// tensor([8, 2])
#[op(at = [rutile, Tensor], sig = (input, other), samples = bit_samples, no_grad, inplace)]
pub fn bitwise_and(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    bits!("bitwise_and", input, other, |a, b| a & b)
}

/// The bits set in either: `input | other` with broadcasting; logical or of bools.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_or(rt.tensor([12, 7]), 10)
/// tensor([14, 15])
#[op(at = [rutile, Tensor], sig = (input, other), samples = bit_samples, no_grad, inplace)]
pub fn bitwise_or(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    bits!("bitwise_or", input, other, |a, b| a | b)
}

/// The bits set in just one: `input ^ other` with broadcasting; logical exclusive or of bools.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_xor(rt.tensor([12, 7]), 10)
/// tensor([ 6, 13])
#[op(at = [rutile, Tensor], sig = (input, other), samples = bit_samples, no_grad, inplace)]
pub fn bitwise_xor(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    bits!("bitwise_xor", input, other, |a, b| a ^ b)
}

fn not_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Int(0, 100)), Sample::new().values(&[3], Values::Bool)]
}

/// All bits inverted, `~input`: `-input - 1` of signed integers; logical not of bools.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_not(rt.tensor([0, 1, -5]))
/// tensor([-1, -2,  4])
/// >>> rt.bitwise_not(rt.tensor([True, False]))
/// tensor([False,  True])
#[op(at = [rutile, Tensor], sig = (input), samples = not_samples, no_grad, inplace)]
pub fn bitwise_not(input: &Tensor) -> Result<Tensor> {
    let a = input.array();
    if a.dtype().is_float() {
        fail!(DType, "bitwise_not: takes integers and bool, not {}", a.dtype());
    }
    let out = Array::uninit(a.dtype(), a.shape());
    if a.dtype() == DType::Bool {
        map::each(a.view::<bool>(), out.view_mut::<bool>(), |x: bool| !x);
    } else {
        with_dtype!(ints a.dtype(), T => map::each(a.view::<T>(), out.view_mut::<T>(), |x: T| T::from_i64(!x.to_i64())));
    }
    Ok(Tensor::from(out))
}

// ---- choices ----

/// `yes` where `mask`, else `no`, broadcast; differentiable by both.
pub fn select(mask: &Tensor, yes: &Tensor, no: &Tensor) -> Result<Tensor> {
    let (a, b) = (yes.array(), no.array());
    let dtype = result_type(&[&a, &b]);
    let mask_array = mask.array();
    let shape = broadcast_shapes("where", &broadcast_shapes("where", a.shape(), b.shape())?, mask_array.shape())?;
    let fit = |array: &Array, dtype| convert::cast(array, dtype).expand("where", &shape);
    let (m, a, b) = (fit(&mask_array, DType::Bool)?, fit(&a, dtype)?, fit(&b, dtype)?);
    let out = Array::uninit(dtype, &shape);
    let pick = |a: &Array, b: &Array, out: &Array| {
        with_dtype!(out.dtype(), T => map::select(m.view::<bool>(), a.view::<T>(), b.view::<T>(), out.view_mut::<T>()));
    };
    if dtype.is_complex() {
        [0, 1].into_iter().for_each(|part| pick(&a.part(part), &b.part(part), &out.part(part)));
    } else {
        pick(&a, &b, &out);
    }
    let mask = mask.detach();
    Ok(record("where", out, &[yes, no], move |g, grads| {
        grads.push(|| select(&mask, g, &sums::zero()))?;
        grads.push(|| select(&mask, &sums::zero(), g))
    }))
}

fn where_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Bool).tensor(&[3, 4]).tensor(&[3, 4]),
        Sample::new().values(&[3, 1], Values::Bool).tensor(&[4]).tensor(&[]),
        Sample::new().values(&[3, 4], Values::Int(-1, 2)),
    ]
}

/// `input` where `condition` (bool) holds, else `other`; all three broadcast, and both tensors get gradients. With
/// `condition` alone, the indices of what is not zero, one tensor an axis, as `nonzero(as_tuple=True)`.
/// Raises: RuntimeError if `condition` is not bool.
///
/// >>> x = rt.tensor([-1.0, 2.0, -3.0])
/// >>> rt.where(x > 0, x, 0.0)
/// tensor([0., 2., 0.])
/// >>> rt.where(x < 0)
/// (tensor([0, 2]),)
#[op(name = "where", at = [rutile], sig = (condition, input=None, other=None), samples = where_samples, returns = "Tensor", complex)]
pub fn where_(condition: &Tensor, input: Option<&Tensor>, other: Option<&Tensor>) -> Result<Value> {
    let (input, other) = match (input, other) {
        (Some(input), Some(other)) => (input, other),
        (None, None) => return super::index::nonzero(condition, true),
        _ => fail!(Type, "where() takes a condition alone, or with both input and other"),
    };
    if condition.dtype() != DType::Bool {
        fail!(DType, "where: condition must be bool, not {}; compare it with something first", condition.dtype());
    }
    select(condition, input, other).map(Value::Tensor)
}

fn masked_fill_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3, 4], Values::Bool).arg(-1.5),
        Sample::new().tensor(&[2, 3, 4]).values(&[3, 1], Values::Bool).arg(0.0),
    ]
}

/// `input` with `value`, a number or a 0-d tensor, written where `mask` (bool, broadcast) holds.
/// Raises: RuntimeError if `mask` is not bool, or `value` has axes.
///
/// >>> x = rt.tensor([[1.0, 2.0], [3.0, 4.0]])
/// >>> rt.masked_fill(x, x > 2, -1.0)
/// tensor([[ 1.,  2.],
///         [-1., -1.]])
#[op(at = [rutile, Tensor], sig = (input, mask, value), samples = masked_fill_samples, inplace, complex)]
pub fn masked_fill(input: &Tensor, mask: &Tensor, value: &Tensor) -> Result<Tensor> {
    if mask.dtype() != DType::Bool {
        fail!(DType, "masked_fill only supports boolean masks, but got mask with dtype {}", mask.dtype());
    }
    let value = convert::for_writing("masked_fill", value, input.dtype())?;
    if value.ndim() != 0 {
        fail!(Shape, "masked_fill: value must be a number or a 0-d tensor, got {:?}", &value.shape()[..]);
    }
    select(mask, &value, input)
}
