//! Copies: contiguous, converted, cloned.

use super::registry::{Arg, Sample, Values};
use crate::array::{Array, DType, MemoryFormat, Strides, contiguous_strides};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, copy, map};
use rutile_macros::op;

// ---- on arrays ----

/// A contiguous copy.
pub fn contiguous_copy(array: &Array) -> Array {
    cast_copy(array, array.dtype())
}

/// The array itself if it is contiguous, else a contiguous copy.
pub fn contiguous_array(array: &Array) -> Array {
    if array.is_contiguous() { array.clone() } else { contiguous_copy(array) }
}

/// The array itself if it has this dtype, else a converted copy.
pub fn cast(array: &Array, dtype: DType) -> Array {
    if array.dtype() == dtype { array.clone() } else { cast_copy(array, dtype) }
}

/// Contiguous and of this dtype.
pub fn plain(array: &Array, dtype: DType) -> Array {
    if array.dtype() == dtype { contiguous_array(array) } else { cast_copy(array, dtype) }
}

fn cast_copy(array: &Array, dtype: DType) -> Array {
    let out = Array::uninit(dtype, array.shape());
    copy_into(array, &out);
    out
}

/// Writes `source` to `target`, converting (of complex numbers to real ones the real part); both have the same shape and do not overlap.
pub fn copy_into(source: &Array, target: &Array) {
    match (source.dtype().is_complex(), target.dtype().is_complex()) {
        (false, false) => {}
        (false, true) => {
            fill(&target.part(1), 0_i64.into());
            return copy_into(source, &target.part(0));
        }
        (true, false) => {
            copy_into(&source.part(0), target);
            if target.dtype() == DType::Bool {
                let imag = cast(&source.part(1), DType::Bool);
                map::zip(target.view::<bool>(), imag.view::<bool>(), target.view_mut::<bool>(), |a: bool, b: bool| {
                    a | b
                });
            }
            return;
        }
        (true, true) if source.is_contiguous() && target.is_contiguous() => {
            return copy_into(&source.parts(), &target.parts());
        }
        (true, true) => {
            // Rows of one part are longer than the pairs.
            return [0, 1].into_iter().for_each(|part| copy_into(&source.part(part), &target.part(part)));
        }
    }
    with_dtype!(source.dtype(), S => with_dtype!(target.dtype(), T => {
        copy::cast::<S, T>(source.view::<S>(), target.view_mut::<T>());
    }));
}

/// A new contiguous array filled with one value.
pub fn filled(dtype: DType, shape: &[usize], value: crate::array::Scalar) -> Array {
    let out = Array::uninit(dtype, shape);
    fill(&out, value);
    out
}

/// Writes one value everywhere.
pub fn fill(array: &Array, value: crate::array::Scalar) {
    use crate::array::Scalar;
    if array.dtype().is_complex() {
        fill(&array.part(0), value);
        return fill(&array.part(1), Scalar::Float(value.imag()));
    }
    with_dtype!(array.dtype(), T => {
        let element = match value {
            Scalar::Float(value) | Scalar::Complex(value, _) => T::from_f64(value),
            Scalar::Int(value) => T::from_i64(value),
            Scalar::Bool(value) => T::from_i64(i64::from(value)),
        };
        copy::fill(element, array.view_mut::<T>());
    });
}

/// Zeros.
pub fn zeros(dtype: DType, shape: &[usize]) -> Array {
    filled(dtype, shape, 0_i64.into())
}

/// Whether any element is zero.
pub fn any_zero(array: &Array) -> bool {
    any(array, |value| value == 0.0)
}

/// Whether any element is not zero.
pub fn any_nonzero(array: &Array) -> bool {
    any(array, |value| value != 0.0)
}

/// Whether any element is negative.
pub fn any_negative(array: &Array) -> bool {
    any(array, |value| value < 0.0)
}

fn any(array: &Array, test: impl Fn(f64) -> bool) -> bool {
    let array = contiguous_array(array);
    with_dtype!(array.dtype(), T => array.slice::<T>().iter().any(|&value| test(value.to_f64())))
}

// ---- on tensors ----

/// A contiguous copy in memory of its own, with its gradient.
pub fn clone(input: &Tensor) -> Result<Tensor> {
    let strides = contiguous_strides(&input.shape());
    Ok(copy_with(input, strides))
}

/// The tensor itself if it is contiguous, else a contiguous copy.
pub fn contiguous(input: &Tensor) -> Result<Tensor> {
    if input.with_array(Array::is_contiguous) { Ok(input.clone()) } else { clone(input) }
}

/// As [`to_dtype`], for values that are written to a tensor of that dtype: complex numbers do not become real.
pub fn for_writing(op: &str, value: &Tensor, dtype: DType) -> Result<Tensor> {
    if value.dtype().is_complex() && !dtype.is_complex() {
        fail!(DType, "{op}: {} values do not fit a tensor of {dtype}; take .real, .imag or abs()", value.dtype());
    }
    to_dtype(value, dtype)
}

fn copy_with(input: &Tensor, strides: Strides) -> Tensor {
    let array = input.array();
    let out = Array::uninit_dense(array.dtype(), array.shape(), strides);
    copy_into(&array, &out);
    record("clone", out, &[input], |g, grads| grads.push(|| Ok(g.clone())))
}

fn format_samples() -> Vec<Sample> {
    let format = |name: MemoryFormat| Arg::MemoryFormat(name);
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[]),
        Sample::new().tensor(&[0, 2]),
        Sample::new().tensor(&[2, 3, 2, 2]).kw("memory_format", format(MemoryFormat::ChannelsLast)),
        Sample::new().tensor(&[1, 2, 3, 1, 2]).kw("memory_format", format(MemoryFormat::ChannelsLast3d)),
        Sample::new().tensor(&[3, 2]).kw("memory_format", format(MemoryFormat::Contiguous)),
    ]
}

/// A copy in memory of its own, with its gradient: what is computed from it flows back to `input`. Its axes lie in
/// memory as those of `input` unless `memory_format` says otherwise.
///
/// >>> x = rt.tensor([1.0, 2.0])
/// >>> y = x.clone()
/// >>> y[0] = 9.0
/// >>> x
/// tensor([1., 2.])
#[op(name = "clone", at = [rutile, Tensor], sig = (input, *, memory_format=None), samples = format_samples, complex)]
pub fn clone_in(input: &Tensor, memory_format: Option<MemoryFormat>) -> Result<Tensor> {
    let format = memory_format.unwrap_or(MemoryFormat::Preserve);
    let strides = input.with_array(|array| format.strides_like("clone", array))?;
    Ok(copy_with(input, strides))
}

/// The tensor itself if its elements lie row by row without gaps (or in the order of `memory_format`), else a copy that
/// does.
/// Raises: ValueError if a copy is to have `memory_format=rt.preserve_format`, which is no order.
///
/// >>> x = rt.arange(6).reshape(2, 3).T
/// >>> x.is_contiguous(), x.contiguous().is_contiguous()
/// (False, True)
#[op(name = "contiguous", at = [Tensor], sig = (input, *, memory_format=None), samples = format_samples, complex)]
pub fn contiguous_in(input: &Tensor, memory_format: Option<MemoryFormat>) -> Result<Tensor> {
    let format = memory_format.unwrap_or(MemoryFormat::Contiguous);
    if input.with_array(|array| format.fits(array)) {
        return Ok(input.clone());
    }
    if format == MemoryFormat::Preserve {
        fail!(Value, "contiguous: preserve_format is no order of axes; ask for contiguous_format or channels_last");
    }
    clone_in(input, Some(format))
}

/// [`to_dtype()`] with the axes in another order, by default that of `input`.
pub fn to_dtype_in(input: &Tensor, dtype: DType, format: MemoryFormat) -> Result<Tensor> {
    let array = input.array();
    if array.dtype() == dtype || (format == MemoryFormat::Preserve && array.is_contiguous()) {
        return to_dtype(input, dtype);
    }
    let out = Array::uninit_dense(dtype, array.shape(), format.strides_like("to", &array)?);
    copy_into(&array, &out);
    Ok(record("to", out, &[input], |g, grads| grads.push(|| Ok(g.clone()))))
}

fn dtype_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).arg(DType::F64), Sample::new().values(&[3], Values::Int(-3, 3)).arg(DType::F32)]
}

/// The tensor itself if it has this dtype, else a converted copy. Floats become integers by truncation, complex numbers
/// real ones by their real part.
#[op(at = [], sig = (input, dtype), samples = dtype_samples, complex)]
pub fn to_dtype(input: &Tensor, dtype: DType) -> Result<Tensor> {
    if input.dtype() == dtype {
        return Ok(input.clone());
    }
    // The engine converts the gradient back to the input's dtype.
    Ok(record("to", cast(&input.array(), dtype), &[input], |g, grads| grads.push(|| Ok(g.clone()))))
}
