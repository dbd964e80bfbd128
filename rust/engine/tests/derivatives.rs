//! Every operation with a derivative, on every one of its samples: the derivative against differences, the version with
//! fused kernels against the one that is recorded, and the second derivative against differences of the first.

use rutile::array::{Array, DType};
use rutile::autograd::{Request, Tensor, backward};
use rutile::error::Result;
use rutile::ops::registry::{Arg, Args, OpDef, Sample, SampleArg, Value, Values};
use rutile::ops::sums::Arithmetic;
use rutile::ops::{arith, complex, reduce, view};

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn draw(&mut self, len: usize, values: Values) -> Vec<f64> {
        match values {
            Values::Float(low, high) | Values::Constant(low, high) | Values::Complex(low, high) => {
                (0..len).map(|_| low + (high - low) * self.next()).collect()
            }
            Values::Int(low, high) => {
                (0..len).map(|_| (low as f64 + (high - low) as f64 * self.next()).floor()).collect()
            }
            Values::Bool => (0..len).map(|_| f64::from(u8::from(self.next() < 0.5))).collect(),
            Values::Regular | Values::Definite => self.draw(len, Values::Float(-1.0, 1.0)),
            Values::Distinct => {
                let mut out: Vec<f64> = (0..len).map(|i| 0.1 * i as f64 - 0.05 * len as f64).collect();
                (1..len).for_each(|i| out.swap(i, (self.next() * (i + 1) as f64) as usize));
                out
            }
        }
    }
}

/// A call whose floats can be changed and that can be made again and again.
struct Call {
    op: &'static OpDef,
    /// One argument per parameter; tensors are numbers of `tensors`.
    arguments: Vec<Argument>,
    tensors: Vec<Cell>,
}

enum Argument {
    Plain(Arg),
    Tensor(usize),
    List(Vec<usize>),
}

struct Cell {
    shape: Vec<usize>,
    values: Values,
    data: Vec<f64>,
}

impl Call {
    fn new(op: &'static OpDef, sample: &Sample) -> Call {
        let mut call = Call { op, arguments: Vec::new(), tensors: Vec::new() };
        let mut dice = Dice(7);
        for (i, param) in op.params.iter().enumerate() {
            let given = sample
                .args
                .get(i)
                .or_else(|| sample.kwargs.iter().find(|(name, _)| *name == param.name).map(|(_, argument)| argument));
            let argument = match given {
                // Tensors one by one.
                Some(SampleArg::Tensor { .. }) if param.variadic => Argument::List(
                    sample.args[i..]
                        .iter()
                        .map(|one| match one {
                            SampleArg::Tensor { shape, values } => call.cell(shape, *values, &mut dice),
                            _ => panic!("{}: tensors stand together", op.name),
                        })
                        .collect(),
                ),
                None => Argument::Plain(param.default.arg().expect("a sample gives all required arguments")),
                Some(SampleArg::Plain(argument)) => Argument::Plain(argument.clone()),
                Some(SampleArg::Tensor { shape, values }) => Argument::Tensor(call.cell(shape, *values, &mut dice)),
                Some(SampleArg::List(list)) => Argument::List(
                    list.iter()
                        .map(|one| match one {
                            SampleArg::Tensor { shape, values } => call.cell(shape, *values, &mut dice),
                            _ => panic!("{}: lists in samples hold tensors", op.name),
                        })
                        .collect(),
                ),
            };
            call.arguments.push(argument);
        }
        call
    }

    fn cell(&mut self, shape: &[usize], values: Values, dice: &mut Dice) -> usize {
        let mut shape = shape.to_vec();
        if let Values::Complex(..) = values {
            shape.push(2); // the leaf is real: its parts
        }
        let mut data = dice.draw(shape.iter().product(), values);
        if matches!(values, Values::Regular | Values::Definite) {
            let [.., rows, columns] = &shape[..] else { panic!("matrices have two axes") };
            // Far from singular: the diagonal outweighs its rows, in a definite matrix also after symmetrising.
            for matrix in data.chunks_mut((rows * columns).max(1)) {
                (0..*rows.min(columns)).for_each(|i| matrix[i * (columns + 1)] += 1.5 * *rows.max(columns) as f64);
            }
        }
        self.tensors.push(Cell { shape, values, data });
        self.tensors.len() - 1
    }

    /// Fresh tensors: operations may write to their arguments.
    fn tensors(&self) -> Vec<Tensor> {
        self.tensors
            .iter()
            .map(|cell| {
                let integers = || cell.data.iter().map(|&x| x as i64).collect::<Vec<_>>();
                let truths = || cell.data.iter().map(|&x| x != 0.0).collect::<Vec<_>>();
                let tensor = Tensor::from(match cell.values {
                    Values::Int(..) => Array::from_slice(&integers(), &cell.shape),
                    Values::Bool => Array::from_slice(&truths(), &cell.shape),
                    _ => Array::from_slice(&cell.data, &cell.shape),
                });
                let differentiated = differentiated(cell.values);
                tensor.set_requires_grad(differentiated).expect("a float leaf");
                tensor
            })
            .collect()
    }

    /// What the operation gets of leaf number `i`.
    fn argument(&self, i: usize, leaves: &[Tensor]) -> Tensor {
        match self.tensors[i].values {
            Values::Definite => symmetric(&leaves[i]).expect("square matrices"),
            Values::Complex(..) => complex::view_as_complex(&leaves[i]).expect("pairs"),
            _ => leaves[i].clone(),
        }
    }

    /// A weighted sum of all float results, and of the parts of complex ones.
    fn loss(&self, tensors: &[Tensor]) -> Result<Option<Tensor>> {
        let values = self.arguments.iter().map(|argument| match argument {
            Argument::Plain(argument) => argument.clone(),
            Argument::Tensor(i) => Arg::Tensor(self.argument(*i, tensors)),
            Argument::List(list) => Arg::List(list.iter().map(|&i| Arg::Tensor(self.argument(i, tensors))).collect()),
        });
        let mut args = Args { op: self.op, values: values.collect() };
        let results = match (self.op.call)(&mut args)? {
            Value::Tensor(tensor) => vec![tensor],
            Value::Tensors(tensors) | Value::List(tensors) => tensors,
            _ => Vec::new(),
        };
        weighted_sum(&results.into_iter().filter(Tensor::requires_grad).collect::<Vec<_>>())
    }
}

fn differentiated(values: Values) -> bool {
    matches!(values, Values::Float(..) | Values::Complex(..) | Values::Distinct | Values::Regular | Values::Definite)
}

/// `(x + x') / 2`: what is changed by a step of the differences stays symmetric.
fn symmetric(x: &Tensor) -> Result<Tensor> {
    let half = Tensor::from(Array::from_slice(&[0.5], &[]));
    arith::mul(&arith::add(x, &view::transpose(x, -2, -1)?, 1.0)?, &half)
}

fn weighted_sum(tensors: &[Tensor]) -> Result<Option<Tensor>> {
    let mut dice = Dice(99);
    let mut total: Option<Tensor> = None;
    for tensor in tensors {
        let parts = tensor.dtype().is_complex().then(|| complex::view_as_real(tensor)).transpose()?;
        let tensor = parts.as_ref().unwrap_or(tensor);
        let weights = dice.draw(tensor.len(), Values::Float(-1.0, 1.0));
        let weights = Tensor::from(Array::from_slice(&weights, &tensor.shape()));
        let part = reduce::sum(&arith::mul(tensor, &weights)?, None, false, None)?;
        total = Some(match total {
            Some(total) => arith::add(&total, &part, 1.0)?,
            None => part,
        });
    }
    Ok(total)
}

fn differentiate(loss: &Tensor, leaves: &[Tensor], create_graph: bool) -> Result<Vec<Tensor>> {
    let one = Tensor::from(Array::from_slice(&[1.0_f64], &[]));
    let request = Request {
        roots: &[(loss.clone(), one)],
        inputs: Some(leaves),
        accumulate: false,
        retain_graph: false,
        create_graph,
    };
    let grads = backward(&request, &Arithmetic)?;
    Ok(leaves
        .iter()
        .zip(grads)
        .map(|(leaf, grad)| {
            let zeros = || Tensor::from(Array::from_slice(&vec![0.0_f64; leaf.len()], &leaf.shape()));
            grad.unwrap_or_else(zeros)
        })
        .collect())
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let copy = rutile::ops::convert::contiguous_copy(&tensor.array());
    assert_eq!(copy.dtype(), DType::F64);
    copy.slice::<f64>().to_vec()
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())) || (a.is_nan() && b.is_nan())
}

/// The change of `f` per change of each element of each differentiated tensor.
fn differences(call: &mut Call, f: impl Fn(&Call) -> f64) -> Vec<Vec<f64>> {
    const STEP: f64 = 1e-5;
    let mut out = Vec::new();
    for i in 0..call.tensors.len() {
        if differentiated(call.tensors[i].values) {
            let mut grads = Vec::new();
            for j in 0..call.tensors[i].data.len() {
                let old = call.tensors[i].data[j];
                call.tensors[i].data[j] = old + STEP;
                let high = f(call);
                call.tensors[i].data[j] = old - STEP;
                let low = f(call);
                call.tensors[i].data[j] = old;
                grads.push((high - low) / (2.0 * STEP));
            }
            out.push(grads);
        }
    }
    out
}

fn leaves(tensors: &[Tensor]) -> Vec<Tensor> {
    tensors.iter().filter(|tensor| tensor.requires_grad()).cloned().collect()
}

/// What is wrong with a sample, if anything.
fn check(call: &mut Call) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, got: &[Vec<f64>], wanted: &[Vec<f64>], tolerance: f64| {
        for (i, (got, wanted)) in got.iter().zip(wanted).enumerate() {
            let fits = got.len() == wanted.len() && got.iter().zip(wanted).all(|(&a, &b)| close(a, b, tolerance));
            if !fits {
                wrong.push(format!("{what} of tensor {i}: {got:?}, not {wanted:?}"));
            }
        }
    };
    let tensors = call.tensors();
    let inputs = leaves(&tensors);
    let Some(loss) = call.loss(&tensors)? else {
        return Ok(wrong);
    };
    let fast: Vec<_> = differentiate(&loss, &inputs, false)?.iter().map(numbers).collect();
    let numeric = differences(call, |call| {
        let loss = call.loss(&call.tensors()).expect("ran before").expect("ran before");
        loss.array().item().to_f64()
    });
    compare("derivative", &fast, &numeric, 1e-6);

    let tensors = call.tensors();
    let inputs = leaves(&tensors);
    let loss = call.loss(&tensors)?.expect("ran before");
    let grads = differentiate(&loss, &inputs, true)?;
    let recorded: Vec<_> = grads.iter().map(numbers).collect();
    compare("recorded against fused derivative", &recorded, &fast, 1e-10);

    let recorded: Vec<Tensor> = grads.into_iter().filter(Tensor::requires_grad).collect();
    if let Some(second) = weighted_sum(&recorded)? {
        let seconds: Vec<_> = differentiate(&second, &inputs, false)?.iter().map(numbers).collect();
        let numeric = differences(call, |call| {
            let tensors = call.tensors();
            let inputs = leaves(&tensors);
            let loss = call.loss(&tensors).expect("ran before").expect("ran before");
            let grads = differentiate(&loss, &inputs, true).expect("ran before");
            let recorded: Vec<Tensor> = grads.into_iter().filter(Tensor::requires_grad).collect();
            let sum = weighted_sum(&recorded).expect("ran before").expect("ran before");
            sum.array().item().to_f64()
        });
        compare("second derivative", &seconds, &numeric, 1e-5);
    }
    Ok(wrong)
}

#[test]
fn derivatives_are_those_of_the_operations() {
    let only = std::env::var("RUTILE_TEST_OP").ok();
    let mut failures = Vec::new();
    let mut count = 0;
    for op in inventory::iter::<OpDef> {
        if !op.differentiable || only.as_ref().is_some_and(|only| only != op.name) {
            continue;
        }
        for (i, sample) in (op.samples)().iter().enumerate() {
            let is_other_float =
                |argument: &SampleArg| matches!(argument, SampleArg::Plain(Arg::DType(dtype)) if *dtype != DType::F64);
            if sample.kwargs.iter().map(|(_, argument)| argument).chain(&sample.args).any(is_other_float) {
                continue;
            }
            let mut call = Call::new(op, sample);
            count += 1;
            // Its padding row gets no gradient, whatever the differences say.
            if op.name == "embedding" && sample.kwargs.iter().any(|(name, _)| *name == "padding_idx") {
                continue;
            }
            match check(&mut call) {
                Ok(wrong) => failures.extend(wrong.into_iter().map(|text| format!("{} sample {i}: {text}", op.name))),
                Err(error) => failures.push(format!("{} sample {i}: {error}", op.name)),
            }
        }
    }
    assert!(count > 0, "no operation has this name");
    assert!(failures.is_empty(), "{} of {count} samples:\n{}", failures.len(), failures.join("\n"));
}
