//! Normalisation against its definitions in double precision; gradients also against numerical ones.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::Real;
use rutile_kernels::norm::{batch_apply, batch_backward, batch_stats, layer_backward, layer_forward};

const EPS: f64 = 1e-5;

/// Normalised values of one group of numbers, and the gradient `g` pulled back through the normalisation.
struct Normalised {
    mean: f64,
    var: f64,
    y: Vec<f64>,
    back: Vec<f64>,
}

fn normalised(x: &[f64], g: &[f64]) -> Normalised {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let var = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let std = (var + EPS).sqrt();
    let y: Vec<f64> = x.iter().map(|x| (x - mean) / std).collect();
    // d y_i / d x_j = (delta_ij - 1/n - y_i y_j / n) / std
    let (sum, dot) = (g.iter().sum::<f64>(), g.iter().zip(&y).map(|(g, y)| g * y).sum::<f64>());
    let back = g.iter().zip(&y).map(|(g, y)| (g - sum / n - y * dot / n) / std).collect();
    Normalised { mean, var, y, back }
}

#[test]
fn the_twin_has_the_right_gradient() {
    let (x, g) = (numbers::<f64>(7, 1), numbers::<f64>(7, 2));
    let value = |x: &[f64]| normalised(x, &g).y.iter().zip(&g).map(|(y, g)| y * g).sum::<f64>();
    let numerical: Vec<f64> = (0..7)
        .map(|i| {
            let shifted = |by: f64| {
                value(&x.iter().enumerate().map(|(j, x)| if i == j { x + by } else { *x }).collect::<Vec<_>>())
            };
            (shifted(1e-5) - shifted(-1e-5)) / 2e-5
        })
        .collect();
    close(&normalised(&x, &g).back, &numerical, 1e-8);
}

fn check_batch<T: Real>(n: usize, c: usize, s: usize, weighted: bool, training: bool, tolerance: f64) {
    let len = n * c * s;
    let (x, g): (Vec<T>, Vec<T>) = (numbers(len, 1), numbers(len, 2));
    let weight: Vec<T> = numbers(c, 3);
    let [mut mean, mut var, mut grad_w, mut grad_b] = [(); 4].map(|()| vec![0.0; c]);
    let mut grad_x = vec![0.0; len];
    for channel in 0..c {
        let places: Vec<usize> = (0..n).flat_map(|i| (0..s).map(move |j| (i * c + channel) * s + j)).collect();
        let values = |v: &[T]| places.iter().map(|&at| v[at].to_f64()).collect::<Vec<_>>();
        let (x, g) = (values(&x), values(&g));
        let twin = normalised(&x, &g);
        (mean[channel], var[channel]) = (twin.mean, twin.var);
        grad_b[channel] = g.iter().sum();
        grad_w[channel] = g.iter().zip(&twin.y).map(|(g, y)| g * y).sum();
        let w = if weighted { weight[channel].to_f64() } else { 1.0 };
        for (i, &at) in places.iter().enumerate() {
            grad_x[at] = w * if training { twin.back[i] } else { g[i] / (twin.var + EPS).sqrt() };
        }
    }
    let run = || {
        let [mut m, mut v, mut gw, mut gb] = [(); 4].map(|()| vec![T::NAN; c]);
        let mut gx = vec![T::NAN; len];
        batch_stats(n, c, s, &x, &mut m, &mut v);
        let invstd: Vec<T> = v.iter().map(|v| T::from_f64(1.0 / (v.to_f64() + EPS).sqrt())).collect();
        let weight = weighted.then_some(&weight[..]);
        batch_backward(n, c, s, &g, &x, &m, &invstd, weight, Some(&mut gx), &mut gw, &mut gb, training);
        let (mut gw2, mut gb2) = (gw.clone(), gb.clone());
        batch_backward(n, c, s, &g, &x, &m, &invstd, weight, None, &mut gw2, &mut gb2, training);
        assert!(gw.iter().zip(&gw2).all(|(a, b)| a.to_f64().to_bits() == b.to_f64().to_bits()));
        flat(&[&m, &v, &gw, &gb, &gx])
    };
    // Sums of n s terms round more than single values.
    let scale = 1.0 + ((n * s) as f64).sqrt();
    everywhere(run, |got| close(got, &[&mean[..], &var, &grad_w, &grad_b, &grad_x].concat(), tolerance * scale));

    let (scale, shift): (Vec<T>, Vec<T>) = (numbers(c, 4), numbers(c, 5));
    let affine = |i: usize| x[i].to_f64() * scale[i / s % c].to_f64() + shift[i / s % c].to_f64();
    let want: Vec<f64> = (0..len).map(affine).collect();
    let run = || {
        let mut out = vec![T::NAN; len];
        batch_apply(n, c, s, &x, &scale, &shift, &mut out);
        flat(&[&out])
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

fn check_layer<T: Real>(rows: usize, cols: usize, weighted: bool, biased: bool, tolerance: f64) {
    let len = rows * cols;
    let (x, g): (Vec<T>, Vec<T>) = (numbers(len, 1), numbers(len, 2));
    let (weight, bias): (Vec<T>, Vec<T>) = (numbers(cols, 3), numbers(cols, 4));
    let w = |j: usize| if weighted { weight[j].to_f64() } else { 1.0 };
    let b = |j: usize| if biased { bias[j].to_f64() } else { 0.0 };
    let [mut out, mut mean, mut rstd, mut grad_x] = [(); 4].map(|()| vec![]);
    let (mut grad_w, mut grad_b) = (vec![0.0; cols], vec![0.0; cols]);
    for row in 0..rows {
        let values = |v: &[T]| v[row * cols..][..cols].iter().map(|x| x.to_f64()).collect::<Vec<_>>();
        let (x, g) = (values(&x), values(&g));
        let weighted: Vec<f64> = (0..cols).map(|j| g[j] * w(j)).collect();
        let twin = normalised(&x, &weighted);
        out.extend((0..cols).map(|j| twin.y[j] * w(j) + b(j)));
        mean.push(twin.mean);
        rstd.push(1.0 / (twin.var + EPS).sqrt());
        grad_x.extend(&twin.back);
        for j in 0..cols {
            grad_w[j] += g[j] * twin.y[j];
            grad_b[j] += g[j];
        }
    }
    let run = || {
        let [mut y, mut gx] = [(); 2].map(|()| vec![T::NAN; len]);
        let [mut m, mut r] = [(); 2].map(|()| vec![T::NAN; rows]);
        let [mut gw, mut gb] = [(); 2].map(|()| vec![T::NAN; cols]);
        let (weight, bias) = (weighted.then_some(&weight[..]), biased.then_some(&bias[..]));
        layer_forward(rows, cols, &x, weight, bias, EPS, &mut y, &mut m, &mut r);
        layer_backward(rows, cols, &g, &x, &m, &r, weight, Some(&mut gx), Some(&mut gw), Some(&mut gb));
        let mut gw2 = vec![T::NAN; cols];
        layer_backward(rows, cols, &g, &x, &m, &r, weight, None, Some(&mut gw2), None);
        assert_eq!(gw, gw2);
        flat(&[&y, &m, &r, &gx, &gw, &gb])
    };
    let want = [out, mean, rstd, grad_x, grad_w, grad_b].concat();
    everywhere(run, |got| close(got, &want, tolerance * (1.0 + (rows as f64).sqrt())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn batch(n in 1usize..5, c in 0usize..80, s in prop_oneof![Just(1usize), 1usize..70], weighted: bool, training: bool) {
        // Two numbers at least: a variance near zero makes gradients that are mostly rounding.
        let n = if n * s == 1 { 2 } else { n };
        let few = n * s < 8;
        check_batch::<f32>(n, c, s, weighted, training, if few { 2e-3 } else { 4e-6 });
        check_batch::<f64>(n, c, s, weighted, training, if few { 1e-11 } else { 1e-14 });
    }

    #[test]
    fn layer(rows in 0usize..7, cols in 4usize..150, weighted: bool, biased: bool) {
        let few = cols < 16;
        check_layer::<f32>(rows, cols, weighted, biased, if few { 1e-4 } else { 4e-6 });
        check_layer::<f64>(rows, cols, weighted, biased, if few { 1e-12 } else { 1e-14 });
    }
}

#[test]
fn large_arrays_are_split_among_threads() {
    check_batch::<f32>(8, 12, 1000, true, true, 4e-6);
    check_batch::<f32>(2, 3, 10_000, true, true, 4e-6);
    check_batch::<f32>(300, 200, 1, true, true, 4e-6);
    check_layer::<f32>(300, 200, true, true, 4e-6);
    check_layer::<f32>(3, 10_000, false, false, 4e-6);
}

#[test]
fn a_large_mean_does_not_hide_the_variance() {
    let x: Vec<f32> = numbers::<f32>(20_000, 1).iter().map(|x| x + 4096.0).collect();
    let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let want = normalised(&wide, &wide);
    let run = || {
        let (mut mean, mut var) = (vec![0f32; 1], vec![0f32; 1]);
        batch_stats(2, 1, 10_000, &x, &mut mean, &mut var);
        let (mut mean1, mut var1) = (vec![0f32; 1], vec![0f32; 1]);
        batch_stats(20_000, 1, 1, &x, &mut mean1, &mut var1);
        flat(&[&mean, &var, &mean1, &var1])
    };
    everywhere(run, |got| close(got, &[want.mean, want.var, want.mean, want.var], 1e-4));
}

#[test]
fn nothing_in_a_channel_is_nan() {
    let (mut mean, mut var) = (vec![0f32; 3], vec![0f32; 3]);
    for (n, s) in [(0, 4), (2, 0), (0, 1)] {
        batch_stats(n, 3, s, &[], &mut mean, &mut var);
        assert!(mean.iter().chain(&var).all(|x| x.is_nan()));
    }
}

#[test]
fn nan_stays_in_its_channel_and_row() {
    let mut x: Vec<f32> = numbers(2 * 3 * 20, 1);
    x[25] = f32::NAN;
    let (mut mean, mut var) = (vec![0f32; 3], vec![0f32; 3]);
    batch_stats(2, 3, 20, &x, &mut mean, &mut var);
    assert_eq!(mean.iter().map(|x| x.is_nan()).collect::<Vec<_>>(), [false, true, false]);
    let (mut out, mut mean, mut rstd) = (vec![0f32; 120], vec![0f32; 6], vec![0f32; 6]);
    layer_forward(6, 20, &x, None, None, EPS, &mut out, &mut mean, &mut rstd);
    assert!(out.iter().enumerate().all(|(i, y)| y.is_nan() == (i / 20 == 1)));
}
