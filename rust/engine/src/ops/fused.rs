//! Derivatives in two versions.

use super::sums::Arithmetic;
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Grads, Request, Tensor, backward, record};
use crate::error::Result;

/// A derivative that has a fast kernel: `fast` while nobody records, else `definition` in differentiable operations,
/// from which the tape takes the higher orders.
pub fn fused(fast: impl FnOnce() -> Result<Tensor>, definition: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
    if grad_enabled() { definition() } else { fast() }
}

/// The definition of a derivative, for operations that are a composition of others: runs `compose` on the saved inputs
/// and walks back through it, recording. `grads_out` are the gradients of its outputs; the gradients of all inputs are
/// pushed.
pub fn through(
    inputs: &[Option<Tensor>],
    grads_out: &[Option<Tensor>],
    grads: &mut Grads<'_>,
    compose: impl FnOnce(&[Option<Tensor>]) -> Result<Vec<Tensor>>,
) -> Result<()> {
    // Each input gets a place of its own on the tape, so that the walk ends there, even if one is made from another.
    let mut wanted = Vec::new();
    let mut position = 0;
    let mut places = Vec::with_capacity(inputs.len());
    for input in inputs {
        places.push(input.as_ref().map(|input| {
            let wants = grads.wants(position);
            position += 1;
            if !wants {
                return input.clone();
            }
            let place = record("input", input.array(), &[input], |g, grads| grads.push(|| Ok(g.clone())));
            wanted.push(place.clone());
            place
        }));
    }
    let outputs = compose(&places)?;
    let roots: Vec<(Tensor, Tensor)> = outputs
        .into_iter()
        .zip(grads_out)
        .filter(|(output, _)| output.requires_grad())
        .filter_map(|(output, grad)| grad.clone().map(|grad| (output, grad)))
        .collect();
    let request =
        Request { roots: &roots, inputs: Some(&wanted), accumulate: false, retain_graph: true, create_graph: true };
    let mut found = backward(&request, &Arithmetic)?.into_iter();
    for index in 0..position {
        grads.push_option(if grads.wants(index) { found.next().flatten() } else { None });
    }
    Ok(())
}
