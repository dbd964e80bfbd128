//! Optimizer steps, fused: one pass over a parameter, its gradient and its state.
//!
//! Formulas and their order of operations are PyTorch's (`torch.optim`, single-tensor form). Scalars that depend only
//! on hyperparameters are computed in double precision and rounded once.

use crate::element::Real;
use crate::math::Math;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;

/// Stochastic gradient descent with momentum (Sutskever et al., 2013).
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// Learning rate.
    pub lr: f64,
    /// Momentum factor; the buffer is unused if zero.
    pub momentum: f64,
    /// Damping of the gradient that enters the buffer.
    pub dampening: f64,
    /// L2 penalty.
    pub weight_decay: f64,
    /// Nesterov's form of the momentum.
    pub nesterov: bool,
    /// Ascend instead of descend.
    pub maximize: bool,
    /// The buffer holds nothing yet and starts as the gradient.
    pub first_step: bool,
}

/// Adam (Kingma and Ba, 2015), AdamW (Loshchilov and Hutter, 2019) and their AMSGrad forms.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Number of this step, the first is 1.
    pub step: u64,
    /// Learning rate.
    pub lr: f64,
    /// Decay of the mean of gradients.
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    pub beta2: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// L2 penalty, or with `decoupled` the weight decay of AdamW.
    pub weight_decay: f64,
    /// Ascend instead of descend.
    pub maximize: bool,
    /// Decay the weights themselves (AdamW) instead of adding to the gradient.
    pub decoupled: bool,
}

/// RMSprop (Tieleman and Hinton, 2012).
#[derive(Clone, Copy, Debug)]
pub struct RmsProp {
    /// Learning rate.
    pub lr: f64,
    /// Decay of the mean of squared gradients.
    pub alpha: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// L2 penalty.
    pub weight_decay: f64,
    /// Momentum factor; the buffer is unused if zero.
    pub momentum: f64,
    /// Ascend instead of descend.
    pub maximize: bool,
}

/// Adagrad (Duchi et al., 2011).
#[derive(Clone, Copy, Debug)]
pub struct Adagrad {
    /// Number of this step, the first is 1.
    pub step: u64,
    /// Learning rate.
    pub lr: f64,
    /// Decay of the learning rate per step.
    pub lr_decay: f64,
    /// L2 penalty.
    pub weight_decay: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// Ascend instead of descend.
    pub maximize: bool,
}

/// Adadelta (Zeiler, 2012).
#[derive(Clone, Copy, Debug)]
pub struct Adadelta {
    /// Learning rate.
    pub lr: f64,
    /// Decay of both means.
    pub rho: f64,
    /// Added under the roots.
    pub eps: f64,
    /// L2 penalty.
    pub weight_decay: f64,
    /// Ascend instead of descend.
    pub maximize: bool,
}

/// One step of SGD. `momentum_buffer` is there if and only if `rule.momentum` is not zero; it may be uninitialised
/// if `rule.first_step`.
pub fn sgd<T: Real>(rule: Sgd, param: &mut [T], grad: &[T], momentum_buffer: Option<&mut [T]>) {
    assert_eq!(rule.momentum != 0.0, momentum_buffer.is_some());
    match momentum_buffer {
        None => step(rule, param, grad, []),
        Some(buffer) => step(rule, param, grad, [buffer]),
    }
}

/// One step of Adam or AdamW. With `max_exp_avg_sq` it is AMSGrad.
pub fn adam<T: Real>(
    rule: Adam,
    param: &mut [T],
    grad: &[T],
    exp_avg: &mut [T],
    exp_avg_sq: &mut [T],
    max_exp_avg_sq: Option<&mut [T]>,
) {
    let rule = AdamTerms::new(rule);
    match max_exp_avg_sq {
        None => step(rule, param, grad, [exp_avg, exp_avg_sq]),
        Some(max) => step(rule, param, grad, [exp_avg, exp_avg_sq, max]),
    }
}

/// One step of RMSprop. `momentum_buffer` is there if and only if `rule.momentum` is not zero; with `grad_avg` the
/// variance is centered.
pub fn rmsprop<T: Real>(
    rule: RmsProp,
    param: &mut [T],
    grad: &[T],
    square_avg: &mut [T],
    momentum_buffer: Option<&mut [T]>,
    grad_avg: Option<&mut [T]>,
) {
    assert_eq!(rule.momentum != 0.0, momentum_buffer.is_some());
    match (momentum_buffer, grad_avg) {
        (None, None) => step(rule, param, grad, [square_avg]),
        (Some(buffer), None) => step(rule, param, grad, [square_avg, buffer]),
        (None, Some(avg)) => step(Centered(rule), param, grad, [square_avg, avg]),
        (Some(buffer), Some(avg)) => step(Centered(rule), param, grad, [square_avg, avg, buffer]),
    }
}

/// One step of Adagrad.
pub fn adagrad<T: Real>(rule: Adagrad, param: &mut [T], grad: &[T], state_sum: &mut [T]) {
    let decayed = rule.lr / (1.0 + (rule.step as f64 - 1.0) * rule.lr_decay);
    step(Adagrad { lr: decayed, ..rule }, param, grad, [state_sum]);
}

/// One step of Adadelta.
pub fn adadelta<T: Real>(rule: Adadelta, param: &mut [T], grad: &[T], square_avg: &mut [T], acc_delta: &mut [T]) {
    step(rule, param, grad, [square_avg, acc_delta]);
}

/// An update rule with `S` numbers of state per element. Implementations of `next` are `#[inline(always)]`.
trait Rule<const S: usize>: Copy + Sync {
    /// The parameter and state after the step.
    fn next<M: Math>(&self, param: M, grad: M, state: [M; S]) -> (M, [M; S]);
}

/// The gradient to follow: turned around to maximise, with the L2 penalty added.
#[inline(always)]
fn penalised<M: Math>(param: M, grad: M, weight_decay: f64, maximize: bool) -> M {
    let grad = if maximize { -grad } else { grad };
    if weight_decay == 0.0 { grad } else { param.mul_add(M::lit(weight_decay), grad) }
}

/// `from + weight * (to - from)`, in the form that is exact at both ends.
#[inline(always)]
fn lerp<M: Math>(from: M, to: M, weight: f64) -> M {
    let gap = to - from;
    if weight < 0.5 { gap.mul_add(M::lit(weight), from) } else { gap.mul_add(M::lit(weight - 1.0), to) }
}

/// `avg * decay + (1 - decay) * x^2`.
#[inline(always)]
fn mean_square<M: Math>(avg: M, x: M, decay: f64) -> M {
    (x * (1.0 - decay)).mul_add(x, avg * decay)
}

impl Rule<0> for Sgd {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, []: [M; 0]) -> (M, [M; 0]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        (grad.mul_add(M::lit(-self.lr), param), [])
    }
}

impl Rule<1> for Sgd {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [buffer]: [M; 1]) -> (M, [M; 1]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        let buffer =
            if self.first_step { grad } else { grad.mul_add(M::lit(1.0 - self.dampening), buffer * self.momentum) };
        let direction = if self.nesterov { buffer.mul_add(M::lit(self.momentum), grad) } else { buffer };
        (direction.mul_add(M::lit(-self.lr), param), [buffer])
    }
}

/// Adam's scalars for one step.
#[derive(Clone, Copy)]
struct AdamTerms {
    rule: Adam,
    /// The L2 penalty, zero if decay is decoupled.
    penalty: f64,
    /// What AdamW multiplies the parameter with, else one.
    shrink: f64,
    step_size: f64,
    /// Square root of the bias correction of the squares.
    root: f64,
}

impl AdamTerms {
    fn new(rule: Adam) -> Self {
        let correction = |beta: f64| 1.0 - beta.powf(rule.step as f64);
        AdamTerms {
            rule,
            penalty: if rule.decoupled { 0.0 } else { rule.weight_decay },
            shrink: if rule.decoupled { 1.0 - rule.lr * rule.weight_decay } else { 1.0 },
            step_size: rule.lr / correction(rule.beta1),
            root: correction(rule.beta2).sqrt(),
        }
    }

    /// Both means with `grad` taken in.
    #[inline(always)]
    fn means<M: Math>(&self, param: M, grad: M, avg: M, avg_sq: M) -> (M, M) {
        let grad = penalised(param, grad, self.penalty, self.rule.maximize);
        (lerp(avg, grad, 1.0 - self.rule.beta1), mean_square(avg_sq, grad, self.rule.beta2))
    }

    /// The parameter after a step along `avg`, with `avg_sq` as the variance.
    #[inline(always)]
    fn advance<M: Math>(&self, param: M, avg: M, avg_sq: M) -> M {
        param * self.shrink - avg * self.step_size / (avg_sq.sqrt() / self.root + self.rule.eps)
    }
}

impl Rule<2> for AdamTerms {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [avg, avg_sq]: [M; 2]) -> (M, [M; 2]) {
        let (avg, avg_sq) = self.means(param, grad, avg, avg_sq);
        (self.advance(param, avg, avg_sq), [avg, avg_sq])
    }
}

impl Rule<3> for AdamTerms {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [avg, avg_sq, max]: [M; 3]) -> (M, [M; 3]) {
        let (avg, avg_sq) = self.means(param, grad, avg, avg_sq);
        let max = max.max(avg_sq);
        (self.advance(param, avg, max), [avg, avg_sq, max])
    }
}

impl RmsProp {
    /// The parameter after a step, given the root of the variance and the momentum buffer if there is one.
    #[inline(always)]
    fn advance<M: Math>(&self, param: M, grad: M, root: M, buffer: Option<M>) -> (M, M) {
        let root = root + self.eps;
        match buffer {
            None => (param - grad * self.lr / root, grad),
            Some(buffer) => {
                let buffer = buffer.mul_add(M::lit(self.momentum), grad / root);
                (buffer.mul_add(M::lit(-self.lr), param), buffer)
            }
        }
    }
}

impl Rule<1> for RmsProp {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [square]: [M; 1]) -> (M, [M; 1]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        let square = mean_square(square, grad, self.alpha);
        (self.advance(param, grad, square.sqrt(), None).0, [square])
    }
}

impl Rule<2> for RmsProp {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [square, buffer]: [M; 2]) -> (M, [M; 2]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        let square = mean_square(square, grad, self.alpha);
        let (param, buffer) = self.advance(param, grad, square.sqrt(), Some(buffer));
        (param, [square, buffer])
    }
}

/// RMSprop with the mean of gradients taken off its variance.
#[derive(Clone, Copy)]
struct Centered(RmsProp);

impl Centered {
    /// The gradient to follow, the new means of squares and of gradients, and the root of the variance.
    #[inline(always)]
    fn means<M: Math>(&self, param: M, grad: M, square: M, avg: M) -> (M, M, M, M) {
        let grad = penalised(param, grad, self.0.weight_decay, self.0.maximize);
        let square = mean_square(square, grad, self.0.alpha);
        let avg = lerp(avg, grad, 1.0 - self.0.alpha);
        (grad, square, avg, (-avg).mul_add(avg, square).sqrt())
    }
}

impl Rule<2> for Centered {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [square, avg]: [M; 2]) -> (M, [M; 2]) {
        let (grad, square, avg, root) = self.means(param, grad, square, avg);
        (self.0.advance(param, grad, root, None).0, [square, avg])
    }
}

impl Rule<3> for Centered {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [square, avg, buffer]: [M; 3]) -> (M, [M; 3]) {
        let (grad, square, avg, root) = self.means(param, grad, square, avg);
        let (param, buffer) = self.0.advance(param, grad, root, Some(buffer));
        (param, [square, avg, buffer])
    }
}

impl Rule<1> for Adagrad {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [sum]: [M; 1]) -> (M, [M; 1]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        let sum = grad.mul_add(grad, sum);
        (param - grad * self.lr / (sum.sqrt() + self.eps), [sum])
    }
}

impl Rule<2> for Adadelta {
    #[inline(always)]
    fn next<M: Math>(&self, param: M, grad: M, [square, acc]: [M; 2]) -> (M, [M; 2]) {
        let grad = penalised(param, grad, self.weight_decay, self.maximize);
        let square = mean_square(square, grad, self.rho);
        let delta = (acc + self.eps).sqrt() / (square + self.eps).sqrt() * grad;
        (delta.mul_add(M::lit(-self.lr), param), [square, mean_square(acc, delta, self.rho)])
    }
}

/// Applies `rule` to every element, in parallel.
fn step<T: Real, const S: usize, R: Rule<S>>(rule: R, param: &mut [T], grad: &[T], state: [&mut [T]; S]) {
    let len = param.len();
    assert!(grad.len() == len && state.iter().all(|s| s.len() == len));
    let (param, state) = (Parts::new(param), state.map(Parts::new));
    par::blocks(len, TASK, 1 + S, |range| {
        let grad = &grad[range.clone()];
        // SAFETY: blocks are disjoint.
        let (param, state) = unsafe { (param.range(range.clone()), pieces(&state, range)) };
        simd::dispatch(Step { rule, param, grad, state });
    });
}

/// The piece `range` of each slice.
///
/// # Safety
/// As [`Parts::range`].
unsafe fn pieces<'a, T, const S: usize>(state: &[Parts<'a, T>; S], range: Range<usize>) -> [&'a mut [T]; S] {
    // SAFETY: handed on.
    std::array::from_fn(|i| unsafe { state[i].range(range.clone()) })
}

struct Step<'a, T, R, const S: usize> {
    rule: R,
    param: &'a mut [T],
    grad: &'a [T],
    state: [&'a mut [T]; S],
}

impl<T: Real, R: Rule<S>, const S: usize> Kernel for Step<'_, T, R, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = <T::V<I>>::LANES;
        let (param, grad) = (self.param.as_mut_ptr(), self.grad.as_ptr());
        let mut state = [std::ptr::null_mut(); S];
        for s in 0..S {
            state[s] = self.state[s].as_mut_ptr();
        }
        let len = self.param.len();
        let mut at = 0;
        // SAFETY: all slices have `len` elements, as `step` asserts; `at + n <= len`.
        unsafe {
            while at + lanes <= len {
                let mut old = [<T::V<I>>::splat(T::default()); S];
                for s in 0..S {
                    old[s] = <T::V<I>>::load(state[s].add(at));
                }
                let (new_param, new) =
                    self.rule.next(<T::V<I>>::load(param.add(at)), <T::V<I>>::load(grad.add(at)), old);
                new_param.store(param.add(at));
                for s in 0..S {
                    new[s].store(state[s].add(at));
                }
                at += lanes;
            }
            let n = len - at;
            if n > 0 {
                let mut old = [<T::V<I>>::splat(T::default()); S];
                for s in 0..S {
                    old[s] = <T::V<I>>::load_first(state[s].add(at), n);
                }
                let (new_param, new) = self.rule.next(
                    <T::V<I>>::load_first(param.add(at), n),
                    <T::V<I>>::load_first(grad.add(at), n),
                    old,
                );
                new_param.store_first(param.add(at), n);
                for s in 0..S {
                    new[s].store_first(state[s].add(at), n);
                }
            }
        }
    }
}
