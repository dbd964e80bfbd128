//! PyTorch's type promotion.

use super::{Array, DType};
use std::sync::atomic::{AtomicU8, Ordering};

static DEFAULT: AtomicU8 = AtomicU8::new(DType::F32 as u8);

impl DType {
    /// The float type of Python floats and of creation functions without `dtype=`; `float32` unless changed.
    pub fn default_float() -> DType {
        DType::ALL[usize::from(DEFAULT.load(Ordering::Relaxed))]
    }

    /// The complex type of Python's complex numbers: that of the default float type.
    pub fn default_complex() -> DType {
        DType::default_float().complex()
    }

    /// The type that a Python number of type `dtype` has as a tensor: the default one of its category.
    pub fn of_number(dtype: DType) -> DType {
        if dtype.is_float() {
            DType::default_float()
        } else if dtype.is_complex() {
            DType::default_complex()
        } else {
            dtype
        }
    }

    /// Changes the default float type; `dtype` must be a float.
    pub fn set_default_float(dtype: DType) {
        assert!(dtype.is_float());
        DEFAULT.store(dtype as u8, Ordering::Relaxed);
    }
}

/// The smallest type that holds both, by PyTorch's table: `uint8` with a signed type gives the next wider signed
/// type, an integer with a float gives the float, `float16` with `bfloat16` gives `float32`, a real type with a complex one
/// the complex one that holds both.
pub fn promote(a: DType, b: DType) -> DType {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    match (low, high) {
        (DType::U8, DType::I8) => DType::I16,
        (DType::F16, DType::BF16) => DType::F32,
        (DType::F64, DType::C64) => DType::C128,
        _ => high,
    }
}

/// The type of an operation on `operands`: arrays with axes decide first, then 0-d arrays, then Python numbers; a
/// lower class matters only if it is of a higher category (bool < integer < float < complex).
pub fn result_type(operands: &[&Array]) -> DType {
    let mut classes: [Option<DType>; 3] = [None; 3];
    for operand in operands {
        let (class, dtype) = if operand.is_wrapped() {
            (2, DType::of_number(operand.dtype()))
        } else {
            (usize::from(operand.ndim() == 0), operand.dtype())
        };
        classes[class] = Some(classes[class].map_or(dtype, |seen| promote(seen, dtype)));
    }
    let lower = combine(classes[1], classes[2]);
    combine(classes[0], lower).unwrap_or_else(DType::default_float)
}

fn combine(higher: Option<DType>, lower: Option<DType>) -> Option<DType> {
    match (higher, lower) {
        // A float keeps its precision when it meets a complex number.
        (Some(h), Some(l)) if h.is_float() && l.is_complex() => Some(h.complex()),
        (Some(h), Some(l)) if !h.has_gradients() && (h == DType::Bool || l.has_gradients()) => Some(promote(h, l)),
        (Some(h), _) => Some(h),
        (None, l) => l,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promotion_is_commutative_and_idempotent() {
        for a in DType::ALL {
            assert_eq!(promote(a, a), a);
            for b in DType::ALL {
                assert_eq!(promote(a, b), promote(b, a));
            }
        }
    }
}
