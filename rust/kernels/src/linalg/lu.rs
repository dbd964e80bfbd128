//! LU with partial pivoting.

use super::{BLOCK, Number, Window, axpy, product, two_rows};

/// Exchanges two rows of a matrix with `n` columns.
pub fn swap_rows<T>(a: &mut [T], n: usize, i: usize, j: usize) {
    if i != j {
        let (x, y) = two_rows(a, n, i.min(j), i.max(j));
        x.swap_with_slice(y);
    }
}

/// Factors `a` (`m x n`) in place: below the diagonal `L` (whose diagonal is 1), above it `U`. Row `i` was exchanged with
/// row `pivots[i]`, in this order. Blocked, right-looking (Golub and Van Loan, Matrix Computations, 3.2.11).
pub fn lu<T: Number>(a: &mut [T], m: usize, n: usize, pivots: &mut [f64]) {
    let k = m.min(n);
    for start in (0..k).step_by(BLOCK) {
        let end = (start + BLOCK).min(k);
        for j in start..end {
            let mut pivot = j;
            for i in j + 1..m {
                if a[i * n + j].weight() > a[pivot * n + j].weight() {
                    pivot = i;
                }
            }
            pivots[j] = pivot as f64;
            swap_rows(a, n, j, pivot);
            let divisor = a[j * n + j];
            if divisor != T::default() {
                for i in j + 1..m {
                    let (from, to) = two_rows(a, n, j, i);
                    to[j] /= divisor;
                    axpy(-to[j], &from[j + 1..end], &mut to[j + 1..end]);
                }
            }
        }
        if end == n {
            continue;
        }
        for j in start..end {
            for i in j + 1..end {
                let (from, to) = two_rows(a, n, j, i);
                axpy(-to[j], &from[end..], &mut to[end..]);
            }
        }
        if end < m {
            let (rows, columns) = (m - end, n - end);
            let left = Window::new(a, end * n + start, n, 1);
            let right = Window::new(a, start * n + end, n, 1);
            let update = product(rows, end - start, columns, left, right);
            for (i, row) in update.chunks_exact(columns).enumerate() {
                axpy(T::real(-1.0), row, &mut a[(end + i) * n + end..(end + i + 1) * n]);
            }
        }
    }
}
