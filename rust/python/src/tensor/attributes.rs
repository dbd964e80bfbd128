//! What a tensor is: shape, dtype, memory, device.

use super::PyTensor;
use crate::dtype::{PyDType, PyDevice};
use crate::format::PyMemoryFormat;
use crate::{convert, dtype, error, interop, operators};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rutile::Tensor;
use rutile::array::{MemoryFormat, normalize_axis};
use rutile::ops;

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

#[pymethods]
impl PyTensor {
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
}
