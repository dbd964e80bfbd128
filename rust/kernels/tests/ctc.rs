//! CTC against a sum over all alignments.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use rutile_kernels::ctc::{Batch, backward, forward};

/// What an alignment spells: repetitions merged, blanks dropped.
fn spelled(path: &[usize], blank: usize) -> Vec<i64> {
    let mut labels = Vec::new();
    for (i, &class) in path.iter().enumerate() {
        if class != blank && (i == 0 || path[i - 1] != class) {
            labels.push(class as i64);
        }
    }
    labels
}

fn naive(log_probs: &[f64], [_, sequences, classes]: [usize; 3], i: usize, steps: usize, labels: &[i64]) -> f64 {
    let mut sum = 0.0;
    for number in 0..classes.pow(steps as u32) {
        let path: Vec<usize> = (0..steps).map(|t| number / classes.pow(t as u32) % classes).collect();
        if spelled(&path, 0) == labels {
            let log: f64 =
                path.iter().enumerate().map(|(t, &class)| log_probs[(t * sequences + i) * classes + class]).sum();
            sum += log.exp();
        }
    }
    -sum.ln()
}

#[test]
fn losses_and_gradients() {
    let shape = [5, 4, 3];
    let log_probs: Vec<f64> = numbers::<f64>(60, 1).iter().map(|x| x / 2.0 - 1.5).collect();
    let targets = [1, 2, 1, 1, 2, 2];
    let ranges = [(0, 2), (2, 4), (4, 4), (3, 6)];
    let steps = [5, 4, 3, 5];
    let batch = Batch { shape, targets: &targets, target_ranges: &ranges, input_lengths: &steps, blank: 0 };
    let g = [1.0, -0.5, 2.0, 0.7];
    let losses = |log_probs: &[f64]| -> Vec<f64> {
        (0..4).map(|i| naive(log_probs, shape, i, steps[i], &targets[ranges[i].0..ranges[i].1])).collect()
    };
    let mut want = losses(&log_probs);
    want.extend((0..60).map(|at| {
        let moved = |step: f64| -> f64 {
            let mut log_probs = log_probs.clone();
            log_probs[at] += step;
            losses(&log_probs).iter().zip(&g).map(|(loss, g)| loss * g).sum()
        };
        (moved(1e-5) - moved(-1e-5)) / 2e-5
    }));
    let run = || {
        let (mut loss, mut grads) = (vec![f64::NAN; 4], vec![f64::NAN; 60]);
        forward(&batch, &log_probs, &mut loss);
        backward(&batch, &log_probs, &g, false, &mut grads);
        flat(&[&loss, &grads])
    };
    everywhere(run, |got| close(got, &want, 1e-8));
}

#[test]
fn labels_that_do_not_fit() {
    let log_probs = vec![-1.0; 2 * 3];
    let batch = Batch { shape: [2, 1, 3], targets: &[1, 1], target_ranges: &[(0, 2)], input_lengths: &[2], blank: 0 };
    for zero in [false, true] {
        let (mut loss, mut grads) = ([0.0], [5.0; 6]);
        forward(&batch, &log_probs, &mut loss);
        backward(&batch, &log_probs, &[1.0], zero, &mut grads);
        assert_eq!(loss[0], f64::INFINITY);
        assert!(grads.iter().all(|g| if zero { *g == 0.0 } else { g.is_nan() }));
    }
}
