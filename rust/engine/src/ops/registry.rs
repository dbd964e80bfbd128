//! The list of operations: what Python sees, what tests run.
//!
//! Rows and functions register themselves (`inventory`); nobody keeps the list by hand.

use crate::array::{DType, MemoryFormat, Scalar};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use crate::generator::Generator;
use smallvec::SmallVec;

/// An operation as declared.
pub struct OpDef {
    /// Python's name.
    pub name: &'static str,
    /// Where Python finds it: `rutile`, `Tensor` (a method), `nn.functional`, ...; nowhere: internal.
    pub at: &'static [&'static str],
    /// Its other names: `absolute` in all its places, `special.expit` in that one.
    pub aliases: &'static [&'static str],
    /// The docstring.
    pub doc: &'static str,
    /// The signature.
    pub params: &'static [Param],
    /// The Python type of the result.
    pub returns: &'static str,
    /// Names of the parts of a tuple result.
    pub fields: &'static [&'static str],
    /// Which standard tests apply.
    pub kind: Kind,
    /// What becomes of integers.
    pub integers: Integers,
    /// Whether the result has a derivative.
    pub differentiable: bool,
    /// Whether it takes complex numbers; those that do not refuse them before they run.
    pub complex: bool,
    /// Reads the arguments and runs it.
    pub call: fn(&mut Args<'_>) -> Result<Value>,
    /// The method `name_` that writes to its first argument.
    pub inplace: Option<fn(&mut Args<'_>) -> Result<Value>>,
    /// Calls on which the standard tests run it.
    pub samples: fn() -> Vec<Sample>,
}

inventory::collect!(OpDef);

impl OpDef {
    /// All names under which it is found at `place`.
    pub fn names_at(&self, place: &str) -> impl Iterator<Item = &'static str> {
        let here = self.at.contains(&place);
        let own = here.then_some(self.name);
        let place = place.to_string();
        own.into_iter().chain(self.aliases.iter().filter_map(move |alias| match alias.rsplit_once('.') {
            None => here.then_some(*alias),
            Some((at, name)) => (at == place).then_some(name),
        }))
    }

    /// The in-place twin of its name at `place`: a method, or a function beside it as in `rutile.exp_`.
    pub fn twin_at(&self, place: &str, name: &str) -> Option<String> {
        (self.inplace.is_some() && !matches!(place, "special" | "linalg" | "fft")).then(|| format!("{name}_"))
    }

    /// Every place where it or an alias of it is found.
    pub fn places(&self) -> impl Iterator<Item = &'static str> {
        let of_aliases = self.aliases.iter().filter_map(|alias| alias.rsplit_once('.').map(|(at, _)| at));
        self.at.iter().copied().chain(of_aliases)
    }
}

/// Which standard tests apply to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A row of `formulas!`.
    Elementwise,
    /// Anything else.
    Function,
}

/// What an operation does with integers, if that can be said in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integers {
    /// They stay integers.
    Kept,
    /// They become the default float type.
    Floats,
    /// They are an error.
    Refused,
    /// The docstring says.
    Told,
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Param {
    /// Python's name.
    pub name: &'static str,
    /// Its Python type.
    pub kind: &'static str,
    /// Its default.
    pub default: Default,
    /// Whether it can only be given by name.
    pub keyword_only: bool,
    /// Whether it collects the remaining positional arguments (sizes, axes).
    pub variadic: bool,
}

impl Param {
    /// A parameter without default.
    pub const fn required(name: &'static str, kind: &'static str) -> Param {
        Param { name, kind, default: Default::Required, keyword_only: false, variadic: false }
    }
}

/// The default of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// There is none.
    Required,
    /// `None`
    None,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(&'static str),
}

impl Default {
    /// The argument that stands for it.
    pub fn arg(self) -> Option<Arg> {
        match self {
            Default::Required => Option::None,
            Default::None => Some(Arg::None),
            Default::Bool(value) => Some(Arg::Bool(value)),
            Default::Int(value) => Some(Arg::Int(value)),
            Default::Float(value) => Some(Arg::Float(value)),
            Default::Str(value) => Some(Arg::Str(value.to_string())),
        }
    }
}

/// Integers of a size, an index or a list of axes.
pub type Ints = SmallVec<[i64; 6]>;

/// A Python argument, taken out of Python.
#[derive(Clone, Debug)]
pub enum Arg {
    /// `None`
    None,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `float`
    Float(f64),
    /// `complex`: real and imaginary part.
    Complex(f64, f64),
    /// `str`
    Str(String),
    /// A dtype.
    DType(DType),
    /// A tensor.
    Tensor(Tensor),
    /// A tuple or list of integers (also the empty one).
    Ints(Ints),
    /// Any other tuple or list.
    List(Vec<Arg>),
    /// A random number generator.
    Generator(Generator),
    /// An order of axes in memory.
    MemoryFormat(MemoryFormat),
    /// Something else; its type's name.
    Other(String),
}

impl Arg {
    /// What it is, for errors.
    pub fn describe(&self) -> String {
        match self {
            Arg::None => "None".into(),
            Arg::Bool(_) => "bool".into(),
            Arg::Int(value) => format!("int {value}"),
            Arg::Float(value) => format!("float {value}"),
            Arg::Complex(re, im) => format!("complex {re}{im:+}j"),
            Arg::Str(value) => format!("str {value:?}"),
            Arg::DType(dtype) => format!("dtype {dtype}"),
            Arg::Tensor(tensor) => format!("Tensor of {} {:?}", tensor.dtype(), &tensor.shape()[..]),
            Arg::Ints(values) => format!("ints {:?}", &values[..]),
            Arg::List(values) => format!("sequence of {}", values.first().map_or("nothing".into(), Arg::describe)),
            Arg::Generator(_) => "Generator".into(),
            Arg::MemoryFormat(format) => format.name().into(),
            Arg::Other(name) => name.clone(),
        }
    }
}

/// The arguments of one call, one per parameter.
pub struct Args<'a> {
    /// What is called.
    pub op: &'a OpDef,
    /// An argument per parameter, defaults filled in.
    pub values: SmallVec<[Arg; 8]>,
}

impl Arg {
    /// The complex type of a tensor, a number or a dtype, also in a list.
    pub fn complex(&self) -> Option<DType> {
        match self {
            Arg::Tensor(tensor) => Some(tensor.dtype()).filter(|dtype| dtype.is_complex()),
            Arg::Complex(..) => Some(DType::default_complex()),
            Arg::DType(dtype) => Some(*dtype).filter(|dtype| dtype.is_complex()),
            Arg::List(values) => values.iter().find_map(Arg::complex),
            _ => None,
        }
    }
}

impl Args<'_> {
    /// Reads argument number `index`.
    pub fn take<T: FromArg>(&mut self, index: usize) -> Result<T> {
        let arg = std::mem::replace(&mut self.values[index], Arg::None);
        match T::from_arg(arg) {
            Ok(value) => Ok(value),
            // Only what is read as a length refuses an integer; the type is right, so the class is that of bad values.
            Err(Arg::Int(value)) if T::KIND == "int" => fail!(
                Value,
                "{}(): argument '{}' must not be negative, got {value}",
                self.op.name,
                self.op.params[index].name
            ),
            Err(arg) => fail!(
                Type,
                "{}(): argument '{}' must be {}, not {}",
                self.op.name,
                self.op.params[index].name,
                T::KIND,
                arg.describe()
            ),
        }
    }
}

/// Types that arguments are read as.
pub trait FromArg: Sized {
    /// The Python type, for stubs and errors.
    const KIND: &'static str;
    /// Reads the argument, or gives it back.
    fn from_arg(arg: Arg) -> Result<Self, Arg>;
}

impl FromArg for Tensor {
    const KIND: &'static str = "Tensor";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Tensor(tensor) => Ok(tensor),
            other => Scalar::from_arg(other).map(|value| Tensor::from(crate::array::Array::wrapped(value))),
        }
    }
}

impl FromArg for Scalar {
    const KIND: &'static str = "Number";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Bool(value) => Ok(Scalar::Bool(value)),
            Arg::Int(value) => Ok(Scalar::Int(value)),
            Arg::Float(value) => Ok(Scalar::Float(value)),
            Arg::Complex(re, im) => Ok(Scalar::Complex(re, im)),
            Arg::Tensor(tensor) if tensor.len() == 1 && !tensor.requires_grad() => Ok(tensor.array().item()),
            other => Err(other),
        }
    }
}

impl FromArg for f64 {
    const KIND: &'static str = "float";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match Scalar::from_arg(arg)? {
            Scalar::Complex(re, im) => Err(Arg::Complex(re, im)),
            number => Ok(number.to_f64()),
        }
    }
}

impl FromArg for i64 {
    const KIND: &'static str = "int";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Bool(value) => Ok(i64::from(value)),
            Arg::Int(value) => Ok(value),
            Arg::Tensor(ref tensor) if tensor.len() == 1 && !tensor.dtype().has_gradients() => {
                Ok(tensor.array().item().to_i64())
            }
            other => Err(other),
        }
    }
}

impl FromArg for usize {
    const KIND: &'static str = "int";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        i64::from_arg(arg).and_then(|value| usize::try_from(value).map_err(|_| Arg::Int(value)))
    }
}

impl FromArg for bool {
    const KIND: &'static str = "bool";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Bool(value) => Ok(value),
            Arg::Int(value) => Ok(value != 0),
            other => Err(other),
        }
    }
}

impl FromArg for String {
    const KIND: &'static str = "str";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Str(value) => Ok(value),
            other => Err(other),
        }
    }
}

impl FromArg for DType {
    const KIND: &'static str = "dtype";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::DType(value) => Ok(value),
            other => Err(other),
        }
    }
}

impl FromArg for Generator {
    const KIND: &'static str = "Generator";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Generator(value) => Ok(value),
            other => Err(other),
        }
    }
}

impl FromArg for MemoryFormat {
    const KIND: &'static str = "memory_format";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::MemoryFormat(value) => Ok(value),
            other => Err(other),
        }
    }
}

impl FromArg for Ints {
    const KIND: &'static str = "int | Sequence[int]";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::Ints(values) => Ok(values),
            Arg::List(values)
                if values.iter().all(|v| {
                    matches!(v, Arg::Tensor(t) if t.len() == 1) || matches!(v, Arg::Int(_) | Arg::Bool(_))
                }) =>
            {
                values.into_iter().map(i64::from_arg).collect()
            }
            other => i64::from_arg(other).map(|value| Ints::from_elem(value, 1)),
        }
    }
}

impl FromArg for Vec<Tensor> {
    const KIND: &'static str = "Sequence[Tensor]";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::List(values) => values
                .into_iter()
                .map(|value| match value {
                    Arg::Tensor(tensor) => Ok(tensor),
                    other => Err(other),
                })
                .collect(),
            Arg::Ints(values) if values.is_empty() => Ok(Vec::new()),
            other => Err(other),
        }
    }
}

impl FromArg for Arg {
    const KIND: &'static str = "Any";
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        Ok(arg)
    }
}

impl<T: FromArg + OptionKind> FromArg for Option<T> {
    const KIND: &'static str = <T as OptionKind>::KIND;
    fn from_arg(arg: Arg) -> Result<Self, Arg> {
        match arg {
            Arg::None => Ok(None),
            other => T::from_arg(other).map(Some),
        }
    }
}

/// The Python type of an optional argument (constant strings cannot be joined on stable Rust).
pub trait OptionKind {
    /// As in stubs.
    const KIND: &'static str;
}

macro_rules! option_kind {
    ($($t:ty => $kind:literal),* $(,)?) => {$(impl OptionKind for $t { const KIND: &'static str = $kind; })*};
}
option_kind!(
    Tensor => "Tensor | None",
    Scalar => "Number | None",
    f64 => "float | None",
    i64 => "int | None",
    usize => "int | None",
    bool => "bool | None",
    String => "str | None",
    DType => "dtype | None",
    Generator => "Generator | None",
    MemoryFormat => "memory_format | None",
    Ints => "int | Sequence[int] | None",
    Vec<Tensor> => "Sequence[Tensor] | None",
);

/// What a call gives.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`
    None,
    /// A tensor.
    Tensor(Tensor),
    /// A tuple of tensors; a named one if the operation names its fields.
    Tensors(Vec<Tensor>),
    /// A list of tensors.
    List(Vec<Tensor>),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A dtype.
    DType(DType),
    /// A size.
    Shape(Vec<usize>),
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Value {
        Value::Tensor(tensor)
    }
}

/// Results that Python can see.
pub trait IntoValue {
    /// The Python type.
    const KIND: &'static str;
    /// The value.
    fn into_value(self) -> Value;
}

macro_rules! into_value {
    ($($t:ty => $kind:literal, $pattern:pat => $value:expr);* $(;)?) => {$(
        impl IntoValue for $t {
            const KIND: &'static str = $kind;
            fn into_value(self) -> Value {
                let $pattern = self;
                $value
            }
        }
    )*};
}
into_value!(
    Value => "Any", value => value;
    () => "None", () => Value::None;
    Tensor => "Tensor", tensor => Value::Tensor(tensor);
    (Tensor, Tensor) => "tuple[Tensor, Tensor]", (a, b) => Value::Tensors(vec![a, b]);
    (Tensor, Tensor, Tensor) => "tuple[Tensor, Tensor, Tensor]", (a, b, c) => Value::Tensors(vec![a, b, c]);
    Vec<Tensor> => "tuple[Tensor, ...]", tensors => Value::Tensors(tensors);
    bool => "bool", value => Value::Bool(value);
    i64 => "int", value => Value::Int(value);
    f64 => "float", value => Value::Float(value);
    DType => "dtype", value => Value::DType(value);
);

// ---- samples ----

/// One call on which the standard tests run an operation.
#[derive(Clone, Debug, std::default::Default)]
pub struct Sample {
    /// Positional arguments.
    pub args: Vec<SampleArg>,
    /// Keyword arguments.
    pub kwargs: Vec<(&'static str, SampleArg)>,
}

/// An argument of a sample.
#[derive(Clone, Debug)]
pub enum SampleArg {
    /// A tensor of random numbers.
    Tensor {
        /// Its shape.
        shape: Vec<usize>,
        /// What it holds.
        values: Values,
    },
    /// A list of arguments.
    List(Vec<SampleArg>),
    /// Anything else.
    Plain(Arg),
}

/// What a sample tensor holds.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Floats, uniform in a range; gradients are checked.
    Float(f64, f64),
    /// Floats that are not differentiated (running statistics).
    Constant(f64, f64),
    /// Integers from a half-open range.
    Int(i64, i64),
    /// Truth values.
    Bool,
    /// Matrices far from singular; gradients are checked.
    Regular,
    /// Symmetric positive-definite matrices; gradients are checked along symmetric changes.
    Definite,
    /// Complex numbers with parts in a range; gradients are checked.
    Complex(f64, f64),
    /// All different floats, no two closer than 0.05 (for max, sort: no ties under a small step).
    Distinct,
}

impl Sample {
    /// An empty sample.
    pub fn new() -> Sample {
        Sample::default()
    }
    /// Adds a tensor with values in (-2, 2).
    pub fn tensor(self, shape: &[usize]) -> Sample {
        self.values(shape, Values::Float(-2.0, 2.0))
    }
    /// Adds a tensor.
    pub fn values(mut self, shape: &[usize], values: Values) -> Sample {
        self.args.push(SampleArg::Tensor { shape: shape.to_vec(), values });
        self
    }
    /// Adds a list of tensors with values in (-2, 2).
    pub fn tensors(mut self, shapes: &[&[usize]]) -> Sample {
        let values = Values::Float(-2.0, 2.0);
        self.args.push(SampleArg::List(
            shapes.iter().map(|shape| SampleArg::Tensor { shape: shape.to_vec(), values }).collect(),
        ));
        self
    }
    /// Adds a positional argument.
    pub fn arg(mut self, value: impl Into<Arg>) -> Sample {
        self.args.push(SampleArg::Plain(value.into()));
        self
    }
    /// Adds a keyword argument.
    pub fn kw(mut self, name: &'static str, value: impl Into<Arg>) -> Sample {
        self.kwargs.push((name, SampleArg::Plain(value.into())));
        self
    }
    /// Adds a tensor as a keyword argument.
    pub fn kw_tensor(mut self, name: &'static str, shape: &[usize], values: Values) -> Sample {
        self.kwargs.push((name, SampleArg::Tensor { shape: shape.to_vec(), values }));
        self
    }
}

macro_rules! arg_from {
    ($($t:ty => $variant:ident),*) => {$(
        impl From<$t> for Arg {
            fn from(value: $t) -> Arg { Arg::$variant(value.into()) }
        }
    )*};
}
arg_from!(bool => Bool, i64 => Int, f64 => Float, &str => Str, DType => DType, Tensor => Tensor);

impl From<i32> for Arg {
    fn from(value: i32) -> Arg {
        Arg::Int(i64::from(value))
    }
}

impl<const N: usize> From<[i64; N]> for Arg {
    fn from(values: [i64; N]) -> Arg {
        Arg::Ints(Ints::from_slice(&values))
    }
}

impl From<()> for Arg {
    fn from((): ()) -> Arg {
        Arg::None
    }
}

/// The samples of a row: plain, 0-d, empty and, for several inputs, broadcast. `required` parameters get 0.5, 1.5, ...
pub fn elementwise_samples(domains: &[(f64, f64)], required: usize) -> Vec<Sample> {
    let shapes: &[&[&[usize]]] = match domains.len() {
        1 => &[&[&[3, 4]], &[&[]], &[&[0, 3]]],
        2 => &[&[&[3, 4], &[3, 4]], &[&[2, 3, 4], &[3, 1]], &[&[4], &[2, 1]], &[&[], &[3]], &[&[0, 2], &[2]]],
        _ => &[&[&[3, 4], &[3, 4], &[3, 4]], &[&[3, 1], &[4], &[2, 1, 1]], &[&[2], &[], &[2]]],
    };
    let sample = |shapes: &&[&[usize]]| {
        let tensors = shapes
            .iter()
            .zip(domains)
            .fold(Sample::new(), |sample, (shape, &(low, high))| sample.values(shape, Values::Float(low, high)));
        (0..required).fold(tensors, |sample, i| sample.arg(0.5 + i as f64))
    };
    shapes.iter().map(sample).collect()
}
