//! In-place changes of shape and strides: the tensor becomes another window on its bytes.

use super::registry::{Ints, Sample, Values};
use super::{convert, create, inplace, view};
use crate::array::{Array, MemoryFormat, Shape, Strides};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

/// `target` becomes the view that `make` gives of it.
fn become_view(op: &str, target: &Tensor, make: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    inplace::check_history(op, target)?;
    let old = Tensor::with_edge(target.array(), target.edge());
    let new = make(&old)?;
    target.move_window(new.array(), new.edge());
    Ok(target.clone())
}

fn plain(args: &[i64]) -> Vec<Sample> {
    vec![
        args.iter().fold(Sample::new().values(&[2, 1, 3], Values::Constant(-2.0, 2.0)), |sample, &arg| sample.arg(arg)),
    ]
}

/// Exchanges two axes of the tensor itself.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.zeros(2, 3).transpose_(0, 1).shape
/// rutile.Size([3, 2])
#[op(at = [Tensor], alias = [swapaxes_, swapdims_], sig = (input, dim0, dim1), samples = || plain(&[0, 2]), no_grad, complex)]
pub fn transpose_(input: &Tensor, dim0: i64, dim1: i64) -> Result<Tensor> {
    become_view("transpose", input, |old| view::transpose(old, dim0, dim1))
}

/// Transposes the matrix itself; 0-d and 1-d tensors stay as they are.
/// Raises: RuntimeError for more than two axes.
///
/// >>> rt.zeros(2, 3).t_().shape
/// rutile.Size([3, 2])
#[op(at = [Tensor], sig = (input), samples = || vec![Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0))], no_grad, complex)]
pub fn t_(input: &Tensor) -> Result<Tensor> {
    become_view("t", input, view::t)
}

/// Gives the tensor itself a new axis of length one at `dim`.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.zeros(2, 3).unsqueeze_(-1).shape
/// rutile.Size([2, 3, 1])
#[op(at = [Tensor], sig = (input, dim), samples = || plain(&[-1]), no_grad, complex)]
pub fn unsqueeze_(input: &Tensor, dim: i64) -> Result<Tensor> {
    become_view("unsqueeze", input, |old| view::unsqueeze(old, dim))
}

fn squeeze_samples() -> Vec<Sample> {
    [plain(&[]), plain(&[1]), plain(&[0])].concat()
}

/// Takes axes of length one from the tensor itself: all of them, or those among `dim`.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> rt.zeros(1, 2, 1).squeeze_().shape
/// rutile.Size([2])
#[op(at = [Tensor], sig = (input, *dim), samples = squeeze_samples, no_grad, complex)]
pub fn squeeze_(input: &Tensor, dim: Option<Ints>) -> Result<Tensor> {
    become_view("squeeze", input, |old| view::squeeze(old, dim))
}

fn as_strided_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Constant(-2.0, 2.0)).arg([2, 3]).arg([1, 2]).arg(1)]
}

/// Makes the tensor itself a window of the given size, strides and offset (in elements) on its storage.
/// Raises: RuntimeError if the window reaches outside the storage.
///
/// >>> rt.arange(6).as_strided_((2, 2), (3, 1), 1)
/// tensor([[1, 2],
///         [4, 5]])
#[op(at = [rutile, Tensor], sig = (input, size, stride, storage_offset=None), samples = as_strided_samples, no_grad, complex)]
pub fn as_strided_(input: &Tensor, size: Ints, stride: Ints, storage_offset: Option<usize>) -> Result<Tensor> {
    become_view("as_strided", input, |old| view::as_strided(old, size, stride, storage_offset))
}

fn resize_samples() -> Vec<Sample> {
    let values = Values::Constant(-2.0, 2.0);
    vec![
        Sample::new().values(&[3, 4], values).arg([2, 3]),
        Sample::new().values(&[3, 4], values).arg([12]),
        Sample::new().values(&[3], values).arg([0, 2]),
    ]
}

/// Gives the tensor itself another shape, in row-major order (or that of `memory_format`) on its storage. Where that is
/// too small it is replaced; what is beyond the old elements is zero then.
/// Raises: RuntimeError if the tensor requires grad or a size is negative.
///
/// >>> rt.tensor([1, 2, 3, 4]).resize_(2, 3)
/// tensor([[1, 2, 3],
///         [4, 0, 0]])
#[op(at = [Tensor], sig = (input, *size, memory_format=None), samples = resize_samples, no_grad, complex)]
pub fn resize_(input: &Tensor, size: Ints, memory_format: Option<MemoryFormat>) -> Result<Tensor> {
    let shape = create::shape_of("resize_", &size)?;
    let strides = memory_format.unwrap_or(MemoryFormat::Contiguous).strides("resize_", &shape)?;
    resize_with(input, shape, strides)
}

fn resize_with(input: &Tensor, shape: Shape, strides: Strides) -> Result<Tensor> {
    if input.requires_grad() {
        fail!(Autograd, "cannot resize variables that require grad");
    }
    let array = input.array();
    if array.window_fits(&shape, &strides, array.offset()) {
        input.move_window(array.window(shape, strides, array.offset()), None);
        return Ok(input.clone());
    }
    let grown = convert::zeros(array.dtype(), &shape).window(shape, strides, 0);
    let kept = ((array.storage().bytes() / array.dtype().size()).saturating_sub(array.offset())).min(grown.len());
    let flat = |array: &Array| array.window([kept].into_iter().collect(), [1].into_iter().collect(), array.offset());
    convert::copy_into(&flat(&array), &flat(&grown));
    input.move_window(grown, None);
    Ok(input.clone())
}

fn resize_as_samples() -> Vec<Sample> {
    let values = Values::Constant(-2.0, 2.0);
    vec![Sample::new().values(&[3, 4], values).values(&[2, 5], values)]
}

/// Gives the tensor itself the shape of `the_template`, and with `memory_format=preserve_format` its order of axes; see
/// `resize_`.
/// Raises: RuntimeError if the tensor requires grad.
///
/// >>> rt.tensor([1, 2, 3, 4]).resize_as_(rt.zeros(2, 2))
/// tensor([[1, 2],
///         [3, 4]])
#[op(at = [rutile, Tensor], sig = (input, the_template, *, memory_format=None), samples = resize_as_samples, no_grad, complex)]
pub fn resize_as_(input: &Tensor, the_template: &Tensor, memory_format: Option<MemoryFormat>) -> Result<Tensor> {
    let template = the_template.array();
    let strides = memory_format.unwrap_or(MemoryFormat::Contiguous).strides_like("resize_as_", &template)?;
    resize_with(input, Shape::from_slice(template.shape()), strides)
}

/// Makes the tensor itself another handle on the bytes of `source`, with its shape and dtype; without `source`, empty.
/// Raises: RuntimeError if the tensor requires grad or the dtypes differ.
///
/// >>> a, b = rt.zeros(3), rt.tensor([1.0, 2.0])
/// >>> _ = a.set_(b)
/// >>> b[0] = 10
/// >>> a
/// tensor([10.,  2.])
#[op(at = [Tensor], sig = (input, source=None), samples = set_samples, no_grad, complex)]
pub fn set_(input: &Tensor, source: Option<&Tensor>) -> Result<Tensor> {
    if input.requires_grad() {
        fail!(Autograd, "set_: the tensor requires grad; use detach() or data");
    }
    let array = source.map_or_else(|| Array::uninit(input.dtype(), &[0]), Tensor::array);
    if array.dtype() != input.dtype() {
        fail!(DType, "set_: the source holds {}, the tensor {}", array.dtype(), input.dtype());
    }
    input.move_window(array, None);
    Ok(input.clone())
}

fn set_samples() -> Vec<Sample> {
    let values = Values::Constant(-2.0, 2.0);
    vec![Sample::new().values(&[3, 4], values).values(&[2], values), Sample::new().values(&[3], values)]
}
