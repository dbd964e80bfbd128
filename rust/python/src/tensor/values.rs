//! Its numbers, and what stands in square brackets.

use super::PyTensor;
use crate::{convert, error, index, interop, operators};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyDict, PyInt, PyTuple};
use rutile::Tensor;
use rutile::array::Scalar;
use rutile::error::guard;
use rutile::ops;
use rutile::profile::{self, Kind};

/// The number in a tensor of one element.
fn item(tensor: &Tensor) -> PyResult<Scalar> {
    let array = tensor.array();
    if array.len() != 1 {
        return Err(PyRuntimeError::new_err(format!(
            "a Tensor with {} elements cannot be converted to Scalar",
            array.len()
        )));
    }
    Ok(array.item())
}

/// As [`item`], of complex numbers only those whose imaginary part is zero.
fn real_item(tensor: &Tensor) -> PyResult<Scalar> {
    match item(tensor)? {
        Scalar::Complex(re, im) if im != 0.0 => Err(PyRuntimeError::new_err(format!(
            "{re}{im:+}j cannot be converted to a real number: take .real, .imag or abs()"
        ))),
        Scalar::Complex(re, _) => Ok(Scalar::Float(re)),
        value => Ok(value),
    }
}

#[pymethods]
impl PyTensor {
    /// The number in a tensor of one element, as a Python number.
    /// Raises: RuntimeError for more elements, or none.
    ///
    /// >>> rt.tensor([2.5]).item()
    /// 2.5
    fn item<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        interop::scalar(py, item(&self.tensor)?)
    }
    /// Nested lists of Python numbers; of a 0-d tensor the number.
    ///
    /// >>> rt.tensor([[1, 2], [3, 4]]).tolist()
    /// [[1, 2], [3, 4]]
    fn tolist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        interop::to_list(py, &self.tensor.array())
    }
    /// A NumPy array on the same memory. `force=True` also takes tensors that require grad.
    /// Raises: RuntimeError for tensors that require grad without `force`.
    ///
    /// >>> x = rt.zeros(3)
    /// >>> x.numpy()[1] = 5
    /// >>> x
    /// tensor([0., 5., 0.])
    #[pyo3(signature = (*, force=false))]
    fn numpy<'py>(&self, py: Python<'py>, force: bool) -> PyResult<Bound<'py, PyAny>> {
        if self.tensor.requires_grad() && !force {
            return Err(PyRuntimeError::new_err(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            ));
        }
        interop::numpy_array(py, &self.tensor)
    }
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if self.tensor.requires_grad() {
            return Err(PyRuntimeError::new_err(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            ));
        }
        interop::array_interface(py, &self.tensor)
    }
    fn __len__(&self) -> PyResult<usize> {
        self.tensor.shape().first().copied().ok_or_else(|| PyTypeError::new_err("len() of a 0-d tensor"))
    }
    fn __bool__(&self) -> PyResult<bool> {
        if self.tensor.len() != 1 {
            return Err(PyRuntimeError::new_err(format!(
                "Boolean value of Tensor with {} elements is ambiguous; use .any() or .all()",
                self.tensor.len()
            )));
        }
        let value = item(&self.tensor)?;
        Ok(value.to_f64() != 0.0 || value.imag() != 0.0)
    }
    fn __float__(&self) -> PyResult<f64> {
        Ok(real_item(&self.tensor)?.to_f64())
    }
    fn __complex__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyComplex>> {
        let value = item(&self.tensor)?;
        Ok(PyComplex::from_doubles(py, value.to_f64(), value.imag()))
    }
    fn __int__(&self) -> PyResult<i64> {
        match real_item(&self.tensor)? {
            Scalar::Float(value) if value.is_nan() => Err(PyValueError::new_err("cannot convert float NaN to integer")),
            Scalar::Float(value) if value.is_infinite() => {
                Err(pyo3::exceptions::PyOverflowError::new_err("cannot convert float infinity to integer"))
            }
            value => Ok(value.to_i64()),
        }
    }
    fn __index__(&self) -> PyResult<i64> {
        // A TypeError also for several elements: `bytes(tensor)` asks here first.
        match item(&self.tensor).unwrap_or(Scalar::Float(0.0)) {
            Scalar::Float(_) | Scalar::Complex(..) => {
                Err(PyTypeError::new_err("only integer tensors of a single element can be converted to an index"))
            }
            value => Ok(value.to_i64()),
        }
    }
    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        slf.py().import("rutile._printing")?.call_method1("tensor_text", (slf,))?.extract()
    }
    fn __format__(slf: &Bound<'_, Self>, spec: &str) -> PyResult<String> {
        let tensor = &slf.get().tensor;
        if spec.is_empty() || tensor.ndim() > 0 {
            if !spec.is_empty() {
                return Err(PyTypeError::new_err(
                    "unsupported format string passed to Tensor.__format__: only 0-d tensors",
                ));
            }
            if tensor.ndim() == 0 {
                return Ok(interop::scalar(slf.py(), item(tensor)?)?.str()?.to_string());
            }
            return PyTensor::__repr__(slf);
        }
        interop::scalar(slf.py(), item(tensor)?)?.call_method1("__format__", (spec,))?.extract()
    }
    fn __hash__(slf: &Bound<'_, Self>) -> usize {
        slf.as_ptr() as usize >> 4
    }
    fn __contains__(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Some(other) = operators::operand(value)? else {
            return Err(PyTypeError::new_err("Tensor.__contains__ takes tensors and numbers"));
        };
        let hit = error::check(
            py,
            ops::compare::eq(&self.tensor, &other).and_then(|hit| ops::reduce::any(&hit, None, false)),
        )?;
        Ok(hit.array().item().to_i64() != 0)
    }
    /// `reversed(x)`: the rows in reverse order, as a tensor.
    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let axes: &[i64] = if self.tensor.ndim() == 0 { &[] } else { &[0] };
        self.wrapped(py, ops::join::flip(&self.tensor, axes.into()))
    }
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.tensor.ndim() == 0 {
            return Err(PyTypeError::new_err("iteration over a 0-d tensor"));
        }
        let rows = error::check(py, ops::view::unbind(&self.tensor, 0))?;
        let rows = rows.into_iter().map(|row| convert::wrap(py, row)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, rows)?.try_iter()?.into_any())
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let _span = profile::span(Kind::Operation, "getitem", || vec![self.tensor.shape().to_vec()]);
        if let Ok(index) = at.cast_exact::<PyInt>()
            && self.tensor.ndim() > 0
        {
            return self.wrapped(py, ops::view::select(&self.tensor, 0, index.extract()?)); // what loops do
        }
        let entries = index::entries(at)?;
        let heavy = entries.iter().any(|entry| matches!(entry, ops::brackets::Entry::Tensor(_)));
        let work = || guard("getitem", || ops::brackets::get(&self.tensor, &entries));
        let result = if heavy { py.detach(work) } else { work() };
        self.wrapped(py, result)
    }
    fn __setitem__(&self, py: Python<'_>, at: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let entries = index::entries(at)?;
        let value = match operators::operand(value)? {
            Some(value) => value,
            None => interop::from_data(value, None)?,
        };
        let shapes = || vec![self.tensor.shape().to_vec(), value.shape().to_vec()];
        let _span = profile::span(Kind::Operation, "setitem", shapes);
        error::check(py, py.detach(|| guard("setitem", || ops::brackets::set(&self.tensor, &entries, &value))))
    }
    /// Writes (or adds) `values` where the index tensors point.
    /// Raises: IndexError if an index is out of range.
    ///
    /// >>> rt.zeros(3).index_put_((rt.tensor([0, 0, 2]),), rt.tensor([1.0, 2.0, 4.0]), accumulate=True)
    /// tensor([3., 0., 4.])
    #[pyo3(signature = (indices, values, accumulate=false))]
    fn index_put_<'py>(
        slf: Bound<'py, Self>,
        indices: &Bound<'py, PyAny>,
        values: &Bound<'py, PyTensor>,
        accumulate: bool,
    ) -> PyResult<Bound<'py, Self>> {
        let indices = PyTuple::new(slf.py(), indices.try_iter()?.collect::<PyResult<Vec<_>>>()?)?;
        let entries = index::entries(&indices)?;
        let (tensor, values) = (slf.get().tensor.clone(), values.get().tensor.clone());
        error::check(slf.py(), slf.py().detach(|| ops::brackets::index_put(&tensor, &entries, &values, accumulate)))?;
        Ok(slf)
    }
}
