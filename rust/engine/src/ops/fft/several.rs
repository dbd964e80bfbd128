//! Transforms along several axes, one after the other.

use super::{Norm, axis_of, points, prepared_complex, prepared_real, resized, single, transform};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use crate::ops::registry::{Ints, Sample, Values};
use rutile_macros::op;

/// An axis, and how many points it is to have if not as many as it has.
type Axis = (usize, Option<i64>);

/// The axes, and how many points each has: of `s` where it says, else `None`.
fn sizes(op: &str, ndim: usize, s: Option<&Ints>, dim: Option<&Ints>) -> Result<Vec<Axis>> {
    let mut axes = Vec::new();
    match (s, dim) {
        (_, Some(dim)) => {
            for &dim in dim.iter() {
                let axis = axis_of(op, dim, ndim)?;
                if axes.contains(&axis) {
                    fail!(Value, "{op}: FFT dims must be unique, but axis {axis} appears twice");
                }
                axes.push(axis);
            }
            if let Some(s) = s.filter(|s| s.len() != axes.len()) {
                fail!(
                    Value,
                    "{op}: When given, dim and shape arguments must have the same length, got {} and {}",
                    axes.len(),
                    s.len()
                );
            }
        }
        (Some(s), None) => {
            let Some(first) = ndim.checked_sub(s.len()) else {
                fail!(Value, "{op}: Got shape with {} values but input tensor only has {ndim} dimensions.", s.len());
            };
            axes.extend(first..ndim);
        }
        (None, None) => axes.extend(0..ndim),
    }
    // -1: as many as there are.
    let of = |i: usize| s.map(|s| s[i]).filter(|&n| n != -1);
    Ok(axes.into_iter().enumerate().map(|(i, axis)| (axis, of(i))).collect())
}

/// Complex transforms along the axes.
fn over(op: &str, input: Tensor, axes: &[Axis], norm: Norm, inverse: bool) -> Result<Tensor> {
    let mut out = input;
    for &(axis, n) in axes.iter().rev() {
        let n = points(op, n.unwrap_or(out.shape()[axis] as i64))?;
        out = transform(&resized(&out, axis, n)?, axis, inverse, norm.scale(n, inverse));
    }
    Ok(out)
}

fn complex_axes(
    op: &str,
    input: &Tensor,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_complex(input)?;
    let axes = sizes(op, input.ndim(), s, dim)?;
    over(op, input, &axes, Norm::new(op, norm)?, inverse)
}

fn split_last<'a>(op: &str, axes: &'a [Axis]) -> Result<(Axis, &'a [Axis])> {
    match axes.split_last() {
        Some((&last, others)) => Ok((last, others)),
        None => fail!(Value, "{op} must transform at least one axis, got ()"),
    }
}

fn real_axes(
    op: &str,
    input: &Tensor,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_real(op, input)?;
    let axes = sizes(op, input.ndim(), s, dim)?;
    let ((last, n), others) = split_last(op, &axes)?;
    let half = single::from_real(op, &input, n, last as i64, norm, inverse)?;
    over(op, half, others, Norm::new(op, norm)?, inverse)
}

fn axes_to_real(
    op: &str,
    input: &Tensor,
    s: Option<&Ints>,
    dim: Option<&Ints>,
    norm: Option<&str>,
    inverse: bool,
) -> Result<Tensor> {
    let input = prepared_complex(input)?;
    let axes = sizes(op, input.ndim(), s, dim)?;
    let ((last, n), others) = split_last(op, &axes)?;
    let whole = over(op, input, others, Norm::new(op, norm)?, inverse)?;
    single::to_real(op, &whole, n, last as i64, norm, inverse)
}

fn samples_of(first: impl Fn(&[usize]) -> Sample) -> Vec<Sample> {
    vec![
        first(&[3, 4]),
        first(&[2, 3, 5]).arg([4, 3]).arg([0, 2]).arg("ortho"),
        first(&[3, 2, 4]).kw("s", [2, 6]).kw("dim", [-1, 0]).kw("norm", "forward"),
        first(&[2, 4, 5]).kw("s", [-1, 3]).kw("dim", [1, 2]).kw("norm", "backward"),
    ]
}

fn any_samples(first: impl Fn(&[usize]) -> Sample) -> Vec<Sample> {
    let mut samples = samples_of(&first);
    samples.extend([first(&[2, 3, 4]), first(&[2, 3, 4]).kw("s", [3]), first(&[3, 4]).kw("dim", [0])]);
    samples
}

fn complex_values(shape: &[usize]) -> Sample {
    Sample::new().values(shape, Values::Complex(-2.0, 2.0))
}

fn complex_samples() -> Vec<Sample> {
    any_samples(complex_values)
}

fn real_samples() -> Vec<Sample> {
    any_samples(|shape| Sample::new().tensor(shape))
}

fn complex_pairs() -> Vec<Sample> {
    samples_of(complex_values)
}

fn real_pairs() -> Vec<Sample> {
    samples_of(|shape| Sample::new().tensor(shape))
}

fn last_two() -> Option<Ints> {
    Some(Ints::from_slice(&[-2, -1]))
}

/// `fft` along several axes: those of `dim`, or the last of which `s` gives the points, or all. `norm` as for `fft`,
/// over the points of all axes.
/// Raises: RuntimeError if an axis is named twice, has no points, or `s` and `dim` differ in length.
///
/// >>> rt.fft.fftn(rt.tensor([[1.0, 2.0], [3.0, 4.0]])).real
/// tensor([[10., -2.],
///         [-4.,  0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_samples, complex)]
pub fn fftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    complex_axes("fftn", input, s.as_ref(), dim.as_ref(), norm, false)
}

/// The inverse of `fftn`, with its arguments and errors.
///
/// >>> x = rt.tensor([[1.0, 2.0], [3.0, 4.0]])
/// >>> rt.fft.ifftn(rt.fft.fftn(x)).real
/// tensor([[1., 2.],
///         [3., 4.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_samples, complex)]
pub fn ifftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    complex_axes("ifftn", input, s.as_ref(), dim.as_ref(), norm, true)
}

/// `fftn` of real numbers, of the last axis only the first half: `rfft` along it, then `fft` along the others.
/// Raises: RuntimeError for a complex input, and as `fftn`.
///
/// >>> rt.fft.rfftn(rt.ones(4, 6)).shape
/// rutile.Size([4, 4])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = real_samples, complex)]
pub fn rfftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    real_axes("rfftn", input, s.as_ref(), dim.as_ref(), norm, false)
}

/// The inverse of `rfftn`: real numbers. The last entry of `s` is by default even, see `irfft`. Errors as for `fftn`.
///
/// >>> x = rt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
/// >>> rt.fft.irfftn(rt.fft.rfftn(x), s=x.shape)
/// tensor([[1., 2., 3.],
///         [4., 5., 6.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_samples, complex)]
pub fn irfftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    axes_to_real("irfftn", input, s.as_ref(), dim.as_ref(), norm, true)
}

/// The `fftn` of numbers that equal their conjugates in reverse along all axes, of which `input` holds the first half
/// along the last one: real numbers. Errors as for `fftn`.
///
/// >>> rt.fft.hfftn(rt.ones(2, 3))
/// tensor([[8., 0., 0., 0.],
///         [0., 0., 0., 0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_samples, complex)]
pub fn hfftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    axes_to_real("hfftn", input, s.as_ref(), dim.as_ref(), norm, false)
}

/// The inverse of `hfftn`: `ihfft` along the last axis, then `ifft` along the others.
/// Raises: RuntimeError for a complex input, and as `fftn`.
///
/// >>> rt.fft.ihfftn(rt.ones(2, 4)).real
/// tensor([[1., 0., 0.],
///         [0., 0., 0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = real_samples, complex)]
pub fn ihfftn(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    real_axes("ihfftn", input, s.as_ref(), dim.as_ref(), norm, true)
}

/// `fftn` along two axes, by default the last ones.
///
/// >>> rt.fft.fft2(rt.tensor([[1.0, 2.0], [3.0, 4.0]])).real
/// tensor([[10., -2.],
///         [-4.,  0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_pairs, complex)]
pub fn fft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    complex_axes("fft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, false)
}

/// `ifftn` along two axes, by default the last ones.
///
/// >>> rt.fft.ifft2(rt.tensor([[10.0, -2.0], [-4.0, 0.0]])).real
/// tensor([[1., 2.],
///         [3., 4.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_pairs, complex)]
pub fn ifft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    complex_axes("ifft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, true)
}

/// `rfftn` along two axes, by default the last ones.
///
/// >>> rt.fft.rfft2(rt.ones(3, 8, 8)).shape
/// rutile.Size([3, 8, 5])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = real_pairs, complex)]
pub fn rfft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    real_axes("rfft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, false)
}

/// `irfftn` along two axes, by default the last ones.
///
/// >>> rt.fft.irfft2(rt.tensor([[4.0, 0.0], [0.0, 0.0]]))
/// tensor([[1., 1.],
///         [1., 1.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_pairs, complex)]
pub fn irfft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    axes_to_real("irfft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, true)
}

/// `hfftn` along two axes, by default the last ones.
///
/// >>> rt.fft.hfft2(rt.ones(2, 3))
/// tensor([[8., 0., 0., 0.],
///         [0., 0., 0., 0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = complex_pairs, complex)]
pub fn hfft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    axes_to_real("hfft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, false)
}

/// `ihfftn` along two axes, by default the last ones.
///
/// >>> rt.fft.ihfft2(rt.ones(2, 4)).real
/// tensor([[1., 0., 0.],
///         [0., 0., 0.]])
#[op(at = [fft], sig = (input, s=None, dim=None, norm=None), samples = real_pairs, complex)]
pub fn ihfft2(input: &Tensor, s: Option<Ints>, dim: Option<Ints>, norm: Option<&str>) -> Result<Tensor> {
    real_axes("ihfft2", input, s.as_ref(), dim.or_else(last_two).as_ref(), norm, true)
}
