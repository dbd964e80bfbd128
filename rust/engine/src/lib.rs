//! The engine of Rutile: strided arrays, a tape, and operations that are declared once.
//!
//! Arrows point down: [`ops`] know [`autograd`], which knows [`array`](mod@array); nothing here knows Python. See
//! `ARCHITECTURE.md` for the house, `CONTRIBUTING.md` for how to add an operation.

pub mod array;
pub mod autograd;
pub mod error;
pub mod generator;
pub mod ops;
pub mod profile;

pub use array::{Array, DType, Scalar};
pub use autograd::Tensor;
pub use error::{Error, Result};
