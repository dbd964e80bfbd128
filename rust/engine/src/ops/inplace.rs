//! Writing to a tensor, and what the tape has to know about it.

use super::convert;
use super::view;
use crate::array::Array;
use crate::autograd::mode::{grad_enabled, no_grad};
use crate::autograd::{Tensor, record, tracked};
use crate::error::Result;
use crate::fail;

/// Refuses writes that would spoil a leaf's gradient.
pub fn check(op: &str, target: &Tensor) -> Result<()> {
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
    check(op, target)?;
    let array = target.array();
    let value = source.array();
    if value.dtype().is_float() && !array.dtype().is_float() && op != "copy" && op != "setitem" {
        fail!(DType, "{op}_: result type {} can't be cast to the desired output type {}", value.dtype(), array.dtype());
    }
    let value = if value.shape() == array.shape() { value } else { fit(op, &value, array.shape())? };
    let value = if value.shares_storage(&array) && !value.same_window(&array) {
        convert::contiguous_copy(&value)
    } else {
        value
    };
    convert::copy_into(&value, &array);
    array.bump();
    if tracked([source]) || (grad_enabled() && target.requires_grad()) {
        rewrite(target, source);
    }
    Ok(())
}

/// Expands `value` to the target's shape; leading axes of length one may be surplus, as in PyTorch.
fn fit(op: &str, value: &Array, shape: &[usize]) -> Result<Array> {
    let surplus = value.ndim().saturating_sub(shape.len());
    let value = if value.shape()[..surplus].iter().all(|&n| n == 1) {
        value.squeeze(|axis| axis < surplus)
    } else {
        value.clone()
    };
    if surplus == 0 && value.ndim() == shape.len() && value.len() > shape.iter().product() {
        fail!(Shape, "{op}_: output with shape {shape:?} doesn't match the broadcast shape {:?}", value.shape());
    }
    value.expand(op, shape)
}

/// The history of `target` becomes that of `source`; through a view, that of its base as well.
fn rewrite(target: &Tensor, source: &Tensor) {
    // `source` may be broadcast or of another dtype: an identity node of the target's shape in between lets the
    // engine sum and convert.
    let link = record("copy_", target.array(), &[source], |g, grads| grads.push(|| Ok(g.clone())));
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
