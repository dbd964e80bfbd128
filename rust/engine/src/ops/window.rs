//! Window functions of signal processing.

use super::create::{check_device, finish};
use super::registry::{Arg, Sample};
use crate::array::{Array, DType};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;
use std::f64::consts::TAU;

/// `f(t)` at `length` places `t` in [0, 1]. A periodic window is one place longer and lacks the last.
fn window(
    op: &str,
    length: i64,
    periodic: bool,
    options: (Option<DType>, Arg, bool),
    f: impl Fn(f64) -> f64,
) -> Result<Tensor> {
    let (dtype, device, requires_grad) = options;
    check_device(op, &device)?;
    let dtype = dtype.unwrap_or_else(DType::default_float);
    if !dtype.is_float() {
        fail!(DType, "{op} expects floating point dtypes, got: {dtype}");
    }
    if length < 0 {
        fail!(Value, "{op} requires non-negative window_length, got window_length={length}");
    }
    let out = Array::uninit(DType::F64, &[length as usize]);
    let steps = (length - i64::from(!periodic)) as f64;
    for (i, value) in out.slice_mut::<f64>().iter_mut().enumerate() {
        *value = if length == 1 { 1.0 } else { f(i as f64 / steps) };
    }
    finish(super::convert::cast(&out, dtype), requires_grad)
}

fn samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(8),
        Sample::new().arg(7).arg(false),
        Sample::new().arg(5).kw("periodic", false).kw("dtype", DType::F64),
        Sample::new().arg(1),
        Sample::new().arg(0),
    ]
}

/// The Hann window `sin(pi t)**2` at `window_length` places `t` of [0, 1]. With `periodic` it goes on smoothly when
/// repeated, as the Fourier transform wants it; else it is symmetric.
/// Raises: ValueError if `window_length` is negative; RuntimeError if the dtype is not a float.
///
/// >>> rt.hann_window(4), rt.hann_window(5, periodic=False)
/// (tensor([0.0000, 0.5000, 1.0000, 0.5000]), tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000]))
#[op(at = [rutile], sig = (window_length, periodic=true, *, dtype=None, device=None, requires_grad=false), samples = samples, no_grad)]
pub fn hann_window(
    window_length: i64,
    periodic: bool,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let f = |t: f64| 0.5 - 0.5 * (TAU * t).cos();
    window("hann_window", window_length, periodic, (dtype, device, requires_grad), f)
}

fn hamming_samples() -> Vec<Sample> {
    let mut samples = samples();
    samples.push(Sample::new().arg(6).arg(true).arg(0.6).arg(0.4).kw("dtype", DType::F64));
    samples
}

/// The Hamming window `alpha - beta * cos(2 pi t)`; otherwise as `hann_window`.
///
/// >>> rt.hamming_window(4)
/// tensor([0.0800, 0.5400, 1.0000, 0.5400])
#[op(at = [rutile], sig = (window_length, periodic=true, alpha=0.54, beta=0.46, *, dtype=None, device=None, requires_grad=false), samples = hamming_samples, no_grad)]
pub fn hamming_window(
    window_length: i64,
    periodic: bool,
    alpha: f64,
    beta: f64,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let f = |t: f64| alpha - beta * (TAU * t).cos();
    window("hamming_window", window_length, periodic, (dtype, device, requires_grad), f)
}

/// The Blackman window `0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t)`; otherwise as `hann_window`.
///
/// >>> rt.blackman_window(5, periodic=False)[1:4]
/// tensor([0.3400, 1.0000, 0.3400])
#[op(at = [rutile], sig = (window_length, periodic=true, *, dtype=None, device=None, requires_grad=false), samples = samples, no_grad)]
pub fn blackman_window(
    window_length: i64,
    periodic: bool,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let f = |t: f64| 0.42 - 0.5 * (TAU * t).cos() + 0.08 * (2.0 * TAU * t).cos();
    window("blackman_window", window_length, periodic, (dtype, device, requires_grad), f)
}

/// The triangle window `1 - |2 t - 1|`; otherwise as `hann_window`.
///
/// >>> rt.bartlett_window(4)
/// tensor([0.0000, 0.5000, 1.0000, 0.5000])
#[op(at = [rutile], sig = (window_length, periodic=true, *, dtype=None, device=None, requires_grad=false), samples = samples, no_grad)]
pub fn bartlett_window(
    window_length: i64,
    periodic: bool,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let f = |t: f64| 1.0 - (2.0 * t - 1.0).abs();
    window("bartlett_window", window_length, periodic, (dtype, device, requires_grad), f)
}

/// The modified Bessel function `I0` by its power series (Abramowitz and Stegun, 9.6.12): all terms are positive.
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > f64::EPSILON * sum && k < 1e4 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

fn kaiser_samples() -> Vec<Sample> {
    let mut samples = samples();
    samples.push(Sample::new().arg(6).arg(true).arg(5.0).kw("dtype", DType::F64));
    samples
}

/// The Kaiser window `I0(beta sqrt(1 - (2 t - 1)**2)) / I0(beta)`; a larger `beta` makes it narrower. Otherwise as
/// `hann_window`.
///
/// >>> rt.kaiser_window(5, periodic=False, beta=2.0)
/// tensor([0.4387, 0.8348, 1.0000, 0.8348, 0.4387])
#[op(at = [rutile], sig = (window_length, periodic=true, beta=12.0, *, dtype=None, device=None, requires_grad=false), samples = kaiser_samples, no_grad)]
pub fn kaiser_window(
    window_length: i64,
    periodic: bool,
    beta: f64,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let f = |t: f64| bessel_i0(beta * (1.0 - (2.0 * t - 1.0).powi(2)).max(0.0).sqrt()) / bessel_i0(beta);
    window("kaiser_window", window_length, periodic, (dtype, device, requires_grad), f)
}
