//! AVX-512 (F, BW, DQ, VL): 16 x `f32` or 8 x `f64`, with mask registers for tails.

use super::{Isa, Kernel, Vector};
use std::arch::x86_64::*;

mask! { Mask16(__mmask16); and(a, b) = a & b; or(a, b) = a | b; not(a) = !a; }
mask! { Mask8(__mmask8); and(a, b) = a & b; or(a, b) = a | b; not(a) = !a; }

register! {
    /// 16 x `f32`.
    F32(__m512): f32, mask Mask16(__mmask16), features [target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")], elementary inline;
    splat(s) = _mm512_set1_ps(s);
    neg(a) = _mm512_xor_ps(a, _mm512_set1_ps(-0.0));
    mul_add(a, b, c) = _mm512_fmadd_ps(a, b, c);
    select(m, yes, no) = _mm512_mask_blend_ps(m, no, yes);
    operators {
        Add add(a, b) = _mm512_add_ps(a, b);
        Sub sub(a, b) = _mm512_sub_ps(a, b);
        Mul mul(a, b) = _mm512_mul_ps(a, b);
        Div div(a, b) = _mm512_div_ps(a, b);
    }
    compare {
        lt(a, b) = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b);
        le(a, b) = _mm512_cmp_ps_mask::<_CMP_LE_OQ>(a, b);
        eq(a, b) = _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b);
    }
    binary {
        // The instruction gives its second operand if either is NaN.
        max(a, b) = _mm512_mask_max_ps(a, _mm512_cmp_ps_mask::<_CMP_ORD_Q>(a, a), a, b);
        min(a, b) = _mm512_mask_min_ps(a, _mm512_cmp_ps_mask::<_CMP_ORD_Q>(a, a), a, b);
        copysign(a, b) = {
            let sign = _mm512_set1_ps(-0.0);
            _mm512_or_ps(_mm512_andnot_ps(sign, a), _mm512_and_ps(sign, b))
        };
    }
    unary {
        abs(a) = _mm512_andnot_ps(_mm512_set1_ps(-0.0), a);
        sqrt(a) = _mm512_sqrt_ps(a);
        floor(a) = _mm512_roundscale_ps::<0x09>(a);
        ceil(a) = _mm512_roundscale_ps::<0x0a>(a);
        round(a) = _mm512_roundscale_ps::<0x08>(a);
        trunc(a) = _mm512_roundscale_ps::<0x0b>(a);
    }
}

register! {
    /// 8 x `f64`.
    F64(__m512d): f64, mask Mask8(__mmask8), features [target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")], elementary outline;
    splat(s) = _mm512_set1_pd(s);
    neg(a) = _mm512_xor_pd(a, _mm512_set1_pd(-0.0));
    mul_add(a, b, c) = _mm512_fmadd_pd(a, b, c);
    select(m, yes, no) = _mm512_mask_blend_pd(m, no, yes);
    operators {
        Add add(a, b) = _mm512_add_pd(a, b);
        Sub sub(a, b) = _mm512_sub_pd(a, b);
        Mul mul(a, b) = _mm512_mul_pd(a, b);
        Div div(a, b) = _mm512_div_pd(a, b);
    }
    compare {
        lt(a, b) = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b);
        le(a, b) = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b);
        eq(a, b) = _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b);
    }
    binary {
        max(a, b) = _mm512_mask_max_pd(a, _mm512_cmp_pd_mask::<_CMP_ORD_Q>(a, a), a, b);
        min(a, b) = _mm512_mask_min_pd(a, _mm512_cmp_pd_mask::<_CMP_ORD_Q>(a, a), a, b);
        copysign(a, b) = {
            let sign = _mm512_set1_pd(-0.0);
            _mm512_or_pd(_mm512_andnot_pd(sign, a), _mm512_and_pd(sign, b))
        };
    }
    unary {
        abs(a) = _mm512_andnot_pd(_mm512_set1_pd(-0.0), a);
        sqrt(a) = _mm512_sqrt_pd(a);
        floor(a) = _mm512_roundscale_pd::<0x09>(a);
        ceil(a) = _mm512_roundscale_pd::<0x0a>(a);
        round(a) = _mm512_roundscale_pd::<0x08>(a);
        trunc(a) = _mm512_roundscale_pd::<0x0b>(a);
    }
}

macro_rules! vector {
    ($v:ident, $elem:ty, $lanes:literal, $mask:ident($bits:ty), $loadu:ident, $maskz_loadu:ident, $storeu:ident,
     $mask_storeu:ident, $scalef:ident, $getexp:ident, $getmant:ident) => {
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
                $v(unsafe { $loadu(p) })
            }
            #[inline(always)]
            unsafe fn load_first(p: *const $elem, n: usize) -> Self {
                debug_assert!(n <= $lanes);
                // SAFETY: the caller's promise; masked lanes are not touched.
                $v(unsafe { $maskz_loadu(((1u32 << n) - 1) as $bits, p) })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $elem) {
                // SAFETY: the caller's promise.
                unsafe { $storeu(p, self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, p: *mut $elem, n: usize) {
                debug_assert!(n <= $lanes);
                // SAFETY: the caller's promise; masked lanes are not touched.
                unsafe { $mask_storeu(p, ((1u32 << n) - 1) as $bits, self.0) }
            }
            #[inline(always)]
            fn any(mask: $mask) -> bool {
                mask.0 != 0
            }
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                // SAFETY: registers exist only where the instruction set does; also below.
                $v(unsafe { $scalef(self.0, n.0) })
            }
            #[inline(always)]
            fn exponent(self) -> Self {
                // SAFETY: as above.
                $v(unsafe { $getexp(self.0) })
            }
            #[inline(always)]
            fn mantissa(self) -> Self {
                // SAFETY: as above.
                $v(unsafe { $getmant::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO>(self.0) })
            }
        }
    };
}
vector!(
    F32,
    f32,
    16,
    Mask16(__mmask16),
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_storeu_ps,
    _mm512_mask_storeu_ps,
    _mm512_scalef_ps,
    _mm512_getexp_ps,
    _mm512_getmant_ps
);
vector!(
    F64,
    f64,
    8,
    Mask8(__mmask8),
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_storeu_pd,
    _mm512_mask_storeu_pd,
    _mm512_scalef_pd,
    _mm512_getexp_pd,
    _mm512_getmant_pd
);

/// AVX-512 with F, BW, DQ and VL, and everything of AVX2.
#[derive(Clone, Copy)]
pub struct Avx512(());

impl Avx512 {
    /// # Safety
    /// The CPU has avx512f, avx512bw, avx512dq, avx512vl, avx2, fma and f16c.
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        Avx512(())
    }
}

impl Isa for Avx512 {
    type F32 = F32;
    type F64 = F64;
    const REGISTERS: usize = 32;
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
        fn enter<K: Kernel>(isa: Avx512, kernel: K) -> K::Output {
            kernel.call(isa)
        }
        // SAFETY: `self` proves the features.
        unsafe { enter(self, kernel) }
    }
}
