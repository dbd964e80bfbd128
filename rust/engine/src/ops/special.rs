//! Roots, exponentials, logarithms, trigonometry and rounding.

use super::formula::{lit, select};
use rutile_kernels::Math;
use rutile_macros::formulas;
use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, LN_10, PI};

/// `sqrt(a * a + b * b)` by the ratio of both, so that no square overflows or vanishes.
#[inline(always)]
fn length<M: Math>(a: M, b: M) -> M {
    let (a, b) = (a.abs(), b.abs());
    let (large, small) = (a.max(b), a.min(b));
    let ratio = small / large;
    let length = select(large.eq(lit(0.0)), large, large * (ratio * ratio + 1.0).sqrt());
    // An infinite side decides, even beside NaN, as in C.
    select(a.eq(lit(f64::INFINITY)) | b.eq(lit(f64::INFINITY)), lit(f64::INFINITY), length)
}

formulas! {
    /// Square root; NaN below 0.
    ///
    /// >>> rt.sqrt(rt.tensor([4.0, 2.0, -1.0]))
    /// tensor([2.0000, 1.4142,    nan])
    sqrt(x) = x.sqrt() => y;
        complex = sqrt;
        grad(g) = g * 0.5 / y;
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// `1 / sqrt(input)`: infinite at 0, NaN below.
    ///
    /// >>> rt.rsqrt(rt.tensor([4.0, 0.0]))
    /// tensor([0.5000,    inf])
    rsqrt(x) = lit::<M>(1.0) / x.sqrt() => y;
        complex = rsqrt;
        grad(g) = g * -0.5 * y * y * y;
        at = [rutile, Tensor];
        domain = 0.2..3.0;
    /// `1 / input`.
    ///
    /// >>> rt.reciprocal(rt.tensor([4.0, -0.5]))
    /// tensor([ 0.2500, -2.0000])
    reciprocal(x) = lit::<M>(1.0) / x => y;
        complex = reciprocal;
        grad(g) = -g * y * y;
        at = [rutile, Tensor];
        domain = 0.4..3.0;
    /// `e ** input`.
    ///
    /// >>> rt.exp(rt.tensor([0.0, 1.0]))
    /// tensor([1.0000, 2.7183])
    exp(x) = x.exp() => y;
        complex = exp;
        grad(g) = g * y;
        at = [rutile, Tensor];
        wide;
    /// `2 ** input`.
    ///
    /// >>> rt.exp2(rt.tensor([-1.0, 3.0]))
    /// tensor([0.5000, 8.0000])
    exp2(x) = x.exp2() => y;
        complex = exp2;
        grad(g) = g * y * LN_2;
        at = [rutile, Tensor, special];
    /// `e ** input - 1`, accurate near 0.
    ///
    /// >>> rt.expm1(rt.tensor([1e-10])) == 1e-10
    /// tensor([True])
    expm1(x) = x.exp_m1() => y;
        complex = expm1;
        grad(g) = g * (y + 1.0);
        at = [rutile, Tensor, special];
        wide;
    /// Natural logarithm: minus infinity at 0, NaN below.
    ///
    /// >>> rt.log(rt.tensor([1.0, 2.0, 0.0]))
    /// tensor([0.0000, 0.6931,   -inf])
    log(x) = x.ln();
        complex = log;
        grad(g) = g / x;
        at = [rutile, Tensor];
        domain = 0.1..3.0;
        wide;
    /// Base-2 logarithm: minus infinity at 0, NaN below.
    ///
    /// >>> rt.log2(rt.tensor([8.0, 10.0]))
    /// tensor([3.0000, 3.3219])
    log2(x) = x.log2();
        complex = log2;
        grad(g) = g / (x * LN_2);
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// Base-10 logarithm: minus infinity at 0, NaN below.
    ///
    /// >>> rt.log10(rt.tensor([1000.0, 0.5]))
    /// tensor([ 3.0000, -0.3010])
    log10(x) = x.log10();
        complex = log10;
        grad(g) = g / (x * LN_10);
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// `log(1 + input)`, accurate near 0.
    ///
    /// >>> rt.log1p(rt.tensor([1e-10])) == 1e-10
    /// tensor([True])
    log1p(x) = x.ln_1p();
        complex = log1p;
        grad(g) = g / (x + 1.0);
        at = [rutile, Tensor, special];
        domain = -0.8..3.0;
        wide;
    /// `log(e**input + e**other)` without overflow; both broadcast.
    ///
    /// >>> rt.logaddexp(rt.tensor([0.0, 1000.0]), rt.tensor([0.0, 1000.0]))
    /// tensor([6.9315e-01, 1.0007e+03])
    logaddexp(a, b) = select(a.eq(b), a + LN_2, a.max(b) + (-(a - b).abs()).exp().ln_1p()) => y;
        grad(g) = g * (a - y).exp(), g * (b - y).exp();
        at = [rutile, Tensor];
    /// `input * log(other)`, and 0 where `input` is 0; both broadcast.
    ///
    /// >>> rt.xlogy(rt.tensor([0.0, 2.0]), rt.tensor([0.0, 3.0]))
    /// tensor([0.0000, 2.1972])
    xlogy(a, b) = select(a.eq(lit(0.0)) & b.eq(b), lit(0.0), a * b.ln());
        grad(g) = select(a.eq(lit(0.0)) & b.le(lit(0.0)), lit(0.0), g * b.ln()), g * a / b;
        at = [rutile, Tensor, special];
        domain = 0.2..2.0, 0.2..2.0;
    /// Sine of an angle in radians.
    ///
    /// >>> rt.sin(rt.tensor([1.0, rt.pi / 2]))
    /// tensor([0.8415, 1.0000])
    sin(x) = x.sin();
        complex = sin;
        grad(g) = g * x.cos();
        at = [rutile, Tensor];
        wide;
    /// Cosine of an angle in radians.
    ///
    /// >>> rt.cos(rt.tensor([0.0, 1.0, rt.pi]))
    /// tensor([ 1.0000,  0.5403, -1.0000])
    cos(x) = x.cos();
        complex = cos;
        grad(g) = -g * x.sin();
        at = [rutile, Tensor];
        wide;
    /// Tangent of an angle in radians.
    ///
    /// >>> rt.tan(rt.tensor([0.0, 1.0]))
    /// tensor([0.0000, 1.5574])
    tan(x) = x.tan() => y;
        complex = tan;
        grad(g) = g * (y * y + 1.0);
        at = [rutile, Tensor];
        domain = -1.2..1.2;
    /// Inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1].
    ///
    /// >>> rt.asin(rt.tensor([-1.0, 0.0, 0.5]))
    /// tensor([-1.5708,  0.0000,  0.5236])
    asin(x) = x.asin();
        complex = asin;
        grad(g) = g / (lit::<M>(1.0) - x * x).sqrt();
        at = [rutile, Tensor];
        alias = [arcsin];
        domain = -0.9..0.9;
    /// Inverse cosine, in [0, pi]; NaN outside [-1, 1].
    ///
    /// >>> rt.acos(rt.tensor([-1.0, 0.5, 1.0]))
    /// tensor([3.1416, 1.0472, 0.0000])
    acos(x) = x.acos();
        complex = acos;
        grad(g) = -g / (lit::<M>(1.0) - x * x).sqrt();
        at = [rutile, Tensor];
        alias = [arccos];
        domain = -0.9..0.9;
    /// Inverse tangent, in [-pi/2, pi/2].
    ///
    /// >>> rt.atan(rt.tensor([1.0, -rt.inf]))
    /// tensor([ 0.7854, -1.5708])
    atan(x) = x.atan();
        complex = atan;
        grad(g) = g / (x * x + 1.0);
        at = [rutile, Tensor];
        alias = [arctan];
    /// The angle of the point (`other`, `input`), in (-pi, pi]: unlike `atan(input / other)` it knows the quadrant.
    /// Both broadcast.
    ///
    /// >>> rt.atan2(rt.tensor([1.0, 1.0, -1.0]), rt.tensor([1.0, -1.0, -1.0]))
    /// tensor([ 0.7854,  2.3562, -2.3562])
    atan2(a, b) = a.atan2(b);
        grad(g) = g * b / (a * a + b * b), -g * a / (a * a + b * b);
        at = [rutile, Tensor];
        alias = [arctan2];
        domain = 0.3..2.0, 0.3..2.0;
    /// Hyperbolic sine.
    ///
    /// >>> rt.sinh(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-1.1752,  0.0000,  1.1752])
    sinh(x) = x.sinh();
        complex = sinh;
        grad(g) = g * x.cosh();
        at = [rutile, Tensor];
    /// Hyperbolic cosine.
    ///
    /// >>> rt.cosh(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([1.5431, 1.0000, 1.5431])
    cosh(x) = x.cosh();
        complex = cosh;
        grad(g) = g * x.sinh();
        at = [rutile, Tensor];
    /// Hyperbolic tangent.
    ///
    /// >>> rt.tanh(rt.tensor([-1.0, 0.0, 100.0]))
    /// tensor([-0.7616,  0.0000,  1.0000])
    tanh(x) = x.tanh() => y;
        complex = tanh;
        grad(g) = g * (lit::<M>(1.0) - y * y);
        at = [rutile, Tensor, nn.functional];
        wide;
    /// Inverse hyperbolic sine.
    ///
    /// >>> rt.asinh(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-0.8814,  0.0000,  0.8814])
    asinh(x) = x.asinh();
        complex = asinh;
        grad(g) = g / (x * x + 1.0).sqrt();
        at = [rutile, Tensor];
        alias = [arcsinh];
    /// Inverse hyperbolic cosine; NaN below 1.
    ///
    /// >>> rt.acosh(rt.tensor([1.0, 2.0]))
    /// tensor([0.0000, 1.3170])
    acosh(x) = x.acosh();
        complex = acosh;
        grad(g) = g / ((x - 1.0).sqrt() * (x + 1.0).sqrt());
        at = [rutile, Tensor];
        alias = [arccosh];
        domain = 1.2..3.0;
    /// Inverse hyperbolic tangent: infinite at -1 and 1, NaN outside.
    ///
    /// >>> rt.atanh(rt.tensor([-1.0, 0.0, 0.5]))
    /// tensor([  -inf, 0.0000, 0.5493])
    atanh(x) = x.atanh();
        complex = atanh;
        grad(g) = g / (lit::<M>(1.0) - x * x);
        at = [rutile, Tensor];
        alias = [arctanh];
        domain = -0.9..0.9;
    /// Gauss error function, `2 / sqrt(pi)` times the integral of `e**(-t**2)` from 0 to `input`.
    ///
    /// >>> rt.erf(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-0.8427,  0.0000,  0.8427])
    erf(x) = x.erf();
        grad(g) = g * (x * -x).exp() * FRAC_2_SQRT_PI;
        at = [rutile, Tensor, special];
        wide;
    /// `1 - erf(input)`, accurate for large arguments.
    ///
    /// >>> rt.erfc(rt.tensor([0.0, 1.0, -1.0]))
    /// tensor([1.0000, 0.1573, 1.8427])
    erfc(x) = x.erfc();
        grad(g) = -g * (x * -x).exp() * FRAC_2_SQRT_PI;
        at = [rutile, Tensor, special];
    /// The magnitude of `input` with the sign of `other`, also that of -0; both broadcast.
    ///
    /// >>> rt.copysign(rt.tensor([1.0, -2.0]), rt.tensor([-0.0, 3.0]))
    /// tensor([-1.,  2.])
    copysign(a, b) = a.copysign(b);
        grad(g) = select(a.eq(lit(0.0)), lit(0.0), g * lit::<M>(1.0).copysign(a) * lit::<M>(1.0).copysign(b)), g * 0.0;
        at = [rutile, Tensor];
    /// `sqrt(input**2 + other**2)` without overflow of the squares; both broadcast.
    ///
    /// >>> rt.hypot(rt.tensor([3.0, 3e30]), rt.tensor([4.0, 4e30]))
    /// tensor([5.0000e+00, 5.0000e+30])
    hypot(a, b) = length(a, b) => y;
        grad(g) = g * a / y, g * b / y;
        at = [rutile, Tensor];
        domain = 0.3..2.0, 0.3..2.0;
    /// Largest integer not above, in the dtype of `input`.
    ///
    /// >>> rt.floor(rt.tensor([1.7, -1.2]))
    /// tensor([ 1., -2.])
    floor(x) = x.floor();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
    /// Smallest integer not below, in the dtype of `input`.
    ///
    /// >>> rt.ceil(rt.tensor([1.2, -1.7]))
    /// tensor([ 2., -1.])
    ceil(x) = x.ceil();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
    /// Nearest integer, ties to even; the kernel of [`round()`](super::rare::round).
    round_even(x) = x.round();
        int = x;
        grad(g) = g * 0.0;
    /// Integer part, in the dtype of `input`: rounded towards 0.
    ///
    /// >>> rt.trunc(rt.tensor([1.7, -1.7]))
    /// tensor([ 1., -1.])
    trunc(x) = x.trunc();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
        alias = [fix];
    /// Fractional part, with the sign of `input`: `input - trunc(input)`.
    ///
    /// >>> rt.frac(rt.tensor([1.5, -1.75]))
    /// tensor([ 0.5000, -0.7500])
    frac(x) = x - x.trunc();
        grad(g) = g;
        at = [rutile, Tensor];
    /// Degrees to radians.
    ///
    /// >>> rt.deg2rad(rt.tensor([180.0, 90.0]))
    /// tensor([3.1416, 1.5708])
    deg2rad(x) = x * (PI / 180.0);
        grad(g) = g * (PI / 180.0);
        at = [rutile, Tensor];
    /// Radians to degrees.
    ///
    /// >>> rt.rad2deg(rt.tensor([rt.pi, 1.0]))
    /// tensor([180.0000,  57.2958])
    rad2deg(x) = x * (180.0 / PI);
        grad(g) = g * (180.0 / PI);
        at = [rutile, Tensor];
    /// `log(input / (1 - input))`; the kernel of [`logit()`](super::rare::logit).
    log_odds(x) = {
        // The quotient is near 1 around 1/2, where its logarithm would have lost its digits.
        let rest = lit::<M>(1.0) - x;
        select(x.lt(lit(0.25)), (x / rest).ln(), ((x * 2.0 - 1.0) / rest).ln_1p())
    };
        grad(g) = g / (x * (lit::<M>(1.0) - x));
        domain = 0.1..0.9;
}
