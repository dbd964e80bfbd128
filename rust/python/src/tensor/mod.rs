//! The class `Tensor`: what is not an operation. Operations add themselves (`call.rs`).

mod attributes;
mod conversions;
mod copies;
mod tape;
mod values;
mod writes;

pub use copies::_rebuild;

use crate::{convert, dtype, error, interop};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rutile::array::{Array, DType};
use rutile::{Tensor, ops};

/// An array with a place on the tape.
#[pyclass(frozen, subclass, weakref, dict, name = "Tensor", module = "rutile")]
pub struct PyTensor {
    /// The engine's tensor.
    pub tensor: Tensor,
}

impl PyTensor {
    fn wrapped<'py>(&self, py: Python<'py>, result: rutile::Result<Tensor>) -> PyResult<Bound<'py, PyAny>> {
        convert::wrap(py, error::check(py, result)?)
    }
}

#[pymethods]
impl PyTensor {
    /// `Tensor(data)` copies nothing from a tensor and converts anything else to the default float type;
    /// `Tensor(2, 3)` is uninitialised.
    #[new]
    #[pyo3(signature = (*data, device=None))]
    fn new(data: &Bound<'_, PyTuple>, device: Option<&Bound<'_, PyAny>>) -> PyResult<PyTensor> {
        dtype::require_cpu(device)?;
        if data.is_empty() {
            return Ok(PyTensor { tensor: Array::uninit(DType::default_float(), &[0]).into() });
        }
        if let Ok(sizes) = data.extract::<Vec<usize>>() {
            return Ok(PyTensor { tensor: ops::convert::zeros(DType::default_float(), &sizes).into() });
        }
        let first = data.get_item(0)?;
        if data.len() > 1 {
            return Err(PyTypeError::new_err("Tensor() takes one sequence of data, or sizes as ints"));
        }
        if let Ok(tensor) = first.cast::<PyTensor>() {
            return Ok(PyTensor { tensor: tensor.get().tensor.detach() });
        }
        if first.is_instance(&data.py().import("rutile._size")?.getattr("Size")?)? {
            let sizes: Vec<usize> = first.extract()?;
            return Ok(PyTensor { tensor: ops::convert::zeros(DType::default_float(), &sizes).into() });
        }
        Ok(PyTensor { tensor: interop::from_data(&first, Some(DType::default_float()))? })
    }
}
