//! One lane, plain Rust: the machine of last resort and the one Miri can run.
//!
//! `mul_add` is not fused (without hardware it would be a library call), and rounding uses the classic trick of
//! adding and subtracting a number whose unit in the last place is 1, so that everything stays in line and LLVM may
//! vectorise it for the baseline.

use super::{Isa, Kernel, Vector};

mask! { Truth(bool); and(a, b) = a & b; or(a, b) = a | b; not(a) = !a; }

macro_rules! scalar {
    ($v:ident, $elem:ident, $bits:ident, $signed:ident, $to_integral:literal) => {
        register! {
            /// One number.
            $v($elem): $elem, mask Truth(bool), features [], elementary outline;
            splat(s) = s;
            neg(a) = -a;
            mul_add(a, b, c) = a * b + c;
            select(m, yes, no) = if m { yes } else { no };
            operators {
                Add add(a, b) = a + b;
                Sub sub(a, b) = a - b;
                Mul mul(a, b) = a * b;
                Div div(a, b) = a / b;
            }
            compare {
                lt(a, b) = a < b;
                le(a, b) = a <= b;
                eq(a, b) = a == b;
            }
            binary {
                max(a, b) = if a > b || a != a { a } else { b };
                min(a, b) = if a < b || a != a { a } else { b };
                copysign(a, b) = a.copysign(b);
            }
            unary {
                abs(a) = a.abs();
                sqrt(a) = a.sqrt();
                floor(a) = $v::floor(a);
                ceil(a) = (-$v::floor(-a)).copysign(a);
                round(a) = $v::round(a);
                trunc(a) = $v::floor(a.abs()).copysign(a);
            }
        }

        impl $v {
            /// Where this and larger magnitudes are added, fractions are rounded away.
            const TO_INTEGRAL: $elem = $to_integral;
            const MANTISSA_BITS: u32 = $elem::MANTISSA_DIGITS - 1;
            const BIAS: $signed = $elem::MAX_EXP as $signed - 1;

            #[inline(always)]
            fn round(a: $elem) -> $elem {
                let magnitude = a.abs();
                // Not simply `<=` negated: NaN takes the second way.
                let rounded = if magnitude < Self::TO_INTEGRAL {
                    magnitude + Self::TO_INTEGRAL - Self::TO_INTEGRAL
                } else {
                    magnitude
                };
                rounded.copysign(a)
            }
            #[inline(always)]
            fn floor(a: $elem) -> $elem {
                let rounded = Self::round(a);
                if rounded > a { rounded - 1.0 } else { rounded }
            }
            #[inline(always)]
            fn power_of_two(n: $elem) -> $elem {
                // SAFETY: `scale` halves its argument, which is therefore within the range of exponents (a NaN is
                // not, but then the value is NaN, too, and any result does).
                let n: $signed = if n == n { unsafe { n.to_int_unchecked() } } else { 0 };
                $elem::from_bits(((n + Self::BIAS) << Self::MANTISSA_BITS) as $bits)
            }
        }

        impl Vector for $v {
            type Elem = $elem;
            const LANES: usize = 1;

            #[inline(always)]
            fn splat(value: $elem) -> Self {
                $v(value)
            }
            #[inline(always)]
            unsafe fn load(p: *const $elem) -> Self {
                // SAFETY: the caller's promise.
                $v(unsafe { p.read_unaligned() })
            }
            #[inline(always)]
            unsafe fn load_first(p: *const $elem, n: usize) -> Self {
                // SAFETY: the caller's promise.
                if n == 0 { $v(0.0) } else { unsafe { Self::load(p) } }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $elem) {
                // SAFETY: the caller's promise.
                unsafe { p.write_unaligned(self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, p: *mut $elem, n: usize) {
                if n > 0 {
                    // SAFETY: the caller's promise.
                    unsafe { self.store(p) }
                }
            }
            #[inline(always)]
            fn any(mask: Truth) -> bool {
                mask.0
            }
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                let half = Self::floor(n.0 * 0.5);
                $v(self.0 * Self::power_of_two(half) * Self::power_of_two(n.0 - half))
            }
            #[inline(always)]
            fn exponent(self) -> Self {
                $v(((self.0.to_bits() >> Self::MANTISSA_BITS) as $signed - Self::BIAS) as $elem)
            }
            #[inline(always)]
            fn mantissa(self) -> Self {
                let fraction = self.0.to_bits() & ((1 << Self::MANTISSA_BITS) - 1);
                $v($elem::from_bits(fraction | (1.0 as $elem).to_bits()))
            }
            #[inline(always)]
            fn two_product(self, other: Self) -> (Self, Self) {
                let product = self.0 * other.0;
                ($v(product), $v(product_error(self.0.into(), other.0.into(), product.into()) as $elem))
            }
        }
    };
}
scalar!(F32, f32, u32, i32, 8388608.0);
scalar!(F64, f64, u64, i64, 4503599627370496.0);

/// `a * b - product`, exactly, without a fused multiply-add (Dekker, 1971).
#[inline(always)]
fn product_error(a: f64, b: f64, product: f64) -> f64 {
    let split = |x: f64| {
        let high = x * 134217729.0; // 2^27 + 1
        let high = high - (high - x);
        (high, x - high)
    };
    let ((a1, a0), (b1, b0)) = (split(a), split(b));
    ((a1 * b1 - product) + a1 * b0 + a0 * b1) + a0 * b0
}

/// Plain Rust.
#[derive(Clone, Copy)]
pub struct Scalar(());

impl Scalar {
    /// The proof is trivial here; the signature is that of the other machines.
    /// # Safety
    /// None needed.
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        Scalar(())
    }
}

impl Isa for Scalar {
    type F32 = F32;
    type F64 = F64;
    const REGISTERS: usize = 16;
    #[inline(never)]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.call(self)
    }
}
