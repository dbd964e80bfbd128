//! Special functions of doubles, one number at a time.
//!
//! They are too long and too rare for lanes: every dtype goes through `f64` and rounds once.

pub mod bessel;
pub mod gamma;
pub mod normal;
pub mod polynomials;

/// Clenshaw's sum of `c[k] T_k(t)`.
fn chebyshev(c: &[f64], t: f64) -> f64 {
    let (mut next, mut after) = (0.0, 0.0);
    for &c in c[1..].iter().rev() {
        (next, after) = (2.0 * t * next - after + c, next);
    }
    t * next - after + c[0]
}
