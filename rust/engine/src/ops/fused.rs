//! Derivatives in two versions.

use crate::autograd::Tensor;
use crate::autograd::mode::grad_enabled;
use crate::error::Result;

/// A derivative that has a fast kernel: `fast` while nobody records, else `definition` in differentiable operations,
/// from which the tape takes the higher orders.
pub fn fused(fast: impl FnOnce() -> Result<Tensor>, definition: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
    if grad_enabled() { definition() } else { fast() }
}
