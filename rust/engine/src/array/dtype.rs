//! Element types.

use half::{bf16, f16};
use rutile_kernels::Element;
use std::fmt;

/// The type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum DType {
    /// Truth values, one byte each.
    Bool,
    /// Unsigned 8-bit integers.
    U8,
    /// Signed 8-bit integers.
    I8,
    /// Signed 16-bit integers.
    I16,
    /// Signed 32-bit integers.
    I32,
    /// Signed 64-bit integers.
    I64,
    /// IEEE half precision; storage only, computed in `F32`.
    F16,
    /// bfloat16; storage only, computed in `F32`.
    BF16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// Complex numbers: pairs of `F32`, real part first.
    C64,
    /// Complex numbers: pairs of `F64`, real part first.
    C128,
}

impl DType {
    /// Every dtype, in order.
    pub const ALL: [DType; 12] = [
        DType::Bool,
        DType::U8,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
        DType::C64,
        DType::C128,
    ];

    /// Bytes per element.
    pub fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 | DType::I8 => 1,
            DType::I16 | DType::F16 | DType::BF16 => 2,
            DType::I32 | DType::F32 => 4,
            DType::I64 | DType::F64 | DType::C64 => 8,
            DType::C128 => 16,
        }
    }

    /// The name that Python shows, as in `rutile.float32`.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "uint8",
            DType::I8 => "int8",
            DType::I16 => "int16",
            DType::I32 => "int32",
            DType::I64 => "int64",
            DType::F16 => "float16",
            DType::BF16 => "bfloat16",
            DType::F32 => "float32",
            DType::F64 => "float64",
            DType::C64 => "complex64",
            DType::C128 => "complex128",
        }
    }

    /// Whether it is a floating-point type.
    pub fn is_float(self) -> bool {
        self >= DType::F16 && self <= DType::F64
    }

    /// Whether it is a complex type.
    pub fn is_complex(self) -> bool {
        self >= DType::C64
    }

    /// Whether tensors of it may require gradients: floats and complex numbers.
    pub fn has_gradients(self) -> bool {
        self >= DType::F16
    }

    /// The type of the real and imaginary part of a complex type; any other as it is.
    pub fn real(self) -> DType {
        match self {
            DType::C64 => DType::F32,
            DType::C128 => DType::F64,
            other => other,
        }
    }

    /// The complex type that holds values of this one: `C128` of doubles, else `C64`.
    pub fn complex(self) -> DType {
        if matches!(self, DType::F64 | DType::C128) { DType::C128 } else { DType::C64 }
    }

    /// Whether it is an integer type (bool is none).
    pub fn is_int(self) -> bool {
        matches!(self, DType::U8 | DType::I8 | DType::I16 | DType::I32 | DType::I64)
    }

    /// The type that arithmetic is done in.
    pub fn compute(self) -> DType {
        if matches!(self, DType::F16 | DType::BF16) { DType::F32 } else { self }
    }

    /// One of few types that hold all values of this one: `F32` or `F64` of floats, `I64` of integers and bool. Loops
    /// that are compiled for these alone keep the library small.
    pub fn wide(self) -> DType {
        if self.is_float() { self.compute() } else { DType::I64 }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Rust types that are elements of arrays.
pub trait HasDType: Element {
    /// The dtype of this type.
    const DTYPE: DType;
}

macro_rules! has_dtype {
    ($($t:ty => $d:ident),*) => {$(
        impl HasDType for $t { const DTYPE: DType = DType::$d; }
    )*};
}
has_dtype!(bool => Bool, u8 => U8, i8 => I8, i16 => I16, i32 => I32, i64 => I64, f16 => F16, bf16 => BF16, f32 => F32, f64 => F64);

/// Runs `$body` with `$t` bound to the Rust type of a dtype. `floats`: only 16- to 64-bit floats; `reals`: f32, f64;
/// `wide`: those that [`DType::wide`] gives.
/// A dtype outside the named set panics: callers have refused it or converted already. No loop is compiled for complex
/// types: callers pass their parts (`Array::parts`).
#[macro_export]
macro_rules! with_dtype {
    ($dtype:expr, $t:ident => $body:expr) => {{
        use $crate::array::DType as D;
        match $dtype {
            D::Bool => {
                type $t = bool;
                $body
            }
            D::U8 => {
                type $t = u8;
                $body
            }
            D::I8 => {
                type $t = i8;
                $body
            }
            D::I16 => {
                type $t = i16;
                $body
            }
            D::I32 => {
                type $t = i32;
                $body
            }
            D::I64 => {
                type $t = i64;
                $body
            }
            D::F16 => {
                type $t = half::f16;
                $body
            }
            D::BF16 => {
                type $t = half::bf16;
                $body
            }
            D::F32 => {
                type $t = f32;
                $body
            }
            D::F64 => {
                type $t = f64;
                $body
            }
            D::C64 | D::C128 => unreachable!("with_dtype!: complex numbers are computed by their parts"),
        }
    }};
    (ints $dtype:expr, $t:ident => $body:expr) => {{
        use $crate::array::DType as D;
        match $dtype {
            D::Bool => {
                type $t = bool;
                $body
            }
            D::U8 => {
                type $t = u8;
                $body
            }
            D::I8 => {
                type $t = i8;
                $body
            }
            D::I16 => {
                type $t = i16;
                $body
            }
            D::I32 => {
                type $t = i32;
                $body
            }
            D::I64 => {
                type $t = i64;
                $body
            }
            other => unreachable!("with_dtype!(ints): {other}"),
        }
    }};
    (floats $dtype:expr, $t:ident => $body:expr) => {{
        use $crate::array::DType as D;
        match $dtype {
            D::F16 => {
                type $t = half::f16;
                $body
            }
            D::BF16 => {
                type $t = half::bf16;
                $body
            }
            D::F32 => {
                type $t = f32;
                $body
            }
            D::F64 => {
                type $t = f64;
                $body
            }
            other => unreachable!("with_dtype!(floats): {other}"),
        }
    }};
    (wide $dtype:expr, $t:ident => $body:expr) => {{
        use $crate::array::DType as D;
        match $dtype {
            D::I64 => {
                type $t = i64;
                $body
            }
            D::F32 => {
                type $t = f32;
                $body
            }
            D::F64 => {
                type $t = f64;
                $body
            }
            other => unreachable!("with_dtype!(wide): {other}"),
        }
    }};
    (reals $dtype:expr, $t:ident => $body:expr) => {{
        use $crate::array::DType as D;
        match $dtype {
            D::F32 => {
                type $t = f32;
                $body
            }
            D::F64 => {
                type $t = f64;
                $body
            }
            other => unreachable!("with_dtype!(reals): {other}"),
        }
    }};
}
