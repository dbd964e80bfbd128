//! The tape: tensors that remember how they were made, and the walk back over it.
//!
//! Knows no operation: a [`Node`] is a closure, and the few sums that the walk itself needs come in as [`Sums`].

mod engine;
pub mod mode;
mod node;
mod record;
mod saved;
mod tensor;

pub use engine::{Request, Sums, backward};
pub use node::{Edge, Grads, Hook, Node};
pub use record::{record, record_many, record_view, tracked, view_of};
pub use saved::Saved;
pub use tensor::{Refresh, Tensor};
