//! New tensors whose order of axes or strides the caller chooses.

use super::convert;
use super::create::{check_device, check_layout, finish, shape_of};
use super::registry::{Arg, Ints, Sample, Values};
use crate::array::{Array, DType, Shape, Strides, dense_strides};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

fn empty_strided_samples() -> Vec<Sample> {
    vec![Sample::new().arg([2, 3]).arg([1, 2]), Sample::new().arg([0, 2]).arg([2, 1]).kw("dtype", DType::I32)]
}

/// Zeros of the given size and strides, on as much storage as they reach.
fn zeros(op: &str, size: &[i64], stride: &[i64], dtype: DType) -> Result<Array> {
    let shape = shape_of(op, size)?;
    if size.len() != stride.len() {
        fail!(Shape, "{op}: mismatch in length of strides and shape: one stride per axis, got {stride:?} for {size:?}");
    }
    if stride.iter().any(|&n| n < 0) {
        fail!(Shape, "{op}: negative strides are not supported: got {stride:?}");
    }
    let reach = size
        .iter()
        .zip(stride)
        .try_fold(0_i64, |reach, (&n, &step)| (n.max(1) - 1).checked_mul(step).and_then(|far| far.checked_add(reach)));
    let Some(reach) = reach else {
        fail!(Shape, "{op}: a tensor of size {size:?} and strides {stride:?} does not fit into memory");
    };
    let bytes = shape_of(op, &[reach])?[0] + 1;
    let strides: Strides = stride.iter().map(|&n| n as isize).collect();
    Ok(convert::zeros(dtype, &[bytes]).window(shape, strides, 0))
}

/// A tensor of the given size and strides (in elements) on storage of its own; it holds zeros.
/// Raises: RuntimeError for a negative size or another number of strides than sizes.
///
/// >>> rt.empty_strided((2, 3), (1, 2)).stride()
/// (1, 2)
#[op(at = [rutile], sig = (size, stride, *, dtype=None, device=None, requires_grad=false), samples = empty_strided_samples, no_grad, complex)]
pub fn empty_strided(
    size: Ints,
    stride: Ints,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("empty_strided", &device)?;
    finish(zeros("empty_strided", &size, &stride, dtype.unwrap_or_else(DType::default_float))?, requires_grad)
}

fn new_empty_strided_samples() -> Vec<Sample> {
    let like = || Sample::new().values(&[2], Values::Constant(-2.0, 2.0));
    vec![like().arg([2, 3]).arg([1, 2]), like().arg([0, 2]).arg([2, 1]).kw("dtype", DType::I32)]
}

/// A tensor of the given size and strides (in elements) and the dtype of `input`; it holds zeros.
/// Raises: RuntimeError for a negative size or another number of strides than sizes.
///
/// >>> rt.zeros(1, dtype=rt.int32).new_empty_strided((2, 3), (1, 2)).dtype
/// rutile.int32
#[op(at = [Tensor], sig = (input, size, stride, *, dtype=None, device=None, requires_grad=false), samples = new_empty_strided_samples, no_grad, complex)]
pub fn new_empty_strided(
    input: &Tensor,
    size: Ints,
    stride: Ints,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("new_empty_strided", &device)?;
    finish(zeros("new_empty_strided", &size, &stride, dtype.unwrap_or(input.dtype()))?, requires_grad)
}

fn empty_permuted_samples() -> Vec<Sample> {
    vec![Sample::new().arg([2, 3, 4]).arg([2, 0, 1]), Sample::new().arg([0, 2]).arg([1, 0]).kw("dtype", DType::I32)]
}

/// A tensor of shape `size` without gaps, whose axes lie in memory in the order `physical_layout`, the outermost first;
/// it holds anything.
/// Raises: RuntimeError unless `physical_layout` names every axis once.
///
/// >>> x = rt.empty_permuted((8, 3, 32, 32), (0, 2, 3, 1))
/// >>> x.stride(), x.is_contiguous(memory_format=rt.channels_last)
/// ((3072, 1, 96, 3), True)
#[op(at = [rutile], sig = (size, physical_layout, *, dtype=None, layout=None, device=None, requires_grad=false), samples = empty_permuted_samples, no_grad, complex)]
pub fn empty_permuted(
    size: Ints,
    physical_layout: Ints,
    dtype: Option<DType>,
    layout: Arg,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("empty_permuted", &device)?;
    check_layout("empty_permuted", &layout)?;
    let shape = shape_of("empty_permuted", &size)?;
    let mut axes: Vec<i64> = physical_layout.to_vec();
    axes.sort_unstable();
    if !axes.iter().copied().eq(0..shape.len() as i64) {
        fail!(
            Shape,
            "empty_permuted: physical_layout must name each of the {} axes once, from 0 on, got {:?}",
            shape.len(),
            &physical_layout[..]
        );
    }
    let order: Shape = physical_layout.iter().rev().map(|&axis| axis as usize).collect();
    let strides = dense_strides(&shape, &order);
    finish(Array::uninit_dense(dtype.unwrap_or_else(DType::default_float), &shape, strides), requires_grad)
}

/// The same bytes as another dtype. Where that is larger or smaller, the last axis shrinks or grows.
pub fn as_dtype(array: &Array, dtype: DType) -> Result<Array> {
    let (from, to) = (array.dtype().size(), dtype.size());
    let (mut shape, mut strides) = (Shape::from_slice(array.shape()), Strides::from_slice(array.strides()));
    let mut offset = array.offset();
    if from != to {
        let Some(last) = shape.len().checked_sub(1) else {
            fail!(
                Shape,
                "view({dtype}): self.dim() cannot be 0 to view {} as {dtype} (different element sizes)",
                array.dtype()
            );
        };
        if strides[last] != 1 && shape[last] != 1 {
            fail!(
                Shape,
                "view({dtype}): self.stride(-1) must be 1 to view {} as {dtype} (different element sizes), but got {}",
                array.dtype(),
                strides[last]
            );
        }
        if from > to {
            let ratio = from / to;
            offset *= ratio;
            shape[last] *= ratio;
            strides.iter_mut().take(last).for_each(|stride| *stride *= ratio as isize);
        } else {
            let ratio = to / from;
            let uneven = strides[..last].iter().any(|stride| stride % ratio as isize != 0);
            if !shape[last].is_multiple_of(ratio) || !offset.is_multiple_of(ratio) || uneven {
                fail!(
                    Shape,
                    "view({dtype}): the last axis, the offset and the other strides must be divisible by {ratio} to view \
                     {} as {dtype}, got shape {:?}, offset {offset}, strides {:?}",
                    array.dtype(),
                    array.shape(),
                    array.strides()
                );
            }
            offset /= ratio;
            shape[last] /= ratio;
            strides.iter_mut().take(last).for_each(|stride| *stride /= ratio as isize);
        }
        strides[last] = 1;
    }
    if !array.is_empty() && !(array.storage().pointer() as usize + offset * to).is_multiple_of(dtype.real().size()) {
        fail!(Shape, "view({dtype}): the memory is not aligned; clone() is");
    }
    Ok(array.reinterpreted_window(dtype, shape, strides, offset))
}
