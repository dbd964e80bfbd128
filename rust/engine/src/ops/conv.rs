//! Convolutions: one body for 1, 2 and 3 axes.
//!
//! `convolve`, `conv_input` and `conv_weight` are a family closed under differentiation: each is linear in two of
//! input, weight and output, and its derivatives are the other two. The transposed convolution is `conv_input` itself.

use super::registry::{Arg, FromArg, Ints, Sample};
use super::{arith, convert, join, reduce, view};
use crate::array::{Array, Shape};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, profile, with_dtype};
use rutile_kernels::conv::{self, Geometry};
use rutile_macros::op;
use smallvec::SmallVec;

/// How a kernel moves over the input. One- and two-dimensional convolutions use the last axes of three.
#[derive(Clone, Copy)]
struct Sliding {
    op: &'static str,
    /// Spatial axes: 1, 2 or 3.
    axes: usize,
    stride: [usize; 3],
    padding: [usize; 3],
    dilation: [usize; 3],
    groups: usize,
}

/// The spatial extents of a shape (n, c, ...), after leading ones.
fn spatial(shape: &[usize]) -> [usize; 3] {
    let mut out = [1; 3];
    let given = &shape[2..];
    out[3 - given.len()..].copy_from_slice(given);
    out
}

/// One number for all axes or one per axis, in the last of three places; the others are `missing`.
pub fn per_axis(op: &str, what: &str, values: &[i64], axes: usize, least: i64, missing: usize) -> Result<[usize; 3]> {
    if values.len() != 1 && values.len() != axes {
        fail!(Shape, "{op}: {what} must be one integer or {axes}, got {values:?}");
    }
    if values.iter().any(|&value| value < least) {
        fail!(Shape, "{op}: {what} must be at least {least}, got {values:?}");
    }
    let mut out = [missing; 3];
    for (i, place) in out[3 - axes..].iter_mut().enumerate() {
        // Beyond any extent, where products of two cannot overflow.
        *place = values[if values.len() == 1 { 0 } else { i }].min(i32::MAX.into()) as usize;
    }
    Ok(out)
}

impl Sliding {
    fn new(op: &'static str, axes: usize, stride: &[i64], dilation: &[i64], groups: usize) -> Result<Sliding> {
        if groups == 0 {
            fail!(Value, "{op}: groups must be positive");
        }
        Ok(Sliding {
            op,
            axes,
            stride: per_axis(op, "stride", stride, axes, 1, 1)?,
            padding: [0; 3],
            dilation: per_axis(op, "dilation", dilation, axes, 1, 1)?,
            groups,
        })
    }

    /// Reach of a kernel, with the gaps of its dilation, on an axis.
    fn reach(&self, kernel: usize, axis: usize) -> usize {
        (kernel - 1) * self.dilation[axis] + 1
    }

    /// The geometry of a convolution of `input` (n, c, ...) with `weight`.
    fn geometry(&self, input: &[usize], weight: &[usize]) -> Result<Geometry> {
        let op = self.op;
        if !weight[0].is_multiple_of(self.groups) || input[1] != weight[1] * self.groups {
            fail!(
                Shape,
                "{op}: Given groups={}, weight of size {weight:?}, expected input {input:?} to have {} channels, but got \
                 {} channels instead (and groups divides the {} output channels)",
                self.groups,
                weight[1] * self.groups,
                input[1],
                weight[0]
            );
        }
        let (from, kernel) = (spatial(input), spatial(weight));
        let mut output = [0; 3];
        let mut stride = self.stride;
        for axis in 0..3 {
            if kernel[axis] == 0 {
                fail!(Shape, "{op}: weight {weight:?} has an empty kernel");
            }
            let padded = from[axis] + 2 * self.padding[axis];
            let Some(room) = padded.checked_sub(self.reach(kernel[axis], axis)) else {
                fail!(
                    Shape,
                    "{op}: Calculated padded input size: {padded}. Kernel size: {} (with dilation {}). Kernel size can't \
                     be greater than actual input size; input {input:?}, weight {weight:?}",
                    self.reach(kernel[axis], axis),
                    self.dilation[axis]
                );
            };
            output[axis] = room / self.stride[axis] + 1;
            if output[axis] == 1 {
                stride[axis] = 1; // one place: no step, however long, and no memory for it
            }
        }
        Ok(Geometry {
            batch: input[0],
            groups: self.groups,
            in_channels: input[1],
            out_channels: weight[0],
            input: from,
            kernel,
            output,
            stride,
            padding: self.padding,
            dilation: self.dilation,
        })
    }

    fn shape(&self, batch: usize, channels: usize, extents: [usize; 3]) -> Shape {
        let mut shape = Shape::from_slice(&[batch, channels]);
        shape.extend_from_slice(&extents[3 - self.axes..]);
        shape
    }
}

/// Strides of (n, c, d, h, w).
fn strides(array: &Array) -> [isize; 5] {
    let mut out = [0; 5];
    out[..2].copy_from_slice(&array.strides()[..2]);
    let given = &array.strides()[2..];
    out[5 - given.len()..].copy_from_slice(given);
    out
}

/// Runs a kernel that writes `array`, if there is anything to write.
fn unless_empty(array: &Array, run: impl FnOnce(&Array)) {
    if !array.is_empty() {
        run(array);
    }
}

/// Notes the multiplications of a convolution with `weight` (out, c / groups, ...) whose output, or the gradient of it,
/// is `output`. Its two gradients take as many.
fn note(output: &Array, weight: &[usize]) {
    profile::multiply_adds(|| output.len() * weight[1..].iter().product::<usize>());
}

/// The convolution of `input` (n, c, ...) with `weight` (out, c / groups, ...).
fn convolve(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, sliding: Sliding) -> Result<Tensor> {
    let (x, w) = (input.array(), weight.array());
    let geometry = sliding.geometry(x.shape(), w.shape())?;
    let compute = x.dtype().compute();
    let (x_plain, w_plain) = (convert::cast(&x, compute), convert::plain(&w, compute));
    let b_plain = bias.map(|bias| convert::plain(&bias.array(), compute));
    let out = Array::uninit(compute, &sliding.shape(geometry.batch, geometry.out_channels, geometry.output));
    note(&out, w.shape());
    unless_empty(&out, |out| {
        with_dtype!(reals compute, T => {
            let bias = b_plain.as_ref().map(|bias| bias.slice::<T>());
            let (pointer, strides) = (x_plain.pointer::<T>(), strides(&x_plain));
            // SAFETY: the strides are those of an array of the shape that the geometry was made from.
            unsafe { conv::forward(&geometry, pointer, strides, w_plain.slice::<T>(), bias, out.slice_mut::<T>()) };
        });
    });
    let (saved_x, saved_w) = (input.save(), weight.save());
    let mut inputs: SmallVec<[&Tensor; 3]> = SmallVec::from_slice(&[input, weight]);
    inputs.extend(bias);
    let biased = bias.is_some();
    let (x_shape, w_shape) = (Shape::from_slice(x.shape()), Shape::from_slice(w.shape()));
    Ok(record(sliding.op, convert::cast(&out, x.dtype()), &inputs, move |g, grads| {
        let (x, w) = (saved_x.get_for(grads)?, saved_w.get_for(grads)?);
        grads.push(|| conv_input(g, &w, sliding, &x_shape))?;
        grads.push(|| conv_weight(&x, g, sliding, &w_shape))?;
        if biased {
            grads.push(|| reduce::sum(g, Some(all_but_channels(g.ndim())), false, None))?;
        }
        Ok(())
    }))
}

fn all_but_channels(ndim: usize) -> Ints {
    (0..ndim as i64).filter(|&axis| axis != 1).collect()
}

/// The gradient of [`convolve`] by its input, from the gradient `g` of its output.
fn conv_input(g: &Tensor, weight: &Tensor, sliding: Sliding, shape: &[usize]) -> Result<Tensor> {
    let (g_array, w) = (g.array(), weight.array());
    let geometry = sliding.geometry(shape, w.shape())?;
    let compute = g_array.dtype().compute();
    let (g_plain, w_plain) = (convert::plain(&g_array, compute), convert::plain(&w, compute));
    let out = Array::uninit(compute, shape);
    note(&g_plain, w.shape());
    unless_empty(&out, |out| {
        if g_plain.is_empty() {
            return convert::fill(out, 0_i64.into());
        }
        with_dtype!(reals compute, T => {
            conv::input_grad(&geometry, g_plain.slice::<T>(), w_plain.slice::<T>(), out.slice_mut::<T>());
        });
    });
    let (saved_g, saved_w) = (g.save(), weight.save());
    let w_shape = Shape::from_slice(w.shape());
    Ok(record("conv_input", convert::cast(&out, g_array.dtype()), &[g, weight], move |gg, grads| {
        let (g, w) = (saved_g.get_for(grads)?, saved_w.get_for(grads)?);
        grads.push(|| convolve(gg, &w, None, sliding))?;
        grads.push(|| conv_weight(gg, &g, sliding, &w_shape))
    }))
}

/// The gradient of [`convolve`] by its weight, from the gradient `g` of its output.
fn conv_weight(input: &Tensor, g: &Tensor, sliding: Sliding, shape: &[usize]) -> Result<Tensor> {
    let (x, g_array) = (input.array(), g.array());
    let geometry = sliding.geometry(x.shape(), shape)?;
    let compute = g_array.dtype().compute();
    let (x_plain, g_plain) = (convert::cast(&x, compute), convert::plain(&g_array, compute));
    let out = Array::uninit(compute, shape);
    note(&g_plain, shape);
    unless_empty(&out, |out| {
        if g_plain.is_empty() {
            return convert::fill(out, 0_i64.into());
        }
        with_dtype!(reals compute, T => {
            let (pointer, strides) = (x_plain.pointer::<T>(), strides(&x_plain));
            // SAFETY: the strides are those of an array of the shape that the geometry was made from.
            unsafe { conv::weight_grad(&geometry, pointer, strides, g_plain.slice::<T>(), out.slice_mut::<T>()) };
        });
    });
    let (saved_x, saved_g) = (input.save(), g.save());
    let x_shape = Shape::from_slice(x.shape());
    Ok(record("conv_weight", convert::cast(&out, g_array.dtype()), &[input, g], move |gw, grads| {
        let (x, g) = (saved_x.get_for(grads)?, saved_g.get_for(grads)?);
        grads.push(|| conv_input(&g, gw, sliding, &x_shape))?;
        grads.push(|| convolve(&x, gw, None, sliding))
    }))
}

// ---- what Python sees ----

/// Checks ranks and dtypes; gives the input with a batch axis, and whether it had none.
fn batched(
    op: &str,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    axes: usize,
    out_channels: usize,
) -> Result<(Tensor, bool)> {
    let (shape, dtype) = (input.shape(), input.dtype());
    if weight.ndim() != axes + 2 {
        fail!(Shape, "{op}: weight must have {} axes, got {:?}", axes + 2, &weight.shape()[..]);
    }
    if shape.len() != axes + 1 && shape.len() != axes + 2 {
        fail!(
            Shape,
            "{op}: Expected {}D (unbatched) or {}D (batched) input, but got input of size: {:?}",
            axes + 1,
            axes + 2,
            &shape[..]
        );
    }
    if !dtype.is_float() || weight.dtype() != dtype || bias.is_some_and(|bias| bias.dtype() != dtype) {
        fail!(
            DType,
            "{op}: input, weight and bias must be floats of one dtype, got {dtype}, {} and {}",
            weight.dtype(),
            bias.map_or("no bias".to_string(), |bias| bias.dtype().to_string())
        );
    }
    if let Some(bias) = bias
        && bias.shape()[..] != [out_channels]
    {
        fail!(
            Shape,
            "{op}: Given weight of size {:?}, expected bias to be 1-dimensional with {out_channels} elements, but got \
             bias of size {:?} instead",
            &weight.shape()[..],
            &bias.shape()[..]
        );
    }
    let unbatched = shape.len() == axes + 1;
    Ok((if unbatched { view::unsqueeze(input, 0)? } else { input.clone() }, unbatched))
}

fn unbatch(out: Tensor, unbatched: bool) -> Result<Tensor> {
    if unbatched { view::squeeze_axes(&out, &[0]) } else { Ok(out) }
}

fn conv_nd(
    op: &'static str,
    axes: usize,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: &[i64],
    padding: Arg,
    dilation: &[i64],
    groups: usize,
) -> Result<Tensor> {
    let weight_shape = weight.shape();
    let (mut x, unbatched) = batched(op, input, weight, bias, axes, weight_shape.first().copied().unwrap_or(0))?;
    let mut sliding = Sliding::new(op, axes, stride, dilation, groups)?;
    match padding {
        Arg::Str(word) if word == "valid" => {}
        Arg::Str(word) if word == "same" => {
            if sliding.stride != [1; 3] {
                fail!(Value, "{op}: padding='same' is not supported for strided convolutions");
            }
            // What does not divide evenly goes behind, as in PyTorch.
            let kernel = spatial(&weight_shape);
            let mut behind: SmallVec<[i64; 6]> = SmallVec::new();
            for axis in (3 - axes..3).rev() {
                let total = sliding.reach(kernel[axis].max(1), axis) - 1;
                sliding.padding[axis] = total / 2;
                behind.extend([0, (total % 2) as i64]);
            }
            if behind.iter().any(|&n| n > 0) {
                x = join::pad_constant(&x, &behind, 0.0)?;
            }
        }
        Arg::Str(word) => fail!(Value, "{op}: padding must be 'same', 'valid' or integers, got {word:?}"),
        numbers => match Ints::from_arg(numbers) {
            Ok(numbers) => sliding.padding = per_axis(op, "padding", &numbers, axes, 0, 0)?,
            Err(_) => fail!(Type, "{op}(): argument 'padding' must be int | Sequence[int] | 'same' | 'valid'"),
        },
    }
    unbatch(convolve(&x, weight, bias, sliding)?, unbatched)
}

fn conv1d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 7]).tensor(&[4, 3, 3]).tensor(&[4]),
        Sample::new().tensor(&[2, 8]).tensor(&[4, 1, 3]).kw("groups", 2).kw("stride", 2).kw("padding", 1),
        Sample::new().tensor(&[1, 2, 6]).tensor(&[2, 2, 2]).kw("padding", "same").kw("dilation", 3),
        Sample::new().tensor(&[0, 2, 5]).tensor(&[3, 2, 3]),
    ]
}

/// The cross-correlation of `input` (n, in, l) or (in, l) with `weight` (out, in / groups, k), plus `bias` (out): the
/// result is (n, out, length) with `length = (l + 2 * padding - dilation * (k - 1) - 1) // stride + 1`. `padding` is a
/// number of zeros on both sides, `"valid"` (none) or `"same"` (the output is as long as the input; stride 1). With
/// `groups`, each part of the channels has weights of its own.
/// Raises: RuntimeError if shapes or dtypes do not fit, or the kernel is longer than the padded input; ValueError for
/// another `padding`.
///
/// >>> x = rt.tensor([[[1.0, 2.0, 4.0, 8.0]]])
/// >>> F.conv1d(x, rt.tensor([[[-1.0, 1.0]]]))  # differences
/// tensor([[[1., 2., 4.]]])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1), samples = conv1d_samples, integers = refused)]
pub fn conv1d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Arg,
    dilation: Ints,
    groups: usize,
) -> Result<Tensor> {
    conv_nd("conv1d", 1, input, weight, bias, &stride, padding, &dilation, groups)
}

fn conv2d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 5, 6]).tensor(&[4, 3, 3, 2]).tensor(&[4]),
        Sample::new().tensor(&[2, 2, 5, 5]).tensor(&[3, 2, 3, 3]).kw("stride", 2).kw("padding", 1),
        Sample::new().tensor(&[1, 4, 6, 5]).tensor(&[4, 1, 3, 3]).tensor(&[4]).kw("groups", 4).kw("padding", [1, 0]),
        Sample::new().tensor(&[1, 2, 7, 6]).tensor(&[2, 2, 2, 3]).kw("dilation", [2, 1]).kw("stride", [1, 2]),
        Sample::new().tensor(&[2, 4, 5]).tensor(&[3, 2, 2, 2]).tensor(&[3]).kw("padding", "same"),
        Sample::new().tensor(&[2, 3, 4, 4]).tensor(&[2, 3, 1, 1]),
    ]
}

/// The cross-correlation of `input` (n, in, h, w) or (in, h, w) with `weight` (out, in / groups, kh, kw), plus `bias`
/// (out). The result is (n, out, height, width) with `height = (h + 2 * padding - dilation * (kh - 1) - 1) // stride +
/// 1`, `width` alike. `stride`, `padding` and `dilation` are one number or one per axis; `padding` may also be
/// `"valid"` (none) or `"same"` (the output is as large as the input; stride 1). `groups=in` is a depthwise
/// convolution.
///
/// An implicit matrix product: patches of the input are gathered as the product needs them (Chellapilla et al., 2006,
/// without the copy). 3 x 3 kernels, and 4 x 4 ones with stride 2, use Winograd's algorithm (Lavin and Gray, 2016); see
/// `set_winograd_enabled`.
/// Raises: RuntimeError if shapes or dtypes do not fit, or the kernel is larger than the padded input; ValueError for
/// another `padding`.
///
/// >>> x = rt.arange(9.0).reshape(1, 1, 3, 3)
/// >>> F.conv2d(x, rt.ones(1, 1, 2, 2))  # sums of 2 x 2 windows
/// tensor([[[[ 8., 12.],
///           [20., 24.]]]])
/// >>> F.conv2d(x, rt.ones(1, 1, 3, 3), bias=rt.tensor([0.5]), stride=2, padding=1).shape
/// rutile.Size([1, 1, 2, 2])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1), samples = conv2d_samples, integers = refused)]
pub fn conv2d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Arg,
    dilation: Ints,
    groups: usize,
) -> Result<Tensor> {
    conv_nd("conv2d", 2, input, weight, bias, &stride, padding, &dilation, groups)
}

fn conv3d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[1, 2, 3, 4, 3]).tensor(&[2, 2, 2, 3, 2]).tensor(&[2]),
        Sample::new()
            .tensor(&[2, 3, 3, 4])
            .tensor(&[2, 1, 2, 2, 2])
            .kw("groups", 2)
            .kw("padding", [1, 0, 1])
            .kw("stride", 2),
    ]
}

/// The cross-correlation of `input` (n, in, d, h, w) or (in, d, h, w) with `weight` (out, in / groups, kd, kh, kw),
/// plus `bias` (out), as (n, out, depth, height, width). Sizes and arguments as for `conv2d`, with three axes.
/// Raises: as `conv2d`.
///
/// >>> F.conv3d(rt.ones(1, 2, 4, 4, 4), rt.ones(3, 2, 2, 2, 2)).shape
/// rutile.Size([1, 3, 3, 3, 3])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1), samples = conv3d_samples, integers = refused)]
pub fn conv3d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Arg,
    dilation: Ints,
    groups: usize,
) -> Result<Tensor> {
    conv_nd("conv3d", 3, input, weight, bias, &stride, padding, &dilation, groups)
}

// ---- transposed ----

fn conv_transpose_nd(
    op: &'static str,
    axes: usize,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: &[i64],
    padding: &[i64],
    output_padding: &[i64],
    groups: usize,
    dilation: &[i64],
) -> Result<Tensor> {
    let weight_shape = weight.shape();
    let out_channels = weight_shape.get(1).copied().unwrap_or(0) * groups;
    let (x, unbatched) = batched(op, input, weight, bias, axes, out_channels)?;
    let mut sliding = Sliding::new(op, axes, stride, dilation, groups)?;
    sliding.padding = per_axis(op, "padding", padding, axes, 0, 0)?;
    let extra = per_axis(op, "output_padding", output_padding, axes, 0, 0)?;
    let shape = x.shape();
    if shape[1] != weight_shape[0] || !shape[1].is_multiple_of(groups) {
        fail!(
            Shape,
            "{op}: Given transposed=1, weight of size {:?}, expected input {:?} to have {} channels (divided by \
             groups={groups}), but got {} channels instead",
            &weight_shape[..],
            &shape[..],
            weight_shape[0],
            shape[1]
        );
    }
    let (from, kernel) = (spatial(&shape), spatial(&weight_shape));
    let mut extents = [1; 3];
    let mut more = [0; 3];
    for axis in 3 - axes..3 {
        // From the stride on, the convolution that this inverts has more outputs than there are inputs: zeros take their
        // places.
        more[axis] = (extra[axis] / sliding.stride[axis]) as i64;
        if extra[axis] > 0 && extra[axis] >= sliding.stride[axis].max(sliding.dilation[axis]) {
            fail!(
                Shape,
                "{op}: output padding must be smaller than either stride or dilation, got output_padding {}, stride {}, \
                 dilation {}",
                extra[axis],
                sliding.stride[axis],
                sliding.dilation[axis]
            );
        }
        let reach = sliding.reach(kernel[axis].max(1), axis) + extra[axis];
        let full = from[axis].saturating_sub(1) * sliding.stride[axis] + reach;
        if from[axis] == 0 || full <= 2 * sliding.padding[axis] {
            fail!(
                Shape,
                "{op}: input {:?} with weight {:?} and padding {padding:?} gives an empty output",
                &shape[..],
                &weight_shape[..]
            );
        }
        extents[axis] = full - 2 * sliding.padding[axis];
    }
    let x = if more == [0; 3] {
        x
    } else {
        let widths: Vec<i64> = more[3 - axes..].iter().rev().flat_map(|&count| [0, count]).collect();
        join::pad_constant(&x, &widths, 0.0)?
    };
    let out = conv_input(&x, weight, sliding, &sliding.shape(shape[0], out_channels, extents))?;
    let out = match bias {
        None => out,
        Some(bias) => {
            let mut aligned = Shape::from_elem(1, axes + 1);
            aligned[0] = out_channels;
            arith::add(&out, &view::reshape_to(bias, &aligned)?, 1.0)?
        }
    };
    unbatch(out, unbatched)
}

fn conv_transpose1d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 4]).tensor(&[3, 2, 3]).tensor(&[2]),
        Sample::new()
            .tensor(&[4, 5])
            .tensor(&[4, 1, 3])
            .kw("stride", 2)
            .kw("padding", 1)
            .kw("output_padding", 1)
            .kw("groups", 2),
        Sample::new()
            .tensor(&[1, 2, 3])
            .tensor(&[2, 1, 2])
            .kw("stride", 2)
            .kw("padding", 1)
            .kw("dilation", 6)
            .kw("output_padding", 5),
    ]
}

/// The transposed convolution: the gradient of `conv1d` by its input. `input` is (n, in, l) or (in, l), `weight` (in,
/// out / groups, k), the result (n, out, length) with `length = (l - 1) * stride - 2 * padding + dilation * (k - 1) +
/// output_padding + 1`. `output_padding` lengthens the output on one side, since several inputs of `conv1d` have
/// outputs of one length.
/// Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation.
///
/// >>> x = rt.tensor([[[1.0, 2.0]]])
/// >>> F.conv_transpose1d(x, rt.tensor([[[1.0, 1.0, 0.5]]]), stride=2)
/// tensor([[[1.0000, 1.0000, 2.5000, 2.0000, 1.0000]]])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1), samples = conv_transpose1d_samples, integers = refused)]
pub fn conv_transpose1d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Ints,
    output_padding: Ints,
    groups: usize,
    dilation: Ints,
) -> Result<Tensor> {
    let op = "conv_transpose1d";
    conv_transpose_nd(op, 1, input, weight, bias, &stride, &padding, &output_padding, groups, &dilation)
}

fn conv_transpose2d_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 3, 4]).tensor(&[3, 2, 3, 2]).tensor(&[2]),
        Sample::new()
            .tensor(&[1, 4, 3, 3])
            .tensor(&[4, 2, 3, 3])
            .kw("stride", 2)
            .kw("padding", 1)
            .kw("output_padding", [1, 0])
            .kw("groups", 2),
        Sample::new().tensor(&[2, 3, 3]).tensor(&[2, 2, 2, 2]).kw("dilation", 2),
    ]
}

/// The transposed convolution: the gradient of `conv2d` by its input. `input` is (n, in, h, w) or (in, h, w), `weight`
/// (in, out / groups, kh, kw), the result (n, out, height, width) with `height = (h - 1) * stride - 2 * padding +
/// dilation * (kh - 1) + output_padding + 1`. `output_padding` enlarges the output on one side, since several inputs of
/// `conv2d` have outputs of one size. Source: Zeiler et al., "Deconvolutional networks" (2010).
/// Raises: RuntimeError if shapes or dtypes do not fit, or `output_padding` is not smaller than stride or dilation.
///
/// >>> F.conv_transpose2d(rt.ones(1, 1, 2, 2), rt.ones(1, 1, 2, 2))
/// tensor([[[[1., 2., 1.],
///           [2., 4., 2.],
///           [1., 2., 1.]]]])
/// >>> F.conv_transpose2d(rt.ones(1, 8, 5, 5), rt.ones(8, 4, 3, 3), stride=2, padding=1, output_padding=1).shape
/// rutile.Size([1, 4, 10, 10])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1), samples = conv_transpose2d_samples, integers = refused)]
pub fn conv_transpose2d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Ints,
    output_padding: Ints,
    groups: usize,
    dilation: Ints,
) -> Result<Tensor> {
    let op = "conv_transpose2d";
    conv_transpose_nd(op, 2, input, weight, bias, &stride, &padding, &output_padding, groups, &dilation)
}

fn conv_transpose3d_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[1, 2, 2, 3, 2]).tensor(&[2, 2, 2, 2, 2]).tensor(&[2]).kw("stride", [1, 2, 1])]
}

/// The transposed convolution: the gradient of `conv3d` by its input. `input` is (n, in, d, h, w) or (in, d, h, w),
/// `weight` (in, out / groups, kd, kh, kw), the result (n, out, depth, height, width). Sizes and arguments as for
/// `conv_transpose2d`, with three axes.
/// Raises: as `conv_transpose2d`.
///
/// >>> F.conv_transpose3d(rt.ones(1, 2, 2, 2, 2), rt.ones(2, 3, 2, 2, 2), stride=2).shape
/// rutile.Size([1, 3, 4, 4, 4])
#[op(at = [rutile, nn.functional], sig = (input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1), samples = conv_transpose3d_samples, integers = refused)]
pub fn conv_transpose3d(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: Ints,
    padding: Ints,
    output_padding: Ints,
    groups: usize,
    dilation: Ints,
) -> Result<Tensor> {
    let op = "conv_transpose3d";
    conv_transpose_nd(op, 3, input, weight, bias, &stride, &padding, &output_padding, groups, &dilation)
}
