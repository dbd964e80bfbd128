//! What all rows of `formulas!` share: promotion, broadcasting, the kernel call, the tape, in-place twins; and [`Diff`],
//! by which a formula runs on tensors.

use super::{compare, complex, convert, inplace, special};
use crate::array::{Array, DType, Shape, broadcast_shapes, result_type};
use crate::autograd::mode::grad_enabled;
use crate::autograd::{Saved, Tensor, record, tracked};
use crate::error::{Error, Result};
use crate::{fail, with_dtype};
use rutile_kernels::map::{self, Formula};
use rutile_kernels::{Element, Math};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// What a row does with complex numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complex {
    /// They are an error.
    Refused,
    /// The formula and its derivatives are linear: they hold for real and imaginary parts one by one.
    Parts,
    /// The row is holomorphic and has a kernel. Its derivative is the row's: see [`derive`].
    Kernel,
    /// Another operation takes its place.
    Call,
}

/// A row: a formula with its derivatives. `formulas!` implements it.
pub trait Row<const N: usize>: Formula<N> + 'static {
    /// Python's name.
    const NAME: &'static str;
    /// The inputs that derivatives name.
    const SAVES_INPUT: [bool; N];
    /// Whether derivatives name the output.
    const SAVES_OUTPUT: bool;
    /// Whether integers stay integers.
    const HAS_INT: bool = false;

    /// What complex numbers do.
    const COMPLEX: Complex = Complex::Refused;

    /// What integers do; rows without `int` never get here, because their integers have become floats.
    fn run_int(&self, _: &[Array; N], out: &Array) -> Result<()> {
        fail!(DType, "{}: takes floating point tensors, not {}", Self::NAME, out.dtype())
    }
    /// With [`Complex::Kernel`]: writes `out`; all are complex and of one shape.
    fn run_complex(&self, _: &[Array; N], _: &Array) {
        unreachable!("{} has no complex kernel", Self::NAME)
    }
    /// With [`Complex::Call`]: what is done instead of the row.
    fn call_complex(&self, _: [&Tensor; N]) -> Result<Tensor> {
        unreachable!("{} has no complex twin", Self::NAME)
    }
    /// The gradient of one input.
    fn gradient(&self, input: usize, g: &Tensor, values: &Values<'_>) -> Result<Tensor>;
}

/// The error of an operation that takes no complex numbers.
pub fn no_complex(op: &str, dtype: DType) -> Error {
    Error::DType(format!(
        "{op}: not there for {dtype}; it takes real numbers, such as the parts (x.real, x.imag, view_as_real(x)), abs() \
         or angle()"
    ))
}

/// The saved values of a row, as its derivative sees them.
pub struct Values<'a> {
    grads: &'a crate::autograd::Grads<'a>,
    inputs: &'a [Option<Saved>],
    output: Option<&'a Saved>,
}

impl Values<'_> {
    /// Input number `index`.
    pub fn input(&self, index: usize) -> Result<Tensor> {
        self.inputs[index].as_ref().expect("derivatives name only what is saved").get_for(self.grads)
    }
    /// The output.
    pub fn output(&self) -> Result<Tensor> {
        self.output.expect("derivatives name only what is saved").output(self.grads, 0)
    }
}

/// A constant in a formula.
#[inline(always)]
pub fn lit<M: Math>(value: f64) -> M {
    M::lit(value)
}

/// `yes` where `mask` holds, else `no`.
#[inline(always)]
pub fn select<M: Math>(mask: M::Mask, yes: M, no: M) -> M {
    M::select(mask, yes, no)
}

/// Evaluates a row and records it.
pub fn apply<const N: usize, R: Row<N>>(row: R, inputs: [&Tensor; N]) -> Result<Tensor> {
    if let Some(output) = few(row, inputs) {
        return Ok(note(row, output, inputs));
    }
    let arrays = inputs.map(Tensor::array);
    let dtype = compute_type::<N, R>(&arrays);
    if dtype.is_complex() {
        match R::COMPLEX {
            Complex::Refused => return Err(no_complex(R::NAME, dtype)),
            Complex::Call => return row.call_complex(inputs),
            Complex::Parts | Complex::Kernel => {}
        }
    }
    let output = evaluate(R::NAME, &row, arrays, dtype)?;
    Ok(note(row, output, inputs))
}

/// Up to this many elements the way there costs more than the loop.
const FEW: usize = 2048;

/// The short way for a few elements in plain memory, of one shape and type, maybe with a number of Python: no handles, no
/// layout, no threads.
fn few<const N: usize, R: Row<N>>(row: R, inputs: [&Tensor; N]) -> Option<Array> {
    let first = inputs[0].read();
    // Reading one tensor twice is fine unless a writer waits in between, so a second handle on it is not taken.
    let others: SmallVec<[_; 2]> = inputs[1..].iter().map(|x| (!x.is(inputs[0])).then(|| x.read())).collect();
    let array = |i: usize| -> &Array { if i == 0 { &first } else { others[i - 1].as_deref().unwrap_or(&first) } };
    let lead = (0..N).map(array).find(|x| !x.is_wrapped())?;
    let (dtype, len) = (lead.dtype(), lead.len());
    if len > FEW || !matches!(dtype, DType::F32 | DType::F64) {
        return None;
    }
    let mut number = None;
    for i in 0..N {
        let x = array(i);
        if x.is_wrapped() {
            if x.dtype().is_complex() || number.replace(x.item()).is_some() {
                return None; // two numbers are rare
            }
        } else if x.dtype() != dtype || x.shape() != lead.shape() || !x.is_contiguous() {
            return None;
        }
    }
    let out = Array::uninit(dtype, lead.shape());
    with_dtype!(reals dtype, T => {
        let mut numbers: SmallVec<[T; 64]> = SmallVec::new();
        if let Some(number) = number {
            numbers.resize(len, T::from_f64(number.to_f64()));
        }
        let slice = |i: usize| if array(i).is_wrapped() { &numbers[..] } else { array(i).slice::<T>() };
        map::slices(row, std::array::from_fn(slice), out.slice_mut::<T>());
    });
    Some(out)
}

fn note<const N: usize, R: Row<N>>(row: R, output: Array, inputs: [&Tensor; N]) -> Tensor {
    if !tracked(inputs) {
        return Tensor::from(output);
    }
    let saved: [Option<Saved>; N] = std::array::from_fn(|i| R::SAVES_INPUT[i].then(|| inputs[i].save()));
    let saved_output = R::SAVES_OUTPUT.then(|| Saved::from_output(&output));
    record(R::NAME, output, &inputs, move |g, grads| {
        for i in 0..N {
            let gradient = if grads.wants(i) {
                let values = Values { grads, inputs: &saved, output: saved_output.as_ref() };
                Some(row.gradient(i, g, &values)?)
            } else {
                None
            };
            grads.push_option(gradient);
        }
        Ok(())
    })
}

/// The type that a row computes in.
fn compute_type<const N: usize, R: Row<N>>(arrays: &[Array; N]) -> DType {
    let dtype = if let [only] = arrays.each_ref()[..] { only.dtype() } else { result_type(&arrays.each_ref()) };
    if dtype.has_gradients() || R::HAS_INT { dtype } else { DType::default_float() }
}

fn evaluate<const N: usize, R: Row<N>>(op: &str, row: &R, arrays: [Array; N], dtype: DType) -> Result<Array> {
    let shape = broadcast(op, &arrays)?;
    let out = Array::uninit(dtype, &shape);
    let inputs = prepare(op, arrays, dtype, &shape)?;
    run_row(op, row, &inputs, &out)?;
    Ok(out)
}

fn run_row<const N: usize, R: Row<N>>(op: &str, row: &R, inputs: &[Array; N], out: &Array) -> Result<()> {
    if out.dtype().is_complex() && R::COMPLEX == Complex::Kernel {
        row.run_complex(inputs, out);
        return Ok(());
    }
    if out.dtype().has_gradients() {
        run_floats(*row, inputs, out);
        return Ok(());
    }
    if out.dtype() == DType::Bool && matches!(op, "sub" | "neg") {
        fail!(DType, "{op}: subtraction of bool tensors is not defined. Use bitwise_not (`~`) or logical_xor instead.");
    }
    row.run_int(inputs, out)
}

/// A row of one input over integers.
pub fn map_int(x: &Array, out: &Array, f: impl Fn(i64) -> i64 + Copy + Send + Sync) {
    with_dtype!(ints out.dtype(), T => {
        map::each(x.view::<T>(), out.view_mut::<T>(), move |x: T| T::from_i64(f(x.to_i64())));
    });
}

/// A row of two inputs over integers.
pub fn zip_int(a: &Array, b: &Array, out: &Array, f: impl Fn(i64, i64) -> i64 + Copy + Send + Sync) {
    with_dtype!(ints out.dtype(), T => {
        let (a, b) = (a.view::<T>(), b.view::<T>());
        map::zip(a, b, out.view_mut::<T>(), move |a: T, b: T| T::from_i64(f(a.to_i64(), b.to_i64())));
    });
}

pub(super) fn run_floats<const N: usize, F: Formula<N>>(formula: F, inputs: &[Array; N], out: &Array) {
    if out.dtype().is_complex() {
        return run_floats(formula, &inputs.each_ref().map(|x| x.parts()), &out.parts());
    }
    with_dtype!(floats out.dtype(), T => {
        map::map(formula, inputs.each_ref().map(|x| x.view::<T>()), out.view_mut::<T>());
    });
}

fn broadcast<const N: usize>(op: &str, arrays: &[Array; N]) -> Result<Shape> {
    let mut shape = Shape::from_slice(arrays[0].shape());
    for array in &arrays[1..] {
        if array.shape() != &shape[..] {
            shape = broadcast_shapes(op, &shape, array.shape())?;
        }
    }
    Ok(shape)
}

/// Converts and expands every operand.
fn prepare<const N: usize>(op: &str, mut arrays: [Array; N], dtype: DType, shape: &[usize]) -> Result<[Array; N]> {
    for array in &mut arrays {
        if array.dtype() != dtype {
            *array = convert::cast(array, dtype);
        }
        if array.shape() != shape {
            *array = array.expand(op, shape)?;
        }
    }
    Ok(arrays)
}

/// The in-place twin of a row: writes to its first input, which keeps its dtype.
pub fn apply_inplace<const N: usize, R: Row<N>>(row: R, inputs: [&Tensor; N]) -> Result<Tensor> {
    let target = inputs[0];
    let array = target.array();
    let arrays = inputs.map(Tensor::array);
    let in_place = !array.dtype().is_complex() || matches!(R::COMPLEX, Complex::Parts | Complex::Kernel);
    let recorded = tracked(inputs);
    // What is saved of another operand is read when it has been written to, so while recording none may be the target.
    let apart = |other: &Array| (!recorded && other.same_window(&array)) || !other.shares_storage(&array);
    let in_memory = in_place
        && compute_type::<N, R>(&arrays) == array.dtype()
        && arrays[1..].iter().all(apart)
        && broadcast(R::NAME, &arrays)?[..] == *array.shape();
    if in_memory && recorded && R::SAVES_OUTPUT {
        // The derivative reads the tensor itself: a later write to it is then an error in `backward`.
        inplace::check(R::NAME, target)?;
        let mut sources = inputs;
        let source = if R::SAVES_INPUT[0] {
            inplace::stand_in(target)?
        } else {
            Tensor::with_edge(array.clone(), target.edge())
        };
        sources[0] = &source;
        let operands = prepare(R::NAME, arrays, array.dtype(), array.shape())?;
        run_row(R::NAME, &row, &operands, &array)?;
        array.bump();
        let result = note(row, array, sources);
        inplace::rewrite(R::NAME, target, &result);
        return Ok(target.clone());
    }
    if in_memory && !recorded {
        inplace::check(R::NAME, target)?;
        let operands = prepare(R::NAME, arrays, array.dtype(), array.shape())?;
        run_row(R::NAME, &row, &operands, &array)?;
        array.bump();
        return Ok(target.clone());
    }
    let keeps = R::SAVES_INPUT[0] || R::COMPLEX == Complex::Call && array.dtype().is_complex();
    let source = if keeps { inplace::stand_in(target)? } else { target.clone() };
    let mut operands = inputs;
    operands[0] = &source;
    let result = apply(row, operands)?;
    inplace::assign(R::NAME, target, &result)?;
    Ok(target.clone())
}

/// A derivative: the fused kernel, or the same formula in differentiable operations while the walk is recorded.
///
/// Complex numbers take the latter. The gradient through a holomorphic `f` is `g * conj(f'(x))`, that is
/// `conj(conj(g) * f'(x))`, and what is multiplied here is the formula of real numbers. A formula of `g` alone is that of a
/// row that is linear in its parts.
pub fn derive<const N: usize, F: Formula<N>>(formula: F, inputs: [&Tensor; N]) -> Result<Tensor> {
    if N > 1 && inputs[0].dtype().is_complex() {
        let g = complex::conj(inputs[0])?;
        let mut operands = exact(inputs);
        operands[0] = g;
        return complex::conj(&Diff::run(formula, operands.each_ref())?);
    }
    if grad_enabled() && inputs.iter().any(|input| input.requires_grad()) {
        return Diff::run(formula, exact(inputs).each_ref());
    }
    let arrays = inputs.map(Tensor::array);
    let dtype = arrays[0].dtype();
    let shape = broadcast("derivative", &arrays)?;
    let out = Array::uninit(dtype, &shape);
    let operands = prepare("derivative", arrays, dtype, &shape)?;
    run_floats(formula, &operands, &out);
    Ok(Tensor::from(out))
}

/// Python numbers among themselves would be computed in the default float type: here they have that of the first.
fn exact<const N: usize>(inputs: [&Tensor; N]) -> [Tensor; N] {
    inputs.map(|input| {
        let array = input.array();
        if array.is_wrapped() {
            Tensor::from(convert::cast(&array, inputs[0].dtype()).unwrapped())
        } else {
            input.clone()
        }
    })
}

// ---- formulas over tensors ----

/// A tensor or a number in a formula: a `Copy` handle into an arena that lives as long as the formula runs.
#[derive(Clone, Copy)]
pub struct Diff(Term);

#[derive(Clone, Copy)]
enum Term {
    Tensor(usize),
    Number(f64),
}

#[derive(Default)]
struct Arena {
    tensors: Vec<Tensor>,
    /// The first error; everything after it is idle.
    error: Option<Error>,
}

thread_local! {
    static ARENA: RefCell<Arena> = RefCell::default();
}

impl Diff {
    fn run<const N: usize, F: Formula<N>>(formula: F, inputs: [&Tensor; N]) -> Result<Tensor> {
        let start = ARENA.with_borrow(|arena| arena.tensors.len());
        let out = formula.eval(inputs.map(|input| Diff::push(Ok(input.clone())))).tensor();
        ARENA.with_borrow_mut(|arena| {
            arena.tensors.truncate(start);
            arena.error.take().map_or(Ok(out), Err)
        })
    }

    fn push(result: Result<Tensor>) -> Diff {
        ARENA.with_borrow_mut(|arena| match result {
            Ok(tensor) => {
                arena.tensors.push(tensor);
                Diff(Term::Tensor(arena.tensors.len() - 1))
            }
            Err(error) => {
                arena.error.get_or_insert(error);
                Diff(Term::Number(f64::NAN))
            }
        })
    }

    fn tensor(self) -> Tensor {
        match self.0 {
            Term::Tensor(at) => ARENA.with_borrow(|arena| arena.tensors[at].clone()),
            Term::Number(value) => Tensor::from(Array::wrapped(value.into())),
        }
    }

    fn unary(self, f: impl FnOnce(&Tensor) -> Result<Tensor>) -> Diff {
        let x = self.tensor();
        Diff::push(f(&x))
    }

    fn binary(self, other: Diff, f: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>) -> Diff {
        let (a, b) = (self.tensor(), other.tensor());
        Diff::push(f(&a, &b))
    }
}

macro_rules! diff_operators {
    ($($trait:ident, $method:ident => $op:expr);*) => {$(
        impl $trait for Diff {
            type Output = Diff;
            fn $method(self, other: Diff) -> Diff { self.binary(other, $op) }
        }
        impl $trait<f64> for Diff {
            type Output = Diff;
            fn $method(self, other: f64) -> Diff { self.binary(Diff(Term::Number(other)), $op) }
        }
    )*};
}
diff_operators!(
    Add, add => |a, b| super::arith::add(a, b, 1.0);
    Sub, sub => |a, b| super::arith::sub(a, b, 1.0);
    Mul, mul => super::arith::mul;
    Div, div => super::arith::true_divide
);

impl Neg for Diff {
    type Output = Diff;
    fn neg(self) -> Diff {
        self.unary(super::arith::neg)
    }
}

/// The truth values of [`Diff`].
#[derive(Clone, Copy)]
pub struct DiffMask(Diff);

impl BitAnd for DiffMask {
    type Output = DiffMask;
    fn bitand(self, other: DiffMask) -> DiffMask {
        DiffMask(self.0.binary(other.0, compare::logical_and))
    }
}
impl BitOr for DiffMask {
    type Output = DiffMask;
    fn bitor(self, other: DiffMask) -> DiffMask {
        DiffMask(self.0.binary(other.0, compare::logical_or))
    }
}
impl Not for DiffMask {
    type Output = DiffMask;
    fn not(self) -> DiffMask {
        DiffMask(self.0.unary(compare::logical_not))
    }
}

macro_rules! diff_math {
    (unary: $($name:ident => $op:path),*; binary: $($bname:ident => $bop:path),*; compare: $($cname:ident => $cop:path),*) => {
        impl Math for Diff {
            type Mask = DiffMask;
            fn lit(value: f64) -> Diff { Diff(Term::Number(value)) }
            fn mul_add(self, a: Diff, b: Diff) -> Diff { self * a + b }
            fn select(mask: DiffMask, yes: Diff, no: Diff) -> Diff {
                let mask = mask.0.tensor();
                yes.binary(no, |yes, no| compare::select(&mask, yes, no))
            }
            $(fn $name(self) -> Diff { self.unary($op) })*
            $(fn $bname(self, other: Diff) -> Diff { self.binary(other, $bop) })*
            $(fn $cname(self, other: Diff) -> DiffMask { DiffMask(self.binary(other, $cop)) })*
        }
    };
}
diff_math!(
    unary: abs => super::arith::abs, sqrt => special::sqrt, floor => special::floor, ceil => special::ceil,
        round => special::round_even, trunc => special::trunc, exp => special::exp, exp2 => special::exp2,
        exp_m1 => special::expm1, ln => special::log, log2 => special::log2, log10 => special::log10,
        ln_1p => special::log1p, sin => special::sin, cos => special::cos, tan => special::tan,
        asin => special::asin, acos => special::acos, atan => special::atan, sinh => special::sinh,
        cosh => special::cosh, tanh => special::tanh, asinh => special::asinh, acosh => special::acosh,
        atanh => special::atanh, erf => special::erf, erfc => special::erfc,
        ndtr => super::rare::ndtr;
    binary: max => super::arith::maximum, min => super::arith::minimum, copysign => special::copysign,
        pow => super::arith::pow, atan2 => special::atan2;
    compare: lt => compare::lt, le => compare::le, eq => compare::eq
);
