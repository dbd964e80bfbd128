//! Transforms of overlapping pieces of a signal, and back.

use super::{Norm, prepared, transform, transform_real, transform_to_real};
use crate::array::{Array, DType};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use crate::ops::registry::{Ints, Sample, Values};
use crate::ops::{arith, complex, convert, fold, index, join, view};
use rutile_macros::op;

/// The window of a short-time transform, `n_fft` long: ones if there is none, zeros on both sides of a shorter one.
fn whole_window(op: &str, window: Option<&Tensor>, length: usize, n_fft: usize, dtype: DType) -> Result<Tensor> {
    if length == 0 || length > n_fft {
        fail!(Value, "{op}: expected 0 < win_length <= n_fft={n_fft}, but got win_length={length}");
    }
    let window = match window {
        Some(window) if window.ndim() != 1 || window.shape()[0] != length => fail!(
            Shape,
            "{op}: expected a 1D window tensor of size equal to win_length={length}, but got window with size {:?}",
            &window.shape()[..]
        ),
        Some(window) => convert::to_dtype(window, if window.dtype().is_complex() { dtype.complex() } else { dtype })?,
        None => Tensor::from(convert::filled(dtype, &[length], 1_i64.into())),
    };
    let left = (n_fft - length) / 2;
    join::pad_constant(&window, &[left as i64, (n_fft - length - left) as i64], 0.0)
}

fn positive(op: &str, what: &str, value: i64) -> Result<usize> {
    match usize::try_from(value) {
        Ok(value) if value > 0 => Ok(value),
        _ => fail!(Value, "{op}: expected {what} > 0, but got {what}={value}"),
    }
}

/// Signals (batch, time) with `side` more samples at both ends.
fn bordered(op: &str, signal: &Tensor, side: usize, mode: &str) -> Result<Tensor> {
    let n = signal.shape()[1] as i64;
    let reach = side as i64;
    let from: fn(i64, i64) -> i64 = match mode {
        "constant" => return join::pad_constant(signal, &[reach, reach], 0.0),
        "reflect" if reach >= n => fail!(
            Shape,
            "{op}: Padding size should be less than the corresponding input dimension: reflecting {reach} samples wants \
             more than {n}; use center=False or pad_mode='constant'"
        ),
        "reflect" => |i, n| if i < 0 { -i } else { (i).min(2 * (n - 1) - i) },
        "replicate" if n > 0 => |i, n| i.clamp(0, n - 1),
        "circular" if reach <= n && n > 0 => |i, n| i.rem_euclid(n),
        "replicate" | "circular" => fail!(Shape, "{op}: pad_mode={mode:?} wants more than {n} samples for {reach}"),
        _ => fail!(Value, "{op}: pad_mode is 'constant', 'reflect', 'replicate' or 'circular', got {mode:?}"),
    };
    let places: Vec<i64> = (-reach..n + reach).map(|i| from(i, n)).collect();
    index::index_select(signal, 1, &Tensor::from(Array::from_slice(&places, &[places.len()])))
}

/// A signal or spectrum, and a window that leaves no gaps.
fn framed(first: Sample, n_fft: i64, hop: i64, window: i64) -> Sample {
    first.arg(n_fft).arg(hop).arg(window).values(&[window as usize], Values::Float(0.5, 1.5))
}

fn stft_samples() -> Vec<Sample> {
    let signal = |shape: &[usize]| Sample::new().tensor(shape);
    let whole = |sample: Sample| sample.kw("return_complex", true);
    vec![
        whole(framed(signal(&[17]), 6, 1, 6)),
        whole(framed(signal(&[2, 20]), 8, 3, 6)).kw("center", false),
        whole(framed(signal(&[2, 16]), 7, 2, 7)).kw("normalized", true).kw("onesided", false),
        whole(framed(signal(&[2, 16]), 5, 2, 4)).kw("pad_mode", "constant"),
        framed(signal(&[10]), 4, 1, 3).kw("return_complex", false).kw("pad_mode", "replicate"),
        framed(Sample::new().values(&[2, 9], Values::Complex(-2.0, 2.0)), 4, 2, 4).kw("pad_mode", "circular"),
    ]
}

/// The short-time Fourier transform of signals (time) or (batch, time): `fft` of windows of `n_fft` samples,
/// `hop_length` (by default `n_fft // 4`) apart, as (batch, frequency, frame). `window`, of `win_length` samples (by
/// default `n_fft`), multiplies each and is padded to `n_fft` on both sides. With `center`, frame `t` is around sample
/// `t * hop_length`: the signal gets `n_fft // 2` more samples on both sides by `pad_mode`. `normalized` divides by
/// `sqrt(n_fft)`; `onesided` (the default of real signals) leaves out the frequencies that are conjugates of others.
/// `return_complex=False` gives real and imaginary parts as a last axis.
/// Raises: RuntimeError if the signal is shorter than a window, or without `return_complex` for a real one.
///
/// >>> rt.stft(rt.ones(64), 16, window=rt.hann_window(16), return_complex=True).shape
/// rutile.Size([9, 17])
#[op(
    at = [rutile, Tensor],
    sig = (input, n_fft, hop_length=None, win_length=None, window=None, center=true, pad_mode="reflect",
           normalized=false, onesided=None, return_complex=None),
    samples = stft_samples,
    complex
)]
pub fn stft(
    input: &Tensor,
    n_fft: i64,
    hop_length: Option<i64>,
    win_length: Option<i64>,
    window: Option<&Tensor>,
    center: bool,
    pad_mode: &str,
    normalized: bool,
    onesided: Option<bool>,
    return_complex: Option<bool>,
) -> Result<Tensor> {
    let op = "stft";
    if !input.dtype().is_float() && !input.dtype().is_complex() {
        fail!(DType, "{op}: expected a tensor of floating point or complex values, got {}", input.dtype());
    }
    let signal = prepared(input)?;
    if !matches!(signal.ndim(), 1 | 2) {
        fail!(Shape, "{op}: expected a 1D or 2D tensor, got shape {:?}", &signal.shape()[..]);
    }
    let n = positive(op, "n_fft", n_fft)?;
    let hop = positive(op, "hop_length", hop_length.unwrap_or(n_fft / 4))?;
    let length = positive(op, "win_length", win_length.unwrap_or(n_fft))?;
    let complex_signal = signal.dtype().is_complex() || window.is_some_and(|window| window.dtype().is_complex());
    let Some(return_complex) = return_complex.or(complex_signal.then_some(true)) else {
        fail!(
            Value,
            "{op} requires the return_complex parameter be given for real inputs: True, or False for real and imaginary \
             parts as a last axis"
        );
    };
    let onesided = onesided.unwrap_or(!complex_signal);
    if onesided && complex_signal {
        fail!(Value, "{op}: Cannot have onesided=True output if window or input is complex");
    }
    let batched = signal.ndim() == 2;
    let mut signal = if batched { signal } else { view::unsqueeze(&signal, 0)? };
    if center {
        signal = bordered(op, &signal, n / 2, pad_mode)?;
    }
    let samples = signal.shape()[1];
    if n > samples {
        fail!(Value, "{op}: expected 0 < n_fft <= {samples} samples (padding included), but got n_fft={n}");
    }
    let window = whole_window(op, window, length, n, signal.dtype().real())?;
    let frames = arith::mul(&view::unfold(&signal, 1, n, hop)?, &window)?;
    let scale = if normalized { Norm::Ortho } else { Norm::Backward }.scale(n, false);
    let out = if onesided {
        transform_real(&frames, 2, scale)
    } else {
        transform(&convert::to_dtype(&frames, frames.dtype().complex())?, 2, false, scale)
    };
    let out = view::transpose(&out, 1, 2)?;
    let out = if batched { out } else { view::squeeze_axes(&out, &[0])? };
    if return_complex { Ok(out) } else { complex::view_as_real(&out) }
}

fn istft_samples() -> Vec<Sample> {
    let spectrum = |shape: &[usize]| Sample::new().values(shape, Values::Complex(-2.0, 2.0));
    vec![
        framed(spectrum(&[4, 7]), 6, 1, 6),
        framed(spectrum(&[2, 5, 6]), 8, 2, 8).kw("center", false),
        framed(spectrum(&[2, 7, 5]), 7, 2, 7).kw("normalized", true).kw("onesided", false).kw("length", 4),
        framed(spectrum(&[5, 6]), 8, 3, 7).kw("length", 18),
        framed(spectrum(&[6, 4]), 6, 2, 6).kw("onesided", false).kw("return_complex", true),
    ]
}

/// The inverse of `stft`: signals of (frequency, frame) or (batch, frequency, frame), by least squares (Griffin and
/// Lim, 1984): frames transformed back, windowed, added where they overlap and divided by the sum of the squared
/// windows. Arguments as for `stft`; `length` cuts or fills up the result. Windows must not leave gaps.
/// Raises: RuntimeError if they do, or for a real input.
///
/// >>> x = rt.arange(32.0)
/// >>> window = rt.hann_window(8)
/// >>> y = rt.istft(rt.stft(x, 8, window=window, return_complex=True), 8, window=window)
/// >>> rt.allclose(x, y, atol=1e-4)
/// True
#[op(
    at = [rutile, Tensor],
    sig = (input, n_fft, hop_length=None, win_length=None, window=None, center=true, normalized=false,
           onesided=None, length=None, return_complex=false),
    samples = istft_samples,
    complex
)]
pub fn istft(
    input: &Tensor,
    n_fft: i64,
    hop_length: Option<i64>,
    win_length: Option<i64>,
    window: Option<&Tensor>,
    center: bool,
    normalized: bool,
    onesided: Option<bool>,
    length: Option<i64>,
    return_complex: bool,
) -> Result<Tensor> {
    let op = "istft";
    if !input.dtype().is_complex() {
        fail!(
            DType,
            "{op} requires a complex-valued input tensor matching the output from stft, got {}",
            input.dtype()
        );
    }
    if !matches!(input.ndim(), 2 | 3) || input.is_empty() {
        fail!(Shape, "{op}: expected a non-empty tensor with 2 or 3 dimensions, got shape {:?}", &input.shape()[..]);
    }
    let n = positive(op, "n_fft", n_fft)?;
    let hop = positive(op, "hop_length", hop_length.unwrap_or(n_fft / 4))?;
    let win = positive(op, "win_length", win_length.unwrap_or(n_fft))?;
    if hop > win {
        fail!(Value, "{op}: expected 0 < hop_length <= win_length={win}, but got hop_length={hop}");
    }
    let batched = input.ndim() == 3;
    let spectrum = if batched { input.clone() } else { view::unsqueeze(input, 0)? };
    let (found, frames) = (spectrum.shape()[1], spectrum.shape()[2]);
    let onesided = onesided.unwrap_or(found != n);
    let wanted = if onesided { n / 2 + 1 } else { n };
    if found != wanted {
        fail!(Shape, "{op}: expected the frequency dimension to have {wanted} entries for n_fft={n}, but got {found}");
    }
    if onesided && (return_complex || window.is_some_and(|window| window.dtype().is_complex())) {
        fail!(Value, "{op}: Cannot have onesided=True input if the window or the result is complex");
    }
    let dtype = spectrum.dtype().real();
    let window = whole_window(op, window, win, n, dtype)?;
    let norm = if normalized { Norm::Ortho } else { Norm::Backward };
    let (turned, scale) = (view::transpose(&spectrum, 1, 2)?, norm.scale(n, true));
    let pieces = if return_complex {
        transform(&turned, 2, true, scale)
    } else {
        // Of all frequencies the first half: the others would be their conjugates.
        transform_to_real(&view::slice_axis(&turned, 2, 0, n / 2 + 1, 1)?, 2, n, scale)
    };
    let total = n + hop * (frames - 1);
    // Frames added where they overlap are what windows of an image of one row are folded to.
    let overlap = |pieces: &Tensor| -> Result<Tensor> {
        let add = |pieces: &Tensor| {
            let [size, kernel, stride] = [[1, total], [1, n], [1, hop]].map(|pair| pair.map(|n| n as i64));
            let ints = |pair: &[i64]| Ints::from_slice(pair);
            let columns = view::transpose(pieces, 1, 2)?;
            let one = || ints(&[1]);
            let sum = fold::fold(&columns, ints(&size), ints(&kernel), one(), ints(&[0]), ints(&stride))?;
            view::reshape_to(&sum, &[pieces.shape()[0], total])
        };
        if pieces.dtype().is_complex() {
            complex::complex(&add(&complex::real(pieces)?)?, &add(&complex::imag(pieces)?)?)
        } else {
            add(pieces)
        }
    };
    let first = if center { n / 2 } else { 0 };
    let end = match length {
        Some(length) => first + positive(op, "length", length)?,
        None if center => total - n / 2,
        None => total,
    };
    let inside = end.min(total);
    if first >= inside {
        fail!(Value, "{op}: {frames} frames of {n} samples leave nothing, first={first}, end={end}");
    }
    let cut = |signal: &Tensor| view::slice_axis(signal, 1, first, inside - first, 1);
    let signal = cut(&overlap(&arith::mul(&pieces, &window)?)?)?;
    let squares = view::expand_to(&arith::mul(&window, &window)?, &[1, frames, n])?;
    let envelope = cut(&overlap(&squares)?)?;
    let envelope_array = convert::plain(&envelope.array(), DType::F64);
    let least = envelope_array.slice::<f64>().iter().fold(f64::INFINITY, |least, x| least.min(x.abs()));
    if least <= 1e-11 {
        fail!(Value, "{op}: window overlap add min: {least}; the windows must overlap without gaps");
    }
    let out = arith::true_divide(&signal, &envelope)?;
    let out = if end > total { join::pad_constant(&out, &[0, (end - total) as i64], 0.0)? } else { out };
    if batched { Ok(out) } else { view::squeeze_axes(&out, &[0]) }
}
