//! Sine, cosine, tangent and their inverses.

use super::by_type;
use crate::element::Element;
use crate::simd::Vector;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// Sine and cosine of an angle's rest after quarter turns; what rounding took from them; the number of quarters mod 4.
struct Angle<V> {
    sin: V,
    sin_low: V,
    cos: V,
    cos_low: V,
    quadrant: V,
}

/// `x = n pi/2 + r` with `|r| <= pi/4`. `x` is at most [`angle_bound`].
#[inline(always)]
fn sin_cos_parts<V: Vector>(x: V) -> Angle<V> {
    let n = (x * std::f64::consts::FRAC_2_PI).round();
    // Four parts of pi/2: the products with the first three are exact. What rounding the sum loses is kept.
    let near = n.mul_add(by_type(-1.5703125, -1.5707963267341256), x);
    let second = n * by_type::<V>(-0.0004837512969970703, -6.077100506303966e-11);
    let middle = near + second;
    let third = n * by_type::<V>(-7.549533620476723e-08, -2.0222662487111665e-21);
    let head = middle + third;
    let rest = (second - (middle - near)) + (third - (head - middle));
    let rest = n.mul_add(by_type(-2.5633440682570896e-12, -8.4784276603689e-32), rest);
    let r = head + rest;
    let low = rest - (r - head);
    let z = r * r;
    let rise = (r * z).mul_add(
        polynomial!(
            z,
            [-0.16666666664, 0.0083333318737, -0.00019840086163, 2.7249851596e-06],
            [
                -0.16666666666666666,
                0.008333333333333331,
                -0.0001984126984126506,
                2.755731921933466e-06,
                -2.505210623088241e-08,
                1.6058531370931902e-10,
                -7.586682497157786e-13
            ]
        ),
        low,
    );
    let sin = r + rise;
    let half = z * 0.5;
    let w = V::lit(1.0) - half;
    let lost = (V::lit(1.0) - w) - half;
    let fall = (z * z).mul_add(
        polynomial!(
            z,
            [0.041666664658, -0.0013888302752, 2.4547880842e-05],
            [
                0.041666666666666664,
                -0.0013888888888887395,
                2.480158729876295e-05,
                -2.755731727031051e-07,
                2.087614597263508e-09,
                -1.1382611119025631e-11
            ]
        ),
        lost - r * low,
    );
    let cos = w + fall;
    let quadrant = n - (n * 0.25).floor() * 4.0;
    Angle { sin, sin_low: rise - (sin - r), cos, cos_low: fall - (cos - w), quadrant }
}

/// Up to this magnitude the reduction of angles is accurate; beyond, lanes go to the standard library.
#[inline(always)]
fn angle_bound<V: Vector>() -> V {
    by_type(8192.0, 1.0e6)
}

/// `y`, but `f` of the lanes whose angle is too large for the fast reduction.
#[inline(always)]
fn with_large_angles<V: Vector>(x: V, y: V, f: fn(V::Elem) -> V::Elem) -> V {
    let small = x.abs().le(angle_bound::<V>());
    if V::any(!small) { V::select(small, y, x.map_lanes(f)) } else { y }
}

/// Sine.
#[inline(always)]
pub fn sin<V: Vector>(x: V) -> V {
    let Angle { sin, cos, quadrant, .. } = sin_cos_parts(x);
    let odd = quadrant.eq(V::lit(1.0)) | quadrant.eq(V::lit(3.0));
    let y = V::select(odd, cos, sin);
    let y = V::select(quadrant.ge(V::lit(2.0)), -y, y);
    let y = V::select(x.eq(V::lit(0.0)), x, y);
    with_large_angles(x, y, |x| V::Elem::from_f64(x.to_f64().sin()))
}

/// Cosine.
#[inline(always)]
pub fn cos<V: Vector>(x: V) -> V {
    let Angle { sin, cos, quadrant, .. } = sin_cos_parts(x);
    let (first, third) = (quadrant.eq(V::lit(1.0)), quadrant.eq(V::lit(3.0)));
    let y = V::select(first | third, sin, cos);
    let y = V::select(first | quadrant.eq(V::lit(2.0)), -y, y);
    with_large_angles(x, y, |x| V::Elem::from_f64(x.to_f64().cos()))
}

/// Tangent.
#[inline(always)]
pub fn tan<V: Vector>(x: V) -> V {
    let Angle { sin, sin_low, cos, cos_low, quadrant } = sin_cos_parts(x);
    let odd = quadrant.eq(V::lit(1.0)) | quadrant.eq(V::lit(3.0));
    let (above, below) = (V::select(odd, -cos, sin), V::select(odd, sin, cos));
    let (above_low, below_low) = (V::select(odd, -cos_low, sin_low), V::select(odd, sin_low, cos_low));
    let y = above / below;
    let y = y + ((-y).mul_add(below, above) + (above_low - y * below_low)) / below;
    let y = V::select(x.eq(V::lit(0.0)), x, y);
    with_large_angles(x, y, |x| V::Elem::from_f64(x.to_f64().tan()))
}

/// `asin(x) / x - 1` for `x^2 <= 1/4`.
#[inline(always)]
fn asin_tail<V: Vector>(square: V) -> V {
    square
        * polynomial!(
            square,
            [0.16666666337, 0.075000945435, 0.044599401529, 0.031100662735, 0.017149238358, 0.033690847203],
            [
                0.16666666666666669,
                0.07499999999998433,
                0.04464285714635543,
                0.030381944138531247,
                0.02237217294214989,
                0.017352392720869973,
                0.013971212973552933,
                0.011479177415184906,
                0.01032281435018578,
                0.005457506718640358,
                0.01740087944269402,
                -0.014851887071247204,
                0.028757851367421566
            ]
        )
}

/// What a double's constant lacks: to be added after subtracting from it. For `f32`, of the constant rounded to it.
#[inline(always)]
fn half_pi_low<V: Vector>() -> V {
    by_type(-4.371138828673793e-08, 6.123233995736766e-17)
}

/// Inverse sine.
#[inline(always)]
pub fn asin<V: Vector>(x: V) -> V {
    let a = x.abs();
    let outer = a.gt(V::lit(0.5));
    // asin a = pi/2 - 2 asin sqrt((1 - a) / 2)
    let square = V::select(outer, (V::lit(1.0) - a) * 0.5, a * a);
    let root = V::select(outer, square.sqrt(), a);
    let tail = root * asin_tail(square);
    // The larger parts first, with what their difference loses.
    let (quarter, twice) = (V::lit(FRAC_PI_2), root * 2.0);
    let gap = quarter - twice;
    let lost = (quarter - gap) - twice;
    let far = gap - (tail * 2.0 - (half_pi_low::<V>() + lost));
    V::select(outer, far, root + tail).copysign(x)
}

/// Inverse cosine.
#[inline(always)]
pub fn acos<V: Vector>(x: V) -> V {
    let a = x.abs();
    let outer = a.gt(V::lit(0.5));
    let square = V::select(outer, (V::lit(1.0) - a) * 0.5, a * a);
    let root = V::select(outer, square.sqrt(), x);
    let y = root.mul_add(asin_tail(square), root);
    let inner = V::lit(FRAC_PI_2) - (y - half_pi_low::<V>());
    let flipped = V::lit(PI) - (y * 2.0 - half_pi_low::<V>() * 2.0);
    V::select(outer, V::select(x.lt(V::lit(0.0)), flipped, y * 2.0), inner)
}

/// Inverse tangent of `0 <= t <= 1`.
#[inline(always)]
fn atan_unit<V: Vector>(t: V) -> V {
    let zero = V::lit(0.0);
    let far = t.gt(V::lit(std::f64::consts::SQRT_2 - 1.0));
    let (above, below) = (t - 1.0, t + 1.0);
    let u = V::select(far, above / below, t);
    // What the quotient and its divisor lost.
    let lost = ((-u).mul_add(below, above) - u * (t - (below - 1.0))) / below;
    let lost = V::select(far, lost, zero);
    let z = u * u;
    let y = (u * z).mul_add(
        polynomial!(
            z,
            [-0.33333331761, 0.19999540414, -0.14263953171, 0.10743705261, -0.064518412769],
            [
                -0.3333333333333333,
                0.19999999999995519,
                -0.14285714284666184,
                0.11111111015227572,
                -0.09090904576954117,
                0.07692183163650894,
                -0.06664511064599371,
                0.05858145587628202,
                -0.050854323376990765,
                0.0392311556198723,
                -0.01917627151752634
            ]
        ),
        u,
    );
    let low = half_pi_low::<V>() * 0.5;
    V::select(far, V::lit(FRAC_PI_4), zero) + (y + (lost + V::select(far, low, zero)))
}

/// Inverse tangent.
#[inline(always)]
pub fn atan<V: Vector>(x: V) -> V {
    let a = x.abs();
    let outer = a.gt(V::lit(1.0));
    let y = atan_unit(V::select(outer, V::lit(1.0) / a, a));
    let y = V::select(outer, V::lit(FRAC_PI_2) - (y - half_pi_low::<V>()), y);
    y.copysign(x)
}

/// The angle of the point (`x`, `y`), in [-pi, pi]; signed zeros count.
#[inline(always)]
pub fn atan2<V: Vector>(y: V, x: V) -> V {
    let (zero, one) = (V::lit(0.0), V::lit(1.0));
    let (a, b) = (y.abs(), x.abs());
    let (low, high) = (a.min(b), a.max(b));
    let t = V::select(low.eq(high), one, low / high); // also infinities
    let t = V::select(high.eq(zero), zero, t);
    let angle = atan_unit(t);
    let angle = V::select(a.gt(b), V::lit(FRAC_PI_2) - (angle - half_pi_low::<V>()), angle);
    let left = one.copysign(x).lt(zero);
    let angle = V::select(left, V::lit(PI) - (angle - half_pi_low::<V>() * 2.0), angle);
    angle.copysign(y)
}
