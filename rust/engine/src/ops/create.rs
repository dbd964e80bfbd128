//! New tensors.

use super::registry::{Arg, Ints, Sample, Values};
use super::{compare, convert, inplace};
use crate::array::{Array, DType, MemoryFormat, Scalar, Shape};
use crate::autograd::{Tensor, tracked};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::Element;
use rutile_macros::op;
use smallvec::smallvec;

/// Refuses every device but the CPU.
pub fn check_device(op: &str, device: &Arg) -> Result<()> {
    match device {
        Arg::None => Ok(()),
        Arg::Str(name) if name == "cpu" || name.starts_with("cpu:") => Ok(()),
        // A `device` object: only those of the CPU can be made.
        Arg::Other(kind) if kind == "device" || kind.ends_with(".device") => Ok(()),
        Arg::Str(name) => {
            fail!(
                Unsupported,
                "{op}: Rutile computes on the CPU, there is no device {name:?}; use device='cpu' or leave it out"
            )
        }
        _ => fail!(Type, "{op}(): argument 'device' must be 'cpu', a device or None"),
    }
}

/// Refuses every layout but the strided one.
pub fn check_layout(op: &str, layout: &Arg) -> Result<()> {
    match layout {
        Arg::None => Ok(()),
        // A `layout` object: there is just `strided`.
        Arg::Other(kind) if kind == "layout" => Ok(()),
        _ => fail!(Type, "{op}(): argument 'layout' must be rutile.strided or None: tensors are dense here"),
    }
}

/// A size as Python gives it; negative extents are an error.
pub fn shape_of(op: &str, size: &[i64]) -> Result<Shape> {
    if let Some(extent) = size.iter().find(|&&n| n < 0) {
        fail!(Shape, "{op}: Trying to create tensor with negative dimension {extent}: {size:?}");
    }
    let bytes = size.iter().try_fold(16_i64, |bytes, &n| bytes.checked_mul(n.max(1)));
    if bytes.is_none() {
        fail!(Shape, "{op}: a tensor of size {size:?} does not fit into memory");
    }
    Ok(size.iter().map(|&n| n as usize).collect())
}

/// The tensor that a creation function returns.
pub fn finish(array: Array, requires_grad: bool) -> Result<Tensor> {
    let tensor = Tensor::from(array);
    tensor.set_requires_grad(requires_grad)?;
    Ok(tensor)
}

fn new(
    op: &str,
    size: &[i64],
    value: Option<Scalar>,
    dtype: DType,
    device: &Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device(op, device)?;
    let shape = shape_of(op, size)?;
    if let Some(Scalar::Complex(re, im)) = value
        && !dtype.is_complex()
    {
        fail!(DType, "{op}: {re}{im:+}j is complex and cannot fill a tensor of {dtype}");
    }
    let array = match value {
        Some(value) => convert::filled(dtype, &shape, value),
        None => Array::uninit(dtype, &shape),
    };
    finish(array, requires_grad)
}

const ZERO: Option<Scalar> = Some(Scalar::Int(0));
const ONE: Option<Scalar> = Some(Scalar::Int(1));

/// The dtype that a Python number has as a tensor.
fn dtype_of(value: Scalar) -> DType {
    DType::of_number(value.dtype())
}

// ---- by size ----

fn size_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg([2, 3]),
        Sample::new().arg([0; 0]),
        Sample::new().arg([0, 2]).kw("dtype", DType::I32),
        Sample::new().arg([4]).kw("dtype", DType::F64).kw("device", "cpu"),
    ]
}

/// Zeros of shape `size`, by default in the default float type. `size` is several integers or one sequence, as in all
/// functions that create tensors.
/// Raises: RuntimeError if a size is negative.
///
/// >>> rt.zeros(2, 3)
/// tensor([[0., 0., 0.],
///         [0., 0., 0.]])
/// >>> rt.zeros((2,), dtype=rt.int64)
/// tensor([0, 0])
#[op(at = [rutile], sig = (*size, *, dtype=None, device=None, requires_grad=false), samples = size_samples, no_grad, complex)]
pub fn zeros(size: Ints, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    new("zeros", &size, ZERO, dtype.unwrap_or_else(DType::default_float), &device, requires_grad)
}

/// Ones of shape `size`, by default in the default float type.
/// Raises: RuntimeError if a size is negative.
///
/// >>> rt.ones(2, 3)
/// tensor([[1., 1., 1.],
///         [1., 1., 1.]])
#[op(at = [rutile], sig = (*size, *, dtype=None, device=None, requires_grad=false), samples = size_samples, no_grad, complex)]
pub fn ones(size: Ints, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    new("ones", &size, ONE, dtype.unwrap_or_else(DType::default_float), &device, requires_grad)
}

/// A tensor of shape `size` that holds anything: write before you read. By default in the default float type.
/// Raises: RuntimeError if a size is negative.
///
/// >>> rt.empty(2, 3).fill_(7.0)
/// tensor([[7., 7., 7.],
///         [7., 7., 7.]])
#[op(at = [rutile], sig = (*size, *, dtype=None, device=None, requires_grad=false, memory_format=None), samples = size_samples, no_grad, complex)]
pub fn empty(
    size: Ints,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    check_device("empty", &device)?;
    let shape = shape_of("empty", &size)?;
    let strides = memory_format.unwrap_or(MemoryFormat::Contiguous).strides("empty", &shape)?;
    finish(Array::uninit_dense(dtype.unwrap_or_else(DType::default_float), &shape, strides), requires_grad)
}

fn full_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg([2, 3]).arg(1.5),
        Sample::new().arg([2]).arg(7),
        Sample::new().arg([2]).arg(true),
        Sample::new().arg([0; 0]).arg(3).kw("dtype", DType::F64),
    ]
}

/// A tensor of shape `size` filled with one number, whose type is the default dtype: int64 for an integer.
/// Raises: RuntimeError if a size is negative.
///
/// >>> rt.full((2, 2), 7)
/// tensor([[7, 7],
///         [7, 7]])
/// >>> rt.full((2,), 0.5)
/// tensor([0.5000, 0.5000])
#[op(at = [rutile], sig = (size, fill_value, *, dtype=None, device=None, requires_grad=false), samples = full_samples, no_grad, complex)]
pub fn full(size: Ints, fill_value: Scalar, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    let dtype = dtype.unwrap_or_else(|| dtype_of(fill_value));
    new("full", &size, Some(fill_value), dtype, &device, requires_grad)
}

// ---- by example ----

/// A tensor of the shape of `input`, and of its dtype and order of axes unless told otherwise.
fn like(
    op: &str,
    input: &Tensor,
    value: Option<Scalar>,
    dtype: Option<DType>,
    device: &Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    check_device(op, device)?;
    let array = input.array();
    let out = uninit_like(op, &array, dtype.unwrap_or(array.dtype()), memory_format)?;
    if let Some(value) = value {
        convert::fill(&out, value);
    }
    finish(out, requires_grad)
}

/// An array of the shape and order of axes of `source`.
pub fn uninit_like(op: &str, source: &Array, dtype: DType, memory_format: Option<MemoryFormat>) -> Result<Array> {
    let strides = memory_format.unwrap_or(MemoryFormat::Preserve).strides_like(op, source)?;
    Ok(Array::uninit_dense(dtype, source.shape(), strides))
}

fn like_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0)),
        Sample::new().values(&[3], Values::Int(0, 5)),
        Sample::new().values(&[3], Values::Int(0, 5)).kw("dtype", DType::F64),
    ]
}

/// Zeros of the shape and dtype of `input`, and with its order of axes in memory.
///
/// >>> rt.zeros_like(rt.tensor([[1, 2], [3, 4]]))
/// tensor([[0, 0],
///         [0, 0]])
#[op(at = [rutile], sig = (input, *, dtype=None, device=None, requires_grad=false, memory_format=None), samples = like_samples, no_grad, complex)]
pub fn zeros_like(
    input: &Tensor,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    like("zeros_like", input, ZERO, dtype, &device, requires_grad, memory_format)
}

/// Ones of the shape and dtype of `input`, and with its order of axes in memory.
///
/// >>> rt.ones_like(rt.tensor([1, 2]), dtype=rt.float32)
/// tensor([1., 1.])
#[op(at = [rutile], sig = (input, *, dtype=None, device=None, requires_grad=false, memory_format=None), samples = like_samples, no_grad, complex)]
pub fn ones_like(
    input: &Tensor,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    like("ones_like", input, ONE, dtype, &device, requires_grad, memory_format)
}

/// A tensor of the shape and dtype of `input`, and with its order of axes in memory, that holds anything: write before
/// you read.
///
/// >>> rt.empty_like(rt.tensor([[1, 2], [3, 4]])).shape
/// rutile.Size([2, 2])
#[op(at = [rutile], sig = (input, *, dtype=None, device=None, requires_grad=false, memory_format=None), samples = like_samples, no_grad, complex)]
pub fn empty_like(
    input: &Tensor,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    like("empty_like", input, None, dtype, &device, requires_grad, memory_format)
}

fn full_like_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0)).arg(1.5),
        Sample::new().values(&[3], Values::Int(0, 5)).arg(2.7),
    ]
}

/// A tensor of the shape and dtype of `input`, and with its order of axes in memory, filled with one number.
///
/// >>> rt.full_like(rt.tensor([1.0, 2.0]), 5)
/// tensor([5., 5.])
#[op(at = [rutile], sig = (input, fill_value, *, dtype=None, device=None, requires_grad=false, memory_format=None), samples = full_like_samples, no_grad, complex)]
pub fn full_like(
    input: &Tensor,
    fill_value: Scalar,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    like("full_like", input, Some(fill_value), dtype, &device, requires_grad, memory_format)
}

fn new_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0)).arg([4, 1]),
        Sample::new().values(&[3], Values::Int(0, 5)).arg([2]).kw("dtype", DType::F64),
    ]
}

/// Zeros of shape `size` and the dtype of `input`.
///
/// >>> rt.tensor([1, 2]).new_zeros(2, 3)
/// tensor([[0, 0, 0],
///         [0, 0, 0]])
#[op(at = [Tensor], sig = (input, *size, dtype=None, device=None, requires_grad=false), samples = new_samples, no_grad, complex)]
pub fn new_zeros(input: &Tensor, size: Ints, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    new("new_zeros", &size, ZERO, dtype.unwrap_or(input.dtype()), &device, requires_grad)
}

/// Ones of shape `size` and the dtype of `input`.
///
/// >>> rt.tensor([1, 2]).new_ones(3)
/// tensor([1, 1, 1])
#[op(at = [Tensor], sig = (input, *size, dtype=None, device=None, requires_grad=false), samples = new_samples, no_grad, complex)]
pub fn new_ones(input: &Tensor, size: Ints, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    new("new_ones", &size, ONE, dtype.unwrap_or(input.dtype()), &device, requires_grad)
}

/// A tensor of shape `size` and the dtype of `input` that holds anything: write before you read.
///
/// >>> rt.tensor([1, 2]).new_empty(2, 3).shape
/// rutile.Size([2, 3])
#[op(at = [Tensor], sig = (input, *size, dtype=None, device=None, requires_grad=false), samples = new_samples, no_grad, complex)]
pub fn new_empty(input: &Tensor, size: Ints, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    new("new_empty", &size, None, dtype.unwrap_or(input.dtype()), &device, requires_grad)
}

fn new_full_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[2], Values::Constant(-2.0, 2.0)).arg([4, 1]).arg(1.5)]
}

/// A tensor of shape `size` and the dtype of `input` filled with one number.
///
/// >>> rt.tensor([1.0, 2.0]).new_full((3,), 5)
/// tensor([5., 5., 5.])
#[op(at = [Tensor], sig = (input, size, fill_value, *, dtype=None, device=None, requires_grad=false), samples = new_full_samples, no_grad, complex)]
pub fn new_full(
    input: &Tensor,
    size: Ints,
    fill_value: Scalar,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    new("new_full", &size, Some(fill_value), dtype.unwrap_or(input.dtype()), &device, requires_grad)
}

// ---- sequences ----

fn arange_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(5),
        Sample::new().arg(1).arg(6).arg(2),
        Sample::new().arg(5).arg(0).arg(-2),
        Sample::new().arg(0).arg(1).arg(0.3),
        Sample::new().arg(3).arg(3),
        Sample::new().arg(4).kw("dtype", DType::F64),
    ]
}

/// `start, start + step, ...` up to but without `end`: `arange(end)`, `arange(start, end, step=1)`. Integers give
/// int64, floats the default float type. Floats are `start + i * step`, computed in float64 and rounded once.
/// Raises: ValueError if `step` is 0 or leads away from `end`, or a bound is not finite.
///
/// >>> rt.arange(5)
/// tensor([0, 1, 2, 3, 4])
/// >>> rt.arange(1.0, 2.0, 0.25)
/// tensor([1.0000, 1.2500, 1.5000, 1.7500])
#[op(at = [rutile], sig = (start=None, end=None, step=1, *, dtype=None, device=None, requires_grad=false), samples = arange_samples, no_grad)]
pub fn arange(
    start: Option<Scalar>,
    end: Option<Scalar>,
    step: Scalar,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("arange", &device)?;
    let (start, end) = match (start, end) {
        (None, None) => fail!(Type, "arange() needs an end: arange(end) or arange(start, end, step=1)"),
        (Some(end), None) | (None, Some(end)) => (Scalar::Int(0), end),
        (Some(start), Some(end)) => (start, end),
    };
    let whole = [start, end, step].iter().all(|value| !matches!(value, Scalar::Float(_)));
    let dtype = dtype.unwrap_or_else(|| if whole { DType::I64 } else { DType::default_float() });
    let (a, b, d) = (start.to_f64(), end.to_f64(), step.to_f64());
    if d == 0.0 || !(a.is_finite() && b.is_finite() && d.is_finite()) {
        fail!(Value, "arange: start {a}, end {b} and step {d} must be finite, and step must be nonzero");
    }
    if (b - a) * d < 0.0 {
        fail!(Value, "arange: upper bound and lower bound inconsistent with step sign: from {a} to {b} by {d}");
    }
    let count = if whole {
        let (distance, step) = (end.to_i64().wrapping_sub(start.to_i64()).unsigned_abs(), step.to_i64().unsigned_abs());
        distance.div_ceil(step) as usize
    } else {
        ((b - a) / d).ceil() as usize
    };
    let shape = shape_of("arange", &[i64::try_from(count).unwrap_or(i64::MAX)])?;
    let out = Array::uninit(dtype, &shape);
    with_dtype!(dtype, T => {
        for (i, out) in out.slice_mut::<T>().iter_mut().enumerate() {
            *out = if whole {
                T::from_i64(start.to_i64().wrapping_add(step.to_i64().wrapping_mul(i as i64)))
            } else {
                T::from_f64(a + d * i as f64)
            };
        }
    });
    finish(out, requires_grad)
}

fn linspace_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(-1.0).arg(2.0).arg(7),
        Sample::new().arg(3).arg(10).arg(1),
        Sample::new().arg(0).arg(1).arg(0),
        Sample::new().arg(0).arg(10).arg(5).kw("dtype", DType::F64),
    ]
}

/// `steps` numbers from `start` to `end`, both included, evenly spaced; in the default float type unless `dtype` says
/// otherwise.
/// Raises: RuntimeError if `steps` is negative.
///
/// >>> rt.linspace(0, 1, 5)
/// tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
#[op(at = [rutile], sig = (start, end, steps, *, dtype=None, device=None, requires_grad=false), samples = linspace_samples, no_grad)]
pub fn linspace(
    start: f64,
    end: f64,
    steps: usize,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("linspace", &device)?;
    let dtype = dtype.unwrap_or_else(DType::default_float);
    let out = Array::uninit(dtype, &shape_of("linspace", &[steps as i64])?);
    let step = if steps > 1 { (end - start) / (steps - 1) as f64 } else { 0.0 };
    with_dtype!(dtype, T => {
        for (i, out) in out.slice_mut::<T>().iter_mut().enumerate() {
            // From the nearer end, so that both ends are exact.
            let value = if i < (steps / 2).max(1) { start + step * i as f64 } else { end - step * (steps - 1 - i) as f64 };
            *out = T::from_f64(value);
        }
    });
    finish(out, requires_grad)
}

fn eye_samples() -> Vec<Sample> {
    vec![Sample::new().arg(3), Sample::new().arg(2).arg(4), Sample::new().arg(0).kw("dtype", DType::I64)]
}

/// Ones on the diagonal of an `n` x `m` matrix (`n` x `n` without `m`), zeros elsewhere; by default in the default float
/// type.
/// Raises: RuntimeError if a size is negative.
///
/// >>> rt.eye(2, 3)
/// tensor([[1., 0., 0.],
///         [0., 1., 0.]])
#[op(at = [rutile], sig = (n, m=None, *, dtype=None, device=None, requires_grad=false), samples = eye_samples, no_grad, complex)]
pub fn eye(n: usize, m: Option<usize>, dtype: Option<DType>, device: Arg, requires_grad: bool) -> Result<Tensor> {
    check_device("eye", &device)?;
    let (dtype, m) = (dtype.unwrap_or_else(DType::default_float), m.unwrap_or(n));
    let out = convert::zeros(dtype, &shape_of("eye", &[n as i64, m as i64])?);
    let diagonal = out.window(smallvec![n.min(m)], smallvec![m as isize + 1], 0);
    convert::fill(&diagonal, Scalar::Int(1));
    finish(out, requires_grad)
}

fn one_hot_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Int(0, 4)),
        Sample::new().values(&[5], Values::Int(0, 4)).kw("num_classes", 6),
    ]
}

/// Integers (int64) as rows of zeros with a one at their place: shape (*, classes), int64. `num_classes` -1 means the
/// largest value plus one.
/// Raises: RuntimeError if `tensor` is not int64, or a value is negative or not below `num_classes`.
///
/// >>> F.one_hot(rt.tensor([0, 2]), num_classes=3)
/// tensor([[1, 0, 0],
///         [0, 0, 1]])
#[op(at = [nn.functional], sig = (tensor, num_classes=-1), samples = one_hot_samples, no_grad)]
pub fn one_hot(tensor: &Tensor, num_classes: i64) -> Result<Tensor> {
    let array = tensor.array();
    if array.dtype() != DType::I64 {
        fail!(DType, "one_hot is only applicable to index tensor of type int64, got {}", array.dtype());
    }
    let index = convert::contiguous_array(&array);
    let values = index.slice::<i64>();
    let largest = values.iter().copied().max().unwrap_or(-1);
    let classes = if num_classes == -1 { largest + 1 } else { num_classes };
    if let Some(value) = values.iter().find(|&&value| value < 0) {
        fail!(Value, "one_hot: Class values must be non-negative, got {value}");
    }
    if largest >= classes {
        fail!(
            Value,
            "one_hot: Class values must be smaller than num_classes, got {largest} for num_classes={num_classes}"
        );
    }
    if classes <= 0 {
        fail!(
            Value,
            "one_hot: Can not infer total number of classes from empty tensor, or num_classes={num_classes} is not positive"
        );
    }
    let mut shape = Shape::from_slice(array.shape());
    shape.push(classes as usize);
    let out = convert::zeros(DType::I64, &shape);
    for (row, &value) in out.slice_mut::<i64>().chunks_mut(classes as usize).zip(values) {
        row[value as usize] = 1;
    }
    Ok(Tensor::from(out))
}

// ---- triangles ----

fn triangle_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[2, 3, 3]).arg(1),
        Sample::new().tensor(&[4, 2]).kw("diagonal", -1),
        Sample::new().values(&[3, 3], Values::Int(-3, 4)),
    ]
}

fn triangle(op: &str, input: &Tensor, keep: impl Fn(i64) -> bool) -> Result<Tensor> {
    let shape = input.shape();
    let [.., rows, columns] = shape[..] else {
        fail!(Shape, "{op}: input tensor must have at least 2 dimensions, got {:?}", &shape[..]);
    };
    let kept: Vec<bool> = (0..rows * columns).map(|i| keep((i % columns) as i64 - (i / columns) as i64)).collect();
    let mask = Tensor::from(Array::from_slice(&kept, &[rows, columns]));
    compare::select(&mask, input, &Tensor::from(convert::zeros(input.dtype(), &[])))
}

/// The lower triangle of the last two axes: zero above diagonal number `diagonal` (0 the main one, positive ones
/// above).
/// Raises: RuntimeError if there are fewer than 2 axes.
///
/// >>> rt.tril(rt.ones(3, 3))
/// tensor([[1., 0., 0.],
///         [1., 1., 0.],
///         [1., 1., 1.]])
#[op(at = [rutile, Tensor], sig = (input, diagonal=0), samples = triangle_samples, inplace, complex)]
pub fn tril(input: &Tensor, diagonal: i64) -> Result<Tensor> {
    triangle("tril", input, |offset| offset <= diagonal)
}

/// The upper triangle of the last two axes: zero below diagonal number `diagonal` (0 the main one, positive ones
/// above).
/// Raises: RuntimeError if there are fewer than 2 axes.
///
/// >>> rt.triu(rt.ones(3, 3), diagonal=1)
/// tensor([[0., 1., 1.],
///         [0., 0., 1.],
///         [0., 0., 0.]])
#[op(at = [rutile, Tensor], sig = (input, diagonal=0), samples = triangle_samples, inplace, complex)]
pub fn triu(input: &Tensor, diagonal: i64) -> Result<Tensor> {
    triangle("triu", input, |offset| offset >= diagonal)
}

// ---- writing ----

/// `target.fill_(value)`: `value` has one element.
pub fn fill_(target: &Tensor, value: &Tensor) -> Result<()> {
    if value.ndim() != 0 {
        fail!(Shape, "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions", value.ndim());
    }
    if tracked([target, value]) {
        return inplace::assign("fill", target, value);
    }
    inplace::check_writable("fill", target)?;
    let array = target.array();
    convert::fill(&array, value.array().item());
    array.bump();
    Ok(())
}

/// `target.zero_()`.
pub fn zero_(target: &Tensor) -> Result<()> {
    fill_(target, &Tensor::from(Array::wrapped(Scalar::Int(0))))
}

/// `target.copy_(source)`: `source` is broadcast and converted.
pub fn copy_(target: &Tensor, source: &Tensor) -> Result<()> {
    inplace::assign("copy", target, source)
}
