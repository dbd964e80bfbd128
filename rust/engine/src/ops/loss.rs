//! Losses of classification. Those that are one expression of other operations live in Python.

use super::formula::lit;
use super::fused::fused;
use super::registry::{Ints, Sample, Values};
use super::{arith, compare, convert, index, reduce, softmax, sums, view};
use crate::array::{Array, DType, Scalar, Shape};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::Element;
use rutile_kernels::softmax::{self as kernels, CrossEntropy};
use rutile_macros::{formulas, op};

/// How the losses of the rows become one.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Reduction {
    None,
    Sum,
    Mean,
}

impl Reduction {
    /// `size_average` and `reduce` are PyTorch's older words; they win if given.
    pub(super) fn new(op: &str, word: &str, size_average: Option<bool>, reduce: Option<bool>) -> Result<Reduction> {
        if size_average.is_some() || reduce.is_some() {
            return Ok(match (reduce.unwrap_or(true), size_average.unwrap_or(true)) {
                (false, _) => Reduction::None,
                (true, true) => Reduction::Mean,
                (true, false) => Reduction::Sum,
            });
        }
        match word {
            "none" => Ok(Reduction::None),
            "sum" => Ok(Reduction::Sum),
            "mean" => Ok(Reduction::Mean),
            other => fail!(Value, "{op}: {other:?} is not a valid value for reduction; use 'none', 'sum' or 'mean'"),
        }
    }

    fn apply(self, loss: &Tensor, total: f64) -> Result<Tensor> {
        match self {
            Reduction::None => Ok(loss.clone()),
            Reduction::Sum => reduce::sum(loss, None, false, None),
            Reduction::Mean => arith::true_divide(&reduce::sum(loss, None, false, None)?, &sums::number(total)),
        }
    }
}

/// The axis of the classes of (c) or (n, c, ...).
fn class_axis(op: &str, input: &Tensor) -> Result<usize> {
    match input.ndim() {
        0 => fail!(Shape, "{op}: input must be (classes) or (n, classes, ...), got a 0-d tensor"),
        1 => Ok(0),
        _ => Ok(1),
    }
}

/// Class indices as contiguous int64, checked against the input's shape.
fn targets(op: &str, input: &Tensor, target: &Tensor, axis: usize, ignore_index: i64) -> Result<Array> {
    let shape = input.shape();
    let mut expected = shape.clone();
    expected.remove(axis);
    if target.shape() != expected {
        fail!(
            Shape,
            "{op}: Expected target size {:?} for input {:?} (the input's shape without its classes), got {:?}",
            &expected[..],
            &shape[..],
            &target.shape()[..]
        );
    }
    let array = convert::plain(&target.array(), DType::I64);
    let classes = shape[axis] as i64;
    if let Some(value) = array.slice::<i64>().iter().find(|&&t| t != ignore_index && !(0..classes).contains(&t)) {
        fail!(Index, "{op}: Target {value} is out of bounds: {classes} classes, ignore_index={ignore_index}");
    }
    Ok(array)
}

/// One weight per class, contiguous, in the type that the loss is computed in.
fn class_weights(op: &str, weight: Option<&Tensor>, classes: usize, dtype: DType) -> Result<Option<Array>> {
    let Some(weight) = weight else {
        return Ok(None);
    };
    if weight.shape()[..] != [classes] {
        fail!(
            Shape,
            "{op}: weight tensor should be defined either for all {classes} classes or no classes but got weight tensor \
             of shape: {:?}",
            &weight.shape()[..]
        );
    }
    Ok(Some(convert::plain(&weight.array(), dtype)))
}

fn cross_entropy_samples() -> Vec<Sample> {
    let classes = Values::Int(0, 4);
    let weights = Values::Constant(0.5, 1.5);
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3], classes),
        Sample::new().tensor(&[4]).values(&[], classes),
        Sample::new().tensor(&[2, 4, 3]).values(&[2, 3], classes).kw("reduction", "sum"),
        Sample::new().tensor(&[3, 4]).values(&[3], classes).kw("reduction", "none").kw("label_smoothing", 0.1),
        Sample::new().tensor(&[5, 4]).values(&[5], classes).kw_tensor("weight", &[4], weights).kw("ignore_index", 1),
        Sample::new()
            .tensor(&[3, 4])
            .values(&[3], classes)
            .kw_tensor("weight", &[4], weights)
            .kw("label_smoothing", 0.2),
        Sample::new().tensor(&[3, 4]).values(&[3, 4], Values::Float(0.1, 1.0)),
        Sample::new()
            .tensor(&[2, 4, 2])
            .values(&[2, 4, 2], Values::Float(0.1, 1.0))
            .kw_tensor("weight", &[4], weights)
            .kw("label_smoothing", 0.1)
            .kw("reduction", "sum"),
    ]
}

/// The cross entropy of unnormalised log-probabilities `input` (c), (n, c) or (n, c, d1, ...) and `target`: class
/// indices of that shape without c, or probabilities of the same shape. `weight` is one factor per class; targets equal
/// to `ignore_index` do not count; `label_smoothing` spreads that much of each target evenly over the classes.
/// `reduction` is "mean" (weighted by `weight`), "sum", or "none" for losses of the shape of indices. The same as
/// `nll_loss` of `log_softmax`, in one pass and without overflow. Label smoothing: Szegedy et al. (2016).
/// Raises: RuntimeError if shapes or dtypes do not fit; IndexError if a target is no class; ValueError for another
/// `reduction`.
///
/// >>> logits = rt.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
/// >>> F.cross_entropy(logits, rt.tensor([0, 1]), reduction="none")  # the second is log(3)
/// tensor([0.2395, 1.0986])
/// >>> F.cross_entropy(logits, rt.tensor([0, -100]))  # the second does not count
/// tensor(0.2395)
#[op(at = [nn.functional], sig = (input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean", label_smoothing=0.0), samples = cross_entropy_samples)]
pub fn cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    size_average: Option<bool>,
    ignore_index: i64,
    reduce: Option<bool>,
    reduction: &str,
    label_smoothing: f64,
) -> Result<Tensor> {
    let op = "cross_entropy";
    let reduction = Reduction::new(op, reduction, size_average, reduce)?;
    if !(0.0..=1.0).contains(&label_smoothing) {
        fail!(Value, "{op}: label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}");
    }
    if !input.dtype().is_float() {
        fail!(DType, "{op}: input must be floats, not {}", input.dtype());
    }
    let axis = class_axis(op, input)?;
    let compute = input.dtype().compute();
    let x = convert::to_dtype(input, compute)?;
    let weights = class_weights(op, weight, x.shape()[axis], compute)?;
    let loss = if target.dtype().is_float() {
        of_probabilities(&x, target, weights, axis, label_smoothing, reduction)?
    } else {
        let entropy = Entropy {
            at: targets(op, &x, target, axis, ignore_index)?,
            weight: weights,
            ignore_index,
            smoothing: label_smoothing,
            saved: [target].into_iter().chain(weight).map(Tensor::save).collect(),
        };
        of_classes(&x, entropy, axis, reduction)?
    };
    convert::to_dtype(&loss, input.dtype())
}

fn of_probabilities(
    x: &Tensor,
    target: &Tensor,
    weight: Option<Array>,
    axis: usize,
    smoothing: f64,
    reduction: Reduction,
) -> Result<Tensor> {
    let shape = x.shape();
    if target.shape() != shape {
        fail!(
            Shape,
            "cross_entropy: Expected floating point type for target with class probabilities to have the shape {:?} of \
             the input, got {:?}",
            &shape[..],
            &target.shape()[..]
        );
    }
    let classes = shape[axis];
    let mut target = convert::to_dtype(target, x.dtype())?;
    if smoothing > 0.0 {
        let even = sums::number(smoothing / classes as f64);
        target = arith::add(&arith::mul(&target, &sums::number(1.0 - smoothing))?, &even, 1.0)?;
    }
    let mut likelihood = arith::mul(&softmax::log_softmax(x, axis as i64, None)?, &target)?;
    if let Some(weight) = weight {
        let mut aligned = Shape::from_elem(1, shape.len());
        aligned[axis] = classes;
        likelihood = arith::mul(&likelihood, &view::reshape_to(&Tensor::from(weight), &aligned)?)?;
    }
    let loss = arith::neg(&reduce::sum(&likelihood, Some(Ints::from_elem(axis as i64, 1)), false, None)?)?;
    let rows = loss.len() as f64;
    reduction.apply(&loss, rows)
}

fn of_classes(x: &Tensor, entropy: Entropy, axis: usize, reduction: Reduction) -> Result<Tensor> {
    // Classes last, one row per target.
    let classes = x.shape()[axis];
    let shape = Shape::from_slice(entropy.at.shape());
    let order: Shape = (0..x.ndim()).filter(|&a| a != axis).chain([axis]).collect();
    let moved = if axis + 1 == x.ndim() { x.clone() } else { view::permute_to(x, &order)? };
    let rows = view::reshape_to(&moved, &[entropy.at.len(), classes])?;
    let total = if reduction == Reduction::Mean { entropy.total(rows.dtype(), classes) } else { 1.0 };
    let loss = entropy.rows(&rows)?;
    reduction.apply(&view::reshape_to(&loss, &shape)?, total)
}

/// What cross entropy with class indices knows besides the logits.
struct Entropy {
    at: Array,
    weight: Option<Array>,
    ignore_index: i64,
    smoothing: f64,
    /// The tensors that `at` and `weight` may share memory with: they must not change before the derivative runs.
    saved: Vec<Saved>,
}

impl Entropy {
    fn spec<T: crate::array::HasDType>(&self) -> CrossEntropy<'_, T> {
        CrossEntropy {
            weight: self.weight.as_ref().map(|weight| weight.slice::<T>()),
            ignore_index: self.ignore_index,
            label_smoothing: self.smoothing,
        }
    }

    /// What the mean divides by.
    fn total(&self, dtype: DType, classes: usize) -> f64 {
        with_dtype!(reals dtype, T => {
            kernels::cross_entropy_total(&self.spec::<T>(), classes, self.at.slice::<i64>())
        })
    }

    /// The loss of each row of `x` (rows, classes).
    fn rows(self, x: &Tensor) -> Result<Tensor> {
        let array = convert::contiguous_array(&x.array());
        let (dtype, [rows, classes]) = (array.dtype(), [array.shape()[0], array.shape()[1]]);
        let (loss, lse) = (Array::uninit(dtype, &[rows]), Array::uninit(dtype, &[rows]));
        with_dtype!(reals dtype, T => {
            let (spec, logits, at) = (self.spec::<T>(), array.slice::<T>(), self.at.slice::<i64>());
            let (loss, lse) = (loss.slice_mut::<T>(), lse.slice_mut::<T>());
            kernels::cross_entropy_forward(&spec, rows, classes, logits, at, loss, lse);
        });
        let saved = x.save();
        Ok(record("cross_entropy", loss, &[x], move |g, grads| {
            let x = saved.get_for(grads)?;
            self.saved.iter().try_for_each(|saved| saved.get_for(grads).map(drop))?;
            grads.push(|| fused(|| self.gradient(g, &x, &lse), || self.definition(g, &x)))
        }))
    }

    fn gradient(&self, g: &Tensor, x: &Tensor, lse: &Array) -> Result<Tensor> {
        let array = convert::contiguous_array(&x.array());
        let (dtype, [rows, classes]) = (array.dtype(), [array.shape()[0], array.shape()[1]]);
        let (g, out) = (convert::contiguous_array(&g.array()), Array::uninit(dtype, array.shape()));
        with_dtype!(reals dtype, T => {
            let (spec, logits, at) = (self.spec::<T>(), array.slice::<T>(), self.at.slice::<i64>());
            let (lse, g, out) = (lse.slice::<T>(), g.slice::<T>(), out.slice_mut::<T>());
            kernels::cross_entropy_backward(&spec, rows, classes, logits, at, lse, g, out);
        });
        Ok(Tensor::from(out))
    }

    /// `g * (softmax(x) * sum(q) - q)` per row, where the loss is `-sum(q * log_softmax(x))`.
    fn definition(&self, g: &Tensor, x: &Tensor) -> Result<Tensor> {
        let (shape, dtype) = (x.shape(), x.dtype());
        let classes = shape[1];
        let q = convert::zeros(dtype, &shape);
        with_dtype!(reals dtype, T => {
            let weights = self.spec::<T>().weight;
            let weight = |class: usize| weights.map_or(1.0, |weights| weights[class].to_f64());
            for (row, &target) in q.slice_mut::<T>().chunks_mut(classes.max(1)).zip(self.at.slice::<i64>()) {
                if target != self.ignore_index {
                    for (class, q) in row.iter_mut().enumerate() {
                        let hit = if class as i64 == target { 1.0 - self.smoothing } else { 0.0 };
                        *q = T::from_f64((hit + self.smoothing / classes as f64) * weight(class));
                    }
                }
            }
        });
        let q = Tensor::from(q);
        let total = reduce::sum(&q, Some(Ints::from_elem(1, 1)), true, None)?;
        let inner = arith::sub(&arith::mul(&softmax::softmax(x, 1, None)?, &total)?, &q, 1.0)?;
        arith::mul(&view::unsqueeze(g, 1)?, &inner)
    }
}

fn nll_loss_samples() -> Vec<Sample> {
    let classes = Values::Int(0, 4);
    let weights = Values::Constant(0.5, 1.5);
    vec![
        Sample::new().tensor(&[3, 4]).values(&[3], classes),
        Sample::new().tensor(&[4]).values(&[], classes),
        Sample::new().tensor(&[2, 4, 3]).values(&[2, 3], classes).kw("reduction", "none"),
        Sample::new().tensor(&[5, 4]).values(&[5], classes).kw_tensor("weight", &[4], weights).kw("ignore_index", 1),
        Sample::new().tensor(&[2, 4]).values(&[2], classes).kw("reduction", "sum"),
    ]
}

/// The negative log-likelihood: `-input` at the target classes. `input` holds log-probabilities (c), (n, c) or (n, c,
/// d1, ...), `target` class indices of that shape without c; otherwise as `cross_entropy`.
/// Raises: RuntimeError if shapes or dtypes do not fit; IndexError if a target is no class.
///
/// >>> log_probs = rt.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
/// >>> F.nll_loss(log_probs, rt.tensor([0, 1]), reduction="none")
/// tensor([0.6931, 0.2877])
#[op(at = [nn.functional], sig = (input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"), samples = nll_loss_samples)]
pub fn nll_loss(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    size_average: Option<bool>,
    ignore_index: i64,
    reduce: Option<bool>,
    reduction: &str,
) -> Result<Tensor> {
    let op = "nll_loss";
    let reduction = Reduction::new(op, reduction, size_average, reduce)?;
    if !input.dtype().is_float() || target.dtype().is_float() {
        fail!(DType, "{op}: input must be floats and target integers, got {} and {}", input.dtype(), target.dtype());
    }
    let axis = class_axis(op, input)?;
    let at = targets(op, input, target, axis, ignore_index)?;
    let weight = class_weights(op, weight, input.shape()[axis], DType::F64)?;
    // What each target counts; ignored ones point at class 0 with weight 0.
    let factor = |&t: &i64| {
        if t == ignore_index { 0.0 } else { weight.as_ref().map_or(1.0, |weight| weight.slice::<f64>()[t as usize]) }
    };
    let factors: Vec<f64> = at.slice::<i64>().iter().map(factor).collect();
    let total: f64 = factors.iter().sum();
    let places: Vec<i64> = at.slice::<i64>().iter().map(|&t| if t == ignore_index { 0 } else { t }).collect();
    let factors = convert::cast(&Array::from_slice(&factors, at.shape()), input.dtype());
    let places = Tensor::from(Array::from_slice(&places, at.shape()).unsqueeze(axis));
    let picked = view::squeeze_axes(&index::gather(input, axis as i64, &places, false)?, &[axis])?;
    // A product would turn an ignored infinity into NaN.
    let ignored = super::compare::eq(&Tensor::from(at), &Tensor::from(Array::wrapped(ignore_index.into())))?;
    let picked = super::compare::select(&ignored, &sums::zero(), &picked)?;
    reduction.apply(&arith::neg(&arith::mul(&picked, &Tensor::from(factors))?)?, total)
}

// ---- binary cross entropy ----

/// What PyTorch keeps the divisor of the gradient above: 1e-12 as `f32` holds it.
const TINY: f64 = 1e-12_f32 as f64;

formulas! {
    /// The cross entropy of one probability; [`binary_cross_entropy()`] with checks and reduction.
    binary_cross_entropy_row(x, t) =
        (t - 1.0) * (-x).ln_1p().max(lit(-100.0)) - t * x.ln().max(lit(-100.0));
        grad(g) = g * (x - t) / ((lit::<M>(1.0) - x) * x).max(lit(TINY)),
            g * ((-x).ln_1p().max(lit(-100.0)) - x.ln().max(lit(-100.0)));
        domain = 0.1..0.9;
        wide;
}

fn binary_cross_entropy_samples() -> Vec<Sample> {
    let inside = Values::Float(0.1, 0.9);
    let sample = |shape: &[usize]| Sample::new().values(shape, inside).values(shape, inside);
    vec![
        sample(&[3, 4]),
        sample(&[3, 4]).kw_tensor("weight", &[4], Values::Float(0.5, 1.5)).kw("reduction", "sum"),
        sample(&[]).kw("reduction", "none"),
        sample(&[0, 2]).kw("reduction", "sum"),
    ]
}

/// `-(target * log(input) + (1 - target) * log(1 - input))` of probabilities; `weight` are factors that broadcast.
/// Logarithms are kept above -100, and the gradient finite at 0 and 1. Logits should go to
/// `binary_cross_entropy_with_logits`, which loses no precision.
/// Raises: ValueError if the shapes differ; RuntimeError if the dtypes do, or a probability is outside [0, 1].
///
/// >>> F.binary_cross_entropy(rt.tensor([0.9, 0.2]), rt.tensor([1.0, 0.0]), reduction="none")
/// tensor([0.1054, 0.2231])
#[op(at = [nn.functional], sig = (input, target, weight=None, size_average=None, reduce=None, reduction="mean"), samples = binary_cross_entropy_samples, integers = refused)]
pub fn binary_cross_entropy(
    input: &Tensor,
    target: &Tensor,
    weight: Option<&Tensor>,
    size_average: Option<bool>,
    reduce: Option<bool>,
    reduction: &str,
) -> Result<Tensor> {
    let op = "binary_cross_entropy";
    let reduction = Reduction::new(op, reduction, size_average, reduce)?;
    if !input.dtype().is_float() || target.dtype() != input.dtype() {
        fail!(
            DType,
            "{op}: input and target must be of one float dtype, got {} and {}; convert with .to()",
            input.dtype(),
            target.dtype()
        );
    }
    if input.shape() != target.shape() {
        fail!(
            Value,
            "{op}: Using a target size ({:?}) that is different to the input size ({:?}) is deprecated. Please ensure they \
             have the same size.",
            &target.shape()[..],
            &input.shape()[..]
        );
    }
    let inside = compare::logical_and(
        &compare::ge(&input.detach(), &sums::zero())?,
        &compare::le(&input.detach(), &sums::one())?,
    )?;
    if reduce::all(&inside, None, false)?.array().item() != Scalar::Bool(true) {
        fail!(Shape, "{op}: all elements of input should be between 0 and 1");
    }
    let mut loss = binary_cross_entropy_row(input, target)?;
    if let Some(weight) = weight {
        loss = arith::mul(&loss, weight)?;
    }
    let count = loss.len() as f64;
    match reduction {
        Reduction::Mean => reduce::mean(&loss, None, false, None),
        other => other.apply(&loss, count),
    }
}
