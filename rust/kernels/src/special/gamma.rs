//! The gamma function's family.

use std::f64::consts::PI;

/// `ln |Gamma(x)|`.
pub fn lgamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// `B_2k / (2 k)!`, the coefficients of the Euler-Maclaurin formula.
const BERNOULLI: [f64; 12] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30240.0,
    -1.0 / 1209600.0,
    1.0 / 47900160.0,
    -5.284190138687493e-10,
    1.3382536530684679e-11,
    -3.3896802963225829e-13,
    8.586062056277845e-15,
    -2.174868698558062e-16,
    5.5090028283602295e-18,
    -1.3954464685812523e-19,
];

/// The logarithmic derivative of the gamma function: reflection, recurrence up to 10, then the asymptotic series.
pub fn digamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY.copysign(-x);
    }
    if x < 0.0 {
        if x == x.floor() {
            return f64::NAN;
        }
        // The tangent of the fractional part alone: pi x has lost it for large x.
        return digamma(1.0 - x) - PI / (PI * (x - x.round())).tan();
    }
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let tail = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0];
    let tail = tail.iter().rev().fold(0.0, |sum, b| sum * z + b) * z;
    shift + (x.ln() - 0.5 / x - tail)
}

/// Hurwitz's zeta function, the sum of `(q + k)^-s` over `k >= 0`, for `s > 1`.
pub fn zeta(s: f64, q: f64) -> f64 {
    if s == 1.0 {
        return f64::INFINITY;
    }
    if s < 1.0 || s.is_nan() || q.is_nan() {
        return f64::NAN;
    }
    if q <= 0.0 {
        if q == q.floor() {
            return f64::INFINITY;
        }
        // The power of a negative number is real only for whole exponents.
        if s != s.floor() {
            return f64::NAN;
        }
    }
    // The formula wants x beyond s; for large s the sum itself is over long before.
    let (mut sum, mut x) = (0.0, q);
    while x < 10.0 + s {
        let term = x.powf(-s);
        sum += term;
        x += 1.0;
        if x > 1.0 && term.abs() < 1e-18 * sum.abs() {
            return sum;
        }
    }
    let power = x.powf(-s);
    sum += power * x / (s - 1.0) + 0.5 * power;
    let (mut factor, mut power) = (s, power / x);
    for (k, b) in BERNOULLI.iter().enumerate() {
        let term = b * factor * power;
        sum += term;
        if term.abs() < 1e-17 * sum.abs() {
            break;
        }
        let j = 2.0 * k as f64 + 1.0;
        factor *= (s + j) * (s + j + 1.0);
        power /= x * x;
    }
    sum
}

/// The derivative number `n` of [`digamma`].
pub fn polygamma(n: u32, x: f64) -> f64 {
    if n == 0 {
        return digamma(x);
    }
    let s = f64::from(n) + 1.0;
    let sign = if n % 2 == 1 { 1.0 } else { -1.0 };
    sign * libm::tgamma(s) * zeta(s, x)
}

/// `x^a e^-x / Gamma(a + 1)`, without the cancellation of its logarithm for large `a`.
fn front(a: f64, x: f64) -> f64 {
    if a < 20.0 {
        return (a * x.ln() - x - lgamma(a + 1.0)).exp();
    }
    // Stirling: Gamma(a + 1) = sqrt(2 pi a) (a / e)^a e^(1 / 12 a - ...)
    let mu = (x - a) / a;
    let series = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    let series = series.iter().rev().fold(0.0, |sum, c| sum / (a * a) + c) / a;
    let log = if mu.abs() < 0.4 { log1p_minus(mu) } else { (x / a).ln() - mu };
    (a * log - series).exp() / (2.0 * PI * a).sqrt()
}

/// `ln(1 + m) - m`.
fn log1p_minus(m: f64) -> f64 {
    if m.abs() > 0.05 {
        return m.ln_1p() - m;
    }
    (2..24).rev().fold(0.0, |sum, k| (if k % 2 == 0 { -1.0 } else { 1.0 }) / f64::from(k) + m * sum) * m * m
}

/// How many terms the series and the fraction may take: about `sqrt(a)` times a constant near `x = a`.
fn terms(a: f64) -> usize {
    200 + (40.0 * a.sqrt()).min(1e6) as usize
}

/// Regularised lower incomplete gamma function.
pub fn igamma(a: f64, x: f64) -> f64 {
    match (a, x) {
        _ if a < 0.0 || x < 0.0 || a.is_nan() || x.is_nan() => f64::NAN,
        _ if a == 0.0 => {
            if x > 0.0 {
                1.0
            } else {
                f64::NAN
            }
        }
        _ if x == 0.0 => 0.0,
        _ if a.is_infinite() => {
            if x.is_infinite() {
                f64::NAN
            } else {
                0.0
            }
        }
        _ if x.is_infinite() => 1.0,
        _ if x > 1.0 && x > a => 1.0 - upper(a, x),
        _ => lower(a, x),
    }
}

/// Regularised upper incomplete gamma function.
pub fn igammac(a: f64, x: f64) -> f64 {
    match (a, x) {
        _ if a < 0.0 || x < 0.0 || a.is_nan() || x.is_nan() => f64::NAN,
        _ if a == 0.0 => {
            if x > 0.0 {
                0.0
            } else {
                f64::NAN
            }
        }
        _ if x == 0.0 => 1.0,
        _ if a.is_infinite() => {
            if x.is_infinite() {
                f64::NAN
            } else {
                1.0
            }
        }
        _ if x.is_infinite() => 0.0,
        _ if x > 1.0 && x > a => upper(a, x),
        _ => 1.0 - lower(a, x),
    }
}

/// The power series (DLMF 8.11.4).
fn lower(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, a);
    for _ in 0..terms(a) {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum * front(a, x)
}

/// The continued fraction (DLMF 8.9.2) by Lentz's method.
fn upper(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..terms(a) {
        let i = i as f64;
        let numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        c = b + numerator / c;
        d = 1.0 / if d == 0.0 { 1e-300 } else { d };
        let delta = d * if c == 0.0 { 1e-300 } else { c };
        h *= delta;
        if (delta - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h * front(a, x) * a
}

/// The derivative of [`igamma`] by `x`.
pub fn igamma_slope(a: f64, x: f64) -> f64 {
    ((a - 1.0) * x.ln() - x - lgamma(a)).exp()
}
