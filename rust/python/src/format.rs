//! `rutile.memory_format` and `rutile.layout`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use rutile::array::MemoryFormat;

/// In which order axes lie in memory; one object per format, so `is` works.
#[pyclass(frozen, eq, hash, name = "memory_format", module = "rutile")]
#[derive(Clone, Copy, PartialEq, Hash)]
pub struct PyMemoryFormat(pub MemoryFormat);

#[pymethods]
impl PyMemoryFormat {
    fn __repr__(&self) -> String {
        format!("rutile.{}", self.0.name())
    }
    fn __reduce__(&self) -> &'static str {
        // Pickle finds it by this name in the module `rutile`.
        self.0.name()
    }
}

static FORMATS: PyOnceLock<Vec<Py<PyMemoryFormat>>> = PyOnceLock::new();

/// The object of a memory format.
pub fn memory_format(py: Python<'_>, format: MemoryFormat) -> PyResult<Bound<'_, PyMemoryFormat>> {
    let all = FORMATS.get_or_try_init(py, || {
        MemoryFormat::ALL.iter().map(|&format| Py::new(py, PyMemoryFormat(format))).collect::<PyResult<_>>()
    })?;
    Ok(all[format as usize].bind(py).clone())
}

/// How a tensor's elements are stored. There is one way: strided.
#[pyclass(frozen, eq, hash, name = "layout", module = "rutile")]
#[derive(Clone, Copy, PartialEq, Hash)]
pub struct PyLayout;

#[pymethods]
impl PyLayout {
    fn __repr__(&self) -> &'static str {
        "rutile.strided"
    }
    fn __reduce__(&self) -> &'static str {
        "strided"
    }
}

static STRIDED: PyOnceLock<Py<PyLayout>> = PyOnceLock::new();

/// The object `strided`.
pub fn strided(py: Python<'_>) -> PyResult<Bound<'_, PyLayout>> {
    Ok(STRIDED.get_or_try_init(py, || Py::new(py, PyLayout))?.bind(py).clone())
}
