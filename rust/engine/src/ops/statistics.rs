//! Statistics made of reductions, sorting and products.

use super::registry::{Arg, FromArg, Ints, Sample, Values};
use super::{arith, compare, convert, index, matmul, reduce, sort, special, sums, view};
use crate::array::{Array, DType, HasDType, Shape, normalize_axis, promote};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::Element;
use rutile_macros::op;

// ---- quantiles ----

/// How a quantile that lies between two elements comes of them.
#[derive(Clone, Copy, PartialEq)]
enum Between {
    Linear,
    Lower,
    Higher,
    Midpoint,
    Nearest,
}

impl Between {
    fn new(op: &str, name: &str) -> Result<Between> {
        Ok(match name {
            "linear" => Between::Linear,
            "lower" => Between::Lower,
            "higher" => Between::Higher,
            "midpoint" => Between::Midpoint,
            "nearest" => Between::Nearest,
            _ => fail!(
                Value,
                "{op}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {name:?}"
            ),
        })
    }
}

/// Where the quantiles lie in sorted rows: the places below and above, and how far they are from the one below. Row after
/// row, as many as there are in `q`.
struct Ranks {
    below: Array,
    above: Array,
    weights: Array,
}

impl Ranks {
    /// NaN come last in the sorted `rows`; with `ignore` they do not count, else one of them is the result.
    fn new<T: HasDType>(rows: &Array, q: &[T], between: Between, ignore: bool) -> Ranks {
        let (count, len) = (rows.shape()[0], rows.shape()[1]);
        let shape = [count, q.len()];
        let [below, above] = [(); 2].map(|()| Array::uninit(DType::I64, &shape));
        let weights = Array::uninit(T::DTYPE, &shape);
        let (lows, highs, parts) = (below.slice_mut::<i64>(), above.slice_mut::<i64>(), weights.slice_mut::<T>());
        for (row, values) in rows.slice::<T>().chunks_exact(len).enumerate() {
            let numbers = values.partition_point(|x| !x.to_f64().is_nan());
            for (i, &q) in q.iter().enumerate() {
                let last = if ignore { numbers.saturating_sub(1) } else { len - 1 };
                // Rounded to the input's type, as PyTorch computes it.
                let rank = T::from_f64(q.to_f64() * T::from_f64(last as f64).to_f64()).to_f64();
                let rank = if numbers < len && !ignore { last as f64 } else { rank };
                let rank = match between {
                    Between::Lower => rank.floor(),
                    Between::Higher => rank.ceil(),
                    Between::Nearest => rank.round_ties_even(),
                    Between::Linear | Between::Midpoint => rank,
                };
                let at = row * shape[1] + i;
                (lows[at], highs[at]) = (rank.floor() as i64, rank.ceil() as i64);
                parts[at] = T::from_f64(if between == Between::Midpoint { 0.5 } else { rank - rank.floor() });
            }
        }
        Ranks { below, above, weights }
    }
}

fn quantiles(
    op: &'static str,
    input: &Tensor,
    q: Arg,
    dim: Option<i64>,
    keepdim: bool,
    between: &str,
    ignore: bool,
) -> Result<Tensor> {
    let dtype = input.dtype();
    if !dtype.is_float() {
        fail!(DType, "{op}() input tensor must be a float tensor, got {dtype}");
    }
    if dtype != dtype.compute() {
        let q = match q {
            Arg::Tensor(q) if q.dtype() == dtype => Arg::Tensor(convert::to_dtype(&q, dtype.compute())?),
            other => other,
        };
        let wide = quantiles(op, &convert::to_dtype(input, dtype.compute())?, q, dim, keepdim, between, ignore)?;
        return convert::to_dtype(&wide, dtype);
    }
    let between = Between::new(op, between)?;
    let q = match q {
        Arg::Tensor(q) if q.dtype() != dtype => {
            fail!(DType, "{op}() q tensor must be same dtype as the input tensor, {dtype}, got {}", q.dtype())
        }
        Arg::Tensor(q) if q.ndim() > 1 => {
            fail!(Shape, "{op}() q must be a scalar or 1D tensor, got {:?}", &q.shape()[..])
        }
        Arg::Tensor(q) => convert::contiguous_array(&q.array()),
        other => match f64::from_arg(other) {
            Ok(q) => convert::filled(dtype, &[], q.into()),
            Err(_) => fail!(Type, "{op}(): argument 'q' must be float or Tensor"),
        },
    };
    let outside = |q: f64| !(0.0..=1.0).contains(&q);
    if let Some(bad) = with_dtype!(reals dtype, T => q.slice::<T>().iter().map(|q| q.to_f64()).find(|&q| outside(q))) {
        fail!(Value, "{op}() q must be in the range [0, 1] but got {bad}");
    }
    if input.is_empty() {
        fail!(Value, "{op}() input tensor must be non-empty, got {:?}", &input.shape()[..]);
    }
    // Rows: the axis last, the others merged.
    let shape = input.shape();
    let mut kept = Shape::from_elem(1, shape.len());
    let (moved, len) = match dim {
        None => (input.clone(), input.len()),
        Some(dim) => {
            let axis = normalize_axis(op, dim, shape.len())?;
            kept = shape.clone();
            if let Some(extent) = kept.get_mut(axis) {
                *extent = 1;
            }
            let order: Vec<usize> =
                (0..shape.len()).filter(|&a| a != axis).chain((axis < shape.len()).then_some(axis)).collect();
            (view::permute_to(input, &order)?, shape.get(axis).copied().unwrap_or(1))
        }
    };
    let rows = view::reshape_to(&moved, &[input.len() / len, len])?;
    let sorted = sort::sort(&rows, 1, false, None)?.0;
    let ranks = with_dtype!(reals dtype, T => Ranks::new::<T>(&sorted.array(), q.slice::<T>(), between, ignore));
    let pick = |at: Array| index::gather(&sorted, 1, &Tensor::from(at), false);
    let below = pick(ranks.below)?;
    let found = match between {
        Between::Linear | Between::Midpoint => arith::lerp(&below, &pick(ranks.above)?, &Tensor::from(ranks.weights))?,
        _ => below,
    };
    // The quantiles come first if there are several.
    let mut result = Shape::new();
    result.extend_from_slice(q.shape());
    let axis = dim.map(|dim| normalize_axis(op, dim, shape.len())).transpose()?;
    if keepdim {
        result.extend_from_slice(&kept);
    } else if dim.is_some() {
        result.extend(kept.iter().enumerate().filter(|(a, _)| Some(*a) != axis).map(|(_, &n)| n));
    }
    view::reshape_to(&view::permute_to(&found, &[1, 0])?, &result)
}

fn quantile_samples() -> Vec<Sample> {
    let q = |sample: Sample| sample.values(&[3], Values::Constant(0.0, 1.0));
    vec![
        Sample::new().values(&[3, 4], Values::Distinct).arg(0.4),
        q(Sample::new().values(&[3, 5], Values::Distinct)).kw("dim", 1),
        q(Sample::new().values(&[2, 5, 3], Values::Distinct)).kw("dim", -2).kw("keepdim", true),
        Sample::new().values(&[7], Values::Distinct).arg(0.4).kw("interpolation", "lower"),
        Sample::new().values(&[7], Values::Distinct).arg(0.4).kw("interpolation", "higher"),
        Sample::new().values(&[7], Values::Distinct).arg(0.4).kw("interpolation", "nearest"),
        Sample::new().values(&[2, 7], Values::Distinct).arg(0.4).arg(1).kw("interpolation", "midpoint"),
        Sample::new().tensor(&[]).arg(0.5).kw("keepdim", true),
    ]
}

/// The `q`-th quantiles along axis `dim` (of all elements if None): of `n` sorted elements that of rank `q * (n - 1)`.
/// `q` is a number in [0, 1] or a 1-d tensor of several, which then are the first axis of the result. Between two ranks
/// the result is found by `interpolation`: "linear", "lower", "higher", "midpoint" or "nearest". NaN if there is one.
/// Raises: ValueError if a `q` is outside [0, 1], `interpolation` is another word, or `input` is empty; RuntimeError
/// unless both are floats of one dtype.
///
/// >>> rt.quantile(rt.tensor([1.0, 2.0, 4.0]), 0.75)
/// tensor(3.)
/// >>> rt.quantile(rt.tensor([[1.0, 2.0, 4.0], [5.0, 6.0, 7.0]]), rt.tensor([0.0, 0.5]), dim=1)
/// tensor([[1., 5.],
///         [2., 6.]])
#[op(at = [rutile, Tensor], sig = (input, q, dim=None, keepdim=false, *, interpolation="linear"), samples = quantile_samples, integers = refused)]
pub fn quantile(input: &Tensor, q: Arg, dim: Option<i64>, keepdim: bool, interpolation: &str) -> Result<Tensor> {
    quantiles("quantile", input, q, dim, keepdim, interpolation, false)
}

/// As `quantile`, of the elements that are not NaN; NaN if there are none.
/// Raises: as `quantile`.
///
/// >>> rt.nanquantile(rt.tensor([1.0, rt.nan, 3.0]), 0.5)
/// tensor(2.)
#[op(at = [rutile, Tensor], sig = (input, q, dim=None, keepdim=false, *, interpolation="linear"), samples = quantile_samples, integers = refused)]
pub fn nanquantile(input: &Tensor, q: Arg, dim: Option<i64>, keepdim: bool, interpolation: &str) -> Result<Tensor> {
    quantiles("nanquantile", input, q, dim, keepdim, interpolation, true)
}

// ---- sums without NaN ----

fn nan_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]),
        Sample::new().tensor(&[2, 3, 4]).kw("dim", [0, -1]).kw("keepdim", true),
        Sample::new().tensor(&[2, 0]).kw("dim", 0),
        Sample::new().tensor(&[3]).kw("dtype", DType::F64),
        Sample::new().tensor(&[]),
    ]
}

/// The sum of the elements that are not NaN over axes `dim` (all if None). Integers and bool give int64.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.nansum(rt.tensor([1.0, rt.nan, 2.0]))
/// tensor(3.)
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false, *, dtype=None), samples = nan_samples)]
pub fn nansum(input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    if !input.dtype().is_float() {
        return reduce::sum(input, dim, keepdim, dtype);
    }
    let numbers = compare::select(&compare::isnan(input)?, &sums::zero(), input)?;
    reduce::sum(&numbers, dim, keepdim, dtype)
}

/// The mean of the elements that are not NaN over axes `dim` (all if None); NaN if there are none.
/// Raises: IndexError if an axis is out of range; RuntimeError for integers.
///
/// >>> rt.nanmean(rt.tensor([1.0, rt.nan, 2.0]))
/// tensor(1.5000)
#[op(at = [rutile, Tensor], sig = (input, dim=None, keepdim=false, *, dtype=None), samples = nan_samples)]
pub fn nanmean(input: &Tensor, dim: Option<Ints>, keepdim: bool, dtype: Option<DType>) -> Result<Tensor> {
    if !input.dtype().is_float() {
        fail!(DType, "nanmean(): expected input to have floating point or complex dtype but got {}", input.dtype());
    }
    if let Some(dtype) = dtype.filter(|dtype| !dtype.has_gradients()) {
        fail!(DType, "nanmean(): dtype must be a floating point or complex type, got {dtype}");
    }
    let numbers = compare::logical_not(&compare::isnan(input)?)?;
    let count = reduce::sum(&numbers, dim.clone(), keepdim, None)?;
    arith::true_divide(&nansum(input, dim, keepdim, dtype)?, &count)
}

// ---- several at once ----

fn moment_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[5]),
        Sample::new().tensor(&[3, 4]).kw("dim", 1).kw("correction", 0),
        Sample::new().tensor(&[2, 3, 4]).kw("dim", [0, 2]).kw("keepdim", true),
        Sample::new().tensor(&[3, 4]).arg(1).kw("unbiased", false),
    ]
}

/// The standard deviation and the mean over axes `dim`; see `std`.
///
/// >>> rt.std_mean(rt.tensor([1.0, 2.0, 3.0]))
/// (tensor(1.), tensor(2.))
#[op(at = [rutile], sig = (input, dim=None, unbiased=None, keepdim=false, *, correction=None), samples = moment_samples, complex, integers = refused)]
pub fn std_mean(
    input: &Tensor,
    dim: Arg,
    unbiased: Option<bool>,
    keepdim: bool,
    correction: Option<f64>,
) -> Result<(Tensor, Tensor)> {
    let (var, mean) = reduce::var_mean(input, dim, unbiased, keepdim, correction)?;
    Ok((reduce::deviation(&var), mean))
}

fn aminmax_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Distinct),
        Sample::new().values(&[3, 4], Values::Distinct).kw("dim", 1),
        Sample::new().values(&[3, 4], Values::Distinct).kw("dim", 0).kw("keepdim", true),
        Sample::new().tensor(&[]),
    ]
}

/// The smallest and the largest elements along axis `dim` (of all if None).
/// Raises: IndexError if `dim` is out of range or that axis is empty; ValueError if all is empty.
///
/// >>> rt.aminmax(rt.tensor([[3, 1, 2], [9, 7, 8]]), dim=1)
/// aminmax(min=tensor([1, 7]), max=tensor([3, 9]))
#[op(at = [rutile, Tensor], sig = (input, *, dim=None, keepdim=false), samples = aminmax_samples, fields = [min, max])]
pub fn aminmax(input: &Tensor, dim: Option<i64>, keepdim: bool) -> Result<(Tensor, Tensor)> {
    let dims = dim.map(|dim| Ints::from_elem(dim, 1));
    Ok((reduce::amin(input, dims.clone(), keepdim)?, reduce::amax(input, dims, keepdim)?))
}

// ---- distances and norms ----

fn dist_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).tensor(&[3, 4]),
        Sample::new().tensor(&[3, 4]).tensor(&[4]).arg(1.0),
        Sample::new().tensor(&[3]).tensor(&[]).kw("p", 3.0),
    ]
}

/// The `p`-norm of `input - other`, broadcast: a 0-d tensor.
///
/// >>> rt.dist(rt.tensor([0.0, 3.0]), rt.tensor([4.0, 0.0]))
/// tensor(5.)
#[op(at = [rutile, Tensor], sig = (input, other, p=2.0), samples = dist_samples, complex, integers = refused)]
pub fn dist(input: &Tensor, other: &Tensor, p: f64) -> Result<Tensor> {
    reduce::norm(&arith::sub(input, other, 1.0)?, Arg::Float(p), None, false, None)
}

fn renorm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg(2.0).arg(0).arg(1.5),
        Sample::new().tensor(&[2, 3, 4]).arg(1.0).arg(-2).arg(4.0),
    ]
}

/// The slices along axis `dim`, those whose `p`-norm is above `maxnorm` scaled down to it.
/// Raises: RuntimeError for fewer than two axes; ValueError unless `p > 0` and `maxnorm >= 0`.
///
/// >>> rt.renorm(rt.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
/// tensor([[0.6000, 0.8000],
///         [0.3000, 0.4000]])
#[op(at = [rutile, Tensor], sig = (input, p, dim, maxnorm), samples = renorm_samples, inplace, integers = refused)]
pub fn renorm(input: &Tensor, p: f64, dim: i64, maxnorm: f64) -> Result<Tensor> {
    let ndim = input.ndim();
    if p <= 0.0 {
        fail!(Value, "renorm: non-positive-norm not supported, got p={p}");
    }
    if ndim < 2 {
        fail!(Shape, "renorm: input needs at least 2 dimensions, got {ndim} dimensions");
    }
    if maxnorm < 0.0 || maxnorm.is_nan() {
        fail!(Value, "renorm: expected maxnorm to be >= 0 but got {maxnorm}");
    }
    let axis = normalize_axis("renorm", dim, ndim)?;
    let others: Ints = (0..ndim).filter(|&a| a != axis).map(|a| a as i64).collect();
    let norms = reduce::norm(input, Arg::Float(p), Some(others), true, None)?;
    let limit = sums::number(maxnorm);
    // The small number is PyTorch's.
    let scale = arith::true_divide(&limit, &arith::add(&norms, &sums::number(1e-7), 1.0)?)?;
    let above = compare::gt(&norms, &limit)?;
    arith::mul(input, &compare::select(&above, &scale, &convert::to_dtype(&sums::one(), scale.dtype())?)?)
}

// ---- covariances ----

fn cov_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 5]),
        Sample::new().tensor(&[6]).kw("correction", 0),
        Sample::new().tensor(&[2, 4]).kw_tensor("fweights", &[4], Values::Int(1, 4)).kw_tensor(
            "aweights",
            &[4],
            Values::Constant(0.1, 1.0),
        ),
    ]
}

/// Weights of observations, checked.
fn observation_weights(op: &str, name: &str, weights: Option<&Tensor>, count: usize) -> Result<Option<Tensor>> {
    let Some(weights) = weights else { return Ok(None) };
    let array = weights.array();
    let wants_ints = name == "fweights";
    if wants_ints != array.dtype().is_int() {
        let kind = if wants_ints { "integral" } else { "floating point" };
        fail!(DType, "{op}(): expected {name} to have {kind} dtype but got {name} with {} dtype", array.dtype());
    }
    if array.ndim() > 1 || array.len() != count {
        fail!(
            Shape,
            "{op}(): expected {name} to have one or fewer dimensions and the same numel as there are observations in the \
             input but got {:?} for {count}",
            array.shape()
        );
    }
    if convert::any_negative(&array) {
        fail!(Value, "{op}(): {name} cannot be negative");
    }
    Ok(Some(view::reshape_to(weights, &[count])?))
}

/// The covariance matrix (k, k) of the rows of `input` (k, n): variables of `n` observations; of one row, or a 1-d
/// tensor, its variance. Sums are divided by the number of observations less `correction`. `fweights` (n integers) says
/// how often each observation counts, `aweights` (n floats) how much.
/// Raises: RuntimeError for more than two axes, or if weights do not fit; ValueError for negative weights.
///
/// >>> rt.cov(rt.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
/// tensor([[ 1., -1.],
///         [-1.,  1.]])
#[op(at = [rutile, Tensor], sig = (input, *, correction=1, fweights=None, aweights=None), samples = cov_samples)]
pub fn cov(input: &Tensor, correction: i64, fweights: Option<&Tensor>, aweights: Option<&Tensor>) -> Result<Tensor> {
    let shape = input.shape();
    if shape.len() > 2 {
        fail!(
            Shape,
            "cov(): expected input to have two or fewer dimensions but got an input with {} dimensions",
            shape.len()
        );
    }
    if input.dtype() == DType::Bool {
        fail!(DType, "cov(): bool dtype is not supported for input");
    }
    let count = shape.last().copied().unwrap_or(1);
    let variables = if shape.len() < 2 { 1 } else { shape[0] };
    let x = view::reshape_to(input, &[variables, count])?;
    let own = if x.dtype().is_float() { x.dtype() } else { DType::default_float() };
    let x = convert::to_dtype(&x, aweights.map_or(own, |weights| promote(own, weights.dtype())))?;
    let fweights = observation_weights("cov", "fweights", fweights, count)?;
    let aweights = observation_weights("cov", "aweights", aweights, count)?;
    let weights = match (&fweights, &aweights) {
        (None, None) => None,
        (Some(w), None) | (None, Some(w)) => Some(convert::to_dtype(w, x.dtype())?),
        (Some(f), Some(a)) => Some(convert::to_dtype(&arith::mul(f, a)?, x.dtype())?),
    };
    let along = || Some(Ints::from_elem(-1, 1));
    let (centred, weighted, divisor) = match &weights {
        None => {
            let centred = if count == 0 { x } else { arith::sub(&x, &reduce::mean(&x, along(), true, None)?, 1.0)? };
            let divisor = sums::number((count as f64 - correction as f64).max(0.0));
            (centred.clone(), centred, divisor)
        }
        Some(w) => {
            let total = reduce::sum(w, None, false, None)?;
            let mean = arith::true_divide(&reduce::sum(&arith::mul(&x, w)?, along(), true, None)?, &total)?;
            let centred = arith::sub(&x, &mean, 1.0)?;
            let lost = match &aweights {
                None => sums::number(correction as f64),
                Some(a) => {
                    let squares = reduce::sum(&arith::mul(w, &convert::to_dtype(a, w.dtype())?)?, None, false, None)?;
                    arith::mul(&arith::true_divide(&squares, &total)?, &sums::number(correction as f64))?
                }
            };
            let weighted = arith::mul(&centred, w)?;
            (centred, weighted, arith::clamp(&arith::sub(&total, &lost, 1.0)?, Some(&sums::zero()), None)?)
        }
    };
    let products = matmul::matmul(&weighted, &view::transpose(&centred, 0, 1)?)?;
    let out = arith::true_divide(&products, &divisor)?;
    // As in PyTorch one variable has a variance, and no matrix.
    if variables == 1 { view::reshape_to(&out, &[]) } else { Ok(out) }
}

fn corrcoef_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 5]), Sample::new().tensor(&[1, 4])]
}

/// The matrix (k, k) of Pearson's correlation coefficients of the rows of `input` (k, n): covariances over standard
/// deviations, within [-1, 1].
///
/// >>> rt.corrcoef(rt.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
/// tensor([[ 1., -1.],
///         [-1.,  1.]])
#[op(at = [rutile, Tensor], sig = (input), samples = corrcoef_samples, integers = floats)]
pub fn corrcoef(input: &Tensor) -> Result<Tensor> {
    let covariances = cov(input, 1, None, None)?;
    if covariances.ndim() == 0 {
        return arith::true_divide(&covariances, &covariances);
    }
    let deviations = special::sqrt(&view::diagonal(&covariances, 0, 0, 1)?)?;
    let by_row = arith::true_divide(&covariances, &view::unsqueeze(&deviations, 1)?)?;
    let out = arith::true_divide(&by_row, &deviations)?;
    arith::clamp(&out, Some(&sums::number(-1.0)), Some(&sums::one()))
}
