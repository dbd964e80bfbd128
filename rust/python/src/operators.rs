//! Python's operators on tensors.

use crate::tensor::PyTensor;
use crate::{call, convert, error, interop};
use pyo3::basic::CompareOp;
use pyo3::prelude::*;
use pyo3::types::PyNotImplemented;
use rutile::array::Array;
use rutile::error::guard;
use rutile::ops::{arith, compare, inplace, matmul, numeric};
use rutile::profile::{self, Kind, Span};
use rutile::{Result, Tensor};

/// A tensor, or a number as a tensor that promotes as numbers do; None for anything else.
pub fn operand(object: &Bound<'_, PyAny>) -> PyResult<Option<Tensor>> {
    if let Ok(tensor) = object.cast::<PyTensor>() {
        return Ok(Some(tensor.get().tensor.clone()));
    }
    if let Some(value) = convert::number(object)? {
        return Ok(Some(Array::wrapped(value).into()));
    }
    // NumPy's arrays and scalars.
    if object.hasattr("__array_interface__")? {
        let tensor = interop::from_data(object, None)?;
        if tensor.ndim() == 0 {
            return Ok(Some(Array::wrapped(tensor.array().item()).into()));
        }
        return Ok(Some(tensor));
    }
    Ok(None)
}

/// An operator in the profile, under the name of its operation.
fn span(name: &'static str, a: &Tensor, b: &Tensor) -> Option<Span> {
    profile::span(Kind::Operation, name, || vec![a.shape().to_vec(), b.shape().to_vec()])
}

fn run<'py>(
    py: Python<'py>,
    name: &'static str,
    a: &Tensor,
    b: &Tensor,
    f: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> PyResult<Bound<'py, PyAny>> {
    let _span = span(name, a, b);
    let heavy = |t: &Tensor| t.with_array(|array| array.len() * array.dtype().size() > call::DETACH_BYTES);
    let result = if heavy(a) || heavy(b) { py.detach(|| guard(name, || f(a, b))) } else { guard(name, || f(a, b)) };
    convert::wrap(py, error::check(py, result)?)
}

fn unary<'py>(
    py: Python<'py>,
    name: &'static str,
    x: &Tensor,
    f: fn(&Tensor) -> Result<Tensor>,
) -> PyResult<Bound<'py, PyAny>> {
    let _span = profile::span(Kind::Operation, name, || vec![x.shape().to_vec()]);
    convert::wrap(py, error::check(py, guard(name, || f(x)))?)
}

fn binary<'py>(
    name: &'static str,
    slf: &Bound<'py, PyTensor>,
    other: &Bound<'py, PyAny>,
    reflected: bool,
    f: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = slf.py();
    let Some(other) = operand(other)? else {
        return Ok(PyNotImplemented::get(py).to_owned().into_any());
    };
    let own = &slf.get().tensor;
    if reflected { run(py, name, &other, own, f) } else { run(py, name, own, &other, f) }
}

fn write(
    op: &'static str,
    slf: &Bound<'_, PyTensor>,
    other: &Bound<'_, PyAny>,
    f: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Sync,
) -> PyResult<()> {
    let py = slf.py();
    let Some(other) = operand(other)? else {
        let name = other.get_type().name()?;
        return Err(pyo3::exceptions::PyTypeError::new_err(format!(
            "unsupported operand type for an in-place operation: 'Tensor' and '{name}'"
        )));
    };
    let own = slf.get().tensor.clone();
    let _span = span(op, &own, &other);
    error::check(py, py.detach(|| guard(op, || f(&own, &other))).map(drop))
}

/// An in-place operator without a kernel of its own: computed beside, then written.
fn assigned(
    op: &'static str,
    f: fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> impl Fn(&Tensor, &Tensor) -> Result<Tensor> {
    move |a, b| {
        let result = f(&inplace::stand_in(a)?, b)?;
        inplace::assign(op, a, &result)?;
        Ok(a.clone())
    }
}

fn add(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    arith::add(a, b, 1.0)
}

fn sub(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    arith::sub(a, b, 1.0)
}

#[pymethods]
impl PyTensor {
    fn __add__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("add", slf, other, false, add)
    }
    fn __radd__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("add", slf, other, true, add)
    }
    fn __sub__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("sub", slf, other, false, sub)
    }
    fn __rsub__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("sub", slf, other, true, sub)
    }
    fn __mul__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("mul", slf, other, false, arith::mul)
    }
    fn __rmul__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("mul", slf, other, true, arith::mul)
    }
    fn __truediv__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("div", slf, other, false, arith::true_divide)
    }
    fn __rtruediv__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("div", slf, other, true, arith::true_divide)
    }
    fn __floordiv__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("floor_divide", slf, other, false, arith::floor_divide)
    }
    fn __rfloordiv__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("floor_divide", slf, other, true, arith::floor_divide)
    }
    fn __mod__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("remainder", slf, other, false, arith::remainder)
    }
    fn __rmod__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("remainder", slf, other, true, arith::remainder)
    }
    fn __matmul__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("matmul", slf, other, false, matmul::matmul)
    }
    fn __rmatmul__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("matmul", slf, other, true, matmul::matmul)
    }
    fn __pow__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        modulo: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        match modulo {
            Some(_) => Ok(PyNotImplemented::get(slf.py()).to_owned().into_any()),
            None => binary("pow", slf, other, false, arith::pow),
        }
    }
    fn __rpow__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        modulo: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = modulo;
        binary("pow", slf, other, true, arith::pow)
    }
    fn __and__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_and", slf, other, false, compare::bitwise_and)
    }
    fn __rshift__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_right_shift", slf, other, false, numeric::bitwise_right_shift)
    }
    fn __lshift__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_left_shift", slf, other, false, numeric::bitwise_left_shift)
    }
    fn __rand__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_and", slf, other, true, compare::bitwise_and)
    }
    fn __rrshift__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_right_shift", slf, other, true, numeric::bitwise_right_shift)
    }
    fn __rlshift__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_left_shift", slf, other, true, numeric::bitwise_left_shift)
    }
    fn __or__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_or", slf, other, false, compare::bitwise_or)
    }
    fn __ror__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_or", slf, other, true, compare::bitwise_or)
    }
    fn __xor__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_xor", slf, other, false, compare::bitwise_xor)
    }
    fn __rxor__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        binary("bitwise_xor", slf, other, true, compare::bitwise_xor)
    }
    fn __iadd__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("add_", slf, other, |a, b| arith::add_(a, b, 1.0))
    }
    fn __isub__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("sub_", slf, other, |a, b| arith::sub_(a, b, 1.0))
    }
    fn __imul__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("mul_", slf, other, arith::mul_)
    }
    fn __itruediv__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("div_", slf, other, arith::true_divide_)
    }
    fn __ifloordiv__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("floor_divide_", slf, other, assigned("floor_divide", arith::floor_divide))
    }
    fn __imod__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("remainder_", slf, other, assigned("remainder", arith::remainder))
    }
    fn __ipow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, _modulo: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        write("pow_", slf, other, assigned("pow", arith::pow))
    }
    fn __iand__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("bitwise_and_", slf, other, assigned("bitwise_and", compare::bitwise_and))
    }
    fn __irshift__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("bitwise_right_shift_", slf, other, assigned("bitwise_right_shift", numeric::bitwise_right_shift))
    }
    fn __ilshift__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("bitwise_left_shift_", slf, other, assigned("bitwise_left_shift", numeric::bitwise_left_shift))
    }
    fn __ior__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("bitwise_or_", slf, other, assigned("bitwise_or", compare::bitwise_or))
    }
    fn __ixor__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
        write("bitwise_xor_", slf, other, assigned("bitwise_xor", compare::bitwise_xor))
    }
    fn __neg__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        unary(py, "neg", &self.tensor, arith::neg)
    }
    fn __pos__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }
    fn __abs__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        unary(py, "abs", &self.tensor, arith::abs)
    }
    fn __invert__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        unary(py, "bitwise_not", &self.tensor, compare::bitwise_not)
    }
    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        match op {
            CompareOp::Lt => binary("lt", slf, other, false, compare::lt),
            CompareOp::Le => binary("le", slf, other, false, compare::le),
            CompareOp::Eq => binary("eq", slf, other, false, compare::eq),
            CompareOp::Ne => binary("ne", slf, other, false, compare::ne),
            CompareOp::Gt => binary("gt", slf, other, false, compare::gt),
            CompareOp::Ge => binary("ge", slf, other, false, compare::ge),
        }
    }
}
