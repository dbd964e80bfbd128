//! Factorisations, by what defines them: the parts multiplied give the matrix, and are orthogonal or triangular.

use rutile_kernels::linalg::{
    Complex, Number, Triangle, batches, cholesky, complex_eig, eig, eigh, exponential, lu, qr, solve_triangular, svd,
    swap_rows, transpose,
};

const SIZES: [usize; 9] = [0, 1, 2, 3, 5, 31, 32, 33, 70];

/// Numbers in (-1, 1) that look random.
fn numbers(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

fn product(a: &[f64], b: &[f64], m: usize, k: usize, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            out[i * n + j] = (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
        }
    }
    out
}

fn transposed(a: &[f64], m: usize, n: usize) -> Vec<f64> {
    (0..m * n).map(|at| a[at % m * n + at / m]).collect()
}

#[track_caller]
fn same(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{i}: {a}, not {b}");
    }
}

/// The columns of an `m x n` matrix are orthonormal.
#[track_caller]
fn orthonormal(q: &[f64], m: usize, n: usize) {
    let eye: Vec<f64> = (0..n * n).map(|i| f64::from(u8::from(i % (n + 1) == 0))).collect();
    same(&product(&transposed(q, m, n), q, n, m, n), &eye, 1e-12);
}

fn symmetric(n: usize, seed: u64) -> Vec<f64> {
    let a = numbers(n * n, seed);
    a.iter().zip(transposed(&a, n, n)).map(|(x, y)| x + y).collect()
}

#[test]
fn lu_gives_the_rows_in_another_order() {
    for m in SIZES {
        for n in SIZES {
            let a = numbers(m * n, (m * 100 + n) as u64);
            let k = m.min(n);
            let (mut packed, mut pivots) = (a.clone(), vec![0.0; k]);
            lu(&mut packed, m, n, &mut pivots);
            let at = |i: usize, j: usize| packed[i * n + j];
            let l: Vec<f64> = (0..m * k)
                .map(|p| (p / k, p % k))
                .map(|(i, j)| {
                    if i == j {
                        1.0
                    } else if i > j {
                        at(i, j)
                    } else {
                        0.0
                    }
                })
                .collect();
            assert!(l.iter().all(|x| x.abs() <= 1.0), "pivots are the largest of their columns");
            let u: Vec<f64> =
                (0..k * n).map(|p| (p / n, p % n)).map(|(i, j)| if i <= j { at(i, j) } else { 0.0 }).collect();
            let mut rows = a;
            pivots.iter().enumerate().for_each(|(i, &pivot)| swap_rows(&mut rows, n, i, pivot as usize));
            same(&product(&l, &u, m, k, n), &rows, 1e-12);
        }
    }
}

#[test]
fn triangular_systems_are_solved() {
    for n in SIZES {
        for k in [0, 1, 3, 40] {
            for (upper, unit, turned) in (0..8).map(|i| (i & 1 > 0, i & 2 > 0, i & 4 > 0)) {
                let mut t = numbers(n * n, n as u64);
                for i in 0..n {
                    (0..n).filter(|&j| j != i).for_each(|j| t[i * n + j] /= n as f64);
                    t[i * n + i] += 3.0;
                }
                let x = numbers(n * k, 7);
                // What is read, as a full matrix.
                let read: Vec<f64> = (0..n * n)
                    .map(|p| (p / n, p % n))
                    .map(|(i, j)| match () {
                        () if i == j && unit => 1.0,
                        () if i == j || (j > i) == upper => t[if turned { j * n + i } else { i * n + j }],
                        () => 0.0,
                    })
                    .collect();
                let mut b = product(&read, &x, n, n, k);
                let (row, col) = if turned { (1, n) } else { (n, 1) };
                solve_triangular(&t, Triangle { n, row, col, upper, unit }, &mut b, k);
                same(&b, &x, 1e-11);
            }
        }
    }
}

#[test]
fn cholesky_gives_a_root_or_the_minor_that_fails() {
    for n in SIZES {
        let a = numbers(n * n, 3);
        let mut square = product(&a, &transposed(&a, n, n), n, n, n);
        (0..n).for_each(|i| square[i * n + i] += 1.0);
        let mut l = square.clone();
        for i in 0..n {
            l[i * n + i + 1..(i + 1) * n].fill(f64::NAN); // the upper triangle is not read
        }
        assert_eq!(cholesky(&mut l, n), None);
        same(&product(&l, &transposed(&l, n, n), n, n, n), &square, 1e-12);
        if n > 2 {
            square[2 * n + 2] = -1.0;
            assert_eq!(cholesky(&mut square, n), Some(3));
        }
    }
}

#[test]
fn qr_gives_orthonormal_columns_and_a_triangle() {
    for m in SIZES {
        for n in SIZES {
            let a = numbers(m * n, (m * 100 + n) as u64);
            let factored = qr(&a, m, n);
            for columns in [m.min(n), m] {
                let (mut q, mut r) = (vec![0.0; m * columns], vec![0.0; columns * n]);
                factored.q(columns, &mut q);
                factored.r(columns, &mut r);
                orthonormal(&q, m, columns);
                assert!((0..columns * n).all(|p| p / n <= p % n || r[p] == 0.0));
                same(&product(&q, &r, m, columns, n), &a, 1e-12);
            }
        }
    }
}

#[test]
fn eigenvectors_diagonalise() {
    for n in SIZES {
        let mut cases = vec![symmetric(n, 5), vec![0.0; n * n]];
        // Equal eigenvalues, and entries of very different size.
        cases.push((0..n * n).map(|i| f64::from(u8::from(i % (n + 1) == 0))).collect());
        cases.push(
            symmetric(n, 9).iter().enumerate().map(|(p, x)| x * 10_f64.powi(-((p / n + p % n) as i32))).collect(),
        );
        for a in cases {
            let (mut values, mut rows) = (vec![0.0; n], vec![0.0; n * n]);
            assert!(eigh(&a, n, &mut values, &mut rows));
            assert!(values.is_sorted());
            let v = transposed(&rows, n, n);
            orthonormal(&v, n, n);
            let scaled: Vec<f64> = v.iter().enumerate().map(|(p, x)| x * values[p % n]).collect();
            same(&product(&scaled, &rows, n, n, n), &a, 1e-12);
            let mut alone = vec![0.0; n];
            assert!(eigh(&a, n, &mut alone, &mut []));
            same(&alone, &values, 1e-13);
        }
    }
    assert!(!eigh(&[f64::NAN], 1, &mut [0.0], &mut []));
}

#[test]
fn singular_vectors_diagonalise() {
    for m in SIZES {
        for n in SIZES {
            let k = m.min(n);
            let thin = product(&numbers(m * 2, 1), &numbers(2 * n, 2), m, 2, n);
            for a in [numbers(m * n, (m * 100 + n) as u64), thin, vec![0.0; m * n]] {
                for (columns, rows) in [(k, k), (m, n)] {
                    let (mut s, mut u, mut vh) = (vec![0.0; k], vec![0.0; m * columns], vec![0.0; rows * n]);
                    assert!(svd(&a, m, n, &mut s, &mut u, &mut vh));
                    assert!(s.windows(2).all(|pair| pair[0] >= pair[1]) && s.iter().all(|&s| s >= 0.0));
                    orthonormal(&u, m, columns);
                    orthonormal(&transposed(&vh, rows, n), n, rows);
                    let scaled: Vec<f64> = (0..m * k).map(|p| u[p / k * columns + p % k] * s[p % k]).collect();
                    same(&product(&scaled, &vh[..k * n], m, k, n), &a, 1e-12);
                    let mut alone = vec![0.0; k];
                    assert!(svd(&a, m, n, &mut alone, &mut [], &mut []));
                    same(&alone, &s, 1e-13);
                }
            }
        }
    }
    assert!(!svd(&[f64::INFINITY], 1, 1, &mut [0.0], &mut [], &mut []));
}

#[test]
fn small_singular_values_are_relatively_exact() {
    // diag(1, 1e-10, 1e-20) with its columns mixed by a rotation.
    let (c, s) = (0.6, 0.8);
    let a = [c, -s, 0.0, s * 1e-10, c * 1e-10, 0.0, 0.0, 0.0, 1e-20];
    let mut values = [0.0; 3];
    assert!(svd(&a, 3, 3, &mut values, &mut [], &mut []));
    for (value, expected) in values.iter().zip([1.0, 1e-10, 1e-20]) {
        assert!((value / expected - 1.0).abs() < 1e-14, "{value} {expected}");
    }
}

#[test]
fn exponentials_follow_their_series() {
    for n in SIZES {
        for scale in [1e-3, 1.0, 4.0] {
            let a: Vec<f64> = numbers(n * n, 11).iter().map(|x| x * scale / (n.max(1) as f64).sqrt()).collect();
            let mut out = vec![0.0; n * n];
            exponential(&a, n, &mut out);
            let mut term: Vec<f64> = (0..n * n).map(|i| f64::from(u8::from(i % (n + 1) == 0))).collect();
            let mut sum = term.clone();
            for i in 1..80 {
                term = product(&term, &a, n, n, n).iter().map(|x| x / f64::from(i)).collect();
                sum.iter_mut().zip(&term).for_each(|(s, t)| *s += t);
            }
            same(&out, &sum, 1e-11);
        }
    }
}

#[test]
fn every_matrix_of_a_batch_gets_its_pieces() {
    let (mut a, mut b) = (vec![0.0; 12], vec![0.0; 3]);
    batches(3, 1 << 20, [&mut a, &mut b], |i, [a, b]| {
        a.fill(i as f64);
        b.fill(10.0 * i as f64);
    });
    assert_eq!(a, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
    assert_eq!(b, [0.0, 10.0, 20.0]);
}

/// `a v = value v` for every pair, of vectors of length one.
#[track_caller]
fn eigenpairs(a: &[f64], n: usize, tolerance: f64) {
    let (mut values, mut vectors) = (vec![f64::NAN; 2 * n], vec![f64::NAN; 2 * n * n]);
    assert!(eig(a, n, &mut values, &mut vectors));
    let size = a.iter().fold(1e-300_f64, |most, x| most.max(x.abs())) * n as f64;
    for j in 0..n {
        let part = |which: usize| (0..n).map(|i| vectors[2 * (i * n + j) + which]).collect::<Vec<f64>>();
        let (re, im) = (part(0), part(1));
        let [x, y] = [values[2 * j], values[2 * j + 1]];
        let (left_re, left_im) = (product(a, &re, n, n, 1), product(a, &im, n, n, 1));
        for i in 0..n {
            let error = (left_re[i] - (x * re[i] - y * im[i])).hypot(left_im[i] - (x * im[i] + y * re[i]));
            assert!(error <= tolerance * size, "{n}: {error:e} for value {j}, {x} + {y}i");
        }
        let length: f64 = re.iter().chain(&im).map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-13, "length {length}");
    }
    let trace: f64 = (0..n).map(|i| a[i * n + i]).sum();
    let sum: f64 = values.chunks_exact(2).map(|pair| pair[0]).sum();
    assert!((trace - sum).abs() <= 1e-12 * size);
    // Conjugates side by side.
    let mut j = 0;
    while j < n {
        if values[2 * j + 1] != 0.0 {
            assert!(values[2 * j + 1] > 0.0);
            assert_eq!([values[2 * j], -values[2 * j + 1]], values[2 * j + 2..2 * j + 4]);
            j += 1;
        }
        j += 1;
    }
}

#[test]
fn general_matrices_have_eigenpairs() {
    for n in SIZES {
        for seed in 0..4 {
            eigenpairs(&numbers(n * n, (100 * n + seed) as u64), n, 1e-13);
        }
        eigenpairs(&symmetric(n, 3), n, 1e-13);
        eigenpairs(&vec![0.0; n * n], n, 1e-13);
        // Cyclic shifts (roots of one), which shifts alone do not move; triangles; rows of very different sizes.
        let turned: Vec<f64> = (0..n * n).map(|at| f64::from(u8::from((at / n + 1) % n == at % n))).collect();
        eigenpairs(&turned, n, 1e-13);
        let triangle: Vec<f64> =
            numbers(n * n, 5).iter().enumerate().map(|(at, &x)| if at / n > at % n { 0.0 } else { x }).collect();
        eigenpairs(&triangle, n, 1e-13);
        let graded: Vec<f64> =
            numbers(n * n, 6).iter().enumerate().map(|(at, x)| x * 0.5_f64.powi((at / n) as i32)).collect();
        // Balanced, these are solved to the last place; the vectors' own scales are part of the error.
        eigenpairs(&graded, n, 1e-9);
    }
    let (mut values, mut vectors) = ([0.0; 4], [0.0; 8]);
    assert!(!eig(&[f64::NAN, 1.0, 1.0, 1.0], 2, &mut values, &mut vectors));
}

// ---- complex numbers ----

fn complex_numbers(len: usize, seed: u64) -> Vec<Complex> {
    Complex::of(&numbers(2 * len, seed)).to_vec()
}

fn complex_product(a: &[Complex], b: &[Complex], m: usize, k: usize, n: usize) -> Vec<Complex> {
    let sum = |i: usize, j: usize| (0..k).fold(Complex::default(), |sum, l| sum + a[i * k + l] * b[l * n + j]);
    (0..m * n).map(|at| sum(at / n, at % n)).collect()
}

fn adjoint(a: &[Complex], m: usize, n: usize) -> Vec<Complex> {
    transpose(a, m, n).into_iter().map(Complex::conj).collect()
}

#[track_caller]
fn same_complex(a: &[Complex], b: &[Complex], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).size() <= tolerance * (1.0 + b.size()), "{i}: {a:?}, not {b:?}");
    }
}

/// The columns of an `m x n` matrix are orthonormal.
#[track_caller]
fn unitary(q: &[Complex], m: usize, n: usize) {
    let eye: Vec<Complex> = (0..n * n).map(|i| Complex::real(f64::from(u8::from(i % (n + 1) == 0)))).collect();
    same_complex(&complex_product(&adjoint(q, m, n), q, n, m, n), &eye, 1e-12);
}

#[test]
fn complex_factors_multiply_to_the_matrix() {
    for m in SIZES {
        for n in SIZES {
            let a = complex_numbers(m * n, (m * 100 + n) as u64);
            let k = m.min(n);
            let factored = qr(&a, m, n);
            let (mut q, mut r) = (vec![Complex::default(); m * k], vec![Complex::default(); k * n]);
            factored.q(k, &mut q);
            factored.r(k, &mut r);
            same_complex(&complex_product(&q, &r, m, k, n), &a, 1e-12);
            unitary(&q, m, k);
            if k > 0 {
                let (mut u, mut vh) = (vec![Complex::default(); m * k], vec![Complex::default(); k * n]);
                let mut s = vec![0.0; k];
                assert!(svd(&a, m, n, &mut s, &mut u, &mut vh));
                let scaled: Vec<Complex> = u.iter().enumerate().map(|(at, x)| x.scaled(s[at % k])).collect();
                same_complex(&complex_product(&scaled, &vh, m, k, n), &a, 1e-12);
                unitary(&u, m, k);
                unitary(&adjoint(&vh, k, n), n, k);
                assert!(s.windows(2).all(|pair| pair[0] >= pair[1]));
            }
        }
    }
}

#[test]
fn hermitian_matrices() {
    for n in SIZES {
        let a = complex_numbers(n * n, n as u64);
        let hermitian: Vec<Complex> = a.iter().zip(adjoint(&a, n, n)).map(|(&x, y)| x + y).collect();
        let (mut values, mut rows) = (vec![0.0; n], vec![Complex::default(); n * n]);
        assert!(eigh(&hermitian, n, &mut values, &mut rows));
        let vectors = transpose(&rows, n, n);
        let scaled: Vec<Complex> = (0..n * n).map(|at| vectors[at].scaled(values[at % n])).collect();
        same_complex(&complex_product(&hermitian, &vectors, n, n, n), &scaled, 1e-12);
        unitary(&vectors, n, n);
        let mut factor = complex_product(&a, &adjoint(&a, n, n), n, n, n);
        (0..n).for_each(|i| factor[i * n + i] += Complex::real(1.0));
        let definite = factor.clone();
        assert_eq!(cholesky(&mut factor, n), None);
        same_complex(&complex_product(&factor, &adjoint(&factor, n, n), n, n, n), &definite, 1e-12);
    }
}

#[test]
fn complex_eigenvectors_solve_their_equation() {
    for n in SIZES {
        let a = complex_numbers(n * n, n as u64);
        let (mut values, mut vectors) = (vec![Complex::default(); n], vec![Complex::default(); n * n]);
        assert!(complex_eig(&a, n, &mut values, &mut vectors));
        let scaled: Vec<Complex> = (0..n * n).map(|at| vectors[at] * values[at % n]).collect();
        same_complex(&complex_product(&a, &vectors, n, n, n), &scaled, 1e-11);
    }
}
