//! Scans against their definitions in double precision, with the same bits for any number of threads.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::Element;
use rutile_kernels::scan::{cummax, cummin, cumprod, cumsum, logcumsumexp, recurrence};

/// `step` applied along each line, in its direction: it gets the elements' place and the value before.
fn twin(
    [outer, len, inner]: [usize; 3],
    reverse: bool,
    mut step: impl FnMut(usize, usize, Option<f64>) -> f64,
) -> Vec<f64> {
    let mut out = vec![0.0; outer * len * inner];
    for line in 0..outer * inner {
        let mut before = None;
        for k in 0..len {
            let at = if reverse { len - 1 - k } else { k };
            let place = (line / inner * len + at) * inner + line % inner;
            out[place] = step(place, k, before);
            before = Some(out[place]);
        }
    }
    out
}

fn check(shape: [usize; 3], nan: bool) {
    let [outer, len, inner] = shape;
    let size = outer * len * inner;
    let mut x: Vec<f32> = numbers(size, 1);
    if nan && size > 0 {
        x[size / 2] = f32::NAN;
    }
    let value = |i: usize| x[i].to_f64();
    for reverse in [false, true] {
        let want = twin(shape, reverse, |i, _, before| before.unwrap_or(0.0) + value(i));
        let run = || {
            let mut out = vec![0.0f32; size];
            cumsum(outer, len, inner, reverse, &x, &mut out);
            flat(&[&out])
        };
        everywhere(run, |got| close(got, &want, 1e-5));
        let factors: Vec<f32> = numbers::<f32>(size, 2).iter().map(|a| a / 2.0).collect();
        let want =
            twin(shape, reverse, |i, _, before| value(i) + before.map_or(0.0, |before| factors[i].to_f64() * before));
        let run = || {
            let mut out = vec![0.0f32; size];
            recurrence(outer, len, inner, reverse, [&x, &factors], &mut out);
            flat(&[&out])
        };
        everywhere(run, |got| close(got, &want, 1e-5));
    }
    let near_one: Vec<f64> = numbers::<f64>(size, 3).iter().map(|x| 1.0 + x / 64.0).collect();
    let integers: Vec<i64> = numbers::<f64>(size, 4).iter().map(|x| (x * 8.0) as i64).collect();
    let products = twin(shape, false, |i, _, before| before.unwrap_or(1.0) * near_one[i]);
    let sums = twin(shape, false, |i, _, before| before.unwrap_or(0.0) + integers[i] as f64);
    let logs = twin(shape, false, |i, _, before| {
        let (a, b) = (before.unwrap_or(f64::NEG_INFINITY), near_one[i]);
        a.max(b) + (a.min(b) - a.max(b)).exp().ln_1p()
    });
    let run = || {
        let (mut product, mut log, mut sum) = (vec![0.0; size], vec![0.0; size], vec![0; size]);
        cumprod(outer, len, inner, &near_one, &mut product);
        logcumsumexp(outer, len, inner, &near_one, &mut log);
        cumsum(outer, len, inner, false, &integers, &mut sum);
        [flat(&[&product, &log]), flat(&[&sum])].concat()
    };
    everywhere(run, |got| close(got, &[&products[..], &logs, &sums].concat(), 1e-9));

    for largest in [true, false] {
        let better =
            |new: f64, old: f64| new.is_nan() || (!old.is_nan() && if largest { new >= old } else { new <= old });
        let mut at = vec![0.0; size];
        let values = twin(shape, false, |i, k, before| {
            let taken = before.is_none_or(|before| better(value(i), before));
            at[i] = if taken { k as f64 } else { at[i - inner] };
            before.filter(|_| !taken).unwrap_or(value(i))
        });
        let run = || {
            let (mut out, mut index) = (vec![0.0f32; size], vec![0; size]);
            let extreme = if largest { cummax::<f32> } else { cummin::<f32> };
            extreme(outer, len, inner, &x, &mut out, &mut index);
            [flat(&[&out]), flat(&[&index])].concat()
        };
        everywhere(run, |got| close(got, &[&values[..], &at].concat(), 0.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn small(outer in 0..4usize, len in 0..20usize, inner in 0..6usize, nan in any::<bool>()) {
        check([outer, len, inner], nan);
    }

    #[test]
    fn wide(outer in 1..3usize, len in 1..9usize, inner in 100..400usize, nan in any::<bool>()) {
        check([outer, len, inner], nan);
    }
}

#[test]
fn many_and_long_rows() {
    check([2000, 33, 1], false);
    check([1, 70_001, 1], false);
    check([2, 100_000, 1], true);
    check([1, 3000, 20], true);
}
