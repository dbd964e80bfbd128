//! Special functions that are computed number by number, in `f64`, and rounded once.

use super::arith::{add, mul, neg, sub, true_divide};
use super::registry::{Arg, Sample, Values};
use super::special::{exp, log, log1p};
use super::{arith, compare, convert, special, sums};
use crate::array::{Array, DType, broadcast_shapes, result_type};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::special::polynomials::{self, Family};
use rutile_kernels::special::{bessel, gamma, normal};
use rutile_kernels::{Element, map};
use rutile_macros::op;
use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, PI};
use std::sync::atomic::{AtomicBool, Ordering};

/// A number that follows its partner's dtype.
fn number(value: f64) -> Tensor {
    Tensor::from(Array::wrapped(value.into()))
}

/// `f` of every element; integers give the default float type.
fn each(input: &Tensor, f: &(dyn Fn(f64) -> f64 + Sync)) -> Array {
    let array = input.array();
    let dtype = if array.dtype().is_float() { array.dtype() } else { DType::default_float() };
    let x = convert::cast(&array, dtype);
    let out = Array::uninit(dtype, x.shape());
    with_dtype!(floats dtype, T => {
        map::each(x.view::<T>(), out.view_mut::<T>(), |x: T| T::from_f64(f(x.to_f64())));
    });
    out
}

/// `f` of every pair of elements, broadcast; integers give the default float type.
fn pair(op: &str, a: &Tensor, b: &Tensor, f: &(dyn Fn(f64, f64) -> f64 + Sync)) -> Result<Array> {
    let (a, b) = (a.array(), b.array());
    let dtype = result_type(&[&a, &b]);
    let dtype = if dtype.is_float() { dtype } else { DType::default_float() };
    let shape = broadcast_shapes(op, a.shape(), b.shape())?;
    let fit = |array: &Array| convert::cast(array, dtype).expand(op, &shape);
    let (a, b, out) = (fit(&a)?, fit(&b)?, Array::uninit(dtype, &shape));
    with_dtype!(floats dtype, T => {
        let f = |a: T, b: T| T::from_f64(f(a.to_f64(), b.to_f64()));
        map::zip(a.view::<T>(), b.view::<T>(), out.view_mut::<T>(), f);
    });
    Ok(out)
}

fn samples_in(low: f64, high: f64) -> Vec<Sample> {
    let values = Values::Float(low, high);
    [&[3, 4][..], &[], &[0, 3]].into_iter().map(|shape| Sample::new().values(shape, values)).collect()
}

/// Functions of one number, with the derivative as tensor operations on (`g`, `x`, `y`).
macro_rules! unary {
    ($($(#[doc = $doc:tt])* $name:ident, at [$($at:tt)*], alias [$($alias:tt)*], in ($low:expr, $high:expr),
       $f:expr, |$g:ident, $x:ident| $grad:expr;)*) => {$(
        $(#[doc = $doc])*
        #[op(at = [$($at)*], alias = [$($alias)*], sig = (input), samples = || samples_in($low, $high), inplace, integers = floats)]
        pub fn $name(input: &Tensor) -> Result<Tensor> {
            let out = each(input, &$f);
            let saved = input.save();
            Ok(record(stringify!($name), out, &[input], move |$g, grads| {
                let $x = &saved.get_for(grads)?;
                grads.push(|| $grad)
            }))
        }
    )*};
}

/// `sin(pi x) / (pi x)`.
fn sinc_of(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn entropy_of(x: f64) -> f64 {
    match x {
        x if x > 0.0 => -x * x.ln(),
        0.0 => 0.0,
        x if x.is_nan() => x,
        _ => f64::NEG_INFINITY,
    }
}

unary! {
    /// The logarithm of the gamma function, `ln |Gamma(input)|`; infinite at 0, -1, -2 ...
    ///
    /// >>> rt.lgamma(rt.tensor([1.0, 5.0, 0.0]))
    /// tensor([0.0000, 3.1781,    inf])
    lgamma, at [rutile, Tensor], alias [special.gammaln], in (0.2, 4.0), gamma::lgamma, |g, x| mul(g, &digamma(x)?);
    /// The derivative of `lgamma`, by reflection, recurrence and the asymptotic series (DLMF 5.5.2, 5.5.4, 5.11.2).
    ///
    /// >>> rt.digamma(rt.tensor([1.0, 2.0]))
    /// tensor([-0.5772,  0.4228])
    digamma, at [rutile, Tensor, special], alias [special.psi], in (0.2, 4.0), gamma::digamma,
        |g, x| mul(g, &polygamma(1, x)?);
    /// The inverse of `erf`: infinite at -1 and 1, NaN outside.
    ///
    /// >>> rt.erfinv(rt.tensor([-1.0, 0.0, 0.5]))
    /// tensor([  -inf, 0.0000, 0.4769])
    erfinv, at [rutile, Tensor, special], alias [], in (-0.95, 0.95), normal::erfinv, |g, x| {
        let y = erfinv(x)?;
        true_divide(&mul(g, &exp(&arith::square(&y)?)?)?, &number(FRAC_2_SQRT_PI))
    };
    /// The scaled complementary error function `e**(input**2) * erfc(input)`, which stays finite where `erfc` vanishes.
    ///
    /// >>> rt.special.erfcx(rt.tensor([0.0, 1.0, 100.0]))
    /// tensor([1.0000, 0.4276, 0.0056])
    erfcx, at [special], alias [], in (-2.0, 4.0), normal::erfcx,
        |g, x| mul(g, &add(&mul(&mul(x, &erfcx(x)?)?, &number(2.0))?, &number(-FRAC_2_SQRT_PI), 1.0)?);
    /// The distribution function of the normal distribution: the probability of a value up to `input`.
    ///
    /// >>> rt.special.ndtr(rt.tensor([-1.96, 0.0, 1.96]))
    /// tensor([0.0250, 0.5000, 0.9750])
    ndtr, at [special], alias [], in (-3.0, 3.0), normal::ndtr, |g, x| mul(g, &density(x)?);
    /// `log(ndtr(input))`, also where `ndtr` rounds to 0.
    ///
    /// >>> rt.special.log_ndtr(rt.tensor([0.0, -50.0]))
    /// tensor([-6.9315e-01, -1.2548e+03])
    log_ndtr, at [special], alias [], in (-4.0, 3.0), normal::log_ndtr, |g, x| mul(g, &log_ndtr_slope(x)?);
    /// The derivative of [`log_ndtr()`].
    log_ndtr_slope, at [], alias [], in (-4.0, 3.0), normal::log_ndtr_slope, |g, x| {
        let slope = log_ndtr_slope(x)?;
        neg(&mul(g, &mul(&slope, &add(&slope, x, 1.0)?)?)?)
    };
    /// The inverse of `ndtr`: the quantile of the normal distribution. NaN outside [0, 1].
    ///
    /// >>> rt.special.ndtri(rt.tensor([0.025, 0.5, 1.0]))
    /// tensor([-1.9600,  0.0000,     inf])
    ndtri, at [special], alias [], in (0.05, 0.95), normal::ndtri, |g, x| true_divide(g, &density(&ndtri(x)?)?);
    /// `-input * log(input)`: 0 at 0, minus infinity below. Its sum over probabilities is their entropy.
    ///
    /// >>> rt.special.entr(rt.tensor([0.0, 0.5, 0.5])).sum()
    /// tensor(0.6931)
    entr, at [special], alias [], in (0.1, 3.0), entropy_of, |g, x| mul(g, &sub(&number(-1.0), &log(x)?, 1.0)?);
    /// `sin(pi input) / (pi input)`, 1 at 0.
    ///
    /// >>> rt.sinc(rt.tensor([0.0, 0.5, 1.5]))
    /// tensor([ 1.0000,  0.6366, -0.2122])
    sinc, at [rutile, Tensor, special], alias [], in (0.2, 2.0), sinc_of, |g, x| mul(g, &sinc_slope(x)?);
    /// Modified Bessel function of the first kind, order 0. From about 91 (float32) on it overflows; see `special.i0e`.
    ///
    /// >>> rt.i0(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([1.0000, 1.2661, 2.2796])
    i0, at [rutile, Tensor, special], alias [], in (-4.0, 4.0), bessel::i0, |g, x| mul(g, &i1(x)?);
    /// The scaled `e**-|input| * i0(input)`, which does not overflow.
    ///
    /// >>> rt.special.i0e(rt.tensor([0.0, 1.0, 1000.0]))
    /// tensor([1.0000, 0.4658, 0.0126])
    i0e, at [special], alias [], in (0.3, 9.0), bessel::i0e,
        |g, x| mul(g, &sub(&i1e(x)?, &mul(&arith::sign(x)?, &i0e(x)?)?, 1.0)?);
    /// Modified Bessel function of the first kind, order 1.
    ///
    /// >>> rt.special.i1(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([0.0000, 0.5652, 1.5906])
    i1, at [special], alias [], in (0.3, 4.0), bessel::i1, |g, x| {
        let slope = sub(&i0(x)?, &true_divide(&i1(x)?, x)?, 1.0)?;
        mul(g, &at_zero(x, 0.5, &slope)?)
    };
    /// The scaled `e**-|input| * i1(input)`, which does not overflow.
    ///
    /// >>> rt.special.i1e(rt.tensor([0.0, 1.0, 1000.0]))
    /// tensor([0.0000, 0.2079, 0.0126])
    i1e, at [special], alias [], in (0.3, 9.0), bessel::i1e, |g, x| {
        let y = i1e(x)?;
        let slope = sub(&i0e(x)?, &mul(&y, &add(&arith::sign(x)?, &special::reciprocal(x)?, 1.0)?)?, 1.0)?;
        mul(g, &at_zero(x, 0.5, &slope)?)
    };
}

/// `value` where `x` is 0, else `other`.
fn at_zero(x: &Tensor, value: f64, other: &Tensor) -> Result<Tensor> {
    compare::select(&compare::eq(x, &sums::zero())?, &number(value), other)
}

/// The derivative of [`sinc()`].
fn sinc_slope(x: &Tensor) -> Result<Tensor> {
    let slope = true_divide(&sub(&special::cos(&mul(x, &number(PI))?)?, &sinc(x)?, 1.0)?, x)?;
    at_zero(x, 0.0, &slope)
}

/// The density of the normal distribution.
fn density(x: &Tensor) -> Result<Tensor> {
    mul(&exp(&mul(&arith::square(x)?, &number(-0.5))?)?, &number(1.0 / (2.0 * PI).sqrt()))
}

/// Functions without a derivative, as in PyTorch.
macro_rules! constant {
    ($($(#[doc = $doc:tt])* $name:ident, $f:expr;)*) => {$(
        $(#[doc = $doc])*
        #[op(at = [special], sig = (input), samples = || samples_in(0.2, 9.0), no_grad, integers = floats)]
        pub fn $name(input: &Tensor) -> Result<Tensor> {
            Ok(Tensor::from(each(input, &$f)))
        }
    )*};
}

constant! {
    /// Bessel function of the first kind, order 0. It has no derivative here, as in PyTorch.
    ///
    /// >>> rt.special.bessel_j0(rt.tensor([0.0, 1.0, 5.0]))
    /// tensor([ 1.0000,  0.7652, -0.1776])
    bessel_j0, bessel::bessel_j0;
    /// Bessel function of the first kind, order 1. It has no derivative here, as in PyTorch.
    ///
    /// >>> rt.special.bessel_j1(rt.tensor([0.0, 1.0, 5.0]))
    /// tensor([ 0.0000,  0.4401, -0.3276])
    bessel_j1, bessel::bessel_j1;
    /// Bessel function of the second kind, order 0: minus infinity at 0, NaN below. It has no derivative here, as in
    /// PyTorch.
    ///
    /// >>> rt.special.bessel_y0(rt.tensor([0.0, 1.0, 5.0]))
    /// tensor([   -inf,  0.0883, -0.3085])
    bessel_y0, bessel::bessel_y0;
    /// Bessel function of the second kind, order 1: minus infinity at 0, NaN below. It has no derivative here, as in
    /// PyTorch.
    ///
    /// >>> rt.special.bessel_y1(rt.tensor([0.0, 1.0, 5.0]))
    /// tensor([   -inf, -0.7812,  0.1479])
    bessel_y1, bessel::bessel_y1;
    /// Modified Bessel function of the first kind, order 0. It has no derivative here, `i0` has.
    ///
    /// >>> rt.special.modified_bessel_i0(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([1.0000, 1.2661, 2.2796])
    modified_bessel_i0, bessel::i0;
    /// Modified Bessel function of the first kind, order 1. It has no derivative here, `i1` has.
    ///
    /// >>> rt.special.modified_bessel_i1(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([0.0000, 0.5652, 1.5906])
    modified_bessel_i1, bessel::i1;
    /// Modified Bessel function of the second kind, order 0: infinite at 0, NaN below. It has no derivative here, as in
    /// PyTorch.
    ///
    /// >>> rt.special.modified_bessel_k0(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([   inf, 0.4210, 0.1139])
    modified_bessel_k0, bessel::k0;
    /// Modified Bessel function of the second kind, order 1: infinite at 0, NaN below. It has no derivative here, as in
    /// PyTorch.
    ///
    /// >>> rt.special.modified_bessel_k1(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([   inf, 0.6019, 0.1399])
    modified_bessel_k1, bessel::k1;
    /// `e**input * modified_bessel_k0(input)`. It has no derivative here, as in PyTorch.
    ///
    /// >>> rt.special.scaled_modified_bessel_k0(rt.tensor([1.0, 1000.0]))
    /// tensor([1.1445, 0.0396])
    scaled_modified_bessel_k0, bessel::k0e;
    /// `e**input * modified_bessel_k1(input)`. It has no derivative here, as in PyTorch.
    ///
    /// >>> rt.special.scaled_modified_bessel_k1(rt.tensor([1.0, 1000.0]))
    /// tensor([1.6362, 0.0396])
    scaled_modified_bessel_k1, bessel::k1e;
    /// Spherical Bessel function of the first kind, order 0: `sin(input) / input`, 1 at 0. It has no derivative here,
    /// as in PyTorch.
    ///
    /// >>> rt.special.spherical_bessel_j0(rt.tensor([0.0, 1.0, 2.0]))
    /// tensor([1.0000, 0.8415, 0.4546])
    spherical_bessel_j0, bessel::spherical_j0;
}

fn polynomial_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Constant(-0.9, 0.9)).values(&[4], Values::Int(0, 6)),
        Sample::new().values(&[3], Values::Constant(-0.9, 0.9)).arg(3),
        Sample::new().arg(0.3).values(&[3], Values::Int(-1, 6)),
    ]
}

/// A recurrence takes a step per degree.
const MOST_DEGREES: f64 = 1e6;

macro_rules! polynomials {
    ($($(#[doc = $doc:tt])* $name:ident, $family:expr;)*) => {$(
        $(#[doc = $doc])*
        #[op(at = [special], sig = (input, n), samples = polynomial_samples, no_grad, integers = floats)]
        pub fn $name(input: &Tensor, n: &Tensor) -> Result<Tensor> {
            let family: Family = $family;
            let beyond = AtomicBool::new(false);
            let out = pair(stringify!($name), input, n, &|x, n| {
                if n <= MOST_DEGREES || n.is_nan() {
                    return family.eval(x, n);
                }
                beyond.store(true, Ordering::Relaxed);
                f64::NAN
            })?;
            if beyond.into_inner() {
                fail!(Value, "{}: a degree `n` above {MOST_DEGREES} would take too many steps", stringify!($name));
            }
            Ok(Tensor::from(out))
        }
    )*};
}

polynomials! {
    /// Chebyshev polynomial of the first kind of degree `n`, `cos(n acos(input))`, by recurrence; both broadcast. No
    /// derivative, as in PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 0.5, 1.0])
    /// >>> rt.special.chebyshev_polynomial_t(x, 2) == 2 * x**2 - 1
    /// tensor([True, True, True])
    chebyshev_polynomial_t, polynomials::CHEBYSHEV_T;
    /// Chebyshev polynomial of the second kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    /// PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 0.5, 1.0])
    /// >>> rt.special.chebyshev_polynomial_u(x, 2) == 4 * x**2 - 1
    /// tensor([True, True, True])
    chebyshev_polynomial_u, polynomials::CHEBYSHEV_U;
    /// Chebyshev polynomial of the third kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    /// PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 0.5, 1.0])
    /// >>> rt.special.chebyshev_polynomial_v(x, 2) == 4 * x**2 - 2 * x - 1
    /// tensor([True, True, True])
    chebyshev_polynomial_v, polynomials::CHEBYSHEV_V;
    /// Chebyshev polynomial of the fourth kind of degree `n`, by recurrence; both broadcast. No derivative, as in
    /// PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 0.5, 1.0])
    /// >>> rt.special.chebyshev_polynomial_w(x, 2) == 4 * x**2 + 2 * x - 1
    /// tensor([True, True, True])
    chebyshev_polynomial_w, polynomials::CHEBYSHEV_W;
    /// The first kind on [0, 1]: `chebyshev_polynomial_t(2 * input - 1, n)`. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.shifted_chebyshev_polynomial_t(rt.tensor([0.0, 0.5, 1.0]), 2)
    /// tensor([ 1., -1.,  1.])
    shifted_chebyshev_polynomial_t, polynomials::SHIFTED_T;
    /// The second kind on [0, 1]: `chebyshev_polynomial_u(2 * input - 1, n)`. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.shifted_chebyshev_polynomial_u(rt.tensor([0.0, 0.5, 1.0]), 2)
    /// tensor([ 3., -1.,  3.])
    shifted_chebyshev_polynomial_u, polynomials::SHIFTED_U;
    /// The third kind on [0, 1]: `chebyshev_polynomial_v(2 * input - 1, n)`. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.shifted_chebyshev_polynomial_v(rt.tensor([0.0, 0.5, 1.0]), 2)
    /// tensor([ 5., -1.,  1.])
    shifted_chebyshev_polynomial_v, polynomials::SHIFTED_V;
    /// The fourth kind on [0, 1]: `chebyshev_polynomial_w(2 * input - 1, n)`. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.shifted_chebyshev_polynomial_w(rt.tensor([0.0, 0.5, 1.0]), 2)
    /// tensor([ 1., -1.,  5.])
    shifted_chebyshev_polynomial_w, polynomials::SHIFTED_W;
    /// Physicists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 1.0, 2.0])
    /// >>> rt.special.hermite_polynomial_h(x, 2) == 4 * x**2 - 2
    /// tensor([True, True, True])
    hermite_polynomial_h, polynomials::HERMITE_H;
    /// Probabilists' Hermite polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.
    ///
    /// >>> x = rt.tensor([0.0, 1.0, 2.0])
    /// >>> rt.special.hermite_polynomial_he(x, 2) == x**2 - 1
    /// tensor([True, True, True])
    hermite_polynomial_he, polynomials::HERMITE_HE;
    /// Laguerre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.laguerre_polynomial_l(rt.tensor([0.0, 1.0, 2.0]), rt.tensor([[1], [2]]))
    /// tensor([[ 1.0000,  0.0000, -1.0000],
    ///         [ 1.0000, -0.5000, -1.0000]])
    laguerre_polynomial_l, polynomials::LAGUERRE_L;
    /// Legendre polynomial of degree `n`, by recurrence; both broadcast. No derivative, as in PyTorch.
    ///
    /// >>> rt.special.legendre_polynomial_p(rt.tensor([-1.0, 0.0, 1.0]), rt.tensor([[1], [2]]))
    /// tensor([[-1.0000,  0.0000,  1.0000],
    ///         [ 1.0000, -0.5000,  1.0000]])
    legendre_polynomial_p, polynomials::LEGENDRE_P;
}

// ---- with parameters ----

fn polygamma_samples() -> Vec<Sample> {
    [0, 1, 3].into_iter().map(|n| Sample::new().arg(n).values(&[2, 3], Values::Float(0.3, 4.0))).collect()
}

/// Derivative number `n` of `digamma`: `(-1)**(n+1) n! zeta(n+1, input)` for `n > 0`.
/// Raises: ValueError if `n` is negative.
///
/// >>> rt.polygamma(1, rt.tensor([1.0])) == rt.pi**2 / 6
/// tensor([True])
#[op(at = [rutile, special], sig = (n, input), samples = polygamma_samples, integers = floats)]
pub fn polygamma(n: i64, input: &Tensor) -> Result<Tensor> {
    let Ok(order) = u32::try_from(n) else {
        fail!(Value, "polygamma(n, x) takes n from 0 to {}, got {n}", u32::MAX);
    };
    let out = each(input, &|x| gamma::polygamma(order, x));
    let saved = input.save();
    Ok(record("polygamma", out, &[input], move |g, grads| {
        let x = &saved.get_for(grads)?;
        grads.push(|| mul(g, &polygamma(n + 1, x)?))
    }))
}

fn polygamma_method_samples() -> Vec<Sample> {
    [0, 2].into_iter().map(|n| Sample::new().values(&[2, 3], Values::Float(0.3, 4.0)).arg(n)).collect()
}

/// `rutile.polygamma(n, input)`: derivative number `n` of `digamma`.
/// Raises: ValueError if `n` is negative.
///
/// >>> rt.tensor([1.0, 2.0]).polygamma(1)
/// tensor([1.6449, 0.6449])
#[op(name = "polygamma", at = [Tensor], sig = (input, n), samples = polygamma_method_samples, inplace, integers = floats)]
pub fn polygamma_of(input: &Tensor, n: i64) -> Result<Tensor> {
    polygamma(n, input)
}

fn mvlgamma_samples() -> Vec<Sample> {
    [1, 3].into_iter().map(|p| Sample::new().values(&[2, 3], Values::Float(1.6, 4.0)).arg(p)).collect()
}

/// The logarithm of the multivariate gamma function of dimension `p`,
/// `p (p - 1) / 4 * log(pi) + sum(lgamma(input - j / 2) for j in range(p))`; elements are above `(p - 1) / 2`.
/// Raises: ValueError if `p` is below 1.
///
/// >>> rt.mvlgamma(rt.tensor([2.0, 3.0]), p=2)
/// tensor([0.4516, 1.5502])
#[op(at = [rutile, Tensor], alias = [special.multigammaln], sig = (input, p), samples = mvlgamma_samples, inplace, integers = floats)]
pub fn mvlgamma(input: &Tensor, p: i64) -> Result<Tensor> {
    if p < 1 {
        fail!(Value, "mvlgamma: p has to be greater than or equal to 1, got {p}");
    }
    if p > 1 << 20 {
        fail!(Value, "mvlgamma: a sum of {p} terms is too long; p may be up to {}", 1 << 20);
    }
    let p = p as f64;
    let terms = (0..p as usize).map(|j| lgamma(&sub(input, &number(j as f64 / 2.0), 1.0)?));
    terms
        .reduce(|a, b| add(&a?, &b?, 1.0))
        .expect("p is at least 1")
        .and_then(|sum| add(&sum, &number(p * (p - 1.0) / 4.0 * PI.ln()), 1.0))
}

fn positive_pair_samples() -> Vec<Sample> {
    let (a, x) = (Values::Constant(0.5, 5.0), Values::Float(0.3, 6.0));
    vec![
        Sample::new().values(&[3, 4], a).values(&[3, 4], x),
        Sample::new().values(&[2, 3], a).values(&[3], x),
        Sample::new().values(&[], Values::Constant(30.0, 40.0)).values(&[4], Values::Float(25.0, 50.0)),
    ]
}

/// Records a function of (parameter, x) whose derivative by `x` is known.
fn record_by_second(
    name: &'static str,
    out: Array,
    a: &Tensor,
    x: &Tensor,
    slope: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Tensor {
    let saved = (a.save(), x.save());
    record(name, out, &[a, x], move |g, grads| {
        if grads.wants(0) {
            fail!(Unsupported, "{name}: the derivative by its first argument is not there, as in PyTorch; detach() it");
        }
        grads.push_option(None);
        let (a, x) = (saved.0.get_for(grads)?, saved.1.get_for(grads)?);
        grads.push(|| mul(g, &slope(&a, &x)?))
    })
}

/// `x**(a-1) * e**-x / Gamma(a)`: the derivative of [`igamma()`] by `x`.
fn igamma_slope(a: &Tensor, x: &Tensor) -> Result<Tensor> {
    let below = sub(a, &number(1.0), 1.0)?;
    exp(&sub(&sub(&mul(&below, &log(x)?)?, x, 1.0)?, &lgamma(a)?, 1.0)?)
}

/// Regularised lower incomplete gamma function of parameter `input` at `other`, by its power series (DLMF 8.11.4) or
/// the continued fraction of the upper one (DLMF 8.9.2); differentiable by `other`.
///
/// >>> rt.igamma(rt.tensor([1.0]), rt.tensor([0.0, 1.0, 5.0]))
/// tensor([0.0000, 0.6321, 0.9933])
#[op(at = [rutile, Tensor], alias = [special.gammainc], sig = (input, other), samples = positive_pair_samples, inplace, integers = floats)]
pub fn igamma(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let out = pair("igamma", input, other, &gamma::igamma)?;
    Ok(record_by_second("igamma", out, input, other, igamma_slope))
}

/// Regularised upper incomplete gamma function, `1 - igamma(input, other)`; differentiable by `other`.
///
/// >>> rt.igammac(rt.tensor([1.0]), rt.tensor([0.0, 1.0, 5.0]))
/// tensor([1.0000, 0.3679, 0.0067])
#[op(at = [rutile, Tensor], alias = [special.gammaincc], sig = (input, other), samples = positive_pair_samples, inplace, integers = floats)]
pub fn igammac(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let out = pair("igammac", input, other, &gamma::igammac)?;
    Ok(record_by_second("igammac", out, input, other, |a, x| neg(&igamma_slope(a, x)?)))
}

fn zeta_samples() -> Vec<Sample> {
    let (s, q) = (Values::Constant(1.5, 5.0), Values::Float(0.5, 4.0));
    vec![
        Sample::new().values(&[3, 4], s).values(&[3, 4], q),
        Sample::new().arg(2.0).values(&[3], q),
        Sample::new().values(&[2, 1], s).values(&[3], q),
    ]
}

/// Hurwitz's zeta function, the sum of `(other + k) ** -input` over `k >= 0`, by the Euler-Maclaurin formula; with
/// `other` 1 it is Riemann's. Differentiable by `other`.
///
/// >>> rt.special.zeta(rt.tensor([2.0, 4.0]), 1.0)
/// tensor([1.6449, 1.0823])
#[op(at = [special], sig = (input, other), samples = zeta_samples, integers = floats)]
pub fn zeta(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let out = pair("zeta", input, other, &gamma::zeta)?;
    let slope = |s: &Tensor, q: &Tensor| neg(&mul(s, &zeta(&add(s, &number(1.0), 1.0)?, q)?)?);
    Ok(record_by_second("zeta", out, input, other, slope))
}

fn xlog1py_samples() -> Vec<Sample> {
    let (a, b) = (Values::Float(0.2, 2.0), Values::Float(-0.5, 2.0));
    vec![
        Sample::new().values(&[3, 4], a).values(&[3, 4], b),
        Sample::new().values(&[2, 1], a).values(&[3], b),
        Sample::new().values(&[3], a).arg(0.5),
    ]
}

/// `input * log1p(other)`, and 0 where `input` is 0; both broadcast.
///
/// >>> rt.special.xlog1py(rt.tensor([0.0, 2.0]), rt.tensor([-1.0, 1.0]))
/// tensor([0.0000, 1.3863])
#[op(at = [special], sig = (input, other), samples = xlog1py_samples, integers = floats)]
pub fn xlog1py(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let f = |a: f64, b: f64| if a == 0.0 && !b.is_nan() { 0.0 } else { a * b.ln_1p() };
    let out = pair("xlog1py", input, other, &f)?;
    let saved = (input.save(), other.save());
    Ok(record("xlog1py", out, &[input, other], move |g, grads| {
        let (a, b) = (saved.0.get_for(grads)?, saved.1.get_for(grads)?);
        grads.push(|| {
            let nothing = compare::logical_and(&compare::eq(&a, &sums::zero())?, &compare::le(&b, &number(-1.0))?)?;
            compare::select(&nothing, &number(0.0), &mul(g, &log1p(&b)?)?)
        })?;
        grads.push(|| true_divide(&mul(g, &a)?, &add(&b, &number(1.0), 1.0)?))
    }))
}

fn logaddexp2_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[3, 4]), Sample::new().tensor(&[2, 1]).tensor(&[3])]
}

/// `log2(2**input + 2**other)` without overflow; both broadcast.
///
/// >>> rt.logaddexp2(rt.tensor([3.0, 500.0]), rt.tensor([3.0, 500.0]))
/// tensor([  4., 501.])
#[op(at = [rutile, Tensor], sig = (input, other), samples = logaddexp2_samples, integers = floats)]
pub fn logaddexp2(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let f = |a: f64, b: f64| {
        if a == b { a + 1.0 } else { a.max(b) + (-(a - b).abs()).exp2().ln_1p() / LN_2 + (a + b) * 0.0 }
    };
    let infinite = |a: f64, b: f64| if a.is_infinite() || b.is_infinite() { extreme(a, b) } else { f(a, b) };
    let out = pair("logaddexp2", input, other, &infinite)?;
    let saved = (input.save(), other.save());
    Ok(record("logaddexp2", out, &[input, other], move |g, grads| {
        let (a, b) = (saved.0.get_for(grads)?, saved.1.get_for(grads)?);
        // 2^a / (2^a + 2^b), by the difference alone.
        let share = |x: &Tensor, y: &Tensor| {
            let ratio = special::exp2(&sub(y, x, 1.0)?)?;
            true_divide(g, &add(&ratio, &number(1.0), 1.0)?)
        };
        grads.push(|| share(&a, &b))?;
        grads.push(|| share(&b, &a))
    }))
}

/// [`logaddexp2()`] where a side is infinite: the larger, or NaN.
fn extreme(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

fn float_power_samples() -> Vec<Sample> {
    let positive = Values::Float(0.3, 2.0);
    vec![
        Sample::new().values(&[3, 4], positive).tensor(&[4]),
        Sample::new().values(&[3], positive).arg(Arg::Int(-2)),
        Sample::new().values(&[3], Values::Int(1, 4)).arg(2.5),
    ]
}

/// `input ** exponent` in float64, or complex128 if either operand is complex; both broadcast.
///
/// >>> rt.float_power(rt.tensor([2, 4]), -1)
/// tensor([0.5000, 0.2500], dtype=rutile.float64)
#[op(at = [rutile, Tensor], sig = (input, exponent), samples = float_power_samples, complex)]
pub fn float_power(input: &Tensor, exponent: &Tensor) -> Result<Tensor> {
    let complex = input.dtype().is_complex() || exponent.dtype().is_complex();
    let dtype = if complex { DType::C128 } else { DType::F64 };
    let double = |x: &Tensor| {
        if x.with_array(Array::is_wrapped) { Ok(x.clone()) } else { convert::to_dtype(x, dtype) }
    };
    let (a, b) = (double(input)?, double(exponent)?);
    let number = a.with_array(Array::is_wrapped).then(|| Tensor::from(convert::cast(&a.array(), dtype).unwrapped()));
    arith::pow(number.as_ref().unwrap_or(&a), &b)
}

fn logit_samples() -> Vec<Sample> {
    let inside = Values::Float(0.15, 0.85);
    vec![
        Sample::new().values(&[3, 4], inside),
        Sample::new().values(&[5], Values::Float(0.0, 1.0)).kw("eps", 0.1),
        Sample::new().values(&[0], inside),
    ]
}

/// `log(input / (1 - input))`, the inverse of `sigmoid`. With `eps`, elements are first limited to `[eps, 1 - eps]`;
/// without, those outside [0, 1] give NaN.
///
/// >>> rt.logit(rt.tensor([0.1, 0.5, 0.9]))
/// tensor([-2.1972,  0.0000,  2.1972])
/// >>> rt.logit(rt.tensor([0.0, 1.0]), eps=0.1)
/// tensor([-2.1972,  2.1972])
#[op(at = [rutile, Tensor, special], sig = (input, eps=None), samples = logit_samples, inplace)]
pub fn logit(input: &Tensor, eps: Option<f64>) -> Result<Tensor> {
    let Some(eps) = eps else { return special::log_odds(input) };
    // First from above: `eps` prevails if it is more than a half.
    let below = arith::clamp(&as_float(input)?, None, Some(&number(1.0 - eps)))?;
    let inside = arith::clamp(&below, Some(&number(eps)), None)?;
    special::log_odds(&inside)
}

fn as_float(input: &Tensor) -> Result<Tensor> {
    if input.dtype().is_float() { Ok(input.clone()) } else { convert::to_dtype(input, DType::default_float()) }
}

fn round_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().values(&[5], Values::Float(-200.0, 200.0)).kw("decimals", 2),
        Sample::new().values(&[5], Values::Float(-200.0, 200.0)).kw("decimals", -1),
        Sample::new().tensor(&[0, 2]),
    ]
}

/// Nearest number with `decimals` decimal places (left of the point if negative); ties go to even.
///
/// >>> rt.round(rt.tensor([0.5, 1.5, -2.7]))
/// tensor([ 0.,  2., -3.])
/// >>> rt.round(rt.tensor([1234.567]), decimals=-2)
/// tensor([1200.])
#[op(at = [rutile, Tensor, special], sig = (input, *, decimals=0), samples = round_samples, inplace)]
pub fn round(input: &Tensor, decimals: i64) -> Result<Tensor> {
    if decimals == 0 || !input.dtype().is_float() {
        return special::round_even(input);
    }
    let scale = number(10f64.powi(decimals.unsigned_abs().min(400) as i32));
    if decimals > 0 {
        true_divide(&special::round_even(&mul(input, &scale)?)?, &scale)
    } else {
        mul(&special::round_even(&true_divide(input, &scale)?)?, &scale)
    }
}
