//! Writing to a tensor, and what the tape has to know about it.

use super::convert;
use super::view;
use crate::array::{Array, DType};
use crate::autograd::mode::{grad_enabled, no_grad};
use crate::autograd::{Saved, Tensor, record, tracked};
use crate::error::Result;
use crate::fail;

/// Refuses writes that would spoil a leaf's gradient, or write several values to one place.
pub fn check(op: &str, target: &Tensor) -> Result<()> {
    check_places(op, target)?;
    check_history(op, target)
}

/// Refuses writes to read-only memory, and of several values to one place.
pub fn check_places(op: &str, target: &Tensor) -> Result<()> {
    check_writable(op, target)?;
    let repeated = target.with_array(|array| {
        !array.is_empty() && array.shape().iter().zip(array.strides()).any(|(&n, &stride)| n > 1 && stride == 0)
    });
    if repeated {
        fail!(
            Unsupported,
            "{op}_: more than one element of the written-to tensor refers to a single memory location. Please clone() \
             the tensor before performing the operation."
        );
    }
    Ok(())
}

/// Refuses writes to memory that its owner lent for reading only.
pub fn check_writable(op: &str, target: &Tensor) -> Result<()> {
    if !target.with_array(|array| array.storage().is_writable()) {
        fail!(
            Value,
            "{op}_: the tensor is on read-only memory (of a NumPy array that is not writeable, or a mapped file); \
             clone() it first"
        );
    }
    Ok(())
}

/// Refuses changes that would spoil a leaf's gradient.
pub fn check_history(op: &str, target: &Tensor) -> Result<()> {
    if grad_enabled() && target.requires_grad() {
        if target.is_leaf() {
            fail!(
                Autograd,
                "{op}_: a leaf Variable that requires grad is being used in an in-place operation. Wrap the update in \
                 `with no_grad():` or write to a copy (clone())."
            );
        }
        if target.base().is_some_and(|base| base.requires_grad() && base.is_leaf()) {
            fail!(
                Autograd,
                "{op}_: a view of a leaf Variable that requires grad is being used in an in-place operation. Wrap the \
                 update in `with no_grad():` or write to a copy (clone())."
            );
        }
    }
    Ok(())
}

/// A copy of `target` with its history, for operations that need the old value after it is overwritten. Without a
/// recording nobody will ask for the old value: then it is `target` itself.
pub fn stand_in(target: &Tensor) -> Result<Tensor> {
    if !grad_enabled() {
        return Ok(target.clone());
    }
    let copy = no_grad(|| convert::contiguous_copy(&target.array()));
    Ok(Tensor::with_edge(copy, target.edge()))
}

/// `target[...] = source`, broadcasting and converting, with the history of `source`.
pub fn assign(op: &str, target: &Tensor, source: &Tensor) -> Result<()> {
    // One value may go to one place as often as it likes.
    if op == "fill" {
        check_writable(op, target)?;
        check_history(op, target)?
    } else {
        check(op, target)?
    }
    if target.is(source) {
        return Ok(());
    }
    let array = target.array();
    let value = source.array();
    // Running sums of bools are counted in int64 and come back as bools, in PyTorch too.
    let counted = matches!(op, "cumsum" | "cumprod");
    let category = |dtype: DType| (dtype.is_complex(), dtype.has_gradients(), dtype != DType::Bool && !counted);
    if category(value.dtype()) > category(array.dtype())
        && !(matches!(op, "copy" | "fill" | "setitem") && !(value.is_wrapped() && value.dtype().is_complex()))
    {
        fail!(DType, "{op}_: result type {} can't be cast to the desired output type {}", value.dtype(), array.dtype());
    }
    let value = if value.shape() == array.shape() { value } else { fit(op, &value, array.shape())? };
    let value = if value.shares_storage(&array) && !value.same_window(&array) {
        convert::contiguous_copy(&value)
    } else {
        value
    };
    if !value.same_window(&array) {
        convert::copy_into(&value, &array);
    }
    array.bump();
    if tracked([source]) || (grad_enabled() && target.requires_grad()) {
        rewrite(op, target, source);
    }
    Ok(())
}

/// Expands `value` to the target's shape; in assignments leading axes of length one may be surplus, as in PyTorch.
fn fit(op: &str, value: &Array, shape: &[usize]) -> Result<Array> {
    let surplus = value.ndim().saturating_sub(shape.len());
    let value = if op == "setitem" && value.shape()[..surplus].iter().all(|&n| n == 1) {
        value.squeeze(|axis| axis < surplus)
    } else {
        value.clone()
    };
    if value.ndim() > shape.len()
        || (value.ndim() == shape.len() && value.shape().iter().zip(shape).any(|(&from, &to)| from != 1 && to == 1))
    {
        fail!(Shape, "{op}_: output with shape {shape:?} doesn't match the broadcast shape {:?}", value.shape());
    }
    value.expand(op, shape)
}

/// In-place operations whose derivative PyTorch takes from the result. Ours keeps a copy of the input, but a program
/// that is an error there is one here.
const KEEP_RESULT: [&str; 5] = ["celu", "cumprod", "elu", "leaky_relu", "selu"];

/// The history of `target` becomes that of `source`; through a view, that of its base as well.
pub fn rewrite(op: &str, target: &Tensor, source: &Tensor) {
    // `source` may be broadcast or of another dtype: an identity node of the target's shape in between lets the
    // engine sum and convert.
    // What is overwritten keeps its place on the tape, with a gradient of zero: the tensor goes on requiring one.
    let covered = !tracked([source]) || matches!(op, "copy" | "fill" | "setitem");
    let old = Tensor::with_edge(target.array(), target.edge().filter(|_| covered && target.base().is_none()));
    let surplus = source.ndim().saturating_sub(target.ndim());
    let keeper = KEEP_RESULT.iter().find(|&&name| name == op);
    let result = keeper.map(|_| Saved::from_output(&target.array()));
    let link = record(keeper.unwrap_or(&"copy_"), target.array(), &[source, &old], move |g, grads| {
        result.iter().try_for_each(|result| result.output(grads, 0).map(drop))?;
        grads.push(|| (0..surplus).try_fold(g.clone(), |g, _| view::unsqueeze(&g, 0)))?;
        grads.push(|| super::arith::mul(g, &super::sums::zero()))
    });
    let edge = link.edge();
    match target.base() {
        None => target.rewrite_history(edge),
        Some(base) => {
            let written = Tensor::with_edge(target.array(), edge);
            let history = view::written(&base, &written);
            base.rewrite_history(history);
        }
    }
}
