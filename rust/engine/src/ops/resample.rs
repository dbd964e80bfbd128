//! Changing the size of images: resampling, one axis after another.
//!
//! Every mode is a table per axis that says which elements, with which weights, make each element of the result. The
//! derivative is the table transposed, so the family is closed.

use super::registry::{Arg, Ints, Sample};
use super::{convert, create, pool};
use crate::array::{Array, Shape};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::grid::cubic_weights;
use rutile_kernels::resample::{self, Table};
use rutile_macros::op;
use std::sync::Arc;

/// How elements between those of the input are made.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Nearest,
    NearestExact,
    Linear,
    Cubic,
}

/// One axis: its extents, and what a step of the result is in elements of the input.
struct Axis {
    from: usize,
    to: usize,
    align_corners: bool,
    scale: Option<f64>,
    /// Whether coordinates are rounded to `f32`, as PyTorch computes them for `f32`: which element is nearest may
    /// depend on it.
    single: bool,
}

impl Axis {
    fn round(&self, x: f64) -> f64 {
        if self.single { f64::from(x as f32) } else { x }
    }

    fn step(&self) -> f64 {
        let (from, to) = (self.from as f64, self.to as f64);
        self.round(match (self.align_corners, self.scale) {
            (true, _) if self.to > 1 => (from - 1.0) / (to - 1.0),
            (true, _) => 0.0,
            (false, Some(scale)) if scale > 0.0 => 1.0 / scale,
            (false, _) => from / to,
        })
    }

    /// Where element `i` of the result lies, in elements of the input.
    fn source(&self, i: usize) -> f64 {
        let step = self.step();
        match self.align_corners {
            true => self.round(step * i as f64),
            false => self.round(self.round(step * (i as f64 + 0.5)) - 0.5),
        }
    }

    fn table(&self, mode: Mode, antialias: bool) -> Table {
        let mut table = Table { offset: vec![0], index: Vec::new(), weight: Vec::new() };
        let last = self.from - 1;
        for i in 0..self.to {
            let mut add = |index: usize, weight: f64| {
                table.index.push(index);
                table.weight.push(weight);
            };
            match mode {
                Mode::Nearest => add((self.round(self.step() * i as f64) as usize).min(last), 1.0),
                Mode::NearestExact => {
                    add((self.round(self.step() * self.round(i as f64 + 0.5)) as usize).min(last), 1.0);
                }
                Mode::Linear | Mode::Cubic if antialias => self.smooth(i, mode, &mut add),
                Mode::Linear => {
                    let at = self.source(i).max(0.0);
                    let first = (at as usize).min(last);
                    let t = (at - first as f64).min(1.0);
                    if first < last {
                        add(first, 1.0 - t);
                        add(first + 1, t);
                    } else {
                        add(last, 1.0);
                    }
                }
                Mode::Cubic => {
                    let at = self.source(i);
                    let (weights, _) = cubic_weights(at - at.floor());
                    for (k, weight) in weights.into_iter().enumerate() {
                        let index = (at.floor() as i64 + k as i64 - 1).clamp(0, last as i64);
                        add(index as usize, weight);
                    }
                }
            }
            table.offset.push(table.index.len());
        }
        table
    }

    /// The weights of a filter that is as wide as a step, so that all elements count when the image shrinks.
    fn smooth(&self, i: usize, mode: Mode, add: &mut impl FnMut(usize, f64)) {
        let step = self.step();
        let reach = if mode == Mode::Linear { 1.0 } else { 2.0 };
        let (support, squeeze) = if step >= 1.0 { (reach * step, 1.0 / step) } else { (reach, 1.0) };
        let centre = step * (i as f64 + 0.5);
        let start = ((centre - support + 0.5) as i64).max(0);
        let end = ((centre + support + 0.5) as i64).min(self.from as i64);
        let weights: Vec<f64> = (start..end)
            .map(|j| {
                let x = ((j as f64 - centre + 0.5) * squeeze).abs();
                match mode {
                    Mode::Linear => (1.0 - x).max(0.0),
                    // Keys' cubic with a = -1/2.
                    _ if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
                    _ if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
                    _ => 0.0,
                }
            })
            .collect();
        let total: f64 = weights.iter().sum();
        for (j, weight) in (start..end).zip(weights) {
            add(j as usize, if total == 0.0 { weight } else { weight / total });
        }
    }
}

/// `x` with axis `axis` resampled.
fn along(x: &Tensor, axis: usize, table: &Arc<Table>) -> Result<Tensor> {
    let array = x.array();
    let plain = convert::plain(&array, array.dtype().compute());
    let mut shape = Shape::from_slice(array.shape());
    let (outer, extent) = (shape[..axis].iter().product(), shape[axis]);
    let inner = shape[axis + 1..].iter().product();
    shape[axis] = table.len();
    let out = Array::uninit(plain.dtype(), &shape);
    with_dtype!(reals plain.dtype(), T => {
        resample::resample(outer, extent, inner, table, plain.slice::<T>(), out.slice_mut::<T>());
    });
    let table = table.clone();
    Ok(record("resample", convert::cast(&out, array.dtype()), &[x], move |g, grads| {
        grads.push(|| along(g, axis, &Arc::new(table.transposed(extent))))
    }))
}

fn samples() -> Vec<Sample> {
    let sample = |shape: &[usize], size: &[i64], mode: &'static str, align: bool, antialias: bool| {
        Sample::new().tensor(shape).arg(Arg::Ints(Ints::from_slice(size))).arg(()).arg(mode).arg(align).arg(antialias)
    };
    vec![
        sample(&[1, 2, 3, 4], &[5, 3], "bilinear", false, false),
        sample(&[1, 2, 3, 4], &[5, 3], "bicubic", true, false),
        sample(&[1, 2, 5, 7], &[2, 3], "bilinear", false, true),
        sample(&[1, 2, 5, 7], &[2, 9], "bicubic", false, true),
        sample(&[2, 1, 5], &[8], "linear", true, false),
        sample(&[1, 1, 2, 3, 2], &[3, 2, 4], "trilinear", false, false),
        sample(&[2, 1, 5], &[3], "nearest", false, false),
        sample(&[1, 1, 4, 3], &[7, 2], "nearest-exact", false, false),
        sample(&[1, 1, 4, 3], &[2, 2], "area", false, false),
    ]
}

/// The image (n, c, ...) resampled to `size` on its last axes, for `nn.functional.interpolate`. `scales` (or None) are
/// the factors by which coordinates are scaled, where they are not the ratio of the extents. `mode` is 'nearest',
/// 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic' or 'area'; `align_corners` maps the centres of the
/// outermost elements onto each other instead of their edges; `antialias` widens the filter when the image shrinks.
/// Source of the cubic: Keys, "Cubic convolution interpolation" (1981).
#[op(at = [rutile], sig = (input, size, scales, mode, align_corners, antialias), samples = samples)]
pub fn _interpolate(
    input: &Tensor,
    size: Ints,
    scales: Arg,
    mode: &str,
    align_corners: bool,
    antialias: bool,
) -> Result<Tensor> {
    let op = "interpolate";
    let shape = input.shape();
    let axes = size.len();
    if shape.len() != axes + 2 || !(1..=3).contains(&axes) {
        fail!(
            Shape,
            "{op}: Input and output must have the same number of spatial dimensions (1 to 3): input {:?}, size {:?}",
            &shape[..],
            &size[..]
        );
    }
    if !input.dtype().is_float() {
        fail!(DType, "{op}: takes floats, not {}; convert with .float()", input.dtype());
    }
    let target = create::shape_of(op, &size)?;
    if shape[1..].contains(&0) || target.contains(&0) {
        fail!(
            Shape,
            "{op}: Input and output sizes should be greater than 0, but got input {:?} and output {:?}",
            &shape[..],
            &target[..]
        );
    }
    let kind = match (mode, axes) {
        ("nearest", _) => Mode::Nearest,
        ("nearest-exact", _) => Mode::NearestExact,
        ("linear", 1) | ("bilinear", 2) | ("trilinear", 3) => Mode::Linear,
        ("bicubic", 2) => Mode::Cubic,
        ("area", 1) => return pool::adaptive_avg_pool1d(input, Arg::Ints(size)),
        ("area", 2) => return pool::adaptive_avg_pool2d(input, Arg::Ints(size)),
        ("area", 3) => return pool::adaptive_avg_pool3d(input, Arg::Ints(size)),
        _ => fail!(
            Unsupported,
            "{op}: mode {mode:?} is not for inputs with {axes} spatial axes; there are nearest, nearest-exact and area \
             for 1 to 3, linear for 1, bilinear and bicubic for 2, trilinear for 3"
        ),
    };
    let scales: Vec<Option<f64>> = match scales {
        Arg::List(values) => values
            .iter()
            .map(|value| match value {
                Arg::Float(value) => Some(*value),
                Arg::Int(value) => Some(*value as f64),
                _ => None,
            })
            .collect(),
        Arg::Ints(values) => values.iter().map(|&value| Some(value as f64)).collect(),
        _ => vec![None; axes],
    };
    if scales.len() != axes {
        fail!(Value, "{op}: {} scale factors for {axes} axes", scales.len());
    }
    let single = input.dtype().compute() != crate::array::DType::F64;
    let mut out = input.clone();
    for axis in (0..axes).rev() {
        let map = Axis { from: shape[axis + 2], to: target[axis], align_corners, scale: scales[axis], single };
        out = along(&out, axis + 2, &Arc::new(map.table(kind, antialias)))?;
    }
    Ok(out)
}
