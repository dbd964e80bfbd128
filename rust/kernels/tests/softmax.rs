//! Softmax and cross entropy against their definitions in double precision.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::Real;
use rutile_kernels::softmax::{
    CrossEntropy, causal_softmax, cross_entropy_backward, cross_entropy_forward, cross_entropy_total, log_softmax,
    log_softmax_backward, softmax, softmax_backward,
};

/// Positions of each line of (outer, axis, inner) along the axis.
fn lines(outer: usize, axis: usize, inner: usize) -> Vec<Vec<usize>> {
    let line = |o, j| (0..axis).map(|k| (o * axis + k) * inner + j).collect();
    (0..outer).flat_map(|o| (0..inner).map(move |j| line(o, j))).collect()
}

fn check<T: Real>(outer: usize, axis: usize, inner: usize, x: &[T], tolerance: f64) {
    let len = x.len();
    let g: Vec<T> = numbers(len, 7);
    let mut want = vec![0.0; 4 * len];
    for line in lines(outer, axis, inner) {
        let value = |v: &[T], i: usize| v[i].to_f64();
        let max = line.iter().fold(f64::NEG_INFINITY, |m, &i| {
            if m.is_nan() {
                m
            } else if value(x, i).is_nan() {
                f64::NAN
            } else {
                m.max(value(x, i))
            }
        });
        let sum: f64 = line.iter().map(|&i| (value(x, i) - max).exp()).sum();
        let y = |i: usize| (value(x, i) - max).exp() / sum;
        let dot: f64 = line.iter().map(|&i| value(&g, i) * y(i)).sum();
        let total: f64 = line.iter().map(|&i| value(&g, i)).sum();
        for &i in &line {
            want[i] = y(i);
            want[len + i] = value(x, i) - max - sum.ln();
            want[2 * len + i] = y(i) * (value(&g, i) - dot);
            want[3 * len + i] = value(&g, i) - y(i) * total;
        }
    }
    let run = || {
        let [mut y, mut log, mut gy, mut glog] = [(); 4].map(|()| vec![T::NAN; len]);
        softmax(outer, axis, inner, x, &mut y);
        log_softmax(outer, axis, inner, x, &mut log);
        softmax_backward(outer, axis, inner, &g, &y, &mut gy);
        log_softmax_backward(outer, axis, inner, &g, &log, &mut glog);
        flat(&[&y, &log, &gy, &glog])
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

fn check_loss<T: Real>(rows: usize, cols: usize, weighted: bool, smoothing: f64, tolerance: f64) {
    let logits: Vec<T> = numbers(rows * cols, 1);
    let target: Vec<i64> = (0..rows).map(|i| if i % 5 == 3 { -100 } else { (i * 7 % cols) as i64 }).collect();
    let weight: Vec<T> = numbers::<f64>(cols, 3).iter().map(|w| T::from_f64(w.abs())).collect();
    let grad: Vec<T> = numbers(rows, 4);
    let spec = CrossEntropy { weight: weighted.then_some(&weight[..]), ignore_index: -100, label_smoothing: smoothing };
    let w = |j: usize| if weighted { weight[j].to_f64() } else { 1.0 };
    let (mut loss, mut lse, mut out, mut total) = (vec![], vec![], vec![], 0.0);
    for i in 0..rows {
        let x = |j: usize| logits[i * cols + j].to_f64();
        let log_sum = (0..cols).map(|j| x(j).exp()).sum::<f64>().ln();
        lse.push(log_sum);
        if target[i] < 0 {
            loss.push(0.0);
            out.extend(vec![0.0; cols]);
            continue;
        }
        let t = target[i] as usize;
        total += w(t);
        // The distribution that the smoothed target stands for, times the weights.
        let q = |j: usize| w(j) * (smoothing / cols as f64 + if j == t { 1.0 - smoothing } else { 0.0 });
        loss.push((0..cols).map(|j| q(j) * (log_sum - x(j))).sum());
        let all: f64 = (0..cols).map(q).sum();
        out.extend((0..cols).map(|j| grad[i].to_f64() * (all * (x(j) - log_sum).exp() - q(j))));
    }
    let run = || {
        let (mut loss, mut lse, mut out) = (vec![T::NAN; rows], vec![T::NAN; rows], vec![T::NAN; rows * cols]);
        cross_entropy_forward(&spec, rows, cols, &logits, &target, &mut loss, &mut lse);
        cross_entropy_backward(&spec, rows, cols, &logits, &target, &lse, &grad, &mut out);
        flat(&[&loss, &lse, &out])
    };
    everywhere(run, |got| close(got, &[&loss[..], &lse, &out].concat(), tolerance));
    close(&[cross_entropy_total(&spec, cols, &target)], &[total], 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_and_other_axes(
        outer in 0usize..4, axis in 0usize..40, inner in prop_oneof![Just(1usize), 0usize..40, 60usize..80],
    ) {
        check::<f32>(outer, axis, inner, &numbers(outer * axis * inner, 1), 2e-6);
        check::<f64>(outer, axis, inner, &numbers(outer * axis * inner, 1), 1e-14);
    }

    #[test]
    fn losses(
        rows in 0usize..9, cols in 1usize..50, weighted: bool, smoothing in prop_oneof![Just(0.0), Just(0.1), Just(1.0)],
    ) {
        check_loss::<f32>(rows, cols, weighted, smoothing, 4e-6);
        check_loss::<f64>(rows, cols, weighted, smoothing, 1e-14);
    }
}

#[test]
fn large_arrays_are_split_among_threads() {
    check::<f32>(90, 1000, 1, &numbers(90_000, 1), 3e-6);
    check::<f32>(3, 100, 300, &numbers(90_000, 1), 3e-6);
    check_loss::<f32>(90, 1000, true, 0.1, 1e-5);
}

#[test]
fn infinities_and_nan() {
    let inf = f32::INFINITY;
    for width in [1, 3, 20, 40] {
        let mut x: Vec<f32> = numbers(4 * width, 1);
        x[0] = -inf;
        x[width] = inf;
        x[2 * width] = f32::NAN;
        x[3 * width..].fill(-inf);
        check::<f32>(4, width, 1, &x, 2e-6);
    }
    // Large values neither overflow nor lose their differences.
    check::<f32>(1, 3, 1, &[1000.0, 999.0, -1000.0], 2e-6);
    check::<f32>(1, 3, 1, &[-1000.0, -1001.0, -1002.0], 2e-6);
}

#[test]
#[should_panic(expected = "target 4 is outside 0..4")]
fn a_target_out_of_range_panics() {
    let spec = CrossEntropy { weight: None, ignore_index: -100, label_smoothing: 0.0 };
    cross_entropy_forward(&spec, 1, 4, &[0f32; 4], &[4], &mut [0.0], &mut [0.0]);
}

#[test]
fn causal_rows_are_softmax_of_what_they_see() {
    for (batches, queries, keys) in [(2, 5, 5), (3, 4, 9), (2, 20, 7), (1, 300, 300), (0, 3, 3), (2, 3, 0)] {
        let x: Vec<f32> = numbers(batches * queries * keys, 5);
        let mut want = vec![0.0; x.len()];
        for row in 0..batches * queries {
            let seen = keys.min(row % queries + 1);
            let exps: Vec<f64> = x[row * keys..][..seen].iter().map(|&x| f64::from(x).exp()).collect();
            let sum: f64 = exps.iter().sum();
            for (want, e) in want[row * keys..].iter_mut().zip(exps) {
                *want = e / sum;
            }
        }
        let run = || {
            let mut y = vec![f32::NAN; x.len()];
            causal_softmax(batches, queries, keys, &x, &mut y);
            flat(&[&y])
        };
        everywhere(run, |got| close(got, &want, 1e-6));
    }
}
