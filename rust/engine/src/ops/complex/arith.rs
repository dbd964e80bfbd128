//! What rows of formulas do with complex numbers, and the operations that are about them: conjugates, lengths, angles.

use super::super::registry::{Sample, Values};
use super::super::{arith, compare, convert, create, formula, special, sums};
use super::{imag, real};
use crate::array::{Array, DType, Scalar, broadcast_shapes, result_type};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::with_dtype;
use rutile_kernels::complex as kernels;
use rutile_macros::op;
use std::f64::consts::PI;

// ---- kernels of rows ----

/// A function of one number.
pub fn map(f: kernels::Function, [x]: &[Array; 1], out: &Array) {
    with_dtype!(reals out.dtype().real(), T => kernels::map::<T>(f, x.pairs::<T>(), out.pairs_mut::<T>()));
}

/// The row `mul`.
pub fn product([a, b]: &[Array; 2], out: &Array) {
    with_dtype!(reals out.dtype().real(), T => {
        kernels::product::<T>(a.pairs::<T>(), b.pairs::<T>(), out.pairs_mut::<T>());
    });
}

/// The row `true_divide`.
pub fn quotient([a, b]: &[Array; 2], out: &Array) {
    with_dtype!(reals out.dtype().real(), T => {
        kernels::quotient::<T>(a.pairs::<T>(), b.pairs::<T>(), out.pairs_mut::<T>());
    });
}

/// The row `power`. Real operands become complex: their logarithms may be.
pub fn power(base: &Tensor, exponent: &Tensor) -> Result<Tensor> {
    let dtype = result_type(&[&base.array(), &exponent.array()]);
    let (base, exponent) = (convert::to_dtype(base, dtype)?, convert::to_dtype(exponent, dtype)?);
    let (a, b) = (base.array(), exponent.array());
    let shape = broadcast_shapes("pow", a.shape(), b.shape())?;
    let (a, b) = (a.expand("pow", &shape)?, b.expand("pow", &shape)?);
    let out = Array::uninit(dtype, &shape);
    with_dtype!(reals dtype.real(), T => {
        kernels::power::<T>(a.pairs::<T>(), b.pairs::<T>(), out.pairs_mut::<T>());
    });
    let (x, p) = (base.save(), exponent.save());
    Ok(record("pow", out, &[&base, &exponent], move |g, grads| {
        let (x, p) = (x.get_for(grads)?, p.get_for(grads)?);
        let zero = sums::zero();
        grads.push(|| {
            let slope = arith::mul(&p, &power(&x, &arith::sub(&p, &sums::one(), 1.0)?)?)?;
            // A constant, also at 0.
            let slope = compare::select(&compare::eq(&p, &zero)?, &zero, &slope)?;
            arith::mul(g, &conj(&slope)?)
        })?;
        grads.push(|| {
            let slope = arith::mul(&power(&x, &p)?, &special::log(&x)?)?;
            let flat = compare::logical_and(&compare::eq(&x, &zero)?, &compare::ge(&real(&p)?, &zero)?)?;
            let slope = compare::select(&flat, &zero, &slope)?;
            arith::mul(g, &conj(&slope)?)
        })
    }))
}

// ---- conjugates ----

fn samples() -> Vec<Sample> {
    let values = Values::Complex(-2.0, 2.0);
    vec![
        Sample::new().values(&[3, 4], values),
        Sample::new().values(&[], values),
        Sample::new().values(&[0, 2], values),
        Sample::new().tensor(&[3]),
    ]
}

/// The complex conjugate, in memory of its own; a real tensor as it is. (In PyTorch a view that is computed later.)
///
/// >>> rt.conj(rt.tensor([1 + 2j, 3 - 4j]))
/// tensor([1.-2.j, 3.+4.j])
#[op(at = [rutile, Tensor], sig = (input), samples = samples, complex)]
pub fn conj(input: &Tensor) -> Result<Tensor> {
    let array = input.array();
    if !array.dtype().is_complex() {
        return Ok(input.clone());
    }
    let out = Array::uninit(array.dtype(), array.shape());
    convert::copy_into(&array.part(0), &out.part(0));
    formula::run_floats(arith::Neg {}, &[array.part(1)], &out.part(1));
    Ok(record("conj", out, &[input], |g, grads| grads.push(|| conj(g))))
}

/// The complex conjugate, in memory of its own; a real tensor as it is.
///
/// >>> rt.conj_physical(rt.tensor([1 + 2j]))
/// tensor([1.-2.j])
#[op(at = [rutile, Tensor], sig = (input), samples = samples, inplace, complex)]
pub fn conj_physical(input: &Tensor) -> Result<Tensor> {
    conj(input)
}

/// The tensor itself: conjugates are computed at once.
///
/// >>> x = rt.tensor([1 + 2j])
/// >>> x.resolve_conj() is x
/// True
#[op(at = [rutile, Tensor], sig = (input), samples = samples, complex)]
pub fn resolve_conj(input: &Tensor) -> Result<Tensor> {
    Ok(input.clone())
}

/// The tensor itself: negations are computed at once.
///
/// >>> x = rt.tensor([1 + 2j])
/// >>> x.resolve_neg() is x
/// True
#[op(at = [rutile, Tensor], sig = (input), samples = samples, complex)]
pub fn resolve_neg(input: &Tensor) -> Result<Tensor> {
    Ok(input.clone())
}

// ---- lengths and angles ----

/// `g` where `length` is not zero, else 0, divided by it.
fn over_length(g: &Tensor, length: &Tensor) -> Result<Tensor> {
    let nothing = compare::eq(length, &sums::zero())?;
    let length = compare::select(&nothing, &sums::one(), length)?;
    let length = convert::to_dtype(&length, g.dtype().real())?;
    compare::select(&nothing, &sums::zero(), &arith::true_divide(g, &length)?)
}

/// The row `abs`: the length, of the type of the parts. The gradient at 0 is 0.
pub fn absolute(input: &Tensor) -> Result<Tensor> {
    let array = input.array();
    let out = Array::uninit(array.dtype().real(), array.shape());
    formula::run_floats(special::Hypot {}, &[array.part(0), array.part(1)], &out);
    let saved = input.save();
    Ok(record("abs", out, &[input], move |g, grads| {
        let x = saved.get_for(grads)?;
        grads.push(|| arith::mul(g, &sgn(&x)?))
    }))
}

/// `input / |input|`, 0 at 0: the direction of complex numbers, the sign of real ones.
///
/// >>> rt.sgn(rt.tensor([3 + 4j, 0j]))
/// tensor([0.6000+0.8000j, 0.0000+0.0000j])
#[op(at = [rutile, Tensor], sig = (input), samples = samples, inplace, complex)]
pub fn sgn(input: &Tensor) -> Result<Tensor> {
    if input.dtype().is_complex() { over_length(input, &absolute(input)?) } else { arith::sign(input) }
}

/// The angle in radians between the positive real axis and `input`: in (-pi, pi] of complex numbers, 0 or pi by the
/// sign of real ones. The gradient at 0 is 0.
///
/// >>> rt.angle(rt.tensor([1j, -1 + 0j, 1 + 1j]))
/// tensor([1.5708, 3.1416, 0.7854])
#[op(at = [rutile, Tensor], sig = (input), samples = samples, complex, integers = floats)]
pub fn angle(input: &Tensor) -> Result<Tensor> {
    let array = input.array();
    if !array.dtype().is_complex() {
        let dtype = if array.dtype().is_float() { array.dtype() } else { DType::default_float() };
        let x = Tensor::from(convert::cast(&array, dtype));
        let half_turn = Tensor::from(convert::filled(dtype, &[], Scalar::Float(PI)));
        let flat = compare::select(&compare::lt(&x, &sums::zero())?, &half_turn, &sums::zero())?;
        let out = compare::select(&compare::isnan(&x)?, &x, &flat)?.array();
        return Ok(record("angle", convert::cast(&out, dtype), &[input], |g, grads| {
            grads.push(|| arith::mul(g, &sums::zero()))
        }));
    }
    let out = Array::uninit(array.dtype().real(), array.shape());
    formula::run_floats(special::Atan2 {}, &[array.part(1), array.part(0)], &out);
    let saved = input.save();
    Ok(record("angle", out, &[input], move |g, grads| {
        let x = saved.get_for(grads)?;
        grads.push(|| {
            let along = over_length(&sgn(&x)?, &absolute(&x)?)?;
            let turned = super::complex(&arith::neg(&imag(&along)?)?, &real(&along)?)?;
            arith::mul(g, &turned)
        })
    }))
}

/// True where the imaginary part is zero: everywhere in real tensors.
///
/// >>> rt.isreal(rt.tensor([1 + 0j, 1 + 1j]))
/// tensor([ True, False])
#[op(at = [rutile, Tensor], sig = (input), samples = samples, no_grad, complex)]
pub fn isreal(input: &Tensor) -> Result<Tensor> {
    if input.dtype().is_complex() {
        compare::eq(&imag(input)?, &sums::zero())
    } else {
        create::ones_like(input, Some(DType::Bool), super::super::registry::Arg::None, false, None)
    }
}
