//! Triangular systems.

use super::{BLOCK, Number, Window, axpy, product, two_rows};

/// Which part of a square matrix is read, and how.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    /// Rows in all.
    pub n: usize,
    /// From one row to the next (1 for a transposed matrix).
    pub row: usize,
    /// From one column to the next.
    pub col: usize,
    /// The upper triangle, not the lower.
    pub upper: bool,
    /// The diagonal is 1 and not read.
    pub unit: bool,
}

/// Solves `t @ x = b` in place of `b` (`n x k`), by substitution in blocks of rows.
pub fn solve_triangular<T: Number>(t: &[T], shape: Triangle, b: &mut [T], k: usize) {
    let Triangle { n, row, col, upper, unit } = shape;
    let blocks = n.div_ceil(BLOCK);
    for block in 0..blocks {
        let block = if upper { blocks - 1 - block } else { block };
        let (start, end) = (block * BLOCK, n.min((block + 1) * BLOCK));
        // What the rows that are solved already contribute.
        let (from, to) = if upper { (end, n) } else { (0, start) };
        if to > from {
            let left = Window::new(t, start * row + from * col, row, col);
            let right = Window::new(b, from * k, k, 1);
            let known = product(end - start, to - from, k, left, right);
            axpy(T::real(-1.0), &known, &mut b[start * k..end * k]);
        }
        for step in 0..end - start {
            let i = if upper { end - 1 - step } else { start + step };
            if !unit {
                let diagonal = t[i * row + i * col];
                b[i * k..][..k].iter_mut().for_each(|x| *x /= diagonal);
            }
            for other in if upper { start..i } else { i + 1..end } {
                let factor = -t[other * row + i * col];
                let (first, second) = two_rows(b, k, i.min(other), i.max(other));
                if upper { axpy(factor, second, first) } else { axpy(factor, first, second) }
            }
        }
    }
}
