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
    /// Square root.
    sqrt(x) = x.sqrt() => y;
        complex = sqrt;
        grad(g) = g * 0.5 / y;
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// `1 / sqrt(input)`.
    rsqrt(x) = lit::<M>(1.0) / x.sqrt() => y;
        complex = rsqrt;
        grad(g) = g * -0.5 * y * y * y;
        at = [rutile, Tensor];
        domain = 0.2..3.0;
    /// `1 / input`.
    reciprocal(x) = lit::<M>(1.0) / x => y;
        complex = reciprocal;
        grad(g) = -g * y * y;
        at = [rutile, Tensor];
        domain = 0.4..3.0;
    /// `e ** input`.
    exp(x) = x.exp() => y;
        complex = exp;
        grad(g) = g * y;
        at = [rutile, Tensor];
    /// `2 ** input`.
    exp2(x) = x.exp2() => y;
        complex = exp2;
        grad(g) = g * y * LN_2;
        at = [rutile, Tensor, special];
    /// `e ** input - 1`, accurate near 0.
    expm1(x) = x.exp_m1() => y;
        complex = expm1;
        grad(g) = g * (y + 1.0);
        at = [rutile, Tensor, special];
    /// Natural logarithm.
    log(x) = x.ln();
        complex = log;
        grad(g) = g / x;
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// Base-2 logarithm.
    log2(x) = x.log2();
        complex = log2;
        grad(g) = g / (x * LN_2);
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// Base-10 logarithm.
    log10(x) = x.log10();
        complex = log10;
        grad(g) = g / (x * LN_10);
        at = [rutile, Tensor];
        domain = 0.1..3.0;
    /// `log(1 + input)`, accurate near 0.
    log1p(x) = x.ln_1p();
        complex = log1p;
        grad(g) = g / (x + 1.0);
        at = [rutile, Tensor, special];
        domain = -0.8..3.0;
    /// `log(e**input + e**other)` without overflow.
    logaddexp(a, b) = select(a.eq(b), a + LN_2, a.max(b) + (-(a - b).abs()).exp().ln_1p()) => y;
        grad(g) = g * (a - y).exp(), g * (b - y).exp();
        at = [rutile, Tensor];
    /// `input * log(other)`, and 0 where `input` is 0.
    xlogy(a, b) = select(a.eq(lit(0.0)) & b.eq(b), lit(0.0), a * b.ln());
        grad(g) = select(a.eq(lit(0.0)) & b.le(lit(0.0)), lit(0.0), g * b.ln()), g * a / b;
        at = [rutile, Tensor, special];
        domain = 0.2..2.0, 0.2..2.0;
    /// Sine of an angle in radians.
    sin(x) = x.sin();
        complex = sin;
        grad(g) = g * x.cos();
        at = [rutile, Tensor];
    /// Cosine of an angle in radians.
    cos(x) = x.cos();
        complex = cos;
        grad(g) = -g * x.sin();
        at = [rutile, Tensor];
    /// Tangent of an angle in radians.
    tan(x) = x.tan() => y;
        complex = tan;
        grad(g) = g * (y * y + 1.0);
        at = [rutile, Tensor];
        domain = -1.2..1.2;
    /// Inverse sine, in [-pi/2, pi/2].
    asin(x) = x.asin();
        complex = asin;
        grad(g) = g / (lit::<M>(1.0) - x * x).sqrt();
        at = [rutile, Tensor];
        alias = [arcsin];
        domain = -0.9..0.9;
    /// Inverse cosine, in [0, pi].
    acos(x) = x.acos();
        complex = acos;
        grad(g) = -g / (lit::<M>(1.0) - x * x).sqrt();
        at = [rutile, Tensor];
        alias = [arccos];
        domain = -0.9..0.9;
    /// Inverse tangent, in [-pi/2, pi/2].
    atan(x) = x.atan();
        complex = atan;
        grad(g) = g / (x * x + 1.0);
        at = [rutile, Tensor];
        alias = [arctan];
    /// The angle of the point (`other`, `input`), in (-pi, pi].
    atan2(a, b) = a.atan2(b);
        grad(g) = g * b / (a * a + b * b), -g * a / (a * a + b * b);
        at = [rutile, Tensor];
        alias = [arctan2];
        domain = 0.3..2.0, 0.3..2.0;
    /// Hyperbolic sine.
    sinh(x) = x.sinh();
        complex = sinh;
        grad(g) = g * x.cosh();
        at = [rutile, Tensor];
    /// Hyperbolic cosine.
    cosh(x) = x.cosh();
        complex = cosh;
        grad(g) = g * x.sinh();
        at = [rutile, Tensor];
    /// Hyperbolic tangent.
    tanh(x) = x.tanh() => y;
        complex = tanh;
        grad(g) = g * (lit::<M>(1.0) - y * y);
        at = [rutile, Tensor, nn.functional];
    /// Inverse hyperbolic sine.
    asinh(x) = x.asinh();
        complex = asinh;
        grad(g) = g / (x * x + 1.0).sqrt();
        at = [rutile, Tensor];
        alias = [arcsinh];
    /// Inverse hyperbolic cosine.
    acosh(x) = x.acosh();
        complex = acosh;
        grad(g) = g / ((x - 1.0).sqrt() * (x + 1.0).sqrt());
        at = [rutile, Tensor];
        alias = [arccosh];
        domain = 1.2..3.0;
    /// Inverse hyperbolic tangent.
    atanh(x) = x.atanh();
        complex = atanh;
        grad(g) = g / (lit::<M>(1.0) - x * x);
        at = [rutile, Tensor];
        alias = [arctanh];
        domain = -0.9..0.9;
    /// Gauss error function.
    erf(x) = x.erf();
        grad(g) = g * (x * -x).exp() * FRAC_2_SQRT_PI;
        at = [rutile, Tensor, special];
    /// `1 - erf(input)`, accurate for large arguments.
    erfc(x) = x.erfc();
        grad(g) = -g * (x * -x).exp() * FRAC_2_SQRT_PI;
        at = [rutile, Tensor, special];
    /// The magnitude of `input` with the sign of `other`.
    copysign(a, b) = a.copysign(b);
        grad(g) = select(a.eq(lit(0.0)), lit(0.0), g * lit::<M>(1.0).copysign(a) * lit::<M>(1.0).copysign(b)), g * 0.0;
        at = [rutile, Tensor];
    /// `sqrt(input**2 + other**2)`.
    hypot(a, b) = length(a, b) => y;
        grad(g) = g * a / y, g * b / y;
        at = [rutile, Tensor];
        domain = 0.3..2.0, 0.3..2.0;
    /// Largest integer not above.
    floor(x) = x.floor();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
    /// Smallest integer not below.
    ceil(x) = x.ceil();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
    /// Nearest integer, ties to even; the kernel of [`round()`](super::rare::round).
    round_even(x) = x.round();
        int = x;
        grad(g) = g * 0.0;
    /// Integer part.
    trunc(x) = x.trunc();
        int = x;
        grad(g) = g * 0.0;
        at = [rutile, Tensor];
        alias = [fix];
    /// Fractional part, with the sign of `input`.
    frac(x) = x - x.trunc();
        grad(g) = g;
        at = [rutile, Tensor];
    /// Degrees to radians.
    deg2rad(x) = x * (PI / 180.0);
        grad(g) = g * (PI / 180.0);
        at = [rutile, Tensor];
    /// Radians to degrees.
    rad2deg(x) = x * (180.0 / PI);
        grad(g) = g * (180.0 / PI);
        at = [rutile, Tensor];
    /// `log(input / (1 - input))`; the kernel of [`logit()`](super::rare::logit).
    log_odds(x) = (x / (lit::<M>(1.0) - x)).ln();
        grad(g) = g / (x * (lit::<M>(1.0) - x));
        domain = 0.1..0.9;
}
