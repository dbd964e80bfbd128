//! Distances between all pairs of two sets of points.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;

/// A norm `sum(|x|^p)^(1/p)` of differences.
#[derive(Clone, Copy, Debug)]
enum Norm {
    Zero,
    One,
    Two,
    Infinity,
    Other(f64),
}

impl Norm {
    fn new(p: f64) -> Norm {
        if p == 0.0 {
            Norm::Zero
        } else if p == 1.0 {
            Norm::One
        } else if p == 2.0 {
            Norm::Two
        } else if p == f64::INFINITY {
            Norm::Infinity
        } else {
            Norm::Other(p)
        }
    }

    /// The distance of two points. Sums are doubles: more exact for `f32`, and as quick.
    #[inline(always)]
    fn between<T: Real>(self, a: &[T], b: &[T]) -> f64 {
        let sizes = a.iter().zip(b).map(|(&x, &y)| (x.to_f64() - y.to_f64()).abs());
        match self {
            Norm::Zero => sizes.map(|d| f64::from(u8::from(d != 0.0))).sum(),
            Norm::One => sizes.sum(),
            Norm::Two => sizes.map(|d| d * d).sum::<f64>().sqrt(),
            Norm::Infinity => sizes.fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most }),
            Norm::Other(p) => sizes.map(|d| d.powf(p)).sum::<f64>().powf(1.0 / p),
        }
    }

    /// The derivative of a distance by one coordinate's difference `d`.
    #[inline(always)]
    fn slope(self, d: f64, distance: f64) -> f64 {
        if d == 0.0 || distance == 0.0 {
            return 0.0;
        }
        match self {
            Norm::Zero => 0.0,
            Norm::One => d.signum(),
            Norm::Two => d / distance,
            Norm::Infinity => d.signum() * f64::from(u8::from(d.abs() == distance)),
            Norm::Other(p) => d.signum() * (d.abs() / distance).powf(p - 1.0),
        }
    }
}

/// `out[i][j]`: the distance of point `i` of `a` (each has `k` coordinates) and point `j` of `b`.
pub fn pairs<T: Real>(a: &[T], b: &[T], k: usize, p: f64, out: &mut [T]) {
    let (m, n) = (a.len().checked_div(k).unwrap_or(0), b.len().checked_div(k).unwrap_or(0));
    if m * n == 0 {
        return out.fill(T::ZERO); // points without coordinates are all the same
    }
    debug_assert_eq!(out.len(), m * n);
    let (norm, rows) = (Norm::new(p), Parts::new(out));
    par::blocks(m, 8, n * k, |block| {
        for i in block {
            // SAFETY: one row per index.
            let row = unsafe { rows.piece(i, n) };
            let from = &a[i * k..][..k];
            row.iter_mut().zip(b.chunks_exact(k)).for_each(|(out, to)| *out = T::from_f64(norm.between(from, to)));
        }
    });
}

/// What the derivatives of [`pairs`] read: gradient and distance of a pair, row- or column-wise.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a, T> {
    /// Gradients of the distances.
    pub gradient: &'a [T],
    /// The distances.
    pub distance: &'a [T],
    /// From one point of `a` to the next.
    pub row: usize,
    /// From one point of `b` to the next.
    pub col: usize,
}

/// The gradient of the points `a`; that of `b` is the same with rows and columns of `of` exchanged.
pub fn pairs_gradient<T: Real>(a: &[T], b: &[T], k: usize, p: f64, of: Pairs<'_, T>, out: &mut [T]) {
    if k == 0 {
        return;
    }
    debug_assert_eq!(out.len(), a.len());
    let (norm, rows) = (Norm::new(p), Parts::new(out));
    par::blocks(a.len() / k, 8, b.len() + k, |block| {
        let mut sums = vec![0.0_f64; k];
        for i in block {
            sums.fill(0.0);
            let from = &a[i * k..][..k];
            for (j, to) in b.chunks_exact(k).enumerate() {
                let at = i * of.row + j * of.col;
                let (g, distance) = (of.gradient[at].to_f64(), of.distance[at].to_f64());
                for ((sum, &x), &y) in sums.iter_mut().zip(from).zip(to) {
                    *sum += g * norm.slope(x.to_f64() - y.to_f64(), distance);
                }
            }
            // SAFETY: one row per index.
            let row = unsafe { rows.piece(i, k) };
            row.iter_mut().zip(&sums).for_each(|(out, &sum)| *out = T::from_f64(sum));
        }
    });
}
