//! Running a kernel on every instruction set and several numbers of threads.

use rutile_kernels::{Element, par, simd};

/// Runs a kernel on every instruction set of this machine with 1, 2 and 4 threads. The threads must not change a
/// bit; `check` sees the result of each instruction set.
pub fn everywhere(kernel: impl Fn() -> Vec<f64>, check: impl Fn(&[f64])) {
    for isa in simd::available() {
        simd::with_isa(isa, || {
            let threads = par::num_threads();
            let results: Vec<Vec<f64>> = [1, 2, 4]
                .into_iter()
                .map(|threads| {
                    par::set_num_threads(threads);
                    kernel()
                })
                .collect();
            par::set_num_threads(threads);
            let bits = |result: &[f64]| result.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            for result in &results[1..] {
                assert_eq!(bits(&results[0]), bits(result), "threads change the result on {isa}");
            }
            check(&results[0]);
        });
    }
}

/// Outputs one after the other, as doubles.
pub fn flat<T: Element>(outputs: &[&[T]]) -> Vec<f64> {
    outputs.iter().flat_map(|output| output.iter().map(|x| x.to_f64())).collect()
}

/// Fails unless `got` is within `tolerance * (1 + |want|)` of `want`; NaN and infinities must agree.
#[track_caller]
#[allow(dead_code)]
pub fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (i, (&g, &w)) in got.iter().zip(want).enumerate() {
        let same = g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= tolerance * (1.0 + w.abs());
        assert!(same, "element {i}: got {g}, want {w}");
    }
}

/// Reproducible numbers in [-2, 2) that are not round.
#[allow(dead_code)]
pub fn numbers<T: Element>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678_9ABC_DEF1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 22) as f64 - 2.0
    };
    (0..len).map(|_| T::from_f64(next())).collect()
}
