//! The door: how Python calls an operation.
//!
//! Every operation is a C function of its own slot (`METH_FASTCALL`): no tuple, no dict, no Python frame. One parser
//! matches arguments to the declared signature, one place decides about the interpreter lock, one catches panics.

use crate::{convert, error, stubs};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple, PyType};
use rutile::Tensor;
use rutile::array::DType;
use rutile::error::guard;
use rutile::ops::registry::{Arg, Args, FromArg, Ints, OpDef, Param, Value};
use rutile::profile::{self, Kind};
use std::collections::HashSet;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// Work on fewer bytes keeps the interpreter lock: giving it up and taking it again costs more than the work.
pub const DETACH_BYTES: usize = 32 << 10;

/// How many operations there may be: every slot takes some bytes of the wheel.
const SLOTS: usize = 640;

/// Every operation, sorted by name; the position is the slot.
pub fn ops() -> &'static [&'static OpDef] {
    static OPS: OnceLock<Vec<&'static OpDef>> = OnceLock::new();
    OPS.get_or_init(|| {
        let mut ops: Vec<&'static OpDef> = inventory::iter::<OpDef>.into_iter().collect();
        ops.sort_by_key(|op| op.name);
        assert!(ops.len() <= SLOTS, "{} operations: SLOTS must grow", ops.len());
        assert!(ops.iter().all(|op| op.params.len() <= 64), "a call has a bit for each parameter");
        // One name may serve two places with different signatures (`softmax`), but not one place twice.
        let mut taken = HashSet::new();
        for op in &ops {
            let mut places: Vec<&str> = op.places().collect();
            places.sort_unstable();
            places.dedup();
            for place in places {
                for name in op.names_at(place) {
                    assert!(taken.insert((place, name)), "two operations are {place}.{name}");
                }
            }
        }
        ops
    })
}

/// How an operation was called.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// `rutile.op(x, ...)`
    Function,
    /// `x.op(...)`
    Method,
    /// `x.op_(...)`
    Inplace,
    /// `rutile.op_(x, ...)`
    InplaceFunction,
}

unsafe extern "C" fn function<const SLOT: usize>(
    _: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: Python calls with a valid argument array, holding the interpreter lock.
    unsafe { enter(SLOT, Form::Function, std::ptr::null_mut(), args, count, names) }
}

unsafe extern "C" fn method<const SLOT: usize>(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as above; a method descriptor has checked `slf`.
    unsafe { enter(SLOT, Form::Method, slf, args, count, names) }
}

unsafe extern "C" fn inplace<const SLOT: usize>(
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as above.
    unsafe { enter(SLOT, Form::Inplace, slf, args, count, names) }
}

unsafe extern "C" fn inplace_function<const SLOT: usize>(
    _: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: as above.
    unsafe { enter(SLOT, Form::InplaceFunction, std::ptr::null_mut(), args, count, names) }
}

type Entry = unsafe extern "C" fn(
    *mut ffi::PyObject,
    *const *mut ffi::PyObject,
    ffi::Py_ssize_t,
    *mut ffi::PyObject,
) -> *mut ffi::PyObject;

macro_rules! sixteen {
    ($f:ident, $base:expr) => {
        [
            $f::<{ $base }>,
            $f::<{ $base + 1 }>,
            $f::<{ $base + 2 }>,
            $f::<{ $base + 3 }>,
            $f::<{ $base + 4 }>,
            $f::<{ $base + 5 }>,
            $f::<{ $base + 6 }>,
            $f::<{ $base + 7 }>,
            $f::<{ $base + 8 }>,
            $f::<{ $base + 9 }>,
            $f::<{ $base + 10 }>,
            $f::<{ $base + 11 }>,
            $f::<{ $base + 12 }>,
            $f::<{ $base + 13 }>,
            $f::<{ $base + 14 }>,
            $f::<{ $base + 15 }>,
        ]
    };
}

macro_rules! table {
    ($f:ident: $($row:literal)*) => { [$(sixteen!($f, 16 * $row)),*] };
}

macro_rules! all_slots {
    ($f:ident) => {
        table!($f: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39)
    };
}

static FUNCTIONS: [[Entry; 16]; SLOTS / 16] = all_slots!(function);
static METHODS: [[Entry; 16]; SLOTS / 16] = all_slots!(method);
static INPLACE: [[Entry; 16]; SLOTS / 16] = all_slots!(inplace);
static INPLACE_FUNCTIONS: [[Entry; 16]; SLOTS / 16] = all_slots!(inplace_function);

/// Runs a call, and turns errors and panics into exceptions.
unsafe fn enter(
    slot: usize,
    form: Form,
    slf: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: called by Python, which holds the interpreter lock for this thread.
    let py = unsafe { Python::assume_attached() };
    let result = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: Python's arguments are borrowed and stay alive during the call; keyword values follow the
        // positional ones.
        let (positional, keyword_values, names, slf) = unsafe {
            let names = Bound::from_borrowed_ptr_or_opt(py, names).map(|names| names.cast_into_unchecked::<PyTuple>());
            let keywords = names.as_ref().map_or(0, |names| names.len());
            let slice =
                |at: usize, len: usize| if len == 0 { &[][..] } else { std::slice::from_raw_parts(args.add(at), len) };
            let slf = Bound::from_borrowed_ptr_or_opt(py, slf);
            (slice(0, count as usize), slice(count as usize, keywords), names, slf)
        };
        run(py, slot, form, slf, positional, keyword_values, names)
    }));
    let result = result.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let message = format!("{}: a bug in Rutile, please report it: {text}", ops()[slot].name);
        Err(error::internal_error(py).map_or_else(|error| error, |class| PyErr::from_type(class, message)))
    });
    match result {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            std::ptr::null_mut()
        }
    }
}

static FIELDS: [PyOnceLock<Py<PyType>>; SLOTS] = [const { PyOnceLock::new() }; SLOTS];

fn run<'py>(
    py: Python<'py>,
    slot: usize,
    form: Form,
    slf: Option<Bound<'py, PyAny>>,
    positional: &[*mut ffi::PyObject],
    keyword_values: &[*mut ffi::PyObject],
    names: Option<Bound<'py, PyTuple>>,
) -> PyResult<Bound<'py, PyAny>> {
    let op = ops()[slot];
    let mut call = Call::new(op);
    let mut next = 0;
    if let Some(slf) = &slf {
        call.give(0, convert::arg(slf)?);
        next = 1;
    }
    // SAFETY: borrowed from the caller for the time of the call.
    let borrow = |pointer: &*mut ffi::PyObject| unsafe { Bound::from_borrowed_ptr(py, *pointer) };
    call.positional(next, positional.iter().map(borrow), positional.len())?;
    // What an in-place function returns: the object that it was given first, under whatever name.
    let mut target = positional.first().map(borrow).filter(|_| form == Form::InplaceFunction);
    if let Some(names) = names {
        for (name, value) in names.iter().zip(keyword_values) {
            call.keyword(&name.cast_into::<PyString>()?, borrow(value))?;
            if form == Form::InplaceFunction && target.is_none() && call.is_given(0) {
                target = Some(borrow(value));
            }
        }
    }
    call.fill_in()?;
    let Call { args, out, .. } = &mut call;
    let work = match form {
        Form::Inplace | Form::InplaceFunction => op.inplace.expect("registered only if it has a twin"),
        Form::Function | Form::Method => op.call,
    };
    let mut load = Load::default();
    args.values.iter().for_each(|arg| load.add(arg));
    if !op.complex
        && let Some(dtype) = load.complex
    {
        return error::check(py, Err(rutile::ops::formula::no_complex(op.name, dtype)));
    }
    let _span = profile::span(Kind::Operation, op.name, || shapes(&args.values));
    let mut work = || guard(op.name, || work(args));
    let result = if load.bytes > DETACH_BYTES { py.detach(work) } else { work() };
    let value = error::check(py, result)?;
    if let Some(out) = out.take() {
        return write_out(py, slot, value, out);
    }
    match (form, slf.or(target)) {
        (Form::Inplace | Form::InplaceFunction, Some(slf)) => Ok(slf),
        // Operations that return their argument (`contiguous`, `to`) give the same Python object.
        (Form::Method, Some(slf)) if is_same(&slf, &value) => Ok(slf),
        _ => convert::value(py, value, Some((&FIELDS[slot], op.name, op.fields))),
    }
}

/// The shapes of the tensors among the arguments.
fn shapes(args: &[Arg]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    for arg in args {
        match arg {
            Arg::Tensor(tensor) => found.push(tensor.shape().to_vec()),
            Arg::List(args) => found.extend(shapes(args)),
            _ => {}
        }
    }
    found
}

fn is_same(slf: &Bound<'_, PyAny>, value: &Value) -> bool {
    matches!((slf.cast::<crate::tensor::PyTensor>(), value), (Ok(slf), Value::Tensor(tensor)) if slf.get().tensor.is(tensor))
}

/// `out=`: the result is written there; several results to as many tensors.
fn write_out<'py>(py: Python<'py>, slot: usize, value: Value, out: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let op = ops()[slot];
    let target =
        |object: &Bound<'py, PyAny>| object.cast::<crate::tensor::PyTensor>().ok().map(|t| t.get().tensor.clone());
    let (results, targets): (Vec<Tensor>, Vec<Option<Tensor>>) = match value {
        Value::Tensor(result) => (vec![result], vec![target(&out)]),
        Value::Tensors(results) => {
            // A tensor is iterable too, but no tuple of tensors.
            let iterable = target(&out).is_none().then(|| out.try_iter().ok()).flatten();
            let targets =
                iterable.map(|items| items.map(|item| Ok(target(&item?))).collect::<PyResult<_>>()).transpose()?;
            (results, targets.unwrap_or_default())
        }
        _ => (Vec::new(), Vec::new()),
    };
    let targets: Vec<Tensor> = targets.into_iter().flatten().collect();
    if results.is_empty() || targets.len() != results.len() {
        let wanted =
            if results.len() > 1 { format!("a tuple of {} Tensors", results.len()) } else { "one Tensor".into() };
        return Err(PyTypeError::new_err(format!("{}(): out= must be {wanted}", op.name)));
    }
    let written = py.detach(|| {
        targets.iter().zip(&results).try_for_each(|(target, result)| {
            if target.shape() != result.shape() && target.is_empty() {
                target.set_array(rutile::Array::uninit(target.dtype(), &result.shape()));
            }
            rutile::ops::inplace::assign(op.name, target, result)
        })
    });
    error::check(py, written)?;
    if results.len() == 1 || results.len() != op.fields.len() {
        return Ok(out);
    }
    let items = PyTuple::new(py, out.try_iter()?.collect::<PyResult<Vec<_>>>()?)?;
    convert::named(py, &FIELDS[slot], op.name, op.fields)?.call1(items)
}

/// What the arguments of a call bring.
#[derive(Default)]
struct Load {
    bytes: usize,
    /// The first complex type among them.
    complex: Option<DType>,
}

impl Load {
    fn add(&mut self, arg: &Arg) {
        let (bytes, dtype) = match arg {
            Arg::Tensor(tensor) => tensor.with_array(|array| (array.len() * array.dtype().size(), Some(array.dtype()))),
            Arg::List(args) => return args.iter().for_each(|arg| self.add(arg)),
            Arg::Ints(sizes) => (sizes.iter().map(|&n| n.max(0) as usize).fold(1, usize::saturating_mul), None),
            Arg::Complex(..) => (0, Some(DType::default_complex())),
            Arg::DType(dtype) => (0, Some(*dtype)),
            _ => return,
        };
        self.bytes = self.bytes.saturating_add(bytes);
        self.complex = self.complex.or(dtype.filter(|dtype| dtype.is_complex()));
    }
}

/// A call on its way from Python's arguments to the declared parameters.
struct Call<'py> {
    args: Args<'static>,
    /// Which parameters have their argument, a bit for each.
    given: u64,
    out: Option<Bound<'py, PyAny>>,
}

impl<'py> Call<'py> {
    fn new(op: &'static OpDef) -> Self {
        let values = std::iter::repeat_with(|| Arg::None).take(op.params.len()).collect();
        Call { args: Args { op, values }, given: 0, out: None }
    }

    fn give(&mut self, at: usize, arg: Arg) {
        self.args.values[at] = arg;
        self.given |= 1 << at;
    }

    fn is_given(&self, at: usize) -> bool {
        self.given >> at & 1 == 1
    }

    fn positional(
        &mut self,
        start: usize,
        mut args: impl Iterator<Item = Bound<'py, PyAny>>,
        count: usize,
    ) -> PyResult<()> {
        let op = self.args.op;
        let mut at = start;
        let mut left = count;
        while left > 0 {
            match op.params.get(at) {
                Some(param) if param.variadic => {
                    self.give(at, variadic(op, param, &mut args, left)?);
                    return Ok(());
                }
                Some(param) if !param.keyword_only => {
                    let object = args.next().expect("`left` counts them");
                    self.give(at, convert::arg(&object)?);
                    at += 1;
                    left -= 1;
                }
                _ => {
                    let allowed = op.params.iter().filter(|param| !param.keyword_only).count();
                    return Err(PyTypeError::new_err(format!(
                        "{}() takes {allowed} positional arguments but {} were given",
                        op.name,
                        count + start
                    )));
                }
            }
        }
        Ok(())
    }

    fn keyword(&mut self, name: &Bound<'py, PyString>, value: Bound<'py, PyAny>) -> PyResult<()> {
        let text = name.to_cow()?;
        let op = self.args.op;
        let find = |name: &str| op.params.iter().position(|param| param.name == name);
        let at = find(&text).or_else(|| alias(&text).iter().find_map(|name| find(name)));
        let Some(at) = at else {
            if text == "out" {
                self.out = Some(value).filter(|out| !out.is_none());
                return Ok(());
            }
            if creates(op) && matches!(&*text, "layout" | "pin_memory") {
                return accepted(op, &text, &value);
            }
            let known: Vec<&str> = op.params.iter().map(|param| param.name).collect();
            return Err(PyTypeError::new_err(format!(
                "{}() got an unexpected keyword argument '{text}'; it takes {}",
                op.name,
                known.join(", ")
            )));
        };
        if self.is_given(at) {
            return Err(PyTypeError::new_err(format!("{}() got multiple values for argument '{text}'", op.name)));
        }
        self.give(at, convert::arg(&value)?);
        Ok(())
    }

    /// Defaults for what was not given.
    fn fill_in(&mut self) -> PyResult<()> {
        let op = self.args.op;
        for (at, param) in op.params.iter().enumerate() {
            if self.is_given(at) {
                continue;
            }
            // No tensors are a list of none; sizes and axes have to be said, if by `()`.
            let none =
                || (param.variadic && param.kind == <Vec<Tensor> as FromArg>::KIND).then(|| Arg::Ints(Ints::new()));
            let Some(value) = none().or_else(|| param.default.arg()) else {
                return Err(PyTypeError::new_err(format!("{}() missing required argument: '{}'", op.name, param.name)));
            };
            self.args.values[at] = value;
        }
        Ok(())
    }
}

/// Whether an operation makes tensors from nothing: such take `layout=` and `pin_memory=` besides what they declare.
pub fn creates(op: &OpDef) -> bool {
    let has = |name: &str| op.params.iter().any(|param| param.name == name);
    has("device") && (has("requires_grad") || has("layout"))
}

/// Checks an argument that changes nothing: tensors are strided, and all memory is the host's.
fn accepted(op: &OpDef, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    if name == "layout" {
        let layout = convert::arg(value)?;
        return error::check(value.py(), rutile::ops::create::check_layout(op.name, &layout));
    }
    if value.is_none() || value.is_instance_of::<pyo3::types::PyBool>() {
        return Ok(());
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!("{}(): argument 'pin_memory' must be bool, not {kind}", op.name)))
}

/// NumPy's spellings.
fn alias(name: &str) -> &'static [&'static str] {
    match name {
        "axis" => &["dim", "dims"],
        "keepdims" => &["keepdim"],
        "size" => &["size", "shape"],
        "x" | "self" => &["input"],
        "y" => &["other"],
        // `torch.det` says `input`, `torch.linalg.det` says `A`.
        "input" => &["A"],
        "A" => &["input"],
        _ => &[],
    }
}

/// Sizes and axes come as separate integers or as one sequence.
fn variadic<'py>(
    op: &OpDef,
    param: &Param,
    args: &mut impl Iterator<Item = Bound<'py, PyAny>>,
    count: usize,
) -> PyResult<Arg> {
    let first = args.next().expect("there is at least one");
    if count == 1 {
        return match convert::arg(&first)? {
            Arg::Int(value) => Ok(Arg::Ints(Ints::from_elem(value, 1))),
            Arg::Tensor(tensor) if param.kind == <Vec<Tensor> as FromArg>::KIND => {
                Ok(Arg::List(vec![Arg::Tensor(tensor)]))
            }
            other => Ok(other),
        };
    }
    if param.kind == <Vec<Tensor> as FromArg>::KIND {
        return std::iter::once(first)
            .chain(args)
            .map(|object| convert::arg(&object))
            .collect::<PyResult<_>>()
            .map(Arg::List);
    }
    std::iter::once(first)
        .chain(args)
        .map(|object| match convert::arg(&object)? {
            Arg::Int(value) => Ok(value),
            Arg::Tensor(tensor) if tensor.len() == 1 && !tensor.dtype().has_gradients() => {
                Ok(tensor.array().item().to_i64())
            }
            _ => Err(PyTypeError::new_err(format!(
                "{}(): argument '{}' must be ints or one sequence of ints, not {}",
                op.name,
                param.name,
                object.get_type().name()?
            ))),
        })
        .collect::<PyResult<Ints>>()
        .map(Arg::Ints)
}

// ---- making the functions ----

/// A method definition that lives as long as the process.
fn definition(name: &str, doc: &str, entry: Entry) -> *mut ffi::PyMethodDef {
    let text = |text: &str| CString::new(text).expect("no NUL in names and docs").into_raw() as *const c_char;
    Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: text(name),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: entry },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: text(doc),
    }))
}

/// The docstring of `name`, or of its in-place `twin`, at a place. It begins with the signature, as `inspect.signature`
/// wants it.
fn doc(op: &OpDef, place: &str, name: &str, twin: Option<&str>) -> String {
    let signature = stubs::signature(op, place == "Tensor", twin.is_some(), false);
    let footer = stubs::footer(op, place, name, twin.is_some());
    let space = if footer.is_empty() { "" } else { "\n\n" };
    format!("{}({signature})\n--\n\n{}{space}{footer}", twin.unwrap_or(name), op.doc)
}

/// The functions of an operation at a place that is a module, each with its name: itself, its aliases, its in-place
/// twins.
pub fn functions<'py>(
    py: Python<'py>,
    slot: usize,
    place: &str,
    module: &str,
) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
    let op = ops()[slot];
    let module = PyString::new(py, module);
    let make = |name: &str, twin: Option<&str>, entry: Entry| -> PyResult<Bound<'py, PyAny>> {
        let definition = definition(twin.unwrap_or(name), &doc(op, place, name, twin), entry);
        // SAFETY: the definition lives for ever; the entry has the type that its flags promise.
        unsafe {
            let pointer = ffi::PyCFunction_NewEx(definition, std::ptr::null_mut(), module.as_ptr());
            Bound::from_owned_ptr_or_err(py, pointer)
        }
    };
    let mut made = Vec::new();
    for name in op.names_at(place) {
        made.push((name.to_string(), make(name, None, FUNCTIONS[slot / 16][slot % 16])?));
        if let Some(twin) = op.twin_at(place, name) {
            let function = make(name, Some(&twin), INPLACE_FUNCTIONS[slot / 16][slot % 16])?;
            made.push((twin, function));
        }
    }
    Ok(made)
}

/// Adds the methods of all operations to the class `Tensor`.
pub fn add_methods(py: Python<'_>, class: &Bound<'_, PyType>) -> PyResult<()> {
    for (slot, op) in ops().iter().enumerate() {
        let add = |name: &str, twin: Option<&str>, entry: Entry| -> PyResult<()> {
            let definition = definition(twin.unwrap_or(name), &doc(op, "Tensor", name, twin), entry);
            // SAFETY: as in `functions`; the descriptor checks that its first argument is a Tensor.
            let descriptor =
                unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyDescr_NewMethod(class.as_ptr().cast(), definition))? };
            class.setattr(twin.unwrap_or(name), descriptor)
        };
        for name in op.names_at("Tensor") {
            add(name, None, METHODS[slot / 16][slot % 16])?;
            if let Some(twin) = op.twin_at("Tensor", name) {
                add(name, Some(&twin), INPLACE[slot / 16][slot % 16])?;
            }
        }
    }
    Ok(())
}
