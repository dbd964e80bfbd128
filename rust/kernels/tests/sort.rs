//! Sorting against the standard library's stable sort, searching against counting.

use proptest::prelude::*;
use rutile_kernels::sort::{Sortable, first, nth, number_runs, order_rows, search, sort};
use rutile_kernels::{Element, par};
use std::cmp::Ordering;

/// NaN last; zeros are equal.
fn compare<T: Element>(a: T, b: T) -> Ordering {
    let (nan_a, nan_b) = (a.to_f64().is_nan(), b.to_f64().is_nan());
    nan_a.cmp(&nan_b).then(a.partial_cmp(&b).unwrap_or(Ordering::Equal))
}

fn order<T: Element>(row: &[T], descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|&i, &j| if descending { compare(row[j], row[i]) } else { compare(row[i], row[j]) });
    order
}

fn check<T: Sortable>(rows: usize, len: usize, k: usize, value: impl Fn(usize) -> T) {
    let src: Vec<T> = (0..rows * len).map(value).collect();
    for descending in [false, true] {
        let want: Vec<Vec<usize>> = src.chunks(len.max(1)).map(|row| order(row, descending)).collect();
        for threads in [1, 3] {
            let before = par::num_threads();
            par::set_num_threads(threads);
            let (mut values, mut places) = (vec![T::default(); rows * len], vec![0; rows * len]);
            sort(len, descending, &src, &mut values, &mut places);
            let (mut heads, mut head_places) = (vec![T::default(); rows * k], vec![0; rows * k]);
            first(len, k, descending, &src, &mut heads, &mut head_places);
            par::set_num_threads(before);
            for (row, want) in want.iter().enumerate() {
                let places = &places[row * len..][..len];
                assert!(places.iter().zip(want).all(|(&a, &b)| a as usize == b), "row {row} of {rows} x {len}");
                assert_eq!(&head_places[row * k..][..k], &places[..k]);
                for (value, &place) in values[row * len..].iter().zip(places) {
                    assert_eq!(value.to_f64().to_bits(), src[row * len + place as usize].to_f64().to_bits());
                }
                if !descending {
                    let (mut value, mut place) = ([T::default()], [0]);
                    nth(len, |_| k - 1, &src[row * len..][..len], &mut value, &mut place);
                    assert_eq!(place[0] as usize, want[k - 1]);
                }
            }
        }
    }
}

/// Few different numbers, among them NaN, infinities and both zeros.
fn special(i: usize) -> f64 {
    match i.wrapping_mul(2_654_435_761) >> 7 & 15 {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3 => -0.0,
        4 => 0.0,
        n => n as f64 - 9.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_type(rows in 1..5usize, len in 1..60usize, k in 1..60usize, seed in 0..1000usize) {
        let k = k.min(len);
        check::<f32>(rows, len, k, |i| special(i + seed) as f32);
        check::<f64>(rows, len, k, |i| special(i + seed));
        check::<half::f16>(rows, len, k, |i| Element::from_f64(special(i + seed)));
        check::<half::bf16>(rows, len, k, |i| Element::from_f64(special(i + seed)));
        check::<i64>(rows, len, k, |i| special(i + seed) as i64);
        check::<i8>(rows, len, k, |i| special(i + seed) as i8);
        check::<bool>(rows, len, k, |i| special(i + seed) > 0.0);
    }

    #[test]
    fn search_counts(len in 0..40usize, seed in 0..1000usize, right in any::<bool>()) {
        let mut sorted: Vec<f64> = (0..len).map(|i| special(i + seed)).collect();
        let at = order(&sorted, false);
        let shuffled = sorted.clone();
        sorted.sort_by(|a, b| compare(*a, *b));
        let values: Vec<f64> = (0..20).map(|i| special(i * 3 + seed)).collect();
        let before = |x: f64, v: f64| compare(x, v) == Ordering::Less || right && compare(x, v) == Ordering::Equal;
        // A NaN is looked for behind all others: nothing is after it.
        let want: Vec<i64> = values
            .iter()
            .map(|&v| if v.is_nan() { len as i64 } else { sorted.iter().filter(|&&x| before(x, v)).count() as i64 })
            .collect();
        let places: Vec<i64> = at.iter().map(|&i| i as i64).collect();
        let (mut out, mut through) = (vec![-1; 20], vec![-1; 20]);
        search(len, right, &sorted, None, |_| 0, &values, &mut out);
        search(len, right, &shuffled, Some(&places), |_| 0, &values, &mut through);
        prop_assert!(out.iter().zip(&want).all(|(a, b)| a == b) , "{out:?} {want:?}");
        prop_assert_eq!(out, through);
    }

    #[test]
    fn rows_in_order(count in 0..30usize, width in 1..4usize, seed in 0..1000usize) {
        let src: Vec<i32> = (0..count * width).map(|i| (special(i + seed).clamp(-1.0, 1.0)) as i32).collect();
        let (mut order, mut runs) = (vec![0; count], vec![0; count]);
        order_rows(width, &src, &mut order);
        let rows: Vec<&[i32]> = src.chunks(width).collect();
        let key = |i: i64| (rows[i as usize], i);
        prop_assert!(order.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        let found = number_runs(width, &src, Some(&order), &mut runs);
        let mut different = rows.clone();
        different.sort_unstable();
        different.dedup();
        prop_assert_eq!(found, different.len());
        prop_assert!(order.iter().zip(&runs).all(|(&row, &run)| rows[row as usize] == different[run as usize]));
    }
}

#[test]
fn long_rows() {
    let mixed = |i: usize| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) as i64;
    check::<f32>(2, 5000, 1000, |i| special(i) as f32);
    check::<f32>(1, 200_000, 100, |i| mixed(i) as f32);
    check::<f64>(1, 140_000, 90_000, |i| mixed(i) as f64);
    check::<i64>(1, 140_000, 3, mixed);
    check::<u8>(3, 3000, 20, |i| mixed(i) as u8);
    // Many equal ones among the first.
    check::<f32>(1, 20_000, 3000, |i| special(i) as f32);
    for len in [127, 128, 129, 300] {
        check::<i16>(2, len, 30, |i| mixed(i) as i16);
        check::<i32>(2, len, 50, |i| mixed(i) as i32);
        check::<i64>(2, len, 70, mixed);
        check::<half::f16>(2, len, 5, |i| Element::from_f64(special(i)));
    }
}
