//! Random numbers.
//!
//! Every draw takes its positions from a [`Generator`]; number `i` of a draw depends on the seed and its position alone.

mod dropout;
mod fill;

pub use dropout::dropout;
pub use fill::{bernoulli_, cauchy_, exponential_, geometric_, log_normal_, normal_, random_, uniform_};

use super::create::{check_device, finish, shape_of, uninit_like};
use super::registry::{Arg, Ints, Sample, Values};
use super::{arith, compare, convert, formula};
use crate::array::{Array, DType, MemoryFormat, Shape, broadcast_shapes};
use crate::autograd::Tensor;
use crate::autograd::mode::no_grad;
use crate::error::Result;
use crate::generator::Generator;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, random};
use rutile_macros::op;
use std::f64::consts::FRAC_1_SQRT_2;

/// Seed and first position of a draw of `n` elements.
fn positions(generator: Option<&Generator>, n: usize) -> (u64, u64) {
    generator.unwrap_or_else(|| Generator::global()).take(random::blocks_used(n))
}

/// What floats are drawn from.
#[derive(Clone, Copy)]
enum Law {
    /// In `[low, high)`.
    Uniform(f64, f64),
    /// Mean and standard deviation.
    Normal(f64, f64),
}

impl Law {
    /// Writes draws to a contiguous array of float32 or float64.
    fn fill(self, out: &Array, generator: Option<&Generator>) {
        let (seed, offset) = positions(generator, out.len());
        with_dtype!(reals out.dtype(), T => match self {
            Law::Uniform(low, high) => random::uniform(seed, offset, low, high, out.slice_mut::<T>()),
            Law::Normal(mean, std) => random::normal(seed, offset, mean, std, out.slice_mut::<T>()),
        });
    }

    fn draw(self, dtype: DType, shape: &[usize], generator: Option<&Generator>) -> Array {
        if dtype.is_complex() {
            let mut parts = Shape::from_slice(shape);
            parts.push(2);
            // The variance of a complex number is the sum of those of its parts; the mean is real.
            let (law, shift) = match self {
                Law::Normal(mean, std) => (Law::Normal(0.0, std * FRAC_1_SQRT_2), mean),
                uniform => (uniform, 0.0),
            };
            let out = law.draw(dtype.real(), &parts, generator).joined().expect("contiguous");
            if shift != 0.0 {
                let real = out.part(0);
                let mean = convert::filled(real.dtype(), &[], shift.into()).expand("normal", shape).expect("0-d");
                formula::run_floats(arith::Add { alpha: 1.0 }, &[real.clone(), mean], &real);
            }
            return out;
        }
        let out = Array::uninit(dtype.compute(), shape);
        self.fill(&out, generator);
        if dtype == out.dtype() {
            return out;
        }
        let narrow = convert::cast(&out, dtype);
        if let Law::Uniform(low, high) = self
            && low < high
        {
            // Rounding to 16 bits may reach the upper end, which is not in the interval.
            with_dtype!(floats dtype, T => {
                for value in narrow.slice_mut::<T>().iter_mut().filter(|value| value.to_f64() >= high) {
                    *value = T::from_f64(low);
                }
            });
        }
        narrow
    }
}

fn float_dtype(op: &str, dtype: Option<DType>) -> Result<DType> {
    let dtype = dtype.unwrap_or_else(DType::default_float);
    if !dtype.has_gradients() {
        fail!(DType, "{op}: draws floats, not {dtype}; for integers use randint");
    }
    Ok(dtype)
}

fn size_samples() -> Vec<Sample> {
    vec![Sample::new().arg([2, 3]), Sample::new().arg([0; 0]), Sample::new().arg([3]).kw("dtype", DType::F64)]
}

/// Uniform random numbers in [0, 1) of shape `size`, the same for any number of threads. Source: Salmon et al.,
/// "Parallel random numbers: as easy as 1, 2, 3" (2011), Philox4x32-10.
/// Raises: RuntimeError for a negative size or a dtype that is not a float.
///
/// >>> _ = rt.manual_seed(0)
/// >>> rt.rand(3)
/// tensor([0.3990, 0.9722, 0.0194])
/// >>> x = rt.rand(1000)
/// >>> x.min().item() >= 0, x.max().item() < 1
/// (True, True)
#[op(at = [rutile], sig = (*size, *, generator=None, dtype=None, device=None, requires_grad=false), samples = size_samples, no_grad, complex)]
pub fn rand(
    size: Ints,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("rand", &device)?;
    let (dtype, shape) = (float_dtype("rand", dtype)?, shape_of("rand", &size)?);
    finish(Law::Uniform(0.0, 1.0).draw(dtype, &shape, generator.as_ref()), requires_grad)
}

/// Normal random numbers of mean 0 and standard deviation 1 of shape `size`, the same for any number of threads.
/// Source: Box and Muller, "A note on the generation of random normal deviates" (1958).
/// Raises: RuntimeError for a negative size or a dtype that is not a float.
///
/// >>> _ = rt.manual_seed(0)
/// >>> x = rt.randn(100, 100)
/// >>> x.mean().abs().item() < 0.1, (x.std() - 1).abs().item() < 0.1
/// (True, True)
#[op(at = [rutile], sig = (*size, *, generator=None, dtype=None, device=None, requires_grad=false), samples = size_samples, no_grad, complex)]
pub fn randn(
    size: Ints,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("randn", &device)?;
    let (dtype, shape) = (float_dtype("randn", dtype)?, shape_of("randn", &size)?);
    finish(Law::Normal(0.0, 1.0).draw(dtype, &shape, generator.as_ref()), requires_grad)
}

fn like_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0)),
        Sample::new().values(&[3], Values::Int(0, 5)).kw("dtype", DType::F64),
    ]
}

/// What was drawn, with the order of axes of `input` or as asked for.
fn finish_like(
    op: &str,
    drawn: Array,
    input: &Tensor,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    let out = input.with_array(|like| uninit_like(op, like, drawn.dtype(), memory_format))?;
    if out.strides() == drawn.strides() {
        return finish(drawn, requires_grad);
    }
    convert::copy_into(&drawn, &out);
    finish(out, requires_grad)
}

/// Uniform random numbers in [0, 1) of the shape and dtype of `input`.
/// Raises: RuntimeError if the dtype is not a float.
///
/// >>> rt.rand_like(rt.zeros(2, 3)).shape
/// rutile.Size([2, 3])
#[op(at = [rutile], sig = (input, *, generator=None, dtype=None, device=None, requires_grad=false, memory_format=None), samples = like_samples, no_grad, complex)]
pub fn rand_like(
    input: &Tensor,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    check_device("rand_like", &device)?;
    let dtype = float_dtype("rand_like", Some(dtype.unwrap_or(input.dtype())))?;
    let drawn = Law::Uniform(0.0, 1.0).draw(dtype, &input.shape(), generator.as_ref());
    finish_like("rand_like", drawn, input, requires_grad, memory_format)
}

/// Normal random numbers of mean 0 and standard deviation 1 of the shape and dtype of `input`.
/// Raises: RuntimeError if the dtype is not a float.
///
/// >>> x = rt.zeros(2, 3, dtype=rt.float64)
/// >>> rt.randn_like(x).dtype
/// rutile.float64
#[op(at = [rutile], sig = (input, *, generator=None, dtype=None, device=None, requires_grad=false, memory_format=None), samples = like_samples, no_grad, complex)]
pub fn randn_like(
    input: &Tensor,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    check_device("randn_like", &device)?;
    let dtype = float_dtype("randn_like", Some(dtype.unwrap_or(input.dtype())))?;
    let drawn = Law::Normal(0.0, 1.0).draw(dtype, &input.shape(), generator.as_ref());
    finish_like("randn_like", drawn, input, requires_grad, memory_format)
}

// ---- integers ----

/// The largest integer up to which a dtype holds all of them.
fn largest(dtype: DType) -> i64 {
    match dtype {
        DType::Bool => 1,
        DType::U8 => u8::MAX.into(),
        DType::I8 => i8::MAX.into(),
        DType::I16 => i16::MAX.into(),
        DType::I32 => i32::MAX.into(),
        DType::I64 => i64::MAX - 1,
        DType::BF16 => 1 << 8,
        DType::F16 => 1 << 11,
        DType::F32 => 1 << 24,
        DType::F64 => 1 << 53,
        DType::C64 | DType::C128 => unreachable!("random_ has refused complex numbers"),
    }
}

fn draw_integers(
    op: &str,
    low: i64,
    high: i64,
    shape: &[usize],
    dtype: DType,
    generator: Option<&Generator>,
) -> Result<Array> {
    if low >= high {
        fail!(Value, "{op}: expects 'from' to be less than 'to', but got from={low} >= to={high}");
    }
    if !dtype.is_float() && dtype != DType::I64 {
        let most = largest(dtype);
        let least = if matches!(dtype, DType::Bool | DType::U8) { 0 } else { -most - 1 };
        if low < least || high - 1 > most {
            fail!(Value, "{op}: {dtype} holds integers from {least} to {most}, not all from {low} to {}", high - 1);
        }
    }
    let out = Array::uninit(DType::I64, shape);
    let (seed, offset) = positions(generator, out.len());
    random::integers(seed, offset, low, high, out.slice_mut::<i64>());
    Ok(convert::cast(&out, dtype))
}

fn randint_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(5).arg([2, 3]),
        Sample::new().arg(-3).arg(4).arg([6]),
        Sample::new().arg(0).arg(2).arg([3]).kw("dtype", DType::F32),
    ]
}

/// Uniform random integers in [low, high) of shape `size`, by default int64: `randint(high, size)` or
/// `randint(low, high, size)`.
/// Raises: ValueError if `low >= high` or the dtype does not hold them all.
///
/// >>> x = rt.randint(-2, 3, (1000,))
/// >>> x.unique()
/// tensor([-2, -1,  0,  1,  2])
#[op(at = [rutile], sig = (low=None, high=None, size=None, *, generator=None, dtype=None, device=None, requires_grad=false), samples = randint_samples, no_grad)]
pub fn randint(
    low: Option<i64>,
    high: Arg,
    size: Option<Ints>,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("randint", &device)?;
    let (low, high, size) = match (low, high, size) {
        (Some(high), Arg::Ints(size), None) => (0, high, size),
        (Some(high), Arg::None, Some(size)) => (0, high, size),
        (low, Arg::Int(high), Some(size)) => (low.unwrap_or(0), high, size),
        _ => fail!(Type, "randint() takes (high, size) or (low, high, size): integers, and a tuple of integers"),
    };
    let shape = shape_of("randint", &size)?;
    let dtype = dtype.unwrap_or(DType::I64);
    finish(draw_integers("randint", low, high, &shape, dtype, generator.as_ref())?, requires_grad)
}

fn randint_like_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[2, 3], Values::Int(0, 5)).arg(7),
        Sample::new().values(&[3], Values::Constant(0.0, 1.0)).arg(-2).arg(7),
    ]
}

/// Uniform random integers in [low, high) of the shape and dtype of `input`: `randint_like(input, high)` or
/// `randint_like(input, low, high)`.
/// Raises: ValueError if `low >= high` or the dtype does not hold them all.
///
/// >>> rt.randint_like(rt.zeros(1000), 1, 4).unique()
/// tensor([1., 2., 3.])
#[op(at = [rutile], sig = (input, low, high=None, *, generator=None, dtype=None, device=None, requires_grad=false, memory_format=None), samples = randint_like_samples, no_grad)]
pub fn randint_like(
    input: &Tensor,
    low: i64,
    high: Option<i64>,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
    memory_format: Option<MemoryFormat>,
) -> Result<Tensor> {
    check_device("randint_like", &device)?;
    let (low, high) = high.map_or((0, low), |high| (low, high));
    let dtype = dtype.unwrap_or(input.dtype());
    let drawn = draw_integers("randint_like", low, high, &input.shape(), dtype, generator.as_ref())?;
    finish_like("randint_like", drawn, input, requires_grad, memory_format)
}

fn randperm_samples() -> Vec<Sample> {
    vec![Sample::new().arg(5), Sample::new().arg(0), Sample::new().arg(4).kw("dtype", DType::I32)]
}

/// The integers from 0 to `n - 1` in random order, by default int64.
/// Raises: ValueError if `n` is negative.
///
/// >>> order = rt.randperm(5)
/// >>> order.sort().values
/// tensor([0, 1, 2, 3, 4])
#[op(at = [rutile], sig = (n, *, generator=None, dtype=None, device=None, requires_grad=false), samples = randperm_samples, no_grad)]
pub fn randperm(
    n: usize,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("randperm", &device)?;
    let out = Array::uninit(DType::I64, &shape_of("randperm", &[n as i64])?);
    let (seed, offset) = positions(generator.as_ref(), n);
    random::permutation(seed, offset, out.slice_mut::<i64>());
    finish(convert::cast(&out, dtype.unwrap_or(DType::I64)), requires_grad)
}

// ---- with parameters per element ----

fn probabilities(op: &str, p: &Tensor) -> Result<()> {
    let array = convert::plain(&p.array(), DType::F64);
    if let Some(p) = array.slice::<f64>().iter().find(|p| !(0.0..=1.0).contains(*p)) {
        fail!(Value, "{op}: probabilities are between 0 and 1, got {p}");
    }
    Ok(())
}

/// One with probability `p`, element by element, in `dtype`.
fn coins(op: &str, p: &Tensor, shape: &[usize], dtype: DType, generator: Option<&Generator>) -> Result<Array> {
    probabilities(op, p)?;
    no_grad(|| {
        let precision = if p.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
        let uniform = Tensor::from(Law::Uniform(0.0, 1.0).draw(precision, shape, generator));
        Ok(convert::cast(&compare::lt(&uniform, p)?.array(), dtype))
    })
}

fn bernoulli_samples() -> Vec<Sample> {
    vec![Sample::new().values(&[3, 4], Values::Float(0.0, 1.0)), Sample::new().tensor(&[3]).arg(0.3)]
}

/// One with probability `input`, else zero, element by element. With `p`, that probability everywhere and only the
/// shape and dtype of `input`.
/// Raises: ValueError for a probability outside [0, 1]; RuntimeError for probabilities that are not floats.
///
/// >>> rt.bernoulli(rt.tensor([0.0, 1.0, 1.0]))
/// tensor([0., 1., 1.])
/// >>> (rt.bernoulli(rt.zeros(10000), 0.3).mean() - 0.3).abs().item() < 0.05
/// True
#[op(at = [rutile, Tensor], sig = (input, p=None, *, generator=None), samples = bernoulli_samples, no_grad)]
pub fn bernoulli(input: &Tensor, p: Option<f64>, generator: Option<Generator>) -> Result<Tensor> {
    if p.is_none() && !input.dtype().is_float() {
        fail!(DType, "bernoulli: probabilities are floats, not {}", input.dtype());
    }
    let p = p.map_or_else(|| input.detach(), |p| Tensor::from(Array::from_slice(&[p], &[])));
    Ok(Tensor::from(coins("bernoulli", &p, &input.shape(), input.dtype(), generator.as_ref())?))
}

fn normal_samples() -> Vec<Sample> {
    let std = Values::Constant(0.5, 1.5);
    vec![
        Sample::new().arg(1.0).arg(2.0).arg([2, 3]),
        Sample::new().values(&[2, 3], Values::Constant(-2.0, 2.0)).values(&[3], std),
        Sample::new().values(&[4], Values::Constant(-2.0, 2.0)),
        Sample::new().arg(0.0).values(&[4], std),
    ]
}

/// Normal random numbers. `mean` and `std` are tensors, which broadcast, (or one of them a number), or both numbers
/// with a `size`.
/// Raises: ValueError for a negative `std`; RuntimeError if the shapes do not broadcast; TypeError for two numbers
/// without `size`.
///
/// >>> rt.normal(0.0, 1.0, (2, 3)).shape
/// rutile.Size([2, 3])
/// >>> rt.normal(rt.tensor([1.0, 2.0]), rt.tensor([0.0, 0.0]))
/// tensor([1., 2.])
#[op(at = [rutile], sig = (mean, std=1.0, size=None, *, generator=None, dtype=None, device=None, requires_grad=false), samples = normal_samples, no_grad)]
pub fn normal(
    mean: &Tensor,
    std: &Tensor,
    size: Option<Ints>,
    generator: Option<Generator>,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    check_device("normal", &device)?;
    let (m, s) = (mean.array(), std.array());
    let number = s.is_wrapped().then(|| s.item().to_f64());
    if number.map_or_else(|| convert::any_negative(&s), |std| std < 0.0 || std.is_nan()) {
        fail!(Value, "normal: expects std >= 0.0, but found a negative one or NaN");
    }
    if let Some(size) = size {
        if m.len() != 1 || s.len() != 1 {
            fail!(Type, "normal(): size goes with numbers; tensors mean and std have a shape of their own");
        }
        let (dtype, shape) = (float_dtype("normal", dtype)?, shape_of("normal", &size)?);
        let law = Law::Normal(m.item().to_f64(), s.item().to_f64());
        return finish(law.draw(dtype, &shape, generator.as_ref()), requires_grad);
    }
    if m.is_wrapped() && s.is_wrapped() {
        fail!(Type, "normal(): with numbers for mean and std give a size, as in normal(0.0, 1.0, (2, 3))");
    }
    let shape: Shape = broadcast_shapes("normal", m.shape(), s.shape())?;
    let drawn = if m.is_wrapped() { s.dtype() } else { m.dtype() };
    let drawn = float_dtype("normal", Some(dtype.unwrap_or(drawn)))?;
    no_grad(|| {
        let noise = Tensor::from(Law::Normal(0.0, 1.0).draw(drawn, &shape, generator.as_ref()));
        let out = arith::add(&arith::mul(&noise, std)?, mean, 1.0)?;
        finish(convert::cast(&out.array(), drawn), requires_grad)
    })
}

fn poisson_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[3, 4], Values::Constant(0.0, 5.0)),
        Sample::new().values(&[], Values::Constant(20.0, 50.0)),
        Sample::new().values(&[0, 2], Values::Constant(0.0, 1.0)),
    ]
}

/// Poisson random numbers of mean `input`, element by element, in its dtype; negative means are a `ValueError`.
/// Source: Hörmann, "The transformed rejection method for generating Poisson random variables" (1993).
///
/// >>> rt.poisson(rt.tensor([0.0, 0.0]))
/// tensor([0., 0.])
#[op(at = [rutile], sig = (input, generator=None), samples = poisson_samples, no_grad, integers = refused)]
pub fn poisson(input: &Tensor, generator: Option<Generator>) -> Result<Tensor> {
    let dtype = input.dtype();
    if !dtype.is_float() {
        fail!(DType, "poisson: means are floats, not {dtype}");
    }
    let rates = convert::plain(&input.array(), DType::F64);
    if let Some(rate) = rates.slice::<f64>().iter().find(|&&rate| rate < 0.0 || rate.is_nan()) {
        fail!(Value, "poisson: invalid Poisson rate, expected rate to be non-negative, got {rate}");
    }
    let out = Array::uninit(DType::F64, rates.shape());
    // One counter per element: twice as many as other draws take.
    let (seed, offset) = positions(generator.as_ref(), 2 * out.len());
    random::poisson(seed, offset, rates.slice(), out.slice_mut());
    Ok(Tensor::from(convert::cast(&out, dtype)))
}

fn binomial_samples() -> Vec<Sample> {
    let (count, prob) = (Values::Constant(0.0, 40.0), Values::Constant(0.0, 1.0));
    vec![
        Sample::new().values(&[3, 4], count).values(&[3, 4], prob),
        Sample::new().values(&[3, 4], count).values(&[4], prob),
        Sample::new().values(&[], count).values(&[], prob),
        Sample::new().values(&[0], count).values(&[0], prob),
    ]
}

/// The number of successes in `count` trials (rounded down) of probability `prob`, both floats that broadcast.
/// Probabilities outside [0, 1] count as 0 and 1.
/// Source: Hörmann, "The generation of binomial random variates" (1993).
///
/// >>> rt.binomial(rt.tensor([3.0, 7.0]), rt.tensor([0.0, 1.0]))
/// tensor([0., 7.])
#[op(at = [rutile], sig = (count, prob, generator=None), samples = binomial_samples, no_grad, integers = refused)]
pub fn binomial(count: &Tensor, prob: &Tensor, generator: Option<Generator>) -> Result<Tensor> {
    let (n, p) = (count.array(), prob.array());
    if !n.dtype().is_float() || n.dtype() != p.dtype() {
        fail!(DType, "binomial: count and prob must be floats of one dtype, got {} and {}", n.dtype(), p.dtype());
    }
    let shape = broadcast_shapes("binomial", n.shape(), p.shape())?;
    let plain = |array: &Array| Ok(convert::plain(&array.expand("binomial", &shape)?, DType::F64));
    let (counts, probabilities, out) = (plain(&n)?, plain(&p)?, Array::uninit(DType::F64, &shape));
    let (seed, offset) = positions(generator.as_ref(), 2 * out.len());
    random::binomial(seed, offset, counts.slice(), probabilities.slice(), out.slice_mut());
    Ok(Tensor::from(convert::cast(&out, n.dtype())))
}

fn multinomial_samples() -> Vec<Sample> {
    let weights = Values::Float(0.1, 1.0);
    vec![
        Sample::new().values(&[5], weights).arg(3),
        Sample::new().values(&[2, 4], weights).arg(6).kw("replacement", true),
    ]
}

/// Indices drawn with probabilities proportional to the rows of `input` (categories) or (rows, categories): int64 of
/// shape (num_samples) or (rows, num_samples). Without `replacement` no index comes twice in a row. Source: Efraimidis
/// and Spirakis, "Weighted random sampling with a reservoir" (2006).
/// Raises: ValueError if a weight is negative or not finite, none is positive, or without replacement fewer are than
/// samples are wanted.
///
/// >>> rt.multinomial(rt.tensor([0.0, 3.0, 1.0]), 2).sort().values
/// tensor([1, 2])
/// >>> rt.multinomial(rt.tensor([[1.0, 0.0], [0.0, 1.0]]), 3, replacement=True)
/// tensor([[0, 0, 0],
///         [1, 1, 1]])
#[op(at = [rutile, Tensor], sig = (input, num_samples, replacement=false, *, generator=None), samples = multinomial_samples, no_grad)]
pub fn multinomial(
    input: &Tensor,
    num_samples: usize,
    replacement: bool,
    generator: Option<Generator>,
) -> Result<Tensor> {
    let array = input.array();
    let shape = array.shape();
    if !array.dtype().is_float() || !matches!(shape.len(), 1 | 2) {
        fail!(Shape, "multinomial: takes 1-d or 2-d floats, got {} of shape {shape:?}", array.dtype());
    }
    let classes = shape[shape.len() - 1];
    if num_samples == 0 || classes == 0 || (!replacement && num_samples > classes) {
        fail!(
            Value,
            "multinomial: cannot sample {num_samples} of {classes} categories (replacement={replacement}); without \
             replacement there are at most as many samples as categories, and always at least one"
        );
    }
    let weights = convert::plain(&array, DType::F64);
    let mut out_shape = Shape::from_slice(shape);
    out_shape[shape.len() - 1] = num_samples;
    let out = Array::uninit(DType::I64, &out_shape);
    let draws = if replacement { out.len() } else { weights.len() };
    let uniform = Law::Uniform(0.0, 1.0).draw(DType::F64, &[draws], generator.as_ref());
    let per_row = if replacement { num_samples } else { classes };
    let rows = weights.slice::<f64>().chunks(classes.max(1)).zip(uniform.slice::<f64>().chunks(per_row));
    for ((weights, uniform), out) in rows.zip(out.slice_mut::<i64>().chunks_mut(num_samples)) {
        let total: f64 = weights.iter().sum();
        if weights.iter().any(|&w| w < 0.0) || !total.is_finite() || total <= 0.0 {
            fail!(Value, "multinomial: weights must be finite and not negative, and their sum must be positive");
        }
        if replacement {
            draw_with_replacement(weights, uniform, out);
        } else {
            if weights.iter().filter(|&&w| w > 0.0).count() < num_samples {
                fail!(Value, "multinomial: fewer than {num_samples} categories have a positive weight");
            }
            draw_without_replacement(weights, uniform, out);
        }
    }
    Ok(Tensor::from(out))
}

fn draw_with_replacement(weights: &[f64], uniform: &[f64], out: &mut [i64]) {
    let mut sum = 0.0;
    let sums: Vec<f64> = weights
        .iter()
        .map(|w| {
            sum += w;
            sum
        })
        .collect();
    let last = weights.iter().rposition(|&w| w > 0.0).expect("a positive weight");
    for (u, out) in uniform.iter().zip(out) {
        *out = sums.partition_point(|&s| s <= u * sum).min(last) as i64;
    }
}

/// The first arrivals of a race in which `i` arrives after an exponential time of rate `weights[i]`.
fn draw_without_replacement(weights: &[f64], uniform: &[f64], out: &mut [i64]) {
    let times = weights.iter().zip(uniform).map(|(&w, &u)| if w > 0.0 { -(-u).ln_1p() / w } else { f64::INFINITY });
    let mut race: Vec<(f64, usize)> = times.zip(0..).collect();
    race.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    race.iter().zip(out).for_each(|((_, i), out)| *out = *i as i64);
}
