//! Copies and conversions equal their naive twins.

mod strided;

use half::{bf16, f16};
use proptest::prelude::*;
use rutile_kernels::copy::{cast, fill};
use rutile_kernels::{Element, View, ViewMut};
use strided::*;

fn check<T: Element, U: Element>(shape: &[usize], from: &Layout, to: &Layout, twin: impl Fn(T) -> U) {
    let src = lay_out(shape, from, |i| T::from_f64((i % 23) as f64 * 0.75 - 6.0));
    on_every_isa(|isa| {
        let mut dst = lay_out(shape, to, |_| U::default());
        cast(src.view(), dst.view_mut());
        assert_eq!(dst.elements(), src.elements().into_iter().map(&twin).collect::<Vec<_>>(), "{isa}");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn cast_equals_twin(shape in shapes(), from in layouts(true), to in layouts(false)) {
        check::<f32, f32>(&shape, &from, &to, |x| x);
        check::<f32, f64>(&shape, &from, &to, f64::from);
        check::<f64, f32>(&shape, &from, &to, |x| x as f32);
        check::<f32, i32>(&shape, &from, &to, |x| x as i32);
        check::<f32, u8>(&shape, &from, &to, |x| x as i64 as u8);
        check::<f32, bool>(&shape, &from, &to, |x| x != 0.0);
        check::<bool, f32>(&shape, &from, &to, |x| f32::from(u8::from(x)));
        check::<i64, i32>(&shape, &from, &to, |x| x as i32);
        check::<f32, f16>(&shape, &from, &to, f16::from_f32);
        check::<bf16, f16>(&shape, &from, &to, |x| f16::from_f32(x.to_f32()));
        check::<u8, u8>(&shape, &from, &to, |x| x);
    }

    #[test]
    fn fill_writes_everything(shape in shapes(), layout in layouts(false)) {
        on_every_isa(|_| {
            let mut dst = lay_out(&shape, &layout, |_| 0i16);
            fill(7, dst.view_mut());
            assert!(dst.elements().iter().all(|&x| x == 7));
        });
    }
}

/// Planes of several tiles and bands, with rows and columns that fill none.
#[test]
fn large_planes_are_turned() {
    fn check<T: Element, U: Element>([planes, rows, columns]: [usize; 3], twin: impl Fn(T) -> U) {
        let value = |i: usize| T::from_f64((i % 8191) as f64 - 4000.0);
        let src = Array::contiguous((0..planes * rows * columns).map(value).collect(), &[planes, rows, columns]);
        let plane = (rows * columns) as isize;
        on_every_isa(|isa| {
            let mut dst = vec![U::default(); src.data.len()];
            let shape = [planes, columns, rows];
            let (from, to) = ([plane, 1, columns as isize], [plane, rows as isize, 1]);
            // SAFETY: both have the length of the shape.
            let (turned, out) =
                unsafe { (View::new(src.data.as_ptr(), &shape, &from), ViewMut::new(dst.as_mut_ptr(), &shape, &to)) };
            cast(turned, out);
            for (at, &found) in dst.iter().enumerate() {
                let (plane, column, row) = (at / (rows * columns), at / rows % columns, at % rows);
                let wanted = twin(src.data[(plane * rows + row) * columns + column]);
                assert!(found == wanted, "{isa}: plane {plane}, row {row}, column {column}: {found:?} != {wanted:?}");
            }
        });
    }
    for shape in [[1, 131, 197], [2, 64, 300], [3, 67, 65], [1, 4, 1000], [1, 1000, 5]] {
        check::<f32, f32>(shape, |x| x);
        check::<i64, i64>(shape, |x| x);
        check::<i32, i32>(shape, |x| x);
        check::<f16, f16>(shape, |x| x);
        check::<f32, i32>(shape, |x| x as i32);
        check::<f64, f32>(shape, |x| x as f32);
    }
}

#[test]
fn every_half_converts_as_the_reference() {
    for bits in 0..=u16::MAX {
        let (x, y) = (f16::from_bits(bits), bf16::from_bits(bits));
        assert!(x.to_compute() == x.to_f32() || x.is_nan() && x.to_compute().is_nan());
        assert!(y.to_compute() == y.to_f32() || y.is_nan() && y.to_compute().is_nan());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn halves_round_as_the_reference(bits in any::<u32>(), exponent in 100..150u32) {
        // Half of the draws around the range of f16.
        for x in [f32::from_bits(bits), f32::from_bits(bits & 0x807f_ffff | exponent << 23)] {
            let (a, b) = (f16::from_compute(x), f16::from_f32(x));
            prop_assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{x:e}: {a} {b}");
            let (a, b) = (bf16::from_compute(x), bf16::from_f32(x));
            prop_assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{x:e}: {a} {b}");
        }
    }
}

#[test]
fn conversions_follow_c() {
    use rutile_kernels::copy::convert;
    assert_eq!(convert::<f32, i64>(-2.9), -2);
    assert!(convert::<f64, bool>(0.25));
    assert_eq!(convert::<i64, f32>(16_777_217), 16_777_216.0);
    assert_eq!(convert::<i64, i32>((1 << 32) + 5), 5);
    assert_eq!(convert::<i64, u8>(-1), 255);
    assert!(convert::<i32, bool>(256));
    assert_eq!(convert::<f32, i8>(-1.0), -1);
}
