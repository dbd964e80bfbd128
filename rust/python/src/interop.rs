//! Tensors from Python data, and NumPy both ways without copying and without importing NumPy here: its arrays describe
//! themselves by `__array_interface__`.

use crate::convert;
use crate::error;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use rutile::array::{Array, DType, Scalar, Shape, Storage, contiguous_strides};
use rutile::{Tensor, ops};
use std::ptr::NonNull;
use std::sync::Arc;

fn typestr(dtype: DType) -> Option<&'static str> {
    Some(match dtype {
        DType::Bool => "|b1",
        DType::U8 => "|u1",
        DType::I8 => "|i1",
        DType::I16 => "<i2",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::F16 => "<f2",
        DType::BF16 => return None,
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::C64 => "<c8",
        DType::C128 => "<c16",
    })
}

/// The `__array_interface__` of a tensor.
pub fn array_interface<'py>(py: Python<'py>, tensor: &Tensor) -> PyResult<Bound<'py, PyDict>> {
    let array = tensor.array();
    let Some(typestr) = typestr(array.dtype()) else {
        return Err(PyTypeError::new_err("NumPy has no bfloat16: convert first, x.float().numpy()"));
    };
    let size = array.dtype().size();
    let pointer = array.storage().pointer() as usize + array.offset() * size;
    let strides: Vec<isize> = array.strides().iter().map(|&stride| stride * size as isize).collect();
    let interface = PyDict::new(py);
    interface.set_item("shape", PyTuple::new(py, array.shape())?)?;
    interface.set_item("typestr", typestr)?;
    interface.set_item("data", (pointer, !array.storage().is_writable()))?;
    interface.set_item("strides", PyTuple::new(py, strides)?)?;
    interface.set_item("version", 3)?;
    Ok(interface)
}

/// What shows NumPy a tensor's memory by `__array_interface__` alone: it would try the slower buffer protocol first.
#[pyclass(frozen)]
struct Interface {
    tensor: Tensor,
}

#[pymethods]
impl Interface {
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        array_interface(py, &self.tensor)
    }
}

/// A NumPy array on the memory of a tensor, which it keeps alive.
pub fn numpy_array<'py>(py: Python<'py>, tensor: &Tensor) -> PyResult<Bound<'py, PyAny>> {
    let shown = Bound::new(py, Interface { tensor: tensor.detach() })?;
    py.import("numpy")?.call_method1("asarray", (shown,))
}

/// A tensor on the memory of an object with `__array_interface__`, which it keeps alive.
pub fn share(object: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    let interface = object.getattr("__array_interface__")?.cast_into::<PyDict>()?;
    let get = |key: &str| {
        interface.get_item(key)?.ok_or_else(|| PyTypeError::new_err(format!("array interface without {key}")))
    };
    let text: String = get("typestr")?.extract()?;
    let known = DType::ALL.into_iter().find(|&dtype| typestr(dtype) == Some(&text));
    let Some(dtype) = known else {
        return Err(PyTypeError::new_err(format!(
            "can't convert an array of type {text:?}. The supported types are: complex128, complex64, float64, float32, \
             float16, int64, int32, int16, int8, uint8 and bool, in the machine's byte order; use array.astype(...)."
        )));
    };
    let size = dtype.size();
    let shape: Vec<usize> = get("shape")?.extract()?;
    let strides = match interface.get_item("strides")? {
        Some(strides) if !strides.is_none() => {
            let bytes: Vec<isize> = strides.extract()?;
            if bytes.iter().any(|stride| stride % size as isize != 0) {
                return Err(PyValueError::new_err("given numpy array strides not a multiple of the element byte size"));
            }
            bytes.into_iter().map(|stride| stride / size as isize).collect()
        }
        _ => contiguous_strides(&shape),
    };
    let (address, read_only): (usize, bool) = get("data")?.extract()?;
    // SAFETY: the object promises this memory as long as it lives.
    unsafe { on_foreign(address, dtype, &shape, &strides, !read_only, Box::new(object.clone().unbind())) }
}

/// A tensor on memory that `owner` keeps alive; `address` is that of its first element.
///
/// # Safety
/// All elements that `shape` and `strides` reach from `address` are readable (and writable, if so declared) while `owner`
/// lives.
pub unsafe fn on_foreign(
    address: usize,
    dtype: DType,
    shape: &[usize],
    strides: &[isize],
    writable: bool,
    owner: Box<dyn std::any::Any + Send + Sync>,
) -> PyResult<Tensor> {
    let size = dtype.size();
    if shape.contains(&0) {
        return Ok(Array::uninit(dtype, shape).into());
    }
    let (low, high) = reach(shape, strides);
    let first = (address as isize + low * size as isize) as *mut u8;
    let Some(pointer) = NonNull::new(first) else {
        return Err(PyValueError::new_err("array with a null pointer"));
    };
    if !address.is_multiple_of(dtype.real().size()) {
        return Err(PyValueError::new_err("array is not aligned; use array.copy()"));
    }
    let bytes = (high - low + 1) as usize * size;
    // SAFETY: the caller's promise; the storage keeps the owner alive.
    let storage = unsafe { Storage::foreign(pointer, bytes, writable, owner) };
    Ok(Array::from_storage(Arc::new(storage), dtype, shape, strides, (-low) as usize).into())
}

fn reach(shape: &[usize], strides: &[isize]) -> (isize, isize) {
    shape.iter().zip(strides).fold((0, 0), |(low, high), (&n, &stride)| {
        let far = (n as isize - 1) * stride;
        (low + far.min(0), high + far.max(0))
    })
}

/// A new tensor from numbers, nested sequences, arrays or tensors. Python floats become the default float type, ints
/// int64, bools bool; arrays keep their type.
pub fn from_data(data: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<Tensor> {
    let py = data.py();
    if let Ok(tensor) = data.cast::<PyTensor>() {
        let source = tensor.get().tensor.array().unwrapped();
        return Ok(copy_of(&source, dtype).into());
    }
    if let Some(value) = convert::number(data)? {
        let dtype = dtype.unwrap_or(DType::of_number(value.dtype()));
        holds(dtype, value.dtype())?;
        return Ok(ops::convert::filled(dtype, &[], value).into());
    }
    if data.is_exact_instance_of::<PyList>() || data.is_exact_instance_of::<PyTuple>() {
        return from_sequence(data, dtype); // before names are looked for that they do not have
    }
    if data.hasattr("__array_interface__")? {
        let source = match share(data) {
            Ok(source) => source,
            // Unaligned memory, strides within an element: NumPy brings them into shape.
            Err(error) if error.is_instance_of::<PyValueError>(py) => share(&data.call_method0("copy")?)?,
            Err(error) => return Err(error),
        };
        return Ok(copy_of(&source.array(), dtype).into());
    }
    if data.cast::<PyList>().is_ok()
        || data.cast::<PyTuple>().is_ok()
        || data.hasattr("__len__")? && data.hasattr("__getitem__")? && !data.is_instance_of::<PyDict>()
    {
        return from_sequence(data, dtype);
    }
    if data.hasattr("__index__")? {
        return from_data(&data.call_method0("__index__")?, dtype);
    }
    if data.hasattr("__float__")? {
        return from_data(&data.call_method0("__float__")?, dtype);
    }
    if data.hasattr("__complex__")? {
        return from_data(&data.call_method0("__complex__")?, dtype);
    }
    Err(PyTypeError::new_err(format!(
        "can't make a tensor of {}: it takes numbers, nested lists, NumPy arrays and tensors",
        data.get_type().name()?
    )))
}

/// Refuses Python's complex numbers in real tensors.
fn holds(dtype: DType, number: DType) -> PyResult<()> {
    if number.is_complex() && !dtype.is_complex() {
        return Err(PyTypeError::new_err(format!(
            "can't make a tensor of {dtype} of complex numbers; take their parts"
        )));
    }
    Ok(())
}

fn copy_of(source: &Array, dtype: Option<DType>) -> Array {
    let target = Array::uninit(dtype.unwrap_or(source.dtype()), source.shape());
    ops::convert::copy_into(source, &target);
    target
}

/// Nested sequences, flattened.
#[derive(Default)]
struct Flat {
    shape: Shape,
    numbers: Vec<Scalar>,
    /// Leaves that are tensors or arrays of more than one element, stacked afterwards.
    tensors: Vec<Tensor>,
}

fn from_sequence(data: &Bound<'_, PyAny>, dtype: Option<DType>) -> PyResult<Tensor> {
    let py = data.py();
    let mut flat = Flat::default();
    flat.walk(data, 0)?;
    if !flat.tensors.is_empty() {
        let parts: Vec<Tensor> = flat.tensors;
        let inner = parts[0].shape();
        let kind = dtype.unwrap_or(parts[0].dtype());
        let mut shape = flat.shape.clone();
        shape.extend_from_slice(&inner);
        let out = Array::uninit(kind, &shape);
        let mut rows = Shape::from_slice(&[parts.len()]);
        rows.extend_from_slice(&inner);
        let stacked = out.reshape(&rows).expect("contiguous");
        for (i, part) in parts.iter().enumerate() {
            ops::convert::copy_into(&part.array(), &stacked.select(0, i));
        }
        return Ok(out.into());
    }
    let widest = flat.numbers.iter().map(|number| number.dtype()).max();
    let dtype = dtype.unwrap_or(widest.map_or(DType::default_float(), DType::of_number));
    if let Some(widest) = widest {
        holds(dtype, widest)?;
    }
    let out = if widest.is_some_and(DType::is_complex) {
        let values: Vec<f64> = flat.numbers.iter().flat_map(|number| [number.to_f64(), number.imag()]).collect();
        let mut shape = flat.shape.clone();
        shape.push(2);
        Array::from_slice(&values, &shape).joined().expect("pairs")
    } else if dtype == DType::F32 {
        let values: Vec<f32> = flat.numbers.iter().map(|number| number.to_f64() as f32).collect();
        Array::from_slice(&values, &flat.shape)
    } else if dtype.has_gradients() || widest.is_some_and(DType::is_float) {
        let values: Vec<f64> = flat.numbers.iter().map(|number| number.to_f64()).collect();
        Array::from_slice(&values, &flat.shape)
    } else {
        let values: Vec<i64> = flat.numbers.iter().map(|number| number.to_i64()).collect();
        Array::from_slice(&values, &flat.shape)
    };
    error::check(py, Ok(ops::convert::cast(&out, dtype).into()))
}

impl Flat {
    fn walk(&mut self, data: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
        let len = data.len()?;
        self.extent(depth, len)?;
        self.numbers.reserve(len.min(1024)); // a length may lie
        for item in data.try_iter()? {
            let item = item?;
            if let Some(value) = convert::number(&item)? {
                self.leaf(depth + 1)?;
                self.numbers.push(value);
            } else if item.cast::<PyTensor>().is_ok() || item.hasattr("__array_interface__")? {
                self.leaf(depth + 1)?;
                let tensor = from_data(&item, None)?;
                if tensor.ndim() == 0 && self.tensors.is_empty() {
                    self.numbers.push(tensor.array().item());
                } else if self.tensors.first().is_none_or(|first| first.shape() == tensor.shape())
                    && self.numbers.is_empty()
                {
                    self.tensors.push(tensor);
                } else {
                    return Err(PyValueError::new_err("a list of tensors or arrays of unequal shapes"));
                }
            } else if item.hasattr("__len__")? && !item.is_instance_of::<pyo3::types::PyString>() {
                self.walk(&item, depth + 1)?;
            } else if item.hasattr("__float__")? || item.hasattr("__complex__")? {
                self.leaf(depth + 1)?;
                let number = if item.hasattr("__index__")? {
                    item.call_method0("__index__")?
                } else if item.hasattr("__float__")? {
                    item.call_method0("__float__")?
                } else {
                    item.call_method0("__complex__")?
                };
                self.numbers.extend(convert::number(&number)?);
            } else {
                return Err(PyTypeError::new_err(format!(
                    "can't make a tensor of a list that holds {}",
                    item.get_type().name()?
                )));
            }
        }
        Ok(())
    }

    /// All sequences of one depth have one length.
    fn extent(&mut self, depth: usize, len: usize) -> PyResult<()> {
        if depth == self.shape.len() && self.numbers.is_empty() && self.tensors.is_empty() {
            self.shape.push(len);
        } else if self.shape.get(depth) != Some(&len) {
            let expected = self.shape.get(depth).map_or("a number".to_string(), |n| format!("sequence of length {n}"));
            return Err(PyValueError::new_err(format!(
                "expected {expected} at dim {depth} (got sequence of length {len})"
            )));
        }
        Ok(())
    }

    fn leaf(&self, depth: usize) -> PyResult<()> {
        if depth != self.shape.len() {
            return Err(PyValueError::new_err(format!(
                "expected sequence of length {} at dim {depth} (got a number)",
                self.shape[depth]
            )));
        }
        Ok(())
    }
}

/// Nested lists of Python numbers.
pub fn to_list<'py>(py: Python<'py>, array: &Array) -> PyResult<Bound<'py, PyAny>> {
    if array.ndim() == 0 {
        return scalar(py, array.item());
    }
    let items = (0..array.shape()[0]).map(|i| to_list(py, &array.select(0, i))).collect::<PyResult<Vec<_>>>()?;
    Ok(PyList::new(py, items)?.into_any())
}

/// A Python number.
pub fn scalar(py: Python<'_>, value: Scalar) -> PyResult<Bound<'_, PyAny>> {
    Ok(match value {
        Scalar::Bool(value) => pyo3::types::PyBool::new(py, value).to_owned().into_any(),
        Scalar::Int(value) => value.into_pyobject(py)?.into_any(),
        Scalar::Float(value) => value.into_pyobject(py)?.into_any(),
        Scalar::Complex(re, im) => pyo3::types::PyComplex::from_doubles(py, re, im).into_any(),
    })
}

// ---- safetensors ----

/// The format has no pairs of doubles.
fn safe_dtype(dtype: DType) -> Option<safetensors::Dtype> {
    use safetensors::Dtype as S;
    Some(match dtype {
        DType::Bool => S::BOOL,
        DType::U8 => S::U8,
        DType::I8 => S::I8,
        DType::I16 => S::I16,
        DType::I32 => S::I32,
        DType::I64 => S::I64,
        DType::F16 => S::F16,
        DType::BF16 => S::BF16,
        DType::F32 => S::F32,
        DType::F64 => S::F64,
        DType::C64 => S::C64,
        DType::C128 => return None,
    })
}

struct Plain {
    array: Array,
}

impl safetensors::View for &Plain {
    fn dtype(&self) -> safetensors::Dtype {
        safe_dtype(self.array.dtype()).expect("checked before writing")
    }
    fn shape(&self) -> &[usize] {
        self.array.shape()
    }
    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        std::borrow::Cow::Borrowed(self.array.bytes())
    }
    fn data_len(&self) -> usize {
        self.array.bytes().len()
    }
}

fn io_error(path: &str, error: impl std::fmt::Display) -> PyErr {
    pyo3::exceptions::PyOSError::new_err(format!("{path}: {error}"))
}

/// Writes tensors and text to a safetensors file.
#[pyfunction]
#[pyo3(name = "_safetensors_write", signature = (path, tensors, metadata=None))]
pub fn safetensors_write(
    py: Python<'_>,
    path: &str,
    tensors: std::collections::BTreeMap<String, Py<PyTensor>>,
    metadata: Option<std::collections::HashMap<String, String>>,
) -> PyResult<()> {
    if let Some((name, _)) = tensors.iter().find(|(_, tensor)| safe_dtype(tensor.get().tensor.dtype()).is_none()) {
        return Err(PyValueError::new_err(format!(
            "{path}: tensor {name:?} is complex128, which safetensors files do not hold; store view_as_real(x), or use \
             rutile.save"
        )));
    }
    let plain: Vec<(String, Plain)> = tensors
        .into_iter()
        .map(|(name, tensor)| (name, Plain { array: ops::convert::contiguous_array(&tensor.get().tensor.array()) }))
        .collect();
    let views = plain.iter().map(|(name, plain)| (name.as_str(), plain));
    py.detach(|| {
        let bytes = safetensors::serialize(views, metadata).map_err(|error| io_error(path, error))?;
        std::fs::write(path, bytes).map_err(|error| io_error(path, error))
    })
}

/// Reads a safetensors file: tensors and text.
#[pyfunction]
#[pyo3(name = "_safetensors_read")]
pub fn safetensors_read<'py>(
    py: Python<'py>,
    path: &str,
) -> PyResult<(Bound<'py, PyDict>, std::collections::HashMap<String, String>)> {
    let bytes = py.detach(|| std::fs::read(path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => pyo3::exceptions::PyFileNotFoundError::new_err(format!("{path}: {error}")),
        _ => io_error(path, error),
    })?;
    let bad = |error: safetensors::SafeTensorError| {
        PyValueError::new_err(format!("{path} is no sound safetensors file: {error}"))
    };
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).map_err(bad)?;
    let file = safetensors::SafeTensors::deserialize(&bytes).map_err(bad)?;
    let tensors = PyDict::new(py);
    for name in file.names() {
        let view = file.tensor(name).map_err(bad)?;
        let Some(dtype) = DType::ALL.into_iter().find(|&dtype| safe_dtype(dtype) == Some(view.dtype())) else {
            return Err(PyValueError::new_err(format!(
                "{path}: tensor {name:?} has dtype {:?}, which Rutile does not have",
                view.dtype()
            )));
        };
        let array = Array::from_bytes(dtype, view.shape(), view.data());
        tensors.set_item(name, convert::wrap(py, array.into())?)?;
    }
    Ok((tensors, header.metadata().clone().unwrap_or_default()))
}
