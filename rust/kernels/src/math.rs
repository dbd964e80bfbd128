//! The vocabulary of formulas.
//!
//! A formula is written once, generic over [`Math`], and read several ways: as SIMD lanes, as scalars (the scalar
//! instruction set) and, in the engine, as differentiable tensors.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

/// The truth values that comparisons of [`Math`] values give.
pub trait Mask: Copy + BitAnd<Output = Self> + BitOr<Output = Self> + Not<Output = Self> {}
impl<T: Copy + BitAnd<Output = T> + BitOr<Output = T> + Not<Output = T>> Mask for T {}

/// Values that formulas compute with. Literals stand on the right (`x * 0.5`) or in [`Math::lit`].
pub trait Math:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// The result of a comparison.
    type Mask: Mask;

    /// A constant.
    fn lit(value: f64) -> Self;
    /// `self * a + b`, fused where the machine can.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// `self < other`; false if either is NaN. The other comparisons likewise, but `ne` is then true.
    fn lt(self, other: Self) -> Self::Mask;
    /// `self <= other`.
    fn le(self, other: Self) -> Self::Mask;
    /// `self == other`.
    fn eq(self, other: Self) -> Self::Mask;
    /// `self > other`.
    fn gt(self, other: Self) -> Self::Mask {
        other.lt(self)
    }
    /// `self >= other`.
    fn ge(self, other: Self) -> Self::Mask {
        other.le(self)
    }
    /// `self != other`.
    fn ne(self, other: Self) -> Self::Mask {
        !self.eq(other)
    }
    /// `yes` where `mask` holds, else `no`. Both sides are evaluated.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// The larger value; NaN if either is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller value; NaN if either is NaN.
    fn min(self, other: Self) -> Self;
    /// `bound` where it is above that; NaN stays.
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        Self::select(self.gt(bound), bound, self)
    }
    /// `bound` where it is below that; NaN stays.
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        Self::select(self.lt(bound), bound, self)
    }
    /// Absolute value.
    fn abs(self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Largest integer not above.
    fn floor(self) -> Self;
    /// Smallest integer not below.
    fn ceil(self) -> Self;
    /// Nearest integer, ties to even.
    fn round(self) -> Self;
    /// Integer part.
    fn trunc(self) -> Self;

    /// `e^x`.
    fn exp(self) -> Self;
    /// `2^x`.
    fn exp2(self) -> Self;
    /// `e^x - 1`, accurate near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Base-2 logarithm.
    fn log2(self) -> Self;
    /// Base-10 logarithm.
    fn log10(self) -> Self;
    /// `ln(1 + x)`, accurate near 0.
    fn ln_1p(self) -> Self;
    /// `self` to the power `exponent`, with C's `pow` conventions.
    fn pow(self, exponent: Self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Tangent of an angle in radians.
    fn tan(self) -> Self;
    /// Inverse sine.
    fn asin(self) -> Self;
    /// Inverse cosine.
    fn acos(self) -> Self;
    /// Inverse tangent.
    fn atan(self) -> Self;
    /// The angle of the point (`x`, `self`), in (-pi, pi].
    fn atan2(self, x: Self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// Gauss error function.
    fn erf(self) -> Self;
    /// `1 - erf(x)`, accurate for large x.
    fn erfc(self) -> Self;
    /// The distribution function of the standard normal distribution, `erfc(-x / sqrt(2)) / 2`. For activations: in
    /// `f32` its error is below 2^-22, but the relative error of tiny values grows to 2^-17.
    fn ndtr(self) -> Self;
}
