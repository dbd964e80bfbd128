//! Other dtypes, devices and memory formats.

use super::PyTensor;
use crate::dtype::{self, PyDType};
use crate::format::PyMemoryFormat;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};
use rutile::array::{DType, MemoryFormat};
use rutile::ops;

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
}
