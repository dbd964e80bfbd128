//! The primitive operations of every register equal their scalar twins.

mod strided;

use proptest::prelude::*;
use rutile_kernels::element::Real;
use rutile_kernels::math::Math;
use rutile_kernels::simd::{self, Isa, Kernel, Vector};
use strided::on_every_isa;

/// The lanes of a register.
fn lanes<V: Vector>(v: V) -> Vec<V::Elem> {
    let mut lanes = vec![V::Elem::default(); V::LANES];
    // SAFETY: there are LANES elements.
    unsafe { v.store(lanes.as_mut_ptr()) };
    lanes
}

struct Partial<'a, T>(&'a [T]);
impl<T: Real> Kernel for Partial<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        type V<T, I> = <T as Real>::V<I>;
        let count = V::<T, I>::LANES;
        assert!(self.0.len() >= 16);
        for n in 0..=count {
            let mut out = vec![T::NAN; 16];
            // SAFETY: there are 16 elements on both sides.
            unsafe {
                let v = V::<T, I>::load_first(self.0.as_ptr(), n);
                for (i, lane) in lanes(v).into_iter().enumerate() {
                    assert!(lane == if i < n { self.0[i] } else { T::ZERO });
                }
                V::<T, I>::load(self.0.as_ptr()).store_first(out.as_mut_ptr(), n);
            }
            assert_eq!(out[..n], self.0[..n]);
            assert!(out[n..].iter().all(|x| x.to_f64().is_nan()), "wrote beyond");
        }
        // SAFETY: there are at least LANES elements.
        let v = unsafe { V::<T, I>::load(self.0.as_ptr()) };
        let whole: Vec<f64> = self.0[..count].iter().map(|x| x.to_f64()).collect();
        assert_eq!(v.sum().to_f64(), whole.iter().sum::<f64>());
        assert_eq!(v.max_lane().to_f64(), whole.iter().copied().fold(f64::MIN, f64::max));
        assert_eq!(v.min_lane().to_f64(), whole.iter().copied().fold(f64::MAX, f64::min));
    }
}

struct Bits<T>(T, T);
impl<T: Real> Kernel for Bits<T> {
    type Output = [f64; 12];
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> [f64; 12] {
        let (x, y) = (T::V::<I>::splat(self.0), T::V::<I>::splat(self.1));
        let (product, error) = x.two_product(y);
        let all = [
            x.floor(),
            x.ceil(),
            x.round(),
            x.trunc(),
            x.abs(),
            x.copysign(y),
            x.max(y),
            x.min(y),
            -x,
            <T::V<I> as Math>::select(x.lt(y), x, y),
            product,
            error,
        ];
        all.map(|v| lanes(v)[0].to_f64())
    }
}

struct Exponent<T>(T, T);
impl<T: Real> Kernel for Exponent<T> {
    type Output = [f64; 3];
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> [f64; 3] {
        let x = T::V::<I>::splat(self.0);
        [x.exponent(), x.mantissa(), x.scale(T::V::<I>::splat(self.1))].map(|v| lanes(v)[0].to_f64())
    }
}

#[test]
fn partial_loads_and_stores_touch_nothing_else() {
    let f32s: Vec<f32> = (0..16).map(|i| (i * 5 % 16) as f32 - 7.0).collect();
    let f64s: Vec<f64> = f32s.iter().map(|&x| x.into()).collect();
    on_every_isa(|_| {
        simd::dispatch(Partial(&f32s));
        simd::dispatch(Partial(&f64s));
    });
}

fn same(a: f64, b: f64) -> bool {
    a == b && a.is_sign_negative() == b.is_sign_negative() || a.is_nan() && b.is_nan()
}

fn check(x: f64, y: f64) {
    let larger = if x.is_nan() || y.is_nan() { f64::NAN } else { x.max(y) };
    let smaller = if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) };
    let chosen = if x < y { x } else { y };
    let twin =
        [x.floor(), x.ceil(), x.round_ties_even(), x.trunc(), x.abs(), x.copysign(y), larger, smaller, -x, chosen];
    on_every_isa(|isa| {
        let double = simd::dispatch(Bits(x, y));
        for (i, (got, want)) in double.iter().zip(twin).enumerate() {
            // Of zeros of either sign max and min may give any.
            assert!(
                same(*got, want) || *got == 0.0 && want == 0.0 && (6..8).contains(&i),
                "{isa} {i}: {got} {want} ({x}, {y})"
            );
        }
        assert!(same(double[10], x * y), "{isa}");
        // Exact as long as nothing over- or underflows.
        if (x * y).abs() < 1e150 && (x * y).abs() > 1e-150 && x.abs().max(y.abs()) < 1e150 {
            assert_eq!(double[11], x.mul_add(y, -(x * y)), "{isa}");
        }
        let single = simd::dispatch(Bits(x as f32, y as f32));
        let (x, y) = (x as f32, y as f32);
        let twin = [x.floor(), x.ceil(), x.round_ties_even(), x.trunc(), x.abs(), x.copysign(y)];
        for (got, want) in single.iter().zip(twin) {
            assert!(same(*got, want.into()), "{isa}: {got} {want} ({x}, {y})");
        }
    });
}

proptest! {
    #[test]
    fn lanes_compute_as_scalars(x in any::<f64>(), y in any::<f64>(), small in -1e3..1e3f64, other in -1e3..1e3f64) {
        check(x, y);
        check(small, other);
        check((small * 2.0).round() / 2.0, small);
    }

    #[test]
    fn exponents(x in prop::num::f64::POSITIVE | prop::num::f64::NORMAL, n in -2000..2000i32, single in 1e-37..1e37f32, m in -240..240i32) {
        let exponent = ((x.to_bits() >> 52) as i32) - 1023;
        let mantissa = f64::from_bits((x.to_bits() & ((1 << 52) - 1)) | 1.0f64.to_bits());
        // Powers of two beyond the range, in exact steps.
        let scaled = (0..n.abs()).fold(mantissa, |x, _| if n < 0 { x / 2.0 } else { x * 2.0 });
        let normal = scaled >= f64::MIN_POSITIVE; // below, repeated halving rounds repeatedly
        on_every_isa(|isa| {
            let got = simd::dispatch(Exponent(x, f64::from(n)));
            assert_eq!(got[..2], [f64::from(exponent), mantissa], "{isa} {x:e}");
            let got = simd::dispatch(Exponent(mantissa, f64::from(n)))[2];
            assert!(got == scaled || !normal && got <= f64::MIN_POSITIVE, "{isa}: {mantissa} 2^{n} = {got:e}, not {scaled:e}");
            let got = simd::dispatch(Exponent(single, m as f32))[2];
            let exact = f64::from(single) * f64::from(m).exp2();
            assert_eq!(got, f64::from(exact as f32), "{isa}: {single:e} 2^{m}");
        });
    }
}

#[test]
fn names() {
    for name in simd::available() {
        simd::with_isa(name, || assert_eq!(simd::name(), name));
    }
    assert!(std::panic::catch_unwind(|| simd::with_isa("abacus", || ())).is_err());
}
