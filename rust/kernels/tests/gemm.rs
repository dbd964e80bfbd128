//! Matrix products against a naive twin, on every instruction set, with any strides; same bits on any thread count.

use proptest::prelude::*;
use rutile_kernels::gemm::{self, Bias, Matrix};
use rutile_kernels::{Real, par, simd};

/// Strides of a `rows x cols` matrix that is stored in one of several ways, and the elements that it takes.
fn strides(layout: usize, rows: usize, cols: usize) -> (isize, isize, usize) {
    match layout {
        0 => (cols as isize, 1, rows * cols),
        1 => (1, rows as isize, rows * cols),
        2 => (cols as isize + 3, 1, rows * (cols + 3)),
        3 => (1, rows as isize + 5, cols * (rows + 5)),
        _ => (2 * cols as isize, 2, 2 * rows * cols),
    }
}

fn values<T: Real>(n: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 40) as f64 / (1u64 << 23) as f64 - 1.0)
    };
    (0..n).map(|_| next()).collect()
}

#[derive(Clone, Debug)]
struct Case {
    batch: Vec<usize>,
    broadcast: [bool; 2],
    shape: (usize, usize, usize),
    layout: [usize; 2],
    bias: usize,
    accumulate: bool,
}

fn run<T: Real>(case: &Case) -> (Vec<T>, Vec<f64>, Vec<f64>) {
    let (m, k, n) = case.shape;
    let count: usize = case.batch.iter().product();
    let (a_row, a_col, a_len) = strides(case.layout[0], m, k);
    let (b_row, b_col, b_len) = strides(case.layout[1], k, n);
    let batch_strides = |len: usize, broadcast: bool| -> Vec<isize> {
        let mut next = if broadcast { 0 } else { len as isize };
        let mut all: Vec<isize> = case
            .batch
            .iter()
            .rev()
            .map(|&size| {
                let s = next;
                next *= size as isize;
                s
            })
            .collect();
        all.reverse();
        all
    };
    let (a_batch, b_batch) = (batch_strides(a_len, case.broadcast[0]), batch_strides(b_len, case.broadcast[1]));
    let (a, b) = (values::<T>(count * a_len + 1, 1), values::<T>(count * b_len + 1, 2));
    let (row_bias, col_bias) = (values::<T>(n, 3), values::<T>(m, 4));
    let before = values::<T>(count * m * n, 5);
    let mut c = if case.accumulate { before.clone() } else { vec![T::from_f64(f64::NAN); count * m * n] };
    let bias = match case.bias {
        0 => Bias::None,
        1 => Bias::Row(&row_bias),
        _ => Bias::Col(&col_bias),
    };
    // SAFETY: the strides describe the vectors.
    unsafe {
        gemm::run(
            &case.batch,
            m,
            k,
            n,
            Matrix { ptr: a.as_ptr(), row: a_row, col: a_col, batch: &a_batch },
            Matrix { ptr: b.as_ptr(), row: b_row, col: b_col, batch: &b_batch },
            c.as_mut_ptr(),
            bias,
            case.accumulate,
        );
    }
    // The naive twin in doubles, and the sum of magnitudes that rounding errors scale with.
    let (mut expected, mut scale) = (Vec::new(), Vec::new());
    for i in 0..count {
        let (mut a_at, mut b_at, mut rest) = (0, 0, i);
        for axis in (0..case.batch.len()).rev() {
            let index = (rest % case.batch[axis]) as isize;
            (a_at, b_at) = (a_at + index * a_batch[axis], b_at + index * b_batch[axis]);
            rest /= case.batch[axis];
        }
        for r in 0..m {
            for j in 0..n {
                let mut terms = vec![];
                for p in 0..k {
                    let x = a[(a_at + r as isize * a_row + p as isize * a_col) as usize].to_f64();
                    let y = b[(b_at + p as isize * b_row + j as isize * b_col) as usize].to_f64();
                    terms.push(x * y);
                }
                if case.bias > 0 {
                    terms.push(if case.bias == 1 { row_bias[j].to_f64() } else { col_bias[r].to_f64() });
                }
                if case.accumulate {
                    terms.push(before[(i * m + r) * n + j].to_f64());
                }
                expected.push(terms.iter().sum());
                scale.push(terms.iter().map(|t| t.abs()).sum::<f64>());
            }
        }
    }
    (c, expected, scale)
}

fn check<T: Real>(case: &Case, epsilon: f64) {
    let (c, expected, scale) = run::<T>(case);
    for i in 0..c.len() {
        let bound = (case.shape.1 + 3) as f64 * epsilon * scale[i];
        let error = (c[i].to_f64() - expected[i]).abs();
        assert!(error <= bound, "{case:?} on {}: element {i} is {:?}, not {}", simd::name(), c[i], expected[i]);
    }
}

fn check_everywhere(case: &Case) {
    for isa in simd::available() {
        simd::with_isa(isa, || {
            check::<f32>(case, f64::from(f32::EPSILON));
            check::<f64>(case, f64::EPSILON);
        });
    }
}

fn case() -> impl Strategy<Value = Case> {
    let size = || prop_oneof![0..4usize, 0..40usize, 60..70usize];
    let shape = (size(), prop_oneof![size(), 250..530usize], size());
    let rest =
        (prop::collection::vec(1..4usize, 0..3), any::<[bool; 2]>(), (0..5usize, 0..5usize), 0..3usize, any::<bool>());
    (shape, rest).prop_map(|(shape, (batch, broadcast, layout, bias, accumulate))| Case {
        batch,
        broadcast,
        shape,
        layout: [layout.0, layout.1],
        bias,
        accumulate,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn equals_the_naive_twin(case in case()) {
        check_everywhere(&case);
    }
}

#[test]
fn every_small_shape() {
    for m in 1..18 {
        for n in [1, 2, 15, 16, 17, 31, 32, 33, 64, 65] {
            for layout in [[0, 0], [1, 1]] {
                let case = Case {
                    batch: vec![],
                    broadcast: [false; 2],
                    shape: (m, 9, n),
                    layout,
                    bias: m % 3,
                    accumulate: n % 2 == 0,
                };
                check_everywhere(&case);
            }
        }
    }
}

#[test]
fn larger_than_every_block() {
    let case =
        Case { batch: vec![], broadcast: [false; 2], shape: (450, 520, 70), layout: [0, 1], bias: 1, accumulate: true };
    check_everywhere(&case);
    check_everywhere(&Case { shape: (33, 300, 1100), layout: [1, 0], bias: 2, ..case });
}

#[test]
fn same_bits_on_any_number_of_threads() {
    simd::with_isa(simd::available()[0], threads_agree); // other tests change the instruction set meanwhile
}

fn threads_agree() {
    let base =
        Case { batch: vec![], broadcast: [false; 2], shape: (0, 0, 0), layout: [0, 1], bias: 0, accumulate: false };
    for shape in [(130, 300, 170), (64, 1000, 64), (1, 700, 3000), (3000, 700, 1), (500, 70, 10)] {
        for layout in [[0, 0], [0, 1], [1, 0]] {
            for batch in [vec![], vec![3]] {
                let case = Case { shape, layout, batch, ..base.clone() };
                let results: Vec<Vec<f32>> = [1, 2, 4]
                    .map(|threads| {
                        par::set_num_threads(threads);
                        run::<f32>(&case).0
                    })
                    .to_vec();
                assert!(
                    results
                        .windows(2)
                        .all(|pair| pair[0].iter().zip(&pair[1]).all(|(a, b)| a.to_bits() == b.to_bits())),
                    "{case:?}"
                );
            }
        }
    }
}
