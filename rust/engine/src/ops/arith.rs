//! Arithmetic.

use super::formula::{lit, no_complex, select};
use super::registry::{Arg, Sample, Values};
use super::{convert, special, sums};
use crate::array::{Array, DType, broadcast_shapes, result_type};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, map};
use rutile_macros::{formulas, op};

formulas! {
    /// `input + alpha * other`, element by element, with broadcasting and type promotion. Bools add up as `or`.
    ///
    /// >>> rt.add(rt.tensor([[1], [2]]), rt.tensor([10, 20]), alpha=2)
    /// tensor([[21, 41],
    ///         [22, 42]])
    /// >>> rt.add(rt.tensor([1, 2]), 0.5)
    /// tensor([1.5000, 2.5000])
    add(a, b; *, alpha = 1.0) = a + b * alpha;
        int = a.wrapping_add(b.wrapping_mul(alpha as i64));
        complex = parts;
        grad(g) = g, g * alpha;
        at = [rutile, Tensor];
    /// `input - alpha * other`, element by element, with broadcasting and type promotion.
    /// Raises: RuntimeError if both are bool; `^` or `logical_xor` is meant then.
    ///
    /// >>> rt.sub(rt.tensor([5, 7]), rt.tensor([1, 2]), alpha=2)
    /// tensor([3, 3])
    sub(a, b; *, alpha = 1.0) = a - b * alpha;
        int = a.wrapping_sub(b.wrapping_mul(alpha as i64));
        complex = parts;
        grad(g) = g, g * (-alpha);
        at = [rutile, Tensor];
        alias = [subtract];
    /// `input * other`, element by element, with broadcasting and type promotion.
    ///
    /// >>> rt.mul(rt.tensor([[1], [2]]), rt.tensor([3.0, 4.0]))
    /// tensor([[3., 4.],
    ///         [6., 8.]])
    mul(a, b) = a * b;
        int = a.wrapping_mul(b);
        complex = product;
        grad(g) = g * b, g * a;
        at = [rutile, Tensor];
        alias = [multiply];
    /// `input / other` in floats, with broadcasting; `x / 0` is infinite, `0 / 0` NaN.
    ///
    /// >>> rt.true_divide(rt.tensor([3, -1, 0]), rt.tensor([2, 0, 0]))
    /// tensor([1.5000,   -inf,    nan])
    true_divide(a, b) = a / b => y;
        complex = quotient;
        grad(g) = g / b, -(g * y) / b;
        at = [rutile, Tensor];
        domain = -2.0..2.0, 0.5..2.0;
    /// `floor(input / other)` in floats; the kernel of `div(rounding_mode="floor")`.
    divide_floor(a, b) = (a / b).floor();
        int = if b == 0 { 0 } else { floor_quotient(a, b) };
        grad(g) = g * 0.0, g * 0.0;
        domain = -2.0..2.0, 0.5..2.0;
    /// `trunc(input / other)`; the kernel of `div(rounding_mode="trunc")`.
    divide_trunc(a, b) = (a / b).trunc();
        int = if b == 0 { 0 } else { a.wrapping_div(b) };
        grad(g) = g * 0.0, g * 0.0;
        domain = -2.0..2.0, 0.5..2.0;
    /// The remainder with the sign of the divisor; the kernel of [`remainder()`].
    modulo(a, b) = a - (a / b).floor() * b;
        int = if b == 0 { 0 } else { a.wrapping_sub(floor_quotient(a, b).wrapping_mul(b)) };
        grad(g) = g, -g * (a / b).floor();
        domain = -2.0..2.0, 0.5..2.0;
    /// The remainder with the sign of the dividend; the kernel of [`fmod()`].
    modulo_trunc(a, b) = a - (a / b).trunc() * b;
        int = if b == 0 { 0 } else { a.wrapping_rem(b) };
        grad(g) = g, -g * (a / b).trunc();
        domain = -2.0..2.0, 0.5..2.0;
    /// `input` to the power `exponent`; the kernel of [`pow()`].
    power(a, b) = a.pow(b) => y;
        int = integer_power(a, b);
        complex = |a, b| super::complex::power(a, b);
        grad(g) = select(b.eq(lit(0.0)), lit(0.0), g * b * a.pow(b - 1.0)),
                  select(a.eq(lit(0.0)) & b.ge(lit(0.0)), lit(0.0), g * y * a.ln());
        domain = 0.3..2.0, -2.0..2.0;
        wide;
    /// `-input`.
    /// Raises: RuntimeError for bools; `~` or `logical_not` is meant then.
    ///
    /// >>> rt.neg(rt.tensor([1, -2, 0]))
    /// tensor([-1,  2,  0])
    neg(x) = -x;
        int = x.wrapping_neg();
        complex = parts;
        grad(g) = -g;
        at = [rutile, Tensor];
        alias = [negative];
    /// `|input|`, of complex numbers their length. The derivative at 0 is 0.
    ///
    /// >>> rt.abs(rt.tensor([-3, 2]))
    /// tensor([3, 2])
    /// >>> rt.abs(rt.tensor([3 + 4j]))
    /// tensor([5.])
    abs(x) = x.abs();
        int = x.wrapping_abs();
        complex = |x| super::complex::absolute(x);
        grad(g) = select(x.eq(lit(0.0)), lit(0.0), g * lit::<M>(1.0).copysign(x));
        at = [rutile, Tensor];
        alias = [absolute];
    /// -1, 0 or 1 by the sign of `input`. The derivative is 0. Complex numbers have `sgn`.
    ///
    /// >>> rt.sign(rt.tensor([-2.5, 0.0, 7.0]))
    /// tensor([-1.,  0.,  1.])
    sign(x) = select(x.eq(lit(0.0)), lit(0.0), select(x.eq(x), lit::<M>(1.0).copysign(x), lit(0.0)));
        int = x.signum();
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
    /// `input * input`.
    ///
    /// >>> rt.square(rt.tensor([-2.0, 3.0]))
    /// tensor([4., 9.])
    square(x) = x * x;
        int = x.wrapping_mul(x);
        complex = square;
        grad(g) = g * x * 2.0;
        at = [rutile, Tensor];
    /// The larger of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient.
    ///
    /// >>> rt.maximum(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, 3.0]))
    /// tensor([2., nan, 3.])
    maximum(a, b) = a.max(b);
        int = a.max(b);
        grad(g) = select(a.lt(b), lit(0.0), select(a.eq(b), g * 0.5, g)),
                  select(b.lt(a), lit(0.0), select(a.eq(b), g * 0.5, g));
        at = [rutile, Tensor];
    /// The smaller of two elements; NaN if either is NaN. Where both are equal each gets half of the gradient.
    ///
    /// >>> rt.minimum(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, 3.0]))
    /// tensor([1., nan, 3.])
    minimum(a, b) = a.min(b);
        int = a.min(b);
        grad(g) = select(a.gt(b), lit(0.0), select(a.eq(b), g * 0.5, g)),
                  select(b.gt(a), lit(0.0), select(a.eq(b), g * 0.5, g));
        at = [rutile, Tensor];
    /// `input` limited to `[low, high]`; the kernel of [`clamp()`] for plain bounds.
    limit(x; low, high) = x.max(low).min(high);
        int = x.max(low as i64).min(high as i64);
        grad(g) = select(x.ge(low) & x.le(high), g, lit(0.0));
    /// Linear interpolation, `input + weight * (end - input)`; all three broadcast.
    ///
    /// >>> rt.lerp(rt.tensor([0.0, 10.0]), rt.tensor([4.0, 20.0]), 0.25)
    /// tensor([ 1.0000, 12.5000])
    lerp(a, b, w) = a + w * (b - a);
        complex = |a, b, w| add(a, &mul(w, &sub(b, a, 1.0)?)?, 1.0);
        grad(g) = g - g * w, g * w, g * (b - a);
        at = [rutile, Tensor];
        names = [input, end, weight];
    /// `input + value * tensor1 * tensor2`; the kernel of [`addcmul()`](super::numeric::addcmul).
    product_accumulated(a, b, c; *, value = 1.0) = a + b * c * value;
        complex = |a, b, c| add(a, &mul(b, c)?, value);
        grad(g) = g, g * c * value, g * b * value;
        names = [input, tensor1, tensor2];
    /// `input + value * tensor1 / tensor2`; the kernel of [`addcdiv()`](super::numeric::addcdiv).
    divide_accumulated(a, b, c; *, value = 1.0) = a + b / c * value;
        complex = |a, b, c| add(a, &true_divide(b, c)?, value);
        grad(g) = g, g / c * value, -g * b * value / (c * c);
        names = [input, tensor1, tensor2];
        domain = -2.0..2.0, -2.0..2.0, 0.5..2.0;
}

fn floor_quotient(a: i64, b: i64) -> i64 {
    let quotient = a.wrapping_div(b);
    quotient - i64::from(a.wrapping_rem(b) != 0 && (a < 0) != (b < 0))
}

fn integer_power(base: i64, exponent: i64) -> i64 {
    match u32::try_from(exponent) {
        Ok(exponent) => base.wrapping_pow(exponent),
        // Only 1 and -1 have integer inverses; `pow` has refused the others.
        Err(_) => {
            if base == 1 {
                1
            } else if base == -1 {
                1 - 2 * (exponent & 1)
            } else {
                0
            }
        }
    }
}

/// Whether an integer operation would divide by zero.
fn refuse_zero(op: &str, input: &Tensor, other: &Tensor) -> Result<()> {
    let (a, b) = (input.array(), other.array());
    if result_type(&[&a, &b]).is_complex() {
        return Err(no_complex(op, result_type(&[&a, &b])));
    }
    if !result_type(&[&a, &b]).is_float() && super::convert::any_zero(&b) {
        fail!(Value, "{op}: ZeroDivisionError: integer division by zero");
    }
    Ok(())
}

fn division_samples() -> Vec<Sample> {
    let positive = Values::Float(0.5, 2.0);
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3, 4], positive),
        Sample::new().tensor(&[2, 3]).values(&[3], positive),
        Sample::new().tensor(&[3]).arg(0.7),
    ]
}

fn div_samples() -> Vec<Sample> {
    let mut samples = division_samples();
    let modes = ["floor", "trunc"]
        .map(|mode| Sample::new().tensor(&[3, 4]).values(&[4], Values::Float(0.5, 2.0)).kw("rounding_mode", mode));
    samples.extend(modes);
    samples
}

/// `input / other`, element by element, with broadcasting. `rounding_mode` is None (integers give floats), `"trunc"`
/// (towards zero) or `"floor"` (both: integers stay integers).
/// Raises: ValueError for another mode; RuntimeError if integers are divided by zero with rounding.
///
/// >>> rt.div(rt.tensor([7, -7]), 2)
/// tensor([ 3.5000, -3.5000])
/// >>> rt.div(rt.tensor([7, -7]), 2, rounding_mode="floor")
/// tensor([ 3, -4])
/// >>> rt.div(rt.tensor([7, -7]), 2, rounding_mode="trunc")
/// tensor([ 3, -3])
#[op(at = [rutile, Tensor], alias = [divide], sig = (input, other, *, rounding_mode=None), samples = div_samples, inplace, complex)]
pub fn div(input: &Tensor, other: &Tensor, rounding_mode: Option<&str>) -> Result<Tensor> {
    match rounding_mode {
        None => true_divide(input, other),
        Some("floor") => floor_divide(input, other),
        Some("trunc") => {
            refuse_zero("div", input, other)?;
            divide_trunc(input, other)
        }
        Some(mode) => fail!(Value, "div: rounding_mode must be None, 'trunc' or 'floor', got {mode:?}"),
    }
}

/// A row of two floats by way of f64. Remainders are exact, and those of narrower floats stay so in f64; a formula would
/// begin with a rounded `a / b` and find that `1 % 0.1` is 0.
fn exactly(
    op: &str,
    input: &Tensor,
    other: &Tensor,
    f: impl Fn(f64, f64) -> f64 + Copy + Send + Sync,
) -> Result<Option<Array>> {
    let (a, b) = (input.array(), other.array());
    let dtype = result_type(&[&a, &b]);
    if !dtype.is_float() {
        return Ok(None);
    }
    let shape = broadcast_shapes(op, a.shape(), b.shape())?;
    let fit = |array: &Array| convert::cast(array, dtype).expand(op, &shape);
    let (a, b, out) = (fit(&a)?, fit(&b)?, Array::uninit(dtype, &shape));
    with_dtype!(floats dtype, T => {
        let row = move |a: T, b: T| T::from_f64(f(a.to_f64(), b.to_f64()));
        map::zip(a.view::<T>(), b.view::<T>(), out.view_mut::<T>(), row);
    });
    Ok(Some(out))
}

/// Python's `//` of floats.
fn whole_quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 {
        return a / b;
    }
    let rest = a % b;
    let adjust = rest != 0.0 && (rest < 0.0) != (b < 0.0);
    // Divisible but for rounding, so the nearest integer is meant.
    let quotient = (a - rest) / b - f64::from(u8::from(adjust));
    if quotient == 0.0 { 0.0_f64.copysign(a / b) } else { quotient.round() }
}

/// Python's `%` of floats.
fn signed_remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
}

/// Records a remainder: `input - quotient * other`, where the quotient is constant between its jumps.
fn record_remainder(
    name: &'static str,
    out: Array,
    input: &Tensor,
    other: &Tensor,
    quotient: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Tensor {
    let saved = other.requires_grad().then(|| (input.save(), other.save()));
    record(name, out, &[input, other], move |g, grads| {
        grads.push(|| Ok(g.clone()))?;
        let by_other = match &saved {
            Some((a, b)) if grads.wants(1) => {
                let quotient = quotient(&a.get_for(grads)?.detach(), &b.get_for(grads)?.detach())?;
                Some(neg(&mul(g, &quotient)?)?)
            }
            _ => None,
        };
        grads.push_option(by_other);
        Ok(())
    })
}

/// `floor(input / other)`, as Python's `//`; integers stay integers. Of floats the quotient of the exact division is
/// rounded down: `1 // 0.1` is 9.
/// Raises: RuntimeError if integers are divided by zero.
///
/// >>> rt.floor_divide(rt.tensor([7, -7]), 2)
/// tensor([ 3, -4])
/// >>> rt.floor_divide(rt.tensor([1.0]), 0.1)
/// tensor([9.])
#[op(at = [rutile, Tensor], sig = (input, other), samples = division_samples, inplace)]
pub fn floor_divide(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    refuse_zero("floor_divide", input, other)?;
    match exactly("floor_divide", input, other, whole_quotient)? {
        None => divide_floor(input, other),
        Some(out) => Ok(record("floor_divide", out, &[input, other], |g, grads| {
            grads.push(|| mul(g, &sums::zero()))?;
            grads.push(|| mul(g, &sums::zero()))
        })),
    }
}

/// The remainder of `input / other` with the sign of `other`, as Python's `%`; `input - floor_divide(input, other) *
/// other`.
/// Raises: RuntimeError if integers are divided by zero; floats give NaN.
///
/// >>> rt.remainder(rt.tensor([7, -7]), 3)
/// tensor([1, 2])
#[op(at = [rutile, Tensor], sig = (input, other), samples = division_samples, inplace)]
pub fn remainder(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    refuse_zero("remainder", input, other)?;
    match exactly("remainder", input, other, signed_remainder)? {
        None => modulo(input, other),
        Some(out) => Ok(record_remainder("remainder", out, input, other, floor_divide)),
    }
}

/// The remainder of `input / other` with the sign of `input`, as C's `fmod`.
/// Raises: RuntimeError if integers are divided by zero; floats give NaN.
///
/// >>> rt.fmod(rt.tensor([7, -7]), 3)
/// tensor([ 1, -1])
#[op(at = [rutile, Tensor], sig = (input, other), samples = division_samples, inplace)]
pub fn fmod(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    refuse_zero("fmod", input, other)?;
    match exactly("fmod", input, other, |a, b| a % b)? {
        None => modulo_trunc(input, other),
        Some(out) => Ok(record_remainder("fmod", out, input, other, divide_trunc)),
    }
}

fn pow_samples() -> Vec<Sample> {
    let positive = Values::Float(0.3, 2.0);
    let mut samples: Vec<Sample> = [2.0, 3.0, 0.5, -1.0, 1.7, 0.0, 1.0]
        .into_iter()
        .map(|exponent| Sample::new().values(&[3, 4], positive).arg(exponent))
        .collect();
    samples.push(Sample::new().values(&[2, 3], positive).tensor(&[3]));
    samples.push(Sample::new().arg(1.5).tensor(&[3]));
    samples
}

/// `input` to the power `exponent`, element by element; each is a tensor or a number.
/// Raises: RuntimeError for integers to a negative power.
///
/// >>> rt.pow(rt.tensor([1.0, 2.0, 3.0]), 2)
/// tensor([1., 4., 9.])
/// >>> rt.pow(2, rt.tensor([0, 1, 10]))
/// tensor([   1,    2, 1024])
#[op(at = [rutile, Tensor], sig = (input, exponent), samples = pow_samples, inplace, complex)]
pub fn pow(input: &Tensor, exponent: &Tensor) -> Result<Tensor> {
    let (base, exponents) = (input.array(), exponent.array());
    let real = !exponents.dtype().is_complex();
    if exponents.is_wrapped() && !exponent.requires_grad() && input.dtype().has_gradients() && real {
        let value = exponents.item().to_f64();
        if value == 2.0 {
            return square(input);
        } else if value == 1.0 {
            return mul(input, exponent);
        } else if value == 3.0 {
            return mul(&square(input)?, input);
        } else if value == 0.5 {
            return special::sqrt(input);
        } else if value == -1.0 {
            return special::reciprocal(input);
        }
    }
    if !result_type(&[&base, &exponents]).has_gradients() && super::convert::any_negative(&exponents) {
        fail!(
            Value,
            "pow: Integers to negative integer powers are not allowed. Convert the base from {} to a float dtype.",
            base.dtype()
        );
    }
    power(input, exponent)
}

fn clamp_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).kw("min", -0.5).kw("max", 0.7),
        Sample::new().tensor(&[3, 4]).kw("min", 0.1),
        Sample::new().tensor(&[5]).arg(()).arg(0.3),
        Sample::new().tensor(&[2, 3]).values(&[3], Values::Float(-1.0, 0.0)).values(&[3], Values::Float(0.5, 1.0)),
    ]
}

/// `input` limited to `[min, max]`; either bound may be missing, and each is a number or a tensor that broadcasts.
/// Where `min > max` the result is `max`. The gradient is 0 outside the bounds.
/// Raises: ValueError if both bounds are missing.
///
/// >>> rt.clamp(rt.tensor([-2.0, 0.5, 3.0]), min=-1, max=1)
/// tensor([-1.0000,  0.5000,  1.0000])
/// >>> rt.clamp(rt.tensor([-2.0, 0.5, 3.0]), min=rt.tensor([0.0, 1.0, 2.0]))
/// tensor([0., 1., 3.])
#[op(at = [rutile, Tensor], alias = [clip], sig = (input, min=None, max=None), samples = clamp_samples, inplace)]
pub fn clamp(input: &Tensor, min: Option<&Tensor>, max: Option<&Tensor>) -> Result<Tensor> {
    let plain = |bound: Option<&Tensor>| bound.is_none_or(|bound| bound.with_array(Array::is_wrapped));
    if min.is_none() && max.is_none() {
        fail!(Value, "clamp: At least one of 'min' or 'max' must not be None");
    }
    let whole = |bound: Option<&Tensor>| bound.is_none_or(|bound| !bound.dtype().is_float());
    if plain(min)
        && plain(max)
        && (input.dtype().is_float() || (whole(min) && whole(max) && input.dtype() != DType::Bool))
    {
        let value = |bound: Option<&Tensor>, missing| bound.map_or(missing, |bound| bound.array().item().to_f64());
        return limit(input, value(min, f64::NEG_INFINITY), value(max, f64::INFINITY));
    }
    let low = min.map_or_else(|| Ok(input.clone()), |bound| maximum(input, bound))?;
    max.map_or_else(|| Ok(low.clone()), |bound| minimum(&low, bound))
}

fn clamp_min_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).arg(Arg::Float(-0.4))]
}

/// `input`, but at least `min`, a number or a tensor.
///
/// >>> rt.clamp_min(rt.tensor([-1.0, 2.0]), 0.0)
/// tensor([0., 2.])
#[op(at = [rutile, Tensor], sig = (input, min), samples = clamp_min_samples, inplace)]
pub fn clamp_min(input: &Tensor, min: &Tensor) -> Result<Tensor> {
    clamp(input, Some(min), None)
}

/// `input`, but at most `max`, a number or a tensor.
///
/// >>> rt.clamp_max(rt.tensor([-1.0, 2.0]), 0.0)
/// tensor([-1.,  0.])
#[op(at = [rutile, Tensor], sig = (input, max), samples = clamp_min_samples, inplace)]
pub fn clamp_max(input: &Tensor, max: &Tensor) -> Result<Tensor> {
    clamp(input, None, Some(max))
}
