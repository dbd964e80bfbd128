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
    ///
    /// >>> x = rt.ones(2)
    /// >>> x.to_device("cpu") is x
    /// True
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
    ///
    /// >>> x = rt.arange(6)
    /// >>> x[2:].untyped_storage().nbytes()
    /// 48
    fn untyped_storage<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "untyped_storage", [], None)
    }
    /// The elements that the tensor and its views share.
    ///
    /// >>> x = rt.arange(4)
    /// >>> list(x[2:].storage())
    /// [0, 1, 2, 3]
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
    ///
    /// >>> x = rt.zeros(2, 3)
    /// >>> x.is_set_to(x.view(2, 3)), x.is_set_to(x[:1])
    /// (True, False)
    fn is_set_to(&self, tensor: &Bound<'_, PyTensor>) -> bool {
        self.tensor.array().same_window(&tensor.get().tensor.array())
    }
    /// How the elements are stored: always `strided`.
    #[getter]
    fn layout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyLayout>> {
        format::strided(py)
    }
    /// The axes from the outermost to the innermost, as they lie in memory.
    ///
    /// >>> x = rt.zeros(2, 3, 4, 5)
    /// >>> x.dim_order(), x.to(memory_format=rt.channels_last).dim_order()
    /// ((0, 1, 2, 3), (0, 2, 3, 1))
    fn dim_order<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let array = self.tensor.array();
        let mut axes: Vec<usize> = (0..array.ndim()).collect();
        axes.sort_by_key(|&axis| std::cmp::Reverse(array.strides()[axis]));
        PyTuple::new(py, axes)
    }
    /// False: memory is the host's, but not locked.
    ///
    /// >>> rt.ones(2).is_pinned()
    /// False
    #[pyo3(signature = (device=None))]
    fn is_pinned(&self, device: Option<&Bound<'_, PyAny>>) -> bool {
        let _ = device;
        false
    }
    /// False: memory belongs to one process.
    ///
    /// >>> rt.ones(2).is_shared()
    /// False
    fn is_shared(&self) -> bool {
        false
    }
    /// Raises: RuntimeError, as memory belongs to one process. Threads share tensors as they are.
    fn share_memory_(&self) -> PyResult<()> {
        Err(PyRuntimeError::new_err(
            "share_memory_() is not there: memory belongs to one process. Threads share tensors as they are; between \
             processes use a NumPy array on multiprocessing.shared_memory and from_numpy().",
        ))
    }
    /// -1: the device number of the CPU.
    ///
    /// >>> rt.ones(2).get_device()
    /// -1
    #[pyo3(name = "get_device")]
    fn device_number(&self) -> i64 {
        -1
    }

    // ---- questions ----

    /// Number of axes.
    ///
    /// >>> rt.zeros(2, 3).ndimension()
    /// 2
    fn ndimension(&self) -> usize {
        self.tensor.ndim()
    }
    /// Whether the dtype holds negative numbers.
    ///
    /// >>> rt.tensor([1, 2], dtype=rt.int8).is_signed(), rt.tensor([1, 2], dtype=rt.uint8).is_signed()
    /// (True, False)
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
    ///
    /// >>> rt.ones(1, dtype=rt.int32).new([1, 2])
    /// tensor([1, 2], dtype=rutile.int32)
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
    /// Raises: TypeError if it is not callable; RuntimeError for tensors that require grad.
    ///
    /// >>> rt.tensor([1.0, 2.0]).apply_(lambda x: 10 * x + 1)
    /// tensor([11., 21.])
    fn apply_<'py>(slf: &Bound<'py, Self>, callable: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "apply_", [callable], None)
    }
    /// Replaces each element by `callable(element, other's)`, one Python call each; returns the tensor.
    /// Raises: TypeError if the dtypes differ or it is not callable; RuntimeError for tensors that require grad.
    ///
    /// >>> rt.tensor([1.0, 2.0]).map_(rt.tensor([10.0, 20.0]), lambda x, y: x + y)
    /// tensor([11., 22.])
    fn map_<'py>(
        slf: &Bound<'py, Self>,
        tensor: Bound<'py, PyAny>,
        callable: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "map_", [tensor, callable], None)
    }
    /// As `map_`, with the elements of two other tensors.
    ///
    /// >>> rt.tensor([1.0]).map2_(rt.tensor([2.0]), rt.tensor([3.0]), lambda x, y, z: x + y * z)
    /// tensor([7.])
    fn map2_<'py>(
        slf: &Bound<'py, Self>,
        x: Bound<'py, PyAny>,
        y: Bound<'py, PyAny>,
        callable: Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "map_", [x, y, callable], None)
    }
    /// The tensor with `values` written (or added) where the index tensors point, as a new tensor.
    /// Raises: IndexError if an index is out of range.
    ///
    /// >>> rt.zeros(3).index_put((rt.tensor([0, 2]),), rt.tensor(1.0))
    /// tensor([1., 0., 1.])
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
    ///
    /// >>> class Named(rt.Tensor):
    /// ...     name = "x"
    /// >>> rt.ones(2).as_subclass(Named).name
    /// 'x'
    fn as_subclass<'py>(slf: &Bound<'py, Self>, cls: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let made = slf.py().get_type::<PyTensor>().call_method1("__new__", (cls, slf))?;
        let tensor = &slf.get().tensor;
        if tensor.requires_grad() {
            made.cast::<PyTensor>()?.get().tensor.rewrite_history(tensor.edge());
        }
        Ok(made)
    }
    /// `x.type()` of its storage: `torch.FloatStorage` and so on.
    ///
    /// >>> rt.ones(2).storage_type()
    /// 'torch.FloatStorage'
    fn storage_type<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        python(slf, "storage_type", [], None)
    }
}

/// Whether the dtype of `input` holds negative numbers.
///
/// >>> rt.is_signed(rt.tensor([1, 2], dtype=rt.uint8))
/// False
#[pyfunction]
pub fn is_signed(input: &Bound<'_, PyTensor>) -> bool {
    input.get().is_signed()
}

/// -1: the device number of the CPU.
///
/// >>> rt.get_device(rt.ones(2))
/// -1
#[pyfunction]
pub fn get_device(input: &Bound<'_, PyTensor>) -> i64 {
    input.get().device_number()
}

/// `input` with `values` written (or added) where the index tensors point, as a new tensor.
/// Raises: IndexError if an index is out of range.
///
/// >>> x = rt.zeros(3)
/// >>> rt.index_put(x, (rt.tensor([0, 2]),), rt.tensor(1.0))
/// tensor([1., 0., 1.])
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
/// Raises: IndexError if an index is out of range.
///
/// >>> x = rt.zeros(3)
/// >>> rt.index_put_(x, (rt.tensor([0, 0]),), rt.tensor(1.0), accumulate=True)
/// tensor([2., 0., 0.])
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
