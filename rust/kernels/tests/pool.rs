//! Pooling against loops over windows.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use proptest::prelude::*;
use rutile_kernels::Real;
use rutile_kernels::pool::{
    Window, adaptive_avg_backward, adaptive_avg_forward, adaptive_max_backward, adaptive_max_forward, avg_backward,
    avg_forward, max_backward, max_forward, max_pick, max_values,
};

type Shape = [usize; 3];

fn len(shape: Shape) -> usize {
    shape.iter().product()
}

fn coordinates(shape: Shape) -> impl Iterator<Item = Shape> {
    (0..len(shape)).map(move |i| [i / shape[2] / shape[1], i / shape[2] % shape[1], i % shape[2]])
}

fn flat_position(shape: Shape, [z, y, x]: Shape) -> usize {
    (z * shape[1] + y) * shape[2] + x
}

/// Positions inside the plane of window `o`, in order.
fn members(w: &Window, o: Shape) -> Vec<usize> {
    let place = |axis: usize, tap: usize| {
        (o[axis] * w.stride[axis] + tap * w.dilation[axis])
            .checked_sub(w.padding[axis])
            .filter(|&at| at < w.input[axis])
    };
    coordinates(w.kernel)
        .filter_map(|tap| Some(flat_position(w.input, [place(0, tap[0])?, place(1, tap[1])?, place(2, tap[2])?])))
        .collect()
}

/// Positions of part `o` of nearly equal parts.
fn part(input: Shape, output: Shape, o: Shape) -> Vec<usize> {
    let inside = |axis: usize, i: usize| {
        let (len, n) = (input[axis] as f64, output[axis] as f64);
        let (start, end) = (o[axis] as f64 * len / n, (o[axis] + 1) as f64 * len / n);
        start.floor() <= i as f64 && (i as f64) < end.ceil()
    };
    coordinates(input).filter(|c| (0..3).all(|axis| inside(axis, c[axis]))).map(|c| flat_position(input, c)).collect()
}

/// Value and position of the maximum: the first of equals, the last NaN.
fn largest<T: Real>(plane: &[T], members: &[usize]) -> (f64, usize) {
    members.iter().fold((f64::NEG_INFINITY, members[0]), |best, &i| {
        let x = plane[i].to_f64();
        if x > best.0 || x.is_nan() { (x, i) } else { best }
    })
}

/// What max pooling must give: maxima, indices, gradient, picked values.
fn max_twin<T: Real>(windows: &[Vec<usize>], input_len: usize, x: &[T], g: &[T]) -> Vec<f64> {
    let (mut maxima, mut indices, mut picked) = (vec![], vec![], vec![]);
    let mut grad = vec![0.0; x.len()];
    for (p, plane) in x.chunks(input_len).enumerate() {
        for (o, members) in windows.iter().enumerate() {
            let (value, at) = largest(plane, members);
            maxima.push(value);
            indices.push(at as f64);
            picked.push(plane[at].to_f64());
            grad[p * input_len + at] += g[p * windows.len() + o].to_f64();
        }
    }
    [maxima, indices, grad, picked].concat()
}

fn check_max<T: Real>(w: &Window, planes: usize, x: &[T], tolerance: f64) {
    let count = planes * len(w.output);
    let g: Vec<T> = numbers(count, 7);
    let windows: Vec<_> = coordinates(w.output).map(|o| members(w, o)).collect();
    let want = max_twin(&windows, len(w.input), x, &g);
    let want = [&want[..count], &want].concat();
    let run = || {
        let (mut y, mut index, mut picked) = (vec![T::NAN; count], vec![-1; count], vec![T::NAN; count]);
        let mut grad = vec![T::NAN; x.len()];
        let mut values = y.clone();
        max_values(w, planes, x, &mut values);
        max_forward(w, planes, x, &mut y, &mut index);
        max_backward(w, planes, &g, &index, &mut grad);
        max_pick(w, planes, x, &index, &mut picked);
        [flat(&[&values]), flat(&[&y]), flat(&[&index]), flat(&[&grad]), flat(&[&picked])].concat()
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

fn check_avg<T: Real>(w: &Window, planes: usize, include_pad: bool, divisor: Option<usize>, tolerance: f64) {
    let x: Vec<T> = numbers(planes * len(w.input), 1);
    let g: Vec<T> = numbers(planes * len(w.output), 2);
    // Elements and padding that a window covers.
    let padded = |o: Shape| -> usize {
        let reach = |axis: usize| {
            let start = o[axis] * w.stride[axis];
            (start + w.kernel[axis]).min(w.input[axis] + 2 * w.padding[axis]) - start
        };
        reach(0) * reach(1) * reach(2)
    };
    let (mut y, mut grad) = (vec![], vec![0.0; x.len()]);
    for p in 0..planes {
        let base = p * len(w.input);
        for (i, o) in coordinates(w.output).enumerate() {
            let members = members(w, o);
            let count = divisor.unwrap_or(if include_pad { padded(o) } else { members.len() }) as f64;
            y.push(members.iter().map(|&at| x[base + at].to_f64()).sum::<f64>() / count);
            members.iter().for_each(|&at| grad[base + at] += g[p * len(w.output) + i].to_f64() / count);
        }
    }
    let run = || {
        let (mut y, mut grad) = (vec![T::NAN; g.len()], vec![T::NAN; x.len()]);
        avg_forward(w, planes, &x, &mut y, include_pad, divisor);
        avg_backward(w, planes, &g, &mut grad, include_pad, divisor);
        flat(&[&y, &grad])
    };
    everywhere(run, |got| close(got, &[&y[..], &grad].concat(), tolerance));
}

fn check_adaptive<T: Real>(planes: usize, input: Shape, output: Shape, tolerance: f64) {
    let x: Vec<T> = numbers(planes * len(input), 1);
    let g: Vec<T> = numbers(planes * len(output), 2);
    let windows: Vec<_> = coordinates(output).map(|o| part(input, output, o)).collect();
    let (mut y, mut grad) = (vec![], vec![0.0; x.len()]);
    for p in 0..planes {
        let base = p * len(input);
        for (i, members) in windows.iter().enumerate() {
            let count = members.len() as f64;
            y.push(members.iter().map(|&at| x[base + at].to_f64()).sum::<f64>() / count);
            members.iter().for_each(|&at| grad[base + at] += g[p * len(output) + i].to_f64() / count);
        }
    }
    let run = || {
        let (mut y, mut grad) = (vec![T::NAN; g.len()], vec![T::NAN; x.len()]);
        adaptive_avg_forward(planes, input, output, &x, &mut y);
        adaptive_avg_backward(planes, input, output, &g, &mut grad);
        flat(&[&y, &grad])
    };
    everywhere(run, |got| close(got, &[&y[..], &grad].concat(), tolerance));

    let mut want = max_twin(&windows, len(input), &x, &g);
    want.truncate(want.len() - g.len());
    let run = || {
        let (mut y, mut index, mut grad) = (vec![T::NAN; g.len()], vec![-1; g.len()], vec![T::NAN; x.len()]);
        adaptive_max_forward(planes, input, output, &x, &mut y, &mut index);
        adaptive_max_backward(planes, input, output, &g, &index, &mut grad);
        [flat(&[&y]), flat(&[&index]), flat(&[&grad])].concat()
    };
    everywhere(run, |got| close(got, &want, tolerance));
}

/// One axis of a window: input, kernel, output, stride, padding, dilation.
fn axis(dilated: bool) -> impl Strategy<Value = [usize; 6]> {
    (1usize..5, 1usize..4, 1usize..3, 0usize..40, any::<bool>()).prop_flat_map(
        move |(kernel, stride, dilation, extra, ceil)| {
            let dilation = if dilated { dilation } else { 1 };
            let reach = (kernel - 1) * dilation + 1;
            (0..=kernel / 2).prop_map(move |padding| {
                let input = (reach + extra).saturating_sub(2 * padding).max(1);
                let room = (input + 2 * padding).saturating_sub(reach);
                let mut output = if ceil { room.div_ceil(stride) } else { room / stride } + 1;
                // As in PyTorch, the last window starts inside the input or its left padding.
                if (output - 1) * stride >= input + padding {
                    output -= 1;
                }
                [input, kernel, output.max(1), stride, padding, dilation]
            })
        },
    )
}

fn window(dilated: bool) -> impl Strategy<Value = Window> {
    let short = prop_oneof![3 => Just([1, 1, 1, 1, 0, 1]), 1 => axis(dilated)];
    // Fewer rows than columns keep the test small.
    let rows = axis(dilated).prop_map(|mut a| {
        if a[0] > 12 {
            a[2] -= ((a[0] - 12) / a[3]).min(a[2] - 1);
            a[0] = 12;
        }
        a
    });
    (short, rows, axis(dilated)).prop_map(|(d, h, w)| {
        let get = |i: usize| [d[i], h[i], w[i]];
        Window { input: get(0), kernel: get(1), output: get(2), stride: get(3), padding: get(4), dilation: get(5) }
    })
}

fn has_taps(w: &Window) -> bool {
    coordinates(w.output).all(|o| !members(w, o).is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn max(w in window(true), planes in 0usize..4, ties: bool, nan: bool) {
        prop_assume!(has_taps(&w));
        let mut x: Vec<f32> = numbers(planes * len(w.input), 3);
        if ties { x.iter_mut().for_each(|x| *x = x.round()) }
        if nan { x.iter_mut().step_by(7).for_each(|x| *x = f32::NAN) }
        check_max::<f32>(&w, planes, &x, 1e-5);
        let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        check_max::<f64>(&w, planes, &x, 1e-14);
    }

    #[test]
    fn avg(w in window(false), planes in 0usize..4, include_pad: bool, divisor in prop_oneof![Just(None), Just(Some(5))]) {
        prop_assume!(has_taps(&w));
        check_avg::<f32>(&w, planes, include_pad, divisor, 1e-5);
        check_avg::<f64>(&w, planes, include_pad, divisor, 1e-14);
    }

    #[test]
    fn adaptive(
        planes in 0usize..3, input in [1usize..3, 1usize..9, 1usize..30], output in [1usize..3, 1usize..5, 1usize..9],
    ) {
        check_adaptive::<f32>(planes, input, output, 1e-5);
        check_adaptive::<f64>(planes, input, output, 1e-13);
    }
}

/// Square windows on square images.
fn square(input: usize, kernel: usize, stride: usize, padding: usize) -> Window {
    let output = (input + 2 * padding - kernel) / stride + 1;
    Window {
        input: [1, input, input],
        kernel: [1, kernel, kernel],
        output: [1, output, output],
        stride: [1, stride, stride],
        padding: [0, padding, padding],
        dilation: [1; 3],
    }
}

#[test]
fn images_are_split_among_threads() {
    let planes = 24;
    for w in [square(57, 2, 2, 0), square(56, 3, 2, 1), square(40, 3, 1, 1)] {
        check_max::<f32>(&w, planes, &numbers(planes * len(w.input), 1), 1e-5);
        check_avg::<f32>(&w, planes, false, None, 1e-5);
    }
    check_adaptive::<f32>(planes, [1, 56, 56], [1, 1, 1], 1e-5);
    check_adaptive::<f32>(planes, [1, 56, 56], [1, 7, 7], 1e-5);
}

#[test]
fn all_minus_infinity_picks_the_first_tap() {
    for w in [square(8, 2, 2, 0), square(9, 3, 2, 1), square(9, 5, 1, 2)] {
        check_max::<f32>(&w, 1, &vec![f32::NEG_INFINITY; len(w.input)], 1e-6);
    }
}
