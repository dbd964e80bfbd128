//! Complex numbers: their parts, and what is made of parts.
//!
//! A complex array is a real one with a last axis of two, real part first ([`Array::parts`]): what moves or adds elements
//! runs on that. Gradients follow PyTorch's convention: of a real loss `L` by `x + iy` it is `dL/dx + i dL/dy`, so that the
//! gradient through a holomorphic `f` is `g * conj(f'(x))`.

mod arith;

pub use arith::{absolute, angle, conj, conj_physical, map, power, product, quotient, resolve_conj, resolve_neg, sgn};

use super::registry::{Sample, Values};
use super::{convert, special, view};
use crate::array::{Array, DType, broadcast_shapes};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

fn parts_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 2]), Sample::new().tensor(&[2]), Sample::new().tensor(&[0, 2])]
}

/// Pairs along the last axis as complex numbers, on the same bytes: (..., 2) of floats gives (...). The pairs must lie
/// together, at even places; `clone()` or `contiguous()` brings others there.
/// Raises: RuntimeError if the last axis is not a pair or lies otherwise, or the dtype is not float32 or float64.
///
/// >>> rt.view_as_complex(rt.tensor([[1.0, 2.0], [3.0, -4.0]]))
/// tensor([1.+2.j, 3.-4.j])
#[op(at = [rutile], sig = (input), samples = parts_samples, integers = refused)]
pub fn view_as_complex(input: &Tensor) -> Result<Tensor> {
    let array = input.array();
    if !matches!(array.dtype(), DType::F32 | DType::F64) {
        fail!(DType, "view_as_complex is only supported for float32 and float64 tensors, but got {}", array.dtype());
    }
    let (shape, strides) = (array.shape(), array.strides());
    match array.joined() {
        Some(out) => Ok(view::view("view_as_complex", input, out, view_as_real)),
        None if shape.last() != Some(&2) => {
            fail!(Shape, "view_as_complex: Tensor must have a last dimension of size 2, got {shape:?}")
        }
        None if strides.last() != Some(&1) => {
            fail!(Shape, "view_as_complex: Tensor must have a last dimension with stride 1, got strides {strides:?}")
        }
        None if !array.offset().is_multiple_of(2) => {
            fail!(Shape, "view_as_complex: Tensor must have a storage_offset divisible by 2, got {}", array.offset())
        }
        None => fail!(
            Shape,
            "view_as_complex: Tensor must have a stride divisible by 2 for all but last dimension, got {strides:?}"
        ),
    }
}

/// Pairs along the last axis as complex numbers; copied first where they do not lie together.
pub(super) fn join(parts: &Tensor) -> Result<Tensor> {
    if parts.with_array(|array| array.joined().is_some()) {
        view_as_complex(parts)
    } else {
        view_as_complex(&convert::clone(parts)?)
    }
}

fn complex_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[3, 4]), Sample::new().tensor(&[2, 1]).tensor(&[3])]
}

fn whole_samples() -> Vec<Sample> {
    let values = Values::Complex(-2.0, 2.0);
    vec![
        Sample::new().values(&[3, 4], values),
        Sample::new().values(&[], values),
        Sample::new().values(&[0, 2], values),
    ]
}

/// The real and imaginary parts of complex numbers along a new last axis of two, on the same bytes.
/// Raises: RuntimeError for a real tensor.
///
/// >>> rt.view_as_real(rt.tensor([1 + 2j, 3 - 4j]))
/// tensor([[ 1.,  2.],
///         [ 3., -4.]])
#[op(at = [rutile], sig = (input), samples = whole_samples, complex)]
pub fn view_as_real(input: &Tensor) -> Result<Tensor> {
    let array = input.array();
    if !array.dtype().is_complex() {
        fail!(DType, "view_as_real is only supported for complex tensors, but got {}", array.dtype());
    }
    Ok(view::view("view_as_real", input, array.parts(), join))
}

/// The real (0) or imaginary (1) parts, on the same bytes.
fn part(input: &Tensor, which: usize) -> Result<Tensor> {
    view::select_axis(&view_as_real(input)?, input.ndim(), which)
}

fn plain_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]), Sample::new().tensor(&[]), Sample::new().tensor(&[0, 2])]
}

/// The real parts, on the same bytes; a real tensor as it is.
///
/// >>> rt.real(rt.tensor([1 + 2j, 3 - 4j]))
/// tensor([1., 3.])
#[op(at = [rutile], sig = (input), samples = plain_samples, complex)]
pub fn real(input: &Tensor) -> Result<Tensor> {
    if input.dtype().is_complex() { part(input, 0) } else { Ok(input.clone()) }
}

/// The imaginary parts of a complex tensor, on the same bytes.
/// Raises: RuntimeError for a real tensor.
///
/// >>> rt.imag(rt.tensor([1 + 2j, 3 - 4j]))
/// tensor([ 2., -4.])
#[op(at = [rutile], sig = (input), samples = whole_samples, complex)]
pub fn imag(input: &Tensor) -> Result<Tensor> {
    if !input.dtype().is_complex() {
        fail!(DType, "imag is not implemented for tensors with non-complex dtypes, got {}", input.dtype());
    }
    part(input, 1)
}

/// Complex numbers of their real and imaginary parts: floats of one type, broadcast.
/// Raises: RuntimeError unless both are float32 or both float64.
///
/// >>> rt.complex(rt.tensor([1.0, 3.0]), rt.tensor([2.0, -4.0]))
/// tensor([1.+2.j, 3.-4.j])
#[op(at = [rutile], sig = (real, imag), samples = complex_samples, integers = refused)]
pub fn complex(real: &Tensor, imag: &Tensor) -> Result<Tensor> {
    let (a, b) = (real.array(), imag.array());
    if !matches!(a.dtype(), DType::F32 | DType::F64) || a.dtype() != b.dtype() {
        fail!(
            DType,
            "complex: Expected both inputs to be float32 or both float64, but got {} and {}",
            a.dtype(),
            b.dtype()
        );
    }
    let shape = broadcast_shapes("complex", a.shape(), b.shape())?;
    let out = Array::uninit(a.dtype().complex(), &shape);
    convert::copy_into(&a.expand("complex", &shape)?, &out.part(0));
    convert::copy_into(&b.expand("complex", &shape)?, &out.part(1));
    Ok(record("complex", out, &[real, imag], |g, grads| {
        grads.push(|| self::real(g))?;
        grads.push(|| self::imag(g))
    }))
}

fn polar_samples() -> Vec<Sample> {
    let length = Values::Float(0.2, 2.0);
    vec![Sample::new().values(&[3, 4], length).tensor(&[3, 4]), Sample::new().values(&[2, 1], length).tensor(&[3])]
}

/// Complex numbers of their absolute value and angle in radians: `abs * (cos(angle) + i sin(angle))`, broadcast.
/// Raises: RuntimeError unless both are float32 or both float64.
///
/// >>> rt.polar(rt.tensor([1.0, 2.0]), rt.tensor([0.0, rt.pi / 3]))
/// tensor([1.0000+0.0000j, 1.0000+1.7321j])
#[op(at = [rutile], sig = (abs, angle), samples = polar_samples, integers = refused)]
pub fn polar(abs: &Tensor, angle: &Tensor) -> Result<Tensor> {
    if !matches!(abs.dtype(), DType::F32 | DType::F64) || abs.dtype() != angle.dtype() {
        let (abs, angle) = (abs.dtype(), angle.dtype());
        fail!(DType, "polar: Expected both inputs to be float32 or both float64, but got {abs} and {angle}");
    }
    let (along, across) = (special::cos(angle)?, special::sin(angle)?);
    complex(&super::arith::mul(abs, &along)?, &super::arith::mul(abs, &across)?)
}
