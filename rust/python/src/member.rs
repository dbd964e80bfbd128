//! Parameters, buffers and children of modules, found by name.

use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};
use pyo3::{ffi, intern};

/// Finds what `nn.Module` has registered under a name, for classes that annotate it. An attribute of this kind yields to
/// whatever else has the name and is as good as absent where nothing is registered; `Module.__getattr__` would find the
/// same after Python had looked everywhere else and raised an error.
#[pyclass(frozen, name = "_Member", module = "rutile._rutile")]
pub struct Member(Py<PyString>);

#[pymethods]
impl Member {
    #[new]
    fn new(name: Py<PyString>) -> Member {
        Member(name)
    }

    fn __get__<'py>(
        &self,
        py: Python<'py>,
        instance: Option<&Bound<'py, PyAny>>,
        _owner: Option<&Bound<'py, PyType>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let name = self.0.bind(py);
        if let Some(instance) = instance {
            // SAFETY: the object is alive; the result is a new reference or an error.
            let own = unsafe {
                Bound::from_owned_ptr_or_err(py, ffi::PyObject_GenericGetDict(instance.as_ptr(), std::ptr::null_mut()))?
            };
            let own = own.cast::<PyDict>()?;
            for registry in [intern!(py, "_parameters"), intern!(py, "_modules"), intern!(py, "_buffers")] {
                if let Some(members) = own.get_item(registry)?
                    && let Ok(members) = members.cast::<PyDict>()
                    && let Some(member) = members.get_item(name)?
                {
                    return Ok(member);
                }
            }
        }
        Err(PyAttributeError::new_err(self.0.clone_ref(py)))
    }
}
