//! The error function.

use super::exponential::{exp_parts, exp_three_parts};
use super::{by_type, single};
use crate::simd::Vector;
use std::f64::consts::FRAC_1_SQRT_2;

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
    let a = a.at_most(by_type(10.5, 28.0)); // from here on it is 0
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
    let (n, p, low) = exp_three_parts((-square).at_least(by_type(-106.0, -748.0)));
    let divisor = a * 2.0 + 1.0;
    let divisor_low = a * 2.0 - (divisor - 1.0);
    let w = q / divisor;
    let w_low = ((-w).mul_add(divisor, q) + (q_low - w * divisor_low)) / divisor;
    (w + p.mul_add(w, w_low + w * (low - lost) * (p + 1.0))).scale(n)
}

/// `1 - erf(a)` for `a >= 1`, within a tenth of the last place of `erf(a)` in `f32`.
#[inline(always)]
fn erfc_rough<V: Vector>(a: V) -> V {
    let a = a.at_most(V::lit(4.0)); // from here on the error function is 1
    // -ln erfc(a), fitted such that the error times erfc(a) is the same everywhere.
    #[rustfmt::skip]
    let log = polynomial!(@ a,
        0.00035371875708, 1.1270400391, 0.63822567207, 0.10303737338,
        -0.021805320606, 0.0029396078896, -0.00018557407135
    );
    let (n, p) = exp_parts(-log);
    (p + 1.0).scale(n)
}

/// Gauss error function.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let a = x.abs();
    let far = V::lit(1.0) - if single::<V>() { erfc_rough(a) } else { erfc_far(a) };
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

/// The distribution function of the standard normal distribution.
#[inline(always)]
pub fn ndtr<V: Vector>(x: V) -> V {
    if !single::<V>() {
        return (x * -FRAC_1_SQRT_2).erfc() * 0.5;
    }
    // The tail beyond a = |x| is e^(-a^2 / 2) t q(t) with t = 1 / (1 + 0.35 a), as Hastings (1955) has it, of higher degree.
    let a = x.abs().at_most(V::lit(15.0)); // from here on it is 0
    let t = V::lit(1.0) / a.mul_add(V::lit(0.35), V::lit(1.0));
    #[rustfmt::skip]
    let q = polynomial!(@ t,
        0.13962130549, 0.13986354162, 0.11982108008, 0.10555338584, -0.023214573262,
        0.15932308656, -0.25584209801, 0.14403246896, -0.029158213255
    );
    let (n, p) = exp_parts(a * a * -0.5);
    let tail = (q * t * (p + 1.0)).scale(n);
    V::select(x.lt(V::lit(0.0)), tail, V::lit(1.0) - tail)
}
