//! Singular values and vectors.

use super::{Number, axpy, inner, qr, square, swap_rows, transpose, two_rows};

const MOST_SWEEPS: usize = 60;

/// The singular values of an `m x n` matrix, descending, and, if `u` and `vh` are not empty, the vectors: `u` has `m`
/// rows, `vh` has `n` columns; how many vectors they hold (`min(m, n)` or all) follows from their lengths. False if the
/// matrix is not finite or the iteration did not end.
///
/// A QR factorisation, then one-sided Jacobi rotations on the rows of `R` (Hestenes, 1958; Drmac and Veselic, 2008): they
/// make the rows orthogonal, and find small singular values with a smaller relative error than bidiagonalisation.
pub fn svd<T: Number>(a: &[T], m: usize, n: usize, values: &mut [f64], u: &mut [T], vh: &mut [T]) -> bool {
    if m < n {
        // The transposed matrix, with the parts exchanged.
        let turned = transpose(a, m, n);
        let (mut left, mut right) = (vec![T::default(); vh.len()], vec![T::default(); u.len()]);
        let done = svd(&turned, n, m, values, &mut left, &mut right);
        if !u.is_empty() || !vh.is_empty() {
            let (wide, small) = (vh.len().checked_div(n).unwrap_or(0), m);
            vh.copy_from_slice(&transpose(&left, n, wide));
            u.copy_from_slice(&transpose(&right, small, u.len().checked_div(m).unwrap_or(0)));
        }
        return done;
    }
    if !a.iter().all(|x| x.is_finite()) {
        return false;
    }
    let largest = a.iter().fold(0.0_f64, |most, x| most.max(x.re().abs()).max(x.im().abs()));
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let scaled: Vec<T> = a.iter().map(|&x| x / T::real(scale)).collect();
    let reflectors = qr::qr(&scaled, m, n);
    let mut rows = vec![T::default(); n * n];
    reflectors.r(n, &mut rows);
    let wanted = !u.is_empty() || !vh.is_empty();
    // J R = S V': the rotations are collected in J.
    let mut turns = if wanted { identity(n) } else { Vec::new() };
    let done = orthogonalise(&mut rows, &mut turns, n);

    let norms: Vec<f64> = rows.chunks_exact(n.max(1)).map(|row| square(row).sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
    (0..n).for_each(|i| values[i] = norms[order[i]] * scale);
    if wanted {
        for (to, &from) in order.iter().enumerate() {
            let row = &mut vh[to * n..][..n];
            row.fill(T::default());
            if norms[from] > 0.0 {
                axpy(T::real(1.0 / norms[from]), &rows[from * n..][..n], row);
            } else {
                complete(vh, to, n);
            }
        }
        // U = Q J', with the columns of Q that belong to no singular value behind.
        let columns = u.len().checked_div(m).unwrap_or(0);
        let mut q = vec![T::default(); m * columns];
        reflectors.q(columns, &mut q);
        for (from, to) in q.chunks_exact(columns.max(1)).zip(u.chunks_exact_mut(columns.max(1))) {
            (0..n).for_each(|j| to[j] = inner(&turns[order[j] * n..][..n], &from[..n]));
            to[n..].copy_from_slice(&from[n..]);
        }
    }
    done
}

pub(super) fn identity<T: Number>(n: usize) -> Vec<T> {
    let mut out = vec![T::default(); n * n];
    (0..n).for_each(|i| out[i * n + i] = T::real(1.0));
    out
}

/// Rotates pairs of rows until all are orthogonal; `turns` gets the same rotations. Long rows come first in each sweep
/// (de Rijk, 1989), which takes fewer sweeps.
fn orthogonalise<T: Number>(rows: &mut [T], turns: &mut [T], n: usize) -> bool {
    let tolerance = f64::EPSILON * (n.max(4) as f64).sqrt();
    let mut squares = vec![0.0; n];
    for _ in 0..MOST_SWEEPS {
        // Rotations keep the squares up to date; rounding errors would grow over sweeps.
        squares.iter_mut().zip(rows.chunks_exact(n.max(1))).for_each(|(sum, row)| *sum = square(row));
        sort_rows(&mut squares, rows, turns, n);
        let mut rotated = false;
        for i in 0..n {
            for j in i + 1..n {
                let (x, y) = two_rows(rows, n, i, j);
                let (a, b, (both, phase)) = (squares[i], squares[j], inner(y, x).polar());
                if both.abs() <= tolerance * a.sqrt() * b.sqrt() || both.abs() < f64::MIN_POSITIVE {
                    continue;
                }
                rotated = true;
                let zeta = (b - a) / (2.0 * both);
                let tangent = 1.0_f64.copysign(zeta) / (zeta.abs() + zeta.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = cosine * tangent;
                turn(x, y, phase, cosine, sine);
                if !turns.is_empty() {
                    let (x, y) = two_rows(turns, n, i, j);
                    turn(x, y, phase, cosine, sine);
                }
                // The sum stays; where the difference loses digits the square is taken anew.
                let (x, y) = two_rows(rows, n, i, j);
                let update = |old: f64, new: f64, row: &[T]| if new > 0.5 * old { new } else { square(row) };
                squares[i] = update(a, a - tangent * both, x);
                squares[j] = update(b, b + tangent * both, y);
            }
        }
        if !rotated {
            return true;
        }
    }
    false
}

/// Rotates `x` and `phase * y`, whose inner product is real then.
fn turn<T: Number>(x: &mut [T], y: &mut [T], phase: T, cosine: f64, sine: f64) {
    if T::PARTS > 1 {
        y.iter_mut().for_each(|y| *y *= phase);
    }
    rotate(T::parts_mut(x), T::parts_mut(y), cosine, sine);
}

/// Rotates pairs of numbers.
pub(super) fn rotate(x: &mut [f64], y: &mut [f64], cosine: f64, sine: f64) {
    for (x, y) in x.iter_mut().zip(y) {
        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    }
}

/// Sorts rows, those of `turns` along with them, by descending `squares`.
fn sort_rows<T>(squares: &mut [f64], rows: &mut [T], turns: &mut [T], n: usize) {
    for i in 0..n {
        let largest = (i..n).fold(i, |most, j| if squares[j] > squares[most] { j } else { most });
        if largest != i {
            squares.swap(i, largest);
            swap_rows(rows, n, i, largest);
            if !turns.is_empty() {
                swap_rows(turns, n, i, largest);
            }
        }
    }
}

/// Makes row `at` a unit vector orthogonal to those before it: of the axes' directions, the one that is farthest from
/// their span (twice, since once may leave a remainder of the size of the rounding errors).
fn complete<T: Number>(rows: &mut [T], at: usize, n: usize) {
    let (known, rest) = rows.split_at_mut(at * n);
    let row = &mut rest[..n];
    let covered = |axis: usize| known.chunks_exact(n).map(|r| (r[axis].conj() * r[axis]).re()).sum::<f64>();
    let axis = (0..n).min_by(|&i, &j| covered(i).total_cmp(&covered(j))).unwrap_or(0);
    row[axis] = T::real(1.0);
    for _ in 0..2 {
        known.chunks_exact(n).for_each(|other| axpy(-inner(other, row), other, row));
    }
    let norm = square(row).sqrt();
    row.iter_mut().for_each(|x| *x /= T::real(norm));
}
