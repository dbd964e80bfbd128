//! Kernels by themselves, with their rates: `cargo bench -p rutile-kernels`, or `... -- gemm` for one family.
//!
//! `peak` is what the multiply-add units of one core can do when nothing waits for memory: products and convolutions
//! are to be read against it, times the number of threads (`RUTILE_NUM_THREADS`).

use divan::{
    Bencher,
    counter::{BytesCount, ItemsCount},
};
use half::f16;
use rutile_kernels::conv::{self, Geometry};
use rutile_kernels::gemm::{self, Bias, Matrix};
use rutile_kernels::simd::peak::multiply_adds;
use rutile_kernels::{Element, View, ViewMut, complex, copy, norm, reduce, scan, softmax, sort};

fn main() {
    divan::main();
}

/// Numbers without pattern, none of them subnormal.
fn numbers(len: usize) -> Vec<f32> {
    // Of a linear congruential generator: a sequence that is too even would flatter whatever sorts or selects.
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// Floating-point operations per second: `FLOP` read as items.
fn flops(count: usize) -> ItemsCount {
    ItemsCount::new(count)
}

mod peak {
    use super::*;

    #[divan::bench]
    fn multiply_add(bencher: Bencher) {
        bencher.counter(flops(multiply_adds())).bench_local(multiply_adds);
    }
}

mod products {
    use super::*;

    fn product(bencher: Bencher, [m, k, n]: [usize; 3], turned: bool) {
        let (a, b, mut c) = (numbers(m * k), numbers(k * n), vec![0.0; m * n]);
        let row_major = |ptr: &[f32], cols: usize| Matrix { ptr: ptr.as_ptr(), row: cols as isize, col: 1, batch: &[] };
        let (a, mut b) = (row_major(&a, k), row_major(&b, n));
        if turned {
            (b.row, b.col) = (1, k as isize);
        }
        bencher.counter(flops(2 * m * k * n)).bench_local(|| {
            // SAFETY: the vectors have the lengths that the shapes ask for.
            unsafe { gemm::run(&[], m, k, n, a, b, c.as_mut_ptr(), Bias::None, false) }
        });
    }

    #[divan::bench(args = [8, 16, 32, 64, 128, 256, 512, 1024, 2048])]
    fn square(bencher: Bencher, n: usize) {
        product(bencher, [n, n, n], false);
    }

    /// The right operand as `linear` has it: its weight transposed.
    #[divan::bench(args = [64, 256, 1024])]
    fn turned(bencher: Bencher, n: usize) {
        product(bencher, [n, n, n], true);
    }

    #[divan::bench(args = [[256, 784, 256], [1, 4096, 4096], [4096, 64, 64], [64, 4096, 64], [64, 64, 4096]])]
    fn oblong(bencher: Bencher, shape: [usize; 3]) {
        product(bencher, shape, false);
    }
}

mod convolutions {
    use super::*;

    /// Images, channels, height and width, output channels, kernel, stride, dilation, groups.
    #[derive(Clone, Copy)]
    struct Shape(&'static str, [usize; 8]);

    impl std::fmt::Display for Shape {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    const SHAPES: [Shape; 14] = [
        Shape("64x1x28 -> 32 k3", [64, 1, 28, 32, 3, 1, 1, 1]),
        Shape("64x32x14 -> 64 k3", [64, 32, 14, 64, 3, 1, 1, 1]),
        Shape("16x64x56 -> 64 k3", [16, 64, 56, 64, 3, 1, 1, 1]),
        Shape("16x128x28 -> 128 k3", [16, 128, 28, 128, 3, 1, 1, 1]),
        Shape("16x256x14 -> 256 k3", [16, 256, 14, 256, 3, 1, 1, 1]),
        Shape("16x512x7 -> 512 k3", [16, 512, 7, 512, 3, 1, 1, 1]),
        Shape("16x256x56 -> 64 k1", [16, 256, 56, 64, 1, 1, 1, 1]),
        Shape("16x3x224 -> 64 k7 s2", [16, 3, 224, 64, 7, 2, 1, 1]),
        Shape("16x128x56 depthwise k3", [16, 128, 56, 128, 3, 1, 1, 128]),
        Shape("32x128x16 depthwise k3", [32, 128, 16, 128, 3, 1, 1, 128]),
        Shape("32x64x32 depthwise k3 s2", [32, 64, 32, 64, 3, 2, 1, 64]),
        Shape("16x128x28 -> 128 k3 d2", [16, 128, 28, 128, 3, 1, 2, 1]),
        Shape("1x64x56 -> 64 k3", [1, 64, 56, 64, 3, 1, 1, 1]),
        Shape("16x64x56 -> 128 k3 s2", [16, 64, 56, 128, 3, 2, 1, 1]),
    ];

    struct Case {
        geometry: Geometry,
        input: Vec<f32>,
        weight: Vec<f32>,
        output: Vec<f32>,
        strides: [isize; 5],
        work: ItemsCount,
    }

    fn case(Shape(_, [batch, channels, size, filters, kernel, stride, dilation, groups]): Shape) -> Case {
        let reach = dilation * (kernel - 1);
        let out = (size + reach / 2 * 2 - reach - 1) / stride + 1;
        let plane = size * size;
        let weights = filters * channels / groups * kernel * kernel;
        Case {
            geometry: Geometry {
                batch,
                groups,
                in_channels: channels,
                out_channels: filters,
                input: [1, size, size],
                kernel: [1, kernel, kernel],
                output: [1, out, out],
                stride: [1, stride, stride],
                padding: [0, reach / 2, reach / 2],
                dilation: [1, dilation, dilation],
            },
            input: numbers(batch * channels * plane),
            weight: numbers(weights),
            output: numbers(batch * filters * out * out),
            strides: [channels * plane, plane, plane, size, 1].map(|s| s as isize),
            work: flops(2 * batch * out * out * weights),
        }
    }

    #[divan::bench(args = SHAPES)]
    fn forward(bencher: Bencher, shape: Shape) {
        let mut c = case(shape);
        bencher.counter(c.work).bench_local(|| {
            // SAFETY: the vectors have the lengths that the geometry asks for.
            unsafe { conv::forward(&c.geometry, c.input.as_ptr(), c.strides, &c.weight, None, &mut c.output) }
        });
    }

    #[divan::bench(args = SHAPES)]
    fn input_grad(bencher: Bencher, shape: Shape) {
        let mut c = case(shape);
        bencher.counter(c.work).bench_local(|| conv::input_grad(&c.geometry, &c.output, &c.weight, &mut c.input));
    }

    #[divan::bench(args = SHAPES)]
    fn weight_grad(bencher: Bencher, shape: Shape) {
        let mut c = case(shape);
        bencher.counter(c.work).bench_local(|| {
            // SAFETY: as above.
            unsafe { conv::weight_grad(&c.geometry, c.input.as_ptr(), c.strides, &c.output, &mut c.weight) }
        });
    }
}

mod rows {
    use super::*;

    const SHAPE: [usize; 2] = [4096, 1024];

    fn bytes(count: usize) -> BytesCount {
        BytesCount::new(count * size_of::<f32>())
    }

    #[divan::bench(args = [[false, true], [true, false], [true, true]])]
    fn sum(bencher: Bencher, axes: [bool; 2]) {
        let x = numbers(SHAPE[0] * SHAPE[1]);
        let kept: usize = SHAPE.iter().zip(axes).filter(|(_, reduced)| !reduced).map(|(&n, _)| n).product();
        let mut out = vec![0.0; kept];
        // SAFETY: the vector has the length of the shape.
        let view = unsafe { View::new(x.as_ptr(), &SHAPE, &[SHAPE[1] as isize, 1]) };
        bencher.counter(bytes(x.len())).bench_local(|| reduce::sum(view, &axes, &mut out));
    }

    #[divan::bench(types = [f32, f64, f16, i64, i32, u8])]
    fn max<T: Element>(bencher: Bencher) {
        let x: Vec<T> = (0..SHAPE[0] * SHAPE[1]).map(|i| T::from_i64((i * 7919 % 101) as i64)).collect();
        let mut out = vec![T::default(); SHAPE[0]];
        // SAFETY: the vector has the length of the shape.
        let view = unsafe { View::new(x.as_ptr(), &SHAPE, &[SHAPE[1] as isize, 1]) };
        let bytes = BytesCount::new(size_of_val(&x[..]));
        bencher.counter(bytes).bench_local(|| reduce::max(view, &[false, true], &mut out));
    }

    #[divan::bench(types = [i64, i32, u8])]
    fn sum_int<T: Element>(bencher: Bencher) {
        let x: Vec<T> = (0..SHAPE[0] * SHAPE[1]).map(|i| T::from_i64((i * 7919 % 101) as i64)).collect();
        let mut out = vec![0; SHAPE[0]];
        // SAFETY: the vector has the length of the shape.
        let view = unsafe { View::new(x.as_ptr(), &SHAPE, &[SHAPE[1] as isize, 1]) };
        let bytes = BytesCount::new(size_of_val(&x[..]));
        bencher.counter(bytes).bench_local(|| reduce::sum_int(view, &[false, true], &mut out));
    }

    /// Along the last axis and along the first.
    #[divan::bench(args = [[4096, 1024, 1], [1, 4096, 1024]])]
    fn cumsum(bencher: Bencher, [outer, len, inner]: [usize; 3]) {
        let x = numbers(outer * len * inner);
        let mut out = vec![0.0; x.len()];
        bencher.counter(bytes(2 * x.len())).bench_local(|| scan::cumsum(outer, len, inner, false, &x, &mut out));
    }

    /// A matrix, and images whose channels go last.
    #[divan::bench(args = [[1, 128, 128], [1, 2048, 2048], [32, 64, 3136]])]
    fn transpose(bencher: Bencher, [planes, rows, columns]: [usize; 3]) {
        let len = planes * rows * columns;
        let (x, mut out) = (numbers(len), vec![0.0; len]);
        bencher.counter(bytes(2 * len)).bench_local(|| {
            let shape = [planes, columns, rows];
            let plane = (rows * columns) as isize;
            let (from, to) = ([plane, 1, columns as isize], [plane, rows as isize, 1]);
            // SAFETY: the vectors have the length of the shape.
            let (turned, out) =
                unsafe { (View::new(x.as_ptr(), &shape, &from), ViewMut::new(out.as_mut_ptr(), &shape, &to)) };
            copy::cast(turned, out);
        });
    }

    #[divan::bench]
    fn softmax_1024x1000(bencher: Bencher) {
        let (x, mut out) = (numbers(1024 * 1000), vec![0.0; 1024 * 1000]);
        bencher.counter(bytes(2 * x.len())).bench_local(|| softmax::softmax(1024, 1000, 1, &x, &mut out));
    }

    #[divan::bench]
    fn batch_norm_stats_32x64x56(bencher: Bencher) {
        let (n, c, s) = (32, 64, 56 * 56);
        let x = numbers(n * c * s);
        let (mut mean, mut var) = (vec![0.0; c], vec![0.0; c]);
        bencher.counter(bytes(x.len())).bench_local(|| norm::batch_stats(n, c, s, &x, &mut mean, &mut var));
    }
}

mod recurrent {
    use super::*;
    use rutile_kernels::rnn::{self, Cell, Layer, Trace, Traced};

    const STEPS: usize = 64;
    const BATCH: usize = 32;
    const HIDDEN: usize = 256;

    /// One layer without the product of the inputs, there or there and back.
    fn lstm(bencher: Bencher, back: bool) {
        let (rows, wide) = (STEPS * BATCH, 4 * HIDDEN);
        let sizes = vec![BATCH; STEPS];
        let weight: Vec<f32> = numbers(wide * HIDDEN).iter().map(|x| x / 16.0).collect();
        let layer = Layer {
            cell: Cell::Lstm,
            hidden: HIDDEN,
            output: HIDDEN,
            sizes: &sizes,
            reverse: false,
            weight: &weight,
            bias: None,
            projection: None,
        };
        let products = numbers(rows * wide);
        let mut gates = products.clone();
        let [mut extra, mut cells, mut out] = std::array::from_fn(|_| vec![0.0; rows * HIDDEN]);
        let first = vec![0.0; BATCH * HIDDEN];
        let grad_out = numbers(rows * HIDDEN);
        let mut grads = vec![0.0; rows * wide];
        bencher.counter(flops((if back { 4 } else { 2 }) * rows * wide * HIDDEN)).bench_local(|| {
            gates.copy_from_slice(&products);
            let (mut h, mut c) = (first.clone(), first.clone());
            let trace = Trace { gates: &mut gates, extra: &mut extra, cells: &mut cells, inner: &mut [] };
            rnn::forward(&layer, trace, &mut h, &mut c, &mut out);
            if back {
                let trace = Traced { gates: &gates, extra: &extra, cells: &cells };
                let (mut dh, mut dc) = (first.clone(), first.clone());
                let states = (&first[..], &first[..], &out[..]);
                rnn::backward(&layer, trace, states, &grad_out, (&mut dh, &mut dc), &mut grads, &mut [], &mut []);
            }
        });
    }

    #[divan::bench]
    fn lstm_forward_64x32x256(bencher: Bencher) {
        lstm(bencher, false);
    }

    #[divan::bench]
    fn lstm_both_64x32x256(bencher: Bencher) {
        lstm(bencher, true);
    }
}

mod fourier {
    use super::*;
    use rutile_kernels::fft;

    /// Rows of complex numbers; 5 n log2(n) counts as the operations of any method.
    #[divan::bench(args = [[4096, 64], [1, 1024], [256, 1024], [1, 65_536], [1, 1 << 20], [256, 1000], [256, 1009], [1, 100_003]])]
    fn rows(bencher: Bencher, [count, n]: [usize; 2]) {
        let x = numbers(2 * count * n);
        let mut out = vec![0.0; x.len()];
        let operations = 5.0 * (count * n) as f64 * (n as f64).log2();
        bencher.counter(flops(operations as usize)).bench_local(|| fft::rows(count, n, false, 1.0, &x, &mut out));
    }

    #[divan::bench(args = [[4096, 64], [256, 1024], [1, 1 << 20]])]
    fn real(bencher: Bencher, [count, n]: [usize; 2]) {
        let x = numbers(count * n);
        let mut out = vec![0.0; count * (n + 2)];
        let operations = 2.5 * (count * n) as f64 * (n as f64).log2();
        bencher.counter(flops(operations as usize)).bench_local(|| fft::real(count, n, 1.0, &x, &mut out));
    }
}

mod order {
    use super::*;

    /// One long row, and many short ones.
    #[divan::bench(args = [[1, 1_000_000], [1000, 1000]])]
    fn sort(bencher: Bencher, [rows, len]: [usize; 2]) {
        let x = numbers(rows * len);
        let (mut values, mut places) = (vec![0.0; x.len()], vec![0; x.len()]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| sort::sort(len, false, &x, &mut values, &mut places));
    }

    #[divan::bench]
    fn sort_f64(bencher: Bencher) {
        let x: Vec<f64> = numbers(1_000_000).into_iter().map(f64::from).collect();
        let (mut values, mut places) = (vec![0.0; x.len()], vec![0; x.len()]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| {
            sort::sort(x.len(), false, &x, &mut values, &mut places);
        });
    }

    #[divan::bench(args = [10, 1000])]
    fn largest_of_1000000(bencher: Bencher, k: usize) {
        let x = numbers(1_000_000);
        let (mut values, mut places) = (vec![0.0; k], vec![0; k]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| {
            sort::first(x.len(), k, true, &x, &mut values, &mut places);
        });
    }

    /// In each of 1024 rows of 1000.
    #[divan::bench(args = [1, 5, 50])]
    fn largest_of_rows(bencher: Bencher, k: usize) {
        let x = numbers(1024 * 1000);
        let (mut values, mut places) = (vec![0.0; 1024 * k], vec![0; 1024 * k]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| {
            sort::first(1000, k, true, &x, &mut values, &mut places);
        });
    }

    #[divan::bench]
    fn median_of_1000000(bencher: Bencher) {
        let x = numbers(1_000_000);
        let (mut value, mut place) = ([0.0], [0]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| {
            sort::nth(x.len(), |row| row.len() / 2, &x, &mut value, &mut place);
        });
    }
}

mod pairs {
    use super::*;

    /// A million complex numbers; PyTorch: `z * z`, `z / z`, `z.exp()`.
    const LEN: usize = 1_000_000;

    fn run(bencher: Bencher, kernel: impl Fn(View<'_, [f32; 2]>, ViewMut<'_, [f32; 2]>)) {
        let z: Vec<[f32; 2]> = numbers(2 * LEN).chunks(2).map(|pair| [pair[0] + 2.0, pair[1]]).collect();
        let mut out = vec![[0.0; 2]; LEN];
        bencher.counter(flops(LEN)).bench_local(|| {
            // SAFETY: contiguous vectors of that length.
            unsafe { kernel(View::new(z.as_ptr(), &[LEN], &[1]), ViewMut::new(out.as_mut_ptr(), &[LEN], &[1])) }
        });
    }

    #[divan::bench]
    fn product(bencher: Bencher) {
        run(bencher, |z, out| complex::product(z, z, out));
    }

    #[divan::bench]
    fn quotient(bencher: Bencher) {
        run(bencher, |z, out| complex::quotient(z, z, out));
    }

    #[divan::bench]
    fn exp(bencher: Bencher) {
        run(bencher, |z, out| complex::map(complex::functions::exp, z, out));
    }
}
