//! What stands between square brackets.

use crate::convert;
use crate::interop;
use crate::tensor::PyTensor;
use pyo3::exceptions::PyIndexError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyInt, PyList, PyRange, PySlice, PyString, PyTuple};
use rutile::ops::brackets::Entry;

/// Reads `x[index]`'s index.
pub fn entries(index: &Bound<'_, PyAny>) -> PyResult<Vec<Entry>> {
    match index.cast::<PyTuple>() {
        Ok(tuple) => tuple.iter().map(|item| entry(&item)).collect(),
        Err(_) => Ok(vec![entry(index)?]),
    }
}

fn entry(item: &Bound<'_, PyAny>) -> PyResult<Entry> {
    if let Ok(tensor) = item.cast::<PyTensor>() {
        return Ok(from_tensor(tensor.get()));
    }
    if item.is_none() {
        return Ok(Entry::NewAxis);
    }
    if let Ok(flag) = item.cast::<PyBool>() {
        return Ok(Entry::Flag(flag.is_true()));
    }
    if item.cast::<PyInt>().is_ok() {
        return Ok(Entry::Int(item.extract()?));
    }
    if let Ok(slice) = item.cast::<PySlice>() {
        let py = item.py();
        let [start, stop, step] = [intern!(py, "start"), intern!(py, "stop"), intern!(py, "step")];
        return Ok(Entry::Slice(bound(slice, start)?, bound(slice, stop)?, bound(slice, step)?));
    }
    if item.cast::<PyEllipsis>().is_ok() {
        return Ok(Entry::Ellipsis);
    }
    if item.cast::<PyList>().is_ok() || item.cast::<PyTuple>().is_ok() {
        let list = interop::from_data(item, None)?;
        let list = if list.is_empty() {
            rutile::ops::convert::to_dtype(&list, rutile::DType::I64).unwrap_or(list)
        } else {
            list
        };
        return Ok(Entry::Tensor(list));
    }
    if item.cast::<PyRange>().is_ok() {
        return entry(&item.py().get_type::<PyList>().call1((item,))?);
    }
    if item.hasattr("__array_interface__")? && item.hasattr("__len__")? {
        let array = interop::from_data(item, None)?;
        return Ok(from_tensor(&PyTensor { tensor: array }));
    }
    if item.hasattr("__index__")? {
        return Ok(Entry::Int(item.call_method0("__index__")?.extract()?));
    }
    Err(PyIndexError::new_err(format!(
        "tensors take ints, slices, None, ..., tensors, arrays, lists and ranges as indices, not {}",
        item.get_type().name()?
    )))
}

fn from_tensor(tensor: &PyTensor) -> Entry {
    let tensor = &tensor.tensor;
    // A 0-d integer tensor acts as a number: the result is a view.
    if tensor.ndim() == 0 && tensor.dtype().is_int() && !tensor.is_empty() {
        return Entry::Int(tensor.array().item().to_i64());
    }
    Entry::Tensor(tensor.clone())
}

fn bound(slice: &Bound<'_, PySlice>, name: &Bound<'_, PyString>) -> PyResult<Option<i64>> {
    let value = slice.getattr(name)?;
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(value) = value.cast_exact::<PyInt>()
        && let Ok(value) = value.extract()
    {
        return Ok(Some(value));
    }
    if let Ok(tensor) = value.cast::<PyTensor>() {
        return Ok(Some(tensor.get().tensor.array().item().to_i64()));
    }
    if let Some(rutile::Scalar::Int(value)) = convert::number(&value).or_else(|_| Ok::<_, PyErr>(None))? {
        return Ok(Some(value));
    }
    // Beyond 64 bits: as far as an axis can reach.
    let value = value.call_method0("__index__")?;
    Ok(Some(value.extract().unwrap_or(if value.lt(0)? { i64::MIN / 2 } else { i64::MAX / 2 })))
}
