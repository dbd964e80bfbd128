//! Optimizer steps in place: one call for all parameters of a group.

use super::convert;
use super::inplace;
use super::registry::{Sample, SampleArg, Values};
use crate::array::{Array, DType};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::update::{self, Adadelta, Adagrad, Adam, RmsProp, Sgd};
use rutile_macros::op;

/// A tensor that a step overwrites, as contiguous float32 or float64: its own memory, or a copy that is written back.
struct Target {
    target: Array,
    work: Array,
}

impl Target {
    fn new(op: &str, tensor: &Tensor, like: &Array, compute: DType) -> Result<Target> {
        let target = tensor.array();
        if target.shape() != like.shape() || !target.dtype().is_float() {
            fail!(
                Shape,
                "{op}: state and parameters must have the same shape and be floats, got {} {:?} for a parameter {:?}",
                target.dtype(),
                target.shape(),
                like.shape()
            );
        }
        Ok(Target { work: convert::plain(&target, compute), target })
    }

    /// Puts the result where it belongs and notes the write.
    fn finish(self) {
        if !self.work.shares_storage(&self.target) {
            convert::copy_into(&self.work, &self.target);
        }
        self.target.bump();
    }
}

/// Runs `step` on each parameter: it gets the dtype, parameter, gradient and this parameter's member of each list of
/// states. Empty lists of states are states that the rule does not keep.
fn each<const N: usize>(
    op: &str,
    params: &[Tensor],
    grads: &[Tensor],
    states: [&[Tensor]; N],
    step: impl Fn(DType, &Array, &Array, [Option<&Array>; N]),
) -> Result<()> {
    let lengths = [grads].into_iter().chain(states.into_iter().filter(|list| !list.is_empty()));
    if let Some(list) = lengths.into_iter().find(|list| list.len() != params.len()) {
        fail!(Value, "{op}: {} parameters, but a list of {} gradients or states", params.len(), list.len());
    }
    for (i, (param, grad)) in params.iter().zip(grads).enumerate() {
        inplace::check(op, param)?;
        let array = param.array();
        let compute = array.dtype().compute();
        let target = Target::new(op, param, &array, compute)?;
        let grad = Target::new(op, grad, &array, compute)?.work;
        let mut own: [Option<Target>; N] = [const { None }; N];
        for (own, list) in own.iter_mut().zip(states) {
            *own = list.get(i).map(|state| Target::new(op, state, &array, compute)).transpose()?;
        }
        step(compute, &target.work, &grad, own.each_ref().map(|state| state.as_ref().map(|state| &state.work)));
        target.finish();
        own.into_iter().flatten().for_each(Target::finish);
    }
    Ok(())
}

/// A step's lists: parameters, gradients and so many states, of two shapes; `kept` of the states are there.
fn lists(kept: &[bool]) -> Sample {
    let list = |values| {
        SampleArg::List([vec![2, 3], vec![4]].into_iter().map(|shape| SampleArg::Tensor { shape, values }).collect())
    };
    let mut sample = Sample::new();
    sample.args = vec![list(Values::Constant(-2.0, 2.0)), list(Values::Constant(-2.0, 2.0))];
    sample.args.extend(kept.iter().map(|&kept| match kept {
        true => list(Values::Constant(0.5, 1.0)),
        false => SampleArg::List(Vec::new()),
    }));
    sample
}

fn sgd_samples() -> Vec<Sample> {
    let sample = |momentum: f64, nesterov: bool| {
        lists(&[momentum > 0.0])
            .kw("lr", 0.1)
            .kw("momentum", momentum)
            .kw("dampening", 0.0)
            .kw("weight_decay", 0.01)
            .kw("nesterov", nesterov)
            .kw("maximize", false)
            .kw("first_step", false)
    };
    vec![sample(0.0, false), sample(0.9, false), sample(0.9, true)]
}

/// A step of stochastic gradient descent on every parameter, in place. `momentum_buffers` is empty if `momentum` is 0.
#[op(at = [rutile], sig = (params, grads, momentum_buffers, *, lr, momentum, dampening, weight_decay, nesterov, maximize, first_step), samples = sgd_samples, no_grad)]
pub fn _fused_sgd(
    params: &[Tensor],
    grads: &[Tensor],
    momentum_buffers: &[Tensor],
    lr: f64,
    momentum: f64,
    dampening: f64,
    weight_decay: f64,
    nesterov: bool,
    maximize: bool,
    first_step: bool,
) -> Result<()> {
    let op = "_fused_sgd";
    needed(op, "momentum_buffers", momentum != 0.0, params, momentum_buffers)?;
    let rule = Sgd { lr, momentum, dampening, weight_decay, nesterov, maximize, first_step };
    each(op, params, grads, [momentum_buffers], |dtype, param, grad, [buffer]| {
        with_dtype!(reals dtype, T => {
            update::sgd(rule, param.slice_mut::<T>(), grad.slice::<T>(), buffer.map(|buffer| buffer.slice_mut::<T>()));
        });
    })
}

/// Refuses states that the rule needs and has not got, or has got and does not need.
fn needed(op: &str, what: &str, need: bool, params: &[Tensor], states: &[Tensor]) -> Result<()> {
    if need == states.is_empty() && !params.is_empty() {
        let wanted = if need { "one per parameter" } else { "an empty list" };
        fail!(Value, "{op}: {what} must be {wanted}, got {}", states.len());
    }
    Ok(())
}

fn adam_samples() -> Vec<Sample> {
    let sample = |amsgrad: bool, decoupled: bool| {
        lists(&[true, true, amsgrad])
            .kw("step", 3)
            .kw("lr", 0.1)
            .kw("beta1", 0.9)
            .kw("beta2", 0.99)
            .kw("eps", 1e-8)
            .kw("weight_decay", 0.01)
            .kw("amsgrad", amsgrad)
            .kw("maximize", false)
            .kw("decoupled", decoupled)
    };
    vec![sample(false, false), sample(true, false), sample(false, true)]
}

/// A step of Adam on every parameter, in place; `decoupled` makes it AdamW. `step` counts from 1; `max_exp_avg_sqs` is
/// empty unless `amsgrad`.
#[op(at = [rutile], sig = (params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, *, step, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, decoupled), samples = adam_samples, no_grad)]
pub fn _fused_adam(
    params: &[Tensor],
    grads: &[Tensor],
    exp_avgs: &[Tensor],
    exp_avg_sqs: &[Tensor],
    max_exp_avg_sqs: &[Tensor],
    step: usize,
    lr: f64,
    beta1: f64,
    beta2: f64,
    eps: f64,
    weight_decay: f64,
    amsgrad: bool,
    maximize: bool,
    decoupled: bool,
) -> Result<()> {
    let op = "_fused_adam";
    needed(op, "exp_avgs", true, params, exp_avgs)?;
    needed(op, "exp_avg_sqs", true, params, exp_avg_sqs)?;
    needed(op, "max_exp_avg_sqs", amsgrad, params, max_exp_avg_sqs)?;
    let rule = Adam { step: step as u64, lr, beta1, beta2, eps, weight_decay, maximize, decoupled };
    each(op, params, grads, [exp_avgs, exp_avg_sqs, max_exp_avg_sqs], |dtype, param, grad, [mean, square, max]| {
        let (Some(mean), Some(square)) = (mean, square) else { unreachable!("checked above") };
        with_dtype!(reals dtype, T => {
            let (param, grad) = (param.slice_mut::<T>(), grad.slice::<T>());
            let (mean, square) = (mean.slice_mut::<T>(), square.slice_mut::<T>());
            update::adam(rule, param, grad, mean, square, max.map(|max| max.slice_mut::<T>()));
        });
    })
}

fn rmsprop_samples() -> Vec<Sample> {
    let sample = |momentum: f64, centered: bool| {
        lists(&[true, momentum > 0.0, centered])
            .kw("lr", 0.1)
            .kw("alpha", 0.9)
            .kw("eps", 1e-8)
            .kw("weight_decay", 0.01)
            .kw("momentum", momentum)
            .kw("centered", centered)
            .kw("maximize", false)
    };
    vec![sample(0.0, false), sample(0.9, false)]
}

/// A step of RMSprop on every parameter, in place. `momentum_buffers` is empty if `momentum` is 0, `grad_avgs` unless
/// `centered`.
#[op(at = [rutile], sig = (params, grads, square_avgs, momentum_buffers, grad_avgs, *, lr, alpha, eps, weight_decay, momentum, centered, maximize), samples = rmsprop_samples, no_grad)]
pub fn _fused_rmsprop(
    params: &[Tensor],
    grads: &[Tensor],
    square_avgs: &[Tensor],
    momentum_buffers: &[Tensor],
    grad_avgs: &[Tensor],
    lr: f64,
    alpha: f64,
    eps: f64,
    weight_decay: f64,
    momentum: f64,
    centered: bool,
    maximize: bool,
) -> Result<()> {
    let op = "_fused_rmsprop";
    needed(op, "square_avgs", true, params, square_avgs)?;
    needed(op, "momentum_buffers", momentum != 0.0, params, momentum_buffers)?;
    needed(op, "grad_avgs", centered, params, grad_avgs)?;
    let rule = RmsProp { lr, alpha, eps, weight_decay, momentum, maximize };
    let states = [square_avgs, momentum_buffers, grad_avgs];
    each(op, params, grads, states, |dtype, param, grad, [square, buffer, mean]| {
        let Some(square) = square else { unreachable!("checked above") };
        with_dtype!(reals dtype, T => {
            let (param, grad, square) = (param.slice_mut::<T>(), grad.slice::<T>(), square.slice_mut::<T>());
            let (buffer, mean) = (buffer.map(|x| x.slice_mut::<T>()), mean.map(|x| x.slice_mut::<T>()));
            update::rmsprop(rule, param, grad, square, buffer, mean);
        });
    })
}

fn adagrad_samples() -> Vec<Sample> {
    let options = lists(&[true]).kw("step", 3).kw("lr", 0.1).kw("lr_decay", 0.01).kw("weight_decay", 0.01);
    vec![options.kw("eps", 1e-10).kw("maximize", false)]
}

/// A step of Adagrad on every parameter, in place. `step` counts from 1.
#[op(at = [rutile], sig = (params, grads, state_sums, *, step, lr, lr_decay, weight_decay, eps, maximize), samples = adagrad_samples, no_grad)]
pub fn _fused_adagrad(
    params: &[Tensor],
    grads: &[Tensor],
    state_sums: &[Tensor],
    step: usize,
    lr: f64,
    lr_decay: f64,
    weight_decay: f64,
    eps: f64,
    maximize: bool,
) -> Result<()> {
    let op = "_fused_adagrad";
    needed(op, "state_sums", true, params, state_sums)?;
    let rule = Adagrad { step: step as u64, lr, lr_decay, weight_decay, eps, maximize };
    each(op, params, grads, [state_sums], |dtype, param, grad, [sum]| {
        let Some(sum) = sum else { unreachable!("checked above") };
        with_dtype!(reals dtype, T => {
            update::adagrad(rule, param.slice_mut::<T>(), grad.slice::<T>(), sum.slice_mut::<T>());
        });
    })
}

fn adadelta_samples() -> Vec<Sample> {
    let options = lists(&[true, true]).kw("lr", 0.5).kw("rho", 0.9).kw("eps", 1e-6);
    vec![options.kw("weight_decay", 0.01).kw("maximize", false)]
}

/// A step of Adadelta on every parameter, in place.
#[op(at = [rutile], sig = (params, grads, square_avgs, acc_deltas, *, lr, rho, eps, weight_decay, maximize), samples = adadelta_samples, no_grad)]
pub fn _fused_adadelta(
    params: &[Tensor],
    grads: &[Tensor],
    square_avgs: &[Tensor],
    acc_deltas: &[Tensor],
    lr: f64,
    rho: f64,
    eps: f64,
    weight_decay: f64,
    maximize: bool,
) -> Result<()> {
    let op = "_fused_adadelta";
    needed(op, "square_avgs", true, params, square_avgs)?;
    needed(op, "acc_deltas", true, params, acc_deltas)?;
    let rule = Adadelta { lr, rho, eps, weight_decay, maximize };
    each(op, params, grads, [square_avgs, acc_deltas], |dtype, param, grad, [square, delta]| {
        let (Some(square), Some(delta)) = (square, delta) else { unreachable!("checked above") };
        with_dtype!(reals dtype, T => {
            let (param, grad) = (param.slice_mut::<T>(), grad.slice::<T>());
            update::adadelta(rule, param, grad, square.slice_mut::<T>(), delta.slice_mut::<T>());
        });
    })
}
