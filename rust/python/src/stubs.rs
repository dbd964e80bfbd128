//! The registry as text: signatures, stubs, and what the standard tests read.

use crate::call;
use crate::convert;
use crate::dtype;
use crate::format;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use rutile::ops::registry::{Arg, Default, Integers, Kind, OpDef, Sample, SampleArg, Values};
use std::fmt::Write;

/// A default as Python writes it.
fn default_text(default: Default) -> Option<String> {
    Some(match default {
        Default::Required => return None,
        Default::None => "None".into(),
        Default::Bool(value) => if value { "True" } else { "False" }.into(),
        Default::Int(value) => value.to_string(),
        Default::Float(value) => format!("{value:?}"),
        Default::Str(value) => format!("{value:?}"),
    })
}

/// Where an operation or an alias of it is found, each place once.
fn places(op: &OpDef) -> Vec<&'static str> {
    let mut places: Vec<&str> = op.places().collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// What the registry knows and no docstring repeats: other names and places, derivatives, integers, complex numbers.
/// `twin` if it is for the in-place form of `name`.
pub fn footer(op: &OpDef, place: &str, name: &str, twin: bool) -> String {
    let form = |at: &str, name: &str| if twin { op.twin_at(at, name) } else { Some(name.to_string()) };
    let mut others = Vec::new();
    for at in places(op) {
        if at == place {
            let names = op.names_at(at).filter(|other| *other != name);
            others.extend(names.filter_map(|other| form(at, other)).map(|other| format!("`{other}`")));
        } else {
            let there = op.names_at(at).find(|other| *other == name).or_else(|| op.names_at(at).next());
            let there = there.and_then(|other| form(at, other));
            others.extend(there.map(|other| format!("`{at}.{other}`")));
        }
    }
    let mut sentences = Vec::new();
    if twin {
        sentences.push("In place: the result is written to the tensor itself, which is returned.".to_string());
    }
    if !others.is_empty() {
        sentences.push(format!("Also {}.", others.join(", ")));
    }
    if let Some(own) = op.twin_at(place, name).filter(|_| !twin) {
        sentences.push(format!("In place: `{own}`."));
    }
    let mut facts = Vec::new();
    if op.params.iter().any(|param| param.kind.contains("Tensor")) {
        let gives = op.returns.contains("Tensor") || op.returns == "Any";
        // What `requires_grad=` says of new tensors is in their signature, and a method that is only in place follows the
        // tensor that it writes to.
        if gives && !op.name.ends_with('_') && !op.params.iter().any(|param| param.name == "requires_grad") {
            facts.push(if op.differentiable { "differentiable" } else { "the result has no gradient" });
        }
        match op.integers {
            Integers::Kept => facts.push("integers stay integers"),
            Integers::Floats => facts.push("integers give the default float dtype"),
            Integers::Refused | Integers::Told => {}
        }
        facts.push(match (op.integers == Integers::Refused, op.complex) {
            (false, true) => "takes complex numbers",
            (false, false) => "real numbers only",
            (true, true) => "floats and complex numbers only",
            (true, false) => "floats only",
        });
    }
    let mut facts = facts.join("; ");
    if !facts.is_empty() {
        facts[..1].make_ascii_uppercase();
        sentences.push(format!("{facts}."));
    }
    sentences.join(" ")
}

/// The parameters of an operation: as `inspect.signature` reads them or, with `types`, as a stub declares them. `out=`
/// belongs to functions that give a new tensor, not to methods and in-place forms.
pub fn signature(op: &OpDef, method: bool, twin: bool, types: bool) -> String {
    let declared = |name: &str, kind: &str, default: Option<String>| match default {
        Some(default) if types => format!("{name}: {kind} = {default}"),
        Some(default) => format!("{name}={default}"),
        None if types => format!("{name}: {kind}"),
        None => name.to_string(),
    };
    let mut parts: Vec<String> = Vec::new();
    let mut star = false;
    for (i, param) in op.params.iter().enumerate() {
        if method && i == 0 {
            parts.push(if types { "self" } else { "$self" }.into());
        } else if param.variadic {
            parts.push(declared(&format!("*{}", param.name), "Any", None));
            star = true;
        } else {
            if param.keyword_only && !star {
                parts.push("*".into());
                star = true;
            }
            parts.push(declared(param.name, param.kind, default_text(param.default)));
        }
    }
    let mut behind_star = |name: &str, kind: &str, default: &str| {
        if !star {
            parts.push("*".into());
            star = true;
        }
        parts.push(declared(name, kind, Some(default.into())));
    };
    if call::creates(op) {
        if !op.params.iter().any(|param| param.name == "layout") {
            behind_star("layout", "layout | None", "None");
        }
        behind_star("pin_memory", "bool | None", "False");
    }
    if op.returns == "Tensor" && !method && !twin {
        behind_star("out", "Tensor | None", "None");
    }
    parts.join(", ")
}

/// The type of the result: of a tuple with named parts `values` and `indices`, `_values_indices`.
fn returned(op: &OpDef) -> String {
    let named = !op.fields.is_empty() && op.returns.starts_with("tuple[Tensor");
    if named { format!("_{}", op.fields.join("_")) } else { op.returns.into() }
}

/// How much of its docstring a declaration gets.
enum Doc<'a> {
    Whole,
    /// The first paragraph: under further names and at further places, which are many.
    Summary,
    /// That it is the in-place form of this one.
    Twin(&'a str),
}

fn declaration(op: &OpDef, name: &str, method: bool, doc: Doc<'_>) -> String {
    let indent = if method { "    " } else { "" };
    let twin = matches!(doc, Doc::Twin(_));
    let doc = match doc {
        Doc::Whole => op.doc.to_string(),
        Doc::Summary => op.doc.split("\n\n").next().unwrap_or_default().to_string(),
        Doc::Twin(of) => format!("`{of}` in place: writes to the tensor itself."),
    };
    let doc = doc.replace('\\', "\\\\").replace("\"\"\"", "'''");
    let mut text = format!("{indent}def {name}({}) -> {}:\n", signature(op, method, twin, true), returned(op));
    let body = doc.lines().map(str::trim_end).collect::<Vec<_>>().join(&format!("\n{indent}    "));
    let _ = writeln!(text, "{indent}    \"\"\"{body}\"\"\"");
    text
}

/// The generated parts of the stubs: functions by place (`rutile`, `nn.functional`, ...) and the methods of `Tensor`.
#[pyfunction]
#[pyo3(name = "_stubs")]
pub fn stubs(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let parts = PyDict::new(py);
    let mut places: Vec<&str> = call::ops().iter().flat_map(|op| op.places()).collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let mut text = String::new();
        let method = place == "Tensor";
        for op in call::ops() {
            for name in op.names_at(place) {
                let first = name == op.name && op.places().next() == Some(place);
                text.push_str(&declaration(op, name, method, if first { Doc::Whole } else { Doc::Summary }));
                if let Some(twin) = op.twin_at(place, name) {
                    text.push_str(&declaration(op, &twin, method, Doc::Twin(name)));
                }
            }
        }
        parts.set_item(place, text)?;
    }
    Ok(parts)
}

/// (place, name) of every other name of an operation.
fn aliases(op: &OpDef) -> Vec<(&'static str, &'static str)> {
    let named = |place| op.names_at(place).filter(|name| *name != op.name).map(move |name| (place, name));
    places(op).into_iter().flat_map(named).collect()
}

/// What the standard tests run: a dict per operation, with its samples.
#[pyfunction]
pub fn ops(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for op in call::ops() {
        let entry = PyDict::new(py);
        entry.set_item("name", op.name)?;
        entry.set_item("at", op.at.to_vec())?;
        entry.set_item("fields", op.fields.to_vec())?;
        entry.set_item("aliases", aliases(op))?;
        entry.set_item("doc", op.doc)?;
        entry.set_item("params", op.params.iter().map(|param| param.name).collect::<Vec<_>>())?;
        entry.set_item("kinds", op.params.iter().map(|param| param.kind).collect::<Vec<_>>())?;
        entry.set_item("differentiable", op.differentiable)?;
        entry.set_item("complex", op.complex)?;
        entry.set_item("inplace", op.inplace.is_some())?;
        entry.set_item("elementwise", op.kind == Kind::Elementwise)?;
        let integers = match op.integers {
            Integers::Kept => Some("kept"),
            Integers::Floats => Some("floats"),
            Integers::Refused => Some("refused"),
            Integers::Told => None,
        };
        entry.set_item("integers", integers)?;
        let samples = (op.samples)().iter().map(|one| sample(py, one)).collect::<PyResult<Vec<_>>>()?;
        entry.set_item("samples", samples)?;
        list.append(entry)?;
    }
    Ok(list)
}

/// (args, kwargs); a tensor is the tuple `("tensor", shape, kind, low, high)`, a list `("list", [...])`, anything else
/// `("value", x)`.
fn sample<'py>(py: Python<'py>, sample: &Sample) -> PyResult<Bound<'py, PyTuple>> {
    let args = sample.args.iter().map(|arg| sample_arg(py, arg)).collect::<PyResult<Vec<_>>>()?;
    let kwargs = PyDict::new(py);
    for (name, arg) in &sample.kwargs {
        kwargs.set_item(name, sample_arg(py, arg)?)?;
    }
    (PyTuple::new(py, args)?, kwargs).into_pyobject(py)
}

fn sample_arg<'py>(py: Python<'py>, arg: &SampleArg) -> PyResult<Bound<'py, PyAny>> {
    Ok(match arg {
        SampleArg::Tensor { shape, values } => {
            let (kind, low, high) = match *values {
                Values::Float(low, high) => ("float", low, high),
                Values::Constant(low, high) => ("constant", low, high),
                Values::Int(low, high) => ("int", low as f64, high as f64),
                Values::Bool => ("bool", 0.0, 1.0),
                Values::Regular => ("regular", -1.0, 1.0),
                Values::Definite => ("definite", -1.0, 1.0),
                Values::Complex(low, high) => ("complex", low, high),
                Values::Distinct => ("distinct", 0.0, 0.0),
            };
            ("tensor", PyTuple::new(py, shape)?, kind, low, high).into_pyobject(py)?.into_any()
        }
        SampleArg::List(args) => {
            let parts = args.iter().map(|arg| sample_arg(py, arg)).collect::<PyResult<Vec<_>>>()?;
            ("list", parts).into_pyobject(py)?.into_any()
        }
        SampleArg::Plain(arg) => ("value", plain(py, arg)?).into_pyobject(py)?.into_any(),
    })
}

fn plain<'py>(py: Python<'py>, arg: &Arg) -> PyResult<Bound<'py, PyAny>> {
    Ok(match arg {
        Arg::Bool(value) => pyo3::types::PyBool::new(py, *value).to_owned().into_any(),
        Arg::Int(value) => value.into_pyobject(py)?.into_any(),
        Arg::Float(value) => value.into_pyobject(py)?.into_any(),
        Arg::Complex(re, im) => pyo3::types::PyComplex::from_doubles(py, *re, *im).into_any(),
        Arg::Str(value) => value.into_pyobject(py)?.into_any(),
        Arg::DType(dtype) => dtype::object(py, *dtype)?.into_any(),
        Arg::Ints(values) => PyTuple::new(py, &values[..])?.into_any(),
        Arg::List(values) => {
            PyList::new(py, values.iter().map(|value| plain(py, value)).collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Arg::Tensor(tensor) => convert::wrap(py, tensor.clone())?,
        Arg::MemoryFormat(format) => format::memory_format(py, *format)?.into_any(),
        Arg::None | Arg::Generator(_) | Arg::Other(_) => py.None().into_bound(py),
    })
}
