//! Python objects to arguments of the engine, and values back.

use crate::dtype::{self, PyDType, PyDevice};
use crate::error;
use crate::format::PyMemoryFormat;
use crate::random::PyGenerator;
use crate::tensor::PyTensor;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyComplex, PyComplexMethods, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use rutile::ops::registry::{Arg, Ints, Value};
use rutile::{Scalar, Tensor};

/// Takes an argument out of Python.
pub fn arg(object: &Bound<'_, PyAny>) -> PyResult<Arg> {
    if let Ok(tensor) = object.cast::<PyTensor>() {
        return Ok(Arg::Tensor(tensor.get().tensor.clone()));
    }
    if object.is_none() {
        return Ok(Arg::None);
    }
    if let Some(value) = number(object)? {
        return Ok(match value {
            Scalar::Bool(value) => Arg::Bool(value),
            Scalar::Int(value) => Arg::Int(value),
            Scalar::Float(value) => Arg::Float(value),
            Scalar::Complex(re, im) => Arg::Complex(re, im),
        });
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Arg::Str(text.to_string()));
    }
    if let Ok(tuple) = object.cast::<PyTuple>() {
        return sequence(tuple.len(), tuple.iter());
    }
    if let Ok(list) = object.cast::<PyList>() {
        return sequence(list.len(), list.iter());
    }
    if let Ok(dtype) = object.cast::<PyDType>() {
        return Ok(Arg::DType(dtype.get().0));
    }
    if let Ok(generator) = object.cast::<PyGenerator>() {
        return Ok(Arg::Generator(generator.get().0.clone()));
    }
    if let Ok(format) = object.cast::<PyMemoryFormat>() {
        return Ok(Arg::MemoryFormat(format.get().0));
    }
    if object.cast::<PyDevice>().is_ok() {
        return Ok(Arg::Str("cpu".into()));
    }
    // NumPy's scalars, and whatever else calls itself a number.
    if !object.hasattr("__len__")? {
        if object.hasattr("__index__")? {
            return Ok(Arg::Int(object.call_method0("__index__")?.extract()?));
        }
        if let Some(Scalar::Complex(re, im)) = complex_scalar(object)? {
            return Ok(Arg::Complex(re, im));
        }
        if object.hasattr("__float__")? {
            return Ok(Arg::Float(object.call_method0("__float__")?.extract()?));
        }
    }
    if object.get_type().is(builtin(object.py(), "float")?) {
        return Ok(Arg::Other("float".into()));
    }
    Ok(Arg::Other(object.get_type().name()?.to_string()))
}

fn builtin<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("builtins")?.getattr(name)
}

fn sequence<'py>(len: usize, items: impl Iterator<Item = Bound<'py, PyAny>>) -> PyResult<Arg> {
    let mut ints = Ints::with_capacity(len);
    let mut rest: Vec<Arg> = Vec::new();
    for item in items {
        match arg(&item)? {
            Arg::Int(value) if rest.is_empty() => ints.push(value),
            other => rest.push(other),
        }
    }
    if rest.is_empty() {
        return Ok(Arg::Ints(ints));
    }
    Ok(Arg::List(ints.into_iter().map(Arg::Int).chain(rest).collect()))
}

/// NumPy's complex numbers that are not Python's.
pub fn complex_scalar(object: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    let kind = object.getattr("dtype").and_then(|dtype| dtype.getattr("kind"));
    if kind.is_ok_and(|kind| kind.eq("c").unwrap_or(false)) && object.hasattr("__complex__")? {
        return number(&object.call_method0("__complex__")?);
    }
    Ok(None)
}

/// A Python bool, int, float or complex.
pub fn number(object: &Bound<'_, PyAny>) -> PyResult<Option<Scalar>> {
    if let Ok(value) = object.cast::<PyFloat>() {
        return Ok(Some(Scalar::Float(value.value())));
    }
    if let Ok(value) = object.cast::<PyBool>() {
        return Ok(Some(Scalar::Bool(value.is_true())));
    }
    if object.cast::<PyInt>().is_ok() {
        return object
            .extract()
            .map(|value| Some(Scalar::Int(value)))
            .map_err(|_| error::overflow(object.py(), object));
    }
    if let Ok(value) = object.cast::<PyComplex>() {
        return Ok(Some(Scalar::Complex(value.real(), value.imag())));
    }
    Ok(None)
}

/// A new Python object for a tensor.
pub fn wrap(py: Python<'_>, tensor: Tensor) -> PyResult<Bound<'_, PyAny>> {
    Ok(Bound::new(py, PyTensor { tensor })?.into_any())
}

/// The named tuple of an operation: where its class is kept, its name, its fields.
pub type Fields<'a> = (&'static PyOnceLock<Py<PyType>>, &'a str, &'a [&'a str]);

/// A value as Python sees it; tuples get `fields` as names.
pub fn value<'py>(py: Python<'py>, value: Value, fields: Option<Fields<'_>>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::None => py.None().into_bound(py),
        Value::Tensor(tensor) => wrap(py, tensor)?,
        Value::Tensors(tensors) => {
            let parts = tensors.into_iter().map(|tensor| wrap(py, tensor)).collect::<PyResult<Vec<_>>>()?;
            let tuple = PyTuple::new(py, parts)?;
            match fields {
                Some((cell, name, fields)) if fields.len() == tuple.len() => {
                    named(py, cell, name, fields)?.call1(tuple)?
                }
                _ => tuple.into_any(),
            }
        }
        Value::List(tensors) => {
            let parts = tensors.into_iter().map(|tensor| wrap(py, tensor)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, parts)?.into_any()
        }
        Value::Bool(value) => PyBool::new(py, value).to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Float(value) => value.into_pyobject(py)?.into_any(),
        Value::DType(dtype) => dtype::object(py, dtype)?.into_any(),
        Value::Shape(shape) => size(py, &shape)?,
    })
}

/// The class of an operation's named results.
pub fn named<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    fields: &[&str],
) -> PyResult<Bound<'py, PyAny>> {
    let class = cell.get_or_try_init(py, || {
        let make = py.import("collections")?.getattr("namedtuple")?;
        Ok::<_, PyErr>(make.call1((name, fields.to_vec()))?.cast_into::<PyType>()?.unbind())
    })?;
    Ok(class.bind(py).clone().into_any())
}

static SIZE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A `rutile.Size`.
pub fn size<'py>(py: Python<'py>, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    let class = SIZE.get_or_try_init(py, || Ok::<_, PyErr>(py.import("rutile._size")?.getattr("Size")?.unbind()))?;
    let class = class.bind(py);
    // What calling the class does, without a tuple of extents and another of arguments.
    // SAFETY: `class` is the tuple's heap type that `rutile._size` defines, without slots of its own. Its allocator gives
    // `n` empty items, which the loop fills; `PyTuple_SetItem` takes the item over and checks the place.
    unsafe {
        let tuple = ffi::PyType_GenericAlloc(class.as_ptr().cast(), shape.len() as isize);
        let tuple = Bound::from_owned_ptr_or_err(py, tuple)?;
        for (i, n) in (0..).zip(shape) {
            let item = n.into_pyobject(py)?.into_ptr();
            if ffi::PyTuple_SetItem(tuple.as_ptr(), i, item) != 0 {
                return Err(PyErr::fetch(py));
            }
        }
        Ok(tuple)
    }
}
