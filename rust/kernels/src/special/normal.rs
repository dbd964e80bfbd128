//! The normal distribution: error functions and their inverses.

use super::chebyshev;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

/// `(1 + 2 a) erfcx(a)` for `t = (a - 4) / (a + 4)`.
const SCALED: [f64; 25] = [
    1.1774832005374487,
    -0.007260796620301901,
    -0.081265123236185,
    0.06009212804122225,
    -0.02875393558027666,
    0.01059566336347286,
    -0.003136927294554264,
    0.0007456494372536184,
    -0.0001369696503010054,
    1.7183861600300937e-05,
    -7.158364623450346e-07,
    -2.4261399442449534e-07,
    5.5765709395703566e-08,
    -2.1057869513809494e-09,
    -1.1717889351884957e-09,
    1.9098355172456688e-10,
    1.408871764208813e-11,
    -6.901108320480815e-12,
    9.167958364111294e-14,
    2.1454508286554553e-13,
    -1.4716575027010623e-14,
    -6.668675118770408e-15,
    7.504598509880083e-16,
    2.22009300666632e-16,
    -3.1704898956330886e-17,
];

/// `e^(x^2) erfc(x)`.
pub fn erfcx(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 * (x * x).exp() - erfcx(-x);
    }
    if x.is_infinite() {
        return 0.0;
    }
    chebyshev(&SCALED, (x - 4.0) / (x + 4.0)) / (1.0 + 2.0 * x)
}

/// The inverse of the error function: a first guess, then Newton's steps of third order on erf or erfc.
pub fn erfinv(y: f64) -> f64 {
    let a = y.abs();
    if a >= 1.0 || a.is_nan() {
        return if a == 1.0 { f64::INFINITY.copysign(y) } else { f64::NAN };
    }
    if a == 0.0 {
        return y;
    }
    if a > 0.5 {
        return erfcinv(1.0 - a).copysign(y);
    }
    // Winitzki (2008), "A handy approximation for the error function and its inverse"; 2e-3 away at most.
    let mut x = guess(a, (-a * a).ln_1p());
    for _ in 0..3 {
        let step = (libm::erf(x) - a) / (FRAC_2_SQRT_PI * (-x * x).exp());
        x -= step / (1.0 + x * step);
    }
    x.copysign(y)
}

fn guess(a: f64, log: f64) -> f64 {
    debug_assert!(a >= 0.0);
    let half = 2.0 / (std::f64::consts::PI * 0.147) + log / 2.0;
    ((half * half - log / 0.147).sqrt() - half).max(0.0).sqrt()
}

/// The inverse of `erfc` on (0, 1/2]; there `1 - erf` has lost nothing yet.
fn erfcinv(p: f64) -> f64 {
    // ln(1 - a^2) with a = 1 - p.
    let mut x = guess(1.0 - p, (p * (2.0 - p)).ln());
    for _ in 0..4 {
        // The quotient by the slope, scaled so that neither side underflows.
        let step = (p * (x * x).exp() - erfcx(x)) / FRAC_2_SQRT_PI;
        let step = if step.is_finite() { step } else { break };
        x -= step / (1.0 + x * step);
    }
    x
}

/// The distribution function of the normal distribution.
pub fn ndtr(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// `ln(ndtr(x))`, also where `ndtr` is 0 in floats.
pub fn log_ndtr(x: f64) -> f64 {
    if x < -1.0 {
        (erfcx(-x * FRAC_1_SQRT_2) / 2.0).ln() - x * x / 2.0
    } else {
        (-libm::erfc(x * FRAC_1_SQRT_2) / 2.0).ln_1p()
    }
}

/// The derivative of [`log_ndtr`].
pub fn log_ndtr_slope(x: f64) -> f64 {
    FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / erfcx(-x * FRAC_1_SQRT_2)
}

/// The inverse of [`ndtr`].
pub fn ndtri(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p < 0.25 { -SQRT_2 * erfcinv(2.0 * p) } else { SQRT_2 * erfinv(2.0 * p - 1.0) }
}
