//! Attention.

use super::registry::{Ints, Sample, Values};
use super::{arith, compare, matmul, random, reduce, softmax, sums, view};
use crate::array::{DType, Scalar, Shape};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

fn samples() -> Vec<Sample> {
    let heads = |l: usize, s: usize| Sample::new().tensor(&[2, 2, l, 4]).tensor(&[2, 2, s, 4]).tensor(&[2, 2, s, 3]);
    vec![
        heads(3, 5),
        heads(3, 5).kw("is_causal", true),
        heads(4, 3).kw("is_causal", true).kw("scale", 0.3),
        heads(3, 5).kw_tensor("attn_mask", &[3, 5], Values::Float(-2.0, 2.0)),
        heads(3, 5).kw_tensor("attn_mask", &[2, 1, 3, 5], Values::Bool),
        Sample::new().tensor(&[3, 4]).tensor(&[5, 4]).tensor(&[5, 2]),
        Sample::new().tensor(&[2, 4, 3, 2]).tensor(&[2, 2, 5, 2]).tensor(&[2, 2, 5, 3]).kw("enable_gqa", true),
        Sample::new().tensor(&[0, 3, 4]).tensor(&[0, 5, 4]).tensor(&[0, 5, 4]),
    ]
}

/// `softmax(query @ key.T * scale + mask) @ value`: for each query a mean of the values, weighted by how well its key
/// fits. `query` is (..., l, e), `key` (..., s, e), `value` (..., s, v), the result (..., l, v); leading axes
/// broadcast. `scale` is `1 / sqrt(e)` unless given. `attn_mask` (broadcast to (..., l, s)) is true where a query may
/// look, or is added to the scores; a query that may look nowhere gets 0. `is_causal` lets query i look at keys up to
/// i. `dropout_p` zeroes weights at random, always: pass 0 in evaluation. `enable_gqa` lets several heads (axis -3) of
/// `query` share one of `key` and `value`. Source: Vaswani et al., "Attention is all you need" (2017).
/// Raises: RuntimeError if the lengths or features do not fit, dtypes differ, or a mask comes with `is_causal`.
///
/// >>> query, key = rt.zeros(3, 4), rt.zeros(3, 4)  # all keys fit all queries equally
/// >>> value = rt.tensor([[1.0], [2.0], [6.0]])
/// >>> F.scaled_dot_product_attention(query, key, value)
/// tensor([[3.],
///         [3.],
///         [3.]])
/// >>> F.scaled_dot_product_attention(query, key, value, is_causal=True)
/// tensor([[1.0000],
///         [1.5000],
///         [3.0000]])
#[op(at = [nn.functional], sig = (query, key, value, attn_mask=None, dropout_p=0.0, is_causal=false, scale=None, enable_gqa=false), samples = samples)]
pub fn scaled_dot_product_attention(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    attn_mask: Option<&Tensor>,
    dropout_p: f64,
    is_causal: bool,
    scale: Option<f64>,
    enable_gqa: bool,
) -> Result<Tensor> {
    let op = "scaled_dot_product_attention";
    for (name, x) in [("query", query), ("key", key), ("value", value)] {
        if x.ndim() < 2 {
            fail!(Shape, "{op}: {name} must be at least 2-d (..., length, features), got {:?}", &x.shape()[..]);
        }
        if !x.dtype().is_float() || x.dtype() != query.dtype() {
            fail!(
                DType,
                "{op}: Expected query, key, and value to have the same float dtype, but got query {}, {name} {}",
                query.dtype(),
                x.dtype()
            );
        }
    }
    let (q, k) = (query.shape(), key.shape());
    if q[q.len() - 1] != k[k.len() - 1] || k[k.len() - 2] != value.shape()[value.ndim() - 2] {
        fail!(
            Shape,
            "{op}: query {:?} and key {:?} must have the same last axis, key and value {:?} the same length",
            &q[..],
            &k[..],
            &value.shape()[..]
        );
    }
    if is_causal && attn_mask.is_some() {
        fail!(Value, "{op}: Explicit attn_mask should not be set when is_causal=True");
    }
    let (key, value) = if enable_gqa {
        (shared_heads(op, key, &q)?, shared_heads(op, value, &q)?)
    } else {
        (key.clone(), value.clone())
    };
    let scale = scale.unwrap_or_else(|| 1.0 / (q[q.len() - 1] as f64).sqrt());
    // Scaling the query costs less than scaling the scores.
    let scaled = arith::mul(query, &sums::number(scale))?;
    let mut scores = matmul::matmul(&scaled, &view::transpose(&key, -2, -1)?)?;
    let mut blind = None;
    if let Some(mask) = attn_mask {
        let last = Some(Ints::from_elem(-1, 1));
        let rows = if mask.dtype() == DType::Bool {
            scores = compare::masked_fill(&scores, &compare::logical_not(mask)?, &infinite())?;
            compare::logical_not(&reduce::any(mask, last, true)?)?
        } else {
            if mask.dtype() != query.dtype() {
                fail!(
                    DType,
                    "{op}: Expected attn_mask dtype to be bool or to match query dtype {}, but got {}",
                    query.dtype(),
                    mask.dtype()
                );
            }
            scores = arith::add(&scores, mask, 1.0)?;
            match mask.shape().last() {
                Some(&n) if n > 0 => compare::eq(&reduce::amax(&mask.detach(), last, true)?, &infinite())?,
                _ => compare::eq(&mask.detach(), &infinite())?,
            }
        };
        if reduce::any(&rows, None, false)?.array().item() == Scalar::Bool(true) {
            // A row of infinities has no softmax: it is computed from zeros and dropped.
            scores = compare::masked_fill(&scores, &rows, &sums::zero())?;
            blind = Some(rows);
        }
    }
    let mut weights = if is_causal { softmax::causal(&scores)? } else { softmax::softmax(&scores, -1, None)? };
    if let Some(rows) = blind {
        weights = compare::masked_fill(&weights, &rows, &sums::zero())?;
    }
    if dropout_p > 0.0 {
        weights = random::dropout(&weights, dropout_p, true, false)?;
    }
    matmul::matmul(&weights, &value)
}

fn infinite() -> Tensor {
    sums::number(f64::NEG_INFINITY)
}

/// Keys or values with each head repeated until there are as many as the query has.
fn shared_heads(op: &str, x: &Tensor, query: &[usize]) -> Result<Tensor> {
    let shape = x.shape();
    let fits = query.len() >= 3
        && shape.len() >= 3
        && shape[shape.len() - 3] > 0
        && query[query.len() - 3].is_multiple_of(shape[shape.len() - 3]);
    if !fits {
        fail!(
            Shape,
            "{op}: with enable_gqa the heads (axis -3) of query {query:?} must be a multiple of those of {:?}",
            &shape[..]
        );
    }
    let axis = shape.len() - 3;
    let times = query[query.len() - 3] / shape[axis];
    if times == 1 {
        return Ok(x.clone());
    }
    let mut wide = Shape::from_slice(&shape);
    wide.insert(axis + 1, times);
    let mut out = shape;
    out[axis] *= times;
    view::reshape_to(&view::expand_to(&view::unsqueeze(x, axis as i64 + 1)?, &wide)?, &out)
}
