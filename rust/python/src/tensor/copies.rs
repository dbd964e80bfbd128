//! Copies, and pickle.

use super::PyTensor;
use crate::dtype::PyDType;
use crate::{convert, dtype, error};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use rutile::Tensor;
use rutile::array::Array;
use rutile::autograd::mode::no_grad;
use rutile::ops;

/// A new object of the class of `like` (a parameter stays a parameter).
fn rebuilt<'py>(like: &Bound<'py, PyTensor>, tensor: Tensor, requires_grad: bool) -> PyResult<Bound<'py, PyAny>> {
    let py = like.py();
    let class = like.get_type();
    make(py, &class, tensor, requires_grad)
}

/// A tensor as an object of `class`.
fn make<'py>(
    py: Python<'py>,
    class: &Bound<'py, PyType>,
    tensor: Tensor,
    requires_grad: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let plain = convert::wrap(py, tensor)?;
    let object = if class.is(py.get_type::<PyTensor>()) {
        plain
    } else {
        py.get_type::<PyTensor>().call_method1("__new__", (class, plain))?
    };
    let tensor = &object.cast::<PyTensor>()?.get().tensor;
    error::check(py, tensor.set_requires_grad(requires_grad))?;
    Ok(object)
}

/// For pickle: a tensor from its bytes.
#[pyfunction]
pub fn _rebuild<'py>(
    py: Python<'py>,
    class: &Bound<'py, PyType>,
    dtype: &Bound<'py, PyDType>,
    shape: Vec<usize>,
    bytes: &[u8],
    requires_grad: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let dtype = dtype.get().0;
    if shape.iter().product::<usize>() * dtype.size() != bytes.len() {
        return Err(PyValueError::new_err("a pickled tensor whose bytes do not fit its shape"));
    }
    make(py, class, Array::from_bytes(dtype, &shape, bytes).into(), requires_grad)
}

#[pymethods]
impl PyTensor {
    fn __deepcopy__<'py>(slf: &Bound<'py, Self>, memo: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
        let tensor = &slf.get().tensor;
        let key = slf.as_ptr() as usize;
        if let Some(copy) = memo.get_item(key)? {
            return Ok(copy);
        }
        if !tensor.is_leaf() {
            return Err(PyRuntimeError::new_err(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
            ));
        }
        let copy: Tensor = no_grad(|| ops::convert::contiguous_copy(&tensor.array())).into();
        let copy = rebuilt(slf, copy, tensor.requires_grad())?;
        if let Some(grad) = tensor.grad() {
            let grad = ops::convert::contiguous_copy(&grad.array());
            copy.cast::<PyTensor>()?.get().tensor.set_grad(Some(grad.into()));
        }
        memo.set_item(key, &copy)?;
        Ok(copy)
    }
    fn __reduce_ex__<'py>(slf: &Bound<'py, Self>, _protocol: i32) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, tensor) = (slf.py(), &slf.get().tensor);
        let array = ops::convert::contiguous_array(&tensor.array());
        let bytes = pyo3::types::PyBytes::new(py, array.bytes());
        let rebuild = py.import("rutile._rutile")?.getattr("_rebuild")?;
        let shape = PyTuple::new(py, array.shape())?;
        let class = slf.get_type();
        let arguments =
            (class, dtype::object(py, array.dtype())?, shape, bytes, tensor.is_leaf() && tensor.requires_grad());
        Ok((rebuild, arguments.into_pyobject(py)?.into_any()))
    }
}
