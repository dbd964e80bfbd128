//! Its place on the tape: gradients and hooks.

use super::PyTensor;
use crate::{autograd, convert, error};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

#[pymethods]
impl PyTensor {
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
}
