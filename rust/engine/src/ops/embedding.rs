//! Tables of vectors, looked up by integers.

use super::index::{add_slices, gather_at, indices, select_slices};
use super::registry::{Arg, Sample, Values};
use super::{arith, compare, convert, inplace, reduce, sums, view};
use crate::array::{Array, DType};
use crate::autograd::mode::no_grad;
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::index as kernels;
use rutile_macros::op;

/// What a table does besides being read.
struct Table<'a> {
    op: &'static str,
    weight: &'a Tensor,
    rows: usize,
    columns: usize,
    padding: Option<i64>,
    by_frequency: bool,
}

impl<'a> Table<'a> {
    fn new(op: &'static str, weight: &'a Tensor, padding: Option<i64>, by_frequency: bool) -> Result<Self> {
        let [rows, columns] = weight.shape()[..] else {
            fail!(Shape, "{op}: weight must be 2-d (rows, columns), got {:?}", &weight.shape()[..]);
        };
        let padding = padding.map(|row| if row < 0 { row + rows as i64 } else { row });
        if let Some(row) = padding
            && !(0..rows as i64).contains(&row)
        {
            fail!(Value, "{op}: padding_idx {row} is no row of weight {:?}", &weight.shape()[..]);
        }
        Ok(Table { op, weight, rows, columns, padding, by_frequency })
    }

    /// Scales rows that are looked up and longer than `max_norm` down to it, in place.
    fn limit(&self, at: &Array, max_norm: Option<f64>, norm_type: f64) -> Result<()> {
        let Some(max_norm) = max_norm else {
            return Ok(());
        };
        let mut rows = at.slice::<i64>().to_vec();
        rows.sort_unstable();
        rows.dedup();
        no_grad(|| {
            for row in rows {
                let line = view::select_axis(self.weight, 0, row as usize)?;
                let norm = reduce::norm(&line, Arg::Float(norm_type), None, false, None)?.array().item().to_f64();
                if norm > max_norm {
                    // PyTorch's guard against dividing by zero.
                    inplace::assign(self.op, &line, &arith::mul(&line, &sums::number(max_norm / (norm + 1e-7)))?)?;
                }
            }
            Ok(())
        })
    }

    /// The rows `at` (1-d), with the gradient that the table is to get.
    fn read(&self, at: &Array) -> Result<Tensor> {
        let rows = select_slices(self.weight, 0, at)?;
        let at = at.slice::<i64>();
        if self.padding.is_none() && !self.by_frequency {
            return Ok(rows);
        }
        let mut counts = vec![0.0f64; self.rows];
        at.iter().for_each(|&row| counts[row as usize] += 1.0);
        let factor = |row: i64| match (self.padding == Some(row), self.by_frequency) {
            (true, _) => 0.0,
            (false, true) => 1.0 / counts[row as usize],
            (false, false) => 1.0,
        };
        let factors: Vec<f64> = at.iter().map(|&row| factor(row)).collect();
        let factors = convert::cast(&Array::from_slice(&factors, &[factors.len(), 1]), self.weight.dtype());
        Ok(record("embedding", rows.array(), &[&rows], move |g, grads| {
            grads.push(|| arith::mul(g, &Tensor::from(factors.clone())))
        }))
    }
}

fn embedding_samples() -> Vec<Sample> {
    let rows = Values::Int(0, 5);
    vec![
        Sample::new().values(&[2, 3], rows).tensor(&[5, 4]),
        Sample::new().values(&[4], rows).tensor(&[5, 2]).kw("padding_idx", 1),
        Sample::new().values(&[], rows).tensor(&[5, 2]),
        Sample::new()
            .values(&[9], rows)
            .values(&[5, 2], Values::Constant(-2.0, 2.0))
            .kw("scale_grad_by_freq", true)
            .kw("padding_idx", -2),
        Sample::new().values(&[3], rows).values(&[5, 2], Values::Constant(-2.0, 2.0)).kw("max_norm", 1.0),
        Sample::new()
            .values(&[3], rows)
            .values(&[5, 2], Values::Constant(-2.0, 2.0))
            .kw("max_norm", 1.0)
            .kw("norm_type", 1.0),
    ]
}

/// Rows of a table: `weight[input]`. `input` holds integers of any shape, `weight` is (rows, columns); the result has
/// the shape of `input` with a last axis of `columns`. The row `padding_idx` gets no gradient. Rows that are looked up
/// and whose `norm_type`-norm exceeds `max_norm` are scaled down to it first, in place. `scale_grad_by_freq` divides
/// the gradient of a row by how often it was looked up. Gradients are dense, also with `sparse`.
/// Raises: IndexError if an index is not a row; RuntimeError if `input` holds no integers, or `weight` is not 2-d.
///
/// >>> table = rt.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
/// >>> F.embedding(rt.tensor([2, 0, 2]), table)
/// tensor([[3., 4.],
///         [0., 0.],
///         [3., 4.]])
#[op(at = [nn.functional], sig = (input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=false, sparse=false), samples = embedding_samples, complex)]
pub fn embedding(
    input: &Tensor,
    weight: &Tensor,
    padding_idx: Option<i64>,
    max_norm: Option<f64>,
    norm_type: f64,
    scale_grad_by_freq: bool,
    sparse: bool,
) -> Result<Tensor> {
    let op = "embedding";
    let _ = sparse; // Gradients are dense, whatever is asked for.
    let table = Table::new(op, weight, padding_idx, scale_grad_by_freq)?;
    let at = indices(op, input, table.rows, false)?;
    let mut shape = input.shape();
    shape.push(table.columns);
    let flat = at.reshape(&[at.len()]).expect("contiguous");
    table.limit(&flat, max_norm, norm_type)?;
    view::reshape_to(&table.read(&flat)?, &shape)
}

fn rutile_embedding_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[5, 4]).values(&[2, 3], Values::Int(0, 5)),
        Sample::new().values(&[5, 2], Values::Constant(-2.0, 2.0)).values(&[4], Values::Int(0, 5)).arg(-1).arg(true),
    ]
}

/// As `nn.functional.embedding`, with the table first; `padding_idx` -1 means none.
///
/// >>> rt.embedding(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1, 1]))
/// tensor([[3., 4.],
///         [3., 4.]])
#[op(name = "embedding", at = [rutile], sig = (weight, indices, padding_idx=-1, scale_grad_by_freq=false, sparse=false), samples = rutile_embedding_samples, complex)]
pub fn rutile_embedding(
    weight: &Tensor,
    indices: &Tensor,
    padding_idx: i64,
    scale_grad_by_freq: bool,
    sparse: bool,
) -> Result<Tensor> {
    let padding = (padding_idx != -1).then_some(padding_idx);
    embedding(indices, weight, padding, None, 2.0, scale_grad_by_freq, sparse)
}

fn bag_samples() -> Vec<Sample> {
    let rows = Values::Int(0, 5);
    // Offsets 0, 0, 0: two empty bags and one with everything.
    let listed = || Sample::new().values(&[6], rows).tensor(&[5, 3]).values(&[3], Values::Int(0, 1));
    vec![
        Sample::new().values(&[2, 3], rows).tensor(&[5, 4]),
        listed().kw("mode", "sum").kw_tensor("per_sample_weights", &[6], Values::Float(-1.0, 1.0)),
        Sample::new().values(&[2, 4], rows).values(&[5, 3], Values::Distinct).kw("mode", "max").kw("padding_idx", 1),
        listed().kw("mode", "mean").kw("include_last_offset", true).kw("padding_idx", -1),
        Sample::new()
            .values(&[2, 4], rows)
            .values(&[5, 3], Values::Constant(-2.0, 2.0))
            .kw("mode", "sum")
            .kw("scale_grad_by_freq", true),
    ]
}

/// Sums, means or maxima of rows of a table: of the rows that each line of `input` (bags, entries) names; or, if
/// `input` is 1-d, of its parts that start at `offsets`, the last of which is the end if `include_last_offset`.
/// `weight` is (rows, columns), the result (bags, columns); an empty bag gives zeros. `per_sample_weights`, shaped as
/// `input`, are factors of the rows (sums only). Entries equal to `padding_idx` do not count. `max_norm`, `norm_type`
/// and `scale_grad_by_freq` as in `embedding`. Gradients are dense, also with `sparse`.
/// Raises: ValueError for another `mode`, or if shapes do not fit; IndexError if an index is not a row;
/// NotImplementedError for weights of samples in another mode than "sum".
///
/// >>> table = rt.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
/// >>> F.embedding_bag(rt.tensor([[0, 1], [2, 2]]), table, mode="sum")
/// tensor([[1., 2.],
///         [6., 8.]])
/// >>> F.embedding_bag(rt.tensor([0, 1, 2]), table, offsets=rt.tensor([0, 2]))  # means of rows 0, 1 and of row 2
/// tensor([[0.5000, 1.0000],
///         [3.0000, 4.0000]])
#[op(at = [nn.functional], sig = (input, weight, offsets=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=false, mode="mean", sparse=false, per_sample_weights=None, include_last_offset=false, padding_idx=None), samples = bag_samples)]
pub fn embedding_bag(
    input: &Tensor,
    weight: &Tensor,
    offsets: Option<&Tensor>,
    max_norm: Option<f64>,
    norm_type: f64,
    scale_grad_by_freq: bool,
    mode: &str,
    sparse: bool,
    per_sample_weights: Option<&Tensor>,
    include_last_offset: bool,
    padding_idx: Option<i64>,
) -> Result<Tensor> {
    let op = "embedding_bag";
    if !matches!(mode, "sum" | "mean" | "max") {
        fail!(Value, "{op}: mode has to be one of sum, mean or max, got {mode:?}");
    }
    if mode == "max" && scale_grad_by_freq {
        fail!(Value, "{op}: max mode does not support scaling the gradient by the frequency");
    }
    let _ = sparse; // Gradients are dense, whatever is asked for.
    let table = Table::new(op, weight, padding_idx, scale_grad_by_freq)?;
    if !weight.dtype().is_float() {
        fail!(DType, "{op}: weight must be floats, not {}", weight.dtype());
    }
    if let Some(factors) = per_sample_weights {
        if mode != "sum" {
            fail!(
                Unsupported,
                "{op}: per_sample_weights was not None. It is only supported for mode='sum' (got mode='{mode}')"
            );
        }
        if factors.shape() != input.shape() || factors.dtype() != weight.dtype() {
            fail!(
                Value,
                "{op}: expected per_sample_weights to have the shape {:?} of input and the dtype {} of weight, got {:?} \
                 and {}",
                &input.shape()[..],
                weight.dtype(),
                &factors.shape()[..],
                factors.dtype()
            );
        }
    }
    let at = indices(op, input, table.rows, false)?;
    let (bags, bag) = bags(op, input, offsets, include_last_offset)?;
    let at = at.slice::<i64>();
    let kept: Vec<i64> = (0..at.len()).filter(|&i| Some(at[i]) != table.padding).map(|i| i as i64).collect();
    let pick = |values: &[i64]| kept.iter().map(|&i| values[i as usize]).collect::<Vec<i64>>();
    let (rows, bag) = (pick(at), pick(&bag));
    let list = |values: &[i64]| Array::from_slice(values, &[values.len()]);
    let at = list(&rows);
    table.limit(&at, max_norm, norm_type)?;
    let mut entries = table.read(&at)?;
    if let Some(factors) = per_sample_weights {
        let flat = view::reshape_to(factors, &[factors.len()])?;
        entries = arith::mul(&entries, &view::unsqueeze(&select_slices(&flat, 0, &list(&kept))?, 1)?)?;
    }
    if mode == "max" {
        let array = convert::plain(&entries.array(), entries.dtype().compute());
        let best = Array::uninit(DType::I64, &[bags, table.columns]);
        with_dtype!(reals array.dtype(), T => {
            kernels::bag_argmax(table.columns, &bag, array.slice::<T>(), best.slice_mut::<i64>());
        });
        if rows.is_empty() {
            return Ok(Tensor::from(convert::zeros(weight.dtype(), best.shape())));
        }
        let best = Tensor::from(best);
        let there = compare::ge(&best, &Tensor::from(Array::from_slice(&[0i64], &[])))?;
        let places = compare::select(&there, &best, &Tensor::from(Array::from_slice(&[0i64], &[])))?;
        return compare::select(&there, &gather_at(&entries, 0, &places.array())?, &sums::zero());
    }
    let total = add_slices(&entries, 0, &list(&bag), bags)?;
    if mode == "sum" {
        return Ok(total);
    }
    let mut counts = vec![0.0f64; bags];
    bag.iter().for_each(|&bag| counts[bag as usize] += 1.0);
    counts.iter_mut().for_each(|count| *count = count.max(1.0));
    let counts = convert::cast(&Array::from_slice(&counts, &[bags, 1]), weight.dtype());
    arith::true_divide(&total, &Tensor::from(counts))
}

/// How many bags there are, and which each entry belongs to.
fn bags(op: &str, input: &Tensor, offsets: Option<&Tensor>, with_end: bool) -> Result<(usize, Vec<i64>)> {
    let shape = input.shape();
    let (entries, offsets) = match (&shape[..], offsets) {
        (&[bags, entries], None) => {
            return Ok((bags, (0..bags * entries).map(|i| (i / entries) as i64).collect()));
        }
        (&[_, _], Some(_)) => {
            fail!(Value, "{op}: if input is 2D, then offsets has to be None, as input is treated as bags of equal size")
        }
        (&[_], None) => fail!(Value, "{op}: offsets has to be a 1D Tensor if input is 1D, but got None"),
        (&[entries], Some(offsets)) => (entries, offsets),
        _ => fail!(Value, "{op}: input has to be 1D or 2D Tensor, but got {:?}", &shape[..]),
    };
    if offsets.ndim() != 1 || !offsets.dtype().is_int() {
        fail!(
            Value,
            "{op}: offsets has to be a 1D Tensor of integers, got {:?} of {}",
            &offsets.shape()[..],
            offsets.dtype()
        );
    }
    let offsets = convert::plain(&offsets.array(), DType::I64);
    let offsets = offsets.slice::<i64>();
    if offsets.first().is_some_and(|&first| first != 0)
        || offsets.windows(2).any(|pair| pair[1] < pair[0])
        || offsets.last().is_some_and(|&last| last > entries as i64)
        || (offsets.is_empty() && (with_end || entries > 0))
    {
        fail!(
            Value,
            "{op}: offsets must start with 0, not fall, and end at most at {entries}, the length of input; got {offsets:?}"
        );
    }
    let count = offsets.len() - usize::from(with_end);
    let mut bag = Vec::with_capacity(entries);
    for i in 0..count {
        let end = offsets.get(i + 1).map_or(entries, |&end| end as usize);
        bag.resize(end.max(bag.len()), i as i64);
    }
    // With `with_end`, what comes after the end belongs to the last bag, as in PyTorch.
    bag.resize(entries, count.saturating_sub(1) as i64);
    Ok((count, bag))
}
