//! Normalisation.

use super::registry::{Ints, Sample, Values};
use super::{arith, convert, inplace, join, reduce, special, sums, view};
use crate::array::{Array, DType, Shape};
use crate::autograd::mode::{grad_enabled, no_grad};
use crate::autograd::{Grads, Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, norm};
use rutile_macros::op;

// ---- shared ----

fn require_float(op: &str, input: &Tensor) -> Result<()> {
    if !input.dtype().is_float() {
        fail!(DType, "{op}: takes floats, not {}", input.dtype());
    }
    Ok(())
}

/// Refuses a parameter that has not one element per channel.
fn per_channel(op: &str, what: &str, parameter: Option<&Tensor>, channels: usize) -> Result<()> {
    if let Some(parameter) = parameter
        && parameter.shape()[..] != [channels]
    {
        fail!(
            Shape,
            "{op}: {what} should contain {channels} elements, one per channel (axis 1), not {:?}",
            &parameter.shape()[..]
        );
    }
    Ok(())
}

/// A parameter as contiguous memory of the computing type.
fn plain(parameter: Option<&Tensor>, dtype: DType) -> Option<Array> {
    parameter.map(|parameter| convert::plain(&parameter.array(), dtype))
}

/// `(x - mean) / sqrt(var + eps)` over `dims`, and the factor, in differentiable operations.
fn standardised(x: &Tensor, dims: &Ints, eps: f64) -> Result<(Tensor, Tensor)> {
    let mean = |x: &Tensor| reduce::mean(x, Some(dims.clone()), true, None);
    let centred = arith::sub(x, &mean(x)?, 1.0)?;
    let variance = mean(&arith::square(&centred)?)?;
    let factor = special::rsqrt(&arith::add(&variance, &sums::number(eps), 1.0)?)?;
    Ok((arith::mul(&centred, &factor)?, factor))
}

/// The gradient of [`standardised`] from that of its result: without its mean and its part along the result.
fn standardised_gradient(g: &Tensor, result: &Tensor, factor: &Tensor, dims: &Ints) -> Result<Tensor> {
    let mean = |x: &Tensor| reduce::mean(x, Some(dims.clone()), true, None);
    let along = arith::mul(result, &mean(&arith::mul(g, result)?)?)?;
    let rest = arith::sub(&arith::sub(g, &mean(g)?, 1.0)?, &along, 1.0)?;
    arith::mul(&rest, factor)
}

/// The three gradients of a normalisation with weight and bias; those not needed are not computed.
struct Gradients {
    input: Option<Tensor>,
    weight: Option<Tensor>,
    bias: Option<Tensor>,
}

impl Gradients {
    /// Hands them to the tape in the order input, weight, bias, as far as those are inputs.
    fn push(self, grads: &mut Grads<'_>, weighted: bool, biased: bool) {
        grads.push_option(self.input);
        if weighted {
            grads.push_option(self.weight);
        }
        if biased {
            grads.push_option(self.bias);
        }
    }
}

/// Which gradients are wanted, in the order input, weight, bias.
#[derive(Clone, Copy)]
struct Wanted {
    input: bool,
    weight: bool,
    bias: bool,
}

impl Wanted {
    fn new(grads: &Grads<'_>, weighted: bool, biased: bool) -> Wanted {
        Wanted {
            input: grads.wants(0),
            weight: weighted && grads.wants(1),
            bias: biased && grads.wants(1 + usize::from(weighted)),
        }
    }
}

// ---- batch norm ----

/// Samples, channels and positions of a shape (n, c, ...).
fn batch_extents(shape: &[usize]) -> (usize, usize, usize) {
    (shape[0], shape[1], shape[2..].iter().product())
}

fn batch_norm_samples() -> Vec<Sample> {
    let (mean, var) = (Values::Constant(-1.0, 1.0), Values::Constant(0.5, 1.5));
    let running = |shape: &[usize]| Sample::new().tensor(shape).values(&[3], mean).values(&[3], var);
    vec![
        running(&[4, 3]).tensor(&[3]).tensor(&[3]).kw("training", true),
        running(&[2, 3, 4]).tensor(&[3]).tensor(&[3]),
        running(&[2, 3, 2, 2]).kw("training", true).kw("momentum", 0.3),
        Sample::new().tensor(&[2, 3, 2, 2]).arg(()).arg(()).tensor(&[3]).kw("training", true).kw("eps", 1e-3),
    ]
}

/// Normalises each channel of `input` (n, c, ...) to mean 0 and variance 1:
/// `(x - mean) / sqrt(var + eps) * weight + bias`, with `weight` and `bias` (c). In training with the statistics of
/// `input` over all other axes, of which `momentum` enters `running_mean` and `running_var` (c) in place (the variance
/// unbiased); else with the running ones.
/// Source: Ioffe and Szegedy, "Batch normalization" (2015), algorithms 1 and 2.
/// Raises: RuntimeError if an argument has not `c` elements or, outside training, a running one is missing; ValueError
/// if in training a channel has only one value.
///
/// >>> x = rt.tensor([[1.0, 10.0], [3.0, 30.0]])
/// >>> F.batch_norm(x, None, None, training=True)
/// tensor([[-1.0000, -1.0000],
///         [ 1.0000,  1.0000]])
/// >>> F.batch_norm(x, rt.tensor([0.0, 0.0]), rt.tensor([4.0, 100.0]))
/// tensor([[0.5000, 1.0000],
///         [1.5000, 3.0000]])
#[op(at = [nn.functional], sig = (input, running_mean, running_var, weight=None, bias=None, training=false, momentum=0.1, eps=1e-5), samples = batch_norm_samples, integers = refused)]
pub fn batch_norm(
    input: &Tensor,
    running_mean: Option<&Tensor>,
    running_var: Option<&Tensor>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    training: bool,
    momentum: f64,
    eps: f64,
) -> Result<Tensor> {
    let op = "batch_norm";
    require_float(op, input)?;
    let array = input.array();
    let shape = Shape::from_slice(array.shape());
    if shape.len() < 2 {
        fail!(Shape, "{op}: input must be (n, c, ...), got {:?}", &shape[..]);
    }
    let (n, c, s) = batch_extents(&shape);
    for (what, parameter) in
        [("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)]
    {
        per_channel(op, what, parameter, c)?;
    }
    if training && n * s <= 1 {
        fail!(Value, "{op}: Expected more than 1 value per channel when training, got input size {:?}", &shape[..]);
    }
    if !training && (running_mean.is_none() || running_var.is_none()) {
        fail!(Value, "{op}: Expected running_mean and running_var to be defined when training=False");
    }
    let compute = array.dtype().compute();
    let x = convert::plain(&array, compute);
    let (mean, var) = match (training, running_mean, running_var) {
        (false, Some(mean), Some(var)) => {
            // The derivative needs the mean, which a later step in training would change: a copy.
            let mean = convert::contiguous_copy(&convert::cast(&mean.array(), compute));
            (mean, convert::plain(&var.array(), compute))
        }
        _ => {
            let (mean, var) = (Array::uninit(compute, &[c]), Array::uninit(compute, &[c]));
            with_dtype!(reals compute, T => {
                norm::batch_stats(n, c, s, x.slice::<T>(), mean.slice_mut::<T>(), var.slice_mut::<T>());
            });
            let count = (n * s) as f64;
            blend(op, running_mean, &mean, momentum, 1.0)?;
            blend(op, running_var, &var, momentum, count / (count - 1.0))?;
            (mean, var)
        }
    };
    let (w, b) = (plain(weight, compute), plain(bias, compute));
    let (out, invstd) = (Array::uninit(compute, &shape), Array::uninit(compute, &[c]));
    with_dtype!(reals compute, T => {
        let (mean, var, invstd) = (mean.slice::<T>(), var.slice::<T>(), invstd.slice_mut::<T>());
        let (w, b) = (w.as_ref().map(|w| w.slice::<T>()), b.as_ref().map(|b| b.slice::<T>()));
        let (mut scale, mut shift) = (Vec::with_capacity(c), Vec::with_capacity(c));
        for channel in 0..c {
            let inverse = 1.0 / (var[channel].to_f64() + eps).sqrt();
            invstd[channel] = T::from_f64(inverse);
            let factor = inverse * w.map_or(1.0, |w| w[channel].to_f64());
            scale.push(T::from_f64(factor));
            shift.push(T::from_f64(b.map_or(0.0, |b| b[channel].to_f64()) - mean[channel].to_f64() * factor));
        }
        norm::batch_apply(n, c, s, x.slice::<T>(), &scale, &shift, out.slice_mut::<T>());
    });
    let node = BatchNorm { x: input.save(), weight: weight.map(Tensor::save), mean, invstd, training, eps };
    let (weighted, biased) = (weight.is_some(), bias.is_some());
    let mut inputs = vec![input];
    inputs.extend(weight);
    inputs.extend(bias);
    Ok(record(op, convert::cast(&out, array.dtype()), &inputs, move |g, grads| {
        let wanted = Wanted::new(grads, weighted, biased);
        let x = node.x.get_for(grads)?;
        let weight = node.weight.as_ref().map(|weight| weight.get_for(grads)).transpose()?;
        let gradients = if grad_enabled() {
            node.definition(g, &x, weight.as_ref(), wanted)?
        } else {
            node.fast(g, &x, weight.as_ref(), wanted)
        };
        gradients.push(grads, weighted, biased);
        Ok(())
    }))
}

/// `running = (1 - momentum) * running + momentum * factor * new`, in place.
fn blend(op: &str, running: Option<&Tensor>, new: &Array, momentum: f64, factor: f64) -> Result<()> {
    let Some(running) = running else {
        return Ok(());
    };
    no_grad(|| {
        let old = arith::mul(running, &sums::number(1.0 - momentum))?;
        let new = arith::mul(&Tensor::from(new.clone()), &sums::number(momentum * factor))?;
        inplace::assign(op, running, &arith::add(&old, &new, 1.0)?)
    })
}

/// What the derivative of batch norm remembers.
struct BatchNorm {
    x: Saved,
    weight: Option<Saved>,
    mean: Array,
    invstd: Array,
    training: bool,
    eps: f64,
}

impl BatchNorm {
    fn fast(&self, g: &Tensor, x: &Tensor, weight: Option<&Tensor>, wanted: Wanted) -> Gradients {
        let array = x.array();
        let compute = self.mean.dtype();
        let (n, c, s) = batch_extents(array.shape());
        let (g, x, w) = (convert::plain(&g.array(), compute), convert::plain(&array, compute), plain(weight, compute));
        let grad_x = wanted.input.then(|| Array::uninit(compute, array.shape()));
        let (grad_w, grad_b) = (Array::uninit(compute, &[c]), Array::uninit(compute, &[c]));
        with_dtype!(reals compute, T => norm::batch_backward(
            n,
            c,
            s,
            g.slice::<T>(),
            x.slice::<T>(),
            self.mean.slice::<T>(),
            self.invstd.slice::<T>(),
            w.as_ref().map(|w| w.slice::<T>()),
            grad_x.as_ref().map(|grad| grad.slice_mut::<T>()),
            grad_w.slice_mut::<T>(),
            grad_b.slice_mut::<T>(),
            self.training,
        ));
        Gradients {
            input: grad_x.map(|grad| Tensor::from(convert::cast(&grad, array.dtype()))),
            weight: wanted.weight.then(|| Tensor::from(grad_w)),
            bias: wanted.bias.then(|| Tensor::from(grad_b)),
        }
    }

    fn definition(&self, g: &Tensor, x: &Tensor, weight: Option<&Tensor>, wanted: Wanted) -> Result<Gradients> {
        let dims: Ints = (0..x.ndim() as i64).filter(|&axis| axis != 1).collect();
        let mut aligned = Shape::from_elem(1, x.ndim());
        aligned[1] = self.mean.len();
        let align = |channel: &Tensor| view::reshape_to(channel, &aligned);
        let over_channels = |x: &Tensor| reduce::sum(x, Some(dims.clone()), false, None);
        let (g, x) = (convert::to_dtype(g, self.mean.dtype())?, convert::to_dtype(x, self.mean.dtype())?);
        let (result, factor) = if self.training {
            standardised(&x, &dims, self.eps)?
        } else {
            let factor = align(&Tensor::from(self.invstd.clone()))?;
            (arith::mul(&arith::sub(&x, &align(&Tensor::from(self.mean.clone()))?, 1.0)?, &factor)?, factor)
        };
        let scaled = weight.map_or_else(|| Ok(g.clone()), |weight| arith::mul(&g, &align(weight)?))?;
        let input = || match self.training {
            true => standardised_gradient(&scaled, &result, &factor, &dims),
            false => arith::mul(&scaled, &factor),
        };
        Ok(Gradients {
            input: wanted.input.then(input).transpose()?,
            weight: wanted.weight.then(|| over_channels(&arith::mul(&g, &result)?)).transpose()?,
            bias: wanted.bias.then(|| over_channels(&g)).transpose()?,
        })
    }
}

fn instance_norm_samples() -> Vec<Sample> {
    let (mean, var) = (Values::Constant(-1.0, 1.0), Values::Constant(0.5, 1.5));
    vec![
        Sample::new().tensor(&[2, 3, 4]),
        Sample::new().tensor(&[2, 3, 2, 2]).values(&[3], mean).values(&[3], var).tensor(&[3]).tensor(&[3]),
        Sample::new().tensor(&[2, 3, 4]).values(&[3], mean).values(&[3], var).kw("use_input_stats", false),
    ]
}

/// Normalises each channel of each sample of `input` (n, c, ...) over its positions, then times `weight` plus `bias`
/// (c). With `use_input_stats` false by the running statistics, which otherwise take in `momentum` of the mean over the
/// samples. Source: Ulyanov et al., "Instance normalization" (2016).
/// Raises: ValueError if a channel of a sample has only one position; RuntimeError if an argument has not `c` elements.
///
/// >>> F.instance_norm(rt.tensor([[[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]]]))
/// tensor([[[-1.2247,  0.0000,  1.2247],
///          [-0.7071, -0.7071,  1.4142]]])
#[op(at = [nn.functional], sig = (input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=true, momentum=0.1, eps=1e-5), samples = instance_norm_samples, integers = refused)]
pub fn instance_norm(
    input: &Tensor,
    running_mean: Option<&Tensor>,
    running_var: Option<&Tensor>,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    use_input_stats: bool,
    momentum: f64,
    eps: f64,
) -> Result<Tensor> {
    let op = "instance_norm";
    if !use_input_stats {
        return batch_norm(input, running_mean, running_var, weight, bias, false, momentum, eps);
    }
    let shape = input.shape();
    if shape.len() < 2 {
        fail!(Shape, "{op}: input must be (n, c, ...), got {:?}", &shape[..]);
    }
    let (n, c, s) = batch_extents(&shape);
    if s <= 1 {
        fail!(Value, "{op}: Expected more than 1 spatial element when training, got input size {:?}", &shape[..]);
    }
    for (what, parameter) in
        [("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)]
    {
        per_channel(op, what, parameter, c)?;
    }
    // Every channel of every sample is a channel of one large sample.
    let flat = view::reshape_to(input, &[1, n * c, s])?;
    let copies = |running: Option<&Tensor>| {
        running.map(|running| join::repeat(&running.detach(), Ints::from_elem(n as i64, 1))).transpose()
    };
    let (means, vars) = (copies(running_mean)?, copies(running_var)?);
    let out = batch_norm(&flat, means.as_ref(), vars.as_ref(), None, None, true, momentum, eps)?;
    no_grad(|| {
        for (running, copies) in [(running_mean, means), (running_var, vars)] {
            if let (Some(running), Some(copies)) = (running, copies) {
                let copies = view::reshape_to(&copies, &[n, c])?;
                inplace::assign(op, running, &reduce::mean(&copies, Some(Ints::from_elem(0, 1)), false, None)?)?;
            }
        }
        Ok(())
    })?;
    affine_channels(&view::reshape_to(&out, &shape)?, weight, bias)
}

/// `x * weight + bias` per channel (axis 1), in the dtype of `x`.
fn affine_channels(x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Result<Tensor> {
    let mut aligned = Shape::from_elem(1, x.ndim());
    aligned[1] = x.shape()[1];
    let align = |parameter: &Tensor| view::reshape_to(&convert::to_dtype(parameter, x.dtype())?, &aligned);
    let scaled = weight.map_or_else(|| Ok(x.clone()), |weight| arith::mul(x, &align(weight)?))?;
    bias.map_or_else(|| Ok(scaled.clone()), |bias| arith::add(&scaled, &align(bias)?, 1.0))
}

// ---- layer norm ----

/// The number of rows, and of elements in each, if the last axes of `shape` are `normalized`.
fn rows(op: &str, shape: &[usize], normalized: &[i64]) -> Result<(usize, usize)> {
    let cut = shape.len().checked_sub(normalized.len());
    let fits = cut.is_some_and(|cut| shape[cut..].iter().zip(normalized).all(|(&n, &m)| n as i64 == m));
    match cut {
        Some(cut) if fits && !normalized.is_empty() => {
            Ok((shape[..cut].iter().product(), shape[cut..].iter().product()))
        }
        _ => fail!(
            Shape,
            "{op}: Given normalized_shape={normalized:?}, expected input with shape [*, {normalized:?}], but got input of \
             size {shape:?}"
        ),
    }
}

fn layer_norm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg([4]).tensor(&[4]).tensor(&[4]),
        Sample::new().tensor(&[2, 3, 4]).arg([3, 4]).tensor(&[3, 4]),
        Sample::new().tensor(&[2, 5]).arg([5]).kw("eps", 1e-3),
        Sample::new().tensor(&[2, 5]).arg([5]).arg(()).tensor(&[5]),
    ]
}

/// Normalises over the last axes, whose extents are `normalized_shape`, to mean 0 and variance 1, then times `weight`
/// plus `bias` of that shape: `(x - mean) / sqrt(var + eps) * weight + bias`. Source: Ba et al., "Layer normalization"
/// (2016).
/// Raises: RuntimeError if `input` does not end in `normalized_shape`, or `weight` or `bias` has another shape.
///
/// >>> F.layer_norm(rt.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 6.0]]), (3,))
/// tensor([[-1.2247,  0.0000,  1.2247],
///         [-0.7071, -0.7071,  1.4142]])
#[op(at = [rutile, nn.functional], sig = (input, normalized_shape, weight=None, bias=None, eps=1e-5), samples = layer_norm_samples, integers = refused)]
pub fn layer_norm(
    input: &Tensor,
    normalized_shape: Ints,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Result<Tensor> {
    let op = "layer_norm";
    require_float(op, input)?;
    let array = input.array();
    let (rows, cols) = rows(op, array.shape(), &normalized_shape)?;
    let inner = Shape::from_slice(&array.shape()[array.ndim() - normalized_shape.len()..]);
    for (what, parameter) in [("weight", weight), ("bias", bias)] {
        if let Some(parameter) = parameter
            && parameter.shape() != inner
        {
            fail!(
                Shape,
                "{op}: Expected {what} to be of same shape as normalized_shape, but got {:?} and {:?}",
                &parameter.shape()[..],
                &inner[..]
            );
        }
    }
    let compute = array.dtype().compute();
    let x = convert::plain(&array, compute);
    let (w, b) = (plain(weight, compute), plain(bias, compute));
    let out = Array::uninit(compute, array.shape());
    let (mean, rstd) = (Array::uninit(compute, &[rows]), Array::uninit(compute, &[rows]));
    with_dtype!(reals compute, T => norm::layer_forward(
        rows,
        cols,
        x.slice::<T>(),
        w.as_ref().map(|w| w.slice::<T>()),
        b.as_ref().map(|b| b.slice::<T>()),
        eps,
        out.slice_mut::<T>(),
        mean.slice_mut::<T>(),
        rstd.slice_mut::<T>(),
    ));
    let node = LayerNorm { x: input.save(), weight: weight.map(Tensor::save), mean, rstd, inner, eps };
    let (weighted, biased) = (weight.is_some(), bias.is_some());
    let mut inputs = vec![input];
    inputs.extend(weight);
    inputs.extend(bias);
    Ok(record(op, convert::cast(&out, array.dtype()), &inputs, move |g, grads| {
        let wanted = Wanted::new(grads, weighted, biased);
        let x = node.x.get_for(grads)?;
        let weight = node.weight.as_ref().map(|weight| weight.get_for(grads)).transpose()?;
        let gradients = if grad_enabled() {
            node.definition(g, &x, weight.as_ref(), wanted)?
        } else {
            node.fast(g, &x, weight.as_ref(), wanted)
        };
        gradients.push(grads, weighted, biased);
        Ok(())
    }))
}

/// What the derivative of layer norm remembers.
struct LayerNorm {
    x: Saved,
    weight: Option<Saved>,
    mean: Array,
    rstd: Array,
    /// The normalised extents.
    inner: Shape,
    eps: f64,
}

impl LayerNorm {
    fn fast(&self, g: &Tensor, x: &Tensor, weight: Option<&Tensor>, wanted: Wanted) -> Gradients {
        let array = x.array();
        let compute = self.mean.dtype();
        let (g, x, w) = (convert::plain(&g.array(), compute), convert::plain(&array, compute), plain(weight, compute));
        let grad_x = wanted.input.then(|| Array::uninit(compute, array.shape()));
        let grad_w = wanted.weight.then(|| Array::uninit(compute, &self.inner));
        let grad_b = wanted.bias.then(|| Array::uninit(compute, &self.inner));
        with_dtype!(reals compute, T => norm::layer_backward(
            self.mean.len(),
            self.inner.iter().product(),
            g.slice::<T>(),
            x.slice::<T>(),
            self.mean.slice::<T>(),
            self.rstd.slice::<T>(),
            w.as_ref().map(|w| w.slice::<T>()),
            grad_x.as_ref().map(|grad| grad.slice_mut::<T>()),
            grad_w.as_ref().map(|grad| grad.slice_mut::<T>()),
            grad_b.as_ref().map(|grad| grad.slice_mut::<T>()),
        ));
        Gradients {
            input: grad_x.map(|grad| Tensor::from(convert::cast(&grad, array.dtype()))),
            weight: grad_w.map(Tensor::from),
            bias: grad_b.map(Tensor::from),
        }
    }

    fn definition(&self, g: &Tensor, x: &Tensor, weight: Option<&Tensor>, wanted: Wanted) -> Result<Gradients> {
        let dims: Ints = (1..=self.inner.len() as i64).map(|axis| -axis).collect();
        let (g, x) = (convert::to_dtype(g, self.mean.dtype())?, convert::to_dtype(x, self.mean.dtype())?);
        let (result, factor) = standardised(&x, &dims, self.eps)?;
        let input = || {
            let scaled = weight.map_or_else(|| Ok(g.clone()), |weight| arith::mul(&g, weight))?;
            standardised_gradient(&scaled, &result, &factor, &dims)
        };
        // The engine sums the gradients of weight and bias over the rows.
        Ok(Gradients {
            input: wanted.input.then(input).transpose()?,
            weight: wanted.weight.then(|| arith::mul(&g, &result)).transpose()?,
            bias: wanted.bias.then(|| g.clone()),
        })
    }
}

fn group_norm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 4, 3]).arg(2).tensor(&[4]).tensor(&[4]),
        Sample::new().tensor(&[2, 6, 2, 2]).arg(3),
        Sample::new().tensor(&[3, 4]).arg(1).tensor(&[4]),
    ]
}

/// Normalises each of `num_groups` groups of channels of each sample of `input` (n, c, ...) to mean 0 and variance 1,
/// then times `weight` plus `bias` (c). Source: Wu and He, "Group normalization" (2018).
/// Raises: RuntimeError if `num_groups` does not divide `c`, or `weight` or `bias` has not `c` elements.
///
/// >>> x = rt.tensor([[1.0, 3.0, 10.0, 30.0]])  # one sample, four channels
/// >>> F.group_norm(x, num_groups=2)
/// tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
#[op(at = [rutile, nn.functional], sig = (input, num_groups, weight=None, bias=None, eps=1e-5), samples = group_norm_samples, integers = refused)]
pub fn group_norm(
    input: &Tensor,
    num_groups: usize,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    eps: f64,
) -> Result<Tensor> {
    let op = "group_norm";
    let shape = input.shape();
    if shape.len() < 2 {
        fail!(Shape, "{op}: Expected at least 2 dimensions for input tensor but received {}", shape.len());
    }
    let (n, c, s) = batch_extents(&shape);
    if num_groups == 0 || !c.is_multiple_of(num_groups) {
        fail!(
            Shape,
            "{op}: Expected number of channels in input to be divisible by num_groups, but got input of shape {:?} and \
             num_groups={num_groups}",
            &shape[..]
        );
    }
    per_channel(op, "weight", weight, c)?;
    per_channel(op, "bias", bias, c)?;
    let row = c / num_groups * s;
    let flat = view::reshape_to(input, &[n * num_groups, row])?;
    let out = layer_norm(&flat, Ints::from_elem(row as i64, 1), None, None, eps)?;
    affine_channels(&view::reshape_to(&out, &shape)?, weight, bias)
}

fn rms_norm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg([4]).tensor(&[4]),
        Sample::new().tensor(&[2, 3, 4]).arg([3, 4]).kw("eps", 1e-3),
    ]
}

/// Divides by the root mean square over the last axes, whose extents are `normalized_shape`, then times `weight` of
/// that shape. `eps` is added to the mean square; without it the dtype's machine epsilon. Source: Zhang and Sennrich,
/// "Root mean square layer normalization" (2019).
/// Raises: RuntimeError if `input` does not end in `normalized_shape`.
///
/// >>> F.rms_norm(rt.tensor([[3.0, 4.0], [0.0, 1.0]]), (2,))
/// tensor([[0.8485, 1.1314],
///         [0.0000, 1.4142]])
#[op(at = [rutile, nn.functional], sig = (input, normalized_shape, weight=None, eps=None), samples = rms_norm_samples, integers = refused)]
pub fn rms_norm(input: &Tensor, normalized_shape: Ints, weight: Option<&Tensor>, eps: Option<f64>) -> Result<Tensor> {
    let op = "rms_norm";
    require_float(op, input)?;
    rows(op, &input.shape(), &normalized_shape)?;
    if let Some(weight) = weight
        && !weight.shape().iter().map(|&n| n as i64).eq(normalized_shape.iter().copied())
    {
        fail!(
            Shape,
            "{op}: Expected weight to be of same shape as normalized_shape, but got {:?} and {:?}",
            &weight.shape()[..],
            &normalized_shape[..]
        );
    }
    let eps = eps.unwrap_or(match input.dtype() {
        DType::F16 => f64::powi(2.0, -10),
        DType::BF16 => f64::powi(2.0, -7),
        DType::F32 => f32::EPSILON.into(),
        _ => f64::EPSILON,
    });
    let x = convert::to_dtype(input, input.dtype().compute())?;
    let dims: Ints = (1..=normalized_shape.len() as i64).map(|axis| -axis).collect();
    let squares = reduce::mean(&arith::square(&x)?, Some(dims), true, None)?;
    let out = arith::mul(&x, &special::rsqrt(&arith::add(&squares, &sums::number(eps), 1.0)?)?)?;
    let out = weight.map_or_else(|| Ok(out.clone()), |weight| arith::mul(&out, weight))?;
    convert::to_dtype(&out, input.dtype())
}
