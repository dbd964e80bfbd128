//! The matrix exponential.

use super::{Triangle, axpy, lu, multiply, solve_triangular, swap_rows};

/// Coefficients of the numerator of the diagonal Padé approximant of order 13.
const PADE: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];

/// The norm up to which the approximant is exact to double precision.
const REACH: f64 = 5.371_920_351_148_152;

/// Writes `exp(a)` of an `n x n` matrix: scaling and squaring with a Padé approximant (Higham, 2005, algorithm 2.3).
pub fn exponential(a: &[f64], n: usize, out: &mut [f64]) {
    let column = |j: usize| (0..n).map(|i| a[i * n + j].abs()).sum::<f64>();
    let norm = (0..n).map(column).fold(0.0_f64, |most, sum| if sum.is_nan() { sum } else { most.max(sum) });
    if !norm.is_finite() {
        return out.fill(f64::NAN);
    }
    let squarings = if norm > REACH { (norm / REACH).log2().ceil() as i32 } else { 0 };
    let scale = 0.5_f64.powi(squarings);
    let a: Vec<f64> = a.iter().map(|x| x * scale).collect();
    let a2 = multiply(n, n, n, &a, &a);
    let a4 = multiply(n, n, n, &a2, &a2);
    let a6 = multiply(n, n, n, &a4, &a2);
    let combined = |terms: &[(f64, &[f64])], diagonal: f64| {
        let mut sum = vec![0.0; n * n];
        terms.iter().for_each(|(factor, matrix)| axpy(*factor, matrix, &mut sum));
        (0..n).for_each(|i| sum[i * n + i] += diagonal);
        sum
    };
    let b = PADE;
    let inner = multiply(n, n, n, &a6, &combined(&[(b[13], &a6), (b[11], &a4), (b[9], &a2)], 0.0));
    let odd = combined(&[(1.0, &inner), (b[7], &a6), (b[5], &a4), (b[3], &a2)], b[1]);
    let u = multiply(n, n, n, &a, &odd);
    let inner = multiply(n, n, n, &a6, &combined(&[(b[12], &a6), (b[10], &a4), (b[8], &a2)], 0.0));
    let v = combined(&[(1.0, &inner), (b[6], &a6), (b[4], &a4), (b[2], &a2)], b[0]);
    // (V - U) X = V + U
    let mut left = combined(&[(1.0, &v), (-1.0, &u)], 0.0);
    let mut x = combined(&[(1.0, &v), (1.0, &u)], 0.0);
    let mut pivots = vec![0.0; n];
    lu(&mut left, n, n, &mut pivots);
    pivots.iter().enumerate().for_each(|(i, &pivot)| swap_rows(&mut x, n, i, pivot as usize));
    let lower = Triangle { n, row: n, col: 1, upper: false, unit: true };
    solve_triangular(&left, lower, &mut x, n);
    solve_triangular(&left, Triangle { upper: true, unit: false, ..lower }, &mut x, n);
    for _ in 0..squarings {
        x = multiply(n, n, n, &x, &x);
    }
    out.copy_from_slice(&x);
}
