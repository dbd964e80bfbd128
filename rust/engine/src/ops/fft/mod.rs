//! Fourier transforms, of any number of axes, real and complex.
//!
//! Three steps carry everything: complex to complex, real to half its results, and from half the results back to real
//! numbers. They are closed under differentiation. The derivative of the first is the one in the other direction with
//! the same scale. The gradient of real numbers sums over results whose conjugates were left out, so it is the third of
//! the gradient with its inner results halved, and the other way round with them doubled.

mod frames;
mod grids;
mod several;
mod single;

pub use frames::*;
pub use grids::*;
pub use several::*;
pub use single::*;

use super::softmax::around;
use super::{arith, complex, convert, join, view};
use crate::array::{Array, DType, Shape};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::fft as kernels;

// ---- arguments ----

/// What `norm` says about one axis of `n`: the factor of a transform in this direction.
#[derive(Clone, Copy)]
enum Norm {
    Forward,
    Backward,
    Ortho,
}

impl Norm {
    fn new(op: &str, norm: Option<&str>) -> Result<Norm> {
        Ok(match norm {
            None | Some("backward") => Norm::Backward,
            Some("forward") => Norm::Forward,
            Some("ortho") => Norm::Ortho,
            Some(other) => fail!(
                Value,
                "{op}: Invalid normalization mode: \"{other}\"; it is 'forward', 'backward' (the default) or 'ortho'"
            ),
        })
    }

    fn scale(self, n: usize, inverse: bool) -> f64 {
        match (self, inverse) {
            (Norm::Ortho, _) => 1.0 / (n as f64).sqrt(),
            (Norm::Forward, false) | (Norm::Backward, true) => 1.0 / n as f64,
            _ => 1.0,
        }
    }
}

/// `input` as floats or complex numbers of single or double precision. There is no complex type of two halves: 16-bit
/// floats give single precision, where PyTorch refuses them.
fn prepared(input: &Tensor) -> Result<Tensor> {
    match input.dtype() {
        DType::F32 | DType::F64 | DType::C64 | DType::C128 => Ok(input.clone()),
        dtype if dtype.is_float() => convert::to_dtype(input, DType::F32),
        _ => convert::to_dtype(input, DType::default_float()),
    }
}

fn prepared_complex(input: &Tensor) -> Result<Tensor> {
    let input = prepared(input)?;
    convert::to_dtype(&input, input.dtype().complex())
}

fn prepared_real(op: &str, input: &Tensor) -> Result<Tensor> {
    if input.dtype().is_complex() {
        fail!(DType, "{op} expects a real input tensor, but got {}", input.dtype());
    }
    prepared(input)
}

fn axis_of(op: &str, dim: i64, ndim: usize) -> Result<usize> {
    if ndim == 0 {
        fail!(Index, "{op}: Dimension specified as {dim} but tensor has no dimensions");
    }
    crate::array::normalize_axis(op, dim, ndim)
}

/// A number of points, which has to be positive.
fn points(op: &str, n: i64) -> Result<usize> {
    match usize::try_from(n) {
        Ok(n) if n > 0 => Ok(n),
        _ => fail!(Value, "{op}: Invalid number of data points ({n}) specified"),
    }
}

/// `input` cut or filled up with zeros to `n` along an axis.
fn resized(input: &Tensor, axis: usize, n: usize) -> Result<Tensor> {
    let (extent, ndim) = (input.shape()[axis], input.ndim());
    if extent > n {
        return view::slice_axis(input, axis, 0, n, 1);
    }
    if extent == n {
        return Ok(input.clone());
    }
    let mut widths = vec![0; 2 * (ndim - axis)];
    widths[2 * (ndim - axis) - 1] = (n - extent) as i64;
    join::pad_constant(input, &widths, 0.0)
}

// ---- the three steps ----

/// The array with an axis last, contiguous.
fn with_last(array: &Array, axis: usize) -> Array {
    convert::contiguous_array(&array.permute(&order(array.ndim(), axis)))
}

/// The inverse of [`with_last`].
fn from_last(array: &Array, axis: usize) -> Array {
    let order = order(array.ndim(), axis);
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    convert::contiguous_array(&array.permute(&back))
}

fn order(ndim: usize, axis: usize) -> Vec<usize> {
    (0..ndim).filter(|&other| other != axis).chain([axis]).collect()
}

fn replaced(shape: &[usize], axis: usize, n: usize) -> Shape {
    let mut shape = Shape::from_slice(shape);
    shape[axis] = n;
    shape
}

/// The transform of complex numbers along an axis.
fn transform(input: &Tensor, axis: usize, inverse: bool, scale: f64) -> Tensor {
    let array = input.array();
    let (outer, n, inner) = around(array.shape(), axis);
    let beside = inner >= 4 && kernels::side_by_side(n);
    let x = if beside || inner == 1 { convert::contiguous_array(&array) } else { with_last(&array, axis) };
    let out = Array::uninit(x.dtype(), x.shape());
    let (parts, results) = (x.parts(), out.parts());
    with_dtype!(reals parts.dtype(), T => {
        let (x, out) = (parts.slice::<T>(), results.slice_mut::<T>());
        if beside {
            kernels::columns([outer, n, inner], inverse, scale, x, out);
        } else {
            kernels::rows(outer * inner, n, inverse, scale, x, out);
        }
    });
    let out = if beside || inner == 1 { out } else { from_last(&out, axis) };
    record("fft", out, &[input], move |g, grads| grads.push(|| Ok(transform(g, axis, !inverse, scale))))
}

/// The first half of the transform of real numbers along an axis.
fn transform_real(input: &Tensor, axis: usize, scale: f64) -> Tensor {
    let array = input.array();
    let n = array.shape()[axis];
    let x = with_last(&array, axis);
    let shape = replaced(x.shape(), x.ndim() - 1, n / 2 + 1);
    let out = Array::uninit(x.dtype().complex(), &shape);
    let (count, results) = (x.len() / n, out.parts());
    with_dtype!(reals x.dtype(), T => kernels::real(count, n, scale, x.slice::<T>(), results.slice_mut::<T>()));
    record("rfft", from_last(&out, axis), &[input], move |g, grads| {
        grads.push(|| Ok(transform_to_real(&inner_times(g, axis, n, 0.5)?, axis, n, scale)))
    })
}

/// `n` real numbers along an axis from the first half of their transform.
fn transform_to_real(input: &Tensor, axis: usize, n: usize, scale: f64) -> Tensor {
    let x = with_last(&input.array(), axis);
    let shape = replaced(x.shape(), x.ndim() - 1, n);
    let out = Array::uninit(x.dtype().real(), &shape);
    let (count, parts) = (out.len() / n, x.parts());
    with_dtype!(reals parts.dtype(), T => {
        kernels::real_inverse(count, n, scale, parts.slice::<T>(), out.slice_mut::<T>());
    });
    record("irfft", from_last(&out, axis), &[input], move |g, grads| {
        grads.push(|| inner_times(&transform_real(g, axis, scale), axis, n, 2.0))
    })
}

/// Half a transform of `n` real numbers, times `factor` where the conjugate belongs to the other half.
fn inner_times(input: &Tensor, axis: usize, n: usize, factor: f64) -> Result<Tensor> {
    let half = n / 2 + 1;
    let values: Vec<f64> = (0..half).map(|k| if k == 0 || 2 * k == n { 1.0 } else { factor }).collect();
    let mut shape = vec![1; input.ndim() + 1 - axis];
    shape[0] = half;
    times_parts(input, &Array::from_slice(&values, &shape))
}

/// The conjugates.
fn conjugate(input: &Tensor) -> Result<Tensor> {
    times_parts(input, &Array::from_slice(&[1.0, -1.0], &[2]))
}

/// Complex numbers, their parts times real factors.
fn times_parts(input: &Tensor, factors: &Array) -> Result<Tensor> {
    let factors = Tensor::from(convert::cast(factors, input.dtype().real()));
    complex::view_as_complex(&arith::mul(&complex::view_as_real(input)?, &factors)?)
}
