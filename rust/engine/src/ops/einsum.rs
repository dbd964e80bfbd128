//! Einstein summation: an equation names the axes of its operands; axes of one name are multiplied together, and names
//! that the result lacks are summed.
//!
//! Operands are contracted two at a time, each pair as one batched matrix product, so derivatives of any order are those
//! of products and views.

use super::registry::{Arg, FromArg, Ints, Sample};
use super::{arith, convert, matmul, reduce, view};
use crate::array::{DType, Shape};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

/// The name of an axis: letters are 0 to 51 (A-Z, a-z), axes under an ellipsis follow.
type Label = usize;
const LETTERS: usize = 52;

/// One term of an equation.
#[derive(Clone, Default)]
struct Term {
    labels: Vec<Label>,
    /// How many labels stand before `...`, if it is there.
    ellipsis: Option<usize>,
}

/// The operands as Python gives them: tensors, or tensors and their sublists in turn.
pub struct Operands(Vec<Arg>);

impl FromArg for Operands {
    const KIND: &'static str = <Vec<Tensor> as FromArg>::KIND;
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::List(values) => Ok(Operands(values)),
            Arg::Ints(values) if values.is_empty() => Ok(Operands(Vec::new())),
            // `einsum(x, [0, 1])`: the only positional argument after the first is a sublist.
            sublist @ Arg::Ints(_) => Ok(Operands(vec![sublist])),
            other => Err(other),
        }
    }
}

fn label(letter: char) -> Option<Label> {
    match letter {
        'A'..='Z' => Some(letter as usize - 'A' as usize),
        'a'..='z' => Some(letter as usize - 'a' as usize + 26),
        _ => None,
    }
}

fn name(label: Label) -> String {
    match label {
        0..26 => char::from(b'A' + label as u8).to_string(),
        26..LETTERS => char::from(b'a' + (label - 26) as u8).to_string(),
        _ => "...".into(),
    }
}

fn parse_term(text: &str, what: &str) -> Result<Term> {
    let mut term = Term::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("...") {
            if term.ellipsis.replace(term.labels.len()).is_some() {
                fail!(Value, "einsum(): found '...' for {what} {text:?} for which an ellipsis was already found");
            }
            rest = after;
            continue;
        }
        match label(letter) {
            Some(label) => term.labels.push(label),
            None if letter == ' ' => {}
            None if letter == '.' => {
                fail!(Value, "einsum(): found '.' for {what} {text:?} that is not part of any '...'")
            }
            None => fail!(
                Value,
                "einsum(): invalid subscript given at {what} {text:?}: subscripts must be in [a-zA-Z], got {letter:?}"
            ),
        }
        rest = &rest[letter.len_utf8()..];
    }
    Ok(term)
}

fn parse_sublist(arg: &Arg) -> Result<Term> {
    let mut term = Term::default();
    let entries: Vec<Arg> = match arg {
        Arg::Ints(values) => values.iter().map(|&value| Arg::Int(value)).collect(),
        Arg::List(values) => values.clone(),
        _ => fail!(Type, "einsum(): the sublist format takes a tensor and a list of its subscripts in turn"),
    };
    for entry in entries {
        match entry {
            Arg::Int(value) if (0..LETTERS as i64).contains(&value) => term.labels.push(value as usize),
            Arg::Int(value) => {
                fail!(Value, "einsum(): expected subscripts to be within range [0, {LETTERS}), but got {value}")
            }
            Arg::Other(kind) if kind == "ellipsis" => {
                if term.ellipsis.replace(term.labels.len()).is_some() {
                    fail!(Value, "einsum(): a sublist has more than one ellipsis");
                }
            }
            _ => fail!(Type, "einsum(): a sublist holds ints and at most one Ellipsis"),
        }
    }
    Ok(term)
}

/// Terms of the operands, that of the result if it is given, and the operands.
struct Equation {
    inputs: Vec<Term>,
    output: Option<Term>,
    operands: Vec<Tensor>,
}

fn read(equation: &Arg, operands: Operands) -> Result<Equation> {
    let tensors = |args: &[Arg]| -> Result<Vec<Tensor>> {
        args.iter()
            .map(|arg| match arg {
                Arg::Tensor(tensor) => Ok(tensor.clone()),
                _ => fail!(Type, "einsum(): operands must be Tensors"),
            })
            .collect()
    };
    match equation {
        Arg::Str(text) => {
            let (left, right) = match text.split_once("->") {
                Some((left, right)) => (left, Some(right)),
                None => (text.as_str(), None),
            };
            let inputs = left.split(',').map(|term| parse_term(term, "operand")).collect::<Result<_>>()?;
            let output = right.map(|term| parse_term(term, "the output")).transpose()?;
            Ok(Equation { inputs, output, operands: tensors(&operands.0)? })
        }
        Arg::Tensor(first) => {
            let mut args = vec![Arg::Tensor(first.clone())];
            args.extend(operands.0);
            let output = if args.len() % 2 == 1 { args.pop().as_ref().map(parse_sublist).transpose()? } else { None };
            let (mut inputs, mut operands) = (Vec::new(), Vec::new());
            for pair in args.chunks(2) {
                operands.extend(tensors(&pair[..1])?);
                inputs.push(parse_sublist(&pair[1])?);
            }
            Ok(Equation { inputs, output, operands })
        }
        _ => {
            fail!(Type, "einsum(): argument 'equation' must be a str, or a Tensor followed by a list of its subscripts")
        }
    }
}

/// A tensor whose axes have names, each once.
#[derive(Clone)]
struct Named {
    tensor: Tensor,
    labels: Vec<Label>,
}

impl Named {
    /// Without the axes of `labels`, which are summed. Integers sum to int64.
    fn sum_out(self, drop: impl Fn(Label) -> bool) -> Result<Named> {
        let axes: Ints =
            (0..self.labels.len()).filter(|&axis| drop(self.labels[axis])).map(|axis| axis as i64).collect();
        if axes.is_empty() {
            return Ok(self);
        }
        let tensor = reduce::sum(&self.tensor, Some(axes), false, None)?;
        Ok(Named { tensor, labels: self.labels.into_iter().filter(|&label| !drop(label)).collect() })
    }

    fn has(&self, label: Label) -> bool {
        self.labels.contains(&label)
    }

    fn extent(&self, label: Label) -> usize {
        self.labels.iter().position(|&l| l == label).map_or(1, |axis| self.tensor.shape()[axis])
    }

    /// The axes in the order of `groups`, those of one group merged.
    fn grouped(&self, groups: [&[Label]; 3]) -> Result<Tensor> {
        let axis = |label: &Label| self.labels.iter().position(|l| l == label).expect("a label of this operand");
        let order: Vec<usize> = groups.iter().flat_map(|group| group.iter().map(axis)).collect();
        let extents = groups.map(|group| group.iter().map(|&label| self.extent(label)).product::<usize>());
        view::reshape_to(&view::permute_to(&self.tensor, &order)?, &extents)
    }
}

/// The operand under its labels: repeated ones become a diagonal, an ellipsis stands for as many axes as are left.
fn named(number: usize, operand: &Tensor, term: &Term, widest: usize) -> Result<Named> {
    let ndim = operand.ndim();
    let covered = ndim.checked_sub(term.labels.len());
    let mut labels = term.labels.clone();
    match (covered, term.ellipsis) {
        (Some(covered), Some(at)) => {
            labels.splice(at..at, (widest - covered..widest).map(|axis| LETTERS + axis));
        }
        (Some(0), None) => {}
        _ => fail!(
            Shape,
            "einsum(): the number of subscripts in the equation ({}) does not match the number of dimensions ({ndim}) for \
             operand {number}{}",
            labels.len(),
            if covered.is_some() { " and no ellipsis was given" } else { "" }
        ),
    }
    let mut tensor = operand.clone();
    let mut at = 0;
    while at < labels.len() {
        let twin = labels[..at].iter().position(|&label| label == labels[at]);
        let Some(first) = twin else {
            at += 1;
            continue;
        };
        let shape = tensor.shape();
        if shape[first] != shape[at] {
            fail!(
                Shape,
                "einsum(): subscript {} is repeated for operand {number} but the sizes don't match, {} != {}",
                name(labels[at]),
                shape[at],
                shape[first]
            );
        }
        tensor = view::diagonal(&tensor, 0, first as i64, at as i64)?;
        let label = labels.remove(at);
        labels.remove(first);
        labels.push(label); // the diagonal is the last axis
        at -= 1;
    }
    Ok(Named { tensor, labels })
}

/// The product of two operands, summed over the labels that nobody needs afterwards.
fn contract(a: Named, b: Named, needed: impl Fn(Label) -> bool) -> Result<Named> {
    let same = a.tensor.dtype() == b.tensor.dtype();
    let mut a = a.sum_out(|label| !b.has(label) && !needed(label))?;
    let mut b = b.sum_out(|label| !a.has(label) && !needed(label))?;
    if same && a.tensor.dtype() != b.tensor.dtype() {
        // One was summed, the other follows.
        (a.tensor, b.tensor) = (convert::to_dtype(&a.tensor, DType::I64)?, convert::to_dtype(&b.tensor, DType::I64)?);
    }
    let of = |x: &Named, f: &dyn Fn(Label) -> bool| x.labels.iter().copied().filter(|&l| f(l)).collect::<Vec<_>>();
    let batch = of(&a, &|label| b.has(label) && needed(label));
    let summed = of(&a, &|label| b.has(label) && !needed(label));
    let left = of(&a, &|label| !b.has(label));
    let right = of(&b, &|label| !a.has(label));
    let labels: Vec<Label> = batch.iter().chain(&left).chain(&right).copied().collect();
    let shape: Shape = labels.iter().map(|&label| a.extent(label).max(b.extent(label))).collect();
    // An extent of zero is the larger one of one and zero, too.
    let shape: Shape = shape
        .iter()
        .zip(&labels)
        .map(|(&n, &l)| if (a.has(l) && a.extent(l) == 0) || (b.has(l) && b.extent(l) == 0) { 0 } else { n })
        .collect();
    let (x, y) = (a.grouped([&batch, &left, &summed])?, b.grouped([&batch, &summed, &right])?);
    // Without a sum it is an elementwise product.
    let out = if summed.is_empty() { arith::mul(&x, &y)? } else { matmul::product("einsum", &x, &y)? };
    Ok(Named { tensor: view::reshape_to(&out, &shape)?, labels })
}

/// Which two operands to contract next: those whose product has the fewest elements more than they have (the greedy rule
/// of opt_einsum; Smith and Gray, 2018).
fn cheapest(operands: &[Named], needed: impl Fn(Label, usize, usize) -> bool) -> (usize, usize) {
    let size = |x: &Named| x.tensor.len() as f64;
    let mut best = (f64::INFINITY, 0, 1);
    for i in 0..operands.len() {
        for j in i + 1..operands.len() {
            let (a, b) = (&operands[i], &operands[j]);
            let kept = |x: &Named| -> Vec<Label> { x.labels.iter().copied().filter(|&l| needed(l, i, j)).collect() };
            let mut labels = kept(a);
            labels.extend(kept(b).into_iter().filter(|&label| !a.has(label)));
            let result: f64 = labels.iter().map(|&label| a.extent(label).max(b.extent(label)) as f64).product();
            let cost = result - size(a) - size(b);
            if cost < best.0 {
                best = (cost, i, j);
            }
        }
    }
    (best.1, best.2)
}

fn einsum_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg("ij, jk -> ik").tensors(&[&[2, 3], &[3, 4]]),
        Sample::new().arg("bij,bjk->bik").tensors(&[&[2, 2, 3], &[2, 3, 2]]),
        Sample::new().arg("ii->i").tensors(&[&[3, 3]]),
        Sample::new().arg("ii").tensors(&[&[3, 3]]),
        Sample::new().arg("ij->ji").tensors(&[&[2, 3]]),
        Sample::new().arg("ba").tensors(&[&[2, 3]]),
        Sample::new().arg("i,j->ij").tensors(&[&[2], &[3]]),
        Sample::new().arg("ijk, il, j -> kl").tensors(&[&[2, 3, 2], &[2, 2], &[3]]),
        Sample::new().arg("...ij,...jk->...ik").tensors(&[&[2, 2, 3], &[3, 2]]),
        Sample::new().arg("i...->...").tensors(&[&[2, 3]]),
        Sample::new().arg("iij,jk->ik").tensors(&[&[2, 2, 3], &[3, 2]]),
        Sample::new().arg("ij,ij->i").tensors(&[&[2, 3], &[1, 3]]),
        Sample::new().arg("ab,bc,cd,de->ae").tensors(&[&[2, 3], &[3, 2], &[2, 3], &[3, 2]]),
        Sample::new().arg(",i->i").tensors(&[&[], &[3]]),
        Sample::new().arg("ij,jk->ik").tensors(&[&[2, 0], &[0, 3]]),
        Sample::new().arg("ij,kj->").tensors(&[&[2, 3], &[2, 3]]),
    ]
}

/// Sums of products by Einstein's convention: `einsum("bij, bjk -> bik", a, b)` names the axes of each operand; axes of
/// one name go together, and names that stand not behind `->` are summed. Without `->` the result has the axes under
/// `...` and then the names that occur once, in alphabetical order. A name twice in one operand takes its diagonal;
/// `...` stands for any axes, which broadcast, as axes of length one do. Spaces do not matter.
///
/// Also `einsum(a, [0, 1], b, [1, 2], [0, 2])`, where integers below 52 name the axes. Three and more operands are
/// contracted two by two, the cheapest pair first.
/// Raises: RuntimeError if the equation does not fit the operands, or axes of one name have different lengths.
///
/// >>> a, b = rt.tensor([[1, 2], [3, 4]]), rt.tensor([[5, 6], [7, 8]])
/// >>> rt.einsum("ij, jk -> ik", a, b)  # a @ b
/// tensor([[19, 22],
///         [43, 50]])
/// >>> rt.einsum("ii", a), rt.einsum("ij -> j", a)  # trace, sums of columns
/// (tensor(5), tensor([4, 6]))
#[op(at = [rutile], sig = (equation, *operands), samples = einsum_samples, complex)]
pub fn einsum(equation: Arg, operands: Operands) -> Result<Tensor> {
    let Equation { inputs, output, operands } = read(&equation, operands)?;
    if operands.is_empty() {
        fail!(Value, "einsum(): must provide at least one operand");
    }
    if inputs.len() != operands.len() {
        fail!(
            Value,
            "einsum(): the equation has {} operands, but {} {} provided",
            inputs.len(),
            operands.len(),
            if operands.len() == 1 { "was" } else { "were" }
        );
    }
    let covered = |(term, x): (&Term, &Tensor)| term.ellipsis.map_or(0, |_| x.ndim().saturating_sub(term.labels.len()));
    let widest = inputs.iter().zip(&operands).map(covered).max().unwrap_or(0);
    let mut terms = inputs
        .iter()
        .zip(&operands)
        .enumerate()
        .map(|(number, (term, operand))| named(number, operand, term, widest))
        .collect::<Result<Vec<_>>>()?;

    // The extent of each label; length one broadcasts.
    let mut extents = vec![None::<usize>; LETTERS + widest];
    for (number, term) in terms.iter().enumerate() {
        for (&label, &n) in term.labels.iter().zip(&term.tensor.shape()[..]) {
            match extents[label] {
                Some(seen) if seen != n && seen != 1 && n != 1 => fail!(
                    Shape,
                    "einsum(): operands do not broadcast: subscript {} has size {n} for operand {number} which does not \
                     match the previously seen size {seen}",
                    name(label)
                ),
                Some(seen) if seen != 1 => {}
                _ => extents[label] = Some(n),
            }
        }
    }
    let output = match output {
        Some(term) => {
            let mut labels = term.labels.clone();
            for (i, &label) in labels.iter().enumerate() {
                if labels[..i].contains(&label) {
                    fail!(Value, "einsum(): output subscript {} appears more than once in the output", name(label));
                }
                if extents[label].is_none() {
                    fail!(
                        Value,
                        "einsum(): output subscript {} does not appear in the equation for any input operand",
                        name(label)
                    );
                }
            }
            if let Some(at) = term.ellipsis {
                labels.splice(at..at, LETTERS..LETTERS + widest);
            }
            labels
        }
        None => {
            let count =
                |label: Label| inputs.iter().flat_map(|term| &term.labels).filter(|&&other| other == label).count();
            (LETTERS..LETTERS + widest).chain((0..LETTERS).filter(|&label| count(label) == 1)).collect()
        }
    };

    // An axis of length one that broadcasts against a longer one only repeats: it goes.
    for term in &mut terms {
        let shape = term.tensor.shape();
        let single = |axis: usize| shape[axis] == 1 && extents[term.labels[axis]] != Some(1);
        let axes: Vec<usize> = (0..shape.len()).filter(|&axis| single(axis)).collect();
        if !axes.is_empty() {
            term.tensor = view::squeeze_axes(&term.tensor, &axes)?;
            let mut axis = 0;
            term.labels.retain(|_| {
                axis += 1;
                !axes.contains(&(axis - 1))
            });
        }
    }

    while terms.len() > 1 {
        let others = |label: Label, i: usize, j: usize| {
            output.contains(&label) || terms.iter().enumerate().any(|(k, term)| k != i && k != j && term.has(label))
        };
        let (i, j) = if terms.len() == 2 { (0, 1) } else { cheapest(&terms, others) };
        let needed: Vec<bool> = (0..extents.len()).map(|label| others(label, i, j)).collect();
        let b = terms.remove(j);
        let a = std::mem::replace(&mut terms[i], b.clone());
        terms[i] = contract(a, b, |label| needed[label])?;
    }
    let last = terms.remove(0).sum_out(|label| !output.contains(&label))?;
    let order: Vec<usize> = output
        .iter()
        .map(|label| last.labels.iter().position(|l| l == label).expect("every output label is in an operand"))
        .collect();
    view::permute_to(&last.tensor, &order)
}
