//! The buffer protocol: `memoryview(tensor)`, `bytes(tensor)`, and whatever reads memory by it; `frombuffer` the other
//! way.

use crate::interop;
use crate::tensor::PyTensor;
use crate::{convert, error};
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use rutile::array::{Array, DType};
use std::ffi::{CStr, c_int, c_void};

/// The element's format in the words of the module `struct`.
fn format(dtype: DType) -> Option<&'static CStr> {
    Some(match dtype {
        DType::Bool => c"?",
        DType::U8 => c"B",
        DType::I8 => c"b",
        DType::I16 => c"h",
        DType::I32 => c"i",
        DType::I64 => c"q",
        DType::F16 => c"e",
        DType::F32 => c"f",
        DType::F64 => c"d",
        DType::C64 => c"Zf",
        DType::C128 => c"Zd",
        DType::BF16 => return None,
    })
}

/// What a view needs while it lives.
struct Shown {
    _array: Array,
    shape: Vec<isize>,
    strides: Vec<isize>,
}

#[pymethods]
impl PyTensor {
    /// # Safety
    /// Python calls with a `Py_buffer` to be filled in.
    unsafe fn __getbuffer__(slf: Bound<'_, Self>, view: *mut ffi::Py_buffer, flags: c_int) -> PyResult<()> {
        let tensor = &slf.get().tensor;
        if tensor.requires_grad() {
            return Err(PyBufferError::new_err("the memory of a tensor that requires grad is not shown; use detach()"));
        }
        let array = tensor.array();
        let Some(format) = format(array.dtype()) else {
            return Err(PyBufferError::new_err("buffers know no bfloat16: convert first, x.float()"));
        };
        let wants = |flag: c_int| flags & flag == flag;
        let writable = array.storage().is_writable();
        if wants(ffi::PyBUF_WRITABLE) && !writable {
            return Err(PyBufferError::new_err("the tensor is on read-only memory; clone() it first"));
        }
        if (!wants(ffi::PyBUF_STRIDES) || wants(ffi::PyBUF_C_CONTIGUOUS)) && !array.is_contiguous() {
            return Err(PyBufferError::new_err("the tensor is not contiguous; use contiguous()"));
        }
        let size = array.dtype().size() as isize;
        let mut shown = Box::new(Shown {
            shape: array.shape().iter().map(|&n| n as isize).collect(),
            strides: array.strides().iter().map(|&stride| stride * size).collect(),
            _array: array,
        });
        let array = &shown._array;
        let first = array.storage().pointer() as usize + array.offset() * size as usize;
        let (len, ndim) = (array.len() as isize * size, array.ndim() as c_int);
        // SAFETY: `view` is Python's to be filled in. What it points to lives in `shown` until `__releasebuffer__`; the
        // object is kept alive by the view.
        unsafe {
            (*view).buf = first as *mut c_void;
            (*view).len = len;
            (*view).itemsize = size;
            (*view).readonly = c_int::from(!writable);
            (*view).ndim = ndim;
            (*view).format = if wants(ffi::PyBUF_FORMAT) { format.as_ptr().cast_mut() } else { std::ptr::null_mut() };
            (*view).shape = if wants(ffi::PyBUF_ND) { shown.shape.as_mut_ptr() } else { std::ptr::null_mut() };
            (*view).strides = if wants(ffi::PyBUF_STRIDES) { shown.strides.as_mut_ptr() } else { std::ptr::null_mut() };
            (*view).suboffsets = std::ptr::null_mut();
            (*view).internal = Box::into_raw(shown).cast();
            (*view).obj = slf.into_any().into_ptr();
        }
        Ok(())
    }

    /// # Safety
    /// Python calls with a `Py_buffer` that `__getbuffer__` filled in.
    unsafe fn __releasebuffer__(&self, view: *mut ffi::Py_buffer) {
        // SAFETY: made by `Box::into_raw` above; Python releases a view once.
        unsafe { drop(Box::from_raw((*view).internal.cast::<Shown>())) }
    }
}

/// A view of an object's bytes, given back with the last tensor on it.
struct Held(Box<ffi::Py_buffer>);

// SAFETY: it is only dropped, under the interpreter lock.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: filled by `PyObject_GetBuffer`, released once, and with the lock as Python wants it.
        Python::attach(|_| unsafe { ffi::PyBuffer_Release(&mut *self.0) });
    }
}

/// A tensor of one axis on the memory of an object with the buffer protocol (bytes, bytearray, array, mmap): `count`
/// elements (all that there are if negative) from byte `offset` on. Memory that is read-only stays unwritten.
/// Raises: ValueError if there are no elements, not as many, or a part of one.
///
/// >>> rt.frombuffer(bytearray([1, 0, 2, 0]), dtype=rt.int16)
/// tensor([1, 2], dtype=rutile.int16)
#[pyfunction]
#[pyo3(
    signature = (buffer, *, dtype, count=-1, offset=0, requires_grad=false),
    text_signature = "(buffer, *, dtype, count=-1, offset=0, requires_grad=False)"
)]
pub fn frombuffer<'py>(
    buffer: &Bound<'py, PyAny>,
    dtype: &Bound<'py, crate::dtype::PyDType>,
    count: i64,
    offset: i64,
    requires_grad: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, dtype) = (buffer.py(), dtype.get().0);
    // SAFETY: all fields of the structure may be zero.
    let mut held = Held(Box::new(unsafe { std::mem::zeroed() }));
    // SAFETY: an object and a structure to be filled in; if that fails Python leaves it released.
    if unsafe { ffi::PyObject_GetBuffer(buffer.as_ptr(), &mut *held.0, ffi::PyBUF_SIMPLE) } != 0 {
        let cause = PyErr::fetch(py);
        if cause.is_instance_of::<PyBufferError>(py) {
            return Err(cause);
        }
        return Err(PyTypeError::new_err(format!(
            "frombuffer: wants an object with the buffer protocol (bytes, bytearray, memoryview, mmap), got {}",
            buffer.get_type().name()?
        )));
    }
    let (len, size) = (held.0.len as i64, dtype.size() as i64);
    let wrong = |text: String| Err(PyValueError::new_err(format!("frombuffer: {text}")));
    if len <= 0 || count == 0 {
        return wrong(format!("both buffer length ({len}) and count ({count}) must not be 0"));
    }
    if offset < 0 || offset >= len {
        return wrong(format!(
            "offset ({offset} bytes) must be non-negative and no greater than buffer length ({len} bytes) minus 1"
        ));
    }
    let left = len - offset;
    if count < 0 && left % size != 0 {
        return wrong(format!(
            "buffer length ({left} bytes) after offset ({offset} bytes) must be a multiple of element size ({size})"
        ));
    }
    let count = if count < 0 { left / size } else { count };
    if count.checked_mul(size).is_none_or(|bytes| bytes > left) {
        return wrong(format!(
            "requested buffer length ({count} elements of {size} bytes) after offset ({offset} bytes) must not be greater than actual buffer length ({len} bytes)"
        ));
    }
    let (address, writable) = (held.0.buf as usize + offset as usize, held.0.readonly == 0);
    // SAFETY: checked to lie inside the view, which lives as long as its holder.
    let tensor = unsafe { interop::on_foreign(address, dtype, &[count as usize], &[1], writable, Box::new(held))? };
    error::check(py, tensor.set_requires_grad(requires_grad))?;
    convert::wrap(py, tensor)
}
