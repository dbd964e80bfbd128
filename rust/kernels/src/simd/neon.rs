//! NEON, the vector unit that every AArch64 has: 4 x `f32` or 2 x `f64`.

// Where NEON is part of the target, as it nearly always is, its intrinsics count as safe.
#![allow(unused_unsafe)]

use super::{Isa, Kernel, Vector};
use std::arch::aarch64::*;

mask! { Mask32(uint32x4_t); and(a, b) = vandq_u32(a, b); or(a, b) = vorrq_u32(a, b); not(a) = vmvnq_u32(a); }
mask! {
    Mask64(uint64x2_t);
    and(a, b) = vandq_u64(a, b);
    or(a, b) = vorrq_u64(a, b);
    not(a) = veorq_u64(a, vdupq_n_u64(u64::MAX));
}

register! {
    /// 4 x `f32`.
    F32(float32x4_t): f32, mask Mask32(uint32x4_t), features [target_feature(enable = "neon")], elementary inline;
    splat(s) = vdupq_n_f32(s);
    neg(a) = vnegq_f32(a);
    mul_add(a, b, c) = vfmaq_f32(c, a, b);
    select(m, yes, no) = vbslq_f32(m, yes, no);
    operators {
        Add add(a, b) = vaddq_f32(a, b);
        Sub sub(a, b) = vsubq_f32(a, b);
        Mul mul(a, b) = vmulq_f32(a, b);
        Div div(a, b) = vdivq_f32(a, b);
    }
    compare {
        lt(a, b) = vcltq_f32(a, b);
        le(a, b) = vcleq_f32(a, b);
        eq(a, b) = vceqq_f32(a, b);
    }
    binary {
        max(a, b) = vmaxq_f32(a, b);
        min(a, b) = vminq_f32(a, b);
        copysign(a, b) = vbslq_f32(vdupq_n_u32(0x8000_0000), b, a);
    }
    unary {
        abs(a) = vabsq_f32(a);
        sqrt(a) = vsqrtq_f32(a);
        floor(a) = vrndmq_f32(a);
        ceil(a) = vrndpq_f32(a);
        round(a) = vrndnq_f32(a);
        trunc(a) = vrndq_f32(a);
    }
}

register! {
    /// 2 x `f64`.
    F64(float64x2_t): f64, mask Mask64(uint64x2_t), features [target_feature(enable = "neon")], elementary outline;
    splat(s) = vdupq_n_f64(s);
    neg(a) = vnegq_f64(a);
    mul_add(a, b, c) = vfmaq_f64(c, a, b);
    select(m, yes, no) = vbslq_f64(m, yes, no);
    operators {
        Add add(a, b) = vaddq_f64(a, b);
        Sub sub(a, b) = vsubq_f64(a, b);
        Mul mul(a, b) = vmulq_f64(a, b);
        Div div(a, b) = vdivq_f64(a, b);
    }
    compare {
        lt(a, b) = vcltq_f64(a, b);
        le(a, b) = vcleq_f64(a, b);
        eq(a, b) = vceqq_f64(a, b);
    }
    binary {
        max(a, b) = vmaxq_f64(a, b);
        min(a, b) = vminq_f64(a, b);
        copysign(a, b) = vbslq_f64(vdupq_n_u64(1 << 63), b, a);
    }
    unary {
        abs(a) = vabsq_f64(a);
        sqrt(a) = vsqrtq_f64(a);
        floor(a) = vrndmq_f64(a);
        ceil(a) = vrndpq_f64(a);
        round(a) = vrndnq_f64(a);
        trunc(a) = vrndq_f64(a);
    }
}

macro_rules! vector {
    ($v:ident, $elem:ident, $lanes:literal, $mask:ident, $load:ident, $store:ident, $any:ident, $power:ident,
     $exponent:ident, $mantissa:ident, $zip:ident, $unzip:ident) => {
        impl Vector for $v {
            type Elem = $elem;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn splat(value: $elem) -> Self {
                Self::broadcast(value)
            }
            #[inline(always)]
            unsafe fn load(p: *const $elem) -> Self {
                // SAFETY: the caller's promise.
                $v(unsafe { $load(p) })
            }
            #[inline(always)]
            unsafe fn load_first(p: *const $elem, n: usize) -> Self {
                debug_assert!(n <= $lanes);
                let mut lanes = [0.0; $lanes];
                // SAFETY: the caller's promise: `n` elements are readable, and `lanes` has LANES >= n.
                unsafe {
                    std::ptr::copy_nonoverlapping(p, lanes.as_mut_ptr(), n);
                    Self::load(lanes.as_ptr())
                }
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $elem) {
                // SAFETY: the caller's promise.
                unsafe { $store(p, self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, p: *mut $elem, n: usize) {
                debug_assert!(n <= $lanes);
                let mut lanes = [0.0; $lanes];
                // SAFETY: the caller's promise: `n` elements are writable, and `lanes` has LANES >= n.
                unsafe {
                    self.store(lanes.as_mut_ptr());
                    std::ptr::copy_nonoverlapping(lanes.as_ptr(), p, n);
                }
            }
            #[inline(always)]
            fn zip(self, other: Self) -> (Self, Self) {
                // SAFETY: NEON is part of the baseline; also below.
                let (a, b) = unsafe { $zip(self.0, other.0) };
                ($v(a), $v(b))
            }
            #[inline(always)]
            fn unzip(self, other: Self) -> (Self, Self) {
                // SAFETY: as above.
                let (a, b) = unsafe { $unzip(self.0, other.0) };
                ($v(a), $v(b))
            }
            #[inline(always)]
            fn any(mask: $mask) -> bool {
                // SAFETY: NEON is part of the baseline; also below.
                unsafe { $any(mask.0) }
            }
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                // Two factors, because 2^n alone may be beyond the range although the result is not.
                let half = crate::math::Math::floor(n * 0.5);
                // SAFETY: as above.
                unsafe { self * $v($power(half.0)) * $v($power((n - half).0)) }
            }
            #[inline(always)]
            fn exponent(self) -> Self {
                // SAFETY: as above.
                $v(unsafe { $exponent(self.0) })
            }
            #[inline(always)]
            fn mantissa(self) -> Self {
                // SAFETY: as above.
                $v(unsafe { $mantissa(self.0) })
            }
        }
    };
}
vector!(F32, f32, 4, Mask32, vld1q_f32, vst1q_f32, any32, power32, exponent32, mantissa32, zip32, unzip32);
vector!(F64, f64, 2, Mask64, vld1q_f64, vst1q_f64, any64, power64, exponent64, mantissa64, zip64, unzip64);

/// # Safety
/// The CPU has NEON; also below.
#[inline(always)]
unsafe fn any32(mask: uint32x4_t) -> bool {
    // SAFETY: the caller's promise; also below.
    unsafe { vmaxvq_u32(mask) != 0 }
}

#[inline(always)]
unsafe fn any64(mask: uint64x2_t) -> bool {
    // SAFETY: as above.
    unsafe { vmaxvq_u32(vreinterpretq_u32_u64(mask)) != 0 }
}

#[inline(always)]
unsafe fn zip32(a: float32x4_t, b: float32x4_t) -> (float32x4_t, float32x4_t) {
    // SAFETY: as above.
    unsafe { (vzip1q_f32(a, b), vzip2q_f32(a, b)) }
}

#[inline(always)]
unsafe fn zip64(a: float64x2_t, b: float64x2_t) -> (float64x2_t, float64x2_t) {
    // SAFETY: as above.
    unsafe { (vzip1q_f64(a, b), vzip2q_f64(a, b)) }
}

#[inline(always)]
unsafe fn unzip32(a: float32x4_t, b: float32x4_t) -> (float32x4_t, float32x4_t) {
    // SAFETY: as above.
    unsafe { (vuzp1q_f32(a, b), vuzp2q_f32(a, b)) }
}

#[inline(always)]
unsafe fn unzip64(a: float64x2_t, b: float64x2_t) -> (float64x2_t, float64x2_t) {
    // SAFETY: as above.
    unsafe { (vuzp1q_f64(a, b), vuzp2q_f64(a, b)) }
}

#[inline(always)]
unsafe fn power32(n: float32x4_t) -> float32x4_t {
    // SAFETY: as above.
    unsafe { vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)))) }
}

#[inline(always)]
unsafe fn power64(n: float64x2_t) -> float64x2_t {
    // SAFETY: as above.
    unsafe { vreinterpretq_f64_s64(vshlq_n_s64::<52>(vaddq_s64(vcvtq_s64_f64(n), vdupq_n_s64(1023)))) }
}

#[inline(always)]
unsafe fn exponent32(a: float32x4_t) -> float32x4_t {
    // SAFETY: as above.
    unsafe { vcvtq_f32_s32(vsubq_s32(vshrq_n_s32::<23>(vreinterpretq_s32_f32(a)), vdupq_n_s32(127))) }
}

#[inline(always)]
unsafe fn exponent64(a: float64x2_t) -> float64x2_t {
    // SAFETY: as above.
    unsafe { vcvtq_f64_s64(vsubq_s64(vshrq_n_s64::<52>(vreinterpretq_s64_f64(a)), vdupq_n_s64(1023))) }
}

#[inline(always)]
unsafe fn mantissa32(a: float32x4_t) -> float32x4_t {
    // SAFETY: as above.
    unsafe { vbslq_f32(vdupq_n_u32(0x007f_ffff), a, vdupq_n_f32(1.0)) }
}

#[inline(always)]
unsafe fn mantissa64(a: float64x2_t) -> float64x2_t {
    // SAFETY: as above.
    unsafe { vbslq_f64(vdupq_n_u64(0x000f_ffff_ffff_ffff), a, vdupq_n_f64(1.0)) }
}

/// NEON.
#[derive(Clone, Copy)]
pub struct Neon(());

impl Neon {
    /// # Safety
    /// The CPU has NEON.
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        Neon(())
    }
}

impl Isa for Neon {
    type F32 = F32;
    type F64 = F64;
    const REGISTERS: usize = 32;
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "neon")]
        fn enter<K: Kernel>(isa: Neon, kernel: K) -> K::Output {
            kernel.call(isa)
        }
        // SAFETY: `self` proves the feature.
        unsafe { enter(self, kernel) }
    }
}
