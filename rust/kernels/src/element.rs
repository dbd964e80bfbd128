//! The numbers that memory holds ([`Element`]) and those that vectors compute with ([`Real`]).

use crate::simd::{self, Isa, Kernel, Vector};
use half::{bf16, f16};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A number as it lies in memory.
pub trait Element: Copy + Default + PartialEq + PartialOrd + Send + Sync + std::fmt::Debug + 'static {
    /// What arithmetic on it is done in: `f32` for the 16-bit floats, else the type itself.
    type Compute: Element;
    /// What reductions fold it as: `i32` for bool and integers that fit, else the computing type.
    type Folded: Element<Folded = Self::Folded>;
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
    /// Enters the instruction set that reductions of this type are compiled for. Integers and bool have one version of
    /// each loop: with one per instruction set, they took a quarter of the wheel.
    fn enter<K: Kernel>(kernel: K) -> K::Output;
    /// As [`Element::enter`], for elementwise loops.
    fn enter_elementwise<K: Kernel>(kernel: K) -> K::Output;
}

/// The two `enter`s of a type.
macro_rules! enter {
    ($reduce:ident, $elementwise:ident) => {
        #[inline(always)]
        fn enter<K: Kernel>(kernel: K) -> K::Output {
            simd::$reduce(kernel)
        }
        #[inline(always)]
        fn enter_elementwise<K: Kernel>(kernel: K) -> K::Output {
            simd::$elementwise(kernel)
        }
    };
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
    ($($t:ty, $wide:ty, $float:literal, $reduce:ident, $elementwise:ident);*) => {$(
        impl Element for $t {
            type Compute = $t;
            type Folded = $wide;
            const IS_FLOAT: bool = $float;
            enter!($reduce, $elementwise);
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
element! {
    f32, f32, true, dispatch, dispatch_elementwise;
    f64, f64, true, dispatch, dispatch_elementwise;
    u8, i32, false, plain, plain;
    i8, i32, false, plain, plain;
    i16, i32, false, plain, plain;
    i32, i32, false, dispatch_elementwise, plain;
    i64, i64, false, dispatch_elementwise, plain
}

macro_rules! half_element {
    ($($t:ident, $widen:ident, $narrow:ident);*) => {$(
        impl Element for $t {
            type Compute = f32;
            type Folded = f32;
            const IS_FLOAT: bool = true;
            enter!(dispatch, dispatch_elementwise);
            #[inline(always)]
            fn from_compute(value: f32) -> $t { $t::from_bits($narrow(value)) }
            #[inline(always)]
            fn to_compute(self) -> f32 { $widen(self.to_bits()) }
            #[inline(always)]
            fn from_f64(value: f64) -> $t { $t::from_f64(value) }
            #[inline(always)]
            fn to_f64(self) -> f64 { $widen(self.to_bits()) as f64 }
            #[inline(always)]
            fn from_i64(value: i64) -> $t { $t::from_f64(value as f64) }
            #[inline(always)]
            fn to_i64(self) -> i64 { $widen(self.to_bits()) as i64 }
        }
    )*};
}
half_element!(f16, widen_f16, narrow_f16; bf16, widen_bf16, narrow_bf16);

// Conversions of 16-bit floats without branches, so that loops over them vectorise; `half`'s test for hardware
// support at each element.

#[inline(always)]
fn widen_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[inline(always)]
fn narrow_bf16(value: f32) -> u16 {
    let bits = value.to_bits();
    let even = bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16;
    let quiet = (bits >> 16) | 0x40; // rounding could carry a NaN into infinity
    (if value.is_nan() { quiet } else { even }) as u16
}

#[inline(always)]
fn widen_f16(bits: u16) -> f32 {
    const EXPONENT_SHIFT: f32 = f32::from_bits((127 + 112) << 23); // 2^112, the distance of the biases
    let magnitude = u32::from(bits & 0x7fff);
    // The multiplication also normalises the subnormal values.
    let finite = (f32::from_bits(magnitude << 13) * EXPONENT_SHIFT).to_bits();
    let special = if magnitude >= 0x7c00 { 0x7f80_0000 } else { 0 };
    f32::from_bits(finite | special | u32::from(bits & 0x8000) << 16)
}

#[inline(always)]
fn narrow_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let normal = (magnitude.wrapping_add(0xfff + ((magnitude >> 13) & 1)).wrapping_sub(112 << 23)) >> 13;
    // In [0.5, 1) a float's last place is worth 2^-24, as a subnormal half's: the addition rounds.
    let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
    let finite = if magnitude < 113 << 23 { subnormal } else { normal };
    let bounded = if magnitude >= 0x477f_f000 { 0x7c00 } else { finite }; // from 65520 on
    let result = if magnitude > 0x7f80_0000 { 0x7e00 } else { bounded };
    (result | bits >> 16 & 0x8000) as u16
}

impl Element for bool {
    type Compute = bool;
    type Folded = i32;
    const IS_FLOAT: bool = false;
    enter!(dispatch_elementwise, plain);
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
