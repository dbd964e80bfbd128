//! Exponentials, logarithms and powers.

use super::by_type;
use crate::simd::Vector;
use std::f64::consts::{LN_2, LOG2_E};

/// `x = n ln 2 + r` with integral `n` and `|r| <= ln 2 / 2`: gives (`n`, `e^r - 1`).
#[inline(always)]
pub(super) fn exp_parts<V: Vector>(x: V) -> (V, V) {
    let (n, p, _) = exp_three_parts(x);
    (n, p)
}

/// [`exp_parts`], and what rounding took from both.
#[inline(always)]
pub(super) fn exp_three_parts<V: Vector>(x: V) -> (V, V, V) {
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
pub(super) fn exp_scaled<V: Vector>(x: V, k: f64) -> V {
    let x = x.at_most(by_type(90.0, 711.0)).at_least(by_type(-106.0, -748.0));
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
    let x = x.at_most(by_type(130.0, 1026.0)).at_least(by_type(-152.0, -1078.0));
    let n = x.round();
    exp2_parts(n, x - n)
}

/// `e^x - 1`, accurate near 0.
#[inline(always)]
pub fn exp_m1<V: Vector>(x: V) -> V {
    let bounded = x.at_most(by_type(90.0, 711.0)).at_least(V::lit(-50.0));
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
    let q = q.at_most(bound).at_least(-bound);
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
