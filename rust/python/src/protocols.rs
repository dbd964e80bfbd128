//! What other libraries ask of an array (NumPy's protocols, the array API standard, storages) and PyTorch's questions
//! that have one answer on a CPU.

use crate::convert;
use crate::format::{self, PyLayout};
use crate::interop;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rutile::array::{Array, DType};

/// Calls a function of `rutile._methods` with the tensor first.
fn python<'py>(
    slf: &Bound<'py, PyTensor>,
    name: &str,
    arguments: impl IntoIterator<Item = Bound<'py, PyAny>>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let all = std::iter::once(slf.clone().into_any()).chain(arguments);
    let arguments = PyTuple::new(slf.py(), all.collect::<Vec<_>>())?;
    slf.py().import("rutile._methods")?.getattr(name)?.call(arguments, keywords)
}

#[pymethods]
impl PyTensor {
    // ---- NumPy ----

    /// NumPy leaves `array + tensor` to the tensor, so that it is recorded.
    #[classattr]
    fn __array_priority__() -> i32 {
        1000
    }
    /// A NumPy array on the same memory; a converted copy with another `dtype`.
    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(
        &self,
        py: Python<'py>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if self.tensor.requires_grad() {
            return Err(PyRuntimeError::new_err(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            ));
        }
        let shared = interop::numpy_array(py, &self.tensor)?;
        let Some(dtype) = dtype.filter(|dtype| !dtype.is_none()) else {
            return if copy == Some(true) { shared.call_method0("copy") } else { Ok(shared) };
        };
        let keywords = PyDict::new(py);
        keywords.set_item("copy", copy == Some(true))?;
        let converted = shared.call_method("astype", (dtype,), Some(&keywords))?;
        if copy == Some(false) && !converted.is(&shared) {
            return Err(PyValueError::new_err("__array__: another dtype needs a copy; leave out copy=False"));
        }
        Ok(converted)
    }
    /// The result of a NumPy function on tensors as a tensor, if there is such a dtype.
    #[pyo3(signature = (array, context=None, return_scalar=false))]
    fn __array_wrap__<'py>(
        &self,
        array: &Bound<'py, PyAny>,
        context: Option<&Bound<'py, PyAny>>,
        return_scalar: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = (context, return_scalar); // a tensor without axes stays one
        match interop::share(array) {
            Ok(shared) => convert::wrap(array.py(), shared),
            Err(_) => Ok(array.clone()),
        }
    }

    // ---- the array API ----

    /// The functions of the array API standard for tensors: `rutile.array_api`.
    #[pyo3(signature = (*, api_version=None))]
    fn __array_namespace__<'py>(&self, py: Python<'py>, api_version: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let module = py.import("rutile.array_api")?;
        if let Some(version) = api_version {
            module.call_method1("_check_version", (version,))?;
        }
        Ok(module.into_any())
    }
    /// The tensor itself: it is on the CPU, and there is no other device.
    #[pyo3(signature = (device, /, *, stream=None))]
    fn to_device<'py>(
        slf: Bound<'py, Self>,
        device: &Bound<'py, PyAny>,
        stream: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, Self>> {
        crate::dtype::require_cpu(Some(device))?;
        if stream.is_some_and(|stream| !stream.is_none()) {
            return Err(PyValueError::new_err("to_device: a tensor on the CPU has no streams; leave out stream="));
        }
        Ok(slf)
    }

    // ---- memory ----

    /// The bytes that the tensor and its views share.
    fn untyped_storage<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "untyped_storage", [], None)
    }
    /// The elements that the tensor and its views share.
    fn storage<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "storage", [], None)
    }
    /// The whole storage as a uint8 tensor of one axis.
    fn _storage_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let array = self.tensor.array();
        let bytes = array.storage().bytes();
        let shape: Vec<usize> = vec![bytes];
        let window = Array::from_storage(array.storage().clone(), DType::U8, &shape, &[1], 0);
        convert::wrap(py, window.into())
    }
    /// Whether both are the same window (shape, strides, offset) on the same storage.
    fn is_set_to(&self, tensor: &Bound<'_, PyTensor>) -> bool {
        self.tensor.array().same_window(&tensor.get().tensor.array())
    }
    #[getter]
    fn layout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyLayout>> {
        format::strided(py)
    }
    /// The axes from the outermost to the innermost, as they lie in memory.
    fn dim_order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let array = self.tensor.array();
        let mut axes: Vec<usize> = (0..array.ndim()).collect();
        axes.sort_by_key(|&axis| std::cmp::Reverse(array.strides()[axis]));
        PyTuple::new(py, axes)
    }
    /// False: memory is the host's, but not locked.
    #[pyo3(signature = (device=None))]
    fn is_pinned(&self, device: Option<&Bound<'_, PyAny>>) -> bool {
        let _ = device;
        false
    }
    /// False: memory belongs to one process.
    fn is_shared(&self) -> bool {
        false
    }
    /// An error that says that memory belongs to one process.
    fn share_memory_(&self) -> PyResult<()> {
        Err(PyRuntimeError::new_err(
            "share_memory_() is not there: memory belongs to one process. Threads share tensors as they are; between \
             processes use a NumPy array on multiprocessing.shared_memory and from_numpy().",
        ))
    }
    /// -1: the device number of the CPU.
    #[pyo3(name = "get_device")]
    fn device_number(&self) -> i64 {
        -1
    }

    // ---- questions ----

    /// Number of axes.
    fn ndimension(&self) -> usize {
        self.tensor.ndim()
    }
    /// Whether the dtype holds negative numbers.
    fn is_signed(&self) -> bool {
        !matches!(self.tensor.dtype(), DType::Bool | DType::U8)
    }
    /// Which output of its operation the tensor is.
    #[getter]
    fn output_nr(&self) -> usize {
        self.tensor.node().map_or(0, |(_, output)| output)
    }

    // ---- rare methods ----

    /// A new tensor of the same dtype: `new(2, 3)` of a size, uninitialised, or `new([1, 2])` of data.
    #[pyo3(name = "new", signature = (*args, device=None))]
    fn new_of_dtype<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        device: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        crate::dtype::require_cpu(device)?;
        python(slf, "new", args.iter(), None)
    }
    /// Replaces each element by `callable(element)`, one Python call each; returns the tensor.
    fn apply_<'py>(slf: &Bound<'py, Self>, callable: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "apply_", [callable], None)
    }
    /// Replaces each element by `callable(element, other's)`, one Python call each; returns the tensor.
    fn map_<'py>(
        slf: &Bound<'py, Self>,
        tensor: Bound<'py, PyAny>,
        callable: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "map_", [tensor, callable], None)
    }
    /// As `map_`, with the elements of two other tensors.
    fn map2_<'py>(
        slf: &Bound<'py, Self>,
        x: Bound<'py, PyAny>,
        y: Bound<'py, PyAny>,
        callable: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "map_", [x, y, callable], None)
    }
    /// The tensor with `values` written (or added) where the index tensors point, as a new tensor.
    #[pyo3(signature = (indices, values, accumulate=false))]
    fn index_put<'py>(
        slf: &Bound<'py, Self>,
        indices: Bound<'py, PyAny>,
        values: Bound<'py, PyTensor>,
        accumulate: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.call_method0("clone")?.call_method1("index_put_", (indices, values, accumulate))
    }
    /// An object of the class `cls` on the same elements, with the same place on the tape.
    fn as_subclass<'py>(slf: &Bound<'py, Self>, cls: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let made = slf.py().get_type::<PyTensor>().call_method1("__new__", (cls, slf))?;
        let tensor = &slf.get().tensor;
        if tensor.requires_grad() {
            made.cast::<PyTensor>()?.get().tensor.rewrite_history(tensor.edge());
        }
        Ok(made)
    }
    /// `x.type()` of its storage: `torch.FloatStorage` and so on.
    fn storage_type<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "storage_type", [], None)
    }
}

/// Whether the dtype of `input` holds negative numbers.
#[pyfunction]
pub fn is_signed(input: &Bound<'_, PyTensor>) -> bool {
    input.get().is_signed()
}

/// -1: the device number of the CPU.
#[pyfunction]
pub fn get_device(input: &Bound<'_, PyTensor>) -> i64 {
    input.get().device_number()
}

/// `input` with `values` written (or added) where the index tensors point, as a new tensor.
#[pyfunction]
#[pyo3(signature = (input, indices, values, accumulate=false))]
pub fn index_put<'py>(
    input: &Bound<'py, PyTensor>,
    indices: Bound<'py, PyAny>,
    values: Bound<'py, PyTensor>,
    accumulate: bool,
) -> PyResult<Bound<'py, PyAny>> {
    PyTensor::index_put(input, indices, values, accumulate)
}

/// Writes (or adds) `values` to `input` where the index tensors point; returns it.
#[pyfunction]
#[pyo3(signature = (input, indices, values, accumulate=false))]
pub fn index_put_<'py>(
    input: &Bound<'py, PyTensor>,
    indices: Bound<'py, PyAny>,
    values: Bound<'py, PyTensor>,
    accumulate: bool,
) -> PyResult<Bound<'py, PyAny>> {
    input.call_method1("index_put_", (indices, values, accumulate))
}
