//! Softmax and its logarithm.

use super::fused::fused;
use super::registry::{Ints, Sample};
use super::{arith, convert, reduce, special};
use crate::array::{Array, DType, normalize_axis};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::softmax as kernels;
use rutile_macros::op;

/// (outer, axis, inner) extents around an axis; a 0-d array is one line of one element.
pub(super) fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    match shape {
        [] => (1, 1, 1),
        _ => (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product()),
    }
}

fn prepared(op: &str, input: &Tensor, dtype: Option<DType>) -> Result<Tensor> {
    let input = convert::to_dtype(input, dtype.unwrap_or(input.dtype()))?;
    if !input.dtype().is_float() {
        fail!(DType, "{op}: takes floats, not {}; give dtype=", input.dtype());
    }
    Ok(input)
}

fn sum_keep(x: &Tensor, dim: i64) -> Result<Tensor> {
    reduce::sum(x, Some(Ints::from_elem(dim, 1)), true, None)
}

/// The softmax along `dim`, or its logarithm if `LOG`.
fn normalise<const LOG: bool>(input: &Tensor, dim: i64) -> Result<Tensor> {
    let op = if LOG { "log_softmax" } else { "softmax" };
    let array = input.array();
    let axis = normalize_axis(op, dim, array.ndim())?;
    let (outer, len, inner) = around(array.shape(), axis);
    let x = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(reals x.dtype(), T => {
        let forward = if LOG { kernels::log_softmax::<T> } else { kernels::softmax::<T> };
        forward(outer, len, inner, x.slice::<T>(), out.slice_mut::<T>());
    });
    Ok(recorded::<LOG>(op, input, &out, (outer, len, inner), dim))
}

/// The softmax of scores (..., queries, keys), of which query `i` sees the keys up to `i`: zeros beyond.
pub(super) fn causal(scores: &Tensor) -> Result<Tensor> {
    let array = scores.array();
    let shape = array.shape();
    let [queries, keys] = [shape[shape.len() - 2], shape[shape.len() - 1]];
    let batches = shape[..shape.len() - 2].iter().product::<usize>();
    let x = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(x.dtype(), x.shape());
    with_dtype!(reals x.dtype(), T => {
        kernels::causal_softmax(batches, queries, keys, x.slice::<T>(), out.slice_mut::<T>());
    });
    Ok(recorded::<false>("causal_softmax", scores, &out, (batches * queries, keys, 1), -1))
}

/// The result with its derivative; extents are those around `dim`.
fn recorded<const LOG: bool>(
    op: &'static str,
    input: &Tensor,
    out: &Array,
    (outer, len, inner): (usize, usize, usize),
    dim: i64,
) -> Tensor {
    let out = convert::cast(out, input.dtype());
    let saved = Saved::from_output(&out);
    record(op, out, &[input], move |g, grads| {
        let y = saved.output(grads, 0)?;
        grads.push(|| {
            fused(
                || {
                    let compute = y.dtype().compute();
                    let (g, y_plain) = (convert::plain(&g.array(), compute), convert::plain(&y.array(), compute));
                    let out = Array::uninit(compute, y_plain.shape());
                    with_dtype!(reals compute, T => {
                        let gradient =
                            if LOG { kernels::log_softmax_backward::<T> } else { kernels::softmax_backward::<T> };
                        gradient(outer, len, inner, g.slice::<T>(), y_plain.slice::<T>(), out.slice_mut::<T>());
                    });
                    Ok(Tensor::from(convert::cast(&out, y.dtype())))
                },
                || match LOG {
                    true => arith::sub(g, &arith::mul(&special::exp(&y)?, &sum_keep(g, dim)?)?, 1.0),
                    false => arith::mul(&arith::sub(g, &sum_keep(&arith::mul(g, &y)?, dim)?, 1.0)?, &y),
                },
            )
        })
    })
}

fn samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg(1),
        Sample::new().tensor(&[2, 3, 4]).arg(-2),
        Sample::new().tensor(&[2, 3]).arg(0).kw("dtype", DType::F64),
        Sample::new().tensor(&[]).arg(0),
        Sample::new().tensor(&[0, 3]).arg(1),
    ]
}

/// `exp(input) / sum(exp(input))` along axis `dim`, without overflow. `dtype` converts the input first.
/// Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.
///
/// >>> rt.softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
/// tensor([[0.5000, 0.5000],
///         [0.1192, 0.8808]])
#[op(at = [rutile, Tensor, special], sig = (input, dim, dtype=None), samples = samples)]
pub fn softmax(input: &Tensor, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
    normalise::<false>(&prepared("softmax", input, dtype)?, dim)
}

/// `log(softmax(input))` along axis `dim`, without overflow: `input - logsumexp(input)`. `dtype` converts the input
/// first.
/// Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.
///
/// >>> rt.log_softmax(rt.tensor([[0.0, 0.0], [1.0, 1001.0]]), dim=1)
/// tensor([[-6.9315e-01, -6.9315e-01],
///         [-1.0000e+03,  0.0000e+00]])
#[op(at = [rutile, Tensor, special], sig = (input, dim, dtype=None), samples = samples)]
pub fn log_softmax(input: &Tensor, dim: i64, dtype: Option<DType>) -> Result<Tensor> {
    normalise::<true>(&prepared("log_softmax", input, dtype)?, dim)
}

/// The axis that PyTorch takes if none is given: that of the classes as far as the rank tells.
fn implied(dim: Option<i64>, ndim: usize) -> i64 {
    dim.unwrap_or(if matches!(ndim, 0 | 1 | 3) { 0 } else { 1 })
}

fn functional_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).kw("dim", 0), Sample::new().tensor(&[2, 3])]
}

/// `exp(input) / sum(exp(input))` along axis `dim`, without overflow. Without `dim` it is axis 0 of 0-d, 1-d and 3-d
/// tensors, else axis 1: better say which. `_stacklevel` is not used.
/// Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.
///
/// >>> F.softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
/// tensor([[0.5000, 0.5000],
///         [0.1192, 0.8808]])
#[op(name = "softmax", at = [nn.functional], sig = (input, dim=None, _stacklevel=3, dtype=None), samples = functional_samples)]
pub fn functional_softmax(input: &Tensor, dim: Option<i64>, _stacklevel: i64, dtype: Option<DType>) -> Result<Tensor> {
    softmax(input, implied(dim, input.ndim()), dtype)
}

/// `log(softmax(input))` along axis `dim`, without overflow. Without `dim` it is axis 0 of 0-d, 1-d and 3-d tensors,
/// else axis 1: better say which. `_stacklevel` is not used.
/// Raises: IndexError if `dim` is out of range; RuntimeError for integers without `dtype`.
///
/// >>> F.log_softmax(rt.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
/// tensor([[-0.6931, -0.6931],
///         [-2.1269, -0.1269]])
#[op(name = "log_softmax", at = [nn.functional], sig = (input, dim=None, _stacklevel=3, dtype=None), samples = functional_samples)]
pub fn functional_log_softmax(
    input: &Tensor,
    dim: Option<i64>,
    _stacklevel: i64,
    dtype: Option<DType>,
) -> Result<Tensor> {
    log_softmax(input, implied(dim, input.ndim()), dtype)
}
