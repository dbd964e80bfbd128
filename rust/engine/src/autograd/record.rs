//! Recording operations.

use super::mode::grad_enabled;
use super::node::{Backward, Edge, Grads, Input, Node};
use super::tensor::{Refresh, Tensor};
use crate::array::Array;
use crate::error::Result;
use smallvec::SmallVec;
use std::sync::Arc;

/// Whether an operation on these inputs is recorded.
#[inline]
pub fn tracked<'a>(inputs: impl IntoIterator<Item = &'a Tensor>) -> bool {
    grad_enabled() && inputs.into_iter().any(Tensor::requires_grad)
}

fn input(tensor: &Tensor) -> Input {
    tensor.with_array(|a| Input { edge: None, shape: a.shape().into(), dtype: a.dtype() }).with_edge(tensor.edge())
}

impl Input {
    fn with_edge(mut self, edge: Option<Edge>) -> Input {
        self.edge = edge.filter(|_| self.dtype.has_gradients());
        self
    }
}

/// A tensor that remembers its derivative, if grad mode is on and an input requires grad. The closure gets the
/// gradient of the output and pushes one gradient per input, in the order of `inputs`.
pub fn record<F>(name: &'static str, output: Array, inputs: &[&Tensor], backward: F) -> Tensor
where
    F: Fn(&Tensor, &mut Grads<'_>) -> Result<()> + Send + Sync + 'static,
{
    // Integers have no derivative.
    if !output.dtype().has_gradients() || !tracked(inputs.iter().copied()) {
        return Tensor::from(output);
    }
    let node = node(name, inputs, 1, single(backward));
    Tensor::with_edge(output, Some(Edge::Node(node, 0)))
}

/// As [`record`], for operations with several outputs; outputs that are not floats take no part.
pub fn record_many<F>(name: &'static str, outputs: Vec<Array>, inputs: &[&Tensor], backward: F) -> Vec<Tensor>
where
    F: Fn(&[Option<Tensor>], &mut Grads<'_>) -> Result<()> + Send + Sync + 'static,
{
    if !tracked(inputs.iter().copied()) {
        return outputs.into_iter().map(Tensor::from).collect();
    }
    let node = node(name, inputs, outputs.len(), Arc::new(backward));
    let edge = |i, array: &Array| array.dtype().has_gradients().then(|| Edge::Node(node.clone(), i));
    outputs.into_iter().enumerate().map(|(i, array)| Tensor::with_edge(array.clone(), edge(i, &array))).collect()
}

/// As [`record`], for an output that is a window on `base`: in-place writes through it reach `base`'s history.
pub fn record_view<F>(name: &'static str, base: &Tensor, output: Array, refresh: Refresh, backward: F) -> Tensor
where
    F: Fn(&Tensor, &mut Grads<'_>) -> Result<()> + Send + Sync + 'static,
{
    if !output.dtype().has_gradients() || !tracked([base]) {
        return view_of(base, output, refresh);
    }
    let node = node(name, &[base], 1, single(backward));
    Tensor::view(output, Some(Edge::Node(node, 0)), base, refresh)
}

/// A window on a `base` that is not recorded itself: what is written through it may be.
pub fn view_of(base: &Tensor, output: Array, refresh: Refresh) -> Tensor {
    if grad_enabled() && output.dtype().has_gradients() {
        Tensor::view(output, None, base, refresh)
    } else {
        Tensor::from(output)
    }
}

/// The derivative of an operation with one output.
fn single(backward: impl Fn(&Tensor, &mut Grads<'_>) -> Result<()> + Send + Sync + 'static) -> Backward {
    Arc::new(move |grads_out, grads| {
        let g = grads_out[0].as_ref().expect("a node with one output runs only if that has a gradient");
        backward(g, grads)
    })
}

fn node(name: &'static str, inputs: &[&Tensor], outputs: usize, backward: Backward) -> Arc<Node> {
    let inputs: SmallVec<[Input; 2]> = inputs.iter().map(|t| input(t)).collect();
    Arc::new(Node::new(name, inputs, outputs, backward))
}
