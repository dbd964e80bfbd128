//! Where the results of a transform lie: their frequencies, and the order with zero in the middle.

use super::axis_of;
use crate::array::{Array, DType};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use crate::ops::create::{check_device, finish};
use crate::ops::registry::{Arg, Ints, Sample, Values};
use crate::ops::{convert, join};
use rutile_macros::op;

fn frequencies(
    op: &str,
    n: i64,
    d: f64,
    options: (Option<DType>, Arg, bool),
    count: i64,
    places: impl Iterator<Item = i64>,
) -> Result<Tensor> {
    let (dtype, device, requires_grad) = options;
    check_device(op, &device)?;
    let dtype = dtype.unwrap_or_else(DType::default_float);
    if !dtype.is_float() && !dtype.is_complex() {
        fail!(DType, "{op} requires a floating point or complex dtype, got {dtype}");
    }
    if n < 0 {
        fail!(Value, "{op}: n must not be negative, got {n}");
    }
    let step = 1.0 / (n as f64 * d);
    let out = Array::uninit(DType::F64, &[count as usize]);
    for (value, k) in out.slice_mut::<f64>().iter_mut().zip(places) {
        *value = k as f64 * step;
    }
    finish(convert::cast(&out, dtype), requires_grad)
}

fn samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(8),
        Sample::new().arg(7).arg(0.5),
        Sample::new().arg(5).kw("d", 2.0).kw("dtype", DType::F64),
        Sample::new().arg(1),
    ]
}

/// The frequencies of the `n` results of `fft`, of samples `d` apart: `[0, 1, ..., -2, -1] / (n d)`. The second half,
/// from `n / 2` on, is negative.
///
/// >>> rt.fft.fftfreq(4)
/// tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
#[op(at = [fft], sig = (n, d=1.0, *, dtype=None, device=None, requires_grad=false), samples = samples, no_grad)]
pub fn fftfreq(n: i64, d: f64, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    let places = (0..n).map(|k| if 2 * k < n { k } else { k - n });
    frequencies("fftfreq", n, d, (dtype, device, requires_grad), n, places)
}

/// The frequencies of the `n // 2 + 1` results of `rfft` of `n` samples `d` apart: `[0, 1, ...] / (n d)`.
///
/// >>> rt.fft.rfftfreq(4)
/// tensor([0.0000, 0.2500, 0.5000])
#[op(at = [fft], sig = (n, d=1.0, *, dtype=None, device=None, requires_grad=false), samples = samples, no_grad)]
pub fn rfftfreq(n: i64, d: f64, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    frequencies("rfftfreq", n, d, (dtype, device, requires_grad), n / 2 + 1, 0..=n / 2)
}

fn shift_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[5]),
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[3, 4]).arg(1),
        Sample::new().values(&[2, 3, 4], Values::Complex(-2.0, 2.0)).kw("dim", [0, -1]),
        Sample::new().tensor(&[0, 3]),
    ]
}

fn shifted(op: &str, input: &Tensor, dim: Option<Ints>, distance: impl Fn(i64) -> i64) -> Result<Tensor> {
    let dims = dim.unwrap_or_else(|| (0..input.ndim() as i64).collect());
    let mut shifts = Ints::new();
    for &dim in &dims {
        shifts.push(distance(input.shape()[axis_of(op, dim, input.ndim())?] as i64));
    }
    join::roll(input, shifts, Some(dims))
}

/// The results of a transform with frequency zero in the middle: halves of the axes `dim` (by default all) exchanged.
/// Raises: IndexError if there is no such axis.
///
/// >>> rt.fft.fftshift(rt.fft.fftfreq(4))
/// tensor([-0.5000, -0.2500,  0.0000,  0.2500])
#[op(at = [fft], sig = (input, dim=None), samples = shift_samples, complex)]
pub fn fftshift(input: &Tensor, dim: Option<Ints>) -> Result<Tensor> {
    shifted("fftshift", input, dim, |n| n / 2)
}

/// The inverse of `fftshift`: frequency zero comes first again.
/// Raises: IndexError if there is no such axis.
///
/// >>> rt.fft.ifftshift(rt.tensor([-2, -1, 0, 1]))
/// tensor([ 0,  1, -2, -1])
#[op(at = [fft], sig = (input, dim=None), samples = shift_samples, complex)]
pub fn ifftshift(input: &Tensor, dim: Option<Ints>) -> Result<Tensor> {
    shifted("ifftshift", input, dim, |n| (n + 1) / 2)
}
