//! Fourier transforms against the sums that define them.

mod everywhere;

use everywhere::{everywhere, flat, numbers};
use rutile_kernels::{Real, fft};
use std::f64::consts::TAU;

/// Every kind of length: short and long, powers of two, odd, with primes that have passes, and with large ones.
const LENGTHS: [usize; 36] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 31, 32, 60, 61, 64, 67, 97, 122, 127, 128, 210, 256, 257,
    360, 512, 601, 1009, 1024, 2187, 3721,
];

/// Sums of `n` terms of an exponential, for every row.
fn definition<T: Real>(n: usize, sign: f64, scale: f64, x: &[T]) -> Vec<f64> {
    let roots: Vec<(f64, f64)> = (0..n).map(|k| (sign * TAU * k as f64 / n as f64).sin_cos()).collect();
    let mut out = Vec::with_capacity(x.len());
    for row in x.chunks_exact(2 * n) {
        for k in 0..n {
            let (mut re, mut im) = (0.0, 0.0);
            for j in 0..n {
                let (sin, cos) = roots[j * k % n];
                let (a, b) = (row[2 * j].to_f64(), row[2 * j + 1].to_f64());
                re += a * cos - b * sin;
                im += a * sin + b * cos;
            }
            out.extend([re * scale, im * scale]);
        }
    }
    out
}

/// The error of the whole, relative to the numbers' size: that of a transform grows with the logarithm of its length.
#[track_caller]
fn near(got: &[f64], want: &[f64], n: usize, precision: f64, what: &str) {
    assert_eq!(got.len(), want.len());
    let square = |x: f64| x * x;
    let size: f64 = want.iter().copied().map(square).sum();
    let error: f64 = got.iter().zip(want).map(|(g, w)| square(g - w)).sum();
    let bound = precision * (1.0 + (n as f64).log2());
    assert!(error.sqrt() <= bound * size.sqrt(), "{what}: {:e} beyond {bound:e}", (error / size).sqrt());
}

fn precision<T: Real>() -> f64 {
    if size_of::<T>() == 4 { f64::from(f32::EPSILON) } else { 4.0 * f64::EPSILON }
}

fn rows_of<T: Real>() {
    for n in LENGTHS {
        let counts: &[usize] = if n > 300 { &[1, 2] } else { &[1, 3, 16, 37] };
        for &count in counts {
            let x: Vec<T> = numbers(2 * n * count, n as u64);
            for (inverse, scale) in [(false, 1.0), (true, 0.5)] {
                let want = definition(n, if inverse { 1.0 } else { -1.0 }, scale, &x);
                everywhere(
                    || {
                        let mut out = vec![T::NAN; x.len()];
                        fft::rows(count, n, inverse, scale, &x, &mut out);
                        flat(&[&out])
                    },
                    |got| near(got, &want, n, precision::<T>(), &format!("{count} rows of {n}, inverse {inverse}")),
                );
            }
        }
    }
}

#[test]
fn rows_are_sums_of_exponentials() {
    rows_of::<f32>();
    rows_of::<f64>();
}

fn columns_of<T: Real>() {
    for [outer, n, inner] in [[1, 8, 5], [2, 60, 16], [3, 61, 17], [1, 128, 40], [2, 1, 3], [1, 360, 3]] {
        let x: Vec<T> = numbers(2 * outer * n * inner, 7);
        let turned = |x: &[f64], [outer, a, b]: [usize; 3]| -> Vec<f64> {
            (0..outer * a * b)
                .flat_map(|at| {
                    let (i, j, k) = (at / (a * b), at / a % b, at % a);
                    let from = 2 * ((i * a + k) * b + j);
                    [x[from], x[from + 1]]
                })
                .collect()
        };
        let rows = turned(&flat(&[&x]), [outer, n, inner]);
        let want = turned(&definition(n, 1.0, 2.0, &rows), [outer, inner, n]);
        everywhere(
            || {
                let mut out = vec![T::NAN; x.len()];
                fft::columns([outer, n, inner], true, 2.0, &x, &mut out);
                flat(&[&out])
            },
            |got| near(got, &want, n, precision::<T>(), &format!("columns of {outer} x {n} x {inner}")),
        );
    }
}

#[test]
fn columns_are_rows_turned() {
    columns_of::<f32>();
    columns_of::<f64>();
}

fn real_of<T: Real>() {
    for n in LENGTHS {
        let (count, half) = (if n > 300 { 2 } else { 19 }, n / 2);
        let x: Vec<T> = numbers(n * count, n as u64);
        let pairs: Vec<T> = x.iter().flat_map(|&value| [value, T::ZERO]).collect();
        let whole = definition(n, -1.0, 0.5, &pairs);
        let want: Vec<f64> = whole.chunks_exact(2 * n).flat_map(|row| row[..2 * (half + 1)].to_vec()).collect();
        everywhere(
            || {
                let mut out = vec![T::NAN; want.len()];
                fft::real(count, n, 0.5, &x, &mut out);
                flat(&[&out])
            },
            |got| near(got, &want, n, precision::<T>(), &format!("{count} real rows of {n}")),
        );
        // Back: what the other half would hold are the conjugates, and what has none is real.
        let spectrum: Vec<T> = numbers(want.len(), 3);
        let mut full = Vec::new();
        for row in spectrum.chunks_exact(2 * (half + 1)) {
            for k in 0..n {
                let j = k.min(n - k);
                let sign = if j == 0 || 2 * j == n { 0.0 } else { if k == j { 1.0 } else { -1.0 } };
                full.extend([row[2 * j], T::from_f64(row[2 * j + 1].to_f64() * sign)]);
            }
        }
        let want: Vec<f64> = definition(n, 1.0, 1.0, &full).chunks_exact(2).map(|pair| pair[0]).collect();
        everywhere(
            || {
                let mut out = vec![T::NAN; x.len()];
                fft::real_inverse(count, n, 1.0, &spectrum, &mut out);
                flat(&[&out])
            },
            |got| near(got, &want, n, precision::<T>(), &format!("{count} rows of {n} from half their results")),
        );
    }
}

#[test]
fn real_numbers_have_half_the_results() {
    real_of::<f32>();
    real_of::<f64>();
}

/// A length whose rows have several tasks, by what a shifted impulse gives.
#[test]
fn a_long_row_of_an_impulse_is_an_exponential() {
    for n in [1 << 16, 3 << 14, 40_009] {
        let at = 12_345;
        let mut x = vec![0.0_f64; 2 * n];
        x[2 * at] = 1.0;
        let want: Vec<f64> = (0..n)
            .flat_map(|k| {
                let (sin, cos) = (-TAU * (at * k % n) as f64 / n as f64).sin_cos();
                [cos, sin]
            })
            .collect();
        everywhere(
            || {
                let mut out = vec![f64::NAN; 2 * n];
                fft::rows(1, n, false, 1.0, &x, &mut out);
                out
            },
            |got| near(got, &want, n, precision::<f64>(), &format!("an impulse among {n}")),
        );
    }
}
