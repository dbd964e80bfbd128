//! Optimizer steps against PyTorch's formulas in double precision.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::Real;
use rutile_kernels::update::{Adadelta, Adagrad, Adam, RmsProp, Sgd, adadelta, adagrad, adam, rmsprop, sgd};

/// A parameter, its gradient, and three kinds of non-negative state.
struct Setting<T> {
    param: Vec<T>,
    grad: Vec<T>,
    state: [Vec<T>; 3],
}

fn setting<T: Real>(len: usize) -> Setting<T> {
    let positive = |seed| numbers::<f64>(len, seed).iter().map(|x| T::from_f64(x.abs() + 4.1)).collect();
    Setting { param: numbers(len, 1), grad: numbers(len, 2), state: [numbers(len, 3), positive(4), positive(5)] }
}

/// Runs `kernel` on param, grad and state, and `twin` on each element; compares everything they write.
fn compare<T: Real>(
    len: usize,
    tolerance: f64,
    kernel: impl Fn(&mut [T], &[T], &mut [Vec<T>; 3]),
    twin: impl Fn(f64, f64, [f64; 3]) -> (f64, [f64; 3]),
) {
    let before = setting::<T>(len);
    let run = || {
        let mut s = setting::<T>(len);
        kernel(&mut s.param, &s.grad, &mut s.state);
        flat(&[&s.param, &s.state[0], &s.state[1], &s.state[2]])
    };
    let mut want = vec![0.0; 4 * len];
    for i in 0..len {
        let state = [0, 1, 2].map(|k| before.state[k][i].to_f64());
        let (param, state) = twin(before.param[i].to_f64(), before.grad[i].to_f64(), state);
        want[i] = param;
        for k in 0..3 {
            want[(k + 1) * len + i] = state[k];
        }
    }
    everywhere(run, |got| close(got, &want, tolerance));
}

fn both(len: usize, check: impl Fn(usize, bool)) {
    check(len, false);
    check(len, true);
}

const F32: f64 = 2e-6;
const F64: f64 = 4e-15;

/// Calls `$body` with `$t` as both float types.
macro_rules! floats {
    (|$t:ident, $tolerance:ident| $body:expr) => {{
        {
            type $t = f32;
            let $tolerance = F32;
            $body
        }
        {
            type $t = f64;
            let $tolerance = F64;
            $body
        }
    }};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn sgd_is_pytorchs(
        len in 0usize..70, momentum in prop_oneof![Just(0.0), Just(0.9)], dampening in prop_oneof![Just(0.0), Just(0.3)],
        weight_decay in prop_oneof![Just(0.0), Just(0.1)], nesterov: bool, maximize: bool, first_step: bool,
    ) {
        let rule = Sgd { lr: 0.05, momentum, dampening, weight_decay, nesterov, maximize, first_step };
        floats!(|T, tolerance| compare::<T>(
            len,
            tolerance,
            |p, g, s| sgd(rule, p, g, (momentum != 0.0).then_some(&mut s[0][..])),
            |p, g, [mut buffer, a, b]| {
                let mut g = if maximize { -g } else { g } + weight_decay * p;
                if momentum != 0.0 {
                    buffer = if first_step { g } else { momentum * buffer + (1.0 - dampening) * g };
                    g = if nesterov { g + momentum * buffer } else { buffer };
                }
                (p - 0.05 * g, [buffer, a, b])
            },
        ));
    }

    #[test]
    fn adam_is_pytorchs(
        len in 0usize..70, step in 1u64..2000, beta1 in prop_oneof![Just(0.9), Just(0.2)],
        weight_decay in prop_oneof![Just(0.0), Just(0.1)], amsgrad: bool, maximize: bool, decoupled: bool,
    ) {
        let rule = Adam { step, lr: 0.01, beta1, beta2: 0.99, eps: 1e-8, weight_decay, maximize, decoupled };
        floats!(|T, tolerance| compare::<T>(
            len,
            tolerance,
            |p, g, [avg, sq, max]| adam(rule, p, g, avg, sq, amsgrad.then_some(&mut max[..])),
            |mut p, g, [avg, sq, mut max]| {
                let mut g = if maximize { -g } else { g };
                if decoupled { p *= 1.0 - 0.01 * weight_decay } else { g += weight_decay * p }
                let (avg, sq) = (beta1 * avg + (1.0 - beta1) * g, 0.99 * sq + (1.0 - 0.99) * g * g);
                if amsgrad { max = max.max(sq) }
                let (c1, c2) = (1.0 - beta1.powi(step as i32), 1.0 - 0.99f64.powi(step as i32));
                let root = (if amsgrad { max } else { sq }).sqrt() / c2.sqrt() + 1e-8;
                (p - 0.01 / c1 * avg / root, [avg, sq, max])
            },
        ));
    }

    #[test]
    fn rmsprop_is_pytorchs(
        len in 0usize..70, momentum in prop_oneof![Just(0.0), Just(0.9)], centered: bool,
        weight_decay in prop_oneof![Just(0.0), Just(0.1)], maximize: bool,
    ) {
        let rule = RmsProp { lr: 0.01, alpha: 0.9, eps: 1e-8, weight_decay, momentum, maximize };
        floats!(|T, tolerance| compare::<T>(
            len,
            tolerance,
            |p, g, [avg, sq, buffer]| {
                let buffer = (momentum != 0.0).then_some(&mut buffer[..]);
                rmsprop(rule, p, g, sq, buffer, centered.then_some(&mut avg[..]));
            },
            |p, g, [mut avg, sq, mut buffer]| {
                let g = if maximize { -g } else { g } + weight_decay * p;
                let sq = 0.9 * sq + (1.0 - 0.9) * g * g;
                if centered { avg = 0.9 * avg + (1.0 - 0.9) * g }
                let root = (sq - if centered { avg * avg } else { 0.0 }).sqrt() + 1e-8;
                if momentum == 0.0 { return (p - 0.01 * g / root, [avg, sq, buffer]) }
                buffer = momentum * buffer + g / root;
                (p - 0.01 * buffer, [avg, sq, buffer])
            },
        ));
    }

    #[test]
    fn adagrad_and_adadelta_are_pytorchs(
        len in 0usize..70, step in 1u64..50, weight_decay in prop_oneof![Just(0.0), Just(0.1)], maximize: bool,
    ) {
        let rule = Adagrad { step, lr: 0.02, lr_decay: 0.1, weight_decay, eps: 1e-10, maximize };
        floats!(|T, tolerance| compare::<T>(len, tolerance, |p, g, s| adagrad(rule, p, g, &mut s[1]), |p, g, [a, sum, b]| {
            let g = if maximize { -g } else { g } + weight_decay * p;
            let sum = sum + g * g;
            (p - 0.02 / (1.0 + (step as f64 - 1.0) * 0.1) * g / (sum.sqrt() + 1e-10), [a, sum, b])
        }));
        let rule = Adadelta { lr: 0.5, rho: 0.9, eps: 1e-6, weight_decay, maximize };
        floats!(|T, tolerance| compare::<T>(
            len,
            tolerance,
            |p, g, [_, sq, acc]| adadelta(rule, p, g, sq, acc),
            |p, g, [a, sq, acc]| {
                let g = if maximize { -g } else { g } + weight_decay * p;
                let sq = 0.9 * sq + (1.0 - 0.9) * g * g;
                let delta = ((acc + 1e-6) / (sq + 1e-6)).sqrt() * g;
                (p - 0.5 * delta, [a, sq, 0.9 * acc + (1.0 - 0.9) * delta * delta])
            },
        ));
    }
}

#[test]
fn large_parameters_are_split_among_threads() {
    both(100_003, |len, maximize| {
        let rule = Sgd {
            lr: 0.05,
            momentum: 0.9,
            dampening: 0.0,
            weight_decay: 0.0,
            nesterov: false,
            maximize,
            first_step: false,
        };
        let sign = if maximize { -1.0 } else { 1.0 };
        compare::<f32>(
            len,
            F32,
            |p, g, s| sgd(rule, p, g, Some(&mut s[0])),
            |p, g, [buffer, a, b]| {
                let buffer = 0.9 * buffer + sign * g;
                (p - 0.05 * buffer, [buffer, a, b])
            },
        );
    });
}

#[test]
fn the_first_step_does_not_read_the_buffer() {
    let rule = Sgd {
        lr: 1.0,
        momentum: 0.9,
        dampening: 0.5,
        weight_decay: 0.0,
        nesterov: false,
        maximize: false,
        first_step: true,
    };
    let (mut param, grad, mut buffer) = (vec![1.0f32; 21], vec![0.25; 21], vec![f32::NAN; 21]);
    sgd(rule, &mut param, &grad, Some(&mut buffer));
    assert_eq!((param, buffer), (vec![0.75; 21], grad));
}
