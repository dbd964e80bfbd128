//! Shapes from others, and writes.

use super::PyTensor;
use crate::dtype::PyDType;
use crate::{convert, dtype, error, interop, operators};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rutile::fail;
use rutile::ops::{self, registry::Ints};

/// Integers given one by one or as one sequence.
fn sizes(shape: &Bound<'_, PyTuple>) -> PyResult<Ints> {
    if shape.len() == 1
        && let Ok(one) = shape.get_item(0)?.extract::<Vec<i64>>()
    {
        return Ok(Ints::from_vec(one));
    }
    Ok(Ints::from_vec(
        shape
            .extract::<Vec<i64>>()
            .or_else(|_| shape.iter().map(|n| n.call_method0("__index__")?.extract()).collect())?,
    ))
}

#[pymethods]
impl PyTensor {
    /// `view(*shape)`: the same elements under another shape, never a copy; one size may be -1. `view(dtype)`: the same
    /// bytes; where the new type is larger or smaller, the last axis shrinks or grows.
    /// Raises: RuntimeError if the sizes do not fit, or the strides allow no view; `reshape` copies then.
    ///
    /// >>> rt.arange(6).view(2, -1)
    /// tensor([[0, 1, 2],
    ///         [3, 4, 5]])
    /// >>> rt.tensor([1.0]).view(rt.int32)
    /// tensor([1065353216], dtype=rutile.int32)
    #[pyo3(signature = (*shape, dtype=None))]
    fn view<'py>(
        &self,
        py: Python<'py>,
        shape: &Bound<'py, PyTuple>,
        dtype: Option<&Bound<'py, PyDType>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let first = shape.get_item(0).ok();
        let dtype = dtype.cloned().or_else(|| first.as_ref().and_then(|first| first.cast::<PyDType>().ok().cloned()));
        if let Some(dtype) = dtype {
            let array = error::check(py, ops::strided::as_dtype(&self.tensor.array(), dtype.get().0))?;
            return convert::wrap(py, array.into());
        }
        let sizes = sizes(shape)?;
        self.wrapped(py, ops::view::view_as_shape(&self.tensor, sizes))
    }
    /// As `view(other.shape)`.
    /// Raises: RuntimeError if the sizes do not fit, or the strides allow no view.
    ///
    /// >>> rt.arange(4).view_as(rt.zeros(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    fn view_as<'py>(&self, py: Python<'py>, other: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyAny>> {
        let sizes = other.get().tensor.shape().iter().map(|&n| n as i64).collect();
        self.wrapped(py, ops::view::view_as_shape(&self.tensor, sizes))
    }
    /// As `reshape(other.shape)`.
    /// Raises: RuntimeError if the sizes do not fit.
    ///
    /// >>> rt.arange(4).reshape_as(rt.zeros(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    fn reshape_as<'py>(&self, py: Python<'py>, other: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyAny>> {
        let sizes = other.get().tensor.shape().iter().map(|&n| n as i64).collect();
        self.wrapped(py, ops::view::reshape(&self.tensor, sizes))
    }
    /// As `expand(other.shape)`.
    /// Raises: RuntimeError if the sizes do not fit.
    ///
    /// >>> rt.tensor([1, 2]).expand_as(rt.zeros(3, 2))
    /// tensor([[1, 2],
    ///         [1, 2],
    ///         [1, 2]])
    fn expand_as<'py>(&self, py: Python<'py>, other: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyAny>> {
        self.wrapped(py, ops::view::expand_to(&self.tensor, &other.get().tensor.shape()))
    }
    /// All axes in reverse order, a view; of a matrix the transposed one.
    #[getter(T)]
    fn transposed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let order: Vec<usize> = (0..self.tensor.ndim()).rev().collect();
        self.wrapped(py, ops::view::permute_to(&self.tensor, &order))
    }
    /// The last two axes exchanged, a view.
    #[getter(mT)]
    fn matrix_transposed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.wrapped(py, ops::view::transpose(&self.tensor, -2, -1))
    }
    /// The last two axes exchanged, and the elements conjugated.
    #[getter(mH)]
    fn matrix_adjoint<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.wrapped(py, ops::arrange::adjoint(&self.tensor))
    }
    /// The matrix transposed and conjugated. An error for other than 0 or 2 axes.
    #[getter(H)]
    fn adjoint_of_matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if !matches!(self.tensor.ndim(), 0 | 2) {
            let message =
                format!("tensor.H is only supported on matrices (2-D tensors). Got {}-D tensor.", self.tensor.ndim());
            return Err(pyo3::exceptions::PyRuntimeError::new_err(message));
        }
        let order: Vec<usize> = (0..self.tensor.ndim()).rev().collect();
        let transposed = ops::view::permute_to(&self.tensor, &order);
        self.wrapped(py, transposed.and_then(|transposed| ops::complex::conj(&transposed)))
    }
    /// Writes the elements of `src`, broadcast and converted; returns the tensor.
    /// Raises: RuntimeError if `src` does not broadcast to the tensor.
    ///
    /// >>> rt.zeros(2, 2).copy_(rt.tensor([1, 2]))
    /// tensor([[1., 2.],
    ///         [1., 2.]])
    #[pyo3(signature = (src, non_blocking=false))]
    fn copy_<'py>(slf: Bound<'py, Self>, src: &Bound<'py, PyTensor>, non_blocking: bool) -> PyResult<Bound<'py, Self>> {
        let _ = non_blocking;
        let (target, source) = (slf.get().tensor.clone(), src.get().tensor.clone());
        error::check(slf.py(), slf.py().detach(|| ops::inplace::assign("copy", &target, &source)))?;
        Ok(slf)
    }
    /// Writes one value (a number or a 0-d tensor) everywhere; returns the tensor.
    /// Raises: RuntimeError for a tensor with axes.
    ///
    /// >>> rt.zeros(3).fill_(2.5)
    /// tensor([2.5000, 2.5000, 2.5000])
    fn fill_<'py>(slf: Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let Some(value) = operators::operand(value)? else {
            return Err(PyTypeError::new_err("fill_(): value must be a number or a 0-d Tensor"));
        };
        let target = slf.get().tensor.clone();
        let result = slf.py().detach(|| {
            if value.ndim() != 0 {
                fail!(
                    Shape,
                    "fill_ only supports 0-dimension value tensor but got tensor with {} dimensions",
                    value.ndim()
                );
            }
            ops::inplace::assign("fill", &target, &value)
        });
        error::check(slf.py(), result)?;
        Ok(slf)
    }
    /// Writes 0 everywhere; returns the tensor.
    ///
    /// >>> rt.ones(3).zero_()
    /// tensor([0., 0., 0.])
    fn zero_(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        let zero = 0_i64.into_pyobject(slf.py())?.into_any();
        PyTensor::fill_(slf, &zero)
    }
    /// A tensor with the given data and, unless `dtype` says another, this dtype. Always a copy.
    ///
    /// >>> rt.ones(1, dtype=rt.float64).new_tensor([1, 2])
    /// tensor([1., 2.], dtype=rutile.float64)
    #[pyo3(signature = (data, *, dtype=None, device=None, requires_grad=false))]
    fn new_tensor<'py>(
        &self,
        py: Python<'py>,
        data: &Bound<'py, PyAny>,
        dtype: Option<&Bound<'py, PyDType>>,
        device: Option<&Bound<'py, PyAny>>,
        requires_grad: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        dtype::require_cpu(device)?;
        let dtype = dtype.map_or(self.tensor.dtype(), |dtype| dtype.get().0);
        let tensor = interop::from_data(data, Some(dtype))?;
        error::check(py, tensor.set_requires_grad(requires_grad))?;
        convert::wrap(py, tensor)
    }
}
