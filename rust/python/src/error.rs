//! Engine errors become the exceptions that PyTorch and NumPy users catch.

use pyo3::exceptions::{
    PyIndexError, PyMemoryError, PyNotImplementedError, PyOSError, PyOverflowError, PyRuntimeError, PyTypeError,
    PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};
use rutile::Error;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

static SHAPE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static ARGUMENT_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static DTYPE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static RANGE_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static OVERFLOW_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static MEMORY_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static LINALG_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static INTERNAL_ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Exceptions that callbacks raised, on their way through the engine.
static RAISED: Mutex<Option<HashMap<u64, PyErr>>> = Mutex::new(None);

fn class<'py>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<PyType>>,
    name: &str,
    doc: &str,
    bases: &[Bound<'py, PyType>],
) -> PyResult<Bound<'py, PyType>> {
    let class = cell.get_or_try_init(py, || {
        let members = PyDict::new(py);
        members.set_item("__doc__", doc)?;
        members.set_item("__module__", "rutile")?;
        let made = py.get_type::<PyType>().call1((name, PyTuple::new(py, bases)?, members))?;
        Ok::<_, PyErr>(made.cast_into::<PyType>()?.unbind())
    })?;
    Ok(class.bind(py).clone())
}

/// `ShapeError`: a `RuntimeError` for PyTorch's users, a `ValueError` for NumPy's.
pub fn shape_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyRuntimeError>(), py.get_type::<PyValueError>()];
    class(py, &SHAPE_ERROR, "ShapeError", "Shapes that do not fit together.", &bases)
}

/// `ArgumentError`: an impossible value; `RuntimeError` or `ValueError` in PyTorch, depending on the operation.
pub fn argument_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyValueError>(), py.get_type::<PyRuntimeError>()];
    class(py, &ARGUMENT_ERROR, "ArgumentError", "An argument with an impossible value.", &bases)
}

/// `DTypeError`: a dtype that the operation does not take.
pub fn dtype_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyRuntimeError>(), py.get_type::<PyTypeError>()];
    class(py, &DTYPE_ERROR, "DTypeError", "A dtype that the operation does not take.", &bases)
}

/// `RangeError`: an index or axis that is not there; an `IndexError`, where PyTorch at times has a `RuntimeError`.
pub fn range_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyIndexError>(), py.get_type::<PyRuntimeError>()];
    class(py, &RANGE_ERROR, "RangeError", "An index or an axis out of range.", &bases)
}

/// An integer that does not fit 64 bits: an impossible value, and Python's `OverflowError`.
pub fn overflow(py: Python<'_>, value: &Bound<'_, PyAny>) -> PyErr {
    let made = argument_error(py).and_then(|argument| {
        let bases = [argument, py.get_type::<PyOverflowError>()];
        class(py, &OVERFLOW_ERROR, "OverflowError", "An integer that does not fit 64 bits.", &bases)
    });
    made.map_or_else(|error| error, |class| PyErr::from_type(class, format!("{value} does not fit a 64-bit integer")))
}

/// `LinAlgError`: a `RuntimeError` as PyTorch's, a `ValueError` as NumPy's.
pub fn linalg_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyRuntimeError>(), py.get_type::<PyValueError>()];
    class(py, &LINALG_ERROR, "LinAlgError", "A matrix that is singular, not positive-definite or not finite.", &bases)
}

/// `OutOfMemoryError`: a `RuntimeError` as PyTorch's, and Python's `MemoryError`.
pub fn memory_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyRuntimeError>(), py.get_type::<PyMemoryError>()];
    class(py, &MEMORY_ERROR, "OutOfMemoryError", "Memory that cannot be had.", &bases)
}

/// `InternalError`: a bug in Rutile.
pub fn internal_error(py: Python<'_>) -> PyResult<Bound<'_, PyType>> {
    let bases = [py.get_type::<PyRuntimeError>()];
    class(py, &INTERNAL_ERROR, "InternalError", "A bug in Rutile; please report it.", &bases)
}

/// Keeps an exception of a callback while the engine unwinds.
pub fn keep(error: PyErr) -> Error {
    let mut raised = RAISED.lock().unwrap_or_else(PoisonError::into_inner);
    let raised = raised.get_or_insert_default();
    let key = (0..).find(|key| !raised.contains_key(key)).expect("fewer than 2**64 exceptions");
    raised.insert(key, error);
    Error::Callback(key)
}

/// The exception for an error of the engine.
pub fn raise(py: Python<'_>, error: Error) -> PyErr {
    let message = error.to_string();
    let class = match error {
        Error::Shape(_) => shape_error(py),
        Error::DType(_) => dtype_error(py),
        Error::LinAlg(_) => linalg_error(py),
        Error::Value(_) => argument_error(py),
        Error::Memory(_) => memory_error(py),
        Error::Index(_) => range_error(py),
        Error::Type(_) => return PyTypeError::new_err(message),
        Error::Autograd(_) => return PyRuntimeError::new_err(message),
        Error::Unsupported(_) => return PyNotImplementedError::new_err(message),
        Error::Io(_) => return PyOSError::new_err(message),
        Error::Callback(key) => {
            let mut raised = RAISED.lock().unwrap_or_else(PoisonError::into_inner);
            return raised
                .as_mut()
                .and_then(|raised| raised.remove(&key))
                .unwrap_or_else(|| PyRuntimeError::new_err(message));
        }
    };
    class.map_or_else(|error| error, |class| PyErr::from_type(class, message))
}

/// `result`, with its error as an exception.
pub fn check<T>(py: Python<'_>, result: rutile::Result<T>) -> PyResult<T> {
    result.map_err(|error| raise(py, error))
}
