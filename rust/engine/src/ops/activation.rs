//! Activations.

use super::formula::{lit, select};
use super::registry::Sample;
use super::view;
use super::{arith, convert, special, sums};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_kernels::Math;
use rutile_macros::{formulas, op};

const FRAC_1_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
const SQRT_2_OVER_PI: f64 = 0.797_884_560_802_865_4;
const GELU_CUBIC: f64 = 0.044_715;
// Klambauer et al. (2017), "Self-normalizing neural networks".
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

#[inline(always)]
fn pdf<M: Math>(x: M) -> M {
    (x * x * -0.5).exp() * FRAC_1_SQRT_2PI
}

#[inline(always)]
fn logistic<M: Math>(x: M) -> M {
    lit::<M>(1.0) / ((-x).exp() + 1.0)
}

/// `log(1 + e**x)` without overflow.
#[inline(always)]
fn log1p_exp<M: Math>(x: M) -> M {
    x.max(lit(0.0)) + (-x.abs()).exp().ln_1p()
}

#[inline(always)]
fn tanh_inner<M: Math>(x: M) -> M {
    ((x + x * x * x * GELU_CUBIC) * SQRT_2_OVER_PI).tanh()
}

formulas! {
    /// Rectified linear unit, `max(input, 0)`. The derivative at 0 is 0. Source: Nair and Hinton (2010).
    ///
    /// >>> F.relu(rt.tensor([-1.0, 0.0, 2.0]))
    /// tensor([0., 0., 2.])
    relu(x) = x.max(lit(0.0)) => y;
        int = x.max(0);
        grad(g) = select(y.gt(lit(0.0)), g, lit(0.0));
        at = [rutile, Tensor, nn.functional];
        inplace;
    /// `input` where positive, else `negative_slope * input`. Source: Maas et al. (2013).
    ///
    /// >>> F.leaky_relu(rt.tensor([-1.0, 0.0, 2.0]), negative_slope=0.1)
    /// tensor([-0.1000,  0.0000,  2.0000])
    leaky_relu(x; negative_slope = 0.01) = select(x.gt(lit(0.0)), x, x * negative_slope);
        grad(g) = select(x.gt(lit(0.0)), g, g * negative_slope);
        at = [nn.functional];
        inplace;
    /// `input` limited to `[min_val, max_val]`; the derivative is 0 at the bounds and outside.
    ///
    /// >>> F.hardtanh(rt.tensor([-3.0, 0.5, 3.0]))
    /// tensor([-1.0000,  0.5000,  1.0000])
    hardtanh(x; min_val = -1.0, max_val = 1.0) = x.max(min_val).min(max_val);
        int = x.max(min_val as i64).min(max_val as i64);
        grad(g) = select(x.gt(min_val) & x.lt(max_val), g, lit(0.0));
        at = [nn.functional];
        inplace;
    /// `min(max(input, 0), 6)`. Source: Howard et al., "MobileNets" (2017).
    ///
    /// >>> F.relu6(rt.tensor([-1.0, 3.0, 8.0]))
    /// tensor([0., 3., 6.])
    relu6(x) = x.max(lit(0.0)).min(lit(6.0));
        int = x.clamp(0, 6);
        grad(g) = select(x.gt(lit(0.0)) & x.lt(lit(6.0)), g, lit(0.0));
        at = [nn.functional];
        inplace;
    /// Exponential linear unit: `input` where positive, else `alpha * (e**input - 1)`. Source: Clevert et al. (2015).
    ///
    /// >>> F.elu(rt.tensor([-2.0, 0.0, 2.0]))
    /// tensor([-0.8647,  0.0000,  2.0000])
    elu(x; alpha = 1.0) = select(x.gt(lit(0.0)), x, x.min(lit(0.0)).exp_m1() * alpha);
        grad(g) = select(x.gt(lit(0.0)), g, g * alpha * x.min(lit(0.0)).exp());
        at = [nn.functional];
        inplace;
        wide;
    /// Scaled exponential linear unit, `scale * elu(input, alpha)`. Its constants, `scale` 1.0507 and `alpha` 1.6733,
    /// keep mean 0 and variance 1 from layer to layer. Source: Klambauer et al. (2017).
    ///
    /// >>> F.selu(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-1.1113,  0.0000,  1.0507])
    selu(x) = select(x.gt(lit(0.0)), x, x.min(lit(0.0)).exp_m1() * SELU_ALPHA) * SELU_SCALE;
        grad(g) = select(x.gt(lit(0.0)), g, g * x.min(lit(0.0)).exp() * SELU_ALPHA) * SELU_SCALE;
        at = [rutile, nn.functional];
        inplace;
    /// Continuously differentiable exponential linear unit: `max(input, 0) + min(alpha * (e**(input / alpha) - 1), 0)`.
    /// Source: Barron (2017).
    ///
    /// >>> F.celu(rt.tensor([-2.0, 0.0, 2.0]), alpha=2.0)
    /// tensor([-1.2642,  0.0000,  2.0000])
    celu(x; alpha = 1.0) = x.max(lit(0.0)) + (x.min(lit(0.0)) / alpha).exp_m1() * alpha;
        grad(g) = select(x.gt(lit(0.0)), g, g * (x.min(lit(0.0)) / alpha).exp());
        at = [rutile, nn.functional];
        inplace;
    /// The logistic function, `1 / (1 + e**-input)`.
    ///
    /// >>> rt.sigmoid(rt.tensor([-rt.inf, 0.0, 2.0]))
    /// tensor([0.0000, 0.5000, 0.8808])
    sigmoid(x) = logistic(x) => y;
        complex = sigmoid;
        grad(g) = g * y * (lit::<M>(1.0) - y);
        at = [rutile, Tensor, nn.functional];
        alias = [special.expit];
        wide;
    /// `log(sigmoid(input))` without overflow.
    ///
    /// >>> F.logsigmoid(rt.tensor([-1000.0, 0.0, 1000.0]))
    /// tensor([-1.0000e+03, -6.9315e-01,  0.0000e+00])
    logsigmoid(x) = x.min(lit(0.0)) - (-x.abs()).exp().ln_1p();
        grad(g) = g * logistic(-x);
        at = [nn.functional];
        wide;
    /// `input * sigmoid(input)`, also called swish. Source: Elfwing et al. (2017).
    ///
    /// >>> F.silu(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-0.2689,  0.0000,  0.7311])
    silu(x) = x * logistic(x);
        complex = |x| arith::mul(x, &sigmoid(x)?);
        grad(g) = { let s = logistic(x); g * s * (x * (lit::<M>(1.0) - s) + 1.0) };
        at = [nn.functional];
        inplace;
        wide;
    /// `input * tanh(softplus(input))`. Source: Misra (2019).
    ///
    /// >>> F.mish(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-0.3034,  0.0000,  0.8651])
    mish(x) = x * log1p_exp(x).tanh();
        grad(g) = { let t = log1p_exp(x).tanh(); g * (t + x * logistic(x) * (lit::<M>(1.0) - t * t)) };
        at = [nn.functional];
        inplace;
        wide;
    /// A smooth `relu`: `log(1 + e**(beta * input)) / beta`; linear where `beta * input > threshold`.
    ///
    /// >>> F.softplus(rt.tensor([-1.0, 0.0, 100.0]))
    /// tensor([  0.3133,   0.6931, 100.0000])
    softplus(x; beta = 1.0, threshold = 20.0) = select((x * beta).gt(threshold), x, log1p_exp(x * beta) / beta);
        grad(g) = select((x * beta).gt(threshold), g, g * logistic(x * beta));
        at = [nn.functional];
        wide;
    /// `input / (1 + |input|)`.
    ///
    /// >>> F.softsign(rt.tensor([-3.0, 0.0, 1.0]))
    /// tensor([-0.7500,  0.0000,  0.5000])
    softsign(x) = x / (x.abs() + 1.0);
        complex = |x| arith::true_divide(x, &arith::add(&arith::abs(x)?, &sums::one(), 1.0)?);
        grad(g) = g / ((x.abs() + 1.0) * (x.abs() + 1.0));
        at = [nn.functional];
    /// `input - tanh(input)`.
    ///
    /// >>> F.tanhshrink(rt.tensor([-1.0, 0.0, 1.0]))
    /// tensor([-0.2384,  0.0000,  0.2384])
    tanhshrink(x) = x - x.tanh();
        complex = |x| arith::sub(x, &special::tanh(x)?, 1.0);
        grad(g) = { let t = x.tanh(); g * t * t };
        at = [nn.functional];
    /// `input` moved towards 0 by `lambd`, 0 within: the proximal operator of `lambd * |x|`.
    ///
    /// >>> F.softshrink(rt.tensor([-2.0, 0.3, 2.0]), lambd=0.5)
    /// tensor([-1.5000,  0.0000,  1.5000])
    softshrink(x; lambd = 0.5) = select(x.gt(lambd), x - lambd, select(x.lt(-lambd), x + lambd, x * 0.0));
        grad(g) = select(x.gt(lambd) | x.lt(-lambd), g, lit(0.0));
        at = [nn.functional];
    /// `input` where `|input| > lambd`, else 0.
    ///
    /// >>> F.hardshrink(rt.tensor([-2.0, 0.3, 2.0]), lambd=0.5)
    /// tensor([-2.,  0.,  2.])
    hardshrink(x; lambd = 0.5) = select(x.ge(-lambd) & x.le(lambd), lit(0.0), x);
        grad(g) = select(x.gt(lambd) | x.lt(-lambd), g, lit(0.0));
        at = [rutile, Tensor, nn.functional];
    /// `min(max(input / 6 + 1/2, 0), 1)`. Source: Howard et al., "Searching for MobileNetV3" (2019).
    ///
    /// >>> F.hardsigmoid(rt.tensor([-4.0, 0.0, 1.5]))
    /// tensor([0.0000, 0.5000, 0.7500])
    hardsigmoid(x) = (x / 6.0 + 0.5).max(lit(0.0)).min(lit(1.0));
        grad(g) = select(x.gt(lit(-3.0)) & x.lt(lit(3.0)), g / 6.0, lit(0.0));
        at = [nn.functional];
        inplace;
    /// `input * hardsigmoid(input)`. Source: Howard et al., "Searching for MobileNetV3" (2019).
    ///
    /// >>> F.hardswish(rt.tensor([-4.0, -1.0, 5.0]))
    /// tensor([-0.0000, -0.3333,  5.0000])
    hardswish(x) = x * (x / 6.0 + 0.5).max(lit(0.0)).min(lit(1.0));
        grad(g) = select(x.le(lit(-3.0)), lit(0.0), select(x.ge(lit(3.0)), g, g * (x / 3.0 + 0.5)));
        at = [nn.functional];
        inplace;
    /// `input` where above `threshold`, else `value`.
    ///
    /// >>> F.threshold(rt.tensor([0.0, 1.0, 2.0]), threshold=1.0, value=-5.0)
    /// tensor([-5., -5.,  2.])
    threshold(x; threshold, value) = select(x.le(threshold), value, x);
        int = if x <= threshold as i64 { value as i64 } else { x };
        grad(g) = select(x.gt(threshold), g, lit(0.0));
        at = [rutile, nn.functional];
        inplace;
    /// `input * ndtr(input)` with the exact normal distribution; [`gelu()`] without approximation.
    gelu_erf(x) = x * x.ndtr();
        grad(g) = g * (x.ndtr() + x * pdf(x));
        wide;
    /// [`gelu()`] approximated by tanh.
    gelu_tanh(x) = x * (tanh_inner(x) + 1.0) * 0.5;
        grad(g) = {
            let t = tanh_inner(x);
            let slope = (x * x * (3.0 * GELU_CUBIC) + 1.0) * (0.5 * SQRT_2_OVER_PI);
            g * ((t + 1.0) * 0.5 + x * (lit::<M>(1.0) - t * t) * slope)
        };
        wide;
    /// `input` where positive, else `weight * input`; [`prelu()`] once the weight has its axis.
    prelu_row(x, w) = select(x.gt(lit(0.0)), x, x * w);
        grad(g) = select(x.gt(lit(0.0)), g, g * w), select(x.gt(lit(0.0)), lit(0.0), g * x);
}

fn gelu_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[5]).kw("approximate", "tanh"),
        Sample::new().tensor(&[0]),
    ]
}

/// Gaussian error linear unit, `x * cdf(x)` with the normal distribution's `cdf`; `approximate="tanh"` uses the cheaper
/// formula. Source: Hendrycks and Gimpel (2016).
/// Raises: ValueError if `approximate` is neither "none" nor "tanh".
///
/// >>> F.gelu(rt.tensor([-1.0, 0.0, 1.0]))
/// tensor([-0.1587,  0.0000,  0.8413])
/// >>> F.gelu(rt.tensor([-1.0, 0.0, 1.0]), approximate="tanh")
/// tensor([-0.1588,  0.0000,  0.8412])
#[op(at = [nn.functional], sig = (input, *, approximate="none"), samples = gelu_samples, integers = floats)]
pub fn gelu(input: &Tensor, approximate: &str) -> Result<Tensor> {
    match approximate {
        "none" => gelu_erf(input),
        "tanh" => gelu_tanh(input),
        other => fail!(Value, "gelu: approximate must be 'none' or 'tanh', got {other:?}"),
    }
}

fn prelu_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 4]).tensor(&[3]),
        Sample::new().tensor(&[2, 3]).tensor(&[1]),
        Sample::new().tensor(&[4]).tensor(&[1]),
    ]
}

/// `input` where positive, else `weight * input`; `weight` has one element or one per channel (axis 1). Source: He et
/// al., "Delving deep into rectifiers" (2015).
/// Raises: RuntimeError if `weight` has neither one element nor one per channel.
///
/// >>> F.prelu(rt.tensor([[-1.0, -1.0], [2.0, 2.0]]), weight=rt.tensor([0.1, 0.5]))
/// tensor([[-0.1000, -0.5000],
///         [ 2.0000,  2.0000]])
#[op(at = [rutile, nn.functional, Tensor], sig = (input, weight), samples = prelu_samples, integers = floats)]
pub fn prelu(input: &Tensor, weight: &Tensor) -> Result<Tensor> {
    let (shape, count) = (input.shape(), weight.len());
    if count == 1 {
        return prelu_row(input, &view::reshape_to(weight, &[])?);
    }
    if shape.len() < 2 || shape[1] != count || weight.ndim() != 1 {
        fail!(
            Shape,
            "prelu: weight of shape {:?} fits neither one element nor the channels (axis 1) of {:?}",
            &weight.shape()[..],
            &shape[..]
        );
    }
    let mut aligned = vec![1; shape.len()];
    aligned[1] = count;
    let weight = convert::to_dtype(weight, input.dtype())?;
    prelu_row(input, &view::reshape_to(&weight, &aligned)?)
}
