//! Hyperbolic functions and their inverses.

use super::exponential::{exp_parts, exp_scaled, ln_1p};
use super::{by_type, single};
use crate::simd::Vector;
use std::f64::consts::LN_2;

/// Hyperbolic sine.
#[inline(always)]
pub fn sinh<V: Vector>(x: V) -> V {
    let z = x * x;
    let near = (x * z).mul_add(
        polynomial!(
            z,
            [0.16666666647, 0.0083333396759, 0.00019838101969, 2.8062802582e-06],
            [
                0.16666666666666666,
                0.008333333333333299,
                0.00019841269841324198,
                2.7557319191381816e-06,
                2.5052117695907823e-08,
                1.6057679623801638e-10,
                7.746178593018827e-13
            ]
        ),
        x,
    );
    let half = exp_scaled(x.abs(), -1.0);
    let far = (half - V::lit(0.25) / half).copysign(x);
    V::select(x.abs().lt(V::lit(1.0)), near, far)
}

/// Hyperbolic cosine.
#[inline(always)]
pub fn cosh<V: Vector>(x: V) -> V {
    let half = exp_scaled(x.abs(), -1.0);
    half + V::lit(0.25) / half
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<V: Vector>(x: V) -> V {
    // From 20 on it is 1; the bound keeps infinity out of the quotient.
    let a = x.abs().at_most(V::lit(20.0));
    let (n, p) = exp_parts(a * 2.0);
    // With u = 2^-n: (e^2a - 1) / (e^2a + 1) near 0, else 1 - 2 / (e^2a + 1), both fractions reduced by 2^n.
    let u = V::lit(1.0).scale(-n);
    let far = a.gt(V::lit(0.55));
    let numerator = V::select(far, u * -2.0, p + (V::lit(1.0) - u));
    let y = numerator / (p + (V::lit(1.0) + u));
    let y = y + V::select(far, V::lit(1.0), V::lit(0.0));
    if !single::<V>() {
        return y.copysign(x);
    }
    // A short polynomial is nearer than the quotient; in double precision it would be long.
    let z = a * a;
    let near = (a * z).mul_add(
        polynomial!(
            z,
            [-0.33333333293, 0.1333332377, -0.053964569319, 0.021817076067, -0.0085205493885, 0.0025179622196],
            [-0.3333333333333333]
        ),
        a,
    );
    V::select(far, y, near).copysign(x)
}

/// Where `ln(2 x)` replaces `ln(x + sqrt(x^2 +- 1))`: equal by then, and the square does not yet overflow.
#[inline(always)]
fn huge<V: Vector>() -> V {
    by_type(1e10, 1e20)
}

/// Inverse hyperbolic sine.
#[inline(always)]
pub fn asinh<V: Vector>(x: V) -> V {
    let a = x.abs();
    let large = a.gt(huge());
    let square = a * a;
    let near = a + square / ((square + 1.0).sqrt() + 1.0);
    let y = ln_1p(V::select(large, a, near)) + V::select(large, V::lit(LN_2), V::lit(0.0));
    y.copysign(x)
}

/// Inverse hyperbolic cosine.
#[inline(always)]
pub fn acosh<V: Vector>(x: V) -> V {
    let large = x.gt(huge());
    // Below 1 there is no result; far below, the formula would find one.
    let t = V::select(x.lt(V::lit(1.0)), V::lit(f64::NAN), x - 1.0);
    let near = t + (t * 2.0 + t * t).sqrt();
    ln_1p(V::select(large, x, near)) + V::select(large, V::lit(LN_2), V::lit(0.0))
}

/// Inverse hyperbolic tangent.
#[inline(always)]
pub fn atanh<V: Vector>(x: V) -> V {
    let a = x.abs();
    let a = V::select(a.gt(V::lit(1.0)), V::lit(f64::NAN), a);
    // 2 a / (1 - a), of which the first part is exact.
    let twice = a * 2.0;
    (ln_1p(twice + twice * a / (V::lit(1.0) - a)) * 0.5).copysign(x)
}
