//! The walk back, hooks and nodes as Python sees them.

use crate::convert;
use crate::error;
use crate::tensor::PyTensor;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rutile::array::{Array, Scalar};
use rutile::autograd::{self, Edge, Hook, Node, Request};
use rutile::error::guard;
use rutile::ops;
use rutile::ops::sums::Arithmetic;
use rutile::{Error, Tensor};
use std::sync::Arc;

/// A recorded operation.
#[pyclass(frozen, name = "Node", module = "rutile.autograd")]
pub struct PyNode(pub Arc<Node>);

#[pymethods]
impl PyNode {
    /// The operation's name.
    fn name(&self) -> String {
        let mut letters = self.0.name().chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}Backward", letters.as_str())
    }
    /// The nodes of the inputs: (node, output) pairs, with None for inputs without history.
    #[getter]
    fn next_functions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let next = self
            .0
            .next()
            .map(|edge| match edge {
                Some(Edge::Node(node, output)) => (Some(PyNode(node.clone())), *output).into_pyobject(py),
                _ => (None::<PyNode>, 0).into_pyobject(py),
            })
            .collect::<Result<Vec<_>, _>>()?;
        PyTuple::new(py, next)
    }
    /// What it took: nodes, leaves as tensors, None for what has no gradient.
    #[getter]
    fn _inputs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let inputs = self
            .0
            .next()
            .map(|edge| match edge {
                Some(Edge::Node(node, _)) => Ok(Bound::new(py, PyNode(node.clone()))?.into_any()),
                Some(Edge::Leaf(leaf)) => convert::wrap(py, leaf.clone()),
                None => Ok(py.None().into_bound(py)),
            })
            .collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, inputs)
    }
    fn __repr__(&self) -> String {
        format!("<{}>", self.name())
    }
    fn __hash__(&self) -> usize {
        Arc::as_ptr(&self.0) as usize >> 4
    }
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<PyNode>().is_ok_and(|other| Arc::ptr_eq(&other.get().0, &self.0))
    }
}

/// A Python function that sees gradients.
struct PyHook(Py<PyAny>);

impl Hook for PyHook {
    fn call(&self, grad: &Tensor) -> rutile::Result<Option<Tensor>> {
        Python::attach(|py| {
            let call = || -> PyResult<Option<Tensor>> {
                let result = self.0.bind(py).call1((convert::wrap(py, grad.clone())?,))?;
                if result.is_none() {
                    return Ok(None);
                }
                match result.cast::<PyTensor>() {
                    Ok(tensor) => Ok(Some(tensor.get().tensor.clone())),
                    Err(_) => Err(PyTypeError::new_err(format!(
                        "a hook must return None or a Tensor, not {}",
                        result.get_type().name()?
                    ))),
                }
            };
            call().map_err(error::keep)
        })
    }
}

/// Takes a hook away again: `handle.remove()`.
#[pyclass(frozen, name = "RemovableHandle", module = "rutile")]
pub struct Handle {
    tensor: Tensor,
    id: u64,
}

#[pymethods]
impl Handle {
    /// Removes the hook.
    fn remove(&self) {
        self.tensor.remove_hook(self.id);
    }
    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }
    fn __exit__(&self, _kind: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>, _trace: &Bound<'_, PyAny>) {
        self.remove();
    }
}

/// Registers a Python hook on a tensor.
pub fn register(py: Python<'_>, tensor: &Tensor, hook: Py<PyAny>, after: bool) -> PyResult<Handle> {
    if !hook.bind(py).is_callable() {
        return Err(PyTypeError::new_err("a hook must be callable"));
    }
    let hook: Arc<dyn Hook> = Arc::new(PyHook(hook));
    let id = error::check(py, if after { tensor.add_post_hook(hook) } else { tensor.add_hook(hook) })?;
    Ok(Handle { tensor: tensor.clone(), id })
}

/// Between steps of the walk: lets Ctrl-C in.
pub fn poll() -> rutile::Result<()> {
    Python::attach(|py| py.check_signals()).map_err(error::keep)
}

/// The gradient that a root starts with.
fn start(root: &Tensor, gradient: Option<Tensor>) -> rutile::Result<Tensor> {
    match gradient {
        Some(gradient) if gradient.shape() == root.shape() => Ok(gradient),
        Some(gradient) => Err(Error::Shape(format!(
            "Mismatch in shape: the gradient has {:?}, the output {:?}",
            &gradient.shape()[..],
            &root.shape()[..]
        ))),
        None if root.len() != 1 => Err(Error::Autograd(format!(
            "grad can be implicitly created only for scalar outputs, not for shape {:?}: pass gradient= or reduce the output",
            &root.shape()[..]
        ))),
        None if root.dtype().is_complex() => Err(Error::Autograd(format!(
            "grad can be implicitly created only for real scalar outputs but got {}: take abs(), .real or .imag, or pass \
             gradient=",
            root.dtype()
        ))),
        None if root.dtype().is_float() => {
            Ok(ops::convert::filled(root.dtype(), &root.shape(), Scalar::Float(1.0)).into())
        }
        None => Err(Error::Autograd(format!(
            "element 0 of tensors does not require grad and does not have a grad_fn: it is {}",
            root.dtype()
        ))),
    }
}

fn tensors(object: &Bound<'_, PyAny>) -> PyResult<Vec<Tensor>> {
    if let Ok(one) = object.cast::<PyTensor>() {
        return Ok(vec![one.get().tensor.clone()]);
    }
    object
        .try_iter()?
        .map(|item| match item?.cast::<PyTensor>() {
            Ok(tensor) => Ok(tensor.get().tensor.clone()),
            Err(_) => Err(PyTypeError::new_err("expected Tensors")),
        })
        .collect()
}

/// `backward()` from several roots.
pub fn run_backward(
    py: Python<'_>,
    roots: &[(Tensor, Option<Tensor>)],
    retain_graph: bool,
    create_graph: bool,
    inputs: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let inputs = inputs.filter(|inputs| !inputs.is_none()).map(tensors).transpose()?;
    let work = || {
        let roots = roots
            .iter()
            .map(|(root, g)| Ok((root.clone(), start(root, g.clone())?)))
            .collect::<rutile::Result<Vec<_>>>()?;
        let request =
            Request { roots: &roots, inputs: inputs.as_deref(), accumulate: true, retain_graph, create_graph };
        autograd::backward(&request, &Arithmetic).map(drop)
    };
    error::check(py, py.detach(|| guard("backward", work)))
}

/// `autograd.backward`
#[pyfunction]
#[pyo3(name = "_backward", signature = (tensors, grad_tensors, retain_graph, create_graph, inputs))]
pub fn backward(
    py: Python<'_>,
    tensors: Vec<Py<PyTensor>>,
    grad_tensors: Vec<Option<Py<PyTensor>>>,
    retain_graph: bool,
    create_graph: bool,
    inputs: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let roots: Vec<_> = tensors
        .iter()
        .zip(grad_tensors)
        .map(|(root, gradient)| (root.get().tensor.clone(), gradient.map(|gradient| gradient.get().tensor.clone())))
        .collect();
    run_backward(py, &roots, retain_graph, create_graph, inputs)
}

/// `autograd.grad`
#[pyfunction]
#[pyo3(name = "_grad", signature = (outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads))]
pub fn grad<'py>(
    py: Python<'py>,
    outputs: Vec<Py<PyTensor>>,
    inputs: Vec<Py<PyTensor>>,
    grad_outputs: Vec<Option<Py<PyTensor>>>,
    retain_graph: bool,
    create_graph: bool,
    allow_unused: bool,
    materialize_grads: bool,
) -> PyResult<Bound<'py, PyTuple>> {
    let inputs: Vec<Tensor> = inputs.iter().map(|input| input.get().tensor.clone()).collect();
    let roots: Vec<_> = outputs
        .iter()
        .zip(grad_outputs)
        .map(|(root, gradient)| (root.get().tensor.clone(), gradient.map(|gradient| gradient.get().tensor.clone())))
        .collect();
    let work = || {
        let roots = roots
            .iter()
            .map(|(root, g)| Ok((root.clone(), start(root, g.clone())?)))
            .collect::<rutile::Result<Vec<_>>>()?;
        let request = Request { roots: &roots, inputs: Some(&inputs), accumulate: false, retain_graph, create_graph };
        autograd::backward(&request, &Arithmetic)
    };
    let grads = error::check(py, py.detach(|| guard("backward", work)))?;
    let grads = grads
        .into_iter()
        .zip(&inputs)
        .map(|(grad, input)| match grad {
            Some(grad) => Ok(convert::wrap(py, grad)?),
            None if materialize_grads => convert::wrap(py, ops::convert::zeros(input.dtype(), &input.shape()).into()),
            None if allow_unused => Ok(py.None().into_bound(py)),
            None => Err(PyRuntimeError::new_err(
                "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if \
                 this is the desired behavior.",
            )),
        })
        .collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, grads)
}

/// Records a derivative written in Python: `backward(*grad_outputs)` gives a gradient (or None) per input. Returns new
/// tensors on the memory of `outputs` that remember it.
#[pyfunction]
#[pyo3(name = "_record")]
pub fn record<'py>(
    py: Python<'py>,
    outputs: Vec<Py<PyTensor>>,
    inputs: Vec<Py<PyTensor>>,
    backward: Py<PyAny>,
) -> PyResult<Bound<'py, PyList>> {
    let arrays: Vec<Array> = outputs.iter().map(|output| output.get().tensor.array().unwrapped()).collect();
    let inputs: Vec<Tensor> = inputs.iter().map(|input| input.get().tensor.clone()).collect();
    let borrowed: Vec<&Tensor> = inputs.iter().collect();
    let count = inputs.len();
    let recorded = autograd::record_many("function", arrays, &borrowed, move |gs, grads| {
        let results = Python::attach(|py| {
            let call = || -> PyResult<Vec<Option<Tensor>>> {
                let arguments = gs
                    .iter()
                    .map(|g| g.as_ref().map_or_else(|| Ok(py.None().into_bound(py)), |g| convert::wrap(py, g.clone())))
                    .collect::<PyResult<Vec<_>>>()?;
                let result = backward.bind(py).call1(PyTuple::new(py, arguments)?)?;
                result
                    .try_iter()?
                    .map(|item| {
                        let item = item?;
                        if item.is_none() {
                            return Ok(None);
                        }
                        match item.cast::<PyTensor>() {
                            Ok(tensor) => Ok(Some(tensor.get().tensor.clone())),
                            Err(_) => Err(PyTypeError::new_err("backward must return Tensors or None")),
                        }
                    })
                    .collect()
            };
            call().map_err(error::keep)
        })?;
        if results.len() != count {
            return Err(Error::Autograd(format!("backward returned {} gradients for {count} inputs", results.len())));
        }
        for result in results {
            grads.push_option(result);
        }
        Ok(())
    });
    let recorded = recorded.into_iter().map(|tensor| convert::wrap(py, tensor)).collect::<PyResult<Vec<_>>>()?;
    PyList::new(py, recorded)
}
