//! Dropout.

use super::positions;
use crate::array::{Array, DType, MemoryFormat};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::ops::registry::{Arg, Sample};
use crate::ops::{arith, convert, create, inplace};
use crate::{fail, with_dtype};
use rutile_kernels::random;
use rutile_macros::op;

fn dropout_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).kw("p", 0.0),
        Sample::new().tensor(&[3, 4]).kw("p", 1.0),
        Sample::new().tensor(&[3, 4]).kw("training", false),
    ]
}

/// Zeroes elements with probability `p` and scales the others by `1 / (1 - p)`; gives `input` itself unless `training`.
/// Source: Srivastava et al., "Dropout" (2014).
/// Raises: ValueError if `p` is outside [0, 1]; RuntimeError for integers.
///
/// >>> y = F.dropout(rt.ones(1000), p=0.2)
/// >>> y.unique(), (y.mean() - 1).abs().item() < 0.1
/// (tensor([0.0000, 1.2500]), True)
#[op(at = [rutile, nn.functional], sig = (input, p=0.5, training=true, inplace=false), samples = dropout_samples, complex, integers = refused)]
pub fn dropout(input: &Tensor, p: f64, training: bool, inplace: bool) -> Result<Tensor> {
    if !(0.0..=1.0).contains(&p) {
        fail!(Value, "dropout: probability has to be between 0 and 1, but got {p}");
    }
    if !input.dtype().has_gradients() {
        fail!(DType, "dropout: takes floats, not {}", input.dtype());
    }
    if !training {
        return Ok(input.clone());
    }
    if input.dtype().is_complex() {
        let ones =
            create::ones_like(input, Some(input.dtype().real()), Arg::None, false, Some(MemoryFormat::Contiguous))?;
        let out = arith::mul(input, &dropout(&ones, p, true, false)?)?;
        if inplace {
            inplace::assign("dropout", input, &out)?;
            return Ok(input.clone());
        }
        return Ok(out);
    }
    let array = input.array();
    let x = convert::plain(&array, array.dtype().compute());
    let (out, mask) = (Array::uninit(x.dtype(), x.shape()), Array::uninit(DType::Bool, x.shape()));
    let (seed, offset) = positions(None, x.len());
    with_dtype!(reals x.dtype(), T => {
        random::dropout(seed, offset, p, x.slice::<T>(), out.slice_mut::<T>(), mask.slice_mut::<bool>());
    });
    let out = record("dropout", convert::cast(&out, array.dtype()), &[input], move |g, grads| {
        grads.push(|| keep(g, &mask, p))
    });
    if inplace {
        inplace::assign("dropout", input, &out)?;
        return Ok(input.clone());
    }
    Ok(out)
}

/// `g / (1 - p)` where `mask` holds, else zero: the derivative of dropout, and its own.
fn keep(g: &Tensor, mask: &Array, p: f64) -> Result<Tensor> {
    let array = g.array();
    let g_array = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(g_array.dtype(), g_array.shape());
    with_dtype!(reals out.dtype(), T => {
        random::dropout_backward(p, g_array.slice::<T>(), mask.slice::<bool>(), out.slice_mut::<T>());
    });
    let mask = mask.clone();
    Ok(record("dropout_backward", convert::cast(&out, array.dtype()), &[g], move |gg, grads| {
        grads.push(|| keep(gg, &mask, p))
    }))
}
