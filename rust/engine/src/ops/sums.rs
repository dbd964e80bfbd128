//! The arithmetic that the walk back needs.

use super::{arith, compare, convert, reduce};
use crate::array::{Array, DType, Scalar};
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Sums, Tensor};
use crate::error::Result;
use std::sync::{Arc, OnceLock};

/// The number 0, for derivatives.
pub fn zero() -> Tensor {
    Tensor::from(Array::wrapped(Scalar::Float(0.0)))
}

/// The number 1, for derivatives.
pub fn one() -> Tensor {
    Tensor::from(Array::wrapped(Scalar::Float(1.0)))
}

/// A number that takes part in promotion as Python's do.
pub fn number(value: f64) -> Tensor {
    Tensor::from(Array::wrapped(Scalar::Float(value)))
}

/// What the engine hands to the walk.
pub struct Arithmetic;

static POLL: OnceLock<fn() -> Result<()>> = OnceLock::new();

/// Sets what the walk calls between its steps (the binding lets Ctrl-C in).
pub fn set_poll(poll: fn() -> Result<()>) {
    let _ = POLL.set(poll);
}

/// Whether nobody but this handle sees the bytes.
fn sole_owner(array: &Array) -> bool {
    Arc::strong_count(array.storage()) <= 2 && array.is_contiguous()
}

impl Sums for Arithmetic {
    fn add(&self, sum: Tensor, grad: &Tensor) -> Result<Tensor> {
        arith::add(&sum, grad, 1.0)
    }

    fn fit(&self, grad: Tensor, shape: &[usize], dtype: DType) -> Result<Tensor> {
        let grad = if grad.shape()[..] == *shape { grad } else { reduce::sum_to(&grad, shape)? };
        convert::to_dtype(&grad, dtype)
    }

    fn own(&self, grad: Tensor) -> Result<Tensor> {
        let array = grad.array();
        // Two counts: `array` here and the tensor that is moved in.
        if sole_owner(&array) && !array.is_wrapped() && !grad.requires_grad() {
            return Ok(grad);
        }
        Ok(Tensor::from(convert::contiguous_copy(&array)))
    }

    fn add_into(&self, sum: &Tensor, grad: &Tensor) -> Result<()> {
        debug_assert!(!grad_enabled());
        super::formula::apply_inplace(arith::Add { alpha: 1.0 }, [sum, grad]).map(drop)
    }

    fn has_nan(&self, grad: &Tensor) -> Result<bool> {
        Ok(convert::any_nonzero(&compare::isnan(grad)?.array()))
    }

    fn poll(&self) -> Result<()> {
        POLL.get().map_or(Ok(()), |poll| poll())
    }
}
