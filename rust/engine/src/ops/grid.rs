//! Reading images at computed places.

use super::fused::through;
use super::registry::{Ints, Sample, Values};
use super::{arith, compare, convert, index, rare, reduce, special, sums, view};
use crate::array::{Array, DType, Shape};
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::grid::{self, Interpolation, Outside, Sampling};
use rutile_macros::op;

fn samples() -> Vec<Sample> {
    let image = |mode: &'static str, padding: &'static str, align: bool| {
        Sample::new()
            .tensor(&[2, 2, 4, 3])
            .values(&[2, 3, 2, 2], Values::Float(-1.4, 1.4))
            .arg(mode)
            .arg(padding)
            .arg(align)
    };
    let volume = |mode: &'static str, padding: &'static str, align: bool| {
        Sample::new()
            .tensor(&[1, 2, 3, 2, 4])
            .values(&[1, 2, 1, 3, 3], Values::Float(-1.4, 1.4))
            .arg(mode)
            .arg(padding)
            .arg(align)
    };
    vec![
        image("bilinear", "zeros", false),
        image("bilinear", "border", true),
        image("bilinear", "reflection", false),
        image("nearest", "zeros", true),
        image("bicubic", "zeros", false),
        image("bicubic", "reflection", true),
        image("bicubic", "border", false),
        volume("bilinear", "zeros", true),
        volume("bilinear", "reflection", true),
        volume("nearest", "border", false),
    ]
}

/// The images `input` (n, c, h, w) read at the places of `grid` (n, p, q, 2), which holds x and y from -1 (left, top)
/// to 1; or volumes (n, c, d, h, w) at (n, o, p, q, 3). The result is (n, c, p, q), or (n, c, o, p, q). `mode` is
/// 'bilinear', 'nearest' or (images only) 'bicubic'. What is outside: 'zeros', the 'border', or the 'reflection' of the
/// image. `align_corners` puts -1 and 1 on the centres of the outermost elements instead of their edges. Source:
/// Jaderberg et al., "Spatial transformer networks" (2015).
/// Raises: RuntimeError if shapes or dtypes do not fit; ValueError for an unknown mode.
///
/// >>> image = rt.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
/// >>> grid = rt.tensor([[[[-1.0, -1.0], [0.0, 0.0], [1.0, 0.0]]]])
/// >>> F.grid_sample(image, grid, align_corners=True)
/// tensor([[[[1.0000, 2.5000, 3.0000]]]])
#[op(at = [nn.functional], sig = (input, grid, mode="bilinear", padding_mode="zeros", align_corners=None), samples = samples, integers = refused)]
pub fn grid_sample(
    input: &Tensor,
    grid: &Tensor,
    mode: &str,
    padding_mode: &str,
    align_corners: Option<bool>,
) -> Result<Tensor> {
    let op = "grid_sample";
    let (x, places) = (input.shape(), grid.shape());
    let axes = x.len().wrapping_sub(2);
    if !matches!(axes, 2 | 3) || places.len() != x.len() || places[axes + 1] != axes || places[0] != x[0] {
        fail!(
            Shape,
            "{op}: expected 4D input (n, c, h, w) and grid (n, p, q, 2), or 5D input (n, c, d, h, w) and grid \
             (n, o, p, q, 3), but got input {:?} and grid {:?}",
            &x[..],
            &places[..]
        );
    }
    if x[2..].contains(&0) {
        fail!(Shape, "{op}: expected input to have non-empty spatial dimensions, but got {:?}", &x[..]);
    }
    if !input.dtype().is_float() || grid.dtype() != input.dtype() {
        fail!(
            DType,
            "{op}: expected input and grid to have the same float dtype, but input has {} and grid has {}",
            input.dtype(),
            grid.dtype()
        );
    }
    let interpolation = match mode {
        "bilinear" => Interpolation::Linear,
        "nearest" => Interpolation::Nearest,
        "bicubic" if axes == 2 => Interpolation::Cubic,
        "bicubic" => fail!(Unsupported, "{op}: bicubic interpolation only supports 4D input"),
        other => fail!(Value, "{op}: mode must be 'bilinear', 'nearest' or 'bicubic', got {other:?}"),
    };
    let outside = match padding_mode {
        "zeros" => Outside::Zeros,
        "border" => Outside::Border,
        "reflection" => Outside::Reflection,
        other => fail!(Value, "{op}: padding_mode must be 'zeros', 'border' or 'reflection', got {other:?}"),
    };
    let mut extents = [1; 3];
    extents[3 - axes..].copy_from_slice(&x[2..]);
    let sampling = Sampling {
        axes,
        input: extents,
        points: places[1..=axes].iter().product(),
        images: x[0],
        channels: x[1],
        interpolation,
        outside,
        align_corners: align_corners.unwrap_or(false),
    };
    let compute = input.dtype().compute();
    let plain = |tensor: &Tensor| convert::plain(&tensor.array(), compute);
    let mut shape = Shape::from_slice(&x[..2]);
    shape.extend_from_slice(&places[1..=axes]);
    let out = Array::uninit(compute, &shape);
    let (image, at) = (plain(input), plain(grid));
    with_dtype!(reals compute, T => {
        grid::forward(&sampling, image.slice::<T>(), at.slice::<T>(), out.slice_mut::<T>());
    });
    let (saved_x, saved_grid) = (input.save(), grid.save());
    Ok(record(op, convert::cast(&out, input.dtype()), &[input, grid], move |g, grads| {
        let (x, places) = (saved_x.get_for(grads)?, saved_grid.get_for(grads)?);
        if grad_enabled() {
            return through(&[Some(x), Some(places)], &[Some(g.clone())], grads, |inputs| {
                let [Some(x), Some(places)] = inputs else { unreachable!("two inputs") };
                Ok(vec![compose(&sampling, x, places)?])
            });
        }
        let plain = |tensor: &Tensor| convert::plain(&tensor.array(), compute);
        let (image, at, g) = (plain(&x), plain(&places), plain(g));
        grads.push(|| {
            let out = Array::uninit(compute, image.shape());
            with_dtype!(reals compute, T => {
                grid::backward_input(&sampling, at.slice::<T>(), g.slice::<T>(), out.slice_mut::<T>());
            });
            Ok(Tensor::from(convert::cast(&out, x.dtype())))
        })?;
        grads.push(|| {
            let out = Array::uninit(compute, at.shape());
            with_dtype!(reals compute, T => {
                let (x, at, g) = (image.slice::<T>(), at.slice::<T>(), g.slice::<T>());
                grid::backward_grid(&sampling, x, at, g, out.slice_mut::<T>());
            });
            Ok(Tensor::from(convert::cast(&out, x.dtype())))
        })
    }))
}

// ---- in differentiable operations ----

fn plus(x: &Tensor, value: f64) -> Result<Tensor> {
    arith::add(x, &sums::number(value), 1.0)
}

fn times(x: &Tensor, value: f64) -> Result<Tensor> {
    arith::mul(x, &sums::number(value))
}

fn clamped(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    arith::clamp(x, Some(&sums::number(low)), Some(&sums::number(high)))
}

/// A coordinate brought inside.
fn inside(s: &Sampling, x: &Tensor, size: usize) -> Result<Tensor> {
    let last = size as f64 - 1.0;
    match s.outside {
        Outside::Zeros => Ok(x.clone()),
        Outside::Border => clamped(x, 0.0, last),
        Outside::Reflection => {
            let (low, high) = if s.align_corners { (0.0, last) } else { (-0.5, last + 0.5) };
            let span = high - low;
            if span <= 0.0 {
                return times(x, 0.0);
            }
            let distance = arith::abs(&plus(x, -low)?)?;
            let flips = special::floor(&times(&distance.detach(), 1.0 / span)?)?;
            let extra = arith::sub(&distance, &times(&flips, span)?, 1.0)?;
            let even = compare::eq(&arith::remainder(&flips, &sums::number(2.0))?, &sums::zero())?;
            let back = plus(&arith::neg(&extra)?, span)?;
            clamped(&plus(&compare::select(&even, &extra, &back)?, low)?, 0.0, last)
        }
    }
}

/// Keys' cubic at the four distances from `t`, see the kernel.
fn cubic(t: &Tensor) -> Result<[Tensor; 4]> {
    const A: f64 = -0.75;
    // By Horner's rule.
    let polynomial = |d: &Tensor, [a, b, c, e]: [f64; 4]| {
        let two = plus(&times(d, a)?, b)?;
        let three = plus(&arith::mul(&two, d)?, c)?;
        plus(&arith::mul(&three, d)?, e)
    };
    let near = [A + 2.0, -(A + 3.0), 0.0, 1.0];
    let far = [A, -5.0 * A, 8.0 * A, -4.0 * A];
    let back = plus(&arith::neg(t)?, 1.0)?;
    Ok([
        polynomial(&plus(t, 1.0)?, far)?,
        polynomial(t, near)?,
        polynomial(&back, near)?,
        polynomial(&plus(&back, 1.0)?, far)?,
    ])
}

/// The taps of one axis: positions and weights, (n, points) each; positions outside have weight 0.
fn axis_taps(s: &Sampling, x: &Tensor, size: usize) -> Result<Vec<(Tensor, Tensor)>> {
    let extent = size as f64;
    let x = match s.align_corners {
        true => times(&plus(x, 1.0)?, (extent - 1.0) / 2.0)?,
        false => times(&plus(&times(&plus(x, 1.0)?, extent)?, -1.0)?, 0.5)?,
    };
    let whole = |x: &Tensor| special::floor(&x.detach());
    let taps = match s.interpolation {
        Interpolation::Nearest => {
            let x = inside(s, &x, size)?;
            vec![(rare::round(&x.detach(), 0)?, plus(&times(&x.detach(), 0.0)?, 1.0)?)]
        }
        Interpolation::Linear => {
            let x = inside(s, &x, size)?;
            let first = whole(&x)?;
            let t = arith::sub(&x, &first, 1.0)?;
            vec![(first.clone(), plus(&arith::neg(&t)?, 1.0)?), (plus(&first, 1.0)?, t)]
        }
        Interpolation::Cubic => {
            let first = whole(&x)?;
            let weights = cubic(&arith::sub(&x, &first, 1.0)?)?;
            let mut taps = Vec::with_capacity(4);
            for (k, weight) in weights.into_iter().enumerate() {
                taps.push((rare::round(&inside(s, &plus(&first, k as f64 - 1.0)?, size)?, 0)?, weight));
            }
            taps
        }
    };
    taps.into_iter()
        .map(|(at, weight)| {
            let from = compare::ge(&at, &sums::zero())?;
            let there = compare::logical_and(&from, &compare::lt(&at, &sums::number(extent))?)?;
            let place = convert::to_dtype(&clamped(&at, 0.0, extent - 1.0)?, DType::I64)?;
            Ok((place, compare::select(&there, &weight, &sums::zero())?))
        })
        .collect()
}

fn compose(s: &Sampling, x: &Tensor, places: &Tensor) -> Result<Tensor> {
    let [depth, height, width] = s.input;
    let (n, c, points) = (s.images, s.channels, s.points);
    let flat = view::reshape_to(x, &[n, c, depth * height * width])?;
    let coordinates = view::reshape_to(places, &[n, points, s.axes])?;
    let axis = |a: usize, size: usize| axis_taps(s, &view::select_axis(&coordinates, 2, a)?, size);
    let (across, down) = (axis(0, width)?, axis(1, height)?);
    let deep = if s.axes == 3 { axis(2, depth)? } else { Vec::new() };
    let mut terms = Vec::new();
    let mut add = |place: &Tensor, weight: &Tensor| -> Result<()> {
        let at = view::expand_to(&view::unsqueeze(place, 1)?, &[n, c, points])?;
        terms.push(arith::mul(&index::gather(&flat, 2, &at, false)?, &view::unsqueeze(weight, 1)?)?);
        Ok(())
    };
    let joined = |(high, w): &(Tensor, Tensor), (low, v): &(Tensor, Tensor), extent: usize| -> Result<_> {
        let extent = Tensor::from(Array::from_slice(&[extent as i64], &[]));
        Ok((arith::add(&arith::mul(high, &extent)?, low, 1.0)?, arith::mul(w, v)?))
    };
    for y in &down {
        for x in &across {
            let (place, weight) = joined(y, x, width)?;
            for z in &deep {
                let (place, weight) = joined(z, &(place.clone(), weight.clone()), height * width)?;
                add(&place, &weight)?;
            }
            if deep.is_empty() {
                add(&place, &weight)?;
            }
        }
    }
    let sum = reduce::sum(&super::join::stack(&terms, 0)?, Some(Ints::from_elem(0, 1)), false, None)?;
    let mut shape = Shape::from_slice(&[n, c]);
    shape.extend_from_slice(&places.shape()[1..=s.axes]);
    view::reshape_to(&sum, &shape)
}
