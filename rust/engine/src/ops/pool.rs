//! Pooling: one body for 1, 2 and 3 axes.
//!
//! The largest elements are picked at positions that the forward pass found; picking and its inverse, putting back, are
//! a family closed under differentiation. So are taking means and spreading.

use super::conv::per_axis;
use super::registry::{Arg, Ints, Sample, Value, Values};
use super::{convert, view};
use crate::array::{Array, DType, Shape};
use crate::autograd::{Tensor, record, tracked};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::pool::{self, Window};
use rutile_macros::op;

// ---- windows ----

/// What a pooling is told about its windows.
struct Spec<'a> {
    op: &'static str,
    axes: usize,
    kernel: &'a [i64],
    stride: Option<&'a Ints>,
    padding: &'a [i64],
    dilation: &'a [i64],
    ceil: bool,
}

impl Spec<'_> {
    fn window(&self, input: [usize; 3], shape: &[usize]) -> Result<Window> {
        let (op, axes) = (self.op, self.axes);
        let kernel = per_axis(op, "kernel_size", self.kernel, axes, 1, 1)?;
        let stride = match self.stride {
            Some(stride) if !stride.is_empty() => per_axis(op, "stride", stride, axes, 1, 1)?,
            _ => kernel,
        };
        let padding = per_axis(op, "padding", self.padding, axes, 0, 0)?;
        let dilation = per_axis(op, "dilation", self.dilation, axes, 1, 1)?;
        let mut window = Window { input, kernel, output: [1; 3], stride, padding, dilation };
        for axis in 3 - axes..3 {
            if padding[axis] > kernel[axis] / 2 {
                fail!(
                    Shape,
                    "{op}: pad should be at most half of effective kernel size, but got pad={} and kernel_size={}",
                    padding[axis],
                    kernel[axis]
                );
            }
            let [extent, pad, step] = [input[axis], padding[axis], stride[axis]].map(|value| value as i64);
            let reach = ((kernel[axis] - 1) * dilation[axis] + 1) as i64;
            let room = extent + 2 * pad - reach + if self.ceil { step - 1 } else { 0 };
            let mut output = room.div_euclid(step) + 1;
            // Every window starts inside the input or its left padding.
            if self.ceil && (output - 1) * step >= extent + pad {
                output -= 1;
            }
            if output < 1 {
                fail!(
                    Shape,
                    "{op}: Given input {shape:?}, calculated output size is too small: a window of {reach} does not fit \
                     into {extent} with padding {pad}"
                );
            }
            window.output[axis] = output as usize;
            if output == 1 {
                window.stride[axis] = 1; // as in a convolution: no step is taken
            }
            if !sees_input(&window, axis) {
                fail!(
                    Shape,
                    "{op}: with kernel_size {}, dilation {} and padding {} a window sees nothing but padding of input \
                     {shape:?}",
                    kernel[axis],
                    dilation[axis],
                    padding[axis]
                );
            }
        }
        Ok(window)
    }
}

/// Whether each window has a tap inside the input.
fn sees_input(window: &Window, axis: usize) -> bool {
    let [kernel, dilation, padding] = [window.kernel[axis], window.dilation[axis], window.padding[axis]];
    (0..window.output[axis]).all(|o| {
        let start = o * window.stride[axis];
        (0..kernel).any(|tap| (padding..padding + window.input[axis]).contains(&(start + tap * dilation)))
    })
}

/// A window that says nothing but the extents: for adaptive pooling, whose windows differ.
fn extents(input: [usize; 3], output: [usize; 3]) -> Window {
    Window { input, kernel: [1; 3], output, stride: [1; 3], padding: [0; 3], dilation: [1; 3] }
}

/// The planes of an input (n, c, ...) or (c, ...): how many, their extents, and the leading axes.
struct Planes {
    count: usize,
    extents: [usize; 3],
    lead: Shape,
}

impl Planes {
    fn new(op: &str, input: &Tensor, axes: usize) -> Result<Planes> {
        let shape = input.shape();
        if shape.len() != axes + 1 && shape.len() != axes + 2 {
            fail!(
                Shape,
                "{op}: Expected {}D or {}D input (channels, and perhaps a batch, before {axes} axes), but got {:?}",
                axes + 1,
                axes + 2,
                &shape[..]
            );
        }
        if !input.dtype().is_float() {
            fail!(DType, "{op}: takes floats, not {}", input.dtype());
        }
        let cut = shape.len() - axes;
        if shape[cut..].contains(&0) {
            fail!(
                Shape,
                "{op}: Expected input to have non-zero size for its {axes} last dimensions, but got {:?}",
                &shape[..]
            );
        }
        let mut extents = [1; 3];
        extents[3 - axes..].copy_from_slice(&shape[cut..]);
        Ok(Planes { count: shape[..cut].iter().product(), extents, lead: Shape::from_slice(&shape[..cut]) })
    }

    fn with(&self, extents: [usize; 3], axes: usize) -> Shape {
        let mut shape = self.lead.clone();
        shape.extend_from_slice(&extents[3 - axes..]);
        shape
    }
}

// ---- largest ----

/// The elements at `index` of each plane; the derivative of [`put`].
fn pick(x: &Tensor, window: Window, index: &Array) -> Result<Tensor> {
    let array = x.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(plain.dtype(), index.shape());
    let planes = out.len() / window.output_len();
    with_dtype!(reals plain.dtype(), T => {
        pool::max_pick(&window, planes, plain.slice::<T>(), index.slice::<i32>(), out.slice_mut::<T>());
    });
    let (index, shape) = (index.clone(), Shape::from_slice(array.shape()));
    Ok(record("max_pick", convert::cast(&out, array.dtype()), &[x], move |g, grads| {
        grads.push(|| put(g, window, &index, &shape))
    }))
}

/// Zeros of `shape` with the elements of `g` added at `index` of each plane: the derivative of max pooling.
fn put(g: &Tensor, window: Window, index: &Array, shape: &[usize]) -> Result<Tensor> {
    let array = g.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(plain.dtype(), shape);
    let planes = plain.len() / window.output_len();
    with_dtype!(reals plain.dtype(), T => {
        pool::max_backward(&window, planes, plain.slice::<T>(), index.slice::<i32>(), out.slice_mut::<T>());
    });
    let index = index.clone();
    Ok(record("max_put", convert::cast(&out, array.dtype()), &[g], move |gg, grads| {
        grads.push(|| pick(gg, window, &index))
    }))
}

/// Records the picked elements, and gives their positions if asked.
fn picked(
    op: &'static str,
    input: &Tensor,
    window: Window,
    output: (Array, Array),
    return_indices: bool,
) -> Result<Value> {
    let ((out, index), shape) = (output, input.shape());
    let at = index.clone();
    let out = record(op, convert::cast(&out, input.dtype()), &[input], move |g, grads| {
        grads.push(|| put(g, window, &at, &shape))
    });
    if return_indices {
        return Ok(Value::Tensors(vec![out, Tensor::from(convert::cast(&index, DType::I64))]));
    }
    Ok(out.into())
}

fn max_pool(input: &Tensor, spec: &Spec<'_>, return_indices: bool) -> Result<Value> {
    let planes = Planes::new(spec.op, input, spec.axes)?;
    let window = spec.window(planes.extents, &input.shape())?;
    check_plane(spec.op, window.input_len())?;
    let array = input.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let shape = planes.with(window.output, spec.axes);
    let out = Array::uninit(plain.dtype(), &shape);
    if !return_indices && !tracked([input]) {
        with_dtype!(reals plain.dtype(), T => {
            pool::max_values(&window, planes.count, plain.slice::<T>(), out.slice_mut::<T>());
        });
        return Ok(Tensor::from(convert::cast(&out, input.dtype())).into());
    }
    let index = Array::uninit(DType::I32, &shape);
    with_dtype!(reals plain.dtype(), T => {
        let (x, out, index) = (plain.slice::<T>(), out.slice_mut::<T>(), index.slice_mut::<i32>());
        pool::max_forward(&window, planes.count, x, out, index);
    });
    picked(spec.op, input, window, (out, index), return_indices)
}

/// Positions within a plane are 32 bits wide.
fn check_plane(op: &str, len: usize) -> Result<()> {
    if i32::try_from(len).is_err() {
        fail!(Unsupported, "{op}: a plane of {len} elements is too large; at most 2147483647");
    }
    Ok(())
}

fn max_pool1d_samples() -> Vec<Sample> {
    let values = Values::Distinct;
    vec![
        Sample::new().values(&[2, 2, 7], values).arg(3),
        Sample::new().values(&[2, 7], values).arg(2).kw("stride", 3).kw("padding", 1).kw("ceil_mode", true),
        Sample::new().values(&[1, 2, 8], values).arg(2).kw("dilation", 2).kw("stride", 1),
    ]
}

/// The largest element of each window of `kernel_size` elements, `dilation` apart, along the last axis of (n, c, l) or
/// (c, l). Windows are `stride` (by default `kernel_size`) apart; there are
/// `(l + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1`, with `ceil_mode` rounded up. Padding never
/// wins. With `return_indices` also their positions.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one.
///
/// >>> F.max_pool1d(rt.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), kernel_size=2)
/// tensor([[3., 5.]])
/// >>> F.max_pool1d(rt.tensor([[1.0, 3.0, 2.0, 5.0, 4.0]]), kernel_size=3, stride=1, return_indices=True)
/// (tensor([[3., 5., 5.]]), tensor([[1, 3, 3]]))
#[op(at = [rutile, nn.functional], sig = (input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=false, return_indices=false), samples = max_pool1d_samples, integers = refused)]
pub fn max_pool1d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
) -> Result<Value> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let (padding, dilation) = (&padding, &dilation);
    let spec = Spec { op: "max_pool1d", axes: 1, kernel, stride, padding, dilation, ceil: ceil_mode };
    max_pool(input, &spec, return_indices)
}

fn max_pool2d_samples() -> Vec<Sample> {
    let values = Values::Distinct;
    vec![
        Sample::new().values(&[2, 2, 4, 6], values).arg(2),
        Sample::new().values(&[1, 2, 5, 5], values).arg(3).kw("stride", 2).kw("padding", 1),
        Sample::new().values(&[2, 5, 4], values).arg([2, 3]).kw("stride", [2, 1]).kw("ceil_mode", true),
        Sample::new().values(&[1, 1, 6, 5], values).arg(2).kw("dilation", [2, 1]).kw("return_indices", true),
    ]
}

/// The largest element of each window of (n, c, h, w) or (c, h, w); sizes are one number or (h, w), and there are as
/// many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the plane,
/// `row * w + column`.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one.
///
/// >>> x = rt.arange(16.0).reshape(1, 4, 4)
/// >>> F.max_pool2d(x, 2)
/// tensor([[[ 5.,  7.],
///          [13., 15.]]])
/// >>> F.max_pool2d(x, kernel_size=3, stride=2, padding=1).shape
/// rutile.Size([1, 2, 2])
#[op(at = [rutile, nn.functional], sig = (input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=false, return_indices=false), samples = max_pool2d_samples, integers = refused)]
pub fn max_pool2d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
) -> Result<Value> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let (padding, dilation) = (&padding, &dilation);
    let spec = Spec { op: "max_pool2d", axes: 2, kernel, stride, padding, dilation, ceil: ceil_mode };
    max_pool(input, &spec, return_indices)
}

fn max_pool3d_samples() -> Vec<Sample> {
    let values = Values::Distinct;
    vec![
        Sample::new().values(&[1, 2, 2, 4, 4], values).arg(2),
        Sample::new().values(&[1, 3, 3, 4], values).arg([2, 2, 3]).kw("stride", 1).kw("padding", [1, 0, 1]),
    ]
}

/// The largest element of each window of (n, c, d, h, w) or (c, d, h, w); sizes are one number or (d, h, w), and there
/// are as many windows along each axis as for `max_pool1d`. With `return_indices` also their positions in the volume.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one.
///
/// >>> F.max_pool3d(rt.rand(8, 3, 16, 32, 32), kernel_size=(1, 2, 2)).shape
/// rutile.Size([8, 3, 16, 16, 16])
#[op(at = [rutile, nn.functional], sig = (input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=false, return_indices=false), samples = max_pool3d_samples, integers = refused)]
pub fn max_pool3d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    dilation: Ints,
    ceil_mode: bool,
    return_indices: bool,
) -> Result<Value> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let (padding, dilation) = (&padding, &dilation);
    let spec = Spec { op: "max_pool3d", axes: 3, kernel, stride, padding, dilation, ceil: ceil_mode };
    max_pool(input, &spec, return_indices)
}

// ---- means ----

/// Which elements a mean is over.
#[derive(Clone, Copy)]
enum Mean {
    Windows { window: Window, count_include_pad: bool, divisor: Option<usize> },
    Parts { input: [usize; 3], output: [usize; 3] },
}

impl Mean {
    fn take(self, op: &'static str, x: &Tensor, axes: usize, shape: &[usize]) -> Result<Tensor> {
        let array = x.array();
        let plain = convert::plain(&array, array.dtype().compute());
        let out = Array::uninit(plain.dtype(), shape);
        let planes = lead(shape, axes);
        with_dtype!(reals plain.dtype(), T => {
            let (x, out) = (plain.slice::<T>(), out.slice_mut::<T>());
            match self {
                Mean::Windows { window, count_include_pad, divisor } => {
                    pool::avg_forward(&window, planes, x, out, count_include_pad, divisor);
                }
                Mean::Parts { input, output } => pool::adaptive_avg_forward(planes, input, output, x, out),
            }
        });
        let shape = Shape::from_slice(array.shape());
        Ok(record(op, convert::cast(&out, array.dtype()), &[x], move |g, grads| {
            grads.push(|| self.spread(g, axes, &shape))
        }))
    }

    /// The derivative of [`Mean::take`]; its own derivative is that again.
    fn spread(self, g: &Tensor, axes: usize, shape: &[usize]) -> Result<Tensor> {
        let array = g.array();
        let plain = convert::plain(&array, array.dtype().compute());
        let out = Array::uninit(plain.dtype(), shape);
        let planes = lead(shape, axes);
        with_dtype!(reals plain.dtype(), T => {
            let (g, out) = (plain.slice::<T>(), out.slice_mut::<T>());
            match self {
                Mean::Windows { window, count_include_pad, divisor } => {
                    pool::avg_backward(&window, planes, g, out, count_include_pad, divisor);
                }
                Mean::Parts { input, output } => pool::adaptive_avg_backward(planes, input, output, g, out),
            }
        });
        let shape = Shape::from_slice(array.shape());
        Ok(record("mean_spread", convert::cast(&out, array.dtype()), &[g], move |gg, grads| {
            grads.push(|| self.take("mean_take", gg, axes, &shape))
        }))
    }
}

fn lead(shape: &[usize], axes: usize) -> usize {
    shape[..shape.len() - axes].iter().product()
}

fn avg_pool(input: &Tensor, spec: &Spec<'_>, count_include_pad: bool, divisor_override: Option<i64>) -> Result<Tensor> {
    let planes = Planes::new(spec.op, input, spec.axes)?;
    let window = spec.window(planes.extents, &input.shape())?;
    let divisor = match divisor_override {
        None => None,
        Some(divisor) if divisor > 0 => Some(divisor as usize),
        Some(divisor) => fail!(Value, "{}: divisor_override must be positive, got {divisor}", spec.op),
    };
    let shape = planes.with(window.output, spec.axes);
    Mean::Windows { window, count_include_pad, divisor }.take(spec.op, input, spec.axes, &shape)
}

fn avg_pool1d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 2, 7]).arg(3),
        Sample::new().tensor(&[2, 7]).arg(2).kw("stride", 3).kw("padding", 1).kw("ceil_mode", true),
        Sample::new().tensor(&[1, 2, 6]).arg(3).kw("padding", 1).kw("count_include_pad", false),
    ]
}

/// The mean of each window of `kernel_size` elements along the last axis of (n, c, l) or (c, l). Windows are `stride`
/// (by default `kernel_size`) apart; there are `(l + 2 * padding - kernel_size) // stride + 1`, with `ceil_mode`
/// rounded up. Padding counts as zeros if `count_include_pad`.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one.
///
/// >>> F.avg_pool1d(rt.tensor([[2.0, 4.0, 6.0, 8.0]]), 2)
/// tensor([[3., 7.]])
/// >>> F.avg_pool1d(rt.tensor([[2.0, 4.0, 6.0, 8.0]]), 2, padding=1, count_include_pad=False)
/// tensor([[2., 5., 8.]])
#[op(at = [rutile, nn.functional], sig = (input, kernel_size, stride=None, padding=0, ceil_mode=false, count_include_pad=true), samples = avg_pool1d_samples, integers = refused)]
pub fn avg_pool1d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
) -> Result<Tensor> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let padding = &padding;
    let spec = Spec { op: "avg_pool1d", axes: 1, kernel, stride, padding, dilation: &[1], ceil: ceil_mode };
    avg_pool(input, &spec, count_include_pad, None)
}

fn avg_pool2d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 2, 4, 6]).arg(2),
        Sample::new().tensor(&[1, 2, 5, 5]).arg(3).kw("stride", 2).kw("padding", 1).kw("count_include_pad", false),
        Sample::new().tensor(&[2, 5, 4]).arg([2, 3]).kw("stride", [2, 1]).kw("padding", [1, 0]).kw("ceil_mode", true),
        Sample::new().tensor(&[1, 1, 4, 4]).arg(2).kw("divisor_override", 3),
    ]
}

/// The mean of each window of (n, c, h, w) or (c, h, w); sizes are one number or (h, w), and there are as many windows
/// along each axis as for `avg_pool1d`. Padding counts as zeros if `count_include_pad`; `divisor_override` replaces the
/// number of elements.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one; ValueError if `divisor_override` is
/// not positive.
///
/// >>> F.avg_pool2d(rt.arange(16.0).reshape(1, 4, 4), 2)
/// tensor([[[ 2.5000,  4.5000],
///          [10.5000, 12.5000]]])
#[op(at = [nn.functional], sig = (input, kernel_size, stride=None, padding=0, ceil_mode=false, count_include_pad=true, divisor_override=None), samples = avg_pool2d_samples, integers = refused)]
pub fn avg_pool2d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: Option<i64>,
) -> Result<Tensor> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let padding = &padding;
    let spec = Spec { op: "avg_pool2d", axes: 2, kernel, stride, padding, dilation: &[1], ceil: ceil_mode };
    avg_pool(input, &spec, count_include_pad, divisor_override)
}

fn avg_pool3d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[1, 2, 2, 4, 4]).arg(2),
        Sample::new().tensor(&[1, 3, 3, 4]).arg([2, 2, 3]).kw("stride", 1).kw("padding", [1, 0, 1]),
    ]
}

/// The mean of each window of (n, c, d, h, w) or (c, d, h, w); sizes are one number or (d, h, w), and there are as many
/// windows along each axis as for `avg_pool1d`. Padding counts as zeros if `count_include_pad`; `divisor_override`
/// replaces the number of elements.
/// Raises: RuntimeError if no window fits, or `padding` is more than half of one; ValueError if `divisor_override` is
/// not positive.
///
/// >>> F.avg_pool3d(rt.ones(1, 4, 4, 4), 2, divisor_override=4).unique()
/// tensor([2.])
#[op(at = [nn.functional], sig = (input, kernel_size, stride=None, padding=0, ceil_mode=false, count_include_pad=true, divisor_override=None), samples = avg_pool3d_samples, integers = refused)]
pub fn avg_pool3d(
    input: &Tensor,
    kernel_size: Ints,
    stride: Option<Ints>,
    padding: Ints,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: Option<i64>,
) -> Result<Tensor> {
    let (kernel, stride) = (&kernel_size, stride.as_ref());
    let padding = &padding;
    let spec = Spec { op: "avg_pool3d", axes: 3, kernel, stride, padding, dilation: &[1], ceil: ceil_mode };
    avg_pool(input, &spec, count_include_pad, divisor_override)
}

// ---- adaptive ----

/// Reads `size` arguments that may hold None, as `output_size=(None, 7)`: one entry per axis.
fn optional_sizes(op: &str, size: Arg, axes: usize) -> Result<Vec<Option<usize>>> {
    let entries = match size {
        Arg::List(entries) => entries,
        Arg::Ints(values) => values.into_iter().map(Arg::Int).collect(),
        one => vec![one; axes],
    };
    let mut sizes = Vec::with_capacity(entries.len());
    for entry in &entries {
        sizes.push(match entry {
            Arg::None => None,
            Arg::Int(value @ 0..) => Some(*value as usize),
            Arg::Int(value) => fail!(Value, "{op}: output_size must not be negative, got {value}"),
            other => fail!(Type, "{op}(): output_size must be integers or None, got {}", other.describe()),
        });
    }
    match sizes.len() {
        1 => Ok(vec![sizes[0]; axes]),
        n if n == axes => Ok(sizes),
        n => fail!(Value, "{op}: output_size must be one size or {axes}, got {n}"),
    }
}

/// The extents of an adaptive result: None keeps an axis.
fn adaptive_extents(op: &str, size: Arg, axes: usize, input: [usize; 3]) -> Result<[usize; 3]> {
    let mut out = [1; 3];
    for (i, size) in optional_sizes(op, size, axes)?.into_iter().enumerate() {
        out[3 - axes + i] = size.unwrap_or(input[3 - axes + i]);
    }
    Ok(out)
}

fn adaptive_avg_pool(op: &'static str, input: &Tensor, output_size: Arg, axes: usize) -> Result<Tensor> {
    let planes = Planes::new(op, input, axes)?;
    let output = adaptive_extents(op, output_size, axes, planes.extents)?;
    let shape = planes.with(output, axes);
    if output.contains(&0) {
        return view::reshape_to(&view::slice_axis(&view::reshape_to(input, &[input.len()])?, 0, 0, 0, 1)?, &shape);
    }
    Mean::Parts { input: planes.extents, output }.take(op, input, axes, &shape)
}

fn adaptive_max_pool(
    op: &'static str,
    input: &Tensor,
    output_size: Arg,
    axes: usize,
    return_indices: bool,
) -> Result<Value> {
    let planes = Planes::new(op, input, axes)?;
    let output = adaptive_extents(op, output_size, axes, planes.extents)?;
    if output.contains(&0) {
        fail!(Shape, "{op}: output_size must be positive");
    }
    let window = extents(planes.extents, output);
    check_plane(op, window.input_len())?;
    let array = input.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let shape = planes.with(output, axes);
    let (out, index) = (Array::uninit(plain.dtype(), &shape), Array::uninit(DType::I32, &shape));
    with_dtype!(reals plain.dtype(), T => {
        let (x, out, index) = (plain.slice::<T>(), out.slice_mut::<T>(), index.slice_mut::<i32>());
        pool::adaptive_max_forward(planes.count, planes.extents, output, x, out, index);
    });
    picked(op, input, window, (out, index), return_indices)
}

fn adaptive1d_samples() -> Vec<Sample> {
    let values = Values::Distinct;
    vec![Sample::new().values(&[2, 2, 7], values).arg(3), Sample::new().values(&[2, 4], values).arg(1)]
}

fn adaptive2d_samples() -> Vec<Sample> {
    let values = Values::Distinct;
    vec![
        Sample::new().values(&[2, 2, 5, 6], values).arg([2, 3]),
        Sample::new().values(&[2, 4, 4], values).arg(1),
        Sample::new().values(&[1, 2, 5, 4], values).arg(Arg::List(vec![Arg::None, Arg::Int(3)])),
    ]
}

fn adaptive3d_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[1, 2, 3, 4, 3], Values::Distinct).arg([2, 2, 1])]
}

/// The mean of each of `output_size` nearly equal parts of (n, c, l) or (c, l): part `i` goes from
/// `floor(i * l / output_size)` to `ceil((i + 1) * l / output_size)`, so neighbours may share an element.
/// Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not a number.
///
/// >>> F.adaptive_avg_pool1d(rt.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]), 2)
/// tensor([[2., 4.]])
#[op(at = [rutile, nn.functional], sig = (input, output_size), samples = adaptive1d_samples, integers = refused)]
pub fn adaptive_avg_pool1d(input: &Tensor, output_size: Arg) -> Result<Tensor> {
    adaptive_avg_pool("adaptive_avg_pool1d", input, output_size, 1)
}

/// The mean of each of `output_size` (a number or (h, w); None keeps an axis) nearly equal parts of (n, c, h, w) or (c,
/// h, w), cut as by `adaptive_avg_pool1d`. With 1, the global mean of every channel.
/// Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not of that form.
///
/// >>> F.adaptive_avg_pool2d(rt.arange(16.0).reshape(1, 4, 4), 2)
/// tensor([[[ 2.5000,  4.5000],
///          [10.5000, 12.5000]]])
/// >>> F.adaptive_avg_pool2d(rt.rand(8, 64, 7, 7), (1, None)).shape
/// rutile.Size([8, 64, 1, 7])
#[op(at = [nn.functional], sig = (input, output_size), samples = adaptive2d_samples, integers = refused)]
pub fn adaptive_avg_pool2d(input: &Tensor, output_size: Arg) -> Result<Tensor> {
    adaptive_avg_pool("adaptive_avg_pool2d", input, output_size, 2)
}

/// The mean of each of `output_size` (a number or (d, h, w); None keeps an axis) nearly equal parts of (n, c, d, h, w)
/// or (c, d, h, w), cut as by `adaptive_avg_pool1d`.
/// Raises: RuntimeError if `input` has another number of axes; TypeError if `output_size` is not of that form.
///
/// >>> F.adaptive_avg_pool3d(rt.rand(2, 8, 4, 10, 10), (None, 5, 1)).shape
/// rutile.Size([2, 8, 4, 5, 1])
#[op(at = [nn.functional], sig = (input, output_size), samples = adaptive3d_samples, integers = refused)]
pub fn adaptive_avg_pool3d(input: &Tensor, output_size: Arg) -> Result<Tensor> {
    adaptive_avg_pool("adaptive_avg_pool3d", input, output_size, 3)
}

/// The largest element of each of `output_size` nearly equal parts of (n, c, l) or (c, l), cut as by
/// `adaptive_avg_pool1d`; with `return_indices` also their positions.
/// Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not a
/// number.
///
/// >>> F.adaptive_max_pool1d(rt.tensor([[1.0, 5.0, 3.0, 4.0, 2.0]]), 2, return_indices=True)
/// (tensor([[5., 4.]]), tensor([[1, 3]]))
#[op(at = [nn.functional], sig = (input, output_size, return_indices=false), samples = adaptive1d_samples, integers = refused)]
pub fn adaptive_max_pool1d(input: &Tensor, output_size: Arg, return_indices: bool) -> Result<Value> {
    adaptive_max_pool("adaptive_max_pool1d", input, output_size, 1, return_indices)
}

/// The largest element of each of `output_size` (a number or (h, w); None keeps an axis) nearly equal parts of (n, c,
/// h, w) or (c, h, w), cut as by `adaptive_avg_pool1d`; with `return_indices` also their positions in the plane.
/// Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not of that
/// form.
///
/// >>> F.adaptive_max_pool2d(rt.arange(16.0).reshape(1, 4, 4), (1, 2))
/// tensor([[[13., 15.]]])
#[op(at = [nn.functional], sig = (input, output_size, return_indices=false), samples = adaptive2d_samples, integers = refused)]
pub fn adaptive_max_pool2d(input: &Tensor, output_size: Arg, return_indices: bool) -> Result<Value> {
    adaptive_max_pool("adaptive_max_pool2d", input, output_size, 2, return_indices)
}

/// The largest element of each of `output_size` (a number or (d, h, w); None keeps an axis) nearly equal parts of (n,
/// c, d, h, w) or (c, d, h, w), cut as by `adaptive_avg_pool1d`; with `return_indices` also their positions in the
/// volume.
/// Raises: RuntimeError if `input` has another number of axes or no elements; TypeError if `output_size` is not of that
/// form.
///
/// >>> F.adaptive_max_pool3d(rt.rand(2, 8, 4, 10, 10), 2).shape
/// rutile.Size([2, 8, 2, 2, 2])
#[op(at = [nn.functional], sig = (input, output_size, return_indices=false), samples = adaptive3d_samples, integers = refused)]
pub fn adaptive_max_pool3d(input: &Tensor, output_size: Arg, return_indices: bool) -> Result<Value> {
    adaptive_max_pool("adaptive_max_pool3d", input, output_size, 3, return_indices)
}
