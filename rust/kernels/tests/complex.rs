//! Products, quotients and functions of complex numbers equal their naive twins, on any layout.

mod strided;

use proptest::prelude::*;
use rutile_kernels::complex::{Pair, functions, map, power, product, quotient};
use rutile_kernels::element::{Element, Real};
use strided::*;

/// Numbers that are exact in single precision, as are their products and the sums of those.
fn number<T: Real>(i: usize) -> Pair<T> {
    [T::from_f64((i % 13) as f64 * 0.5 - 3.0), T::from_f64((i % 7) as f64 * 0.25 - 0.5)]
}

fn wide<T: Element>(x: Pair<T>) -> Pair<f64> {
    x.map(T::to_f64)
}

fn near<T: Real>(got: Pair<T>, want: Pair<f64>, ulps: f64, eps: f64) -> bool {
    let size = want[0].hypot(want[1]);
    (0..2).all(|i| {
        let got = got[i].to_f64();
        got == want[i] || got.is_nan() && want[i].is_nan() || (got - want[i]).abs() <= ulps * eps * size
    })
}

fn check<T: Real>(shape: &[usize], layouts: [&Layout; 3], eps: f64) {
    let a = lay_out(shape, layouts[0], number::<T>);
    let b = lay_out(shape, layouts[1], |i| number::<T>(3 * i + 1));
    let pairs: Vec<_> = a.elements().into_iter().zip(b.elements()).map(|(a, b)| (wide(a), wide(b))).collect();
    on_every_isa(|isa| {
        let mut out = lay_out(shape, layouts[2], |_| [T::ZERO; 2]);
        product(a.view(), b.view(), out.view_mut());
        for (got, &([a, b], [c, d])) in out.elements().into_iter().zip(&pairs) {
            assert_eq!(wide(got), [a * c - b * d, a * d + b * c], "{isa}");
        }

        quotient(a.view(), b.view(), out.view_mut());
        for (got, &([a, b], [c, d])) in out.elements().into_iter().zip(&pairs) {
            let size = c * c + d * d;
            if size != 0.0 {
                assert!(near(got, [(a * c + b * d) / size, (b * c - a * d) / size], 8.0, eps), "{isa}: {got:?}");
            }
        }

        map(functions::square, a.view(), out.view_mut());
        for (got, &([a, b], _)) in out.elements().into_iter().zip(&pairs) {
            assert_eq!(wide(got), [a * a - b * b, 2.0 * a * b], "{isa}");
        }

        power(a.view(), b.view(), out.view_mut());
        for (got, &(a, b)) in out.elements().into_iter().zip(&pairs) {
            assert!(near(got, functions::pow(a, b), 1.0, eps), "{isa}: {a:?} to the power {b:?} is not {got:?}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn loops_equal_their_twins(shape in shapes(), a in layouts(true), b in layouts(true), out in layouts(false)) {
        check::<f32>(&shape, [&a, &b, &out], f64::from(f32::EPSILON));
        check::<f64>(&shape, [&a, &b, &out], f64::EPSILON);
    }
}

/// Functions undo each other where they are one-to-one.
#[test]
fn inverse_functions() {
    type Function = fn(Pair<f64>) -> Pair<f64>;
    let undone: [(Function, Function); 7] = [
        (functions::exp, functions::log),
        (functions::square, functions::sqrt),
        (functions::sin, functions::asin),
        (functions::tan, functions::atan),
        (functions::sinh, functions::asinh),
        (functions::tanh, functions::atanh),
        (functions::expm1, functions::log1p),
    ];
    for i in 0..400 {
        // In the right half of the unit square, without the axes.
        let z = [0.01 + (i % 20) as f64 * 0.049, (i / 20) as f64 * 0.099 - 0.94];
        for (k, (f, inverse)) in undone.into_iter().enumerate() {
            assert!(near(inverse(f(z)), z, 64.0, f64::EPSILON), "pair {k} at {z:?}: {:?}", inverse(f(z)));
        }
    }
}

#[test]
fn quotients_neither_overflow_nor_vanish() {
    for size in [1e300, 1e-300] {
        let z = [3.0 * size, -4.0 * size];
        assert!(near(functions::reciprocal(z), [0.12 / size, 0.16 / size], 4.0, f64::EPSILON));
        assert!(near(functions::sqrt(z), [2.0 * size.sqrt(), -size.sqrt()], 4.0, f64::EPSILON));
    }
}
