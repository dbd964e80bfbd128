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
        // Without a mask, the instruction gives its second operand if either is NaN.
        at_most(a, bound) = _mm512_min_ps(bound, a);
        at_least(a, bound) = _mm512_max_ps(bound, a);
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
        at_most(a, bound) = _mm512_min_pd(bound, a);
        at_least(a, bound) = _mm512_max_pd(bound, a);
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
     $mask_storeu:ident, $scalef:ident, $getexp:ident, $getmant:ident, $interleave:ident, $by_four:ident,
     $zip:ident, $unzip:ident, $places:ident) => {
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
            unsafe fn interleave(registers: [Self; 4], p: *mut $elem) {
                // SAFETY: the caller's promise.
                unsafe {
                    for (i, register) in $interleave(registers.map(|r| r.0)).into_iter().enumerate() {
                        $storeu(p.add(i * $lanes), register);
                    }
                }
            }
            #[inline(always)]
            unsafe fn store_by_four(self, to: [*mut $elem; 4]) {
                // SAFETY: the caller's promise.
                unsafe { $by_four(self.0, to) }
            }
            #[inline(always)]
            fn zip(self, other: Self) -> (Self, Self) {
                // SAFETY: registers exist only where the instruction set does; also below.
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
            unsafe fn store_places(self, start: i32, p: *mut i32, n: usize) {
                // SAFETY: the caller's promise; masked lanes are not touched.
                unsafe { $places(self.0, start, p, n) }
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
    _mm512_getmant_ps,
    interleave32,
    by_four32,
    zip32,
    unzip32,
    places32
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
    _mm512_getmant_pd,
    interleave64,
    by_four64,
    zip64,
    unzip64,
    places64
);

/// The lanes of four registers in turns, within each quarter by shuffles, then quarter by quarter.
/// # Safety
/// The CPU has AVX-512; also below.
#[inline(always)]
unsafe fn interleave32([a, b, c, d]: [__m512; 4]) -> [__m512; 4] {
    // SAFETY: the caller's promise; also below.
    unsafe {
        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
        let (ef, gh) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
        let first = [_mm512_shuffle_ps::<0x44>(ab, cd), _mm512_shuffle_ps::<0xee>(ab, cd)];
        let second = [_mm512_shuffle_ps::<0x44>(ef, gh), _mm512_shuffle_ps::<0xee>(ef, gh)];
        let (low, high) = (
            [_mm512_shuffle_f32x4::<0x44>(first[0], first[1]), _mm512_shuffle_f32x4::<0x44>(second[0], second[1])],
            [_mm512_shuffle_f32x4::<0xee>(first[0], first[1]), _mm512_shuffle_f32x4::<0xee>(second[0], second[1])],
        );
        [
            _mm512_shuffle_f32x4::<0x88>(low[0], low[1]),
            _mm512_shuffle_f32x4::<0xdd>(low[0], low[1]),
            _mm512_shuffle_f32x4::<0x88>(high[0], high[1]),
            _mm512_shuffle_f32x4::<0xdd>(high[0], high[1]),
        ]
    }
}

#[inline(always)]
unsafe fn interleave64([a, b, c, d]: [__m512d; 4]) -> [__m512d; 4] {
    // SAFETY: as above.
    unsafe {
        let (ab, cd) = (_mm512_unpacklo_pd(a, b), _mm512_unpacklo_pd(c, d));
        let (ef, gh) = (_mm512_unpackhi_pd(a, b), _mm512_unpackhi_pd(c, d));
        let low = [_mm512_shuffle_f64x2::<0x44>(ab, cd), _mm512_shuffle_f64x2::<0x44>(ef, gh)];
        let high = [_mm512_shuffle_f64x2::<0xee>(ab, cd), _mm512_shuffle_f64x2::<0xee>(ef, gh)];
        [
            _mm512_shuffle_f64x2::<0x88>(low[0], low[1]),
            _mm512_shuffle_f64x2::<0xdd>(low[0], low[1]),
            _mm512_shuffle_f64x2::<0x88>(high[0], high[1]),
            _mm512_shuffle_f64x2::<0xdd>(high[0], high[1]),
        ]
    }
}

/// Two registers, their lanes in turns.
/// # Safety
/// The CPU has AVX-512; also below.
#[inline(always)]
unsafe fn zip32(a: __m512, b: __m512) -> (__m512, __m512) {
    // SAFETY: the caller's promise; also below.
    unsafe {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        (_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b))
    }
}

#[inline(always)]
unsafe fn zip64(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    // SAFETY: as above.
    unsafe {
        let (low, high) = (_mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15));
        (_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b))
    }
}

#[inline(always)]
unsafe fn unzip32(a: __m512, b: __m512) -> (__m512, __m512) {
    // SAFETY: as above.
    unsafe {
        let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        (_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
    }
}

#[inline(always)]
unsafe fn unzip64(a: __m512d, b: __m512d) -> (__m512d, __m512d) {
    // SAFETY: as above.
    unsafe {
        let (even, odd) = (_mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15));
        (_mm512_permutex2var_pd(a, even, b), _mm512_permutex2var_pd(a, odd, b))
    }
}

/// Writes `start` plus the first lanes as integers.
/// # Safety
/// The CPU has AVX-512, `n` elements are writable at `p`; also below.
#[inline(always)]
unsafe fn places32(x: __m512, start: i32, p: *mut i32, n: usize) {
    // SAFETY: the caller's promise; masked lanes are not touched; also below.
    unsafe {
        let places = _mm512_add_epi32(_mm512_cvttps_epi32(x), _mm512_set1_epi32(start));
        _mm512_mask_storeu_epi32(p, ((1u32 << n) - 1) as __mmask16, places);
    }
}

#[inline(always)]
unsafe fn places64(x: __m512d, start: i32, p: *mut i32, n: usize) {
    // SAFETY: as above.
    unsafe {
        let places = _mm256_add_epi32(_mm512_cvttpd_epi32(x), _mm256_set1_epi32(start));
        _mm256_mask_storeu_epi32(p, ((1u32 << n) - 1) as __mmask8, places);
    }
}

/// Writes every fourth lane side by side.
/// # Safety
/// The CPU has AVX-512, and there is room for a quarter of the lanes at each place; also below.
#[inline(always)]
unsafe fn by_four32(x: __m512, [a, b, c, d]: [*mut f32; 4]) {
    // SAFETY: the caller's promise; also below.
    unsafe {
        let order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        let x = _mm512_permutexvar_ps(order, x);
        _mm_storeu_ps(a, _mm512_castps512_ps128(x));
        _mm_storeu_ps(b, _mm512_extractf32x4_ps::<1>(x));
        _mm_storeu_ps(c, _mm512_extractf32x4_ps::<2>(x));
        _mm_storeu_ps(d, _mm512_extractf32x4_ps::<3>(x));
    }
}

#[inline(always)]
unsafe fn by_four64(x: __m512d, [a, b, c, d]: [*mut f64; 4]) {
    // SAFETY: as above.
    unsafe {
        let x = _mm512_permutexvar_pd(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), x);
        _mm_storeu_pd(a, _mm512_castpd512_pd128(x));
        _mm_storeu_pd(b, _mm512_extractf64x2_pd::<1>(x));
        _mm_storeu_pd(c, _mm512_extractf64x2_pd::<2>(x));
        _mm_storeu_pd(d, _mm512_extractf64x2_pd::<3>(x));
    }
}

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
