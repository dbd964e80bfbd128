//! The Cholesky factor.

use super::{BLOCK, Number, Window, axpy, inner, product, square};

/// Factors the Hermitian matrix whose lower triangle is in `a` as `L @ L.H`, in place; the upper triangle becomes zero.
/// If a leading minor is not positive, its order is returned. Blocked, left-looking (Golub and Van Loan, 4.2.9).
pub fn cholesky<T: Number>(a: &mut [T], n: usize) -> Option<usize> {
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        if start > 0 {
            // Columns start..end of the rows below, less what the finished columns make of them.
            let left = Window::new(a, start * n, n, 1);
            let right = Window::new(a, start * n, 1, n).conj();
            let known = product(n - start, start, end - start, left, right);
            for (i, row) in known.chunks_exact(end - start).enumerate() {
                axpy(T::real(-1.0), row, &mut a[(start + i) * n + start..][..end - start]);
            }
        }
        for i in start..n {
            let (above, below) = a.split_at_mut(i * n);
            let row = &mut below[..n];
            for j in start..end.min(i) {
                let pivot = &above[j * n..][..n];
                row[j] = (row[j] - inner(&pivot[start..j], &row[start..j])) / pivot[j];
            }
            if i < end {
                let rest = row[i].re() - square(&row[start..i]);
                if rest.is_nan() || rest <= 0.0 {
                    return Some(i + 1);
                }
                row[i] = T::real(rest.sqrt());
                row[i + 1..].fill(T::default());
            }
        }
    }
    None
}
