//! Random numbers: Philox against a twin that follows the paper, distributions against their moments.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::random::{
    bernoulli_mask, binomial, blocks_used, dropout, dropout_backward, integers, normal, permutation, poisson, uniform,
};

/// Philox4x32-10, step by step.
fn philox(seed: u64, counter: u64) -> [u32; 4] {
    let mut key = [seed as u32, (seed >> 32) as u32];
    let mut c = [counter as u32, (counter >> 32) as u32, 0, 0];
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(0x9E3779B9), key[1].wrapping_add(0xBB67AE85)];
        }
        let p0 = u64::from(c[0]) * 0xD2511F53;
        let p1 = u64::from(c[2]) * 0xCD9E8D57;
        c = [(p1 >> 32) as u32 ^ c[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ key[1], p0 as u32];
    }
    c
}

/// Word `i` of the stream: groups of 16 blocks, first words first.
fn word(seed: u64, offset: u64, i: usize) -> u32 {
    let (group, within) = (i / 64, i % 64);
    philox(seed, offset.wrapping_add((group * 16 + within % 16) as u64))[within / 16]
}

/// 64-bit word `i`.
fn wide(seed: u64, offset: u64, i: usize) -> u64 {
    let (group, within) = (i / 32, i % 32);
    let low = word(seed, offset, group * 64 + within);
    u64::from(word(seed, offset, group * 64 + 32 + within)) << 32 | u64::from(low)
}

#[test]
fn the_twin_gives_the_papers_numbers() {
    // Known answers of Random123, kat_vectors.
    assert_eq!(philox(0, 0), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn uniform_takes_the_upper_bits(seed: u64, offset: u64, len in 0usize..300) {
        let run32 = || { let mut out = vec![0f32; len]; uniform(seed, offset, 0.0, 1.0, &mut out); flat(&[&out]) };
        let want: Vec<f64> = (0..len).map(|i| f64::from(word(seed, offset, i) >> 8) / f64::from(1 << 24)).collect();
        everywhere(run32, |got| assert_eq!(got, want));
        let run64 = || { let mut out = vec![0f64; len]; uniform(seed, offset, 0.0, 1.0, &mut out); flat(&[&out]) };
        let want: Vec<f64> = (0..len).map(|i| (wide(seed, offset, i) >> 11) as f64 / (1u64 << 53) as f64).collect();
        everywhere(run64, |got| assert_eq!(got, want));
    }

    #[test]
    fn integers_scale_wide_words(seed: u64, offset: u64, len in 0usize..100, low: i64, count in 1u64..) {
        for count in [count, count % 1000 + 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1] {
            let run = || {
                let mut out = vec![0; len];
                integers(seed, offset, low, low.wrapping_add(count as i64), &mut out);
                out.iter().map(|&x| x.wrapping_sub(low) as u64 as f64).collect()
            };
            // A range that wraps is the engine's error; here the arithmetic is all that matters.
            prop_assume!(low.checked_add(count as i64).is_some_and(|high| high > low));
            let scaled = |i| (u128::from(wide(seed, offset, i)) * u128::from(count)) >> 64;
            let want: Vec<f64> = (0..len).map(|i| scaled(i) as f64).collect();
            everywhere(run, |got| assert_eq!(got, want));
        }
    }

    #[test]
    fn bounds_are_kept(lo in -1e3f64..1e3, width in prop_oneof![Just(0.0), 0.0f64..1e-3, 0.0f64..1e3]) {
        let mut out = vec![0f32; 2000];
        uniform(7, 0, lo, lo + width, &mut out);
        let (lo, hi) = (lo as f32, (lo + width) as f32);
        prop_assert!(out.iter().all(|&x| lo <= x && (x < hi || lo == hi)));
    }

    #[test]
    fn a_longer_draw_continues_a_shorter_one(seed: u64, short in 0usize..200, more in 0usize..200) {
        let (mut a, mut b) = (vec![0f32; short], vec![0f32; short + more]);
        normal(seed, 3, 0.0, 1.0, &mut a);
        normal(seed, 3, 0.0, 1.0, &mut b);
        prop_assert_eq!(&a[..], &b[..short]);
    }

    #[test]
    fn permutations_hold_each_number_once(seed: u64, len in 0usize..300) {
        let mut out = vec![0; len];
        permutation(seed, 5, &mut out);
        let mut sorted = out.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..len as i64).collect::<Vec<_>>());
    }
}

#[test]
fn normal_is_box_muller() {
    let len = 64 * 20 + 5;
    let want = |uniforms: &dyn Fn(usize) -> f64, half: usize| -> Vec<f64> {
        let element = |i: usize| {
            let (group, within) = (i / (2 * half) * 2 * half, i % (2 * half));
            let (u, v) = (uniforms(group + within % half), uniforms(group + half + within % half));
            let (sin, cos) = (std::f64::consts::TAU * v).sin_cos();
            1.0 + 2.0 * (-2.0 * (1.0 - u).ln()).sqrt() * if within < half { cos } else { sin }
        };
        (0..len).map(element).collect()
    };
    let run32 = || {
        let mut out = vec![0f32; len];
        normal(9, 100, 1.0, 2.0, &mut out);
        flat(&[&out])
    };
    let unit32 = |i| f64::from(word(9, 100, i) >> 8) / f64::from(1 << 24);
    everywhere(run32, |got| close(got, &want(&unit32, 32), 1e-5));
    let run64 = || {
        let mut out = vec![0f64; len];
        normal(9, 100, 1.0, 2.0, &mut out);
        flat(&[&out])
    };
    let unit64 = |i| (wide(9, 100, i) >> 11) as f64 / (1u64 << 53) as f64;
    everywhere(run64, |got| close(got, &want(&unit64, 16), 1e-14));
}

#[test]
fn normal_has_its_moments_and_tails() {
    let mut out = vec![0f32; 1 << 20];
    normal(1, 0, 0.0, 1.0, &mut out);
    let moment = |k| out.iter().map(|&x| f64::from(x).powi(k)).sum::<f64>() / out.len() as f64;
    // Six standard errors of each mean.
    for (k, want, deviation) in [(1, 0.0, 1.0), (2, 1.0, 2f64.sqrt()), (3, 0.0, 15f64.sqrt()), (4, 3.0, 96f64.sqrt())] {
        assert!((moment(k) - want).abs() < 6.0 * deviation / 1024.0, "moment {k}: {}", moment(k));
    }
    assert!(out.iter().all(|x| x.is_finite()));
    assert!(out.iter().any(|&x| x > 4.0) && out.iter().any(|&x| x < -4.0));
}

#[test]
fn neighbouring_draws_share_no_counter() {
    // Two words per element, at most.
    for n in 0..1000 {
        assert!(blocks_used(n) * 4 >= 2 * n as u64 && blocks_used(n).is_multiple_of(16));
    }
    assert_eq!((blocks_used(0), blocks_used(1), blocks_used(33)), (0, 16, 32));
}

#[test]
fn masks_keep_their_share() {
    let len = 200_000;
    for p in [0.0, 0.1, 0.5, 0.999, 1.0] {
        let run = || {
            let mut out = vec![true; len];
            bernoulli_mask(3, 0, p, &mut out);
            flat(&[&out])
        };
        everywhere(run, |got| {
            let share = got.iter().sum::<f64>() / len as f64;
            assert!((share - p).abs() <= 6.0 * (p * (1.0 - p) / len as f64).sqrt(), "{share} instead of {p}");
        });
    }
}

#[test]
fn dropout_scales_what_it_keeps() {
    let x: Vec<f32> = numbers(100_001, 1);
    for p in [0.0, 0.25, 1.0] {
        let mut mask = vec![true; x.len()];
        bernoulli_mask(11, 64, 1.0 - p, &mut mask);
        let scale = (1.0 / (1.0 - p)) as f32;
        let kept = x.iter().zip(&mask).map(|(&x, &keep)| f64::from(if keep { x * scale } else { 0.0 }));
        let kept: Vec<f64> = kept.collect();
        let want: Vec<f64> = [kept.clone(), flat(&[&mask]), kept].concat();
        let run = || {
            let (mut out, mut mask, mut back) = (vec![0f32; x.len()], vec![false; x.len()], vec![0f32; x.len()]);
            dropout(11, 64, p, &x, &mut out, &mut mask);
            dropout_backward(p, &x, &mask, &mut back);
            [flat(&[&out]), flat(&[&mask]), flat(&[&back])].concat()
        };
        everywhere(run, |got| assert_eq!(got, want));
    }
}

#[test]
fn dropped_infinities_are_zero() {
    let (mut out, mut mask) = (vec![1f32; 40], vec![true; 40]);
    dropout(0, 0, 1.0, &[f32::INFINITY; 40], &mut out, &mut mask);
    assert!(out.iter().all(|&x| x == 0.0) && mask.iter().all(|&m| !m));
}

#[test]
fn counts_are_the_same_wherever_they_are_cut_and_have_their_mean() {
    let n = 5000;
    let rates: Vec<f64> = (0..n).map(|i| i as f64 * 0.01).collect();
    let (trials, chances) = (vec![40.0; n], rates.iter().map(|rate| rate / 50.0).collect::<Vec<_>>());
    let (mut whole, mut successes) = (vec![0.0; n], vec![0.0; n]);
    poisson(7, 100, &rates, &mut whole);
    binomial(7, 100, &trials, &chances, &mut successes);
    // Element `i` depends on the seed and its place alone.
    for start in [0, 1, 1023, 1024, 4999] {
        let (mut one, mut other) = ([0.0], [0.0]);
        poisson(7, 100 + start as u64, &rates[start..=start], &mut one);
        binomial(7, 100 + start as u64, &trials[start..=start], &chances[start..=start], &mut other);
        assert_eq!((one[0], other[0]), (whole[start], successes[start]));
    }
    let mean = |drawn: &[f64], expected: &dyn Fn(usize) -> f64| {
        drawn.iter().enumerate().map(|(i, x)| x - expected(i)).sum::<f64>() / n as f64
    };
    assert!(mean(&whole, &|i| rates[i]).abs() < 5.0 * (25.0 / n as f64).sqrt());
    assert!(mean(&successes, &|i| 40.0 * chances[i]).abs() < 5.0 * (10.0 / n as f64).sqrt());
    assert!(successes.iter().all(|&k| (0.0..=40.0).contains(&k) && k.fract() == 0.0));
}
