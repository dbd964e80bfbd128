//! Random numbers that are written to a tensor.

use super::{Law, coins, draw_integers, largest};
use crate::array::{Array, DType};
use crate::autograd::{Tensor, tracked};
use crate::error::Result;
use crate::fail;
use crate::generator::Generator;
use crate::ops::registry::{Sample, Values};
use crate::ops::{convert, inplace};
use rutile_macros::op;

/// Writes what `make` draws to `target`.
fn overwrite(op: &str, target: &Tensor, make: impl FnOnce() -> Result<Array>) -> Result<Tensor> {
    inplace::check_places(op, target)?;
    let drawn = make()?;
    if tracked([target]) {
        // The old value does not matter any more: its gradient is zero.
        inplace::assign(op, target, &Tensor::from(drawn))?;
    } else {
        let array = target.array();
        convert::copy_into(&drawn, &array);
        array.bump();
    }
    Ok(target.clone())
}

fn overwrite_floats(op: &str, target: &Tensor, law: Law, generator: Option<&Generator>) -> Result<Tensor> {
    inplace::check_places(op, target)?;
    let array = target.array();
    if !array.dtype().has_gradients() {
        fail!(DType, "{op}: draws floats, and the tensor holds {}", array.dtype());
    }
    let plain = !array.dtype().is_complex();
    if plain && array.dtype().compute() == array.dtype() && array.is_contiguous() && !tracked([target]) {
        law.fill(&array, generator);
        array.bump();
        return Ok(target.clone());
    }
    overwrite(op, target, || Ok(law.draw(array.dtype(), array.shape(), generator)))
}

/// What quantiles are taken of.
const UNIT: Law = Law::Uniform(0.0, 1.0);

/// Writes `f` of what `law` gives in double precision to `target`.
fn overwrite_with(
    op: &str,
    target: &Tensor,
    law: Law,
    generator: Option<&Generator>,
    f: impl Fn(f64) -> f64,
) -> Result<Tensor> {
    overwrite(op, target, || {
        let out = law.draw(DType::F64, &target.shape(), generator);
        out.slice_mut::<f64>().iter_mut().for_each(|x| *x = f(*x));
        Ok(convert::cast(&out, target.dtype()))
    })
}

fn check_float(op: &str, target: &Tensor) -> Result<()> {
    if !target.dtype().is_float() {
        fail!(DType, "{op}: draws floats, and the tensor holds {}", target.dtype());
    }
    Ok(())
}

fn fill_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[2, 3], Values::Constant(0.0, 1.0))]
}

/// Overwrites the tensor with uniform random numbers in [from, to).
/// Raises: ValueError if `from > to`; RuntimeError for integers.
///
/// >>> x = rt.empty(1000).uniform_(-1, 1)
/// >>> ((x >= -1) & (x < 1)).all().item()
/// True
#[op(at = [Tensor], sig = (input, from_=0.0, to=1.0, *, generator=None), samples = fill_samples, no_grad, complex)]
pub fn uniform_(input: &Tensor, from_: f64, to: f64, generator: Option<Generator>) -> Result<Tensor> {
    if from_ > to || from_.is_nan() || to.is_nan() {
        fail!(Value, "uniform_: expects to return a [from, to) range, but found from={from_} > to={to}");
    }
    overwrite_floats("uniform", input, Law::Uniform(from_, to), generator.as_ref())
}

/// Overwrites the tensor with normal random numbers of the given mean and standard deviation.
/// Raises: ValueError for a negative `std`; RuntimeError for integers.
///
/// >>> x = rt.empty(10000).normal_(5.0, 0.1)
/// >>> (x.mean() - 5).abs().item() < 0.01
/// True
#[op(at = [Tensor], sig = (input, mean=0.0, std=1.0, *, generator=None), samples = fill_samples, no_grad, complex)]
pub fn normal_(input: &Tensor, mean: f64, std: f64, generator: Option<Generator>) -> Result<Tensor> {
    if std < 0.0 || std.is_nan() {
        fail!(Value, "normal_: expects std >= 0.0, but found std {std}");
    }
    overwrite_floats("normal", input, Law::Normal(mean, std), generator.as_ref())
}

fn random_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(0.0, 1.0)).arg(5),
        Sample::new().values(&[3], Values::Int(0, 5)).arg(-2).arg(7),
        Sample::new().values(&[3], Values::Int(0, 5)),
    ]
}

/// Overwrites the tensor with uniform random integers: `random_()` from 0 to the largest that the dtype holds,
/// `random_(to)` in [0, to), `random_(from, to)` in [from, to).
/// Raises: ValueError if `from >= to` or the dtype does not hold them all.
///
/// >>> rt.zeros(1000).random_(1, 4).unique()
/// tensor([1., 2., 3.])
#[op(at = [Tensor], sig = (input, from_=None, to=None, *, generator=None), samples = random_samples, no_grad)]
pub fn random_(input: &Tensor, from_: Option<i64>, to: Option<i64>, generator: Option<Generator>) -> Result<Tensor> {
    let (low, high) = match (from_, to) {
        (None, None) => (0, largest(input.dtype()) + 1),
        (Some(to), None) | (None, Some(to)) => (0, to),
        (Some(from_), Some(to)) => (from_, to),
    };
    overwrite("random", input, || {
        draw_integers("random_", low, high, &input.shape(), input.dtype(), generator.as_ref())
    })
}

/// Overwrites the tensor with ones with probability `p` (a number, or a tensor that broadcasts), else zeros.
/// Raises: ValueError for a probability outside [0, 1].
///
/// >>> rt.empty(2, 3).bernoulli_(rt.tensor([0.0, 1.0, 0.0]))
/// tensor([[0., 1., 0.],
///         [0., 1., 0.]])
#[op(at = [Tensor], sig = (input, p=0.5, *, generator=None), samples = fill_samples, no_grad)]
pub fn bernoulli_(input: &Tensor, p: &Tensor, generator: Option<Generator>) -> Result<Tensor> {
    let p = if p.with_array(Array::is_wrapped) {
        Tensor::from(Array::from_slice(&[p.array().item().to_f64()], &[]))
    } else {
        p.detach()
    };
    overwrite("bernoulli", input, || coins("bernoulli_", &p, &input.shape(), input.dtype(), generator.as_ref()))
}

/// Overwrites the tensor with exponential random numbers of rate `lambd`, whose mean is `1 / lambd`.
/// Raises: ValueError unless `lambd > 0`; RuntimeError for integers.
///
/// >>> x = rt.empty(10000).exponential_(2.0)
/// >>> (x > 0).all().item(), (x.mean() - 0.5).abs().item() < 0.05
/// (True, True)
#[op(at = [Tensor], sig = (input, lambd=1.0, *, generator=None), samples = fill_samples, no_grad)]
pub fn exponential_(input: &Tensor, lambd: f64, generator: Option<Generator>) -> Result<Tensor> {
    if lambd <= 0.0 || lambd.is_nan() {
        fail!(Value, "exponential_: expects lambda > 0.0, but found lambda={lambd}");
    }
    check_float("exponential_", input)?;
    // 1 - u is never zero, so the logarithm is finite.
    overwrite_with("exponential", input, UNIT, generator.as_ref(), |u| -(-u).ln_1p() / lambd)
}

/// Overwrites the tensor with numbers of Cauchy's distribution around `median` of scale `sigma`; it has no mean.
/// Raises: ValueError unless `sigma > 0`; RuntimeError for integers.
///
/// >>> x = rt.empty(10001).cauchy_(median=3.0)
/// >>> (x.median() - 3).abs().item() < 0.1
/// True
#[op(at = [Tensor], sig = (input, median=0.0, sigma=1.0, *, generator=None), samples = fill_samples, no_grad)]
pub fn cauchy_(input: &Tensor, median: f64, sigma: f64, generator: Option<Generator>) -> Result<Tensor> {
    if sigma <= 0.0 || sigma.is_nan() {
        fail!(Value, "cauchy_: expects sigma > 0.0, but found sigma={sigma}");
    }
    check_float("cauchy_", input)?;
    let quantile = |u: f64| median + sigma * (std::f64::consts::PI * (u - 0.5)).tan();
    overwrite_with("cauchy", input, UNIT, generator.as_ref(), quantile)
}

fn geometric_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(0.0, 1.0)).arg(0.3),
        Sample::new().values(&[3], Values::Int(0, 5)).arg(0.5),
    ]
}

/// Overwrites the tensor with the number of trials up to and including the first success, each of probability `p`; the
/// mean is `1 / p`.
/// Raises: ValueError unless `0 < p < 1`.
///
/// >>> x = rt.empty(10000).geometric_(0.25)
/// >>> x.min(), (x.mean() - 4).abs().item() < 0.2
/// (tensor(1.), True)
#[op(at = [Tensor], sig = (input, p, *, generator=None), samples = geometric_samples, no_grad)]
pub fn geometric_(input: &Tensor, p: f64, generator: Option<Generator>) -> Result<Tensor> {
    if !(p > 0.0 && p < 1.0) {
        fail!(Value, "geometric_: expects p to be in (0, 1), but got p={p}");
    }
    let base = (-p).ln_1p();
    overwrite_with("geometric", input, UNIT, generator.as_ref(), |u| ((-u).ln_1p() / base).ceil().max(1.0))
}

/// Overwrites the tensor with `e**z` of normal random numbers `z` of the given mean and standard deviation.
/// Raises: ValueError unless `std > 0`; RuntimeError for integers.
///
/// >>> x = rt.empty(10000).log_normal_(mean=0.0, std=0.5)
/// >>> (x.log().std() - 0.5).abs().item() < 0.05
/// True
#[op(at = [Tensor], sig = (input, mean=1.0, std=2.0, *, generator=None), samples = fill_samples, no_grad)]
pub fn log_normal_(input: &Tensor, mean: f64, std: f64, generator: Option<Generator>) -> Result<Tensor> {
    if std <= 0.0 || std.is_nan() {
        fail!(Value, "log_normal_: expects std > 0.0, but found std={std}");
    }
    check_float("log_normal_", input)?;
    overwrite_with("log_normal", input, Law::Normal(mean, std), generator.as_ref(), f64::exp)
}
