//! Convolutions against naive twins, on every instruction set, over random geometries; same bits on any thread count.

use proptest::prelude::*;
use rutile_kernels::conv::{self, Geometry};
use rutile_kernels::{Real, par, simd};

fn values<T: Real>(n: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 40) as f64 / (1u64 << 23) as f64 - 1.0)
    };
    (0..n).map(|_| next()).collect()
}

fn pixels(extent: [usize; 3]) -> usize {
    extent.iter().product()
}

/// Calls `f(input index, weight index, output index)` for every product of the convolution, tensors contiguous.
fn for_each(g: &Geometry, mut f: impl FnMut(usize, usize, usize)) {
    let (group_in, group_out) = (g.in_channels / g.groups, g.out_channels / g.groups);
    let point = |extent: [usize; 3], i: usize| [i / extent[2] / extent[1], i / extent[2] % extent[1], i % extent[2]];
    for n in 0..g.batch {
        for o in 0..g.out_channels {
            for p in 0..pixels(g.output) {
                let at = point(g.output, p);
                for c in 0..group_in {
                    for t in 0..pixels(g.kernel) {
                        let k = point(g.kernel, t);
                        let from = [0, 1, 2]
                            .map(|x| (at[x] * g.stride[x] + k[x] * g.dilation[x]) as isize - g.padding[x] as isize);
                        if (0..3).all(|x| from[x] >= 0 && from[x] < g.input[x] as isize) {
                            let pixel =
                                (from[0] as usize * g.input[1] + from[1] as usize) * g.input[2] + from[2] as usize;
                            let channel = o / group_out * group_in + c;
                            f(
                                (n * g.in_channels + channel) * pixels(g.input) + pixel,
                                (o * group_in + c) * pixels(g.kernel) + t,
                                (n * g.out_channels + o) * pixels(g.output) + p,
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Sums and, for the error bound, sums of magnitudes and the number of terms.
#[derive(Clone)]
struct Sums(Vec<(f64, f64, f64)>);

impl Sums {
    fn new(n: usize) -> Sums {
        Sums(vec![(0.0, 0.0, 1.0); n])
    }
    fn add(&mut self, i: usize, term: f64) {
        let (sum, magnitude, terms) = &mut self.0[i];
        (*sum, *magnitude, *terms) = (*sum + term, *magnitude + term.abs(), *terms + 1.0);
    }
    /// Winograd's algorithm computes an element from numbers that belong to its neighbours as well: with `mixed`, the
    /// largest element bounds the error of all.
    fn check<T: Real>(&self, got: &[T], epsilon: f64, mixed: bool, what: &str, g: &Geometry) {
        assert_eq!(got.len(), self.0.len());
        let largest = self.0.iter().fold((0.0, 1.0), |most: (f64, f64), s| (most.0.max(s.1), most.1.max(s.2)));
        for (i, (&got, &(sum, magnitude, terms))) in got.iter().zip(&self.0).enumerate() {
            let (magnitude, terms) = if mixed { largest } else { (magnitude, terms) };
            let error = (got.to_f64() - sum).abs();
            assert!(
                error <= (terms + 2.0) * epsilon * magnitude,
                "{what} {g:?} on {}: element {i} is {got:?}, not {sum}: an error of {error:e}, above {:e}",
                simd::name(),
                (terms + 2.0) * epsilon * magnitude
            );
        }
    }
}

struct Run<T> {
    output: Vec<T>,
    grad_input: Vec<T>,
    grad_weight: Vec<T>,
}

fn run<T: Real>(g: &Geometry, x: &[T], w: &[T], bias: Option<&[T]>, grad: &[T], channels_last: bool) -> Run<T> {
    let [c, d, h, width] = [g.in_channels, g.input[0], g.input[1], g.input[2]].map(|n| n as isize);
    let (mut input, mut strides) = (x.to_vec(), [c * d * h * width, d * h * width, h * width, width, 1]);
    if channels_last {
        strides = [c * d * h * width, 1, h * width * c, width * c, c];
        for n in 0..g.batch {
            for channel in 0..g.in_channels {
                for p in 0..pixels(g.input) {
                    let plane = pixels(g.input);
                    input[n * plane * g.in_channels + p * g.in_channels + channel] =
                        x[(n * g.in_channels + channel) * plane + p];
                }
            }
        }
    }
    let nan = T::from_f64(f64::NAN);
    let mut run =
        Run { output: vec![nan; grad.len()], grad_input: vec![nan; x.len()], grad_weight: vec![nan; w.len()] };
    // SAFETY: the strides describe the input.
    unsafe {
        conv::forward(g, input.as_ptr(), strides, w, bias, &mut run.output);
        conv::weight_grad(g, input.as_ptr(), strides, grad, &mut run.grad_weight);
    }
    conv::input_grad(g, grad, w, &mut run.grad_input);
    run
}

fn lengths(g: &Geometry) -> [usize; 3] {
    [
        g.batch * g.in_channels * pixels(g.input),
        g.out_channels * (g.in_channels / g.groups) * pixels(g.kernel),
        g.batch * g.out_channels * pixels(g.output),
    ]
}

fn check<T: Real>(g: &Geometry, epsilon: f64, with_bias: bool, channels_last: bool) {
    let tiles = g.kernel == [1, 3, 3] || g.kernel == [1, 4, 4] && g.stride == [1, 2, 2];
    let mixed = tiles && g.in_channels.min(g.out_channels) / g.groups >= 8;
    let [x, w, y] = lengths(g);
    let (input, weight, grad, bias) =
        (values::<T>(x, 1), values::<T>(w, 2), values::<T>(y, 3), values::<T>(g.out_channels, 4));
    let (mut output, mut grad_input, mut grad_weight) = (Sums::new(y), Sums::new(x), Sums::new(w));
    if with_bias {
        (0..y).for_each(|i| output.add(i, bias[i / pixels(g.output) % g.out_channels].to_f64()));
    }
    for_each(g, |x, w, y| {
        output.add(y, input[x].to_f64() * weight[w].to_f64());
        grad_input.add(x, grad[y].to_f64() * weight[w].to_f64());
        grad_weight.add(w, grad[y].to_f64() * input[x].to_f64());
    });
    for isa in simd::available() {
        simd::with_isa(isa, || {
            let got = run(g, &input, &weight, with_bias.then_some(&bias[..]), &grad, channels_last);
            output.check(&got.output, epsilon, mixed, "output", g);
            grad_input.check(&got.grad_input, epsilon, mixed, "gradient of the input", g);
            grad_weight.check(&got.grad_weight, epsilon, mixed, "gradient of the weight", g);
        });
    }
}

/// Per axis: output extent is what the others give.
fn geometry(
    batch: usize,
    groups: usize,
    per_group: [usize; 2],
    input: [usize; 3],
    kernel: [usize; 3],
    stride: [usize; 3],
    padding: [usize; 3],
    dilation: [usize; 3],
) -> Geometry {
    let kernel = [0, 1, 2].map(|x| kernel[x].min((input[x] + 2 * padding[x] - 1) / dilation[x] + 1));
    let output = [0, 1, 2].map(|x| (input[x] + 2 * padding[x] - dilation[x] * (kernel[x] - 1) - 1) / stride[x] + 1);
    Geometry {
        batch,
        groups,
        in_channels: groups * per_group[0],
        out_channels: groups * per_group[1],
        input,
        kernel,
        output,
        stride,
        padding,
        dilation,
    }
}

fn axes(dimensions: usize, values: [usize; 3], other: usize) -> [usize; 3] {
    [0, 1, 2].map(|axis| if axis + dimensions >= 3 { values[axis] } else { other })
}

fn random() -> impl Strategy<Value = Geometry> {
    let small = |range: std::ops::Range<usize>| [range.clone(), range.clone(), range];
    let sizes = (1..4usize, 1..4usize, prop_oneof![[1..2usize, 1..4usize], [1..7usize, 1..20usize]], 1..4usize);
    (sizes, small(1..13), small(1..5), small(1..4), small(0..4), small(1..4)).prop_map(
        |((batch, groups, per_group, dimensions), mut input, kernel, stride, padding, dilation)| {
            if dimensions < 3 {
                input = [0, input[1], 3 * input[2]];
            }
            geometry(
                batch,
                groups,
                per_group,
                axes(dimensions, input, 1),
                axes(dimensions, kernel, 1),
                axes(dimensions, stride, 1),
                axes(dimensions, padding, 0),
                axes(dimensions, dilation, 1),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn equals_the_naive_twin(g in random(), bias: bool, channels_last: bool) {
        check::<f32>(&g, f64::from(f32::EPSILON), bias, channels_last);
        check::<f64>(&g, f64::EPSILON, bias, channels_last);
    }
}

/// Geometries that Winograd's algorithm takes: kernels of 3 x 3, perhaps dilated, and of 3 x 3 or 4 x 4 with stride 2.
fn winograd() -> impl Strategy<Value = Geometry> {
    let channels = [8..50usize, 8..50usize];
    let sizes = (1..6usize, 1..3usize, channels, [3..30usize, 3..30usize]);
    (sizes, [0..5usize, 0..5usize], prop_oneof![Just([1, 1]), [1..4usize, 1..4usize]], any::<bool>()).prop_map(
        |((batch, groups, per_group, [height, width]), [top, left], [down, across], strided)| {
            if strided {
                let (input, padding) = ([1, height + 10, width + 10], [0, top.min(2), left.min(2)]);
                let kernel = [1, 2 + down.clamp(1, 2), 2 + down.clamp(1, 2)];
                return geometry(batch + 2, groups, per_group, input, kernel, [1, 2, 2], padding, [1; 3]);
            }
            let (padding, dilation) = ([0, top.min(2 * down), left.min(2 * across)], [1, down, across]);
            let input = [1, height.max(2 * down + 1), width.max(2 * across + 1)];
            geometry(batch, groups, per_group, input, [1, 3, 3], [1; 3], padding, dilation)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn winograd_equals_the_naive_twin(g in winograd(), bias: bool, channels_last: bool) {
        check::<f32>(&g, f64::from(f32::EPSILON), bias, channels_last);
        check::<f64>(&g, f64::EPSILON, bias, channels_last);
    }
}

/// Images enough to fill registers with one element of each.
fn lanes() -> impl Strategy<Value = Geometry> {
    let batch = prop_oneof![8..18usize, 30..36usize, Just(48)];
    let sizes = (batch, 1..3usize, [1..24usize, 1..40usize], [1..3usize, 1..9usize, 1..9usize], any::<bool>());
    let axis = |range: std::ops::Range<usize>| [1..3usize, range.clone(), range];
    (sizes, axis(1..6), axis(1..4), axis(0..4), axis(1..3)).prop_map(
        |((batch, groups, per_group, input, depthwise), kernel, stride, [_, top, left], dilation)| {
            let (groups, per_group) =
                if depthwise { (groups + 1, [1, 1 + per_group[1] % 4]) } else { (groups, per_group) };
            geometry(batch, groups, per_group, input, kernel, stride, [input[0] - 1, top, left], dilation)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn many_images_equal_the_naive_twin(g in lanes(), bias: bool, channels_last: bool) {
        check::<f32>(&g, f64::from(f32::EPSILON), bias, channels_last);
    }
}

/// Depthwise convolutions of planes, of which most keep the size or halve it; some of one channel and many outputs.
fn depthwise() -> impl Strategy<Value = Geometry> {
    let sizes =
        (1..4usize, 1..5usize, prop_oneof![1..5usize, 16..40usize], [1..20usize, 1..70usize], [1..6usize, 1..8usize]);
    (sizes, [1..4usize, 1..4usize], [1..3usize, 1..4usize], [0..3usize, 0..4usize]).prop_map(
        |((batch, groups, multiplier, [height, width], [tall, wide]), stride, dilation, more)| {
            let half = |kernel: usize, dilation: usize, more: usize| dilation * (kernel - 1) / 2 + more / 2;
            let padding = [0, half(tall, dilation[0], more[0]), half(wide, dilation[1], more[1])];
            let (stride, dilation) = ([1, stride[0], stride[1]], [1, dilation[0], dilation[1]]);
            geometry(batch, groups, [1, multiplier], [1, height, width], [1, tall, wide], stride, padding, dilation)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn depthwise_equals_the_naive_twin(g in depthwise(), bias: bool, channels_last: bool) {
        check::<f32>(&g, f64::from(f32::EPSILON), bias, channels_last);
        check::<f64>(&g, f64::EPSILON, bias, channels_last);
    }
}

/// What is read from a neighbouring row and not counted may be infinite.
#[test]
fn depthwise_keeps_infinities_where_they_are() {
    for (width, stride) in [(8, 1), (16, 1), (21, 1), (16, 2)] {
        let g = geometry(1, 2, [1, 1], [1, 6, width], [1, 3, 3], [1, stride, stride], [0, 1, 1], [1; 3]);
        let [x, w, y] = lengths(&g);
        for at in [0, width - 1, width, 2 * width - 1, 3 * width + 2, x - 1] {
            let (mut input, weight, grad) = (values::<f32>(x, 1), values::<f32>(w, 2), values::<f32>(y, 3));
            input[at] = f32::INFINITY;
            let (mut reached, mut weights) = (vec![false; y], vec![false; w]);
            for_each(&g, |x, w, y| {
                reached[y] |= x == at;
                weights[w] |= x == at;
            });
            for isa in simd::available() {
                simd::with_isa(isa, || {
                    let got = run(&g, &input, &weight, None, &grad, false);
                    let infinite = |values: &[f32]| values.iter().map(|value| !value.is_finite()).collect::<Vec<_>>();
                    assert_eq!(infinite(&got.output), reached, "output {g:?}, {at}");
                    assert_eq!(infinite(&got.grad_weight), weights, "gradient of the weight {g:?}, {at}");
                });
            }
        }
    }
}

fn square(batch: usize, channels: [usize; 2], size: usize, kernel: usize, stride: usize, padding: usize) -> Geometry {
    geometry(
        batch,
        1,
        channels,
        [1, size, size],
        [1, kernel, kernel],
        [1, stride, stride],
        [0, padding, padding],
        [1; 3],
    )
}

#[test]
fn larger_than_every_block_and_smaller_than_a_step() {
    for g in [
        square(2, [50, 20], 40, 3, 1, 1),
        square(1, [8, 4], 120, 3, 1, 1),
        square(3, [3, 16], 50, 7, 2, 3),
        square(40, [70, 30], 7, 3, 1, 1),
        square(3, [16, 20], 60, 3, 1, 1),
        square(1, [17, 16], 94, 3, 1, 1),
        square(2, [40, 30], 20, 1, 1, 0),
        square(2, [40, 30], 20, 1, 2, 0),
        geometry(2, 6, [1, 1], [1, 40, 40], [1, 3, 3], [1, 2, 2], [0, 1, 1], [1; 3]),
        geometry(2, 2, [3, 4], [9, 16, 20], [3, 3, 3], [1; 3], [1; 3], [1; 3]),
        // Depthwise, large and small; what the kernel sees lies between the elements of a short input.
        geometry(2, 3, [1, 2], [1, 70, 60], [1, 5, 3], [1; 3], [0, 2, 1], [1; 3]),
        geometry(2, 3, [1, 1], [1, 2, 150], [1, 1, 3], [1; 3], [0, 0, 1], [1; 3]),
        geometry(1, 2, [1, 1], [1, 1, 2], [1; 3], [3, 1, 1], [1, 0, 0], [1; 3]),
        geometry(1, 2, [1, 1], [1, 1, 2], [1; 3], [1, 3, 1], [0, 1, 0], [1; 3]),
    ] {
        check::<f32>(&g, f64::from(f32::EPSILON), true, false);
    }
}

#[test]
fn no_batch_and_no_channels() {
    check::<f32>(&Geometry { batch: 0, ..square(1, [3, 4], 8, 3, 1, 1) }, 1e-6, true, false);
    check::<f32>(&Geometry { in_channels: 0, ..square(2, [3, 4], 8, 3, 1, 1) }, 1e-6, true, false);
    check::<f32>(&Geometry { out_channels: 0, ..square(2, [3, 4], 8, 3, 1, 1) }, 1e-6, false, false);
}

#[test]
fn same_bits_on_any_number_of_threads() {
    simd::with_isa(simd::available()[0], || {
        for g in [
            square(3, [20, 40], 20, 3, 1, 1),
            square(1, [64, 64], 30, 3, 1, 1),
            square(9, [64, 40], 7, 3, 1, 1),
            square(40, [64, 40], 8, 3, 2, 1),
            // Weights of many tiles, which several threads pack beside each other.
            square(32, [448, 448], 4, 4, 2, 1),
            square(32, [64, 448], 4, 5, 1, 2),
            square(16, [40, 12], 20, 3, 1, 1),
            geometry(3, 40, [1, 1], [1, 30, 30], [1, 3, 3], [1; 3], [0, 1, 1], [1; 3]),
        ] {
            let [x, w, y] = lengths(&g);
            let (input, weight, grad) = (values::<f32>(x, 1), values::<f32>(w, 2), values::<f32>(y, 3));
            let results = [1, 2, 4].map(|threads| {
                par::set_num_threads(threads);
                run(&g, &input, &weight, None, &grad, false)
            });
            let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
            for pair in results.windows(2) {
                assert!(same(&pair[0].output, &pair[1].output), "{g:?}");
                assert!(same(&pair[0].grad_input, &pair[1].grad_input), "{g:?}");
                assert!(same(&pair[0].grad_weight, &pair[1].grad_weight), "{g:?}");
            }
        }
    });
}
