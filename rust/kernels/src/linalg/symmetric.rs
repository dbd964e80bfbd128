//! Eigenvalues and eigenvectors of symmetric matrices.

use super::qr::reflector;
use super::{axpy, dot, two_rows};

/// Steps of QL per eigenvalue; about two suffice.
const MOST_STEPS: usize = 60;

/// The eigenvalues of the symmetric matrix in the lower triangle of `a`, ascending, and, if `vectors` is not empty, its
/// eigenvectors as rows. False if the iteration did not end (not-a-number, infinities). Householder's reduction to a
/// tridiagonal matrix and implicit QL (Golub and Van Loan, 8.3; Dubrulle, Martin and Wilkinson, 1968).
pub fn eigh(a: &[f64], n: usize, values: &mut [f64], vectors: &mut [f64]) -> bool {
    let largest = (0..n).flat_map(|i| &a[i * n..=i * n + i]).fold(0.0_f64, |most, x| most.max(x.abs()));
    if !(0..n).all(|i| a[i * n..=i * n + i].iter().all(|x| x.is_finite())) {
        return false;
    }
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let mut full = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            full[i * n + j] = a[i * n + j] / scale;
            full[j * n + i] = full[i * n + j];
        }
    }
    let mut beside = vec![0.0; n];
    tridiagonal(&mut full, n, values, &mut beside, vectors);
    let converged = implicit_ql(values, &mut beside, vectors, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let sorted: Vec<f64> = order.iter().map(|&i| values[i] * scale).collect();
    values.copy_from_slice(&sorted);
    if !vectors.is_empty() {
        let rows: Vec<f64> = order.iter().flat_map(|&i| &vectors[i * n..][..n]).copied().collect();
        vectors.copy_from_slice(&rows);
    }
    converged
}

/// `a = Q t Q'` with `t` tridiagonal: `diagonal`, `beside` (first entry unused), and `Q'` in `transposed`.
fn tridiagonal(a: &mut [f64], n: usize, diagonal: &mut [f64], beside: &mut [f64], transposed: &mut [f64]) {
    let mut taus = vec![0.0; n];
    let (mut v, mut w) = (vec![0.0; n], vec![0.0; n]);
    for k in 0..n.saturating_sub(2) {
        let from = k + 1;
        let v = &mut v[from..];
        v.copy_from_slice(&a[k * n + from..][..n - from]); // a row of a symmetric matrix is its column
        let (head, rest) = v.split_at_mut(1);
        let (beta, tau) = reflector(head[0], rest);
        head[0] = 1.0;
        beside[from] = beta;
        taus[k] = tau;
        if tau != 0.0 {
            // Both sides at once: a - v w' - w v', where w = p - (tau/2)(p'v) v and p = tau a v.
            let w = &mut w[from..];
            (from..n).for_each(|i| w[i - from] = tau * dot(&a[i * n + from..(i + 1) * n], v));
            axpy(-0.5 * tau * dot(w, v), v, w);
            for i in from..n {
                let row = &mut a[i * n + from..(i + 1) * n];
                let (x, y) = (v[i - from], w[i - from]);
                row.iter_mut().zip(&*w).zip(&*v).for_each(|((a, &w), &v)| *a -= x * w + y * v);
            }
        }
        a[k * n + from..(k + 1) * n].copy_from_slice(v);
    }
    (0..n).for_each(|i| diagonal[i] = a[i * n + i]);
    if n >= 2 {
        beside[n - 1] = a[(n - 2) * n + n - 1];
    }
    if transposed.is_empty() {
        return;
    }
    transposed.fill(0.0);
    (0..n).for_each(|i| transposed[i * n + i] = 1.0);
    // Q' = ... H1 H0: built from the last, each changes rows and columns behind it.
    for k in (0..n.saturating_sub(2)).rev() {
        let (from, tau) = (k + 1, taus[k]);
        let v = &a[k * n + from..(k + 1) * n];
        if tau != 0.0 {
            for row in transposed.chunks_exact_mut(n).skip(from) {
                let row = &mut row[from..];
                axpy(-tau * dot(row, v), v, row);
            }
        }
    }
}

/// Diagonalises a tridiagonal matrix; rotations go to the rows of `vectors`.
fn implicit_ql(d: &mut [f64], e: &mut [f64], vectors: &mut [f64], n: usize) -> bool {
    if n == 0 {
        return true;
    }
    e.rotate_left(1);
    e[n - 1] = 0.0;
    for l in 0..n {
        let mut steps = 0;
        loop {
            // The first negligible entry from here on.
            let m = (l..n - 1).find(|&m| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs())).unwrap_or(n - 1);
            if m == l {
                break;
            }
            steps += 1;
            if steps > MOST_STEPS {
                return false;
            }
            // Wilkinson's shift.
            let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            g = d[m] - d[l] + e[l] / (g + g.hypot(1.0).copysign(g));
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut split = false;
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = f.hypot(g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= p;
                    e[m] = 0.0;
                    split = true;
                    break;
                }
                (s, c) = (f / r, g / r);
                g = d[i + 1] - p;
                let r = (d[i] - g) * s + 2.0 * c * b;
                p = s * r;
                d[i + 1] = g + p;
                g = c * r - b;
                if !vectors.is_empty() {
                    let (x, y) = two_rows(vectors, n, i, i + 1);
                    x.iter_mut().zip(y).for_each(|(x, y)| (*x, *y) = (c * *x - s * *y, s * *x + c * *y));
                }
            }
            if !split {
                d[l] -= p;
                e[l] = g;
                e[m] = 0.0;
            }
        }
    }
    true
}
