//! The class `Tensor`: what is not an operation. Operations add themselves (`call.rs`).

use crate::dtype::{self, PyDType, PyDevice};
use crate::format::PyMemoryFormat;
use crate::{autograd, convert, error, index, interop, operators};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyDict, PyInt, PyTuple, PyType};
use rutile::array::{Array, DType, MemoryFormat, Scalar, normalize_axis};
use rutile::autograd::mode::no_grad;
use rutile::ops::{self, registry::Ints};
use rutile::profile::{self, Kind};
use rutile::{Tensor, fail};

/// An array with a place on the tape.
#[pyclass(frozen, subclass, weakref, dict, name = "Tensor", module = "rutile")]
pub struct PyTensor {
    /// The engine's tensor.
    pub tensor: Tensor,
}

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

/// `x.real = value`, `x.imag = value`.
fn write_part(
    py: Python<'_>,
    tensor: &Tensor,
    part: fn(&Tensor) -> rutile::Result<Tensor>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let value = match operators::operand(value)? {
        Some(value) => value,
        None => interop::from_data(value, None)?,
    };
    let written = part(tensor).and_then(|part| ops::inplace::assign("copy", &part, &value));
    error::check(py, written)
}

impl PyTensor {
    fn wrapped<'py>(&self, py: Python<'py>, result: rutile::Result<Tensor>) -> PyResult<Bound<'py, PyAny>> {
        convert::wrap(py, error::check(py, result)?)
    }
}

/// `x` with another dtype; the same object if nothing changes.
fn converted<'py>(slf: &Bound<'py, PyTensor>, dtype: DType) -> PyResult<Bound<'py, PyAny>> {
    let tensor = slf.get().tensor.clone();
    if tensor.dtype() == dtype {
        return Ok(slf.clone().into_any());
    }
    let result = slf.py().detach(|| ops::convert::to_dtype_in(&tensor, dtype, MemoryFormat::Preserve));
    slf.get().wrapped(slf.py(), result)
}

/// A dtype from an object, a name ("torch.FloatTensor", "float32") or a type.
fn dtype_from(object: &Bound<'_, PyAny>) -> PyResult<Option<DType>> {
    if let Ok(dtype) = object.cast::<PyDType>() {
        return Ok(Some(dtype.get().0));
    }
    let name = match object.extract::<String>() {
        Ok(text) => text,
        Err(_) => match object.cast::<PyType>() {
            Ok(class) => class.name()?.to_string(),
            Err(_) => return Ok(None),
        },
    };
    let short = name.rsplit('.').next().unwrap_or(&name).to_lowercase();
    let short = short.trim_end_matches("tensor");
    Ok(DType::ALL
        .into_iter()
        .find(|dtype| dtype.name() == short)
        .or_else(|| dtype::ALIASES.into_iter().find(|(alias, _)| *alias == short).map(|(_, dtype)| dtype)))
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

    // ---- what it is ----

    /// The extent of each axis, as a `Size` (a tuple).
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::size(py, &self.tensor.shape())
    }
    /// The shape, or the extent of one axis.
    /// Raises: IndexError if there is no such axis.
    ///
    /// >>> x = rt.zeros(2, 3)
    /// >>> x.size(), x.size(-1)
    /// (rutile.Size([2, 3]), 3)
    #[pyo3(signature = (dim=None))]
    fn size<'py>(&self, py: Python<'py>, dim: Option<i64>) -> PyResult<Bound<'py, PyAny>> {
        let shape = self.tensor.shape();
        match dim {
            None => convert::size(py, &shape),
            Some(dim) => {
                let axis = error::check(py, normalize_axis("size", dim, shape.len()))?;
                match shape.get(axis) {
                    Some(n) => Ok(n.into_pyobject(py)?.into_any()),
                    None => Err(pyo3::exceptions::PyIndexError::new_err("size: a 0-d tensor has no axes")),
                }
            }
        }
    }
    /// Strides in elements, or that of one axis.
    /// Raises: IndexError if there is no such axis.
    ///
    /// >>> rt.zeros(2, 3).stride()
    /// (3, 1)
    #[pyo3(signature = (dim=None))]
    fn stride<'py>(&self, py: Python<'py>, dim: Option<i64>) -> PyResult<Bound<'py, PyAny>> {
        let array = self.tensor.array();
        match dim {
            None => Ok(PyTuple::new(py, array.strides())?.into_any()),
            Some(dim) => {
                let axis = error::check(py, normalize_axis("stride", dim, array.ndim()))?;
                Ok(array.strides()[axis].into_pyobject(py)?.into_any())
            }
        }
    }
    /// The type of the elements.
    #[getter(dtype)]
    fn get_dtype<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDType>> {
        dtype::object(py, self.tensor.dtype())
    }
    /// Where the elements are: always `device(type='cpu')`.
    #[getter(device)]
    fn place(&self, py: Python<'_>) -> PyResult<Py<PyDevice>> {
        Py::new(py, PyDevice)
    }
    /// Number of axes.
    #[getter]
    fn ndim(&self) -> usize {
        self.tensor.ndim()
    }
    /// Number of axes.
    ///
    /// >>> rt.zeros(2, 3).dim()
    /// 2
    fn dim(&self) -> usize {
        self.tensor.ndim()
    }
    /// Number of elements.
    ///
    /// >>> rt.zeros(2, 3).numel()
    /// 6
    fn numel(&self) -> usize {
        self.tensor.len()
    }
    /// Number of elements.
    ///
    /// >>> rt.zeros(2, 3).nelement()
    /// 6
    fn nelement(&self) -> usize {
        self.tensor.len()
    }
    /// Bytes per element.
    ///
    /// >>> rt.zeros(2, dtype=rt.float64).element_size()
    /// 8
    fn element_size(&self) -> usize {
        self.tensor.dtype().size()
    }
    /// Bytes per element.
    #[getter]
    fn itemsize(&self) -> usize {
        self.tensor.dtype().size()
    }
    /// Bytes of all elements, `numel() * itemsize`.
    #[getter]
    fn nbytes(&self) -> usize {
        self.tensor.len() * self.tensor.dtype().size()
    }
    /// Where the first element lies in the storage, in elements.
    ///
    /// >>> rt.arange(6)[2:].storage_offset()
    /// 2
    fn storage_offset(&self) -> usize {
        self.tensor.array().offset()
    }
    /// The address of the first element.
    ///
    /// >>> x = rt.arange(6)
    /// >>> x[2:].data_ptr() - x.data_ptr()
    /// 16
    fn data_ptr(&self) -> usize {
        let array = self.tensor.array();
        array.storage().pointer() as usize + array.offset() * array.dtype().size()
    }
    /// Whether elements lie row by row without gaps, or in the order of `memory_format`.
    ///
    /// >>> x = rt.zeros(2, 3)
    /// >>> x.is_contiguous(), x.T.is_contiguous()
    /// (True, False)
    #[pyo3(signature = (*, memory_format=None))]
    fn is_contiguous(&self, memory_format: Option<&Bound<'_, PyMemoryFormat>>) -> bool {
        let format = memory_format.map_or(MemoryFormat::Contiguous, |format| format.get().0);
        self.tensor.with_array(|array| format.fits(array))
    }
    /// Whether the element type is a float.
    ///
    /// >>> rt.zeros(1).is_floating_point(), rt.arange(3).is_floating_point()
    /// (True, False)
    fn is_floating_point(&self) -> bool {
        self.tensor.dtype().is_float()
    }
    /// Whether the element type is complex.
    ///
    /// >>> rt.tensor([1j]).is_complex()
    /// True
    fn is_complex(&self) -> bool {
        self.tensor.dtype().is_complex()
    }
    /// Always false: conjugates are computed at once.
    ///
    /// >>> rt.tensor([1j]).conj().is_conj()
    /// False
    fn is_conj(&self) -> bool {
        false
    }
    /// Always false: negations are computed at once.
    ///
    /// >>> (-rt.ones(1)).is_neg()
    /// False
    fn is_neg(&self) -> bool {
        false
    }
    /// The real parts, a view; a real tensor itself.
    #[getter]
    fn real<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let tensor = &slf.get().tensor;
        if !tensor.dtype().is_complex() {
            return Ok(slf.clone().into_any());
        }
        slf.get().wrapped(slf.py(), ops::complex::real(tensor))
    }
    #[setter]
    fn set_real(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        write_part(py, &self.tensor, ops::complex::real, value)
    }
    /// The imaginary parts of a complex tensor, a view.
    #[getter]
    fn imag<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.wrapped(py, ops::complex::imag(&self.tensor))
    }
    #[setter]
    fn set_imag(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        write_part(py, &self.tensor, ops::complex::imag, value)
    }
    /// False: Rutile computes on the CPU.
    #[getter]
    fn is_cuda(&self) -> bool {
        false
    }
    /// True: Rutile computes on the CPU.
    #[getter]
    fn is_cpu(&self) -> bool {
        true
    }
    /// False: Rutile computes on the CPU.
    #[getter]
    fn is_xpu(&self) -> bool {
        false
    }
    /// False: Rutile computes on the CPU.
    #[getter]
    fn is_mps(&self) -> bool {
        false
    }
    /// False: every tensor has memory.
    #[getter]
    fn is_meta(&self) -> bool {
        false
    }
    /// False: every tensor is dense.
    #[getter]
    fn is_sparse(&self) -> bool {
        false
    }
    /// False: there are no quantized tensors.
    #[getter]
    fn is_quantized(&self) -> bool {
        false
    }
    #[getter]
    fn _version(&self) -> u32 {
        self.tensor.array().storage().version()
    }

    // ---- numbers and arrays ----

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
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.tensor.ndim() == 0 {
            return Err(PyTypeError::new_err("iteration over a 0-d tensor"));
        }
        let rows = error::check(py, ops::view::unbind(&self.tensor, 0))?;
        let rows = rows.into_iter().map(|row| convert::wrap(py, row)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyTuple::new(py, rows)?.try_iter()?.into_any())
    }

    // ---- square brackets ----

    fn __getitem__<'py>(&self, py: Python<'py>, at: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let _span = profile::span(Kind::Operation, "getitem", || vec![self.tensor.shape().to_vec()]);
        if let Ok(index) = at.cast_exact::<PyInt>()
            && self.tensor.ndim() > 0
        {
            return self.wrapped(py, ops::view::select(&self.tensor, 0, index.extract()?)); // what loops do
        }
        let entries = index::entries(at)?;
        let heavy = entries.iter().any(|entry| matches!(entry, ops::index::Entry::Tensor(_)));
        let result = if heavy {
            py.detach(|| ops::index::get(&self.tensor, &entries))
        } else {
            ops::index::get(&self.tensor, &entries)
        };
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
        error::check(py, py.detach(|| ops::index::set(&self.tensor, &entries, &value)))
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
        error::check(slf.py(), slf.py().detach(|| ops::index::index_put(&tensor, &entries, &values, accumulate)))?;
        Ok(slf)
    }

    // ---- the tape ----

    /// Whether gradients by this tensor are wanted: operations on it are recorded. It can be set for leaves.
    #[getter]
    fn requires_grad(&self) -> bool {
        self.tensor.requires_grad()
    }
    #[setter]
    fn set_requires_grad(&self, py: Python<'_>, value: bool) -> PyResult<()> {
        error::check(py, self.tensor.set_requires_grad(value))
    }
    /// Makes a leaf collect gradients (or not); returns it.
    /// Raises: RuntimeError for integers, and for `False` where the tensor was computed from others.
    ///
    /// >>> rt.zeros(2).requires_grad_().requires_grad
    /// True
    #[pyo3(signature = (requires_grad=true))]
    fn requires_grad_(slf: Bound<'_, Self>, requires_grad: bool) -> PyResult<Bound<'_, Self>> {
        error::check(slf.py(), slf.get().tensor.set_requires_grad(requires_grad))?;
        Ok(slf)
    }
    /// Whether the tensor is no result of recorded operations; `backward` leaves the gradients of leaves in `grad`.
    #[getter]
    fn is_leaf(&self) -> bool {
        self.tensor.is_leaf()
    }
    /// The operation that made the tensor, as a node of the tape; None for leaves.
    #[getter]
    fn grad_fn(&self) -> Option<autograd::PyNode> {
        self.tensor.node().map(|(node, _)| autograd::PyNode(node))
    }
    /// The gradient that `backward` has accumulated; None before the first.
    #[getter]
    fn grad<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.tensor.grad().map(|grad| convert::wrap(py, grad)).transpose()
    }
    #[setter]
    fn set_grad(&self, grad: Option<&Bound<'_, PyTensor>>) -> PyResult<()> {
        if let Some(grad) = grad {
            let grad = &grad.get().tensor;
            if grad.shape() != self.tensor.shape() || grad.dtype() != self.tensor.dtype() {
                return Err(PyRuntimeError::new_err(format!(
                    "assigned grad has {} {:?}, the tensor {} {:?}",
                    grad.dtype(),
                    &grad.shape()[..],
                    self.tensor.dtype(),
                    &self.tensor.shape()[..]
                )));
            }
        }
        self.tensor.set_grad(grad.map(|grad| grad.get().tensor.clone()));
        Ok(())
    }
    /// The elements outside the tape; writes to them are not noticed by it.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        convert::wrap(py, self.tensor.array().unwrapped().untracked().into())
    }
    #[setter]
    fn set_data(&self, data: &Bound<'_, PyTensor>) {
        self.tensor.set_array(data.get().tensor.array().unwrapped());
    }
    /// Cuts the tensor itself from the tape.
    ///
    /// >>> x = 2 * rt.ones(1, requires_grad=True)
    /// >>> x.detach_().requires_grad
    /// False
    fn detach_(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf.get().tensor.forget_history();
        slf
    }
    /// Keeps the gradient of a tensor that is no leaf.
    /// Raises: RuntimeError for tensors that do not require grad.
    ///
    /// >>> x = rt.ones(2, requires_grad=True)
    /// >>> y = 2 * x
    /// >>> y.retain_grad()
    /// >>> (y**2).sum().backward()
    /// >>> y.grad
    /// tensor([4., 4.])
    fn retain_grad(&self, py: Python<'_>) -> PyResult<()> {
        error::check(py, self.tensor.retain_grad())
    }
    /// Whether `retain_grad()` was called on this tensor, which is no leaf.
    #[getter]
    fn retains_grad(&self) -> bool {
        self.tensor.retains_grad()
    }
    /// Computes the gradients of the leaves that this tensor was made of, and adds them to their `grad`. A tensor of
    /// several elements needs the gradient with which to start. `retain_graph` keeps what derivatives saved, to walk
    /// again; `create_graph` records the walk, for derivatives of derivatives; with `inputs`, only these leaves get
    /// gradients.
    /// Raises: RuntimeError if nothing requires grad, the gradient is missing, or the walk was done before and not
    /// retained.
    ///
    /// >>> x = rt.tensor([1.0, 2.0], requires_grad=True)
    /// >>> (x**2).sum().backward()
    /// >>> x.grad
    /// tensor([2., 4.])
    #[pyo3(signature = (gradient=None, retain_graph=None, create_graph=false, inputs=None))]
    fn backward(
        slf: &Bound<'_, Self>,
        gradient: Option<&Bound<'_, PyTensor>>,
        retain_graph: Option<bool>,
        create_graph: bool,
        inputs: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let gradient = gradient.map(|gradient| gradient.get().tensor.clone());
        let roots = [(slf.get().tensor.clone(), gradient)];
        autograd::run_backward(slf.py(), &roots, retain_graph.unwrap_or(create_graph), create_graph, inputs)
    }
    /// Calls `hook(grad)` when the gradient is computed; what it returns (unless None) replaces the gradient. Gives a
    /// handle, whose `remove()` takes the hook away.
    /// Raises: RuntimeError for tensors that do not require grad.
    ///
    /// >>> x = rt.ones(2, requires_grad=True)
    /// >>> handle = x.register_hook(lambda grad: 10 * grad)
    /// >>> x.sum().backward()
    /// >>> x.grad
    /// tensor([10., 10.])
    fn register_hook(&self, py: Python<'_>, hook: Py<PyAny>) -> PyResult<autograd::Handle> {
        autograd::register(py, &self.tensor, hook, false)
    }
    /// Calls `hook(tensor)` after the gradient of this leaf was accumulated. Gives a handle, whose `remove()` takes the
    /// hook away.
    /// Raises: RuntimeError for tensors that are no leaves or do not require grad.
    ///
    /// >>> x = rt.ones(2, requires_grad=True)
    /// >>> handle = x.register_post_accumulate_grad_hook(lambda x: print(x.grad))
    /// >>> x.sum().backward()
    /// tensor([1., 1.])
    fn register_post_accumulate_grad_hook(slf: &Bound<'_, Self>, hook: Py<PyAny>) -> PyResult<autograd::Handle> {
        autograd::register(slf.py(), &slf.get().tensor, hook, true)
    }

    // ---- conversions ----

    /// The tensor with another dtype: `to(dtype)`, `to("cpu")`, `to(other)`, in any combination. The same object if
    /// nothing changes, unless `copy=True`.
    /// Raises: RuntimeError for a device other than the CPU.
    ///
    /// >>> rt.ones(2).to(rt.float64), rt.ones(2).to("cpu", dtype=rt.int32)
    /// (tensor([1., 1.], dtype=rutile.float64), tensor([1, 1], dtype=rutile.int32))
    #[pyo3(signature = (*args, dtype=None, device=None, non_blocking=false, copy=false, memory_format=None))]
    fn to<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        dtype: Option<&Bound<'py, PyAny>>,
        device: Option<&Bound<'py, PyAny>>,
        non_blocking: bool,
        copy: bool,
        memory_format: Option<&Bound<'py, PyMemoryFormat>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = non_blocking; // there is one device and copies are synchronous
        dtype::require_cpu(device)?;
        let mut target = dtype.filter(|dtype| !dtype.is_none()).map(dtype_from).transpose()?.flatten();
        let mut copy = copy;
        for argument in args.iter() {
            if let Ok(other) = argument.cast::<PyTensor>() {
                target = Some(other.get().tensor.dtype());
            } else if let Ok(dtype) = argument.cast::<PyDType>() {
                target = Some(dtype.get().0);
            } else if let Ok(flag) = argument.extract::<bool>() {
                copy |= flag && args.len() > 2;
            } else {
                dtype::require_cpu(Some(&argument))?;
            }
        }
        let dtype = target.unwrap_or(slf.get().tensor.dtype());
        let format = memory_format.map_or(MemoryFormat::Preserve, |format| format.get().0);
        let tensor = slf.get().tensor.clone();
        if copy && dtype == tensor.dtype() {
            return slf.get().wrapped(slf.py(), ops::convert::clone_in(&tensor, Some(format)));
        }
        if format == MemoryFormat::Preserve {
            return converted(slf, dtype);
        }
        let result = slf
            .py()
            .detach(|| ops::convert::contiguous_in(&ops::convert::to_dtype_in(&tensor, dtype, format)?, Some(format)));
        match result {
            Ok(same) if same.is(&tensor) => Ok(slf.clone().into_any()),
            result => slf.get().wrapped(slf.py(), result),
        }
    }
    /// Without argument the type's name, else as `to(dtype)`.
    /// Raises: TypeError for a name of no dtype.
    ///
    /// >>> rt.ones(2).type(), rt.ones(2).type(rt.int64).type()
    /// ('torch.FloatTensor', 'torch.LongTensor')
    #[pyo3(signature = (dtype=None, non_blocking=false))]
    fn r#type<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        non_blocking: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = non_blocking;
        let Some(dtype) = dtype.filter(|dtype| !dtype.is_none()) else {
            let name = match slf.get().tensor.dtype() {
                DType::Bool => "BoolTensor",
                DType::U8 => "ByteTensor",
                DType::I8 => "CharTensor",
                DType::I16 => "ShortTensor",
                DType::I32 => "IntTensor",
                DType::I64 => "LongTensor",
                DType::F16 => "HalfTensor",
                DType::BF16 => "BFloat16Tensor",
                DType::F32 => "FloatTensor",
                DType::F64 => "DoubleTensor",
                DType::C64 => "ComplexFloatTensor",
                DType::C128 => "ComplexDoubleTensor",
            };
            return Ok(format!("torch.{name}").into_pyobject(slf.py())?.into_any());
        };
        match dtype_from(dtype)? {
            Some(dtype) => converted(slf, dtype),
            None => Err(PyTypeError::new_err(format!("type(): {} names no dtype", dtype.repr()?))),
        }
    }
    /// As `to(other.dtype)`.
    ///
    /// >>> rt.ones(2).type_as(rt.tensor([1, 2]))
    /// tensor([1, 1])
    fn type_as<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, other.get().tensor.dtype())
    }
    /// As `to(float32)`.
    ///
    /// >>> rt.tensor([1, 2]).float()
    /// tensor([1., 2.])
    fn float<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::F32)
    }
    /// As `to(float64)`.
    ///
    /// >>> rt.tensor([1, 2]).double()
    /// tensor([1., 2.], dtype=rutile.float64)
    fn double<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::F64)
    }
    /// As `to(float16)`.
    ///
    /// >>> rt.tensor([1, 2]).half()
    /// tensor([1., 2.], dtype=rutile.float16)
    fn half<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::F16)
    }
    /// As `to(complex64)`.
    ///
    /// >>> rt.tensor([1, 2]).cfloat()
    /// tensor([1.+0.j, 2.+0.j])
    fn cfloat<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::C64)
    }
    /// As `to(complex128)`.
    ///
    /// >>> rt.tensor([1, 2]).cdouble()
    /// tensor([1.+0.j, 2.+0.j], dtype=rutile.complex128)
    fn cdouble<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::C128)
    }
    /// As `to(bfloat16)`.
    ///
    /// >>> rt.tensor([1, 2]).bfloat16()
    /// tensor([1., 2.], dtype=rutile.bfloat16)
    fn bfloat16<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::BF16)
    }
    /// As `to(int64)`.
    ///
    /// >>> rt.tensor([1.7, -1.7]).long()
    /// tensor([ 1, -1])
    fn long<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::I64)
    }
    /// As `to(int32)`.
    ///
    /// >>> rt.tensor([1.7, -1.7]).int()
    /// tensor([ 1, -1], dtype=rutile.int32)
    fn int<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::I32)
    }
    /// As `to(int16)`.
    ///
    /// >>> rt.tensor([1.7, -1.7]).short()
    /// tensor([ 1, -1], dtype=rutile.int16)
    fn short<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::I16)
    }
    /// As `to(int8)`.
    ///
    /// >>> rt.tensor([1.7, -1.7]).char()
    /// tensor([ 1, -1], dtype=rutile.int8)
    fn char<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::I8)
    }
    /// As `to(uint8)`.
    ///
    /// >>> rt.tensor([1.7, 255.0]).byte()
    /// tensor([  1, 255], dtype=rutile.uint8)
    fn byte<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::U8)
    }
    /// As `to(bool)`.
    ///
    /// >>> rt.tensor([0.0, 0.5, rt.nan]).bool()
    /// tensor([False,  True,  True])
    fn bool<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        converted(slf, DType::Bool)
    }
    /// The tensor itself: it is on the CPU.
    ///
    /// >>> x = rt.ones(2)
    /// >>> x.cpu() is x
    /// True
    fn cpu(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
    /// The tensor itself: all memory is the host's.
    ///
    /// >>> x = rt.ones(2)
    /// >>> x.pin_memory() is x
    /// True
    fn pin_memory(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
    /// Raises: RuntimeError, as there is no GPU. Leave it out, or guard it by `cuda.is_available()`.
    #[pyo3(signature = (device=None, non_blocking=false))]
    fn cuda(&self, device: Option<&Bound<'_, PyAny>>, non_blocking: bool) -> PyResult<()> {
        let _ = (device, non_blocking);
        Err(PyRuntimeError::new_err(
            "cuda() is not there: Rutile computes on the CPU. Leave it out, or guard it by cuda.is_available().",
        ))
    }

    // ---- shapes from others, writes ----

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
        self.wrapped(py, ops::view::reshape_to(&self.tensor, &other.get().tensor.shape()))
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

    // ---- copies ----

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
