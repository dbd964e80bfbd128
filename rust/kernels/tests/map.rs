//! Elementwise loops equal their naive twins, on every instruction set, for every layout.

mod strided;

use half::{bf16, f16};
use proptest::prelude::*;
use rutile_kernels::map::{Formula, each, map, select, zip};
use rutile_kernels::view::{View, ViewMut};
use rutile_kernels::{Element, Math, Real};
use strided::*;

/// `a * b + scale`, whose result is exact for the small integers used here.
#[derive(Clone, Copy)]
struct Scaled {
    offset: f64,
}
impl Formula<2> for Scaled {
    #[inline(always)]
    fn eval<M: Math>(&self, [a, b]: [M; 2]) -> M {
        a * b + self.offset
    }
}

#[derive(Clone, Copy)]
struct Square;
impl Formula<1> for Square {
    #[inline(always)]
    fn eval<M: Math>(&self, [x]: [M; 1]) -> M {
        x * x
    }
}

#[derive(Clone, Copy)]
struct Blend;
impl Formula<3> for Blend {
    #[inline(always)]
    fn eval<M: Math>(&self, [x, y, z]: [M; 3]) -> M {
        M::select(x.lt(y), x.max(z), y.min(z))
    }
}

fn integers<T: Element>(shape: &[usize], layout: &Layout, seed: usize) -> Array<T> {
    lay_out(shape, layout, |i| T::from_f64(((i * 7 + seed * 13) % 11) as f64 - 5.0))
}

fn check_map<T: Element>(shape: &[usize], layouts: &[Layout; 4])
where
    T::Compute: Real,
{
    let a = integers::<T>(shape, &layouts[0], 1);
    let b = integers::<T>(shape, &layouts[1], 2);
    let c = integers::<T>(shape, &layouts[2], 3);
    let nan = T::from_f64(f64::NAN);
    on_every_isa(|isa| {
        let mut out = lay_out(shape, &layouts[3], |_| nan);
        map(Scaled { offset: 3.0 }, [a.view(), b.view()], out.view_mut());
        for ((a, b), out) in a.elements().into_iter().zip(b.elements()).zip(out.elements()) {
            assert_eq!(out.to_f64(), a.to_f64() * b.to_f64() + 3.0, "{isa}");
        }
        map(Blend, [a.view(), b.view(), c.view()], out.view_mut());
        for (((a, b), c), out) in a.elements().into_iter().zip(b.elements()).zip(c.elements()).zip(out.elements()) {
            let (a, b, c) = (a.to_f64(), b.to_f64(), c.to_f64());
            assert_eq!(out.to_f64(), if a < b { a.max(c) } else { b.min(c) }, "{isa}");
        }
    });
}

/// Elements go one way or the other as they are, NaN and the sign of zero included.
fn check_select<T: Element>(shape: &[usize], [m, a, b, out]: &[&Layout; 4]) {
    let special = [f64::NAN, -0.0, 0.0, 1.0, -3.0, f64::INFINITY].map(T::from_f64);
    let mask = lay_out(shape, m, |i| i % 5 % 2 == 0);
    let (a, b) = (lay_out(shape, a, |i| special[i % 6]), lay_out(shape, b, |i| special[i * 7 % 6]));
    on_every_isa(|isa| {
        let mut chosen = lay_out(shape, out, |_| T::default());
        select(mask.view(), a.view(), b.view(), chosen.view_mut());
        let pairs = mask.elements().into_iter().zip(a.elements().into_iter().zip(b.elements()));
        for (got, (m, (a, b))) in chosen.elements().into_iter().zip(pairs) {
            let want = if m { a } else { b };
            assert_eq!(format!("{got:?}"), format!("{want:?}"), "{isa}");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn select_equals_twin(shape in shapes(), m in layouts(true), a in layouts(true), b in layouts(true), out in layouts(false)) {
        let layouts = [&m, &a, &b, &out];
        check_select::<bool>(&shape, &layouts);
        check_select::<i8>(&shape, &layouts);
        check_select::<f16>(&shape, &layouts);
        check_select::<f32>(&shape, &layouts);
        check_select::<f64>(&shape, &layouts);
    }

    #[test]
    fn map_equals_twin(shape in shapes(), a in layouts(true), b in layouts(true), c in layouts(true), out in layouts(false)) {
        let layouts = [a, b, c, out];
        check_map::<f32>(&shape, &layouts);
        check_map::<f64>(&shape, &layouts);
        check_map::<f16>(&shape, &layouts);
        check_map::<bf16>(&shape, &layouts);
    }

    #[test]
    fn map_in_place(shape in shapes(), layout in layouts(false)) {
        on_every_isa(|isa| {
            let mut x = integers::<f32>(&shape, &layout, 1);
            let before = x.elements();
            let p = x.view_mut().ptr();
            // SAFETY: an output may be an input.
            unsafe { map(Square, [View::new(p, &x.shape, &x.strides)], ViewMut::new(p, &x.shape, &x.strides)) };
            assert_eq!(x.elements(), before.iter().map(|x| x * x).collect::<Vec<_>>(), "{isa}");
        });
    }

    #[test]
    fn zip_each_select_equal_twins(shape in shapes(), a in layouts(true), b in layouts(true), m in layouts(true), out in layouts(false)) {
        let mask = lay_out(&shape, &m, |i| i % 3 == 0);
        let (a, b) = (integers::<i32>(&shape, &a, 1), integers::<i32>(&shape, &b, 2));
        on_every_isa(|isa| {
            let mut less = lay_out(&shape, &out, |_| false);
            zip(a.view(), b.view(), less.view_mut(), |a, b| a < b);
            let mut sum = lay_out(&shape, &out, |_| 0i64);
            zip(a.view(), b.view(), sum.view_mut(), |a, b| i64::from(a) + i64::from(b));
            let mut negative = lay_out(&shape, &out, |_| 0i32);
            each(a.view(), negative.view_mut(), i32::wrapping_neg);
            let mut chosen = lay_out(&shape, &out, |_| 0i32);
            select(mask.view(), a.view(), b.view(), chosen.view_mut());
            let pairs: Vec<_> = a.elements().into_iter().zip(b.elements()).collect();
            assert_eq!(less.elements(), pairs.iter().map(|(a, b)| a < b).collect::<Vec<_>>(), "{isa}");
            assert_eq!(sum.elements(), pairs.iter().map(|&(a, b)| i64::from(a + b)).collect::<Vec<_>>(), "{isa}");
            assert_eq!(negative.elements(), pairs.iter().map(|(a, _)| -a).collect::<Vec<_>>(), "{isa}");
            let twin: Vec<_> = pairs.iter().zip(mask.elements()).map(|(&(a, b), m)| if m { a } else { b }).collect();
            assert_eq!(chosen.elements(), twin, "{isa}");
        });
    }
}

#[test]
fn max_and_min_propagate_nan() {
    #[derive(Clone, Copy)]
    struct Max;
    impl Formula<2> for Max {
        #[inline(always)]
        fn eval<M: Math>(&self, [a, b]: [M; 2]) -> M {
            a.max(b)
        }
    }
    #[derive(Clone, Copy)]
    struct Min;
    impl Formula<2> for Min {
        #[inline(always)]
        fn eval<M: Math>(&self, [a, b]: [M; 2]) -> M {
            a.min(b)
        }
    }
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, 1.5];
    let pairs: Vec<_> = special.iter().flat_map(|&a| special.iter().map(move |&b| (a, b))).collect();
    let a = Array::contiguous(pairs.iter().map(|p| p.0).collect(), &[25]);
    let b = Array::contiguous(pairs.iter().map(|p| p.1).collect(), &[25]);
    on_every_isa(|isa| {
        let mut max = a.clone();
        map(Max, [a.view(), b.view()], max.view_mut());
        let mut min = a.clone();
        map(Min, [a.view(), b.view()], min.view_mut());
        for (i, &(a, b)) in pairs.iter().enumerate() {
            if a.is_nan() || b.is_nan() {
                assert!(max.data[i].is_nan() && min.data[i].is_nan(), "{isa} {a} {b}");
            } else {
                assert_eq!((max.data[i], min.data[i]), (a.max(b), a.min(b)), "{isa}");
            }
        }
    });
}
