//! Recurrent layers.

use super::fused::through;
use super::matmul::{linear, multiply};
use super::registry::{Ints, Sample, Values};
use super::{activation, arith, convert, join, reduce, special, view};
use crate::array::{Array, DType};
use crate::autograd::mode::{grad_enabled, no_grad};
use crate::autograd::{Saved, Tensor, record_many};
use crate::error::Result;
use crate::{fail, profile, with_dtype};
use rutile_kernels::rnn::{self, Cell, Layer, Trace, Traced};
use rutile_macros::op;

/// A layer in one direction: what it computes, on how many rows at each step.
struct Spec {
    cell: Cell,
    sizes: Vec<usize>,
    reverse: bool,
    projected: bool,
}

/// The tensors of a call, in the order in which the tape knows them.
const INPUT: usize = 0;
const H0: usize = 1;
const C0: usize = 2;
const W_IH: usize = 3;
const W_HH: usize = 4;
const B_IH: usize = 5;
const B_HH: usize = 6;
const W_HR: usize = 7;

fn samples() -> Vec<Sample> {
    let state = |rows: usize, width: usize| (vec![rows, width], Values::Float(-1.0, 1.0));
    let sample = |mode: &'static str, sizes: Ints, gates: usize, bias: bool, projection: bool, reverse: bool| {
        let (rows, batch) = (sizes.iter().sum::<i64>() as usize, sizes[0] as usize);
        let (hidden, output) = (3, if projection { 2 } else { 3 });
        let mut shapes = vec![vec![gates * hidden, 2], vec![gates * hidden, output]];
        if bias {
            shapes.extend([vec![gates * hidden], vec![gates * hidden]]);
        }
        let mut sample = Sample::new().tensor(&[rows, 2]).arg(crate::ops::registry::Arg::Ints(sizes));
        let (shape, values) = state(batch, output);
        sample = sample.values(&shape, values);
        sample = match mode {
            "lstm" => sample.values(&[batch, hidden], values),
            _ => sample.arg(()),
        };
        sample = shapes[..2].iter().fold(sample, |sample, shape| sample.values(shape, values));
        sample = match bias {
            true => shapes[2..].iter().fold(sample, |sample, shape| sample.values(shape, values)),
            false => sample.arg(()).arg(()),
        };
        sample = if projection { sample.values(&[output, hidden], values) } else { sample.arg(()) };
        sample.arg(mode).arg(reverse)
    };
    let (even, packed) = (Ints::from_slice(&[2, 2, 2]), Ints::from_slice(&[3, 2, 2, 1]));
    vec![
        sample("lstm", even.clone(), 4, true, false, false),
        sample("lstm", packed.clone(), 4, true, true, true),
        sample("lstm", packed.clone(), 4, false, false, false),
        sample("gru", even.clone(), 3, true, false, false),
        sample("gru", packed.clone(), 3, false, false, true),
        sample("tanh", packed, 1, true, false, true),
        sample("relu", even, 1, false, false, false),
    ]
}

/// One direction of one recurrent layer over packed sequences, for `nn.RNN`, `nn.LSTM`, `nn.GRU` and their cells.
/// `input` (rows, features) has `batch_sizes[t]` rows for step t, never more than for the step before; `h0` (batch,
/// output) and, for an LSTM, `c0` (batch, hidden) are the first states. Weights are (gates * hidden, features),
/// (gates * hidden, output), biases (gates * hidden), the projection `w_hr` (output, hidden). `mode` is 'tanh', 'relu',
/// 'lstm' or 'gru'; `reverse` starts at the last step. Gives the output (rows, output), and the last states.
/// Sources: Hochreiter and Schmidhuber (1997); Sak et al. (2014), projection; Cho et al. (2014), GRU.
#[op(at = [rutile], sig = (input, batch_sizes, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, mode, reverse), samples = samples)]
pub fn _rnn_layer(
    input: &Tensor,
    batch_sizes: Ints,
    h0: &Tensor,
    c0: Option<&Tensor>,
    w_ih: &Tensor,
    w_hh: &Tensor,
    b_ih: Option<&Tensor>,
    b_hh: Option<&Tensor>,
    w_hr: Option<&Tensor>,
    mode: &str,
    reverse: bool,
) -> Result<Vec<Tensor>> {
    let op = "_rnn_layer";
    let cell = match mode {
        "tanh" => Cell::Tanh,
        "relu" => Cell::Relu,
        "lstm" => Cell::Lstm,
        "gru" => Cell::Gru,
        other => fail!(Value, "{op}: mode must be 'tanh', 'relu', 'lstm' or 'gru', got {other:?}"),
    };
    let sizes: Vec<usize> = batch_sizes.iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect();
    let spec = Spec { cell, sizes, reverse, projected: w_hr.is_some() };
    let inputs: [Option<&Tensor>; 8] = [Some(input), Some(h0), c0, Some(w_ih), Some(w_hh), b_ih, b_hh, w_hr];
    spec.check(op, &inputs)?;
    let dtype = input.dtype();
    let run = Run::forward(&spec, &inputs);
    let outputs = run.outputs(&spec, dtype);
    let saved = inputs.map(|input| input.map(Tensor::save));
    let present: Vec<&Tensor> = inputs.iter().flatten().copied().collect();
    let result = Saved::from_output(&outputs[0]);
    Ok(record_many(op, outputs, &present, move |grads_out, grads| {
        let mut inputs = Vec::with_capacity(saved.len());
        for saved in &saved {
            inputs.push(saved.as_ref().map(|saved| saved.get_for(grads)).transpose()?);
        }
        if grad_enabled() {
            return through(&inputs, grads_out, grads, |inputs| spec.compose(inputs));
        }
        result.output(grads, 0)?; // The way back reads it: an error if it was written to.
        let mut position = 0;
        let wanted = std::array::from_fn(|i| {
            position += usize::from(inputs[i].is_some());
            inputs[i].is_some() && grads.wants(position - 1)
        });
        let found = run.backward(&spec, &inputs, grads_out, wanted)?;
        for (input, grad) in inputs.iter().zip(found) {
            if input.is_some() {
                grads.push_option(grad);
            }
        }
        Ok(())
    }))
}

impl Spec {
    fn check(&self, op: &str, inputs: &[Option<&Tensor>; 8]) -> Result<()> {
        let [Some(input), Some(h0), c0, Some(w_ih), Some(w_hh), b_ih, b_hh, w_hr] = inputs else {
            unreachable!("these inputs are required");
        };
        if !input.dtype().is_float() {
            fail!(DType, "{op}: takes floats, not {}", input.dtype());
        }
        for other in inputs.iter().flatten() {
            if other.dtype() != input.dtype() {
                fail!(
                    DType,
                    "{op}: input, states and weights must have the same dtype, got {} and {}",
                    input.dtype(),
                    other.dtype()
                );
            }
        }
        if self.sizes.windows(2).any(|pair| pair[1] > pair[0]) {
            fail!(Value, "{op}: batch_sizes must never grow, got {:?}", self.sizes);
        }
        let (rows, batch) = (self.sizes.iter().sum::<usize>(), self.sizes.first().copied().unwrap_or(0));
        let ([features, hidden], gates) = (
            match (input.shape()[..].last(), w_hh.shape()[..].first()) {
                (Some(&features), Some(&width)) => [features, width / self.cell.gates()],
                _ => fail!(Shape, "{op}: input must be (rows, features), weights 2-d"),
            },
            self.cell.gates(),
        );
        let output = w_hr.map_or(hidden, |w_hr| w_hr.shape().first().copied().unwrap_or(0));
        let wide = gates * hidden;
        let expected: [(&str, Option<&Tensor>, &[usize]); 8] = [
            ("input", Some(input), &[rows, features]),
            ("h0", Some(h0), &[batch, output]),
            ("c0", *c0, &[batch, hidden]),
            ("w_ih", Some(w_ih), &[wide, features]),
            ("w_hh", Some(w_hh), &[wide, output]),
            ("b_ih", *b_ih, &[wide]),
            ("b_hh", *b_hh, &[wide]),
            ("w_hr", *w_hr, &[output, hidden]),
        ];
        for (name, tensor, shape) in expected {
            if let Some(tensor) = tensor
                && tensor.shape()[..] != *shape
            {
                fail!(Shape, "{op}: {name} must be {shape:?}, got {:?}", &tensor.shape()[..]);
            }
        }
        if c0.is_some() != (self.cell == Cell::Lstm) || (w_hr.is_some() && self.cell != Cell::Lstm) {
            fail!(Value, "{op}: c0 and w_hr belong to an LSTM, and an LSTM needs c0");
        }
        if b_ih.is_some() != b_hh.is_some() {
            fail!(Value, "{op}: both biases or none");
        }
        Ok(())
    }

    /// The same in differentiable operations, step by step.
    fn compose(&self, inputs: &[Option<Tensor>]) -> Result<Vec<Tensor>> {
        let get = |index: usize| inputs[index].as_ref().expect("checked");
        let products = linear(get(INPUT), get(W_IH), inputs[B_IH].as_ref())?;
        let (mut h, mut c) = (get(H0).clone(), inputs[C0].clone());
        let mut starts: Vec<(usize, usize)> = Vec::with_capacity(self.sizes.len());
        for &rows in &self.sizes {
            starts.push((starts.last().map_or(0, |(start, rows)| start + rows), rows));
        }
        if self.reverse {
            starts.reverse();
        }
        let mut outputs = Vec::with_capacity(starts.len());
        for (start, rows) in starts {
            let first = |x: &Tensor| view::slice_axis(x, 0, 0, rows, 1);
            let a = view::slice_axis(&products, 0, start, rows, 1)?;
            let former = first(&h)?;
            let b = linear(&former, get(W_HH), inputs[B_HH].as_ref())?;
            let (new, new_c) = match self.cell {
                Cell::Tanh => (special::tanh(&arith::add(&a, &b, 1.0)?)?, None),
                Cell::Relu => (activation::relu(&arith::add(&a, &b, 1.0)?)?, None),
                Cell::Lstm => {
                    let parts = view::chunk(&arith::add(&a, &b, 1.0)?, 4, 1)?;
                    let [i, f, o] = [0, 1, 3].map(|k| activation::sigmoid(&parts[k]));
                    let g = special::tanh(&parts[2])?;
                    let kept = arith::mul(&f?, &first(c.as_ref().expect("checked"))?)?;
                    let new_c = arith::add(&kept, &arith::mul(&i?, &g)?, 1.0)?;
                    let new = arith::mul(&o?, &special::tanh(&new_c)?)?;
                    let new = inputs[W_HR].as_ref().map_or_else(|| Ok(new.clone()), |w| linear(&new, w, None))?;
                    (new, Some(new_c))
                }
                Cell::Gru => {
                    let (a, b) = (view::chunk(&a, 3, 1)?, view::chunk(&b, 3, 1)?);
                    let [r, z] = [0, 1].map(|k| activation::sigmoid(&arith::add(&a[k], &b[k], 1.0)?));
                    let n = special::tanh(&arith::add(&a[2], &arith::mul(&r?, &b[2])?, 1.0)?)?;
                    (arith::add(&n, &arith::mul(&z?, &arith::sub(&former, &n, 1.0)?)?, 1.0)?, None)
                }
            };
            let rest = |x: &Tensor, new: &Tensor| match x.shape()[0] - rows {
                0 => Ok(new.clone()),
                left => join::cat(&[new.clone(), view::slice_axis(x, 0, rows, left, 1)?], 0),
            };
            h = rest(&h, &new)?;
            if let (Some(c), Some(new_c)) = (&mut c, new_c) {
                *c = rest(c, &new_c)?;
            }
            outputs.push(new);
        }
        if self.reverse {
            outputs.reverse();
        }
        let output = if outputs.is_empty() { view::slice_axis(&h, 0, 0, 0, 1)? } else { join::cat(&outputs, 0)? };
        Ok([Some(output), Some(h), c].into_iter().flatten().collect())
    }
}

/// A forward pass, with what the way back needs; all in the computing type.
struct Run {
    gates: Array,
    extra: Array,
    cells: Array,
    inner: Array,
    h: Array,
    c: Array,
    out: Array,
}

/// The kernel's view of a layer.
fn layer<'a, T: rutile_kernels::Real>(
    spec: &'a Spec,
    weight: &'a [T],
    output: usize,
    bias: Option<&'a [T]>,
    projection: Option<&'a [T]>,
) -> Layer<'a, T> {
    let hidden = weight.len() / output.max(1) / spec.cell.gates();
    Layer { cell: spec.cell, hidden, output, sizes: &spec.sizes, reverse: spec.reverse, weight, bias, projection }
}

/// Multiplications with the recurrent weights and the projection, for `rows` rows of input.
fn recurrent_products(rows: usize, inputs: &[Option<Array>]) -> usize {
    rows * [W_HH, W_HR].iter().filter_map(|&at| inputs[at].as_ref()).map(Array::len).sum::<usize>()
}

impl Run {
    fn forward(spec: &Spec, inputs: &[Option<&Tensor>; 8]) -> Run {
        let compute = inputs[INPUT].expect("required").dtype().compute();
        let plain = inputs.map(|input| input.map(|input| convert::plain(&input.array(), compute)));
        let get = |index: usize| plain[index].as_ref().expect("required");
        let (rows, output) = (get(INPUT).shape()[0], get(H0).shape()[1]);
        let hidden = get(W_HH).shape()[0] / spec.cell.gates();
        let gru = spec.cell == Cell::Gru;
        // The gates but a GRU's add both biases anyway: one sum serves all rows.
        let bias = match (&plain[B_IH], &plain[B_HH]) {
            (Some(a), Some(b)) if !gru => no_grad(|| {
                arith::add(&Tensor::from(a.clone()), &Tensor::from(b.clone()), 1.0).expect("of one shape").array()
            })
            .into(),
            (a, _) => a.clone(),
        };
        let gates = multiply(&[], get(INPUT), &get(W_IH).permute(&[1, 0]), bias.as_ref());
        let kept = |needed: bool, width: usize| Array::uninit(compute, &[if needed { rows } else { 0 }, width]);
        let lstm = spec.cell == Cell::Lstm;
        let run = Run {
            gates,
            extra: kept(lstm || gru, hidden),
            cells: kept(lstm, hidden),
            inner: kept(spec.projected, hidden),
            h: convert::contiguous_copy(get(H0)),
            c: plain[C0].as_ref().map_or_else(|| kept(false, hidden), convert::contiguous_copy),
            out: kept(true, output),
        };
        profile::multiply_adds(|| recurrent_products(rows, &plain));
        with_dtype!(reals compute, T => {
            let slice = |index: usize| plain[index].as_ref().map(|array| array.slice::<T>());
            let bias = slice(B_HH).filter(|_| gru);
            let layer = layer(spec, get(W_HH).slice::<T>(), output, bias, slice(W_HR));
            let trace = Trace {
                gates: run.gates.slice_mut::<T>(),
                extra: run.extra.slice_mut::<T>(),
                cells: run.cells.slice_mut::<T>(),
                inner: run.inner.slice_mut::<T>(),
            };
            rnn::forward(&layer, trace, run.h.slice_mut::<T>(), run.c.slice_mut::<T>(), run.out.slice_mut::<T>());
        });
        run
    }

    fn outputs(&self, spec: &Spec, dtype: DType) -> Vec<Array> {
        let mut outputs = vec![convert::cast(&self.out, dtype), convert::cast(&self.h, dtype)];
        if spec.cell == Cell::Lstm {
            outputs.push(convert::cast(&self.c, dtype));
        }
        outputs
    }

    fn backward(
        &self,
        spec: &Spec,
        inputs: &[Option<Tensor>],
        grads_out: &[Option<Tensor>],
        wanted: [bool; 8],
    ) -> Result<[Option<Tensor>; 8]> {
        let compute = self.gates.dtype();
        let plain: Vec<Option<Array>> =
            inputs.iter().map(|input| input.as_ref().map(|input| convert::plain(&input.array(), compute))).collect();
        let get = |index: usize| plain[index].as_ref().expect("required");
        let (rows, output) = (self.out.shape()[0], self.out.shape()[1]);
        let width = self.gates.shape()[1];
        let (gru, lstm) = (spec.cell == Cell::Gru, spec.cell == Cell::Lstm);
        let given = |index: usize, shape: &[usize]| match grads_out.get(index).and_then(Option::as_ref) {
            Some(grad) => convert::contiguous_copy(&convert::plain(&grad.array(), compute)),
            None => convert::zeros(compute, shape),
        };
        let (grad_out, dh, dc) = (given(0, self.out.shape()), given(1, self.h.shape()), given(2, self.c.shape()));
        let grad_gates = Array::uninit(compute, &[rows, width]);
        let grad_recurrent = Array::uninit(compute, &[if gru { rows } else { 0 }, width]);
        let grad_state = Array::uninit(compute, &[if spec.projected { rows } else { 0 }, output]);
        let before = Array::uninit(compute, &[if wanted[W_HH] { rows } else { 0 }, output]);
        profile::multiply_adds(|| recurrent_products(rows, &plain));
        with_dtype!(reals compute, T => {
            let slice = |index: usize| plain[index].as_ref().map(|array| array.slice::<T>());
            let layer = layer(spec, get(W_HH).slice::<T>(), output, None, slice(W_HR));
            let (h0, c0) = (get(H0).slice::<T>(), slice(C0).unwrap_or(&[]));
            let trace = Traced {
                gates: self.gates.slice::<T>(),
                extra: self.extra.slice::<T>(),
                cells: self.cells.slice::<T>(),
            };
            rnn::backward(
                &layer,
                trace,
                (h0, c0, self.out.slice::<T>()),
                grad_out.slice::<T>(),
                (dh.slice_mut::<T>(), dc.slice_mut::<T>()),
                grad_gates.slice_mut::<T>(),
                grad_recurrent.slice_mut::<T>(),
                grad_state.slice_mut::<T>(),
            );
            if wanted[W_HH] {
                rnn::states_before(&layer, output, self.out.slice::<T>(), h0, before.slice_mut::<T>());
            }
        });
        let recurrent = if gru { &grad_recurrent } else { &grad_gates };
        let transposed = |array: &Array| array.permute(&[1, 0]);
        let sum = |array: &Array| reduce::sum(&Tensor::from(array.clone()), Some(Ints::from_elem(0, 1)), false, None);
        let mut found: [Option<Tensor>; 8] = Default::default();
        let dtype = inputs[INPUT].as_ref().expect("required").dtype();
        let mut put = |index: usize, array: Array| found[index] = Some(Tensor::from(convert::cast(&array, dtype)));
        if wanted[INPUT] {
            put(INPUT, multiply(&[], &grad_gates, get(W_IH), None));
        }
        if wanted[W_IH] {
            put(W_IH, multiply(&[], &transposed(&grad_gates), get(INPUT), None));
        }
        if wanted[W_HH] {
            put(W_HH, multiply(&[], &transposed(recurrent), &before, None));
        }
        if wanted[W_HR] {
            put(W_HR, multiply(&[], &transposed(&grad_state), &self.inner, None));
        }
        if wanted[B_IH] {
            put(B_IH, sum(&grad_gates)?.array());
        }
        if wanted[B_HH] {
            put(B_HH, sum(recurrent)?.array());
        }
        if wanted[H0] {
            put(H0, dh);
        }
        if wanted[C0] && lstm {
            put(C0, dc);
        }
        Ok(found)
    }
}
