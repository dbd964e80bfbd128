//! QR by Householder reflections.

use super::{BLOCK, Window, axpy, product};

/// Reflections `I - tau v v'` that were applied one after the other; `v` is 1 at its first place, in row `i` for number
/// `i`, and lies below the diagonal of the matrix it was made from.
#[derive(Clone, Debug)]
pub struct Reflectors {
    rows: usize,
    /// Columns of `packed`.
    columns: usize,
    /// The factored matrix: `R` on and above the diagonal, the vectors below.
    packed: Vec<f64>,
    /// One factor per reflection.
    taus: Vec<f64>,
}

/// The reflection of the vector (`alpha`, `rest`) onto (`beta`, 0), in LAPACK's convention (dlarfg): `beta` has the sign
/// opposite to `alpha`, and a vector that is there already is left alone. Returns `beta` and `tau`; `rest` becomes `v`.
pub(super) fn reflector(alpha: f64, rest: &mut [f64]) -> (f64, f64) {
    let largest = rest.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if largest == 0.0 {
        return (alpha, 0.0);
    }
    // Scaled, so that squares neither overflow nor vanish.
    let scale = largest.max(alpha.abs());
    let sum: f64 = rest.iter().map(|&x| (x / scale) * (x / scale)).sum();
    let norm = scale * (sum + (alpha / scale) * (alpha / scale)).sqrt();
    let beta = -norm.copysign(alpha);
    let divisor = alpha - beta;
    rest.iter_mut().for_each(|x| *x /= divisor);
    (beta, (beta - alpha) / beta)
}

/// Factors an `m x n` matrix.
pub fn qr(a: &[f64], m: usize, n: usize) -> Reflectors {
    let mut packed = a.to_vec();
    let k = m.min(n);
    let mut taus = vec![0.0; k];
    let mut column = vec![0.0; m];
    for start in (0..k).step_by(BLOCK) {
        let end = (start + BLOCK).min(k);
        for j in start..end {
            let v = &mut column[..m - j];
            (j..m).for_each(|i| v[i - j] = packed[i * n + j]);
            let (head, rest) = v.split_at_mut(1);
            let (beta, tau) = reflector(head[0], rest);
            head[0] = 1.0;
            taus[j] = tau;
            packed[j * n + j] = beta;
            (j + 1..m).for_each(|i| packed[i * n + j] = v[i - j]);
            reflect(v, tau, &mut packed[j * n..], n, j + 1..end);
        }
        if end < n {
            let block = Block::new(&packed, &taus, m, n, start, end);
            block.apply(true, &mut packed, n, end..n);
        }
    }
    Reflectors { rows: m, columns: n, packed, taus }
}

/// Applies one reflection to some columns of the rows that `a` begins with.
fn reflect(v: &[f64], tau: f64, a: &mut [f64], n: usize, columns: std::ops::Range<usize>) {
    if tau == 0.0 || columns.is_empty() {
        return;
    }
    let mut sums = vec![0.0; columns.len()];
    for (i, &v) in v.iter().enumerate() {
        axpy(v, &a[i * n + columns.start..i * n + columns.end], &mut sums);
    }
    for (i, &v) in v.iter().enumerate() {
        axpy(-tau * v, &sums, &mut a[i * n + columns.start..i * n + columns.end]);
    }
}

/// Several reflections at once: `I - V T V'` (Schreiber and Van Loan, 1989), so that matrix products apply them.
struct Block {
    /// The first row that changes.
    start: usize,
    rows: usize,
    count: usize,
    v: Vec<f64>,
    t: Vec<f64>,
}

impl Block {
    fn new(packed: &[f64], taus: &[f64], m: usize, n: usize, start: usize, end: usize) -> Block {
        let (rows, count) = (m - start, end - start);
        let mut v = vec![0.0; rows * count];
        for i in 0..rows {
            for j in 0..count.min(i + 1) {
                v[i * count + j] = if i == j { 1.0 } else { packed[(start + i) * n + start + j] };
            }
        }
        let mut t = vec![0.0; count * count];
        let inner = product(count, rows, count, Window::new(&v, 0, 1, count), Window::new(&v, 0, count, 1));
        for j in 0..count {
            let tau = taus[start + j];
            for i in 0..j {
                let sum: f64 = (i..j).map(|l| t[i * count + l] * inner[l * count + j]).sum();
                t[i * count + j] = -tau * sum;
            }
            t[j * count + j] = tau;
        }
        Block { start, rows, count, v, t }
    }

    /// `Q' c` (`transposed`) or `Q c` for some columns of a matrix with `n` columns.
    fn apply(&self, transposed: bool, c: &mut [f64], n: usize, columns: std::ops::Range<usize>) {
        let (rows, count, width) = (self.rows, self.count, columns.len());
        let at = self.start * n + columns.start;
        let w = product(count, rows, width, Window::new(&self.v, 0, 1, count), Window::new(c, at, n, 1));
        let t = if transposed { Window::new(&self.t, 0, 1, count) } else { Window::new(&self.t, 0, count, 1) };
        let w = product(count, count, width, t, Window::new(&w, 0, width, 1));
        let update = product(rows, count, width, Window::new(&self.v, 0, count, 1), Window::new(&w, 0, width, 1));
        for (i, row) in update.chunks_exact(width).enumerate() {
            axpy(-1.0, row, &mut c[at + i * n..][..width]);
        }
    }
}

impl Reflectors {
    /// Writes the first `columns` columns of `Q` (`m x columns`).
    pub fn q(&self, columns: usize, out: &mut [f64]) {
        out.fill(0.0);
        (0..columns.min(self.rows)).for_each(|i| out[i * columns + i] = 1.0);
        let k = self.taus.len();
        for start in (0..k).step_by(BLOCK).collect::<Vec<_>>().into_iter().rev() {
            let end = (start + BLOCK).min(k);
            let block = Block::new(&self.packed, &self.taus, self.rows, self.columns, start, end);
            // Columns before `start` are those of the identity still, and have zeros in these rows.
            if start < columns {
                block.apply(false, out, columns, start..columns);
            }
        }
    }

    /// Writes the first `rows` rows of `R` (`rows x n`).
    pub fn r(&self, rows: usize, out: &mut [f64]) {
        let n = self.columns;
        for (i, row) in out.chunks_exact_mut(n.max(1)).enumerate().take(rows) {
            row[..i.min(n)].fill(0.0);
            if i < n {
                row[i..].copy_from_slice(&self.packed[i * n + i..(i + 1) * n]);
            }
        }
    }
}
