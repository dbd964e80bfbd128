//! Connectionist temporal classification: the probability of a label sequence, summed over all its alignments.
//!
//! Graves et al. (2006). The states of the automaton are the labels with blanks around and between them; everything is
//! computed as logarithms, in double precision.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;

/// A batch of sequences.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Steps, sequences and classes of the log-probabilities (steps, sequences, classes).
    pub shape: [usize; 3],
    /// The labels of all sequences, one after another.
    pub targets: &'a [i64],
    /// Where those of each sequence are.
    pub target_ranges: &'a [(usize, usize)],
    /// Steps of each sequence.
    pub input_lengths: &'a [usize],
    /// The class of blanks.
    pub blank: usize,
}

/// `ln(e^a + e^b)`.
fn add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// One sequence: its states, and the log-probability of a class at a step.
struct Sequence<'a, T> {
    labels: &'a [i64],
    blank: usize,
    steps: usize,
    log_prob: &'a dyn Fn(usize, usize) -> T,
}

impl<T: Real> Sequence<'_, T> {
    fn states(&self) -> usize {
        2 * self.labels.len() + 1
    }
    fn class(&self, state: usize) -> usize {
        if state % 2 == 1 { self.labels[state / 2] as usize } else { self.blank }
    }
    /// Whether `state` can follow the one two before it: blanks cannot, nor equal labels.
    fn skips(&self, state: usize) -> bool {
        state % 2 == 1 && state > 1 && self.labels[state / 2] != self.labels[state / 2 - 1]
    }
    fn at(&self, step: usize, state: usize) -> f64 {
        (self.log_prob)(step, self.class(state)).to_f64()
    }

    /// For each step and state, the log-probability of being there having read so far, (steps, states).
    fn forwards(&self) -> Vec<f64> {
        let states = self.states();
        let mut alpha = vec![f64::NEG_INFINITY; self.steps * states];
        for step in 0..self.steps {
            for state in 0..states {
                let before = |state: usize| alpha[(step - 1) * states + state];
                let sum = if step == 0 {
                    if state < 2 { 0.0 } else { f64::NEG_INFINITY }
                } else {
                    let mut sum = before(state);
                    if state > 0 {
                        sum = add(sum, before(state - 1));
                    }
                    if self.skips(state) {
                        sum = add(sum, before(state - 2));
                    }
                    sum
                };
                alpha[step * states + state] = sum + self.at(step, state);
            }
        }
        alpha
    }

    /// For each step and state, the log-probability of what comes after it.
    fn backwards(&self) -> Vec<f64> {
        let states = self.states();
        let mut beta = vec![f64::NEG_INFINITY; self.steps * states];
        for step in (0..self.steps).rev() {
            for state in 0..states {
                beta[step * states + state] = if step + 1 == self.steps {
                    if state + 2 >= states { 0.0 } else { f64::NEG_INFINITY }
                } else {
                    let after = |state: usize| beta[(step + 1) * states + state] + self.at(step + 1, state);
                    let mut sum = after(state);
                    if state + 1 < states {
                        sum = add(sum, after(state + 1));
                    }
                    if state + 2 < states && self.skips(state + 2) {
                        sum = add(sum, after(state + 2));
                    }
                    sum
                };
            }
        }
        beta
    }

    /// Minus the log-probability of the labels.
    fn loss(&self, alpha: &[f64]) -> f64 {
        let states = self.states();
        if self.steps == 0 {
            return if states == 1 { 0.0 } else { f64::INFINITY };
        }
        let last = &alpha[(self.steps - 1) * states..];
        -if states == 1 { last[0] } else { add(last[states - 1], last[states - 2]) }
    }
}

impl Batch<'_> {
    fn each<T: Real>(&self, log_probs: &[T], f: impl Fn(usize, &Sequence<'_, T>) + Sync) {
        let [steps, sequences, classes] = self.shape;
        assert!(log_probs.len() == steps * sequences * classes);
        let longest = self.target_ranges.iter().map(|range| range.1 - range.0).max().unwrap_or(0);
        par::run(sequences, sequences * steps * (2 * longest + 1) * 32, |i| {
            let (start, end) = self.target_ranges[i];
            let labels = &self.targets[start..end];
            assert!(labels.iter().all(|&label| (label as u64) < classes as u64) && self.blank < classes);
            let log_prob = |step: usize, class: usize| log_probs[(step * sequences + i) * classes + class];
            f(i, &Sequence { labels, blank: self.blank, steps: self.input_lengths[i], log_prob: &log_prob });
        });
    }
}

/// The loss of each sequence; infinite if the labels do not fit into its steps.
pub fn forward<T: Real>(batch: &Batch<'_>, log_probs: &[T], loss: &mut [T]) {
    assert!(loss.len() == batch.shape[1]);
    let loss = Parts::new(loss);
    batch.each(log_probs, |i, sequence| {
        let value = sequence.loss(&sequence.forwards());
        // SAFETY: a sequence per task.
        unsafe { loss.range(i..i + 1)[0] = T::from_f64(value) };
    });
}

/// The gradient by the log-probabilities, given that of each loss: minus the probability of each class at each step,
/// given the labels. Where the loss is infinite it is NaN, or 0 if `zero_infinity`.
pub fn backward<T: Real>(batch: &Batch<'_>, log_probs: &[T], g: &[T], zero_infinity: bool, out: &mut [T]) {
    let [steps, sequences, classes] = batch.shape;
    assert!(out.len() == log_probs.len() && g.len() == sequences);
    out.fill(T::ZERO);
    let out = Parts::new(out);
    batch.each(log_probs, |i, sequence| {
        let alpha = sequence.forwards();
        let loss = sequence.loss(&alpha);
        let impossible = loss == f64::INFINITY;
        if impossible && zero_infinity {
            return;
        }
        let (beta, states) = (sequence.backwards(), sequence.states());
        let mut sums = vec![0.0; classes];
        for step in 0..sequence.steps.min(steps) {
            for state in 0..states {
                let at = step * states + state;
                sums[sequence.class(state)] -= (alpha[at] + beta[at] + loss).exp();
            }
            // SAFETY: steps of this task's sequence.
            let row = unsafe { out.piece(step * sequences + i, classes) };
            for (out, sum) in row.iter_mut().zip(&mut sums) {
                *out = T::from_f64(if impossible { f64::NAN } else { *sum }) * g[i];
                *sum = 0.0;
            }
        }
    });
}
