//! Where bytes live: dtypes, storage, strided arrays and their views. No kernels, no mathematics.

#[allow(clippy::module_inception)]
mod array;
pub mod cache;
mod dtype;
mod format;
mod layout;
mod promote;
mod scalar;
mod storage;

pub use array::Array;
pub use dtype::{DType, HasDType};
pub use format::{MemoryFormat, dense_strides};
pub use layout::{Shape, Strides, broadcast_shapes, contiguous_strides, normalize_axes, normalize_axis};
pub use promote::{promote, result_type};
pub use scalar::Scalar;
pub use storage::Storage;
