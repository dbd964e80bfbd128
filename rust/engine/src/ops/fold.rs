//! Windows of images as columns, and back: each is the other's derivative.

use super::create;
use super::registry::{Ints, Sample};
use super::{convert, view};
use crate::array::Array;
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::fold::{self as kernels, Windows};
use rutile_macros::op;

/// One or two integers, each at least `least`.
fn two(op: &str, what: &str, values: &[i64], least: i64) -> Result<[usize; 2]> {
    let pair = match *values {
        [one] => [one, one],
        [a, b] => [a, b],
        _ => fail!(Shape, "{op}: {what} must be one integer or two, got {values:?}"),
    };
    if pair.iter().any(|&value| value < least) {
        fail!(Shape, "{op}: {what} should be at least {least}, but got {pair:?}");
    }
    Ok(pair.map(|value| value as usize))
}

fn windows(
    op: &str,
    input: [usize; 2],
    kernel: &[i64],
    dilation: &[i64],
    padding: &[i64],
    stride: &[i64],
) -> Result<Windows> {
    let kernel = two(op, "kernel_size", kernel, 1)?;
    let [dilation, stride] = [two(op, "dilation", dilation, 1)?, two(op, "stride", stride, 1)?];
    let padding = two(op, "padding", padding, 0)?;
    let mut output = [0; 2];
    for axis in 0..2 {
        let reach = dilation[axis] * (kernel[axis] - 1) + 1;
        let room = input[axis] + 2 * padding[axis];
        if room < reach {
            fail!(
                Shape,
                "{op}: a window of {reach} (kernel_size {kernel:?}, dilation {dilation:?}) does not fit into {input:?} \
                 with padding {padding:?}"
            );
        }
        output[axis] = (room - reach) / stride[axis] + 1;
    }
    Ok(Windows { input, kernel, output, stride, padding, dilation })
}

/// (n, c, h, w) to (n, c * taps, windows).
fn to_columns(x: &Tensor, windows: Windows) -> Result<Tensor> {
    let array = x.array();
    let [n, c] = [array.shape()[0], array.shape()[1]];
    let plain = convert::plain(&array, array.dtype().compute());
    let taps = windows.kernel[0] * windows.kernel[1];
    let out = Array::uninit(plain.dtype(), &[n, c * taps, windows.output[0] * windows.output[1]]);
    with_dtype!(reals plain.dtype(), T => {
        kernels::unfold(&windows, n * c, plain.slice::<T>(), out.slice_mut::<T>());
    });
    Ok(record("unfold", convert::cast(&out, array.dtype()), &[x], move |g, grads| {
        grads.push(|| from_columns(g, windows))
    }))
}

/// (n, c * taps, windows) to (n, c, h, w).
fn from_columns(x: &Tensor, windows: Windows) -> Result<Tensor> {
    let array = x.array();
    let taps = windows.kernel[0] * windows.kernel[1];
    let (n, c) = (array.shape()[0], array.shape()[1] / taps);
    let plain = convert::plain(&array, array.dtype().compute());
    let out = Array::uninit(plain.dtype(), &[n, c, windows.input[0], windows.input[1]]);
    with_dtype!(reals plain.dtype(), T => {
        kernels::fold(&windows, n * c, plain.slice::<T>(), out.slice_mut::<T>());
    });
    Ok(record("fold", convert::cast(&out, array.dtype()), &[x], move |g, grads| grads.push(|| to_columns(g, windows))))
}

fn require_float(op: &str, input: &Tensor) -> Result<()> {
    if !input.dtype().is_float() {
        fail!(DType, "{op}: takes floats, not {}", input.dtype());
    }
    Ok(())
}

fn unfold_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 2, 4, 5]).arg(2),
        Sample::new().tensor(&[2, 4, 5]).arg([2, 3]).kw("padding", [1, 2]).kw("stride", [2, 1]),
        Sample::new().tensor(&[1, 2, 5, 6]).arg([3, 2]).kw("dilation", [2, 3]).kw("padding", 1).kw("stride", 2),
        Sample::new().tensor(&[0, 2, 4, 5]).arg(2),
    ]
}

/// The windows of images (n, c, h, w) or (c, h, w) as columns: (n, c * taps, windows), where a window has the taps of
/// `kernel_size`, `dilation` apart; windows are `stride` apart, the image is surrounded by `padding` zeros. A
/// convolution is `weight.flatten(1) @ unfold(input)`.
/// Raises: RuntimeError if the input is not 3-d or 4-d, or smaller than a window.
///
/// >>> x = rt.arange(9.0).reshape(1, 1, 3, 3)
/// >>> F.unfold(x, kernel_size=2)
/// tensor([[[0., 1., 3., 4.],
///          [1., 2., 4., 5.],
///          [3., 4., 6., 7.],
///          [4., 5., 7., 8.]]])
#[op(name = "unfold", at = [nn.functional], sig = (input, kernel_size, dilation=1, padding=0, stride=1), samples = unfold_samples, integers = refused)]
pub fn functional_unfold(
    input: &Tensor,
    kernel_size: Ints,
    dilation: Ints,
    padding: Ints,
    stride: Ints,
) -> Result<Tensor> {
    let op = "unfold";
    require_float(op, input)?;
    let shape = input.shape();
    let spatial = match shape[..] {
        [_, _, h, w] | [_, h, w] if shape[shape.len() - 3..].iter().all(|&n| n > 0) => [h, w],
        _ => fail!(
            Shape,
            "{op}: Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for \
             input, but got: {:?}",
            &shape[..]
        ),
    };
    let windows = windows(op, spatial, &kernel_size, &dilation, &padding, &stride)?;
    if shape.len() == 3 {
        return view::squeeze_axes(&to_columns(&view::unsqueeze(input, 0)?, windows)?, &[0]);
    }
    to_columns(input, windows)
}

fn fold_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 8, 12]).arg([4, 5]).arg(2),
        Sample::new().tensor(&[12, 14]).arg([4, 5]).arg([2, 3]).kw("padding", [0, 2]).kw("stride", [2, 1]),
        Sample::new().tensor(&[1, 4, 9]).arg([5, 4]).arg(2).kw("dilation", [2, 1]),
    ]
}

/// Adds columns (n, c * taps, windows) or (c * taps, windows) up to images (n, c, h, w) or (c, h, w) of `output_size`
/// (h, w): the sum of what `unfold` would read. Arguments as there.
/// Raises: RuntimeError if the columns are not those of such an image.
///
/// >>> x = rt.ones(1, 1, 3, 3)
/// >>> F.fold(F.unfold(x, kernel_size=2), output_size=(3, 3), kernel_size=2)  # in how many windows an element is
/// tensor([[[[1., 2., 1.],
///           [2., 4., 2.],
///           [1., 2., 1.]]]])
#[op(at = [nn.functional], sig = (input, output_size, kernel_size, dilation=1, padding=0, stride=1), samples = fold_samples, integers = refused)]
pub fn fold(
    input: &Tensor,
    output_size: Ints,
    kernel_size: Ints,
    dilation: Ints,
    padding: Ints,
    stride: Ints,
) -> Result<Tensor> {
    let op = "fold";
    require_float(op, input)?;
    let size = match output_size[..] {
        [one] => [one, one],
        [a, b] => [a, b],
        _ => fail!(Shape, "{op}: output_size must be one integer or two, got {:?}", &output_size[..]),
    };
    let size = create::shape_of(op, &size)?;
    let windows = windows(op, [size[0], size[1]], &kernel_size, &dilation, &padding, &stride)?;
    let (taps, count) = (windows.kernel[0] * windows.kernel[1], windows.output[0] * windows.output[1]);
    let shape = input.shape();
    let fits = match shape[..] {
        [_, columns, length] | [columns, length] => columns > 0 && columns % taps == 0 && length == count,
        _ => false,
    };
    if !fits {
        fail!(
            Shape,
            "{op}: Expected input (n, c * {taps}, {count}) or (c * {taps}, {count}), because the windows have {taps} \
             taps and there are {count} of them in {:?}, got {:?}",
            &size[..],
            &shape[..]
        );
    }
    if shape.len() == 2 {
        return view::squeeze_axes(&from_columns(&view::unsqueeze(input, 0)?, windows)?, &[0]);
    }
    from_columns(input, windows)
}
