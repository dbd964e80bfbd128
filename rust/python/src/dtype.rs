//! `rutile.dtype` and `rutile.device`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use rutile::DType;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The type of a tensor's elements; one object per type, so `is` works.
#[pyclass(frozen, name = "dtype", module = "rutile", from_py_object)]
#[derive(Clone, Copy)]
pub struct PyDType(pub DType);

static ALL: PyOnceLock<Vec<Py<PyDType>>> = PyOnceLock::new();

/// The object of a dtype.
pub fn object(py: Python<'_>, dtype: DType) -> PyResult<Bound<'_, PyDType>> {
    let all = ALL
        .get_or_try_init(py, || DType::ALL.iter().map(|&dtype| Py::new(py, PyDType(dtype))).collect::<PyResult<_>>())?;
    Ok(all[dtype as usize].bind(py).clone())
}

/// Other names of dtypes.
pub const ALIASES: [(&str, DType); 10] = [
    ("half", DType::F16),
    ("float", DType::F32),
    ("double", DType::F64),
    ("short", DType::I16),
    ("int", DType::I32),
    ("long", DType::I64),
    ("byte", DType::U8),
    ("char", DType::I8),
    ("cfloat", DType::C64),
    ("cdouble", DType::C128),
];

#[pymethods]
impl PyDType {
    fn __repr__(&self) -> String {
        format!("rutile.{}", self.0)
    }
    fn __reduce__(&self) -> &'static str {
        // Pickle finds it by this name in the module `rutile`.
        self.0.name()
    }
    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyDType>().is_ok_and(|other| other.get().0 == self.0)
    }
    #[getter]
    fn is_floating_point(&self) -> bool {
        self.0.is_float()
    }
    #[getter]
    fn is_complex(&self) -> bool {
        self.0.is_complex()
    }
    /// The type of real and imaginary part; a real type itself.
    #[pyo3(name = "to_real")]
    fn real<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDType>> {
        object(py, self.0.real())
    }
    /// The complex type whose parts are of this type; a complex type itself.
    #[pyo3(name = "to_complex")]
    fn complex<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDType>> {
        if self.0.has_gradients() {
            object(py, self.0.complex())
        } else {
            Err(PyRuntimeError::new_err(format!("{} has no complex type: only floats have", self.0)))
        }
    }
    #[getter]
    fn is_signed(&self) -> bool {
        !matches!(self.0, DType::Bool | DType::U8)
    }
    #[getter]
    fn itemsize(&self) -> usize {
        self.0.size()
    }
}

/// Where a tensor lives. There is one place: the CPU.
#[pyclass(frozen, name = "device", module = "rutile")]
pub struct PyDevice;

#[pymethods]
impl PyDevice {
    #[new]
    #[pyo3(signature = (r#type, index=None))]
    fn new(r#type: &Bound<'_, PyAny>, index: Option<i64>) -> PyResult<PyDevice> {
        require_cpu(Some(r#type))?;
        match index {
            None | Some(0) => Ok(PyDevice),
            Some(index) => Err(PyRuntimeError::new_err(format!("device: there is one CPU device, not number {index}"))),
        }
    }
    #[getter]
    fn r#type(&self) -> &'static str {
        "cpu"
    }
    #[getter]
    fn index(&self) -> Option<i64> {
        None
    }
    fn __repr__(&self) -> &'static str {
        "device(type='cpu')"
    }
    fn __str__(&self) -> &'static str {
        "cpu"
    }
    fn __hash__(&self) -> u64 {
        0x00c9_0000
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyDevice>().is_ok()
    }
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (&'static str,)) {
        (py.get_type::<PyDevice>().into_any(), ("cpu",))
    }
    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }
    fn __exit__(&self, _kind: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>, _trace: &Bound<'_, PyAny>) {}
}

/// Accepts None, "cpu", "cpu:0" and device objects; says why anything else is not there.
pub fn require_cpu(device: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let Some(device) = device.filter(|device| !device.is_none()) else {
        return Ok(());
    };
    if device.cast::<PyDevice>().is_ok() {
        return Ok(());
    }
    let name = device.str()?.to_string();
    if name == "cpu" || name == "cpu:0" {
        return Ok(());
    }
    Err(PyRuntimeError::new_err(format!(
        "device {name:?} is not there: Rutile computes on the CPU. Use device=\"cpu\", or choose the device with \
         `\"cuda\" if rutile.cuda.is_available() else \"cpu\"`."
    )))
}
