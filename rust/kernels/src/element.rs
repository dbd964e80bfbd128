//! The numbers that memory holds ([`Element`]) and those that vectors compute with ([`Real`]).

use crate::simd::{Isa, Vector};
use half::{bf16, f16};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number as it lies in memory.
pub trait Element: Copy + Default + PartialEq + PartialOrd + Send + Sync + std::fmt::Debug + 'static {
    /// What arithmetic on it is done in: `f32` for the 16-bit floats, else the type itself.
    type Compute: Element;
    /// From the computing type, rounding to nearest even.
    fn from_compute(value: Self::Compute) -> Self;
    /// To the computing type, exactly.
    fn to_compute(self) -> Self::Compute;
    /// From a double, as a C cast does (floats round, integers truncate, bool is `!= 0`).
    fn from_f64(value: f64) -> Self;
    /// To a double (`i64` may round).
    fn to_f64(self) -> f64;
    /// From a 64-bit integer, wrapping.
    fn from_i64(value: i64) -> Self;
    /// To a 64-bit integer, truncating.
    fn to_i64(self) -> i64;
    /// Whether conversion should pass through integers (integers and bool) or doubles (floats).
    const IS_FLOAT: bool;
}

/// A float that vectors hold: `f32` or `f64`.
pub trait Real:
    Element<Compute = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The register of an instruction set that holds this type.
    type V<I: Isa>: Vector<Elem = Self>;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;
}

macro_rules! real {
    ($($t:ident: $register:ident),*) => {$(
        impl Real for $t {
            type V<I: Isa> = I::$register;
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;
            const INFINITY: $t = $t::INFINITY;
            const NAN: $t = $t::NAN;
        }
    )*};
}
real!(f32: F32, f64: F64);

macro_rules! element {
    ($($t:ty, $float:literal);*) => {$(
        impl Element for $t {
            type Compute = $t;
            const IS_FLOAT: bool = $float;
            #[inline(always)]
            fn from_compute(value: $t) -> $t { value }
            #[inline(always)]
            fn to_compute(self) -> $t { self }
            #[inline(always)]
            fn from_f64(value: f64) -> $t { value as $t }
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)]
            fn from_i64(value: i64) -> $t { value as $t }
            #[inline(always)]
            fn to_i64(self) -> i64 { self as i64 }
        }
    )*};
}
element!(f32, true; f64, true; u8, false; i8, false; i16, false; i32, false; i64, false);

macro_rules! half_element {
    ($($t:ty),*) => {$(
        impl Element for $t {
            type Compute = f32;
            const IS_FLOAT: bool = true;
            #[inline(always)]
            fn from_compute(value: f32) -> $t { <$t>::from_f32(value) }
            #[inline(always)]
            fn to_compute(self) -> f32 { self.to_f32() }
            #[inline(always)]
            fn from_f64(value: f64) -> $t { <$t>::from_f64(value) }
            #[inline(always)]
            fn to_f64(self) -> f64 { <$t>::to_f64(self) }
            #[inline(always)]
            fn from_i64(value: i64) -> $t { <$t>::from_f64(value as f64) }
            #[inline(always)]
            fn to_i64(self) -> i64 { self.to_f32() as i64 }
        }
    )*};
}
half_element!(f16, bf16);

impl Element for bool {
    type Compute = bool;
    const IS_FLOAT: bool = false;
    #[inline(always)]
    fn from_compute(value: bool) -> bool {
        value
    }
    #[inline(always)]
    fn to_compute(self) -> bool {
        self
    }
    #[inline(always)]
    fn from_f64(value: f64) -> bool {
        value != 0.0
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
    #[inline(always)]
    fn from_i64(value: i64) -> bool {
        value != 0
    }
    #[inline(always)]
    fn to_i64(self) -> i64 {
        i64::from(self)
    }
}
