//! Counts: Poisson and binomial numbers, by rejection.
//!
//! How many uniform numbers an element takes is not known before, so each has a sequence of its own: the blocks 1, 2, ...
//! of its counter. Other draws use block 0 alone.

use super::philox;
use crate::par;
use crate::parts::Parts;
use crate::special::gamma::lgamma;
use std::f64::consts::TAU;

/// Elements of one parallel task.
const TASK: usize = 1024;
/// Elementary operations per element.
const COST: usize = 200;
/// Mean from which on rejection is quicker than a search from zero, and its hats are valid.
const FEW: f64 = 10.0;

/// Uniform numbers in `[0, 1)` of one element.
struct Uniforms {
    seed: u64,
    counter: u64,
    step: u32,
}

impl Uniforms {
    fn pair(&mut self) -> (f64, f64) {
        self.step += 1;
        let [a, b, c, d] = philox(self.seed, self.counter, self.step);
        let unit =
            |high: u32, low: u32| (f64::from(high) + f64::from(low >> 11) / f64::from(1 << 21)) / 4_294_967_296.0;
        (unit(a, b), unit(c, d))
    }
}

/// Writes `draw(i, uniform numbers of element i)`.
fn each(seed: u64, offset: u64, out: &mut [f64], draw: impl Fn(usize, &mut Uniforms) -> f64 + Sync) {
    let len = out.len();
    let parts = Parts::new(out);
    par::blocks(len, TASK, COST, |range| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { parts.range(range.clone()) };
        for (i, out) in range.zip(out) {
            *out = draw(i, &mut Uniforms { seed, counter: offset.wrapping_add(i as u64), step: 0 });
        }
    });
}

/// A Poisson number of mean `rates[i]` (not negative) for every element. One counter per element is used.
pub fn poisson(seed: u64, offset: u64, rates: &[f64], out: &mut [f64]) {
    assert_eq!(rates.len(), out.len());
    each(seed, offset, out, |i, uniforms| match rates[i] {
        rate if rate.is_nan() || rate.is_infinite() => rate,
        rate if rate < FEW => searched((-rate).exp(), uniforms, |k| rate / k),
        rate => poisson_by_rejection(rate, uniforms),
    });
}

/// The number of successes in `counts[i]` trials (rounded down) of probability `probabilities[i]` for every element; those
/// outside [0, 1] count as 0 and 1. One counter per element is used.
pub fn binomial(seed: u64, offset: u64, counts: &[f64], probabilities: &[f64], out: &mut [f64]) {
    assert!(counts.len() == out.len() && probabilities.len() == out.len());
    each(seed, offset, out, |i, uniforms| {
        let (n, p) = (counts[i].floor(), probabilities[i]);
        if n.is_nan() || p.is_nan() || n.is_infinite() {
            return f64::NAN;
        }
        if n <= 0.0 || p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return n;
        }
        // Of successes and failures, the rarer are counted.
        let rare = p.min(1.0 - p);
        let odds = rare / (1.0 - rare);
        let few = if n * rare < FEW {
            searched((n * (-rare).ln_1p()).exp(), uniforms, |k| odds * (n + 1.0 - k) / k).min(n)
        } else {
            binomial_by_rejection(n, rare, odds, uniforms)
        };
        if p <= 0.5 { few } else { n - few }
    });
}

/// The first `k` up to which probabilities exceed a uniform number: that of 0 is `first`, that of `k` `ratio(k)` times that
/// of `k - 1`.
fn searched(first: f64, uniforms: &mut Uniforms, ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut left, _) = uniforms.pair();
    let (mut k, mut probability) = (0.0, first);
    // Rounding may leave a remainder that no term uses up.
    while left >= probability && (probability > 0.0 && k < 200.0) {
        left -= probability;
        k += 1.0;
        probability *= ratio(k);
    }
    k
}

/// Transformed rejection (Hörmann, The transformed rejection method for generating Poisson random variables, 1993).
fn poisson_by_rejection(rate: f64, uniforms: &mut Uniforms) -> f64 {
    let b = 0.931 + 2.53 * rate.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let inside = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let (u, v) = uniforms.pair();
        let u = u - 0.5;
        let beside = 0.5 - u.abs();
        let k = ((2.0 * a / beside + b) * u + rate + 0.43).floor();
        if beside >= 0.07 && v <= inside {
            return k;
        }
        if k < 0.0 || (beside < 0.013 && v > beside) {
            continue;
        }
        // log of `rate**k e**-rate / k!`, in differences that stay exact for large rates.
        let next = k + 1.0;
        let log = (next - rate) + k * ((rate - next) / next).ln_1p() - 0.5 * (TAU * next).ln() - stirling_rest(k);
        if (v * inverse_alpha / (a / (beside * beside) + b)).ln() <= log {
            return k;
        }
    }
}

/// Transformed rejection (Hörmann, The generation of binomial random variates, 1993), for `n p >= 10` and `p <= 1/2`.
fn binomial_by_rejection(n: f64, p: f64, odds: f64, uniforms: &mut Uniforms) -> f64 {
    let deviation = (n * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let inside = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let mode = ((n + 1.0) * p).floor();
    loop {
        let (u, v) = uniforms.pair();
        let u = u - 0.5;
        let beside = 0.5 - u.abs();
        let k = ((2.0 * a / beside + b) * u + n * p + 0.5).floor();
        if beside >= 0.07 && v <= inside {
            return k;
        }
        if k < 0.0 || k > n {
            continue;
        }
        // log of the probability of `k` over that of the mode.
        let log = (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
            + (n + 1.0) * ((n - mode + 1.0) / (n - k + 1.0)).ln()
            + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
            + (stirling_rest(mode) + stirling_rest(n - mode))
            - (stirling_rest(k) + stirling_rest(n - k));
        if (v * alpha / (a / (beside * beside) + b)).ln() <= log {
            return k;
        }
    }
}

/// `ln k!` less Stirling's `(k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi) / 2`.
fn stirling_rest(k: f64) -> f64 {
    let next = k + 1.0;
    if k < 10.0 {
        return lgamma(next) - ((k + 0.5) * next.ln() - next + 0.5 * TAU.ln());
    }
    let square = next * next;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / next
}
