//! DLPack, by which array libraries lend each other memory: <https://dmlc.github.io/dlpack/latest/>. Both the form
//! without a version (a capsule named `dltensor`) and version 1 (`dltensor_versioned`) are given and taken.

use crate::convert;
use crate::interop;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyTuple};
use rutile::array::{Array, DType, contiguous_strides};
use rutile::{Tensor, ops};
use std::ffi::{CStr, c_void};

const CPU: i32 = 1;
const READ_ONLY: u64 = 1;
const IS_COPIED: u64 = 2;
const MAJOR: u32 = 1;
const PLAIN: &CStr = c"dltensor";
const PLAIN_USED: &CStr = c"used_dltensor";
const VERSIONED: &CStr = c"dltensor_versioned";
const VERSIONED_USED: &CStr = c"used_dltensor_versioned";

// ---- the structures of dlpack.h ----

#[repr(C)]
#[derive(Clone, Copy)]
struct Device {
    kind: i32,
    id: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct DataType {
    code: u8,
    bits: u8,
    lanes: u16,
}

#[repr(C)]
struct DLTensor {
    data: *mut c_void,
    device: Device,
    ndim: i32,
    dtype: DataType,
    shape: *mut i64,
    strides: *mut i64,
    byte_offset: u64,
}

/// `DLManagedTensor`
#[repr(C)]
struct Managed {
    tensor: DLTensor,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut Managed)>,
}

/// `DLManagedTensorVersioned`
#[repr(C)]
struct ManagedVersioned {
    major: u32,
    minor: u32,
    context: *mut c_void,
    deleter: Option<unsafe extern "C" fn(*mut ManagedVersioned)>,
    flags: u64,
    tensor: DLTensor,
}

fn data_type(dtype: DType) -> DataType {
    let code = match dtype {
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => 0,
        DType::U8 => 1,
        DType::F16 | DType::F32 | DType::F64 => 2,
        DType::BF16 => 4,
        DType::C64 | DType::C128 => 5,
        DType::Bool => 6,
    };
    DataType { code, bits: 8 * dtype.size() as u8, lanes: 1 }
}

// ---- giving ----

/// What a lent tensor needs until its borrower is done.
struct Lent {
    _array: Array,
    shape: Vec<i64>,
    strides: Vec<i64>,
}

/// The description of `array`, whose memory, shape and strides the returned context keeps.
fn describe(array: Array) -> (DLTensor, *mut c_void) {
    let data = (array.storage().pointer() as usize + array.offset() * array.dtype().size()) as *mut c_void;
    let (ndim, dtype) = (array.ndim() as i32, data_type(array.dtype()));
    let shape = array.shape().iter().map(|&n| n as i64).collect();
    let strides = array.strides().iter().map(|&n| n as i64).collect();
    let mut lent = Box::new(Lent { _array: array, shape, strides });
    let tensor = DLTensor {
        data,
        device: Device { kind: CPU, id: 0 },
        ndim,
        dtype,
        shape: lent.shape.as_mut_ptr(),
        strides: lent.strides.as_mut_ptr(),
        byte_offset: 0,
    };
    (tensor, Box::into_raw(lent).cast())
}

unsafe extern "C" fn delete_plain(managed: *mut Managed) {
    // SAFETY: both were made by `Box::into_raw` below, and a borrower calls this once.
    unsafe {
        let managed = Box::from_raw(managed);
        drop(Box::from_raw(managed.context.cast::<Lent>()));
    }
}

unsafe extern "C" fn delete_versioned(managed: *mut ManagedVersioned) {
    // SAFETY: as in `delete_plain`.
    unsafe {
        let managed = Box::from_raw(managed);
        drop(Box::from_raw(managed.context.cast::<Lent>()));
    }
}

/// Frees what nobody took: a borrower renames the capsule.
unsafe extern "C" fn drop_capsule(capsule: *mut ffi::PyObject) {
    // SAFETY: Python calls with the capsule that `lend` made; under its first name its pointer is still ours.
    unsafe {
        if ffi::PyCapsule_IsValid(capsule, PLAIN.as_ptr()) == 1 {
            delete_plain(ffi::PyCapsule_GetPointer(capsule, PLAIN.as_ptr()).cast());
        } else if ffi::PyCapsule_IsValid(capsule, VERSIONED.as_ptr()) == 1 {
            delete_versioned(ffi::PyCapsule_GetPointer(capsule, VERSIONED.as_ptr()).cast());
        }
    }
}

/// The capsule of a tensor: of version 1 if the borrower knows it (`max_version`), else the one without a version.
pub fn lend<'py>(
    py: Python<'py>,
    tensor: &Tensor,
    max_version: Option<(u32, u32)>,
    copy: bool,
) -> PyResult<Bound<'py, PyAny>> {
    if tensor.requires_grad() {
        return Err(PyBufferError::new_err("__dlpack__: can't lend a tensor that requires grad; use detach()"));
    }
    let array = tensor.array().unwrapped();
    let array = if copy { ops::convert::contiguous_copy(&array) } else { array };
    let writable = array.storage().is_writable();
    let (pointer, name) = if max_version.is_some_and(|(major, _)| major >= MAJOR) {
        let flags = if writable { 0 } else { READ_ONLY } | if copy { IS_COPIED } else { 0 };
        let (tensor, context) = describe(array);
        let deleter = Some(delete_versioned as _);
        let managed = ManagedVersioned { major: MAJOR, minor: 0, context, deleter, flags, tensor };
        (Box::into_raw(Box::new(managed)).cast::<c_void>(), VERSIONED)
    } else {
        if !writable {
            return Err(PyBufferError::new_err(
                "__dlpack__: the tensor is on read-only memory, which only DLPack 1.0 can say; clone() it first",
            ));
        }
        let (tensor, context) = describe(array);
        let managed = Managed { tensor, context, deleter: Some(delete_plain as _) };
        (Box::into_raw(Box::new(managed)).cast::<c_void>(), PLAIN)
    };
    // SAFETY: the pointer is not null, the name lives for ever, and the destructor has the type that is asked for.
    unsafe {
        let capsule = ffi::PyCapsule_New(pointer, name.as_ptr(), Some(drop_capsule));
        Bound::from_owned_ptr_or_err(py, capsule)
    }
}

#[pymethods]
impl PyTensor {
    /// A DLPack capsule of the tensor's memory, for another library's `from_dlpack`. `copy=True` lends a copy instead.
    #[pyo3(signature = (*, stream=None, max_version=None, dl_device=None, copy=None))]
    fn __dlpack__<'py>(
        &self,
        py: Python<'py>,
        stream: Option<i64>,
        max_version: Option<(u32, u32)>,
        dl_device: Option<(i32, i32)>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if stream.is_some_and(|stream| stream != -1) {
            return Err(PyValueError::new_err("__dlpack__: a tensor on the CPU has no streams; leave out stream="));
        }
        if dl_device.is_some_and(|device| device != (CPU, 0)) {
            return Err(PyBufferError::new_err("__dlpack__: the tensor can only be lent on the CPU, dl_device=(1, 0)"));
        }
        lend(py, &self.tensor, max_version, copy.unwrap_or(false))
    }
    /// `(1, 0)`: the CPU.
    fn __dlpack_device__(&self) -> (i32, i32) {
        (CPU, 0)
    }
}

// ---- taking ----

/// The lender's memory; gives it back when the last tensor on it is gone.
struct Borrowed {
    managed: *mut c_void,
    versioned: bool,
}

// SAFETY: DLPack asks of deleters that any thread may call them.
unsafe impl Send for Borrowed {}
// SAFETY: it is only ever dropped.
unsafe impl Sync for Borrowed {}

impl Drop for Borrowed {
    fn drop(&mut self) {
        // SAFETY: taken from a capsule of this kind, and called once.
        unsafe {
            if self.versioned {
                let managed = self.managed.cast::<ManagedVersioned>();
                if let Some(delete) = (*managed).deleter {
                    delete(managed);
                }
            } else {
                let managed = self.managed.cast::<Managed>();
                if let Some(delete) = (*managed).deleter {
                    delete(managed);
                }
            }
        }
    }
}

/// A tensor on the memory that a capsule describes; the capsule is used up.
fn take(capsule: &Bound<'_, PyCapsule>) -> PyResult<Tensor> {
    let object = capsule.as_ptr();
    // SAFETY: `object` is a capsule; a name that is valid has the pointer that DLPack lays down for it.
    let (managed, versioned, read_only) = unsafe {
        if ffi::PyCapsule_IsValid(object, VERSIONED.as_ptr()) == 1 {
            let managed = ffi::PyCapsule_GetPointer(object, VERSIONED.as_ptr());
            let header = managed.cast::<ManagedVersioned>();
            if (*header).major != MAJOR {
                let (major, minor) = ((*header).major, (*header).minor);
                return Err(PyBufferError::new_err(format!(
                    "from_dlpack: the array is given in version {major}.{minor} of DLPack, Rutile reads 1"
                )));
            }
            (managed, true, (*header).flags & READ_ONLY != 0)
        } else if ffi::PyCapsule_IsValid(object, PLAIN.as_ptr()) == 1 {
            (ffi::PyCapsule_GetPointer(object, PLAIN.as_ptr()), false, false)
        } else {
            return Err(PyValueError::new_err(
                "from_dlpack: wants a DLPack capsule that was not used yet; each can be taken only once",
            ));
        }
    };
    // SAFETY: the pointer of a capsule of this name is such a structure, alive until its deleter is called.
    let tensor = unsafe {
        if versioned { &(*managed.cast::<ManagedVersioned>()).tensor } else { &(*managed.cast::<Managed>()).tensor }
    };
    if tensor.device.kind != CPU {
        return Err(PyBufferError::new_err(format!(
            "from_dlpack: the array is on a device of DLPack's kind {}, Rutile computes on the CPU; copy it there first",
            tensor.device.kind
        )));
    }
    let DataType { code, bits, lanes } = tensor.dtype;
    let known = DType::ALL.into_iter().find(|&dtype| {
        let own = data_type(dtype);
        (own.code, own.bits, own.lanes) == (code, bits, lanes)
    });
    let Some(dtype) = known else {
        return Err(PyBufferError::new_err(format!(
            "from_dlpack: no dtype for DLPack's type code {code} of {bits} bits in {lanes} lanes"
        )));
    };
    // SAFETY: `ndim` integers each; a lender may leave strides out (row-major), and shape if there are no axes.
    let read = |pointer: *mut i64| unsafe { std::slice::from_raw_parts(pointer, tensor.ndim as usize) };
    let shape: Vec<usize> =
        if tensor.ndim == 0 { Vec::new() } else { read(tensor.shape).iter().map(|&n| n as usize).collect() };
    let strides: Vec<isize> = if tensor.ndim == 0 || tensor.strides.is_null() {
        contiguous_strides(&shape).to_vec()
    } else {
        read(tensor.strides).iter().map(|&n| n as isize).collect()
    };
    let address = tensor.data as usize + tensor.byte_offset as usize;
    let used = if versioned { VERSIONED_USED } else { PLAIN_USED };
    // SAFETY: the name lives for ever. From here on the memory is ours to give back.
    if unsafe { ffi::PyCapsule_SetName(object, used.as_ptr()) } != 0 {
        return Err(PyErr::fetch(capsule.py()));
    }
    let owner = Box::new(Borrowed { managed, versioned });
    // SAFETY: the lender promises its elements until the deleter is called, which dropping the owner does.
    unsafe { interop::on_foreign(address, dtype, &shape, &strides, !read_only, owner) }
}

/// A tensor on the memory of `ext_tensor`: an array of any library with `__dlpack__`, or a capsule. Nothing is copied
/// unless `copy=True`; writes to one are seen by the other, and memory that is lent for reading only stays unwritten.
/// Raises: TypeError for anything else; BufferError for memory that is not the CPU's.
///
/// >>> import numpy as np
/// >>> array = np.zeros(3)
/// >>> x = rt.from_dlpack(array)
/// >>> x[0] = 7
/// >>> array
/// array([7., 0., 0.])
#[pyfunction]
#[pyo3(signature = (ext_tensor, *, device=None, copy=None))]
pub fn from_dlpack<'py>(
    ext_tensor: &Bound<'py, PyAny>,
    device: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    crate::dtype::require_cpu(device)?;
    let py = ext_tensor.py();
    let capsule = if ext_tensor.cast::<PyCapsule>().is_ok() {
        ext_tensor.clone()
    } else if ext_tensor.hasattr("__dlpack__")? {
        let (kind, _): (i32, i32) = place(&ext_tensor.call_method0("__dlpack_device__")?)?;
        if kind != CPU {
            return Err(PyBufferError::new_err(format!(
                "from_dlpack: the array is on a device of DLPack's kind {kind}, Rutile computes on the CPU; copy it \
                 there first"
            )));
        }
        let keywords = PyDict::new(py);
        keywords.set_item("max_version", (MAJOR, 0))?;
        match ext_tensor.call_method("__dlpack__", (), Some(&keywords)) {
            // Libraries from before version 1 know no `max_version`.
            Err(error) if error.is_instance_of::<PyTypeError>(py) => ext_tensor.call_method0("__dlpack__")?,
            result => result?,
        }
    } else {
        return Err(PyTypeError::new_err(format!(
            "from_dlpack: wants an array with __dlpack__ or a capsule, got {}",
            ext_tensor.get_type().name()?
        )));
    };
    let tensor = take(&capsule.cast_into::<PyCapsule>()?)?;
    if copy == Some(true) {
        return convert::wrap(py, ops::convert::contiguous_copy(&tensor.array()).into());
    }
    convert::wrap(py, tensor)
}

/// The device as a pair of integers; its kind may be an enum.
fn place(device: &Bound<'_, PyAny>) -> PyResult<(i32, i32)> {
    let pair = device.cast::<PyTuple>()?;
    let number = |at: usize| pair.get_item(at)?.call_method0("__index__")?.extract::<i32>();
    Ok((number(0)?, number(1)?))
}

/// A DLPack capsule of a tensor's memory, in the form without a version: for libraries that take capsules.
///
/// >>> x = rt.zeros(2)
/// >>> rt.from_dlpack(rt.to_dlpack(x)).data_ptr() == x.data_ptr()
/// True
#[pyfunction]
pub fn to_dlpack<'py>(tensor: &Bound<'py, PyTensor>) -> PyResult<Bound<'py, PyAny>> {
    lend(tensor.py(), &tensor.get().tensor, None, false)
}
