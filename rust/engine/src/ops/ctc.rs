//! Connectionist temporal classification.

use super::fused::through;
use super::loss::Reduction;
use super::registry::{Arg, Ints, Sample, Values};
use super::{arith, compare, convert, index, reduce, special, sums, view};
use crate::array::{Array, DType};
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::ctc::{self, Batch};
use rutile_macros::op;
use std::sync::Arc;

/// The labels of a batch, checked.
struct Labels {
    shape: [usize; 3],
    targets: Vec<i64>,
    ranges: Vec<(usize, usize)>,
    steps: Vec<usize>,
    blank: usize,
    zero_infinity: bool,
}

fn lengths(op: &str, what: &str, value: Arg, batch: usize) -> Result<Vec<usize>> {
    let values: Vec<i64> = match value {
        Arg::Tensor(tensor) if tensor.dtype().is_int() => {
            convert::plain(&tensor.array(), DType::I64).slice::<i64>().to_vec()
        }
        Arg::Ints(values) => values.to_vec(),
        Arg::Int(value) => vec![value],
        _ => fail!(Type, "{op}: {what} must be integers, as a tensor or a tuple"),
    };
    if values.len() != batch || values.iter().any(|&value| value < 0) {
        fail!(Shape, "{op}: {what} must be {batch} lengths, one per sequence and not negative, got {values:?}");
    }
    Ok(values.into_iter().map(|value| value as usize).collect())
}

impl Labels {
    fn new(
        op: &str,
        shape: [usize; 3],
        targets: &Tensor,
        steps: Arg,
        lengths_: Arg,
        blank: i64,
        zero_infinity: bool,
    ) -> Result<Labels> {
        let [longest, batch, classes] = shape;
        if !(0..classes as i64).contains(&blank) {
            fail!(Index, "{op}: blank must be in label range: {blank} is none of {classes} classes");
        }
        if !targets.dtype().is_int() {
            fail!(DType, "{op}: targets must be integers, not {}", targets.dtype());
        }
        let steps = lengths(op, "input_lengths", steps, batch)?;
        let lengths = lengths(op, "target_lengths", lengths_, batch)?;
        if let Some(&step) = steps.iter().find(|&&step| step > longest) {
            fail!(
                Shape,
                "{op}: Expected input_lengths to be at most {longest}, the steps of log_probs, but got {step}"
            );
        }
        let size = targets.shape();
        let ranges: Vec<(usize, usize)> = match size[..] {
            [rows, columns] => {
                if rows != batch || lengths.iter().any(|&n| n > columns) {
                    fail!(
                        Shape,
                        "{op}: targets {:?} must have a row per sequence ({batch}), as long as the longest of {lengths:?}",
                        &size[..]
                    );
                }
                lengths.iter().enumerate().map(|(row, &n)| (row * columns, row * columns + n)).collect()
            }
            [total] => {
                let mut end = 0;
                let ranges = lengths
                    .iter()
                    .map(|&n| {
                        end += n;
                        (end - n, end)
                    })
                    .collect();
                if end != total {
                    fail!(Shape, "{op}: targets has {total} labels, but the lengths {lengths:?} add up to {end}");
                }
                ranges
            }
            _ => fail!(Shape, "{op}: targets must be 1-d (all labels) or 2-d (batch, labels), got {:?}", &size[..]),
        };
        let targets = convert::plain(&targets.array(), DType::I64).slice::<i64>().to_vec();
        for &(start, end) in &ranges {
            if let Some(label) = targets[start..end].iter().find(|&&label| !(0..classes as i64).contains(&label)) {
                fail!(Index, "{op}: label {label} is out of bounds for {classes} classes");
            }
        }
        Ok(Labels { shape, targets, ranges, steps, blank: blank as usize, zero_infinity })
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            shape: self.shape,
            targets: &self.targets,
            target_ranges: &self.ranges,
            input_lengths: &self.steps,
            blank: self.blank,
        }
    }

    /// The losses of the sequences in differentiable operations. Probabilities are rescaled at each step by numbers that
    /// cancel, so that nothing underflows and no logarithm of zero is taken.
    fn compose(&self, log_probs: &Tensor) -> Result<Tensor> {
        let [longest, batch, _] = self.shape;
        let widest = self.ranges.iter().map(|(start, end)| end - start).max().unwrap_or(0);
        let states = 2 * widest + 1;
        let label = |row: usize, state: usize| {
            let (start, end) = self.ranges[row];
            if state % 2 == 1 && start + state / 2 < end { self.targets[start + state / 2] } else { self.blank as i64 }
        };
        let places = || (0..batch).flat_map(|row| (0..states).map(move |state| (row, state)));
        let classes: Vec<i64> = places().map(|(row, state)| label(row, state)).collect();
        let skips: Vec<bool> = places()
            .map(|(row, state)| state % 2 == 1 && state > 1 && label(row, state) != label(row, state - 2))
            .collect();
        let exact = |values: &[bool]| Tensor::from(Array::from_slice(values, &[batch, states]));
        let (skips, starts) = (exact(&skips), exact(&places().map(|(_, state)| state < 2).collect::<Vec<_>>()));
        let ends = exact(
            &places()
                .map(|(row, state)| {
                    let last = 2 * (self.ranges[row].1 - self.ranges[row].0);
                    state == last || state + 1 == last
                })
                .collect::<Vec<_>>(),
        );
        let at = Tensor::from(Array::from_slice(&classes, &[batch, states]));
        let zero = sums::zero();
        let masked = |mask: &Tensor, x: &Tensor| compare::select(mask, x, &zero);
        let shifted = |x: &Tensor, by: i64| super::join::pad_constant(x, &[by, -by], 0.0);
        let last = Some(Ints::from_elem(-1, 1));
        let mut alpha: Option<Tensor> = None;
        let mut logs = Tensor::from(convert::zeros(log_probs.dtype(), &[batch, 1]));
        for step in 0..longest {
            let here = view::select_axis(log_probs, 0, step)?;
            let p = special::exp(&index::gather(&here, 1, &at, false)?)?;
            let next = match &alpha {
                None => masked(&starts, &p)?,
                Some(alpha) => {
                    let by_one = arith::add(alpha, &shifted(alpha, 1)?, 1.0)?;
                    let all = arith::add(&by_one, &masked(&skips, &shifted(alpha, 2)?)?, 1.0)?;
                    arith::mul(&all, &p)?
                }
            };
            let scale = reduce::sum(&next.detach(), last.clone(), true, None)?;
            let scale = compare::select(&compare::gt(&scale, &zero)?, &scale, &sums::one())?;
            // Sequences that have ended keep what they had.
            let going: Vec<bool> = self.steps.iter().map(|&steps| step < steps).collect();
            let going = Tensor::from(Array::from_slice(&going, &[batch, 1]));
            let scaled = arith::true_divide(&next, &scale)?;
            let before = alpha.as_ref().unwrap_or(&zero);
            alpha = Some(compare::select(&going, &scaled, before)?);
            logs = arith::add(&logs, &masked(&going, &special::log(&scale)?)?, 1.0)?;
        }
        let alpha = alpha.unwrap_or(zero.clone());
        let total = reduce::sum(&masked(&ends, &alpha)?, last, true, None)?;
        // Labels that do not fit have no gradient.
        let possible = compare::gt(&total.detach(), &zero)?;
        let safe = compare::select(&possible, &total, &sums::one())?;
        let loss = arith::neg(&arith::add(&special::log(&safe)?, &logs, 1.0)?)?;
        view::squeeze_axes(&masked(&possible, &loss)?, &[1])
    }
}

fn samples() -> Vec<Sample> {
    let sample = |steps: &[i64], lengths: &[i64], targets: &[usize]| {
        let ints = |values: &[i64]| Arg::Ints(Ints::from_slice(values));
        Sample::new()
            .values(&[5, 2, 4], Values::Float(-3.0, 0.0))
            .values(targets, Values::Int(1, 4))
            .arg(ints(steps))
            .arg(ints(lengths))
    };
    let mut alone = Sample::new().values(&[4, 3], Values::Float(-3.0, 0.0)).values(&[2], Values::Int(0, 2));
    alone = alone.arg([4]).arg([2]);
    vec![
        sample(&[5, 5], &[2, 2], &[2, 3]),
        sample(&[5, 4], &[2, 1], &[3]).kw("reduction", "sum"),
        sample(&[5, 3], &[1, 0], &[2, 2]).kw("reduction", "none").kw("zero_infinity", true),
        alone.kw("blank", 2),
    ]
}

/// Minus the log-probability of label sequences, summed over all their alignments with the input. `log_probs` (steps,
/// batch, classes) or (steps, classes) are logarithms of probabilities (see `log_softmax`); `targets` (batch, labels),
/// or all labels one after another; `input_lengths` and `target_lengths` say how many steps and labels each sequence
/// has. The mean is over the losses divided by the number of labels. A sequence whose labels do not fit has an infinite
/// loss; `zero_infinity` makes it and its gradient 0. The gradient is the derivative by `log_probs`; PyTorch's adds
/// `exp(log_probs)` to it, which `log_softmax` cancels. Source: Graves et al., "Connectionist temporal classification"
/// (2006).
/// Raises: RuntimeError if `log_probs` are not floats, or shapes or lengths do not fit; IndexError if a label is no
/// class; ValueError for an unknown `reduction`.
///
/// >>> log_probs = rt.zeros(2, 1, 3).log_softmax(-1)  # 2 steps, 1 sequence, the blank and 2 labels
/// >>> F.ctc_loss(log_probs, rt.tensor([[1]]), rt.tensor([2]), rt.tensor([1])).exp()  # 1 / P(1 1, 1 -, - 1)
/// tensor(3.)
#[op(at = [nn.functional], sig = (log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=false), samples = samples)]
pub fn ctc_loss(
    log_probs: &Tensor,
    targets: &Tensor,
    input_lengths: Arg,
    target_lengths: Arg,
    blank: i64,
    reduction: &str,
    zero_infinity: bool,
) -> Result<Tensor> {
    let op = "ctc_loss";
    let reduction = Reduction::new(op, reduction, None, None)?;
    if !log_probs.dtype().is_float() {
        fail!(DType, "{op}: log_probs must be floats, not {}", log_probs.dtype());
    }
    let batched = match log_probs.ndim() {
        3 => true,
        2 => false,
        _ => fail!(
            Shape,
            "{op}: log_probs must be (steps, batch, classes) or (steps, classes), got {:?}",
            &log_probs.shape()[..]
        ),
    };
    let (probs, targets) =
        if batched { (log_probs.clone(), targets.clone()) } else { (view::unsqueeze(log_probs, 1)?, targets.clone()) };
    let shape = probs.shape();
    let shape = [shape[0], shape[1], shape[2]];
    let labels = Arc::new(Labels::new(op, shape, &targets, input_lengths, target_lengths, blank, zero_infinity)?);
    let losses = losses(&probs, &labels)?;
    let losses = if zero_infinity {
        let infinite = compare::eq(&losses.detach(), &sums::number(f64::INFINITY))?;
        compare::select(&infinite, &sums::zero(), &losses)?
    } else {
        losses
    };
    let losses = convert::to_dtype(&losses, log_probs.dtype())?;
    match reduction {
        Reduction::Mean => {
            let counts: Vec<f64> = labels.ranges.iter().map(|(start, end)| (end - start).max(1) as f64).collect();
            let counts = convert::cast(&Array::from_slice(&counts, &[counts.len()]), losses.dtype());
            reduce::mean(&arith::true_divide(&losses, &Tensor::from(counts))?, None, false, None)
        }
        Reduction::Sum => reduce::sum(&losses, None, false, None),
        Reduction::None if batched => Ok(losses),
        Reduction::None => view::squeeze_axes(&losses, &[0]),
    }
}

/// The loss of each sequence.
fn losses(log_probs: &Tensor, labels: &Arc<Labels>) -> Result<Tensor> {
    let array = log_probs.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(plain.dtype(), &[labels.shape[1]]);
    with_dtype!(reals plain.dtype(), T => {
        ctc::forward(&labels.batch(), plain.slice::<T>(), out.slice_mut::<T>());
    });
    let (saved, labels) = (log_probs.save(), labels.clone());
    Ok(record("ctc_loss", out, &[log_probs], move |g, grads| {
        let log_probs = saved.get_for(grads)?;
        if grad_enabled() {
            return through(&[Some(log_probs)], &[Some(g.clone())], grads, |inputs| {
                Ok(vec![labels.compose(inputs[0].as_ref().expect("one input"))?])
            });
        }
        grads.push(|| {
            let array = log_probs.array();
            let compute = array.dtype().compute();
            let (plain, g) = (convert::plain(&array, compute), convert::plain(&g.array(), compute));
            let out = Array::uninit(compute, array.shape());
            with_dtype!(reals compute, T => {
                let (x, g, out) = (plain.slice::<T>(), g.slice::<T>(), out.slice_mut::<T>());
                ctc::backward(&labels.batch(), x, g, labels.zero_infinity, out);
            });
            Ok(Tensor::from(convert::cast(&out, array.dtype())))
        })
    }))
}
