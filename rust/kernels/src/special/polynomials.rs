//! Orthogonal polynomials by their three-term recurrences.

/// A family: `p_0 = 1`, `p_1(x) = first.0 x + first.1`, and `next(k, x, p_k, p_(k-1)) = p_(k+1)`.
#[derive(Clone, Copy)]
pub struct Family {
    first: (f64, f64),
    next: fn(f64, f64, f64, f64) -> f64,
    /// Whether the argument is mapped from [0, 1] to [-1, 1] first.
    shifted: bool,
}

fn doubled(_: f64, x: f64, now: f64, before: f64) -> f64 {
    2.0 * x * now - before
}

const fn chebyshev(slope: f64, start: f64, shifted: bool) -> Family {
    Family { first: (slope, start), next: doubled, shifted }
}

/// First kind.
pub const CHEBYSHEV_T: Family = chebyshev(1.0, 0.0, false);
/// Second kind.
pub const CHEBYSHEV_U: Family = chebyshev(2.0, 0.0, false);
/// Third kind.
pub const CHEBYSHEV_V: Family = chebyshev(2.0, -1.0, false);
/// Fourth kind.
pub const CHEBYSHEV_W: Family = chebyshev(2.0, 1.0, false);
/// First kind on [0, 1].
pub const SHIFTED_T: Family = chebyshev(1.0, 0.0, true);
/// Second kind on [0, 1].
pub const SHIFTED_U: Family = chebyshev(2.0, 0.0, true);
/// Third kind on [0, 1].
pub const SHIFTED_V: Family = chebyshev(2.0, -1.0, true);
/// Fourth kind on [0, 1].
pub const SHIFTED_W: Family = chebyshev(2.0, 1.0, true);
/// Physicists' Hermite polynomials.
pub const HERMITE_H: Family =
    Family { first: (2.0, 0.0), next: |k, x, now, before| 2.0 * x * now - 2.0 * k * before, shifted: false };
/// Probabilists' Hermite polynomials.
pub const HERMITE_HE: Family =
    Family { first: (1.0, 0.0), next: |k, x, now, before| x * now - k * before, shifted: false };
/// Laguerre polynomials.
pub const LAGUERRE_L: Family = Family {
    first: (-1.0, 1.0),
    next: |k, x, now, before| ((2.0 * k + 1.0 - x) * now - k * before) / (k + 1.0),
    shifted: false,
};
/// Legendre polynomials.
pub const LEGENDRE_P: Family = Family {
    first: (1.0, 0.0),
    next: |k, x, now, before| ((2.0 * k + 1.0) * x * now - k * before) / (k + 1.0),
    shifted: false,
};

impl Family {
    /// The polynomial of degree `n` (its integer part) at `x`; 0 for negative degrees.
    pub fn eval(self, x: f64, n: f64) -> f64 {
        if n < 0.0 || n.is_nan() {
            return 0.0;
        }
        let x = if self.shifted { 2.0 * x - 1.0 } else { x };
        let (mut before, mut now) = (1.0, self.first.0 * x + self.first.1);
        if n < 1.0 {
            return 1.0;
        }
        let mut k = 1.0;
        while k < n.trunc() {
            (before, now) = (now, (self.next)(k, x, now, before));
            k += 1.0;
        }
        now
    }
}
