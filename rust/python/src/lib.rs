//! The Python module `rutile._rutile`: the engine's operations, the class `Tensor`, and a few switches.

mod autograd;
mod buffer;
mod call;
mod convert;
mod dlpack;
mod dtype;
mod error;
mod format;
mod index;
mod interop;
mod member;
mod operators;
mod profile;
mod protocols;
mod random;
mod stubs;
mod tensor;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyModule};
use rutile::DType;
use rutile::array::MemoryFormat;
use rutile::array::cache;
use rutile::autograd::mode;
use rutile_kernels::conv::winograd;
use rutile_kernels::{par, simd};

/// Whether operations are recorded on this thread.
///
/// >>> with rt.no_grad():
/// ...     rt.is_grad_enabled()
/// False
#[pyfunction]
fn is_grad_enabled() -> bool {
    mode::grad_enabled()
}

/// Turns recording on or off on this thread; returns what it was.
#[pyfunction]
#[pyo3(name = "_set_grad_enabled")]
fn set_grad_enabled(enabled: bool) -> bool {
    mode::set_grad_enabled(enabled)
}

/// Turns the search for NaN in walks back on or off; returns what it was.
#[pyfunction]
#[pyo3(name = "_set_anomaly")]
fn set_anomaly(on: bool) -> bool {
    mode::set_anomaly(on)
}

/// How many threads a kernel may use.
///
/// >>> rt.get_num_threads() >= 1
/// True
#[pyfunction]
fn get_num_threads() -> usize {
    par::num_threads()
}

/// Sets how many threads a kernel may use; results do not depend on it.
/// Raises: RuntimeError for 0.
///
/// >>> before = rt.get_num_threads()
/// >>> rt.set_num_threads(1)
/// >>> rt.get_num_threads()
/// 1
/// >>> rt.set_num_threads(before)
#[pyfunction]
fn set_num_threads(threads: usize) -> PyResult<()> {
    if threads == 0 {
        return Err(pyo3::exceptions::PyRuntimeError::new_err("set_num_threads expects a positive integer, got 0"));
    }
    par::set_num_threads(threads);
    Ok(())
}

/// Floating-point operations per second that the multiply-add units of one core reach when nothing waits for memory.
#[pyfunction]
fn _multiply_add_peak(py: Python<'_>) -> f64 {
    py.detach(simd::peak::flops)
}

/// Whether convolutions may use Winograd's algorithm.
///
/// >>> rt.is_winograd_enabled()
/// True
#[pyfunction]
fn is_winograd_enabled() -> bool {
    winograd::enabled()
}

/// Lets convolutions with 3 x 3 kernels, and with 4 x 4 kernels and stride 2, use Winograd's algorithm (the default), or
/// not. It needs a quarter of the multiplications (two fifths with stride 2); in exchange rounding errors in `float32` are
/// about ten times those of plain sums, and an infinite or NaN input makes all outputs of its tile of 4 x 4 NaN. Where no
/// output reads an input, its gradient may be such an error instead of zero.
///
/// >>> rt.set_winograd_enabled(False)
/// >>> rt.is_winograd_enabled()
/// False
/// >>> rt.set_winograd_enabled(True)
#[pyfunction]
fn set_winograd_enabled(enabled: bool) {
    winograd::set_enabled(enabled);
}

/// The float type of Python floats and of creation functions without `dtype=`.
///
/// >>> rt.get_default_dtype()
/// rutile.float32
#[pyfunction]
fn get_default_dtype(py: Python<'_>) -> PyResult<Bound<'_, dtype::PyDType>> {
    dtype::object(py, DType::default_float())
}

/// Changes the default float type.
/// Raises: TypeError for a dtype that is not a float.
///
/// >>> rt.set_default_dtype(rt.float64)
/// >>> rt.tensor(1.5).dtype
/// rutile.float64
/// >>> rt.set_default_dtype(rt.float32)
#[pyfunction]
fn set_default_dtype(d: &Bound<'_, dtype::PyDType>) -> PyResult<()> {
    let dtype = d.get().0;
    if !dtype.is_float() {
        return Err(pyo3::exceptions::PyTypeError::new_err(format!(
            "only floating-point types are supported as the default type, not {dtype}"
        )));
    }
    DType::set_default_float(dtype);
    Ok(())
}

/// The type that an operation on both operands (tensors or numbers) computes in.
///
/// >>> rt.result_type(rt.ones(2, dtype=rt.int8), 1.5)
/// rutile.float32
#[pyfunction]
fn result_type<'py>(tensor1: &Bound<'py, PyAny>, tensor2: &Bound<'py, PyAny>) -> PyResult<Bound<'py, dtype::PyDType>> {
    let read = |object: &Bound<'py, PyAny>| {
        operators::operand(object)?
            .ok_or_else(|| pyo3::exceptions::PyTypeError::new_err("result_type takes tensors and numbers"))
    };
    let (a, b) = (read(tensor1)?.array(), read(tensor2)?.array());
    dtype::object(tensor1.py(), rutile::array::result_type(&[&a, &b]))
}

/// The smaller type that holds both.
///
/// >>> rt.promote_types(rt.int32, rt.float16)
/// rutile.float16
#[pyfunction]
fn promote_types<'py>(
    py: Python<'py>,
    type1: &Bound<'py, dtype::PyDType>,
    type2: &Bound<'py, dtype::PyDType>,
) -> PyResult<Bound<'py, dtype::PyDType>> {
    dtype::object(py, rutile::array::promote(type1.get().0, type2.get().0))
}

/// A new tensor from numbers, nested sequences, arrays or tensors. Always a copy. The dtype is by default that of the
/// data: int64 of Python's integers, the default float type of its floats, bool of its bools.
/// Raises: ValueError if the sequences are not a box; TypeError if they hold anything else.
///
/// >>> rt.tensor([[1, 2], [3, 4]])
/// tensor([[1, 2],
///         [3, 4]])
/// >>> rt.tensor([1, 2], dtype=rt.float64, requires_grad=True)
/// tensor([1., 2.], dtype=rutile.float64, requires_grad=True)
#[pyfunction]
#[pyo3(name = "tensor", signature = (data, *, dtype=None, device=None, requires_grad=false, pin_memory=false))]
fn make_tensor<'py>(
    data: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, dtype::PyDType>>,
    device: Option<&Bound<'py, PyAny>>,
    requires_grad: bool,
    pin_memory: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let _ = pin_memory; // all memory is the host's
    dtype::require_cpu(device)?;
    let py = data.py();
    let tensor = interop::from_data(data, dtype.map(|dtype| dtype.get().0))?;
    error::check(py, tensor.set_requires_grad(requires_grad))?;
    convert::wrap(py, tensor)
}

/// A tensor of anything: tensors as they are, arrays without copying, the rest as `tensor()` does. Another `dtype`
/// makes a copy.
///
/// >>> x = rt.ones(2)
/// >>> rt.as_tensor(x) is x, rt.as_tensor([1, 2])
/// (True, tensor([1, 2]))
#[pyfunction]
#[pyo3(signature = (data, dtype=None, device=None))]
fn as_tensor<'py>(
    data: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, dtype::PyDType>>,
    device: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    dtype::require_cpu(device)?;
    let py = data.py();
    let dtype = dtype.map(|dtype| dtype.get().0);
    if let Ok(tensor) = data.cast::<tensor::PyTensor>() {
        let own = &tensor.get().tensor;
        if dtype.is_none_or(|dtype| dtype == own.dtype()) {
            return Ok(data.clone());
        }
        return convert::wrap(py, error::check(py, rutile::ops::convert::to_dtype(own, dtype.unwrap_or(own.dtype())))?);
    }
    if data.hasattr("__array_interface__")?
        && let Ok(shared) = interop::share(data)
        && dtype.is_none_or(|dtype| dtype == shared.dtype())
    {
        return convert::wrap(py, shared);
    }
    convert::wrap(py, interop::from_data(data, dtype)?)
}

/// A tensor on the memory of a NumPy array: writes to one are seen by the other.
/// Raises: TypeError for anything else.
///
/// >>> import numpy as np
/// >>> array = np.zeros(3)
/// >>> x = rt.from_numpy(array)
/// >>> array[1] = 5
/// >>> x
/// tensor([0., 5., 0.], dtype=rutile.float64)
#[pyfunction]
fn from_numpy<'py>(ndarray: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if !ndarray.hasattr("__array_interface__")? {
        return Err(pyo3::exceptions::PyTypeError::new_err(format!(
            "expected np.ndarray (got {})",
            ndarray.get_type().name()?
        )));
    }
    convert::wrap(ndarray.py(), interop::share(ndarray)?)
}

/// Version, instruction set, threads, build.
#[pyfunction]
fn _build_info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let info = PyDict::new(py);
    info.set_item("version", env!("CARGO_PKG_VERSION"))?;
    info.set_item("instruction_set", simd::name())?;
    info.set_item("instruction_sets", simd::available())?;
    info.set_item("threads", par::num_threads())?;
    info.set_item("build", if cfg!(debug_assertions) { "debug" } else { "release" })?;
    info.set_item("target", format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS))?;
    info.set_item("operations", call::ops().len())?;
    info.set_item("cached_bytes", cache::cached_bytes())?;
    Ok(info)
}

/// Gives cached memory back to the system.
#[pyfunction]
fn _trim_cache() {
    cache::trim();
}

/// Sets how many bytes of freed memory are kept for reuse.
#[pyfunction]
fn _set_cache_limit(bytes: usize) {
    cache::set_limit(bytes);
}

/// Bytes of freed memory that are kept for reuse.
#[pyfunction]
fn _cached_bytes() -> usize {
    cache::cached_bytes()
}

/// Adds the operations at `place` to a module; their names.
fn add_operations(py: Python<'_>, module: &Bound<'_, PyModule>, place: &str) -> PyResult<Vec<String>> {
    // Where users find them, by which pickles of models name their activations.
    let home = if place == "rutile" { place.to_string() } else { format!("rutile.{place}") };
    let mut names = Vec::new();
    for slot in 0..call::ops().len() {
        for (name, function) in call::functions(py, slot, place, &home)? {
            module.setattr(&name, function)?;
            names.push(name);
        }
    }
    Ok(names)
}

/// A submodule of operations, importable as `rutile._rutile.{name}`.
fn add_submodule(py: Python<'_>, module: &Bound<'_, PyModule>, name: &str, place: &str) -> PyResult<()> {
    let inner = PyModule::new(py, name)?;
    let names = add_operations(py, &inner, place)?;
    inner.add("__all__", PyList::new(py, names)?)?;
    module.setattr(name, &inner)?;
    py.import("sys")?.getattr("modules")?.set_item(format!("rutile._rutile.{name}"), inner)
}

#[pymodule]
fn _rutile(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    rutile::ops::sums::set_poll(autograd::poll);

    module.add_class::<tensor::PyTensor>()?;
    module.add_class::<dtype::PyDType>()?;
    module.add_class::<dtype::PyDevice>()?;
    module.add_class::<format::PyMemoryFormat>()?;
    module.add_class::<format::PyLayout>()?;
    module.add_class::<random::PyGenerator>()?;
    module.add_class::<autograd::PyNode>()?;
    module.add_class::<autograd::Handle>()?;
    module.add_class::<member::Member>()?;
    call::add_methods(py, &py.get_type::<tensor::PyTensor>())?;

    module.add("ShapeError", error::shape_error(py)?)?;
    module.add("ArgumentError", error::argument_error(py)?)?;
    module.add("DTypeError", error::dtype_error(py)?)?;
    module.add("LinAlgError", error::linalg_error(py)?)?;
    module.add("RangeError", error::range_error(py)?)?;
    module.add("OutOfMemoryError", error::memory_error(py)?)?;
    module.add("InternalError", error::internal_error(py)?)?;

    let functions = [
        pyo3::wrap_pyfunction!(is_grad_enabled, module)?,
        pyo3::wrap_pyfunction!(set_grad_enabled, module)?,
        pyo3::wrap_pyfunction!(set_anomaly, module)?,
        pyo3::wrap_pyfunction!(get_num_threads, module)?,
        pyo3::wrap_pyfunction!(set_num_threads, module)?,
        pyo3::wrap_pyfunction!(_multiply_add_peak, module)?,
        pyo3::wrap_pyfunction!(is_winograd_enabled, module)?,
        pyo3::wrap_pyfunction!(set_winograd_enabled, module)?,
        pyo3::wrap_pyfunction!(get_default_dtype, module)?,
        pyo3::wrap_pyfunction!(set_default_dtype, module)?,
        pyo3::wrap_pyfunction!(result_type, module)?,
        pyo3::wrap_pyfunction!(promote_types, module)?,
        pyo3::wrap_pyfunction!(make_tensor, module)?,
        pyo3::wrap_pyfunction!(as_tensor, module)?,
        pyo3::wrap_pyfunction!(from_numpy, module)?,
        pyo3::wrap_pyfunction!(buffer::frombuffer, module)?,
        pyo3::wrap_pyfunction!(dlpack::from_dlpack, module)?,
        pyo3::wrap_pyfunction!(dlpack::to_dlpack, module)?,
        pyo3::wrap_pyfunction!(protocols::is_signed, module)?,
        pyo3::wrap_pyfunction!(protocols::get_device, module)?,
        pyo3::wrap_pyfunction!(protocols::index_put, module)?,
        pyo3::wrap_pyfunction!(protocols::index_put_, module)?,
        pyo3::wrap_pyfunction!(_build_info, module)?,
        pyo3::wrap_pyfunction!(_trim_cache, module)?,
        pyo3::wrap_pyfunction!(_set_cache_limit, module)?,
        pyo3::wrap_pyfunction!(_cached_bytes, module)?,
        pyo3::wrap_pyfunction!(profile::_profile_start, module)?,
        pyo3::wrap_pyfunction!(profile::_record_tasks, module)?,
        pyo3::wrap_pyfunction!(profile::_profile_stop, module)?,
        pyo3::wrap_pyfunction!(profile::_profile_counts, module)?,
        pyo3::wrap_pyfunction!(profile::_profile_now, module)?,
        pyo3::wrap_pyfunction!(tensor::_rebuild, module)?,
        pyo3::wrap_pyfunction!(autograd::backward, module)?,
        pyo3::wrap_pyfunction!(autograd::grad, module)?,
        pyo3::wrap_pyfunction!(autograd::record, module)?,
        pyo3::wrap_pyfunction!(random::manual_seed, module)?,
        pyo3::wrap_pyfunction!(random::initial_seed, module)?,
        pyo3::wrap_pyfunction!(random::seed, module)?,
        pyo3::wrap_pyfunction!(random::default_generator, module)?,
        pyo3::wrap_pyfunction!(random::get_rng_state, module)?,
        pyo3::wrap_pyfunction!(random::set_rng_state, module)?,
        pyo3::wrap_pyfunction!(interop::safetensors_write, module)?,
        pyo3::wrap_pyfunction!(interop::safetensors_read, module)?,
        pyo3::wrap_pyfunction!(stubs::stubs, module)?,
        pyo3::wrap_pyfunction!(stubs::ops, module)?,
    ];
    for function in functions {
        module.add_function(function)?;
    }

    for dtype in DType::ALL {
        module.add(dtype.name(), dtype::object(py, dtype)?)?;
    }
    for (alias, dtype) in dtype::ALIASES {
        module.add(alias, dtype::object(py, dtype)?)?;
    }

    for format in MemoryFormat::ALL {
        module.add(format.name(), format::memory_format(py, format)?)?;
    }
    module.add("strided", format::strided(py)?)?;

    // `from ._rutile import *` and `from ._rutile.functional import *` give what users find; names with an underscore
    // are for the package itself, and these have their place in its submodules.
    let elsewhere = ["LinAlgError", "Node", "RemovableHandle", "ops"];
    add_submodule(py, module, "functional", "nn.functional")?;
    add_submodule(py, module, "special", "special")?;
    add_submodule(py, module, "linalg", "linalg")?;
    add_submodule(py, module, "fft", "fft")?;
    add_operations(py, module, "rutile")?;
    let mut public = Vec::new();
    for (name, value) in module.dict() {
        let name: String = name.extract()?;
        if !name.starts_with('_') && !elsewhere.contains(&name.as_str()) && !value.is_instance_of::<PyModule>() {
            public.push(name);
        }
    }
    module.add("__all__", PyList::new(py, public)?)?;
    Ok(())
}
