//! How numbers are made: signs, parts, neighbours, common divisors.

use super::arith::{add, divide_accumulated, mul, product_accumulated, sub};
use super::formula::{lit, select};
use super::registry::{Arg, Sample, Values};
use super::{arith, compare, convert, special};
use crate::array::{Array, DType, Scalar, broadcast_shapes, result_type};
use crate::autograd::{Tensor, record_many};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, map};
use rutile_macros::{formulas, op};

formulas! {
    /// The larger of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient.
    ///
    /// >>> rt.fmax(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, rt.nan]))
    /// tensor([2., 0., 3.])
    fmax(a, b) = select(b.ne(b), a, select(a.ge(b), a, b));
        int = a.max(b);
        grad(g) = select(a.ge(b) | b.ne(b), g, lit(0.0)), select(a.ge(b) | b.ne(b), lit(0.0), g);
        at = [rutile, Tensor];
    /// The smaller of two, broadcast; the other where one is NaN. Where both are equal the first gets the gradient.
    ///
    /// >>> rt.fmin(rt.tensor([1.0, rt.nan, 3.0]), rt.tensor([2.0, 0.0, rt.nan]))
    /// tensor([1., 0., 3.])
    fmin(a, b) = select(b.ne(b), a, select(a.le(b), a, b));
        int = a.min(b);
        grad(g) = select(a.le(b) | b.ne(b), g, lit(0.0)), select(a.le(b) | b.ne(b), lit(0.0), g);
        at = [rutile, Tensor];
    /// Other numbers for NaN and infinities; the kernel of [`nan_to_num()`].
    replace_special(x; nan, posinf, neginf) = select(x.ne(x), nan,
        select(x.eq(lit(f64::INFINITY)), posinf, select(x.eq(lit(f64::NEG_INFINITY)), neginf, x)));
        int = x;
        grad(g) = select(x.ne(x) | x.abs().eq(lit(f64::INFINITY)), lit(0.0), g);
}

fn nan_to_num_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[3]).arg(1.5).arg(2.0).arg(-2.0),
        Sample::new().tensor(&[0]),
    ]
}

/// `input` with other numbers for NaN (`nan`, by default 0), infinity (`posinf`, by default the largest of the dtype)
/// and minus infinity (`neginf`, by default the lowest).
///
/// >>> rt.nan_to_num(rt.tensor([rt.nan, 1.5, rt.inf]), posinf=100.0)
/// tensor([  0.0000,   1.5000, 100.0000])
#[op(at = [rutile, Tensor], sig = (input, nan=None, posinf=None, neginf=None), samples = nan_to_num_samples, inplace)]
pub fn nan_to_num(input: &Tensor, nan: Option<f64>, posinf: Option<f64>, neginf: Option<f64>) -> Result<Tensor> {
    let largest = match input.dtype() {
        DType::F16 => 65504.0,
        DType::BF16 => f64::from(f32::from_bits(0x7f7f_0000)),
        DType::F32 => f64::from(f32::MAX),
        _ => f64::MAX,
    };
    replace_special(input, nan.unwrap_or(0.0), posinf.unwrap_or(largest), neginf.unwrap_or(-largest))
}

fn plain_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]), Sample::new().values(&[3], Values::Int(-3, 3)), Sample::new().tensor(&[0])]
}

/// The tensor itself, what `+x` gives.
/// Raises: RuntimeError for bools, which have no sign.
///
/// >>> +rt.tensor([1.0, -2.0])
/// tensor([ 1., -2.])
#[op(at = [rutile, Tensor], sig = (input), samples = plain_samples, complex)]
pub fn positive(input: &Tensor) -> Result<Tensor> {
    if input.dtype() == DType::Bool {
        fail!(DType, "The `+` operator, on a bool tensor is not supported.");
    }
    Ok(input.clone())
}

macro_rules! test {
    ($input:expr, $f:expr) => {{
        let a = $input.array();
        let out = Array::uninit(DType::Bool, a.shape());
        let f: &(dyn Fn(f64) -> bool + Sync) = &$f;
        with_dtype!(a.dtype(), T => map::each(a.view::<T>(), out.view_mut::<bool>(), |x: T| f(x.to_f64())));
        Ok(Tensor::from(out))
    }};
}

/// True where the sign bit is set, also that of -0.
///
/// >>> rt.signbit(rt.tensor([-1.0, -0.0, 0.0, 2.0]))
/// tensor([ True,  True, False, False])
#[op(at = [rutile, Tensor], sig = (input), samples = plain_samples, no_grad)]
pub fn signbit(input: &Tensor) -> Result<Tensor> {
    test!(input, |x: f64| x.is_sign_negative())
}

/// True where infinite and positive.
///
/// >>> rt.isposinf(rt.tensor([rt.inf, -rt.inf, 1.0]))
/// tensor([ True, False, False])
#[op(at = [rutile, Tensor], sig = (input), samples = plain_samples, no_grad)]
pub fn isposinf(input: &Tensor) -> Result<Tensor> {
    test!(input, |x: f64| x == f64::INFINITY)
}

/// True where infinite and negative.
///
/// >>> rt.isneginf(rt.tensor([rt.inf, -rt.inf, 1.0]))
/// tensor([False,  True, False])
#[op(at = [rutile, Tensor], sig = (input), samples = plain_samples, no_grad)]
pub fn isneginf(input: &Tensor) -> Result<Tensor> {
    test!(input, |x: f64| x == f64::NEG_INFINITY)
}

fn two_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).tensor(&[3, 4]),
        Sample::new().tensor(&[2, 1]).tensor(&[3]),
        Sample::new().tensor(&[0]).tensor(&[0]),
    ]
}

/// Two floats of one dtype, broadcast.
fn aligned(op: &str, a: &Tensor, b: &Tensor) -> Result<(Array, Array, Array)> {
    let (a, b) = (a.array(), b.array());
    let dtype = result_type(&[&a, &b]);
    let shape = broadcast_shapes(op, a.shape(), b.shape())?;
    let fit = |array: &Array| convert::cast(array, dtype).expand(op, &shape);
    Ok((fit(&a)?, fit(&b)?, Array::uninit(dtype, &shape)))
}

/// The step function: 0 where `input` is negative, 1 where positive, `values` where zero; NaN stays. Both broadcast.
/// Raises: RuntimeError if the dtypes differ.
///
/// >>> rt.heaviside(rt.tensor([-1.5, 0.0, 2.0]), rt.tensor([0.5]))
/// tensor([0.0000, 0.5000, 1.0000])
#[op(at = [rutile, Tensor], sig = (input, values), samples = two_samples, no_grad, inplace)]
pub fn heaviside(input: &Tensor, values: &Tensor) -> Result<Tensor> {
    if input.dtype() != values.dtype() {
        fail!(
            DType,
            "heaviside is not yet implemented for tensors with different dtypes: {} and {}",
            input.dtype(),
            values.dtype()
        );
    }
    let (x, v, out) = aligned("heaviside", input, values)?;
    with_dtype!(out.dtype(), T => map::zip(x.view::<T>(), v.view::<T>(), out.view_mut::<T>(), |x: T, v: T| {
        match x.to_f64() {
            0.0 => v,
            x if x.is_nan() => T::from_f64(x),
            x => T::from_i64(i64::from(x > 0.0)),
        }
    }));
    Ok(Tensor::from(out))
}

/// The next number after `input` in the direction of `other`, in the common dtype of both floats.
/// Raises: RuntimeError for integers.
///
/// >>> rt.nextafter(rt.tensor([1.0]), rt.tensor([2.0])) - 1 == rt.finfo(rt.float32).eps
/// tensor([True])
#[op(at = [rutile, Tensor], sig = (input, other), samples = two_samples, no_grad, inplace, integers = refused)]
pub fn nextafter(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let (a, b, out) = aligned("nextafter", input, other)?;
    match out.dtype() {
        DType::F32 => map::zip(a.view::<f32>(), b.view::<f32>(), out.view_mut::<f32>(), libm::nextafterf),
        DType::F64 => map::zip(a.view::<f64>(), b.view::<f64>(), out.view_mut::<f64>(), libm::nextafter),
        dtype @ (DType::F16 | DType::BF16) => {
            // Neighbours differ by one as integers of sign and magnitude.
            let bits = |array: &Array| array.reinterpreted(DType::I16);
            let (x, y) = (convert::contiguous_array(&a), convert::cast(&convert::contiguous_array(&b), DType::F32));
            let wide = convert::cast(&x, DType::F32);
            let pairs = wide.slice::<f32>().iter().zip(y.slice::<f32>());
            let (from, to) = (bits(&x), bits(&out));
            for ((out, &from), (&x, &y)) in to.slice_mut::<i16>().iter_mut().zip(from.slice::<i16>()).zip(pairs) {
                *out = match x.partial_cmp(&y) {
                    None => bits(&convert::filled(dtype, &[], f64::NAN.into())).item().to_i64() as i16,
                    Some(std::cmp::Ordering::Equal) => from,
                    Some(_) if x == 0.0 => {
                        if y < 0.0 {
                            i16::MIN + 1
                        } else {
                            1
                        }
                    }
                    Some(order) => from + if (order == std::cmp::Ordering::Less) == (x > 0.0) { 1 } else { -1 },
                };
            }
        }
        dtype => fail!(DType, "nextafter: takes floats, not {dtype}"),
    }
    Ok(Tensor::from(out))
}

fn ldexp_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).values(&[4], Values::Int(-3, 4)), Sample::new().tensor(&[2]).tensor(&[2])]
}

/// `input * 2**other`; integers give floats.
///
/// >>> rt.ldexp(rt.tensor([1.0, 3.0]), rt.tensor([4, -1]))
/// tensor([16.0000,  1.5000])
#[op(at = [rutile, Tensor], sig = (input, other), samples = ldexp_samples, inplace)]
pub fn ldexp(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let two = Tensor::from(Array::wrapped(Scalar::Float(2.0)));
    let dtype = input.dtype();
    let whole = dtype.is_float() && !other.dtype().is_float();
    let other = if whole { convert::to_dtype(other, dtype)? } else { other.clone() };
    mul(input, &arith::pow(&two, &other)?)
}

fn frexp_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Float(-20.0, 20.0)),
        Sample::new().values(&[], Values::Float(0.0, 1.0)),
        Sample::new().tensor(&[0]),
    ]
}

/// `input` as `mantissa * 2**exponent` with `|mantissa|` in [0.5, 1) and an int32 exponent.
/// Raises: RuntimeError for integers.
///
/// >>> mantissa, exponent = rt.frexp(rt.tensor([1.0, 6.0, -0.25]))
/// >>> mantissa, exponent
/// (tensor([ 0.5000,  0.7500, -0.5000]), tensor([ 1,  3, -1], dtype=rutile.int32))
#[op(at = [rutile, Tensor], sig = (input), samples = frexp_samples, fields = [mantissa, exponent], integers = refused)]
pub fn frexp(input: &Tensor) -> Result<(Tensor, Tensor)> {
    let x = input.array();
    if !x.dtype().is_float() {
        fail!(DType, "frexp: takes floats, not {}", x.dtype());
    }
    let (mantissa, exponent) = (Array::uninit(x.dtype(), x.shape()), Array::uninit(DType::I32, x.shape()));
    with_dtype!(floats x.dtype(), T => {
        map::each(x.view::<T>(), mantissa.view_mut::<T>(), |x: T| T::from_f64(libm::frexp(x.to_f64()).0));
        map::each(x.view::<T>(), exponent.view_mut::<i32>(), |x: T| {
            let x = x.to_f64();
            if x.is_finite() { libm::frexp(x).1 } else { 0 }
        });
    });
    let power = exponent.clone();
    let mut parts = record_many("frexp", vec![mantissa, exponent], &[input], move |g, grads| {
        grads.push(|| match &g[0] {
            Some(g) => {
                let power = convert::to_dtype(&Tensor::from(power.clone()), g.dtype())?;
                arith::true_divide(g, &special::exp2(&power)?)
            }
            None => Ok(super::sums::zero()),
        })
    });
    let exponent = parts.pop().expect("two outputs");
    Ok((parts.pop().expect("two outputs"), exponent))
}

// ---- integers ----

fn whole_samples() -> Vec<Sample> {
    let whole = Values::Int(-30, 30);
    vec![
        Sample::new().values(&[3, 4], whole).values(&[4], whole),
        Sample::new().values(&[3], whole).values(&[], whole),
        Sample::new().values(&[0], whole).values(&[0], whole),
    ]
}

fn integers(op: &'static str, a: &Tensor, b: &Tensor, f: fn(i64, i64) -> i64) -> Result<Tensor> {
    let (a, b, out) = aligned(op, a, b)?;
    if !out.dtype().is_int() {
        fail!(DType, "{op}: takes integers, not {}", out.dtype());
    }
    with_dtype!(ints out.dtype(), T => {
        let f = |a: T, b: T| T::from_i64(f(a.to_i64(), b.to_i64()));
        map::zip(a.view::<T>(), b.view::<T>(), out.view_mut::<T>(), f);
    });
    Ok(Tensor::from(out))
}

fn divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a as i64
}

/// Greatest common divisor of integers, not negative; `gcd(0, 0)` is 0.
/// Raises: RuntimeError for floats.
///
/// >>> rt.gcd(rt.tensor([12, -18, 0]), rt.tensor([8, 12, 5]))
/// tensor([4, 6, 5])
#[op(at = [rutile, Tensor], sig = (input, other), samples = whole_samples, no_grad, inplace)]
pub fn gcd(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    integers("gcd", input, other, divisor)
}

/// Least common multiple of integers, not negative; 0 if one of them is.
/// Raises: RuntimeError for floats.
///
/// >>> rt.lcm(rt.tensor([4, -6, 0]), rt.tensor([6, 4, 5]))
/// tensor([12, 12,  0])
#[op(at = [rutile, Tensor], sig = (input, other), samples = whole_samples, no_grad, inplace)]
pub fn lcm(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    integers("lcm", input, other, |a, b| match divisor(a, b) {
        0 => 0,
        common => (a / common).wrapping_mul(b).wrapping_abs(),
    })
}

fn shift_samples() -> Vec<Sample> {
    let (numbers, places) = (Values::Int(-100, 100), Values::Int(0, 9));
    vec![
        Sample::new().values(&[3, 4], numbers).values(&[4], places),
        Sample::new().values(&[3], numbers).arg(2),
        Sample::new().values(&[0], numbers).values(&[0], places),
    ]
}

/// The bits of integers moved `other` places up, `input * 2**other`; zeros come in. Also `input << other`.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_left_shift(rt.tensor([1, 3, -1]), rt.tensor([4, 1, 2]))
/// tensor([16,  6, -4])
#[op(at = [rutile, Tensor], sig = (input, other), samples = shift_samples, no_grad, inplace)]
pub fn bitwise_left_shift(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    integers("bitwise_left_shift", input, other, |a, b| if (0..64).contains(&b) { a << b } else { 0 })
}

/// The bits of integers moved `other` places down, `floor(input / 2**other)`; copies of the sign come in. Also
/// `input >> other`.
/// Raises: RuntimeError for floats.
///
/// >>> rt.bitwise_right_shift(rt.tensor([16, 7, -8]), rt.tensor([4, 1, 2]))
/// tensor([ 1,  3, -2])
#[op(at = [rutile, Tensor], sig = (input, other), samples = shift_samples, no_grad, inplace)]
pub fn bitwise_right_shift(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    integers("bitwise_right_shift", input, other, |a, b| a >> if (0..64).contains(&b) { b } else { 63 })
}

// ---- sums ----

fn rsub_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[4]), Sample::new().tensor(&[3]).arg(Arg::Float(1.5)).kw("alpha", 2.0)]
}

/// `other - alpha * input`, broadcast.
///
/// >>> rt.rsub(rt.tensor([1, 2]), 10, alpha=2)
/// tensor([8, 6])
#[op(at = [rutile], sig = (input, other, *, alpha=1.0), samples = rsub_samples, complex)]
pub fn rsub(input: &Tensor, other: &Tensor, alpha: f64) -> Result<Tensor> {
    sub(other, input, alpha)
}

fn three_samples() -> Vec<Sample> {
    let away = Values::Float(0.5, 2.0);
    vec![
        Sample::new().tensor(&[3, 4]).tensor(&[3, 4]).values(&[3, 4], away),
        Sample::new().tensor(&[3, 1]).tensor(&[4]).values(&[2, 1, 1], away).kw("value", 2.0),
        Sample::new().tensor(&[2]).tensor(&[]).values(&[2], away).kw("value", -1.0),
        Sample::new().tensor(&[0, 3]).tensor(&[3]).values(&[1], away),
    ]
}

fn all_whole(tensors: &[&Tensor]) -> bool {
    tensors.iter().all(|tensor| !tensor.dtype().has_gradients())
}

/// `input + value * tensor1 * tensor2`; all broadcast.
///
/// >>> rt.addcmul(rt.ones(2), rt.tensor([1.0, 2.0]), rt.tensor([3.0, 4.0]), value=0.1)
/// tensor([1.3000, 1.8000])
#[op(at = [rutile, Tensor], sig = (input, tensor1, tensor2, *, value=1.0), samples = three_samples, inplace, complex)]
pub fn addcmul(input: &Tensor, tensor1: &Tensor, tensor2: &Tensor, value: f64) -> Result<Tensor> {
    if all_whole(&[input, tensor1, tensor2]) {
        return add(input, &mul(tensor1, tensor2)?, value);
    }
    product_accumulated(input, tensor1, tensor2, value)
}

/// `input + value * tensor1 / tensor2`; all broadcast.
/// Raises: RuntimeError if both `tensor1` and `tensor2` hold integers.
///
/// >>> rt.addcdiv(rt.zeros(2), rt.tensor([1.0, 2.0]), rt.tensor([4.0, 8.0]), value=-2)
/// tensor([-0.5000, -0.5000])
#[op(at = [rutile, Tensor], sig = (input, tensor1, tensor2, *, value=1.0), samples = three_samples, inplace, complex, integers = refused)]
pub fn addcdiv(input: &Tensor, tensor1: &Tensor, tensor2: &Tensor, value: f64) -> Result<Tensor> {
    if all_whole(&[tensor1, tensor2]) {
        fail!(
            DType,
            "Integer division with addcdiv is not supported, and both tensors hold {}: write input + value * div(tensor1, tensor2, \
             rounding_mode='trunc'), or convert to floats first",
            tensor1.dtype()
        );
    }
    divide_accumulated(input, tensor1, tensor2, value)
}

fn compare_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).tensor(&[2, 3]), Sample::new().tensor(&[2]).tensor(&[3])]
}

/// Whether both have the same shape.
///
/// >>> rt.is_same_size(rt.zeros(2, 3), rt.ones(3, 2))
/// False
#[op(at = [rutile, Tensor], sig = (input, other), samples = compare_samples, no_grad, complex)]
pub fn is_same_size(input: &Tensor, other: &Tensor) -> Result<bool> {
    Ok(input.shape() == other.shape())
}

fn one_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[]), Sample::new().values(&[1], Values::Int(0, 1))]
}

/// Whether the only element is not zero: what `if tensor:` asks.
/// Raises: RuntimeError if there is not exactly one element.
///
/// >>> rt.is_nonzero(rt.tensor([-0.5])), rt.is_nonzero(rt.tensor(0))
/// (True, False)
#[op(at = [rutile, Tensor], sig = (input), samples = one_samples, no_grad, complex)]
pub fn is_nonzero(input: &Tensor) -> Result<bool> {
    if input.len() != 1 {
        fail!(Unsupported, "Boolean value of Tensor with {} elements is ambiguous; use .any() or .all()", input.len());
    }
    let zero = compare::logical_not(input)?.array().item();
    Ok(zero.to_i64() == 0)
}
