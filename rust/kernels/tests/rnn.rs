//! Recurrent layers against a plain loop, and their derivative against differences.

mod everywhere;
use everywhere::{close, everywhere, flat, numbers};
use rutile_kernels::Real;
use rutile_kernels::rnn::{Cell, Layer, Trace, Traced, backward, forward};

const CELLS: [Cell; 4] = [Cell::Tanh, Cell::Relu, Cell::Lstm, Cell::Gru];

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The output by the definition, one number at a time.
fn naive(layer: &Layer<'_, f64>, products: &[f64], h0: &[f64], c0: &[f64]) -> Vec<f64> {
    let (hidden, output, gates) = (layer.hidden, layer.output, layer.cell.gates());
    let (mut h, mut c) = (h0.to_vec(), c0.to_vec());
    let rows: usize = layer.sizes.iter().sum();
    let mut out = vec![0.0; rows * output];
    let mut starts: Vec<(usize, usize)> = layer
        .sizes
        .iter()
        .scan(0, |at, &n| {
            *at += n;
            Some((*at - n, n))
        })
        .collect();
    if layer.reverse {
        starts.reverse();
    }
    for (start, n) in starts {
        for row in 0..n {
            let a = |k: usize, j: usize| products[((start + row) * gates + k) * hidden + j];
            let b = |k: usize, j: usize| {
                let weights = &layer.weight[(k * hidden + j) * output..][..output];
                let sum: f64 = weights.iter().zip(&h[row * output..]).map(|(w, h)| w * h).sum();
                sum + layer.bias.map_or(0.0, |bias| bias[k * hidden + j])
            };
            let mut new = vec![0.0; hidden];
            for (j, new) in new.iter_mut().enumerate() {
                *new = match layer.cell {
                    Cell::Tanh => (a(0, j) + b(0, j)).tanh(),
                    Cell::Relu => (a(0, j) + b(0, j)).max(0.0),
                    Cell::Lstm => {
                        let [i, f, o] = [0, 1, 3].map(|k| sigmoid(a(k, j) + b(k, j)));
                        let c = &mut c[row * hidden + j];
                        *c = f * *c + i * (a(2, j) + b(2, j)).tanh();
                        o * c.tanh()
                    }
                    Cell::Gru => {
                        let [r, z] = [0, 1].map(|k| sigmoid(a(k, j) + b(k, j)));
                        (1.0 - z) * (a(2, j) + r * b(2, j)).tanh() + z * h[row * output + j]
                    }
                };
            }
            if let Some(projection) = layer.projection {
                new = projection.chunks(hidden).map(|w| w.iter().zip(&new).map(|(w, x)| w * x).sum()).collect();
            }
            h[row * output..][..output].copy_from_slice(&new);
            out[(start + row) * output..][..output].copy_from_slice(&new);
        }
    }
    out
}

struct Case<T> {
    cell: Cell,
    hidden: usize,
    output: usize,
    sizes: Vec<usize>,
    reverse: bool,
    numbers: [Vec<T>; 6],
}

impl<T: Real> Case<T> {
    fn new(cell: Cell, hidden: usize, sizes: &[usize], reverse: bool, projected: bool) -> Self {
        let (output, wide) = (if projected { hidden / 2 + 1 } else { hidden }, cell.gates() * hidden);
        let (rows, batch) = (sizes.iter().sum::<usize>(), sizes[0]);
        let lens = [wide * output, wide, output * hidden, rows * wide, batch * output, batch * hidden];
        let numbers =
            std::array::from_fn(|i| numbers::<f64>(lens[i], i as u64).iter().map(|x| T::from_f64(x / 4.0)).collect());
        Case { cell, hidden, output, sizes: sizes.to_vec(), reverse, numbers }
    }

    fn layer(&self) -> Layer<'_, T> {
        Layer {
            cell: self.cell,
            hidden: self.hidden,
            output: self.output,
            sizes: &self.sizes,
            reverse: self.reverse,
            weight: &self.numbers[0],
            bias: (self.cell == Cell::Gru).then_some(&self.numbers[1]),
            projection: (self.output != self.hidden).then_some(&self.numbers[2]),
        }
    }

    /// The output, and the gradient of the input products for `g` as that of the output.
    fn run(&self, g: &[T]) -> [Vec<T>; 2] {
        let layer = self.layer();
        let (rows, wide) = (self.sizes.iter().sum::<usize>(), self.cell.gates() * self.hidden);
        let [_, _, _, products, h0, c0] = &self.numbers;
        let mut gates = products.clone();
        let [mut extra, mut cells, mut inner] = std::array::from_fn(|_| vec![T::ZERO; rows * self.hidden]);
        let (mut h, mut c, mut out) = (h0.clone(), c0.clone(), vec![T::NAN; rows * self.output]);
        let trace = Trace { gates: &mut gates, extra: &mut extra, cells: &mut cells, inner: &mut inner };
        forward(&layer, trace, &mut h, &mut c, &mut out);
        let (mut dh, mut dc) = (vec![T::ZERO; h.len()], vec![T::ZERO; c.len()]);
        let [mut grads, mut recurrent] = std::array::from_fn(|_| vec![T::NAN; rows * wide]);
        let mut state = vec![T::NAN; rows * self.output];
        let trace = Traced { gates: &gates, extra: &extra, cells: &cells };
        let states = (&h0[..], &c0[..], &out[..]);
        backward(&layer, trace, states, g, (&mut dh, &mut dc), &mut grads, &mut recurrent, &mut state);
        [out, grads]
    }
}

fn check<T: Real>(cell: Cell, hidden: usize, sizes: &[usize], reverse: bool, projected: bool, tolerance: f64) {
    let case = Case::<T>::new(cell, hidden, sizes, reverse, projected);
    let exact = Case::<f64> {
        numbers: case.numbers.each_ref().map(|numbers| numbers.iter().map(|x| x.to_f64()).collect()),
        cell,
        hidden,
        output: case.output,
        sizes: sizes.to_vec(),
        reverse,
    };
    let g: Vec<T> = numbers(sizes.iter().sum::<usize>() * case.output, 9);
    let [_, _, _, products, h0, c0] = &exact.numbers;
    let mut want = naive(&exact.layer(), products, h0, c0);
    let loss = |products: &[f64]| -> f64 {
        naive(&exact.layer(), products, h0, c0).iter().zip(&g).map(|(y, g)| y * g.to_f64()).sum()
    };
    want.extend((0..products.len()).map(|i| {
        let at = |step: f64| {
            let mut moved = products.clone();
            moved[i] += step;
            loss(&moved)
        };
        (at(1e-5) - at(-1e-5)) / 2e-5
    }));
    everywhere(
        || {
            let [out, grads] = case.run(&g);
            flat(&[&out, &grads])
        },
        |got| close(got, &want, tolerance),
    );
}

#[test]
fn layers_and_their_derivatives() {
    for cell in CELLS {
        for (hidden, sizes) in [(3, &[2, 2, 1][..]), (9, &[3, 1]), (17, &[1, 1])] {
            for reverse in [false, true] {
                check::<f64>(cell, hidden, sizes, reverse, false, 1e-8);
                check::<f32>(cell, hidden, sizes, reverse, false, 1e-4);
            }
        }
    }
    check::<f64>(Cell::Lstm, 5, &[3, 2, 2], false, true, 1e-8);
    check::<f64>(Cell::Lstm, 5, &[3, 2, 2], true, true, 1e-8);
}

#[test]
fn many_rows_on_several_threads() {
    check::<f64>(Cell::Lstm, 8, &[96, 40], false, false, 1e-7);
}
