//! Eigenvalues and eigenvectors of general matrices.

use super::qr::reflector;
use super::{Number, dot, multiply};

/// Steps per eigenvalue; two or three suffice, except where shifts go round in circles.
const MOST_STEPS: usize = 60;

type Complex = [f64; 2];

/// The eigenvalues of a matrix as pairs, conjugates one after the other, that with the positive imaginary part first,
/// and eigenvectors of length one as columns of pairs, the largest element of each real. False if the iteration did not
/// end (not-a-number, infinities).
///
/// Balancing (Parlett and Reinsch, 1969), Householder's reduction to Hessenberg form, Francis's implicit double steps to
/// a triangle with 2 x 2 blocks (Golub and Van Loan, 7.4 and 7.5), and substitution from its end.
pub fn eig(a: &[f64], n: usize, values: &mut [f64], vectors: &mut [f64]) -> bool {
    if !a.iter().all(|x| x.is_finite()) {
        return false;
    }
    let mut h = a.to_vec();
    let scales = balance(&mut h, n);
    let mut q = vec![0.0; n * n];
    (0..n).for_each(|i| q[i * n + i] = 1.0);
    hessenberg(&mut h, n, &mut q);
    if !francis(&mut h, n, &mut q, values) {
        return false;
    }
    let (mut re, mut im) = (vec![0.0; n * n], vec![0.0; n * n]);
    substitute(&h, n, values, &mut re, &mut im);
    let parts = [multiply(n, n, n, &q, &re), multiply(n, n, n, &q, &im)];
    for j in 0..n {
        let at = |i: usize| [parts[0][i * n + j] * scales[i], parts[1][i * n + j] * scales[i]];
        let largest = (0..n).map(at).fold([0.0, 0.0], |most: Complex, x| if size(x) > size(most) { x } else { most });
        // The turn that makes the largest element real; a real vector keeps its sign.
        let turn = if largest[1] == 0.0 { [1.0, 0.0] } else { divide([size(largest), 0.0], largest) };
        let most = size(largest);
        let norm = most * (0..n).map(|i| (size(at(i)) / most).powi(2)).sum::<f64>().sqrt();
        for i in 0..n {
            let [x, y] = times(at(i), turn);
            vectors[2 * (i * n + j)] = x / norm;
            vectors[2 * (i * n + j) + 1] =
                if size(at(i)) == most && largest[1] != 0.0 && at(i) == largest { 0.0 } else { y / norm };
        }
    }
    true
}

fn size([x, y]: Complex) -> f64 {
    x.hypot(y)
}

fn times([a, b]: Complex, [c, d]: Complex) -> Complex {
    [a * c - b * d, a * d + b * c]
}

/// `x / y` without overflow of squares (Smith, 1962).
fn divide([a, b]: Complex, [c, d]: Complex) -> Complex {
    if c.abs() >= d.abs() {
        let ratio = d / c;
        let divisor = c + d * ratio;
        [(a + b * ratio) / divisor, (b - a * ratio) / divisor]
    } else {
        let ratio = c / d;
        let divisor = c * ratio + d;
        [(a * ratio + b) / divisor, (b * ratio - a) / divisor]
    }
}

/// Scales rows and columns by powers of two until they are about as large as each other; the columns' factors.
pub(super) fn balance<T: Number>(a: &mut [T], n: usize) -> Vec<f64> {
    let mut scales = vec![1.0; n];
    let mut again = true;
    while again {
        again = false;
        for i in 0..n {
            let others = (0..n).filter(|&j| j != i);
            let (mut row, mut column) = (0.0, 0.0);
            others.for_each(|j| {
                row += a[i * n + j].size();
                column += a[j * n + i].size();
            });
            if row == 0.0 || column == 0.0 || !(row + column).is_finite() {
                continue;
            }
            let factor = (0.5 * (row / column).log2()).round().exp2();
            if (column * factor + row / factor) < 0.95 * (row + column) {
                scales[i] *= factor;
                again = true;
                (0..n).for_each(|j| a[i * n + j] = a[i * n + j].scaled(1.0 / factor));
                (0..n).for_each(|j| a[j * n + i] = a[j * n + i].scaled(factor));
            }
        }
    }
    scales
}

/// `I - tau v v'` from the left, for rows `first` on and columns `columns`.
pub(super) fn from_left<T: Number>(
    a: &mut [T],
    n: usize,
    first: usize,
    columns: std::ops::Range<usize>,
    v: &[T],
    tau: T,
) {
    let mut sums = vec![T::default(); columns.len()];
    for (i, &v) in v.iter().enumerate() {
        super::axpy(v.conj(), &a[(first + i) * n + columns.start..(first + i) * n + columns.end], &mut sums);
    }
    for (i, &v) in v.iter().enumerate() {
        super::axpy(-tau * v, &sums, &mut a[(first + i) * n + columns.start..(first + i) * n + columns.end]);
    }
}

/// `I - tau v v'` from the right, for columns `first` on and rows `rows`.
pub(super) fn from_right<T: Number>(
    a: &mut [T],
    n: usize,
    first: usize,
    rows: std::ops::Range<usize>,
    v: &[T],
    tau: T,
) {
    for i in rows {
        let row = &mut a[i * n + first..][..v.len()];
        let sum = tau * dot(row, v);
        row.iter_mut().zip(v).for_each(|(a, v)| *a -= sum * v.conj());
    }
}

/// `a` becomes `Q' a Q`, zero below the first subdiagonal; `q` becomes `q Q`.
pub(super) fn hessenberg<T: Number>(a: &mut [T], n: usize, q: &mut [T]) {
    let mut column = vec![T::default(); n];
    for k in 0..n.saturating_sub(2) {
        let first = k + 1;
        let v = &mut column[first..];
        (first..n).for_each(|i| v[i - first] = a[i * n + k]);
        let (head, rest) = v.split_at_mut(1);
        let (beta, tau) = reflector(head[0], rest);
        head[0] = T::real(1.0);
        a[first * n + k] = T::real(beta);
        (first + 1..n).for_each(|i| a[i * n + k] = T::default());
        if tau != T::default() {
            from_left(a, n, first, first..n, v, tau.conj());
            from_right(a, n, first, 0..n, v, tau);
            from_right(q, n, first, 0..n, v, tau);
        }
    }
}

/// A Hessenberg matrix becomes a triangle with 2 x 2 blocks for conjugate eigenvalues.
fn francis(h: &mut [f64], n: usize, q: &mut [f64], values: &mut [f64]) -> bool {
    let norm: f64 = h.iter().map(|x| x.abs()).sum();
    let (mut end, mut steps) = (n, 0);
    while end > 0 {
        let last = end - 1;
        // The block that `last` belongs to begins where the subdiagonal is as good as zero.
        let mut first = last;
        while first > 0 {
            let beside = h[(first - 1) * n + first - 1].abs() + h[first * n + first].abs();
            if h[first * n + first - 1].abs() <= f64::EPSILON * if beside == 0.0 { norm } else { beside } {
                h[first * n + first - 1] = 0.0;
                break;
            }
            first -= 1;
        }
        match last - first {
            0 => {
                values[2 * last..2 * last + 2].copy_from_slice(&[h[last * n + last], 0.0]);
                (end, steps) = (last, 0);
            }
            1 => {
                split(h, n, first, q, values);
                (end, steps) = (first, 0);
            }
            _ if steps == MOST_STEPS => return false,
            _ => {
                steps += 1;
                step(h, n, first, last, q, steps % 10 == 0);
            }
        }
    }
    true
}

/// One double step on rows and columns `first` to `last`: shifted by both eigenvalues of the last 2 x 2 block, or now and
/// then by others, in case these lead nowhere.
fn step(h: &mut [f64], n: usize, first: usize, last: usize, q: &mut [f64], unusual: bool) {
    let at = |i: usize, j: usize| h[i * n + j];
    let (sum, product) = if unusual {
        let size = at(last, last - 1).abs() + at(last - 1, last - 2).abs();
        (1.5 * size, size * size)
    } else {
        let (a, b) = (at(last - 1, last - 1), at(last - 1, last));
        let (c, d) = (at(last, last - 1), at(last, last));
        (a + d, a * d - b * c)
    };
    // The first column of (h - s1)(h - s2).
    let mut bulge = [
        at(first, first) * at(first, first) + at(first, first + 1) * at(first + 1, first) - sum * at(first, first)
            + product,
        at(first + 1, first) * (at(first, first) + at(first + 1, first + 1) - sum),
        at(first + 1, first) * at(first + 2, first + 1),
    ];
    for k in first..last {
        let rows = 3.min(last + 1 - k);
        let (head, rest) = bulge[..rows].split_at_mut(1);
        let (beta, tau) = reflector(head[0], rest);
        head[0] = 1.0;
        if k > first {
            h[k * n + k - 1] = beta;
            (1..rows).for_each(|i| h[(k + i) * n + k - 1] = 0.0);
        }
        if tau != 0.0 {
            let v = &bulge[..rows];
            from_left(h, n, k, k..n, v, tau);
            from_right(h, n, k, 0..(k + 4).min(last + 1), v, tau);
            from_right(q, n, k, 0..n, v, tau);
        }
        if k + 1 < last {
            let rows = 3.min(last - k);
            (0..rows).for_each(|i| bulge[i] = h[(k + 1 + i) * n + k]);
        } else if k + 1 == last {
            break;
        }
    }
}

/// The eigenvalues of the 2 x 2 block at `i`; a rotation makes it a triangle if they are real.
fn split(h: &mut [f64], n: usize, i: usize, q: &mut [f64], values: &mut [f64]) {
    let j = i + 1;
    let (a, b, c, d) = (h[i * n + i], h[i * n + j], h[j * n + i], h[j * n + j]);
    let half = 0.5 * (a - d);
    let square = half * half + b * c;
    if square < 0.0 {
        let (re, im) = (d + half, (-square).sqrt());
        values[2 * i..2 * i + 4].copy_from_slice(&[re, im, re, -im]);
        return;
    }
    // The eigenvalue further from `d`, and with it the other without cancellation.
    let far = half + square.sqrt().copysign(half);
    let first = d + far;
    let second = if far == 0.0 { d } else { d - b * c / far };
    // (h - first) (x, y) = 0 has the solution (far, c).
    let size = far.hypot(c);
    let (cos, sin) = if size == 0.0 { (1.0, 0.0) } else { (far / size, c / size) };
    for k in i..n {
        let (x, y) = (h[i * n + k], h[j * n + k]);
        (h[i * n + k], h[j * n + k]) = (cos * x + sin * y, cos * y - sin * x);
    }
    let turn = |m: &mut [f64], k: usize| {
        let (x, y) = (m[k * n + i], m[k * n + j]);
        (m[k * n + i], m[k * n + j]) = (cos * x + sin * y, cos * y - sin * x);
    };
    (0..=j).for_each(|k| turn(h, k));
    (0..n).for_each(|k| turn(q, k));
    h[j * n + i] = 0.0;
    (h[i * n + i], h[j * n + j]) = (first, second);
    values[2 * i..2 * i + 4].copy_from_slice(&[first, 0.0, second, 0.0]);
}

/// Eigenvectors of a triangle with 2 x 2 blocks, as columns of two matrices.
fn substitute(t: &[f64], n: usize, values: &[f64], re: &mut [f64], im: &mut [f64]) {
    let at = |i: usize, j: usize| t[i * n + j];
    let norm = t.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let least = (f64::EPSILON * norm).max(f64::MIN_POSITIVE);
    let mut x: Vec<Complex> = vec![[0.0; 2]; n];
    for e in 0..n {
        let value = [values[2 * e], values[2 * e + 1]];
        if value[1] < 0.0 {
            // The conjugate of the one before.
            for i in 0..n {
                (re[i * n + e], im[i * n + e]) = (re[i * n + e - 1], -im[i * n + e - 1]);
            }
            continue;
        }
        // The block itself, then upwards.
        x.fill([0.0; 2]);
        if value[1] > 0.0 {
            x[e] = [at(e, e + 1), 0.0];
            x[e + 1] = [value[0] - at(e, e), value[1]];
        } else {
            x[e] = [1.0, 0.0];
        }
        let end = if value[1] > 0.0 { e + 2 } else { e + 1 };
        let mut i = e;
        while i > 0 {
            i -= 1;
            let double = i > 0 && at(i, i - 1) != 0.0;
            let right = |row: usize, x: &[Complex]| {
                (i + 1..end)
                    .fold([0.0, 0.0], |sum: Complex, j| [sum[0] - at(row, j) * x[j][0], sum[1] - at(row, j) * x[j][1]])
            };
            let diagonal = |i: usize| [at(i, i) - value[0], -value[1]];
            if double {
                // Cramer's rule for rows i - 1 and i.
                let (upper, lower) = (right(i - 1, &x), right(i, &x));
                let (a, d) = (diagonal(i - 1), diagonal(i));
                let (b, c) = (at(i - 1, i), at(i, i - 1));
                let product = times(a, d);
                let mut determinant = [product[0] - b * c, product[1]];
                if size(determinant) < least * least.max(norm) {
                    determinant = [least * norm, 0.0];
                }
                let (first, second) = (times(upper, d), times(lower, a));
                x[i - 1] = divide([first[0] - b * lower[0], first[1] - b * lower[1]], determinant);
                x[i] = divide([second[0] - c * upper[0], second[1] - c * upper[1]], determinant);
                i -= 1;
            } else {
                let mut divisor = diagonal(i);
                if size(divisor) < least {
                    divisor = [least, 0.0];
                }
                x[i] = divide(right(i, &x), divisor);
            }
            let largest = size(x[i]);
            if largest > 1e100 {
                x.iter_mut().for_each(|x| *x = [x[0] / largest, x[1] / largest]);
            }
        }
        for i in 0..n {
            (re[i * n + e], im[i * n + e]) = (x[i][0], x[i][1]);
        }
    }
}
