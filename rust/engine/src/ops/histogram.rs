//! Histograms.

use super::registry::{Arg, FromArg, Sample, Values};
use super::{convert, create};
use crate::array::{Array, DType};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::histogram::{self, Bins};
use rutile_kernels::reduce;
use rutile_macros::op;

/// The smallest and the largest element; 0 and 0 of nothing.
fn bounds(array: &Array) -> (f64, f64) {
    if array.is_empty() {
        return (0.0, 0.0);
    }
    let all = vec![true; array.ndim()];
    let [low, high] = [(); 2].map(|()| Array::uninit(array.dtype(), &[]));
    with_dtype!(reals array.dtype(), T => {
        reduce::min(array.view::<T>(), &all, low.slice_mut::<T>());
        reduce::max(array.view::<T>(), &all, high.slice_mut::<T>());
    });
    (low.item().to_f64(), high.item().to_f64())
}

/// The ends of the bins: those given, else the extremes; a unit apart if they coincide.
fn ends(op: &str, array: &Array, given: Option<(f64, f64)>) -> Result<(f64, f64)> {
    let (low, high) = given.unwrap_or_else(|| bounds(array));
    if !(low.is_finite() && high.is_finite()) {
        fail!(Value, "{op}: range of [{low}, {high}] is not finite");
    }
    if low > high {
        fail!(Value, "{op}: max must be larger than min, got min {low} max {high}");
    }
    Ok(if low == high { (low - 0.5, high + 0.5) } else { (low, high) })
}

fn bin_count(op: &str, bins: i64) -> Result<usize> {
    match usize::try_from(bins) {
        Ok(bins) if bins > 0 => Ok(bins),
        _ => fail!(Value, "{op}(): bins must be > 0, but got {bins}"),
    }
}

fn floats(op: &str, input: &Tensor) -> Result<Array> {
    let array = input.array();
    if !array.dtype().is_float() {
        fail!(DType, "{op}: takes floats, not {}", array.dtype());
    }
    Ok(convert::plain(&array, array.dtype().compute()))
}

fn histc_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[20]).kw("bins", 5),
        Sample::new().tensor(&[3, 7]).arg(4).kw("min", -1).kw("max", 1),
        Sample::new().tensor(&[0]).arg(3),
    ]
}

/// How many elements lie in each of `bins` intervals of equal width between `min` and `max`, or between the extremes if
/// both are equal. Elements outside are left out; the last interval includes its end. The result has the dtype of the
/// input.
/// Raises: RuntimeError if `bins` is not positive, `min > max`, or a bound is not finite.
///
/// >>> rt.histc(rt.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
/// tensor([0., 2., 1., 0.])
#[op(at = [rutile, Tensor], sig = (input, bins=100, min=0.0, max=0.0), samples = histc_samples, no_grad, integers = refused)]
pub fn histc(input: &Tensor, bins: i64, min: f64, max: f64) -> Result<Tensor> {
    let array = floats("histc", input)?;
    let bins = bin_count("histc", bins)?;
    let (low, high) = ends("histc", &array, (min != max).then_some((min, max)))?;
    let out = convert::zeros(array.dtype(), &[bins]);
    with_dtype!(reals array.dtype(), T => {
        use rutile_kernels::Element;
        let even = Bins::Even(bins, T::from_f64(low), T::from_f64(high));
        histogram::histogram(&[even], array.slice::<T>(), None, out.slice_mut::<T>());
    });
    Ok(Tensor::from(convert::cast(&out, input.dtype())))
}

/// Two numbers per axis.
fn ranges(op: &str, range: Arg, axes: usize) -> Result<Option<Vec<(f64, f64)>>> {
    let numbers: Vec<f64> = match range {
        Arg::None => return Ok(None),
        Arg::Ints(values) => values.iter().map(|&value| value as f64).collect(),
        Arg::List(values) => match values.into_iter().map(f64::from_arg).collect() {
            Ok(numbers) => numbers,
            Err(_) => fail!(Type, "{op}(): argument 'range' must be numbers"),
        },
        _ => fail!(Type, "{op}(): argument 'range' must be a sequence of numbers"),
    };
    if numbers.len() != 2 * axes {
        fail!(
            Value,
            "{op}: range should have {} elements, a lower and an upper end an axis, got {}",
            2 * axes,
            numbers.len()
        );
    }
    Ok(Some(numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()))
}

/// The edges of the bins of one axis, in the input's type: given, or evenly spaced.
fn edges(op: &str, points: &Array, bins: Arg, range: Option<(f64, f64)>, dtype: DType) -> Result<Array> {
    let count = match bins {
        Arg::Tensor(edges) if edges.ndim() > 0 => {
            let edges = edges.array();
            if edges.dtype() != dtype {
                fail!(
                    DType,
                    "{op}: input tensor and bins tensors should have the same dtype, but got input with dtype {dtype} and \
                     bins with dtype {}",
                    edges.dtype()
                );
            }
            if edges.ndim() != 1 || edges.is_empty() {
                fail!(
                    Shape,
                    "{op}: bins tensor should have one dimension and some elements, but got {:?}",
                    edges.shape()
                );
            }
            return Ok(convert::plain(&edges, dtype.compute()));
        }
        other => match i64::from_arg(other) {
            Ok(count) => bin_count(op, count)?,
            Err(_) => fail!(Type, "{op}(): argument 'bins' must be int or Tensor"),
        },
    };
    let (low, high) = match (range, points.is_empty()) {
        (None, true) => (0.0, 1.0),
        _ => ends(op, points, range)?,
    };
    let edges = create::linspace(low, high, count + 1, Some(dtype.compute()), Arg::None, false)?;
    Ok(edges.array())
}

/// The counts of `points` (contiguous, one coordinate per axis) between the edges of each axis; with `density` they are
/// divided by their sum and by the sizes of the bins.
fn counts(points: &Array, edges: &[Array], weight: Option<&Array>, density: bool) -> Array {
    let shape: Vec<usize> = edges.iter().map(|edges| edges.len() - 1).collect();
    let out = convert::zeros(points.dtype(), &shape);
    with_dtype!(reals points.dtype(), T => {
        use rutile_kernels::Element;
        let bins: Vec<Bins<'_, T>> = edges.iter().map(|edges| Bins::Edges(edges.slice::<T>())).collect();
        let counts = out.slice_mut::<T>();
        histogram::histogram(&bins, points.slice::<T>(), weight.map(|weight| weight.slice::<T>()), counts);
        if density {
            let total: f64 = counts.iter().map(|count| count.to_f64()).sum();
            for (cell, count) in counts.iter_mut().enumerate() {
                let (mut rest, mut volume) = (cell, 1.0);
                for edges in edges.iter().rev() {
                    let (edges, bins) = (edges.slice::<T>(), edges.len() - 1);
                    volume *= edges[rest % bins + 1].to_f64() - edges[rest % bins].to_f64();
                    rest /= bins;
                }
                *count = T::from_f64(count.to_f64() / total / volume);
            }
        }
    });
    out
}

fn checked_weight(op: &str, weight: Option<&Tensor>, shape: &[usize], dtype: DType) -> Result<Option<Array>> {
    let Some(weight) = weight else { return Ok(None) };
    let weight = weight.array();
    if weight.shape() != shape {
        fail!(Shape, "{op}: weight must have the shape {shape:?} of the points, got {:?}", weight.shape());
    }
    if weight.dtype() != dtype {
        fail!(DType, "{op}: weight must have the dtype {dtype} of the input, got {}", weight.dtype());
    }
    Ok(Some(convert::plain(&weight, dtype.compute())))
}

fn histogram_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[20]).arg(5),
        Sample::new().tensor(&[3, 7]).arg(4).kw("range", vec_arg(&[-1.0, 1.5])).kw("density", true),
        Sample::new().tensor(&[6]).kw("bins", 3).kw_tensor("weight", &[6], Values::Constant(0.0, 1.0)),
        Sample::new().tensor(&[0]).arg(2),
    ]
}

fn vec_arg(values: &[f64]) -> Arg {
    Arg::List(values.iter().map(|&value| Arg::Float(value)).collect())
}

/// How many elements lie between neighbouring edges, and the edges. `bins` is a number of bins of equal width within
/// `range` (or between the extremes), or the edges themselves, ascending. Elements outside are left out; the last bin
/// includes its upper edge. `weight` counts each element by its weight; `density` divides by the sum and by the widths.
/// Raises: RuntimeError if `bins` is not positive, or the range not finite or descending.
///
/// >>> rt.histogram(rt.tensor([1.0, 2.0, 1.0]), bins=2, range=(0.0, 3.0)).hist
/// tensor([2., 1.])
#[op(name = "histogram", at = [rutile, Tensor], sig = (input, bins=100, *, range=None, weight=None, density=false), samples = histogram_samples, fields = [hist, bin_edges], no_grad, integers = refused)]
pub fn histogram_op(
    input: &Tensor,
    bins: Arg,
    range: Arg,
    weight: Option<&Tensor>,
    density: bool,
) -> Result<(Tensor, Tensor)> {
    let points = floats("histogram", input)?;
    let dtype = input.dtype();
    let range = ranges("histogram", range, 1)?.map(|ranges| ranges[0]);
    let edges = edges("histogram", &points, bins, range, dtype)?;
    let weight = checked_weight("histogram", weight, points.shape(), dtype)?;
    let hist = counts(&points, std::slice::from_ref(&edges), weight.as_ref(), density);
    Ok((Tensor::from(convert::cast(&hist, dtype)), Tensor::from(convert::cast(&edges, dtype))))
}

fn histogramdd_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[20, 2]).arg([3, 4]),
        Sample::new().tensor(&[9, 1]).arg(4).kw("range", vec_arg(&[-1.0, 1.5])).kw("density", true),
    ]
}

/// The histogram of points (rows of the last axis of `input`, a coordinate per dimension), then the edges of each dimension.
/// The package's `histogramdd` puts the edges into a tuple of their own.
#[op(name = "_histogramdd", at = [rutile], sig = (input, bins, *, range=None, weight=None, density=false), samples = histogramdd_samples, no_grad)]
pub fn histogramdd(
    input: &Tensor,
    bins: Arg,
    range: Arg,
    weight: Option<&Tensor>,
    density: bool,
) -> Result<Vec<Tensor>> {
    let op = "histogramdd";
    let points = floats(op, input)?;
    let dtype = input.dtype();
    let Some((&axes, lead)) = points.shape().split_last().filter(|(axes, lead)| **axes > 0 && !lead.is_empty()) else {
        fail!(
            Shape,
            "{op}: input tensor should have at least 2 dimensions, the last of some length, got {:?}",
            points.shape()
        );
    };
    let bins: Vec<Arg> = match bins {
        Arg::Ints(counts) => counts.iter().map(|&count| Arg::Int(count)).collect(),
        Arg::List(edges) => edges,
        one => vec![one; axes],
    };
    if bins.len() != axes {
        fail!(Shape, "{op}: bins must name each of the {axes} dimensions of the points, got {}", bins.len());
    }
    let ranges = ranges(op, range, axes)?;
    let edges = (0..axes)
        .zip(bins)
        .map(|(axis, bins)| {
            let column = points.select(points.ndim() - 1, axis);
            edges(op, &column, bins, ranges.as_ref().map(|ranges| ranges[axis]), dtype)
        })
        .collect::<Result<Vec<_>>>()?;
    let weight = checked_weight(op, weight, lead, dtype)?;
    let hist = counts(&points, &edges, weight.as_ref(), density);
    Ok(std::iter::once(&hist).chain(&edges).map(|array| Tensor::from(convert::cast(array, dtype))).collect())
}

fn bincount_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[10], Values::Int(0, 6)),
        Sample::new().values(&[10], Values::Int(0, 6)).values(&[10], Values::Constant(-1.0, 1.0)).kw("minlength", 8),
        Sample::new().values(&[4], Values::Int(0, 6)).values(&[4], Values::Int(0, 3)),
        Sample::new().values(&[0], Values::Int(0, 6)).kw("minlength", 3),
    ]
}

/// How often each of the integers 0, 1, ... up to the largest one (at least `minlength` of them) occurs in `input`
/// (1-d, not negative): int64. With `weights` the sums of the weights instead: float32 of float32, else float64.
/// Raises: RuntimeError if `input` is not 1-d, not integer or has negative elements, or `weights` has another shape.
///
/// >>> rt.bincount(rt.tensor([0, 1, 1, 3]))
/// tensor([1, 2, 0, 1])
/// >>> rt.bincount(rt.tensor([0, 1, 1]), weights=rt.tensor([0.5, 1.0, 2.0]))
/// tensor([0.5000, 3.0000])
#[op(at = [rutile, Tensor], sig = (input, weights=None, minlength=0), samples = bincount_samples, no_grad)]
pub fn bincount(input: &Tensor, weights: Option<&Tensor>, minlength: i64) -> Result<Tensor> {
    let array = input.array();
    if !array.dtype().is_int() {
        fail!(DType, "bincount: takes integers, not {}", array.dtype());
    }
    let Ok(at_least) = usize::try_from(minlength) else {
        fail!(Value, "bincount: minlength should be >= 0, got {minlength}");
    };
    let numbers = convert::plain(&array, DType::I64);
    let (least, most) = numbers.slice::<i64>().iter().fold((0, -1), |(a, b), &i| (a.min(i), b.max(i)));
    if array.ndim() != 1 || least < 0 {
        fail!(
            Value,
            "bincount only supports 1-d non-negative integral inputs, got shape {:?} with the smallest {least}",
            array.shape()
        );
    }
    if let Some(weights) = weights
        && weights.shape()[..] != *array.shape()
    {
        fail!(
            Shape,
            "bincount: weights should be 1-d and have the same length as input, got {:?} for {:?}",
            &weights.shape()[..],
            array.shape()
        );
    }
    let len = at_least.max((most + 1) as usize);
    let Some(weights) = weights.filter(|_| !array.is_empty()) else {
        create::shape_of("bincount", &[len as i64])?;
        let out = convert::zeros(DType::I64, &[len]);
        histogram::count(numbers.slice::<i64>(), out.slice_mut::<i64>());
        return Ok(Tensor::from(out));
    };
    let dtype = if weights.dtype() == DType::F32 { DType::F32 } else { DType::F64 };
    let weights = convert::plain(&weights.array(), dtype);
    let out = convert::zeros(dtype, &[len]);
    with_dtype!(reals dtype, T => {
        histogram::weigh(numbers.slice::<i64>(), weights.slice::<T>(), out.slice_mut::<T>());
    });
    Ok(Tensor::from(out))
}
