//! Elementary functions against references in higher precision, in units in the last place, on every instruction set.

mod strided;

use rutile_kernels::map::{Formula, map};
use rutile_kernels::{Math, Real, simd};
use strided::{Array, on_every_isa};

// The standard library has no error function, but links the C library that does.
unsafe extern "C" {
    #[link_name = "erf"]
    safe fn c_erf(x: f64) -> f64;
    #[link_name = "erfc"]
    safe fn c_erfc(x: f64) -> f64;
}

/// Names a function of one argument, with a reference in double precision (for `f32` it counts as exact).
macro_rules! functions {
    ($($f:ident: $reference:expr, ulp $bound:expr, $arguments:expr;)*) => {$(
        mod $f {
            use super::*;
            #[derive(Clone, Copy)]
            pub struct Function;
            impl Formula<1> for Function {
                const WIDE: bool = true;
                #[inline(always)]
                fn eval<M: Math>(&self, [x]: [M; 1]) -> M {
                    x.$f()
                }
            }
            #[test]
            fn f32_is_accurate() {
                check::<f32>(stringify!($f), Function, $reference, $bound, $arguments);
            }
            #[test]
            fn f32_is_within_two_units_everywhere() {
                sweep(stringify!($f), Function, $reference, 997);
            }
            #[test]
            #[ignore = "minutes; the nightly run has it"]
            fn f32_is_within_two_units_densely() {
                sweep(stringify!($f), Function, $reference, 13);
            }
            #[test]
            fn f64_is_close_to_std() {
                // The reference itself has an error of up to one unit.
                check::<f64>(stringify!($f), Function, $reference, $bound + 1.0, $arguments);
            }
        }
    )*};
}

/// Arguments spread evenly over an interval and over all magnitudes, and the special ones.
fn arguments(low: f64, high: f64) -> Vec<f64> {
    let mut state = 1u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut all = vec![0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    all.extend([1e-40, -1e-40, 1e-310, f64::MIN_POSITIVE, f32::MAX as f64, f64::MAX, f64::MIN]);
    for _ in 0..20_000 {
        all.push(low + (high - low) * random());
        let magnitude = (random() * 80.0 - 60.0).exp2();
        all.push((if random() < 0.5 { -magnitude } else { magnitude }).clamp(low, high));
        let near_one = 1.0 + (random() - 0.5) * (-40.0 * random()).exp2();
        all.push(near_one.clamp(low, high));
    }
    all
}

/// The distance of `got` from the exact value, in units in its last place.
fn ulps<T: Real>(got: T, want: f64) -> f64 {
    let rounded = T::from_f64(want).to_f64();
    let got = got.to_f64();
    if rounded.is_nan() || got.is_nan() {
        return if rounded.is_nan() && got.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if rounded == got {
        return if want == 0.0 && rounded.is_sign_negative() != got.is_sign_negative() { f64::INFINITY } else { 0.0 };
    }
    let (digits, smallest) = if size_of::<T>() == 4 { (23, -126) } else { (52, -1022) };
    // The largest value stands for infinity: overflow may come one rounding early or late.
    let largest = if size_of::<T>() == 4 { f32::MAX as f64 } else { f64::MAX };
    let (got, want) = (got.clamp(-largest, largest), want.clamp(-largest, largest));
    let exponent = (want.abs().max(f64::MIN_POSITIVE).log2().floor() as i32).max(smallest);
    (got - want).abs() / f64::from(exponent - digits).exp2()
}

fn check<T: Real>(
    name: &str,
    function: impl Formula<1>,
    reference: impl Fn(f64) -> f64,
    bound: f64,
    range: (f64, f64),
) {
    let x: Vec<T> = arguments(range.0, range.1).into_iter().map(T::from_f64).collect();
    let x = Array::contiguous(x.clone(), &[x.len()]);
    on_every_isa(|isa| {
        let mut y = x.clone();
        map(function, [x.view()], y.view_mut());
        let mut worst = (0.0, 0.0, 0.0, 0.0);
        for (x, y) in x.data.iter().zip(&y.data) {
            let want = reference(x.to_f64());
            let error = ulps(*y, want);
            if error > worst.0 {
                worst = (error, x.to_f64(), y.to_f64(), want);
            }
        }
        let (error, x, got, want) = worst;
        println!("{name} {} {isa}: {error:.2} ulp at {x:e}", std::any::type_name::<T>());
        assert!(error <= bound, "{isa}: {name}({x:e}) = {got:e}, not {want:e}: {error:.2} ulp > {bound}");
    });
}

/// Every `step`-th float32 of all there are, in the order of their bits, on the instruction set of the machine.
fn sweep(name: &str, function: impl Formula<1>, reference: impl Fn(f64) -> f64, step: u32) {
    const BLOCK: u32 = 1 << 14;
    // The best instruction set, held: tests beside this one change it.
    let isa = simd::available()[0];
    let bound = if isa == "scalar" { 2.25 } else { 2.0 };
    let mut worst = (0.0, 0.0, 0.0, 0.0);
    let mut start = 0u32;
    loop {
        let x: Vec<f32> = (0..BLOCK).map(|i| f32::from_bits(start.saturating_add(i * step))).collect();
        let x = Array::contiguous(x.clone(), &[x.len()]);
        let mut y = x.clone();
        simd::with_isa(isa, || map(function, [x.view()], y.view_mut()));
        for (&x, &y) in x.data.iter().zip(&y.data) {
            let want = reference(f64::from(x));
            let error = ulps(y, want);
            if error > worst.0 {
                worst = (error, x, y, want);
            }
        }
        match start.checked_add(BLOCK * step) {
            Some(next) => start = next,
            None => break,
        }
    }
    let (error, x, got, want) = worst;
    println!("{name} whole range: {error:.2} ulp at {x:e}");
    assert!(error <= bound, "{name}({x:e}) = {got:e}, not {want:e}: {error:.2} ulp");
}

functions! {
    exp: f64::exp, ulp 1.5, (-120.0, 120.0);
    exp2: f64::exp2, ulp 1.5, (-160.0, 140.0);
    exp_m1: f64::exp_m1, ulp 2.0, (-120.0, 120.0);
    ln: f64::ln, ulp 1.5, (-1.0, 1e6);
    log2: f64::log2, ulp 1.5, (-1.0, 1e6);
    log10: f64::log10, ulp 1.5, (-1.0, 1e6);
    ln_1p: f64::ln_1p, ulp 2.0, (-1.1, 1e3);
    sin: f64::sin, ulp 1.5, (-1e5, 1e5);
    cos: f64::cos, ulp 1.5, (-1e5, 1e5);
    tan: f64::tan, ulp 2.0, (-1e5, 1e5);
    asin: f64::asin, ulp 2.0, (-1.0, 1.0);
    acos: f64::acos, ulp 2.0, (-1.0, 1.0);
    atan: f64::atan, ulp 2.0, (-1e3, 1e3);
    sinh: f64::sinh, ulp 2.25, (-120.0, 120.0);
    cosh: f64::cosh, ulp 2.0, (-120.0, 120.0);
    tanh: f64::tanh, ulp 2.0, (-25.0, 25.0);
    erf: |x| c_erf(x), ulp 1.5, (-7.0, 7.0);
    erfc: |x| c_erfc(x), ulp 2.25, (-7.0, 28.0);
}

/// Where the C library and the standard library differ in quality, identities are the better reference.
fn reference_asinh(x: f64) -> f64 {
    let a = x.abs();
    (if a > 1e100 { a.ln() + std::f64::consts::LN_2 } else { (a + a * a / (1.0 + a.hypot(1.0))).ln_1p() }).copysign(x)
}

fn reference_acosh(x: f64) -> f64 {
    let t = x - 1.0;
    if x < 1.0 {
        return f64::NAN;
    }
    if x > 1e100 { x.ln() + std::f64::consts::LN_2 } else { (t + (t * (t + 2.0)).sqrt()).ln_1p() }
}

fn reference_atanh(x: f64) -> f64 {
    ((x.abs() * 2.0 / (1.0 - x.abs())).ln_1p() * 0.5).copysign(x)
}

functions! {
    asinh: reference_asinh, ulp 2.0, (-1e3, 1e3);
    acosh: reference_acosh, ulp 2.0, (0.5, 1e3);
    atanh: reference_atanh, ulp 2.0, (-1.0, 1.0);
}

#[derive(Clone, Copy)]
struct Pow;
impl Formula<2> for Pow {
    const WIDE: bool = true;
    #[inline(always)]
    fn eval<M: Math>(&self, [x, y]: [M; 2]) -> M {
        x.pow(y)
    }
}

#[derive(Clone, Copy)]
struct Atan2;
impl Formula<2> for Atan2 {
    const WIDE: bool = true;
    #[inline(always)]
    fn eval<M: Math>(&self, [y, x]: [M; 2]) -> M {
        y.atan2(x)
    }
}

fn check_pairs<T: Real>(
    name: &str,
    f: impl Formula<2>,
    reference: fn(f64, f64) -> f64,
    bound: f64,
    pairs: &[(f64, f64)],
) {
    let side = |pick: fn(&(f64, f64)) -> f64| {
        Array::contiguous(pairs.iter().map(|p| T::from_f64(pick(p))).collect::<Vec<T>>(), &[pairs.len()])
    };
    let (a, b) = (side(|p| p.0), side(|p| p.1));
    on_every_isa(|isa| {
        let mut out = a.clone();
        map(f, [a.view(), b.view()], out.view_mut());
        let mut worst = 0.0f64;
        for ((a, b), got) in a.data.iter().zip(&b.data).zip(&out.data) {
            let want = reference(a.to_f64(), b.to_f64());
            let error = ulps(*got, want);
            worst = worst.max(error);
            assert!(error <= bound, "{isa}: {name}({a:?}, {b:?}) = {got:?}, not {want:e}: {error:.2} ulp");
        }
        println!("{name} {} {isa}: {worst:.2} ulp", std::any::type_name::<T>());
    });
}

fn special_pairs() -> Vec<(f64, f64)> {
    let special = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 1e30, -1e30, 1e-40];
    let special: Vec<f64> = special.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, f64::NAN]).collect();
    special.iter().flat_map(|&a| special.iter().map(move |&b| (a, b)).collect::<Vec<_>>()).collect()
}

#[test]
fn pow_follows_c() {
    let mut pairs = special_pairs();
    let x = arguments(0.0, 1e3);
    let y = arguments(-50.0, 50.0);
    pairs.extend(x.iter().zip(y.iter().rev()).map(|(&x, &y)| (x, y)));
    pairs.extend(x.iter().enumerate().map(|(i, &x)| (-x, (i % 41) as f64 - 20.0)));
    pairs.extend(x.iter().map(|&x| (1.0 + x * 1e-6, 8e4))); // near 1 with large exponents
    check_pairs::<f32>("pow", Pow, f64::powf, 2.0, &pairs);
    check_pairs::<f64>("pow", Pow, f64::powf, 2.5, &pairs);
}

#[test]
fn atan2_knows_all_quadrants() {
    let mut pairs = special_pairs();
    let (x, y) = (arguments(-1e3, 1e3), arguments(-10.0, 10.0));
    pairs.extend(x.iter().zip(y.iter().rev()).map(|(&x, &y)| (x, y)));
    check_pairs::<f32>("atan2", Atan2, f64::atan2, 2.0, &pairs);
    check_pairs::<f64>("atan2", Atan2, f64::atan2, 3.0, &pairs);
}

#[derive(Clone, Copy)]
struct Ndtr;
impl Formula<1> for Ndtr {
    const WIDE: bool = true;
    #[inline(always)]
    fn eval<M: Math>(&self, [x]: [M; 1]) -> M {
        x.ndtr()
    }
}

#[test]
fn ndtr_keeps_what_its_doc_promises() {
    let x: Vec<f32> = arguments(-20.0, 20.0).into_iter().filter(|x| !x.is_nan()).map(|x| x as f32).collect();
    let x = Array::contiguous(x.clone(), &[x.len()]);
    on_every_isa(|isa| {
        let mut y = x.clone();
        map(Ndtr, [x.view()], y.view_mut());
        let mut worst = [0.0, 0.0];
        for (&x, &y) in x.data.iter().zip(&y.data) {
            let want = 0.5 * c_erfc(-f64::from(x) / std::f64::consts::SQRT_2);
            let error = (f64::from(y) - want).abs();
            let relative = error / want.max(f64::from(f32::MIN_POSITIVE));
            assert!(error <= 2f64.powi(-22), "{isa}: ndtr({x}) = {y:e}, not {want:e}");
            assert!(relative <= 2f64.powi(-17), "{isa}: ndtr({x}) = {y:e}, not {want:e}");
            worst = [f64::max(worst[0], error), f64::max(worst[1], relative)];
        }
        println!("ndtr {isa}: 2^{:.1} of 1, 2^{:.1} of the value", worst[0].log2(), worst[1].log2());
    });
    check::<f64>("ndtr", Ndtr, |x| 0.5 * c_erfc(-x / std::f64::consts::SQRT_2), 64.0, (-5.0, 20.0));
}
