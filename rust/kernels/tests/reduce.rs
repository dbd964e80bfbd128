//! Reductions equal their naive twins, on every instruction set, over any axes of any layout.

mod strided;

use half::f16;
use proptest::prelude::*;
use rutile_kernels::{Element, Real, par, reduce};
use strided::*;

/// The elements behind each output, in row-major order.
fn groups<T: Copy>(src: &Array<T>, axes: &[bool]) -> Vec<Vec<T>> {
    let kept: Vec<usize> = (0..axes.len()).filter(|&axis| !axes[axis]).collect();
    let outputs: usize = kept.iter().map(|&axis| src.shape[axis]).product();
    let mut groups = vec![Vec::new(); outputs];
    for index in indices(&src.shape) {
        let output = kept.iter().fold(0, |at, &axis| at * src.shape[axis] + index[axis]);
        groups[output].push(src.data[src.place(&index)]);
    }
    groups
}

fn integers<T: Element>(shape: &[usize], layout: &Layout) -> Array<T> {
    lay_out(shape, layout, |i| T::from_f64(((i * 7) % 11) as f64 - 5.0))
}

/// With small integers all sums are exact, whatever their order.
fn check_floats<T: Element>(shape: &[usize], layout: &Layout, axes: &[bool])
where
    T::Folded: Real,
{
    let src = integers::<T>(shape, layout);
    let groups = groups(&src, axes);
    on_every_isa(|isa| {
        let mut out = vec![T::from_f64(f64::NAN); groups.len()];
        reduce::sum(src.view(), axes, &mut out);
        for (out, group) in out.iter().zip(&groups) {
            let sum: f64 = group.iter().map(|x| x.to_f64()).sum();
            assert_eq!(*out, T::from_f64(sum), "{isa}");
        }
        let units = Array {
            data: src.data.iter().map(|x| if x.to_f64() < 0.0 { -1.0f32 } else { 1.0 }).collect(),
            offset: src.offset,
            shape: src.shape.clone(),
            strides: src.strides.clone(),
        };
        let mut out = vec![f32::NAN; groups.len()];
        reduce::prod(units.view(), axes, &mut out);
        for (out, group) in out.iter().zip(&groups) {
            let negative = group.iter().filter(|x| x.to_f64() < 0.0).count();
            assert_eq!(*out, if negative % 2 == 0 { 1.0 } else { -1.0 }, "{isa}");
        }
    });
}

fn check_extremes<T: Element>(src: &Array<T>, axes: &[bool]) {
    let groups = groups(src, axes);
    if groups.iter().any(Vec::is_empty) {
        return;
    }
    on_every_isa(|isa| {
        let mut out = vec![T::default(); groups.len()];
        reduce::max(src.view(), axes, &mut out);
        for (out, group) in out.iter().zip(&groups) {
            let twin = group
                .iter()
                .map(|x| x.to_f64())
                .fold(f64::NEG_INFINITY, |a, b| if a.is_nan() || a > b { a } else { b });
            assert!(out.to_f64() == twin || out.to_f64().is_nan() && twin.is_nan(), "{isa} max: {out:?} {twin}");
        }
        reduce::min(src.view(), axes, &mut out);
        for (out, group) in out.iter().zip(&groups) {
            let twin =
                group.iter().map(|x| x.to_f64()).fold(f64::INFINITY, |a, b| if a.is_nan() || a < b { a } else { b });
            assert!(out.to_f64() == twin || out.to_f64().is_nan() && twin.is_nan(), "{isa} min: {out:?} {twin}");
        }
    });
}

fn first<T: Element>(group: &[T], better: fn(f64, f64) -> bool) -> usize {
    let mut best = 0;
    for (i, x) in group.iter().enumerate() {
        let (x, known) = (x.to_f64(), group[best].to_f64());
        if !known.is_nan() && (x.is_nan() || better(x, known)) {
            best = i;
        }
    }
    best
}

fn check_indices<T: Element>(src: &Array<T>, axis: Option<usize>) {
    let axes: Vec<bool> = (0..src.shape.len()).map(|i| axis.is_none_or(|axis| axis == i)).collect();
    let groups = groups(src, &axes);
    if groups.iter().any(Vec::is_empty) {
        return;
    }
    on_every_isa(|isa| {
        let mut out = vec![-1; groups.len()];
        reduce::argmax(src.view(), axis, &mut out);
        let twin: Vec<i64> = groups.iter().map(|group| first(group, |x, known| x > known) as i64).collect();
        assert_eq!(out, twin, "{isa} argmax");
        reduce::argmin(src.view(), axis, &mut out);
        let least: Vec<i64> = groups.iter().map(|group| first(group, |x, known| x < known) as i64).collect();
        assert_eq!(out, least, "{isa} argmin");
        if let Some(axis) = axis {
            let mut values = vec![T::default(); groups.len()];
            reduce::max_with_index(src.view(), axis, &mut values, &mut out);
            assert_eq!(out, twin, "{isa}");
            for ((value, group), &at) in values.iter().zip(&groups).zip(&twin) {
                let expected = group[at as usize];
                assert!(*value == expected || value.to_f64().is_nan() && expected.to_f64().is_nan());
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn sums_and_products(shape in shapes(), layout in layouts(true), axes in any::<[bool; 5]>()) {
        let axes = &axes[..shape.len()];
        check_floats::<f32>(&shape, &layout, axes);
        check_floats::<f64>(&shape, &layout, axes);
        check_floats::<f16>(&shape, &layout, axes);
        let src = integers::<i32>(&shape, &layout);
        let truth = lay_out(&shape, &layout, |i| i % 5 == 0);
        let (groups, truths) = (groups(&src, axes), groups(&truth, axes));
        on_every_isa(|isa| {
            let mut out = vec![-1; groups.len()];
            reduce::sum_int(src.view(), axes, &mut out);
            assert_eq!(out, groups.iter().map(|g| g.iter().map(|&x| i64::from(x)).sum::<i64>()).collect::<Vec<_>>(), "{isa}");
            reduce::prod_int(src.view(), axes, &mut out);
            let twin = |g: &Vec<i32>| g.iter().fold(1i64, |a, &x| a.wrapping_mul(i64::from(x)));
            assert_eq!(out, groups.iter().map(twin).collect::<Vec<_>>(), "{isa}");
            reduce::sum_int(truth.view(), axes, &mut out);
            assert_eq!(out, truths.iter().map(|g| g.iter().filter(|&&x| x).count() as i64).collect::<Vec<_>>(), "{isa}");
            let mut out = vec![false; groups.len()];
            reduce::any(truth.view(), axes, &mut out);
            assert_eq!(out, truths.iter().map(|g| g.contains(&true)).collect::<Vec<_>>(), "{isa}");
            reduce::all(truth.view(), axes, &mut out);
            assert_eq!(out, truths.iter().map(|g| !g.contains(&false)).collect::<Vec<_>>(), "{isa}");
        });
    }

    #[test]
    fn extremes(shape in shapes(), layout in layouts(true), axes in any::<[bool; 5]>(), nan in any::<bool>()) {
        let axes = &axes[..shape.len()];
        let float = |i: usize| match (i * 31) % 101 {
            7 if nan => f32::NAN,
            13 => f32::INFINITY,
            17 => f32::NEG_INFINITY,
            other => other as f32 / 4.0 - 12.0,
        };
        let floats = lay_out(&shape, &layout, float);
        let halves = lay_out(&shape, &layout, |i| f16::from_f32(float(i)));
        let integers = integers::<i32>(&shape, &layout);
        let truth = lay_out(&shape, &layout, |i| i % 5 == 0);
        check_extremes(&floats, axes);
        check_extremes(&halves, axes);
        check_extremes(&integers, axes);
        check_extremes(&truth, axes);
        for axis in (0..shape.len()).map(Some).chain([None]) {
            check_indices(&floats, axis);
            check_indices(&integers, axis);
            check_indices(&truth, axis);
        }
    }

    #[test]
    fn moments_equal_twin(shape in shapes(), layout in layouts(true), axes in any::<[bool; 5]>()) {
        let axes = &axes[..shape.len()];
        let src = lay_out(&shape, &layout, |i| (i * 37 % 101) as f64 * 0.25 + 100.0);
        let groups = groups(&src, axes);
        on_every_isa(|isa| {
            let (mut mean, mut m2) = (vec![-1.0; groups.len()], vec![-1.0; groups.len()]);
            reduce::moments(src.view(), axes, &mut mean, &mut m2);
            for (group, (mean, m2)) in groups.iter().zip(mean.iter().zip(&m2)) {
                if group.is_empty() {
                    assert!(mean.is_nan() && *m2 == 0.0);
                    continue;
                }
                let n = group.len() as f64;
                let exact = group.iter().sum::<f64>() / n; // multiples of 1/4: exact
                let squares: f64 = group.iter().map(|x| (x - exact).powi(2)).sum();
                assert!((mean - exact).abs() <= 1e-12 * exact, "{isa}");
                assert!((m2 - squares).abs() <= 1e-12 * n * (1.0 + squares / n), "{isa}: {m2} {squares}");
            }
        });
    }
}

#[test]
fn many_columns_are_cut() {
    // More than a tile of accumulators, and more than the buffer of elements that lie apart or have another type.
    let shape = [37, 2600];
    for gap in [1, 2] {
        let layout = Layout { order: [0, 1, 2, 3, 4], axes: [(gap, false, false); 5] };
        check_floats::<f32>(&shape, &layout, &[true, false]);
        check_floats::<f16>(&shape, &layout, &[true, false]);
        check_extremes(&integers::<f64>(&shape, &layout), &[true, false]);
        check_indices(&integers::<f16>(&shape, &layout), Some(0));
    }
}

#[test]
fn long_sums_are_accurate_and_independent_of_threads() {
    // One long row, few long columns, long rows, many short columns.
    let n = 1 << 20;
    let data: Vec<f32> = (0..n).map(|i| 0.1 + (i % 97) as f32 * 1e-3).collect();
    for (shape, axes) in [
        (vec![n], vec![true]),
        (vec![n / 4, 4], vec![true, false]),
        (vec![4, n / 4], vec![false, true]),
        (vec![512, n / 512], vec![true, false]),
    ] {
        let src = Array::contiguous(data.clone(), &shape);
        let mut exact = Vec::new();
        for group in groups(&src, &axes) {
            exact.push(group.iter().map(|&x| f64::from(x)).sum::<f64>());
        }
        let mut known: Option<Vec<f32>> = None;
        let threads = par::num_threads();
        on_every_isa(|isa| {
            for count in [1, 2, 3] {
                par::set_num_threads(count);
                let mut out = vec![0.0; exact.len()];
                reduce::sum(src.view(), &axes, &mut out);
                for (out, exact) in out.iter().zip(&exact) {
                    // About 128 additions in a row, then a tree of at most 13 levels.
                    let bound = 141.0 * exact * f64::from(f32::EPSILON) / 2.0;
                    assert!((f64::from(*out) - exact).abs() <= bound, "{isa} {shape:?}: {out} {exact}");
                }
                assert_eq!(*known.get_or_insert_with(|| out.clone()), out, "{isa} {count}");
            }
        });
        par::set_num_threads(threads);
    }
}
