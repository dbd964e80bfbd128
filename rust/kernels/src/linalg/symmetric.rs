//! Eigenvalues and eigenvectors of symmetric and Hermitian matrices.

use super::qr::reflector;
use super::svd::rotate;
use super::{Number, axpy, dot, inner, two_rows};

/// Steps of QL per eigenvalue; about two suffice.
const MOST_STEPS: usize = 60;

/// The eigenvalues of the Hermitian matrix in the lower triangle of `a`, ascending, and, if `vectors` is not empty, its
/// eigenvectors as rows. False if the iteration did not end (not-a-number, infinities). Householder's reduction to a
/// tridiagonal matrix and implicit QL (Golub and Van Loan, 8.3; Dubrulle, Martin and Wilkinson, 1968).
pub fn eigh<T: Number>(a: &[T], n: usize, values: &mut [f64], vectors: &mut [T]) -> bool {
    let largest =
        (0..n).flat_map(|i| &a[i * n..=i * n + i]).fold(0.0_f64, |most, x| most.max(x.re().abs()).max(x.im().abs()));
    if !(0..n).all(|i| a[i * n..=i * n + i].iter().all(|x| x.is_finite())) {
        return false;
    }
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let mut full = vec![T::default(); n * n];
    for i in 0..n {
        for j in 0..=i {
            full[i * n + j] = a[i * n + j] / T::real(scale);
            full[j * n + i] = full[i * n + j].conj();
        }
        full[i * n + i] = T::real(full[i * n + i].re());
    }
    let mut beside = vec![0.0; n];
    tridiagonal(&mut full, n, values, &mut beside, vectors);
    let converged = implicit_ql(values, &mut beside, T::parts_mut(vectors), n, T::PARTS * n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let sorted: Vec<f64> = order.iter().map(|&i| values[i] * scale).collect();
    values.copy_from_slice(&sorted);
    if !vectors.is_empty() {
        let rows: Vec<T> = order.iter().flat_map(|&i| &vectors[i * n..][..n]).copied().collect();
        vectors.copy_from_slice(&rows);
    }
    converged
}

/// `a = Q t Q'` with `t` tridiagonal: `diagonal`, `beside` (first entry unused), and `Q'` in `transposed`.
fn tridiagonal<T: Number>(a: &mut [T], n: usize, diagonal: &mut [f64], beside: &mut [f64], transposed: &mut [T]) {
    let zero = T::default();
    let mut taus = vec![zero; n];
    let (mut v, mut w) = (vec![zero; n], vec![zero; n]);
    // The last step turns a complex number into a real one, and leaves a real one alone.
    for k in 0..n.saturating_sub(1) {
        let from = k + 1;
        let v = &mut v[from..];
        // A row of a Hermitian matrix is its column, conjugated.
        v.iter_mut().zip(&a[k * n + from..]).for_each(|(v, x)| *v = x.conj());
        let (head, rest) = v.split_at_mut(1);
        let (beta, tau) = reflector(head[0], rest);
        head[0] = T::real(1.0);
        beside[from] = beta;
        taus[k] = tau;
        if tau != zero {
            // Both sides at once: a - v w' - w v', where w = p - (tau/2)(p'v) v and p = tau a v (zhetd2).
            let w = &mut w[from..];
            (from..n).for_each(|i| w[i - from] = tau * dot(&a[i * n + from..(i + 1) * n], v));
            axpy((-tau * inner(w, v)).scaled(0.5), v, w);
            for i in from..n {
                let row = &mut a[i * n + from..(i + 1) * n];
                let (x, y) = (v[i - from], w[i - from]);
                row.iter_mut().zip(&*w).zip(&*v).for_each(|((a, &w), &v)| *a -= x * w.conj() + y * v.conj());
            }
        }
        a[k * n + from..(k + 1) * n].copy_from_slice(v);
    }
    (0..n).for_each(|i| diagonal[i] = a[i * n + i].re());
    if transposed.is_empty() {
        return;
    }
    transposed.fill(zero);
    (0..n).for_each(|i| transposed[i * n + i] = T::real(1.0));
    // The transpose of Q is that of H0 H1 ...: built from the last, each changes rows and columns behind it.
    for k in (0..n.saturating_sub(1)).rev() {
        let (from, tau) = (k + 1, taus[k]);
        let v = &a[k * n + from..(k + 1) * n];
        if tau != zero {
            for row in transposed.chunks_exact_mut(n).skip(from) {
                let row = &mut row[from..];
                axpy(-tau * inner(v, row), v, row);
            }
        }
    }
}

/// Diagonalises a tridiagonal matrix; rotations go to the rows of `vectors`, of `width` doubles.
fn implicit_ql(d: &mut [f64], e: &mut [f64], vectors: &mut [f64], n: usize, width: usize) -> bool {
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
                    let (x, y) = two_rows(vectors, width, i, i + 1);
                    rotate(x, y, c, s);
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
