//! QR by Householder reflections.

use super::{BLOCK, Number, Window, axpy, product};

/// Reflections `I - tau v v'` (with the conjugate transpose) whose product is `Q`; `v` is 1 at its first place, in row `i` for number
/// `i`, and lies below the diagonal of the matrix it was made from.
#[derive(Clone, Debug)]
pub struct Reflectors<T> {
    rows: usize,
    /// Columns of `packed`.
    columns: usize,
    /// The factored matrix: `R` on and above the diagonal, the vectors below.
    pub packed: Vec<T>,
    /// One factor per reflection.
    pub taus: Vec<T>,
}

/// The reflection whose conjugate transpose brings the vector (`alpha`, `rest`) onto (`beta`, 0), in LAPACK's convention
/// (zlarfg): `beta` is real with the sign opposite to that of `alpha`'s real part, and a vector that is there already is
/// left alone. Returns `beta` and `tau`; `rest` becomes `v`.
pub(super) fn reflector<T: Number>(alpha: T, rest: &mut [T]) -> (f64, T) {
    let part = |most: f64, x: T| most.max(x.re().abs()).max(x.im().abs());
    let largest = rest.iter().fold(0.0_f64, |most, &x| part(most, x));
    if largest == 0.0 && alpha.im() == 0.0 {
        return (alpha.re(), T::default());
    }
    // Scaled, so that squares neither overflow nor vanish.
    let scale = part(largest, alpha);
    let square = |x: f64| (x / scale) * (x / scale);
    let both = |x: T| if T::PARTS == 1 { square(x.re()) } else { square(x.re()) + square(x.im()) };
    let sum: f64 = rest.iter().map(|&x| both(x)).sum();
    let norm = scale * (sum + both(alpha)).sqrt();
    let beta = -norm.copysign(alpha.re());
    let divisor = alpha - T::real(beta);
    rest.iter_mut().for_each(|x| *x /= divisor);
    (beta, (T::real(beta) - alpha).scaled(1.0 / beta))
}

/// Factors an `m x n` matrix.
pub fn qr<T: Number>(a: &[T], m: usize, n: usize) -> Reflectors<T> {
    let mut packed = a.to_vec();
    let k = m.min(n);
    let mut taus = vec![T::default(); k];
    let mut column = vec![T::default(); m];
    for start in (0..k).step_by(BLOCK) {
        let end = (start + BLOCK).min(k);
        for j in start..end {
            let v = &mut column[..m - j];
            (j..m).for_each(|i| v[i - j] = packed[i * n + j]);
            let (head, rest) = v.split_at_mut(1);
            let (beta, tau) = reflector(head[0], rest);
            head[0] = T::real(1.0);
            taus[j] = tau;
            packed[j * n + j] = T::real(beta);
            (j + 1..m).for_each(|i| packed[i * n + j] = v[i - j]);
            reflect(v, tau.conj(), &mut packed[j * n..], n, j + 1..end);
        }
        if end < n {
            let block = Block::new(&packed, &taus, m, n, start, end);
            block.apply(true, &mut packed, n, end..n);
        }
    }
    Reflectors { rows: m, columns: n, packed, taus }
}

/// Applies one reflection to some columns of the rows that `a` begins with.
fn reflect<T: Number>(v: &[T], tau: T, a: &mut [T], n: usize, columns: std::ops::Range<usize>) {
    if tau == T::default() || columns.is_empty() {
        return;
    }
    let mut sums = vec![T::default(); columns.len()];
    for (i, &v) in v.iter().enumerate() {
        axpy(v.conj(), &a[i * n + columns.start..i * n + columns.end], &mut sums);
    }
    for (i, &v) in v.iter().enumerate() {
        axpy(-tau * v, &sums, &mut a[i * n + columns.start..i * n + columns.end]);
    }
}

/// Several reflections at once: `I - V T V'` (Schreiber and Van Loan, 1989), so that matrix products apply them.
struct Block<T> {
    /// The first row that changes.
    start: usize,
    rows: usize,
    count: usize,
    v: Vec<T>,
    t: Vec<T>,
}

impl<T: Number> Block<T> {
    fn new(packed: &[T], taus: &[T], m: usize, n: usize, start: usize, end: usize) -> Block<T> {
        let (rows, count) = (m - start, end - start);
        let mut v = vec![T::default(); rows * count];
        for i in 0..rows {
            for j in 0..count.min(i + 1) {
                v[i * count + j] = if i == j { T::real(1.0) } else { packed[(start + i) * n + start + j] };
            }
        }
        let mut t = vec![T::default(); count * count];
        let inner = product(count, rows, count, Window::new(&v, 0, 1, count).conj(), Window::new(&v, 0, count, 1));
        for j in 0..count {
            let tau = taus[start + j];
            for i in 0..j {
                let sum = (i..j).fold(T::default(), |sum, l| sum + t[i * count + l] * inner[l * count + j]);
                t[i * count + j] = -tau * sum;
            }
            t[j * count + j] = tau;
        }
        Block { start, rows, count, v, t }
    }

    /// `Q' c` (`transposed`) or `Q c` for some columns of a matrix with `n` columns.
    fn apply(&self, transposed: bool, c: &mut [T], n: usize, columns: std::ops::Range<usize>) {
        let (rows, count, width) = (self.rows, self.count, columns.len());
        let at = self.start * n + columns.start;
        let w = product(count, rows, width, Window::new(&self.v, 0, 1, count).conj(), Window::new(c, at, n, 1));
        let t = if transposed { Window::new(&self.t, 0, 1, count).conj() } else { Window::new(&self.t, 0, count, 1) };
        let w = product(count, count, width, t, Window::new(&w, 0, width, 1));
        let update = product(rows, count, width, Window::new(&self.v, 0, count, 1), Window::new(&w, 0, width, 1));
        for (i, row) in update.chunks_exact(width).enumerate() {
            axpy(T::real(-1.0), row, &mut c[at + i * n..][..width]);
        }
    }
}

impl<T: Number> Reflectors<T> {
    /// Writes the first `columns` columns of `Q` (`m x columns`).
    pub fn q(&self, columns: usize, out: &mut [T]) {
        out.fill(T::default());
        (0..columns.min(self.rows)).for_each(|i| out[i * columns + i] = T::real(1.0));
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
    pub fn r(&self, rows: usize, out: &mut [T]) {
        let n = self.columns;
        for (i, row) in out.chunks_exact_mut(n.max(1)).enumerate().take(rows) {
            row[..i.min(n)].fill(T::default());
            if i < n {
                row[i..].copy_from_slice(&self.packed[i * n + i..(i + 1) * n]);
            }
        }
    }
}
