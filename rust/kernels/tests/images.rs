//! Resampling, reading at places, and columns of windows against one number at a time.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use rutile_kernels::Real;
use rutile_kernels::fold::{Windows, fold, unfold};
use rutile_kernels::grid::{Interpolation, Outside, Sampling, backward_grid, backward_input, forward};
use rutile_kernels::resample::{Table, resample};

fn doubles<T: Real>(values: &[T]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}

fn check_resample<T: Real>(outer: usize, axis: usize, inner: usize, counts: &[usize], tolerance: f64) {
    let mut table = Table { offset: vec![0], index: Vec::new(), weight: Vec::new() };
    for (i, &count) in counts.iter().enumerate() {
        for k in 0..count {
            table.index.push((i * 3 + k * 2) % axis);
            table.weight.push(if count == 1 { 1.0 } else { 0.25 + k as f64 });
        }
        table.offset.push(table.index.len());
    }
    let x: Vec<T> = numbers(outer * axis * inner, 1);
    let g: Vec<T> = numbers(outer * counts.len() * inner, 2);
    let (mut want, mut want_back) = (vec![0.0; g.len()], vec![0.0; x.len()]);
    for o in 0..outer {
        for i in 0..counts.len() {
            for k in table.offset[i]..table.offset[i + 1] {
                for j in 0..inner {
                    let (to, from) = ((o * counts.len() + i) * inner + j, (o * axis + table.index[k]) * inner + j);
                    want[to] += table.weight[k] * x[from].to_f64();
                    want_back[from] += table.weight[k] * g[to].to_f64();
                }
            }
        }
    }
    want.extend(want_back);
    let run = || {
        let (mut out, mut back) = (vec![T::NAN; g.len()], vec![T::NAN; x.len()]);
        resample(outer, axis, inner, &table, &x, &mut out);
        resample(outer, counts.len(), inner, &table.transposed(axis), &g, &mut back);
        flat(&[&out, &back])
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

#[test]
fn resampling_and_its_derivative() {
    for inner in [1, 7, 64] {
        check_resample::<f64>(3, 5, inner, &[1, 2, 0, 4, 1, 3, 2], 1e-14);
        check_resample::<f32>(3, 5, inner, &[1, 2, 0, 4, 1, 3, 2], 1e-5);
    }
    check_resample::<f32>(600, 30, 9, &[2; 41], 1e-5);
    check_resample::<f32>(0, 3, 2, &[1, 1], 1e-5);
}

/// A pixel, or zero outside.
fn pixel(s: &Sampling, x: &[f64], line: usize, at: [i64; 3]) -> f64 {
    let inside = (0..3).all(|a| (0..s.input[a] as i64).contains(&at[a]));
    let [_, h, w] = s.input.map(|n| n as i64);
    let plane = s.input.iter().product::<usize>();
    if inside { x[line * plane + ((at[0] * h + at[1]) * w + at[2]) as usize] } else { 0.0 }
}

/// A weighted mean of the neighbours of each place, for zeros outside and aligned corners.
fn naive(s: &Sampling, x: &[f64], grid: &[f64]) -> Vec<f64> {
    let mut out = Vec::new();
    for line in 0..s.images * s.channels {
        for point in 0..s.points {
            let place = &grid[(line / s.channels * s.points + point) * s.axes..][..s.axes];
            let at: Vec<f64> = (0..3)
                .map(|a| if 2 - a < s.axes { (place[2 - a] + 1.0) / 2.0 * (s.input[a] as f64 - 1.0) } else { 0.0 })
                .collect();
            let mut sum = 0.0;
            for corner in 0..8 {
                let bit = |a: usize| (corner >> a) & 1;
                let near: [i64; 3] = std::array::from_fn(|a| at[a].floor() as i64 + bit(a));
                let weight: f64 = (0..3).map(|a| 1.0 - (at[a] - near[a] as f64).abs()).product();
                sum += weight * pixel(s, x, line, near);
            }
            out.push(sum);
        }
    }
    out
}

fn check_grid<T: Real>(axes: usize, input: [usize; 3], points: usize, tolerance: f64) {
    let s = Sampling {
        axes,
        input,
        points,
        images: 2,
        channels: 3,
        interpolation: Interpolation::Linear,
        outside: Outside::Zeros,
        align_corners: true,
    };
    let x: Vec<T> = numbers(6 * input.iter().product::<usize>(), 1);
    let grid: Vec<T> = numbers::<f64>(2 * points * axes, 2).iter().map(|x| T::from_f64(x * 0.7)).collect();
    let g: Vec<T> = numbers(6 * points, 3);
    let (dx, dgrid, dg) = (doubles(&x), doubles(&grid), doubles(&g));
    let loss = |x: &[f64], grid: &[f64]| -> f64 { naive(&s, x, grid).iter().zip(&dg).map(|(y, g)| y * g).sum() };
    let slope = |at: usize, of_grid: bool| {
        let moved = |step: f64| {
            let (mut x, mut grid) = (dx.clone(), dgrid.clone());
            if of_grid {
                grid[at] += step
            } else {
                x[at] += step
            }
            loss(&x, &grid)
        };
        (moved(1e-6) - moved(-1e-6)) / 2e-6
    };
    let mut want = naive(&s, &dx, &dgrid);
    want.extend((0..x.len()).map(|i| slope(i, false)));
    want.extend((0..grid.len()).map(|i| slope(i, true)));
    let run = || {
        let (mut out, mut by_x, mut by_grid) = (vec![T::NAN; g.len()], vec![T::NAN; x.len()], vec![T::NAN; grid.len()]);
        forward(&s, &x, &grid, &mut out);
        backward_input(&s, &grid, &g, &mut by_x);
        backward_grid(&s, &x, &grid, &g, &mut by_grid);
        flat(&[&out, &by_x, &by_grid])
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

#[test]
fn reading_at_places_and_its_derivatives() {
    check_grid::<f64>(2, [1, 4, 5], 9, 1e-6);
    check_grid::<f32>(2, [1, 4, 5], 9, 1e-3);
    check_grid::<f64>(3, [3, 2, 4], 7, 1e-6);
}

#[test]
fn many_places_on_several_threads() {
    // More than one task by places and by channels.
    let s = Sampling {
        axes: 2,
        input: [1, 30, 20],
        points: 3000,
        images: 1,
        channels: 20,
        interpolation: Interpolation::Linear,
        outside: Outside::Zeros,
        align_corners: true,
    };
    let (x, grid): (Vec<f32>, Vec<f32>) = (numbers(20 * 600, 1), numbers(6000, 2));
    let want = naive(&s, &doubles(&x), &doubles(&grid));
    let run = || {
        let (mut out, mut back) = (vec![f32::NAN; 60_000], vec![f32::NAN; 12_000]);
        forward(&s, &x, &grid, &mut out);
        backward_input(&s, &grid, &x[..].repeat(5), &mut back);
        flat(&[&out, &back])
    };
    everywhere(run, |got| close(&got[..60_000], &want, 1e-4));
}

#[test]
fn columns_of_windows() {
    for (input, kernel, stride, padding, dilation) in [
        ([4, 5], [2, 2], [1, 1], [0, 0], [1, 1]),
        ([5, 6], [3, 2], [2, 3], [1, 2], [1, 2]),
        ([3, 3], [2, 3], [1, 2], [3, 4], [2, 1]),
        ([1, 1], [1, 1], [1, 1], [0, 0], [1, 1]),
    ] {
        let size = |a: usize| (input[a] + 2 * padding[a] - dilation[a] * (kernel[a] - 1) - 1) / stride[a] + 1;
        let w = Windows { input, kernel, output: [size(0), size(1)], stride, padding, dilation };
        let (planes, plane) = (3, input[0] * input[1]);
        let columns = kernel[0] * kernel[1] * w.output[0] * w.output[1];
        let (x, g): (Vec<f64>, Vec<f64>) = (numbers(planes * plane, 1), numbers(planes * columns, 2));
        let (mut want, mut back) = (vec![0.0; g.len()], vec![0.0; x.len()]);
        for p in 0..planes {
            for at in 0..columns {
                let (tap, window) = (at / (w.output[0] * w.output[1]), at % (w.output[0] * w.output[1]));
                let place = |a: usize, o: usize, k: usize| (o * stride[a] + k * dilation[a]).checked_sub(padding[a]);
                let y = place(0, window / w.output[1], tap / kernel[1]);
                let x_at = place(1, window % w.output[1], tap % kernel[1]);
                if let (Some(y), Some(column)) = (y, x_at)
                    && y < input[0]
                    && column < input[1]
                {
                    want[p * columns + at] = x[p * plane + y * input[1] + column];
                    back[p * plane + y * input[1] + column] += g[p * columns + at];
                }
            }
        }
        want.extend(back);
        let run = || {
            let (mut out, mut back) = (vec![f64::NAN; g.len()], vec![f64::NAN; x.len()]);
            unfold(&w, planes, &x, &mut out);
            fold(&w, planes, &g, &mut back);
            flat(&[&out, &back])
        };
        everywhere(run, |got| close(got, &want, 1e-13));
    }
}
