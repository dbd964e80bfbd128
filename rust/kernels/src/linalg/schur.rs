//! Eigenvalues and eigenvectors of complex matrices.

use super::general::{balance, hessenberg};
use super::{Complex, Number, multiply, svd::identity};

/// Steps per eigenvalue; two or three suffice, except where shifts go round in circles.
const MOST_STEPS: usize = 60;

/// The eigenvalues of a complex matrix, and eigenvectors of length one as columns, the largest element of each real.
/// False if the iteration did not end (not-a-number, infinities).
///
/// Balancing, Householder's reduction to Hessenberg form, shifted QR steps to a triangle (Golub and Van Loan, 7.5), and
/// substitution from its end. A complex matrix needs no double steps.
pub fn eig(a: &[Complex], n: usize, values: &mut [Complex], vectors: &mut [Complex]) -> bool {
    if !a.iter().all(|x| x.is_finite()) {
        return false;
    }
    let mut t = a.to_vec();
    let scales = balance(&mut t, n);
    let mut q = identity(n);
    hessenberg(&mut t, n, &mut q);
    if !triangle(&mut t, n, &mut q) {
        return false;
    }
    (0..n).for_each(|i| values[i] = t[i * n + i]);
    let x = multiply(n, n, n, &q, &substitute(&t, n));
    for j in 0..n {
        let at = |i: usize| x[i * n + j].scaled(scales[i]);
        let (largest, _) = (0..n).fold((0, 0.0), |(place, most), i| {
            let size = at(i).size();
            if size > most { (i, size) } else { (place, most) }
        });
        let (most, phase) = at(largest).polar();
        let norm = most * (0..n).map(|i| (at(i).size() / most).powi(2)).sum::<f64>().sqrt();
        for i in 0..n {
            let turned = (at(i) * phase.conj()).scaled(1.0 / norm);
            vectors[i * n + j] = if i == largest { Complex::real(turned.re) } else { turned };
        }
    }
    true
}

/// A Hessenberg matrix becomes a triangle; `q` gets the same turns from the right.
fn triangle(h: &mut [Complex], n: usize, q: &mut [Complex]) -> bool {
    let norm: f64 = h.iter().map(|x| x.weight()).sum();
    let (mut end, mut steps) = (n, 0);
    while end > 0 {
        let last = end - 1;
        let mut first = last;
        while first > 0 {
            let beside = h[(first - 1) * n + first - 1].weight() + h[first * n + first].weight();
            if h[first * n + first - 1].weight() <= f64::EPSILON * if beside == 0.0 { norm } else { beside } {
                h[first * n + first - 1] = Complex::default();
                break;
            }
            first -= 1;
        }
        if first == last {
            (end, steps) = (last, 0);
            continue;
        }
        if steps == MOST_STEPS {
            return false;
        }
        steps += 1;
        let shift = if steps % 10 == 0 {
            // Now and then another, in case Wilkinson's lead nowhere.
            h[last * n + last] + Complex::real(h[last * n + last - 1].weight())
        } else {
            wilkinson(h, n, last)
        };
        step(h, n, first, last, shift, q);
    }
    true
}

/// Of the eigenvalues of the last 2 x 2 block, that nearer to its last element.
fn wilkinson(h: &[Complex], n: usize, last: usize) -> Complex {
    let i = last - 1;
    let (a, b, c, d) = (h[i * n + i], h[i * n + last], h[last * n + i], h[last * n + last]);
    let half = (a - d).scaled(0.5);
    let root = square_root(half * half + b * c);
    let root = if half.re * root.re + half.im * root.im < 0.0 { -root } else { root };
    let far = half + root;
    if far.weight() == 0.0 { d } else { d - b * c / far }
}

fn square_root(z: Complex) -> Complex {
    let size = z.size();
    let re = (0.5 * (size + z.re.abs())).sqrt();
    if re == 0.0 {
        return Complex::default();
    }
    let im = 0.5 * z.im / re;
    if z.re >= 0.0 { Complex { re, im } } else { Complex { re: im.abs(), im: re.copysign(z.im) } }
}

/// One shifted step on rows and columns `first` to `last`, by rotations that chase the bulge down.
fn step(h: &mut [Complex], n: usize, first: usize, last: usize, shift: Complex, q: &mut [Complex]) {
    let (mut x, mut y) = (h[first * n + first] - shift, h[(first + 1) * n + first]);
    for k in first..last {
        let length = x.size().hypot(y.size());
        if length > 0.0 {
            let (c, s) = (x.scaled(1.0 / length), y.scaled(1.0 / length));
            // From the left [[c', s'], [-s, c]], from the right its conjugate transpose.
            for j in k.saturating_sub(1).max(first)..n {
                let (a, b) = (h[k * n + j], h[(k + 1) * n + j]);
                (h[k * n + j], h[(k + 1) * n + j]) = (c.conj() * a + s.conj() * b, c * b - s * a);
            }
            let turn = |m: &mut [Complex], i: usize| {
                let (a, b) = (m[i * n + k], m[i * n + k + 1]);
                (m[i * n + k], m[i * n + k + 1]) = (a * c + b * s, b * c.conj() - a * s.conj());
            };
            (0..=(k + 2).min(last)).for_each(|i| turn(h, i));
            (0..n).for_each(|i| turn(q, i));
        }
        if k + 2 <= last {
            (x, y) = (h[(k + 1) * n + k], h[(k + 2) * n + k]);
        }
        if k > first {
            h[(k + 1) * n + k - 1] = Complex::default();
        }
    }
}

/// Eigenvectors of a triangle, as columns.
fn substitute(t: &[Complex], n: usize) -> Vec<Complex> {
    let norm = t.iter().fold(0.0_f64, |most, x| most.max(x.weight()));
    let least = (f64::EPSILON * norm).max(f64::MIN_POSITIVE);
    let mut out = vec![Complex::default(); n * n];
    let mut x = vec![Complex::default(); n];
    for e in 0..n {
        x.fill(Complex::default());
        x[e] = Complex::real(1.0);
        for i in (0..e).rev() {
            let right = (i + 1..=e).fold(Complex::default(), |sum, j| sum - t[i * n + j] * x[j]);
            let gap = t[i * n + i] - t[e * n + e];
            x[i] = right / if gap.weight() < least { Complex::real(least) } else { gap };
            let size = x[i].size();
            if size > 1e100 {
                x.iter_mut().for_each(|x| *x = x.scaled(1.0 / size));
            }
        }
        (0..n).for_each(|i| out[i * n + e] = x[i]);
    }
    out
}
