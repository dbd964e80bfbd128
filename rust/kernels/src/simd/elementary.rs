//! Elementary functions, generic over [`Vector`]: no tables, few branches, the same code for `f32` and `f64`.
//!
//! Each reduces its argument to a small interval and evaluates a polynomial there (fitted at Chebyshev nodes, error
//! below a tenth of a unit in the last place). Reductions and corrections follow the literature: Cody and Waite
//! (1980) for exp, sin and cos; fdlibm's `2 atanh(f / (2 + f))` for logarithms; Dekker (1971) for products in two
//! parts. Constants in two parts have enough trailing zeros for the products to be exact without a fused
//! multiply-add. NaN propagates; infinities, signed zeros and subnormal numbers are as in C99.
//!
//! In `f32` every function of one argument is within 2 units in the last place of the exact value (2.25 without fused
//! multiply-add), over all numbers there are: `cargo test -p rutile-kernels --test elementary` sweeps them and prints the errors. In `f64` the
//! tested bound is 3, against a reference that is itself one unit off; pow and atan2 have theirs in the test.

use super::Vector;
use crate::element::Element;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, PI};

/// Whether the lanes are `f32`; folded at compile time.
#[inline(always)]
const fn single<V: Vector>() -> bool {
    size_of::<V::Elem>() == 4
}

/// A constant that depends on the precision.
#[inline(always)]
fn by_type<V: Vector>(f32: f64, f64: f64) -> V {
    V::lit(if single::<V>() { f32 } else { f64 })
}

/// `c0 + x (c1 + x (c2 + ...))`, with coefficients for `f32` and for `f64`.
macro_rules! polynomial {
    ($x:expr, [$($a:expr),+], [$($b:expr),+]) => {
        if single::<V>() { polynomial!(@ $x, $($a),+) } else { polynomial!(@ $x, $($b),+) }
    };
    (@ $x:expr, $c:expr) => { V::lit($c) };
    (@ $x:expr, $c:expr, $($more:expr),+) => { polynomial!(@ $x, $($more),+).mul_add($x, V::lit($c)) };
}

/// `bound` where `x` is above it; NaN stays.
#[inline(always)]
fn at_most<V: Vector>(x: V, bound: V) -> V {
    V::select(x.gt(bound), bound, x)
}

/// `bound` where `x` is below it; NaN stays.
#[inline(always)]
fn at_least<V: Vector>(x: V, bound: V) -> V {
    V::select(x.lt(bound), bound, x)
}

/// `x = n ln 2 + r` with integral `n` and `|r| <= ln 2 / 2`: gives (`n`, `e^r - 1`).
#[inline(always)]
fn exp_parts<V: Vector>(x: V) -> (V, V) {
    let (n, p, _) = exp_three_parts(x);
    (n, p)
}

/// [`exp_parts`], and what rounding took from both.
#[inline(always)]
fn exp_three_parts<V: Vector>(x: V) -> (V, V, V) {
    let n = (x * LOG2_E).round();
    let near = n.mul_add(by_type(-0.693145751953125, -0.6931471805598903), x);
    let rest = by_type(-1.428606765330187e-06, -5.497923018708371e-14);
    let r = n.mul_add(rest, near);
    let low = n.mul_add(rest, near - r);
    let q = polynomial!(
        r,
        [0.5, 0.16666666682, 0.041666464711, 0.0083333109017, 0.0013933673733, 0.00019891017184],
        [
            0.5,
            0.16666666666666666,
            0.04166666666666668,
            0.008333333333333333,
            0.0013888888888879054,
            0.00019841269841263285,
            2.480158733649766e-05,
            2.755731924725567e-06,
            2.7557263219790347e-07,
            2.505207105477011e-08,
            2.09181596693241e-09,
            1.6086642574672407e-10
        ]
    );
    let square = r * r;
    let p = square.mul_add(q, r);
    (n, p, low + square.mul_add(q, r - p))
}

/// `e^x 2^k` for `k` of -1 or 0, without overflow before the last step.
#[inline(always)]
fn exp_scaled<V: Vector>(x: V, k: f64) -> V {
    let x = at_least(at_most(x, by_type(90.0, 711.0)), by_type(-106.0, -748.0));
    let (n, p) = exp_parts(x);
    (p + 1.0).scale(n + k)
}

/// `e^x`.
#[inline(always)]
pub fn exp<V: Vector>(x: V) -> V {
    exp_scaled(x, 0.0)
}

/// `2^(n + r)` for integral `n` and `|r| <= 1/2`.
#[inline(always)]
fn exp2_parts<V: Vector>(n: V, r: V) -> V {
    let p = polynomial!(
        r,
        [0.69314718804, 0.24022650761, 0.055503570712, 0.00961808252, 0.0013390886332, 0.0001545318283],
        [
            LN_2,
            0.24022650695910072,
            0.055504108664821625,
            0.00961812910762848,
            0.0013333558146406436,
            0.00015403530393370715,
            1.5252733841601815e-05,
            1.3215486808727859e-06,
            1.0178057064573359e-07,
            7.054897292691627e-09,
            4.455822025014915e-10,
            2.5729344553786755e-11
        ]
    );
    r.mul_add(p, V::lit(1.0)).scale(n)
}

/// `2^x`.
#[inline(always)]
pub fn exp2<V: Vector>(x: V) -> V {
    let x = at_least(at_most(x, by_type(130.0, 1026.0)), by_type(-152.0, -1078.0));
    let n = x.round();
    exp2_parts(n, x - n)
}

/// `e^x - 1`, accurate near 0.
#[inline(always)]
pub fn exp_m1<V: Vector>(x: V) -> V {
    let bounded = at_least(at_most(x, by_type(90.0, 711.0)), V::lit(-50.0));
    let (n, p) = exp_parts(bounded);
    // 2^n (p + 1) - 1, where only one factor may overflow.
    let y = (p + (V::lit(1.0) - V::lit(1.0).scale(-n))).scale(n);
    y.copysign(x)
}

/// `x = m 2^e` with `m` near 1 (`sqrt(1/2) <= m < sqrt(2)`), for positive finite `x`.
#[inline(always)]
fn split_exponent<V: Vector>(x: V) -> (V, V) {
    let tiny = x.lt(by_type(f32::MIN_POSITIVE as f64, f64::MIN_POSITIVE));
    let x = V::select(tiny, x * by_type::<V>(16777216.0, 18014398509481984.0), x);
    let shift = V::select(tiny, by_type(24.0, 54.0), V::lit(0.0));
    let (m, e) = (x.mantissa(), x.exponent() - shift);
    let large = m.ge(V::lit(std::f64::consts::SQRT_2));
    (V::select(large, m * 0.5, m), V::select(large, e + 1.0, e))
}

/// `ln(1 + f) - f` for `1 + f` between `sqrt(1/2)` and `sqrt(2)`.
#[inline(always)]
fn ln_tail<V: Vector>(f: V) -> V {
    let s = f / (f + 2.0);
    let z = s * s;
    let r = z * polynomial!(
        z,
        [0.66666685064, 0.39988770674, 0.29580398281],
        [
            0.666666666666667,
            0.3999999999989924,
            0.2857142862609589,
            0.2222221111514416,
            0.18182890556695602,
            0.1533167403016786,
            0.1461703754879165
        ]
    );
    let half_square = f * f * 0.5;
    s * (half_square + r) - half_square
}

/// `y` for positive finite `x`, else what every logarithm gives there.
#[inline(always)]
fn ln_special<V: Vector>(x: V, y: V) -> V {
    let infinity = V::lit(f64::INFINITY);
    let edge = V::select(x.eq(infinity), infinity, V::lit(f64::NAN));
    let edge = V::select(x.eq(V::lit(0.0)), -infinity, edge);
    V::select(x.gt(V::lit(0.0)) & x.lt(infinity), y, edge)
}

/// `e ln 2 + ln(1 + f)`.
#[inline(always)]
fn ln_join<V: Vector>(e: V, f: V) -> V {
    let low = e.mul_add(by_type(1.428606765330187e-06, 5.497923018708371e-14), ln_tail(f));
    e.mul_add(by_type(0.693145751953125, 0.6931471805598903), f + low)
}

/// Natural logarithm.
#[inline(always)]
pub fn ln<V: Vector>(x: V) -> V {
    let (m, e) = split_exponent(x);
    ln_special(x, ln_join(e, m - 1.0))
}

/// `ln(1 + x)`, accurate near 0.
#[inline(always)]
pub fn ln_1p<V: Vector>(x: V) -> V {
    let u = x + 1.0;
    let one = u - x;
    let lost = (x - (u - one)) + (V::lit(1.0) - one); // u + lost = 1 + x, exactly
    let (m, e) = split_exponent(u);
    let y = ln_join(e, (m - 1.0) + lost.scale(-e));
    ln_special(u, y).copysign(x)
}

/// `e a + ln(1 + f) b` for constants in two parts: logarithms of other bases.
#[inline(always)]
fn log_join<V: Vector>(x: V, a: (V, V), b: (V, V)) -> V {
    let (m, e) = split_exponent(x);
    let f = m - 1.0;
    let (high, low) = f.two_product(b.0);
    let low = low + f * b.1 + ln_tail(f) * b.0 + e * a.1;
    ln_special(x, e.mul_add(a.0, high + low))
}

/// Base-2 logarithm.
#[inline(always)]
pub fn log2<V: Vector>(x: V) -> V {
    log_join(x, (V::lit(1.0), V::lit(0.0)), log2_e())
}

/// The two parts of `1 / ln 2`.
#[inline(always)]
fn log2_e<V: Vector>() -> (V, V) {
    (by_type(1.4426950216293335, LOG2_E), by_type(1.925963033500011e-08, 2.0355273740931033e-17))
}

/// Base-10 logarithm.
#[inline(always)]
pub fn log10<V: Vector>(x: V) -> V {
    let log10_2 =
        (by_type(0.301025390625, 0.30102999566395283), by_type(4.605039066518657e-06, 2.8363394551044964e-14));
    let log10_e = (
        by_type(0.4342944920063019, std::f64::consts::LOG10_E),
        by_type(-1.0103049952192578e-08, 1.098319650216765e-17),
    );
    log_join(x, log10_2, log10_e)
}

/// `log2(x)` as the unevaluated sum of two numbers, to about 1.5 times the precision, for positive finite `x`.
#[inline(always)]
fn log2_twofold<V: Vector>(x: V) -> (V, V) {
    let (m, e) = split_exponent(x);
    // s = f / (2 + f) in two parts.
    let f = m - 1.0;
    let d = m + 1.0;
    let d_low = m - (d - 1.0);
    let s = f / d;
    let (p, p_low) = s.two_product(d);
    let s_low = (((f - p) - p_low) - s * d_low) / d;
    // z = s^2; w = 2/3 + 2/5 z + ...; ln m = 2 s + s z w.
    let (z, z_low) = s.two_product(s);
    let z_low = z_low + s * s_low * 2.0;
    let tail = z * polynomial!(
        z,
        [0.39999999905, 0.28571531927, 0.22204750187, 0.19120778681],
        [
            0.4,
            0.2857142857142937,
            0.22222222221654733,
            0.1818181833565416,
            0.15384594934597917,
            0.13334806212100603,
            0.11706195689881364,
            0.11723603622905411
        ]
    );
    let two_thirds: V = by_type(0.6666666865348816, 2.0 / 3.0);
    let w = tail + two_thirds;
    let w_low = tail - (w - two_thirds) + by_type::<V>(-1.9868215517249155e-08, 3.700743415417188e-17);
    let (c, c_low) = z.two_product(w);
    let c_low = c_low + z * w_low + z_low * w;
    let (v, v_low) = s.two_product(c);
    let v_low = v_low + s * c_low + s_low * c;
    let ln = s * 2.0 + v;
    let ln_low = (v - (ln - s * 2.0)) + (s_low * 2.0 + v_low);
    // To base 2, plus the exponent, which is 0 or larger than what it is added to.
    let (b, b_low) = log2_e::<V>();
    let (t, t_low) = ln.two_product(b);
    let t_low = t_low + ln * b_low + ln_low * b;
    let log = e + t;
    (log, (t - (log - e)) + t_low)
}

/// `x` to the power `y`, with C's conventions: `pow(x, 0) = pow(1, y) = 1`, even for NaN.
#[inline(always)]
pub fn pow<V: Vector>(x: V, y: V) -> V {
    let (zero, one, infinity) = (V::lit(0.0), V::lit(1.0), V::lit(f64::INFINITY));
    let a = x.abs();
    let (log, log_low) = log2_twofold(a);
    let (q, q_low) = y.two_product(log);
    let q_low = q_low + y * log_low;
    let bound: V = by_type(200.0, 1200.0);
    let beyond = q.abs().gt(bound);
    let q = at_least(at_most(q, bound), -bound);
    let n = q.round();
    let r = (q - n) + V::select(beyond, zero, q_low);
    let power = exp2_parts(n, r);
    // Zero and infinite bases, and bases of magnitude 1 with infinite exponents.
    let grows = V::select(y.gt(zero), infinity, zero);
    let power = V::select(a.eq(zero), V::select(y.gt(zero), zero, infinity), power);
    let power = V::select(a.eq(infinity), grows, power);
    let power = V::select(a.eq(one), one, power);
    // Negative bases: the sign of odd powers, no value for fractional ones.
    let integral = y.floor().eq(y);
    let half = y * 0.5;
    let odd = integral & half.floor().ne(half);
    let power = V::select(odd, power.copysign(x), power);
    let undefined = x.lt(zero) & !integral & a.lt(infinity) | x.ne(x) | y.ne(y);
    let power = V::select(undefined, V::lit(f64::NAN), power);
    V::select(y.eq(zero) | x.eq(one), one, power)
}

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
    let a = at_most(x.abs(), V::lit(20.0));
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

/// `erf(x) - x` for `|x| <= 1`.
#[inline(always)]
fn erf_tail<V: Vector>(x: V) -> V {
    let z = x * x;
    x * polynomial!(
        z,
        [
            0.12837916585,
            -0.37612626667,
            0.11283594715,
            -0.026854212011,
            0.0051890874234,
            -0.00080168642872,
            7.8758750627e-05
        ],
        [
            0.1283791670955126,
            -0.3761263890318375,
            0.11283791670954879,
            -0.026866170645076792,
            0.0052239776248180145,
            -0.000854832698083379,
            0.0001205533111164271,
            -1.4925595266831182e-05,
            1.6461000484121368e-06,
            -1.6350312701054695e-07,
            1.4659775274047436e-08,
            -1.1372848856791674e-09,
            5.957176147748911e-11
        ]
    )
}

/// `erfc(a)` for `a >= 0.45`.
#[inline(always)]
fn erfc_far<V: Vector>(a: V) -> V {
    // erfc a = e^(-a^2) q(t) / (1 + 2 a), where t maps the half axis to an interval on which q is smooth.
    let a = at_most(a, by_type(10.5, 28.0)); // from here on it is 0
    let t = (a - 4.0) / (a + 4.0);
    let first: V = by_type(1.2329951185, 1.2329951186255526);
    let slope = polynomial!(
        t,
        [
            -0.1396211099,
            0.015379713053,
            0.06809601123,
            -0.10104159719,
            0.093755352646,
            -0.066288551204,
            0.037015593068,
            -0.01649613793,
            0.0053161831895
        ],
        [
            -0.13962111684056255,
            0.015379652102619098,
            0.06809705425469749,
            -0.10103906603625828,
            0.09373283499818684,
            -0.06633036581349587,
            0.037167515539911176,
            -0.016197734039638548,
            0.005031969959410359,
            -0.000757773439017777,
            -0.0001992566217694988,
            0.00015062245399856283,
            -2.4399309113143734e-05,
            -1.122462445098893e-05,
            5.70937204107749e-06,
            2.9938795233219766e-07,
            -8.235624390130805e-07,
            6.717226326433025e-08,
            1.06452649653259e-07,
            -1.2278425705830675e-08,
            -1.073184671014993e-08
        ]
    );
    let q = slope.mul_add(t, first);
    let q_low = slope.mul_add(t, first - q);
    // e^(-a^2) = 2^n (1 + p); the rounding errors of a^2, of the divisor and of the quotient are carried along.
    let (square, lost) = a.two_product(a);
    let (n, p, low) = exp_three_parts(at_least(-square, by_type(-106.0, -748.0)));
    let divisor = a * 2.0 + 1.0;
    let divisor_low = a * 2.0 - (divisor - 1.0);
    let w = q / divisor;
    let w_low = ((-w).mul_add(divisor, q) + (q_low - w * divisor_low)) / divisor;
    (w + p.mul_add(w, w_low + w * (low - lost) * (p + 1.0))).scale(n)
}

/// Gauss error function.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let a = x.abs();
    let far = V::lit(1.0) - erfc_far(a);
    V::select(a.lt(V::lit(1.0)), x + erf_tail(x), far.copysign(x))
}

/// `1 - erf(x)`, accurate for large `x`.
#[inline(always)]
pub fn erfc<V: Vector>(x: V) -> V {
    let far = erfc_far(x.abs());
    let far = V::select(x.lt(V::lit(0.0)), V::lit(2.0) - far, far);
    let near = (V::lit(1.0) - x) - erf_tail(x);
    V::select(x.lt(V::lit(0.8)) & x.gt(V::lit(-1.0)), near, far)
}
