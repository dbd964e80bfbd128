//! Values that a derivative needs.

use super::node::{Edge, Grads};
use super::tensor::Tensor;
use crate::array::Array;
use crate::error::Result;
use crate::fail;

/// A value saved for the derivative, with the version it had: an in-place change in between is an error.
#[derive(Clone)]
pub struct Saved {
    array: Array,
    edge: Option<Edge>,
    version: u32,
}

impl Tensor {
    /// Saves an input for the derivative.
    pub fn save(&self) -> Saved {
        let array = self.array();
        Saved { version: array.storage().version(), edge: self.edge(), array }
    }
}

impl Saved {
    /// Saves an output for the derivative of the operation that makes it. It holds no edge (that would be a cycle):
    /// read it with [`Saved::output`].
    pub fn from_output(array: &Array) -> Saved {
        Saved { array: array.clone(), edge: None, version: array.storage().version() }
    }

    fn check(&self, op: &str) -> Result<()> {
        let now = self.array.storage().version();
        if now != self.version {
            fail!(
                Autograd,
                "one of the variables needed for gradient computation has been modified by an inplace operation: a \
                 {} tensor of shape {:?}, needed by the backward of {op}, is at version {now}, saved at version {}. \
                 Write to a copy (clone()) or use the out-of-place operation.",
                self.array.dtype(),
                self.array.shape(),
                self.version
            );
        }
        Ok(())
    }

    /// The saved input of the node whose derivative runs, with its place on the tape.
    pub fn get_for(&self, grads: &Grads<'_>) -> Result<Tensor> {
        self.check(grads.node.name())?;
        Ok(Tensor::with_edge(self.array.clone(), self.edge.clone()))
    }

    /// The saved output number `output` of the node whose derivative runs, with its place on the tape.
    pub fn output(&self, grads: &Grads<'_>, output: usize) -> Result<Tensor> {
        self.check(grads.node.name())?;
        Ok(Tensor::with_edge(self.array.clone(), Some(Edge::Node(grads.node.clone(), output))))
    }
}
