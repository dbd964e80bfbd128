//! AVX2 with FMA and F16C: 8 x `f32` or 4 x `f64`.

use super::{Isa, Kernel, Vector};
use std::arch::x86_64::*;

mask! {
    Mask32(__m256);
    and(a, b) = _mm256_and_ps(a, b);
    or(a, b) = _mm256_or_ps(a, b);
    not(a) = _mm256_xor_ps(a, _mm256_castsi256_ps(_mm256_set1_epi32(-1)));
}
mask! {
    Mask64(__m256d);
    and(a, b) = _mm256_and_pd(a, b);
    or(a, b) = _mm256_or_pd(a, b);
    not(a) = _mm256_xor_pd(a, _mm256_castsi256_pd(_mm256_set1_epi32(-1)));
}

register! {
    /// 8 x `f32`.
    F32(__m256): f32, mask Mask32(__m256), features [target_feature(enable = "avx2,fma,f16c")], elementary inline;
    splat(s) = _mm256_set1_ps(s);
    neg(a) = _mm256_xor_ps(a, _mm256_set1_ps(-0.0));
    mul_add(a, b, c) = _mm256_fmadd_ps(a, b, c);
    select(m, yes, no) = _mm256_blendv_ps(no, yes, m);
    operators {
        Add add(a, b) = _mm256_add_ps(a, b);
        Sub sub(a, b) = _mm256_sub_ps(a, b);
        Mul mul(a, b) = _mm256_mul_ps(a, b);
        Div div(a, b) = _mm256_div_ps(a, b);
    }
    compare {
        lt(a, b) = _mm256_cmp_ps::<_CMP_LT_OQ>(a, b);
        le(a, b) = _mm256_cmp_ps::<_CMP_LE_OQ>(a, b);
        eq(a, b) = _mm256_cmp_ps::<_CMP_EQ_OQ>(a, b);
    }
    binary {
        // The instruction gives its second operand if either is NaN.
        max(a, b) = _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a));
        min(a, b) = _mm256_blendv_ps(_mm256_min_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a));
        at_most(a, bound) = _mm256_min_ps(bound, a);
        at_least(a, bound) = _mm256_max_ps(bound, a);
        copysign(a, b) = {
            let sign = _mm256_set1_ps(-0.0);
            _mm256_or_ps(_mm256_andnot_ps(sign, a), _mm256_and_ps(sign, b))
        };
    }
    unary {
        abs(a) = _mm256_andnot_ps(_mm256_set1_ps(-0.0), a);
        sqrt(a) = _mm256_sqrt_ps(a);
        floor(a) = _mm256_round_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(a);
        ceil(a) = _mm256_round_ps::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(a);
        round(a) = _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a);
        trunc(a) = _mm256_round_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(a);
    }
}

register! {
    /// 4 x `f64`.
    F64(__m256d): f64, mask Mask64(__m256d), features [target_feature(enable = "avx2,fma,f16c")], elementary outline;
    splat(s) = _mm256_set1_pd(s);
    neg(a) = _mm256_xor_pd(a, _mm256_set1_pd(-0.0));
    mul_add(a, b, c) = _mm256_fmadd_pd(a, b, c);
    select(m, yes, no) = _mm256_blendv_pd(no, yes, m);
    operators {
        Add add(a, b) = _mm256_add_pd(a, b);
        Sub sub(a, b) = _mm256_sub_pd(a, b);
        Mul mul(a, b) = _mm256_mul_pd(a, b);
        Div div(a, b) = _mm256_div_pd(a, b);
    }
    compare {
        lt(a, b) = _mm256_cmp_pd::<_CMP_LT_OQ>(a, b);
        le(a, b) = _mm256_cmp_pd::<_CMP_LE_OQ>(a, b);
        eq(a, b) = _mm256_cmp_pd::<_CMP_EQ_OQ>(a, b);
    }
    binary {
        max(a, b) = _mm256_blendv_pd(_mm256_max_pd(a, b), a, _mm256_cmp_pd::<_CMP_UNORD_Q>(a, a));
        min(a, b) = _mm256_blendv_pd(_mm256_min_pd(a, b), a, _mm256_cmp_pd::<_CMP_UNORD_Q>(a, a));
        at_most(a, bound) = _mm256_min_pd(bound, a);
        at_least(a, bound) = _mm256_max_pd(bound, a);
        copysign(a, b) = {
            let sign = _mm256_set1_pd(-0.0);
            _mm256_or_pd(_mm256_andnot_pd(sign, a), _mm256_and_pd(sign, b))
        };
    }
    unary {
        abs(a) = _mm256_andnot_pd(_mm256_set1_pd(-0.0), a);
        sqrt(a) = _mm256_sqrt_pd(a);
        floor(a) = _mm256_round_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(a);
        ceil(a) = _mm256_round_pd::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>(a);
        round(a) = _mm256_round_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a);
        trunc(a) = _mm256_round_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(a);
    }
}

/// `table[LANES - n ..]` is the mask of the first `n` lanes.
static FIRST32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
static FIRST64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

macro_rules! vector {
    ($v:ident, $elem:ty, $lanes:literal, $mask:ident, $first:ident, $loadu:ident, $maskload:ident, $storeu:ident,
     $maskstore:ident, $movemask:ident, $scale:ident, $exponent:ident, $mantissa:ident, $interleave:ident, $by_four:ident,
     $zip:ident, $unzip:ident, $places:ident) => {
        impl $v {
            /// The mask of the first `n` lanes, for masked loads and stores.
            #[inline(always)]
            fn first(n: usize) -> __m256i {
                debug_assert!(n <= $lanes);
                // SAFETY: the table has twice LANES entries and `n <= LANES`; the instruction set is there.
                unsafe { _mm256_loadu_si256($first.as_ptr().add($lanes - n).cast()) }
            }
        }

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
                // SAFETY: the caller's promise; masked lanes are not touched.
                $v(unsafe { $maskload(p, Self::first(n)) })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $elem) {
                // SAFETY: the caller's promise.
                unsafe { $storeu(p, self.0) }
            }
            #[inline(always)]
            unsafe fn store_first(self, p: *mut $elem, n: usize) {
                // SAFETY: the caller's promise; masked lanes are not touched.
                unsafe { $maskstore(p, Self::first(n), self.0) }
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
                // SAFETY: registers exist only where the instruction set does; also below.
                unsafe { $movemask(mask.0) != 0 }
            }
            #[inline(always)]
            fn scale(self, n: Self) -> Self {
                // SAFETY: as above.
                $v(unsafe { $scale(self.0, n.0) })
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
vector!(
    F32,
    f32,
    8,
    Mask32,
    FIRST32,
    _mm256_loadu_ps,
    _mm256_maskload_ps,
    _mm256_storeu_ps,
    _mm256_maskstore_ps,
    _mm256_movemask_ps,
    scale32,
    exponent32,
    mantissa32,
    interleave32,
    by_four32,
    zip32,
    unzip32,
    places32
);
vector!(
    F64,
    f64,
    4,
    Mask64,
    FIRST64,
    _mm256_loadu_pd,
    _mm256_maskload_pd,
    _mm256_storeu_pd,
    _mm256_maskstore_pd,
    _mm256_movemask_pd,
    scale64,
    exponent64,
    mantissa64,
    interleave64,
    by_four64,
    zip64,
    unzip64,
    places64
);

/// The lanes of four registers in turns.
/// # Safety
/// The CPU has AVX2; also below.
#[inline(always)]
unsafe fn interleave32([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
    // SAFETY: the caller's promise; also below.
    unsafe {
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ef, gh) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        let (r0, r1) = (_mm256_shuffle_ps::<0x44>(ab, cd), _mm256_shuffle_ps::<0xee>(ab, cd));
        let (r2, r3) = (_mm256_shuffle_ps::<0x44>(ef, gh), _mm256_shuffle_ps::<0xee>(ef, gh));
        [
            _mm256_permute2f128_ps::<0x20>(r0, r1),
            _mm256_permute2f128_ps::<0x20>(r2, r3),
            _mm256_permute2f128_ps::<0x31>(r0, r1),
            _mm256_permute2f128_ps::<0x31>(r2, r3),
        ]
    }
}

#[inline(always)]
unsafe fn interleave64([a, b, c, d]: [__m256d; 4]) -> [__m256d; 4] {
    // SAFETY: as above.
    unsafe {
        let (ab, cd) = (_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d));
        let (ef, gh) = (_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(ab, cd),
            _mm256_permute2f128_pd::<0x20>(ef, gh),
            _mm256_permute2f128_pd::<0x31>(ab, cd),
            _mm256_permute2f128_pd::<0x31>(ef, gh),
        ]
    }
}

/// Two registers, their lanes in turns.
/// # Safety
/// The CPU has AVX2; also below.
#[inline(always)]
unsafe fn zip32(a: __m256, b: __m256) -> (__m256, __m256) {
    // SAFETY: the caller's promise; also below.
    unsafe {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        (_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high))
    }
}

#[inline(always)]
unsafe fn zip64(a: __m256d, b: __m256d) -> (__m256d, __m256d) {
    // SAFETY: as above.
    unsafe {
        let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        (_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high))
    }
}

#[inline(always)]
unsafe fn unzip32(a: __m256, b: __m256) -> (__m256, __m256) {
    // SAFETY: as above.
    unsafe {
        let (low, high) = (_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
        (_mm256_shuffle_ps::<0x88>(low, high), _mm256_shuffle_ps::<0xdd>(low, high))
    }
}

#[inline(always)]
unsafe fn unzip64(a: __m256d, b: __m256d) -> (__m256d, __m256d) {
    // SAFETY: as above.
    unsafe {
        let (low, high) = (_mm256_permute2f128_pd::<0x20>(a, b), _mm256_permute2f128_pd::<0x31>(a, b));
        (_mm256_unpacklo_pd(low, high), _mm256_unpackhi_pd(low, high))
    }
}

/// Writes every fourth lane side by side.
/// # Safety
/// The CPU has AVX2, and there is room for a quarter of the lanes at each place; also below.
#[inline(always)]
unsafe fn by_four32(x: __m256, [a, b, c, d]: [*mut f32; 4]) {
    // SAFETY: the caller's promise; also below.
    unsafe {
        // Pairs of neighbours, stored as if they were doubles.
        let x = _mm256_permutevar8x32_ps(x, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        by_four64(_mm256_castps_pd(x), [a, b, c, d].map(|p| p.cast()));
    }
}

#[inline(always)]
unsafe fn by_four64(x: __m256d, [a, b, c, d]: [*mut f64; 4]) {
    // SAFETY: as above; these stores need no alignment.
    unsafe {
        let (low, high) = (_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
        _mm_storel_pd(a, low);
        _mm_storeh_pd(b, low);
        _mm_storel_pd(c, high);
        _mm_storeh_pd(d, high);
    }
}

/// `a 2^n` for integral `n`.
/// # Safety
/// The CPU has AVX2; also below.
#[inline(always)]
unsafe fn scale32(a: __m256, n: __m256) -> __m256 {
    // SAFETY: the caller's promise; also below.
    unsafe {
        // Two factors, because 2^n alone may be beyond the range although the result is not.
        let n = _mm256_cvtps_epi32(n);
        let half = _mm256_srai_epi32::<1>(n);
        let bias = _mm256_set1_epi32(127);
        let first = _mm256_slli_epi32::<23>(_mm256_add_epi32(half, bias));
        let second = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_sub_epi32(n, half), bias));
        _mm256_mul_ps(_mm256_mul_ps(a, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second))
    }
}

#[inline(always)]
unsafe fn exponent32(a: __m256) -> __m256 {
    // SAFETY: as above.
    unsafe {
        let biased = _mm256_srli_epi32::<23>(_mm256_castps_si256(a));
        _mm256_cvtepi32_ps(_mm256_sub_epi32(biased, _mm256_set1_epi32(127)))
    }
}

#[inline(always)]
unsafe fn mantissa32(a: __m256) -> __m256 {
    // SAFETY: as above.
    unsafe { _mm256_or_ps(_mm256_and_ps(a, _mm256_castsi256_ps(_mm256_set1_epi32(0x007f_ffff))), _mm256_set1_ps(1.0)) }
}

/// Adding this puts an integer into the low bits of a double: AVX2 has no 64-bit conversions.
const INTEGER: f64 = 4503599627370496.0; // 2^52

#[inline(always)]
unsafe fn scale64(a: __m256d, n: __m256d) -> __m256d {
    // SAFETY: as above.
    unsafe {
        let half =
            _mm256_round_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(_mm256_mul_pd(n, _mm256_set1_pd(0.5)));
        let rest = _mm256_sub_pd(n, half);
        _mm256_mul_pd(_mm256_mul_pd(a, power64(half)), power64(rest))
    }
}

/// `2^n` for integral `n`.
#[inline(always)]
unsafe fn power64(n: __m256d) -> __m256d {
    // SAFETY: as above.
    unsafe {
        let biased = _mm256_castpd_si256(_mm256_add_pd(n, _mm256_set1_pd(INTEGER + 1023.0)));
        _mm256_castsi256_pd(_mm256_slli_epi64::<52>(biased))
    }
}

#[inline(always)]
unsafe fn exponent64(a: __m256d) -> __m256d {
    // SAFETY: as above.
    unsafe {
        let biased = _mm256_castsi256_pd(_mm256_srli_epi64::<52>(_mm256_castpd_si256(a)));
        _mm256_sub_pd(_mm256_or_pd(biased, _mm256_set1_pd(INTEGER)), _mm256_set1_pd(INTEGER + 1023.0))
    }
}

#[inline(always)]
unsafe fn mantissa64(a: __m256d) -> __m256d {
    // SAFETY: as above.
    unsafe {
        let fraction = _mm256_castsi256_pd(_mm256_set1_epi64x(0x000f_ffff_ffff_ffff));
        _mm256_or_pd(_mm256_and_pd(a, fraction), _mm256_set1_pd(1.0))
    }
}

/// Writes `start` plus the first lanes as integers.
/// # Safety
/// The CPU has AVX2, `n` elements are writable at `p`; also below.
#[inline(always)]
unsafe fn places32(x: __m256, start: i32, p: *mut i32, n: usize) {
    // SAFETY: the caller's promise; also below.
    unsafe {
        _mm256_maskstore_epi32(p, F32::first(n), _mm256_add_epi32(_mm256_cvttps_epi32(x), _mm256_set1_epi32(start)))
    }
}

#[inline(always)]
unsafe fn places64(x: __m256d, start: i32, p: *mut i32, n: usize) {
    // SAFETY: as above; the table has twice as many entries as lanes.
    unsafe {
        let mask = _mm_loadu_si128(FIRST32.as_ptr().add(8 - n).cast());
        _mm_maskstore_epi32(p, mask, _mm_add_epi32(_mm256_cvttpd_epi32(x), _mm_set1_epi32(start)));
    }
}

/// AVX2 with FMA and F16C (Haswell, Zen and later).
#[derive(Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// # Safety
    /// The CPU has avx2, fma and f16c.
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        Avx2(())
    }
}

impl Isa for Avx2 {
    type F32 = F32;
    type F64 = F64;
    const REGISTERS: usize = 16;
    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2,fma,f16c")]
        fn enter<K: Kernel>(isa: Avx2, kernel: K) -> K::Output {
            kernel.call(isa)
        }
        // SAFETY: `self` proves the features.
        unsafe { enter(self, kernel) }
    }
}
