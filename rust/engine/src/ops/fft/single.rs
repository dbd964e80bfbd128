//! Transforms along one axis.

use super::{
    Norm, axis_of, conjugate, points, prepared_complex, prepared_real, resized, transform, transform_real,
    transform_to_real,
};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::ops::registry::{Sample, Values};
use rutile_macros::op;

fn samples_of(first: impl Fn(&[usize]) -> Sample) -> Vec<Sample> {
    vec![
        first(&[8]),
        first(&[3, 5]),
        first(&[2, 6, 3]).arg(4).arg(1).arg("ortho"),
        first(&[4, 3]).kw("n", 7).kw("dim", 0).kw("norm", "forward"),
        first(&[2, 4]).kw("n", 1).kw("norm", "backward"),
    ]
}

fn complex_samples() -> Vec<Sample> {
    let mut samples = samples_of(|shape| Sample::new().values(shape, Values::Complex(-2.0, 2.0)));
    samples.push(Sample::new().tensor(&[2, 5]));
    samples.push(Sample::new().values(&[4], Values::Int(-3, 4)));
    samples
}

fn half_samples() -> Vec<Sample> {
    samples_of(|shape| Sample::new().values(shape, Values::Complex(-2.0, 2.0)))
}

fn real_samples() -> Vec<Sample> {
    let mut samples = samples_of(|shape| Sample::new().tensor(shape));
    samples.push(Sample::new().values(&[4], Values::Int(-3, 4)));
    samples
}

fn complex_to_complex(
    op: &str,
    input: &Tensor,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_complex(input)?;
    let (axis, norm) = (axis_of(op, dim, input.ndim())?, Norm::new(op, norm)?);
    let n = points(op, n.unwrap_or(input.shape()[axis] as i64))?;
    Ok(transform(&resized(&input, axis, n)?, axis, inverse, norm.scale(n, inverse)))
}

/// The discrete Fourier transform along axis `dim`: `X[k]` is the sum of `x[j] exp(-2 pi i jk / n)`, complex. The
/// input, real or complex, is cut or filled up with zeros to `n` points first. `norm` says which direction divides:
/// `"backward"` (the default) only the inverse, by `n`; `"forward"` only this one; `"ortho"` both, by `sqrt(n)`.
///
/// Stockham's passes of radix 2 to 8 and of odd primes, for long rows in two steps (Bailey, 1990); lengths with a prime
/// factor above 61 by Bluestein's convolution. The error grows with the logarithm of `n`.
/// Raises: RuntimeError if there are no points, or for another `norm`; IndexError if there is no axis `dim`.
///
/// >>> rt.fft.fft(rt.tensor([1.0, 0.0, 0.0, 0.0])).real
/// tensor([1., 1., 1., 1.])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = complex_samples, complex)]
pub fn fft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    complex_to_complex("fft", input, n, dim, norm, false)
}

/// The inverse of `fft`: the sum of `X[k] exp(2 pi i jk / n)` over `k`, divided by `n` unless `norm` says otherwise.
/// Arguments and errors as for `fft`.
///
/// >>> rt.fft.ifft(rt.fft.fft(rt.tensor([1.0, 2.0, 4.0, 8.0]))).real
/// tensor([1., 2., 4., 8.])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = complex_samples, complex)]
pub fn ifft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    complex_to_complex("ifft", input, n, dim, norm, true)
}

/// The first `n // 2 + 1` results of `fft` of real numbers; the others are their conjugates in reverse. `n`, `dim` and
/// `norm` as there.
/// Raises: RuntimeError for a complex input, and as `fft`.
///
/// >>> rt.fft.rfft(rt.ones(4)).real
/// tensor([4., 0., 0.])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = real_samples, complex)]
pub fn rfft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    from_real("rfft", input, n, dim, norm, false)
}

/// As `rfft` in the other direction: the first `n // 2 + 1` results of `ifft` of real numbers, the inverse of `hfft`.
/// Raises: RuntimeError for a complex input, and as `fft`.
///
/// >>> rt.fft.ihfft(rt.tensor([1.0, 2.0, 3.0, 2.0])).real
/// tensor([ 2.0000, -0.5000,  0.0000])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = real_samples, complex)]
pub fn ihfft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    from_real("ihfft", input, n, dim, norm, true)
}

/// The first half of the transform of real numbers in one direction.
pub(super) fn from_real(
    op: &str,
    input: &Tensor,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_real(op, input)?;
    let (axis, norm) = (axis_of(op, dim, input.ndim())?, Norm::new(op, norm)?);
    let n = points(op, n.unwrap_or(input.shape()[axis] as i64))?;
    let out = transform_real(&resized(&input, axis, n)?, axis, norm.scale(n, inverse));
    if inverse { conjugate(&out) } else { Ok(out) }
}

/// The inverse of `rfft`: `n` real numbers of which `input` holds the first half of the transform. `n` is by default
/// even: `2 * (m - 1)` for `m` values; the input is cut or filled up with zeros to `n // 2 + 1` of them. Imaginary
/// parts of values that real numbers cannot have are ignored. Errors as for `fft`.
///
/// >>> rt.fft.irfft(rt.fft.rfft(rt.tensor([1.0, 2.0, 4.0])), n=3)
/// tensor([1., 2., 4.])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = half_samples, complex)]
pub fn irfft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    to_real("irfft", input, n, dim, norm, true)
}

/// The `fft` of numbers that are conjugates of each other in reverse, of which `input` holds the first half: `n` real
/// numbers, by default `2 * (m - 1)` of `m` values. Errors as for `fft`.
///
/// >>> rt.fft.hfft(rt.tensor([1.0, 2.0, 3.0]))  # the fft of [1, 2, 3, 2]
/// tensor([ 8., -2.,  0., -2.])
#[op(at = [fft], sig = (input, n=None, dim=-1, norm=None), samples = half_samples, complex)]
pub fn hfft(input: &Tensor, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<Tensor> {
    to_real("hfft", input, n, dim, norm, false)
}

/// Real numbers from the first half of their transform in one direction.
pub(super) fn to_real(
    op: &str,
    input: &Tensor,
    n: Option<i64>,
    dim: i64,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_complex(input)?;
    let (axis, norm) = (axis_of(op, dim, input.ndim())?, Norm::new(op, norm)?);
    let n = points(op, n.unwrap_or(2 * (input.shape()[axis] as i64 - 1)))?;
    let input = resized(&input, axis, n / 2 + 1)?;
    let input = if inverse { input } else { conjugate(&input)? };
    Ok(transform_to_real(&input, axis, n, norm.scale(n, inverse)))
}
