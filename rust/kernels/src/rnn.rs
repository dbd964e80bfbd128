//! Recurrent layers: all time steps of one layer in one direction.
//!
//! Sequences are packed: the rows of all steps follow each other, `sizes[t]` rows at step `t`, never more than at the
//! step before, so that row `i` of every step belongs to sequence `i`. The products of the inputs with their weights
//! are made before, in one matrix product; here each step multiplies the former state with the recurrent weights and
//! sends the sums through the gates in one pass. The gradients of all weights are matrix products over all steps, made
//! afterwards.

use crate::element::Real;
use crate::gemm::packed::Packed;
use crate::gemm::panel::Strided;
use crate::gemm::{self, Bias, Matrix, Target};
use crate::math::Math;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr;

/// What a step computes, from `a = W_ih x + b_ih` and `b = W_hh h + b_hh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `h = tanh(a + b)`.
    Tanh,
    /// `h = max(a + b, 0)`.
    Relu,
    /// `i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of a + b`; `c = f c + i g`; `h = o tanh(c)`.
    Lstm,
    /// `r, z = sigmoid(a + b)`; `n = tanh(a + r b)`; `h = (1 - z) n + z h`.
    Gru,
}

impl Cell {
    /// How many numbers per unit the products have.
    pub fn gates(self) -> usize {
        match self {
            Cell::Tanh | Cell::Relu => 1,
            Cell::Lstm => 4,
            Cell::Gru => 3,
        }
    }
}

/// The recurrent part of a layer.
#[derive(Clone, Copy)]
pub struct Layer<'a, T> {
    /// What a step computes.
    pub cell: Cell,
    /// Units.
    pub hidden: usize,
    /// Numbers per row of state and output: `hidden`, or what the projection gives.
    pub output: usize,
    /// Rows per step, never growing.
    pub sizes: &'a [usize],
    /// Whether the last step comes first.
    pub reverse: bool,
    /// The recurrent weights, (gates * hidden, output).
    pub weight: &'a [T],
    /// What is added to the recurrent product of a GRU; in the other cells the input product has it already.
    pub bias: Option<&'a [T]>,
    /// The projection, (output, hidden).
    pub projection: Option<&'a [T]>,
}

/// What a forward pass leaves for the way back, one row per row of input.
pub struct Trace<'a, T> {
    /// (rows, gates * hidden): the input products, which become the activated gates.
    pub gates: &'a mut [T],
    /// (rows, hidden): `tanh(c)` of an LSTM, the recurrent part of `n` of a GRU; unused otherwise.
    pub extra: &'a mut [T],
    /// (rows, hidden): `c` of an LSTM; unused otherwise.
    pub cells: &'a mut [T],
    /// (rows, hidden): `h` before the projection; unused without one.
    pub inner: &'a mut [T],
}

/// As [`Trace`], to read.
#[derive(Clone, Copy)]
pub struct Traced<'a, T> {
    /// The activated gates.
    pub gates: &'a [T],
    /// See [`Trace::extra`].
    pub extra: &'a [T],
    /// See [`Trace::cells`].
    pub cells: &'a [T],
}

/// A step: where its rows start within all rows, and how many there are.
#[derive(Clone, Copy)]
struct Step {
    start: usize,
    rows: usize,
}

impl<T: Real> Layer<'_, T> {
    fn steps(&self) -> Vec<Step> {
        let mut start = 0;
        let mut steps: Vec<Step> = self
            .sizes
            .iter()
            .map(|&rows| {
                start += rows;
                Step { start: start - rows, rows }
            })
            .collect();
        if self.reverse {
            steps.reverse();
        }
        steps
    }

    /// `out (+)= state @ matrix`, where `matrix` (k x n) lies in memory as given or transposed.
    fn multiply(
        &self,
        rows: usize,
        k: usize,
        n: usize,
        state: &[T],
        matrix: &[T],
        transposed: bool,
        out: Product<'_, T>,
    ) {
        let (ptr, bias, accumulate) = match out {
            Product::New(out, bias) => {
                assert!(out.len() >= rows * n);
                (out.as_mut_ptr(), bias.map_or(Bias::None, Bias::Row), false)
            }
            Product::Added(out) => {
                assert!(out.len() >= rows * n);
                (out.as_mut_ptr(), Bias::None, true)
            }
        };
        assert!(state.len() >= rows * k && matrix.len() >= k * n);
        let (row, col) = if transposed { (1, k as isize) } else { (n as isize, 1) };
        // SAFETY: the assertions above; slices that are written overlap no others.
        unsafe {
            gemm::run(
                &[],
                rows,
                k,
                n,
                Matrix { ptr: state.as_ptr(), row: k as isize, col: 1, batch: &[] },
                Matrix { ptr: matrix.as_ptr(), row, col, batch: &[] },
                ptr,
                bias,
                accumulate,
            );
        }
    }
}

enum Product<'a, T> {
    New(&'a mut [T], Option<&'a [T]>),
    Added(&'a mut [T]),
}

/// Rows from which on the recurrent weights are packed once for all steps.
const ROWS: usize = 4;

impl<T: Real> Layer<'_, T> {
    /// Whether packing the recurrent weights pays: several steps share them, of several rows.
    fn packs(&self) -> bool {
        self.sizes.len() > 1 && self.sizes[0] >= ROWS
    }

    /// Shares parts of units, if the recurrent weights are packed, or parts of rows if they are not.
    fn share(&self, rows: usize, packed: Option<&Packed<T>>, f: impl Fn(Range<usize>, Range<usize>) + Sync) {
        let (hidden, width) = (self.hidden, self.cell.gates() * self.hidden);
        let Some(packed) = packed else {
            // A row of `width` numbers costs some twenty additions each.
            let cost = width.saturating_mul(16);
            return par::blocks(rows, (par::GRAIN / 2 / cost.max(1)).max(1), cost, |rows| f(rows, 0..hidden));
        };
        // A thread that takes the same strips in every step finds them in its cache.
        let strips = hidden.div_ceil(packed.width());
        let part = strips.div_ceil(par::num_threads().min(strips)) * packed.width();
        par::run(hidden.div_ceil(part), rows * width * (self.output / 8 + 16), |task| {
            f(0..rows, task * part..hidden.min((task + 1) * part))
        });
    }
}

/// Runs all steps. `h` (batch, output) and, for an LSTM, `c` (batch, hidden) hold the state, first and last; `out`
/// (rows, output) gets the state of every row.
pub fn forward<T: Real>(layer: &Layer<'_, T>, trace: Trace<'_, T>, h: &mut [T], c: &mut [T], out: &mut [T]) {
    let (hidden, output, count) = (layer.hidden, layer.output, layer.cell.gates());
    let width = count * hidden;
    let batch = layer.sizes.first().copied().unwrap_or(0);
    let (gru, lstm) = (layer.cell == Cell::Gru, layer.cell == Cell::Lstm);
    assert!(layer.weight.len() == width * output && layer.bias.is_none_or(|bias| bias.len() == width));
    let room = if layer.packs() { Packed::<T>::room(output, hidden) } else { 0 };
    let recurrent_len = if gru { batch * width } else { 0 };
    par::scratch::<T, _>(recurrent_len, |recurrent| {
        par::scratch::<T, _>(count * room, |memory| {
            let recurrent = zeroed(recurrent);
            // The weights of each gate, if they are packed.
            let pack = |(gate, memory): (usize, &mut [MaybeUninit<T>])| {
                let ptr = layer.weight[gate * hidden * output..][..hidden * output].as_ptr();
                // SAFETY: the slice has these extents.
                unsafe { Packed::new(Strided { ptr, depth: 1, col: output as isize }, output, hidden, memory) }
            };
            let packed: Vec<Packed<T>> = memory.chunks_exact_mut(room.max(1)).enumerate().map(pack).collect();
            for Step { start, rows } in layer.steps() {
                let all = start * hidden..(start + rows) * hidden;
                let gates = &mut trace.gates[start * width..(start + rows) * width];
                if packed.is_empty() {
                    let product = match gru {
                        true => Product::New(&mut recurrent[..rows * width], layer.bias),
                        false => Product::Added(&mut *gates),
                    };
                    layer.multiply(rows, output, width, h, layer.weight, true, product);
                }
                let part = |whole: &'_ mut [T], wanted: bool| -> *mut T {
                    if wanted { whole[all.clone()].as_mut_ptr() } else { ptr::null_mut() }
                };
                let step = Forward {
                    cell: layer.cell,
                    hidden,
                    gates: gates.as_mut_ptr(),
                    recurrent: recurrent.as_mut_ptr(),
                    extra: part(trace.extra, lstm || gru),
                    state: if lstm { c.as_mut_ptr() } else { h.as_mut_ptr() },
                    cells: part(trace.cells, lstm),
                    result: match layer.projection {
                        Some(_) => part(trace.inner, true),
                        None => out[start * output..(start + rows) * output].as_mut_ptr(),
                    },
                };
                let state = Target(h[..rows * output].as_mut_ptr());
                layer.share(rows, packed.first(), |rows, units| {
                    let (step, state) = (step, state);
                    for (gate, packed) in packed.iter().enumerate() {
                        let bias = layer.bias.map_or(ptr::null(), |bias| bias[gate * hidden..].as_ptr());
                        let to = if gru { step.recurrent } else { step.gates }.wrapping_add(gate * hidden);
                        // SAFETY: the lengths were checked above; tasks write different units.
                        unsafe { packed.multiply(rows.len(), state.0, units.clone(), to, width, bias, !gru) };
                    }
                    simd::dispatch(Units { step, rows, units });
                });
                if let Some(projection) = layer.projection {
                    let inner = &trace.inner[all.clone()];
                    let out = &mut out[start * output..(start + rows) * output];
                    layer.multiply(rows, hidden, output, inner, projection, true, Product::New(out, None));
                }
                h[..rows * output].copy_from_slice(&out[start * output..(start + rows) * output]);
            }
        });
    });
}

/// Goes back through all steps. `dh` (batch, output) and `dc` (batch, hidden) hold the gradients of the last state, then
/// of the first; `grad_out` (rows, output) are those of the output. `grad_gates` gets the gradients of the input products,
/// `grad_recurrent` (a GRU's only; the others' are the same) those of the recurrent ones, both (rows, gates * hidden), and
/// `grad_state` (rows, output; with a projection only) those of the projected state.
pub fn backward<T: Real>(
    layer: &Layer<'_, T>,
    trace: Traced<'_, T>,
    (h0, c0, out): (&[T], &[T], &[T]),
    grad_out: &[T],
    (dh, dc): (&mut [T], &mut [T]),
    grad_gates: &mut [T],
    grad_recurrent: &mut [T],
    grad_state: &mut [T],
) {
    let (hidden, output, width) = (layer.hidden, layer.output, layer.cell.gates() * layer.hidden);
    let batch = layer.sizes.first().copied().unwrap_or(0);
    let (steps, gru) = (layer.steps(), layer.cell == Cell::Gru);
    let packs = layer.packs() && layer.projection.is_none();
    assert!(dh.len() >= batch * output && layer.weight.len() == width * output);
    par::scratch::<T, _>(2 * batch * hidden, |scratch| {
        par::scratch::<T, _>(if packs { Packed::<T>::room(width, output) } else { 0 }, |memory| {
            let (former, inner) = zeroed(scratch).split_at_mut(batch * hidden);
            let matrix = Strided { ptr: layer.weight.as_ptr(), depth: output as isize, col: 1 };
            // SAFETY: the weight has these extents.
            let packed = packs.then(|| unsafe { Packed::new(matrix, width, output, memory) });
            // What the step that follows gave its product with the state, and its rows.
            let mut later: Option<(Target<T>, usize)> = None;
            // The gradient of that state; a GRU's state also goes straight on: that part is in `dh` already.
            let back = |later: Option<(Target<T>, usize)>, units: Range<usize>, dh: Target<T>| {
                if let (Some(packed), Some((grads, rows))) = (&packed, later) {
                    // SAFETY: whole rows; tasks write different units.
                    unsafe { packed.multiply(rows, grads.0, units.clone(), dh.0, output, ptr::null(), gru) };
                }
            };
            for (at, &Step { start, rows }) in steps.iter().enumerate().rev() {
                let (all, outs) = (start * hidden..(start + rows) * hidden, start * output..(start + rows) * output);
                let here = &grad_out[outs.clone()];
                if !packs {
                    dh.iter_mut().zip(here).for_each(|(dh, &g)| *dh += g);
                }
                if let Some(projection) = layer.projection {
                    grad_state[outs].copy_from_slice(&dh[..rows * output]);
                    layer.multiply(rows, output, hidden, dh, projection, false, Product::New(inner, None));
                }
                let before = at.checked_sub(1).map(|i| steps[i]);
                match layer.cell {
                    Cell::Lstm => state_before(hidden, before, rows, trace.cells, c0, former),
                    Cell::Gru => state_before(hidden, before, rows, out, h0, former),
                    Cell::Tanh | Cell::Relu => {}
                }
                let gates = start * width..(start + rows) * width;
                let recurrent = if gru { grad_recurrent[gates.clone()].as_mut_ptr() } else { ptr::null_mut() };
                let needs_extra = gru || layer.cell == Cell::Lstm;
                let step = Backward {
                    cell: layer.cell,
                    hidden,
                    gates: trace.gates[gates.clone()].as_ptr(),
                    extra: if needs_extra { trace.extra[all].as_ptr() } else { ptr::null() },
                    former: former.as_ptr(),
                    dh: if layer.projection.is_some() { inner.as_mut_ptr() } else { dh.as_mut_ptr() },
                    dc: dc.as_mut_ptr(),
                    grads: grad_gates[gates.clone()].as_mut_ptr(),
                    recurrent,
                };
                let target = Target(dh.as_mut_ptr());
                layer.share(rows, packed.as_ref(), |rows, units| {
                    if packs {
                        back(later, units.clone(), target);
                        for row in rows.clone() {
                            for unit in units.clone() {
                                // SAFETY: within the rows; tasks write different units.
                                unsafe { *target.at(row * output + unit) += here[row * output + unit] };
                            }
                        }
                    }
                    simd::dispatch(Units { step, rows, units });
                });
                let grads = if gru { &mut grad_recurrent[gates] } else { &mut grad_gates[gates] };
                later = Some((Target(grads.as_mut_ptr()), rows));
                if !packs {
                    let product = if gru { Product::Added(&mut *dh) } else { Product::New(&mut *dh, None) };
                    layer.multiply(rows, width, output, grads, layer.weight, false, product);
                }
            }
            let target = Target(dh.as_mut_ptr());
            if packs {
                layer.share(batch, packed.as_ref(), |_, units| back(later, units, target));
            }
        });
    });
}

/// The state of every row before its step, (rows, width), from the states after the steps and the first one.
pub fn states_before<T: Real>(layer: &Layer<'_, T>, width: usize, states: &[T], first: &[T], out: &mut [T]) {
    let steps = layer.steps();
    for (at, &Step { start, rows }) in steps.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| steps[i]);
        state_before(width, before, rows, states, first, &mut out[start * width..(start + rows) * width]);
    }
}

/// The first `rows` rows of state before a step: those that step `before` made, the others are in `first`.
fn state_before<T: Real>(width: usize, before: Option<Step>, rows: usize, states: &[T], first: &[T], out: &mut [T]) {
    let made = before.map_or(0, |step| step.rows.min(rows)) * width;
    if let Some(step) = before {
        out[..made].copy_from_slice(&states[step.start * width..][..made]);
    }
    out[made..rows * width].copy_from_slice(&first[made..rows * width]);
}

fn zeroed<T: Real>(memory: &mut [MaybeUninit<T>]) -> &mut [T] {
    memory.fill(MaybeUninit::new(T::ZERO));
    // SAFETY: just written.
    unsafe { memory.assume_init_mut() }
}

/// A pass through the gates of some units of some rows: it waits for exponentials, not for memory.
struct Units<S> {
    step: S,
    rows: Range<usize>,
    units: Range<usize>,
}

trait Gates<T: Real>: Copy {
    /// # Safety
    /// Row `row` and the `n` units from `unit` on exist, and nobody else works on them.
    unsafe fn pass<V: Vector<Elem = T>>(&self, row: usize, unit: usize, n: usize);
}

impl<S> Kernel for Units<S>
where
    S: GatesOf,
{
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let lanes = <<S::Elem as Real>::V<I> as Vector>::LANES;
        for row in self.rows {
            for unit in self.units.clone().step_by(lanes) {
                let n = lanes.min(self.units.end - unit);
                // SAFETY: rows and units of this task.
                unsafe { self.step.pass::<<S::Elem as Real>::V<I>>(row, unit, n) };
            }
        }
    }
}

/// [`Gates`] with its element as an associated type, which a kernel can name.
trait GatesOf: Gates<Self::Elem> {
    type Elem: Real;
}

/// Pointers of one step of the way forward; rows of `hidden`, or of `gates * hidden` numbers.
#[derive(Clone, Copy)]
struct Forward<T> {
    cell: Cell,
    hidden: usize,
    gates: *mut T,
    recurrent: *mut T,
    extra: *mut T,
    /// `c` of an LSTM, `h` of a GRU.
    state: *mut T,
    cells: *mut T,
    result: *mut T,
}

// SAFETY: tasks work on different rows or units.
unsafe impl<T: Send> Send for Forward<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Forward<T> {}

impl<T: Real> GatesOf for Forward<T> {
    type Elem = T;
}

#[inline(always)]
fn sigmoid<V: Math>(x: V) -> V {
    V::lit(1.0) / ((-x).exp() + 1.0)
}

impl<T: Real> Gates<T> for Forward<T> {
    #[inline(always)]
    unsafe fn pass<V: Vector<Elem = T>>(&self, row: usize, unit: usize, n: usize) {
        let Forward { cell, hidden, gates, recurrent, extra, state, cells, result } = *self;
        let at = row * hidden + unit;
        let gate = |k: usize| (row * cell.gates() + k) * hidden + unit;
        // SAFETY: the caller's promise; `forward` gives pointers to whole steps.
        unsafe {
            match cell {
                Cell::Tanh | Cell::Relu => {
                    let x = V::load_part(gates.add(at), n);
                    let h = if cell == Cell::Tanh { x.tanh() } else { x.max(V::lit(0.0)) };
                    h.store_part(gates.add(at), n);
                    h.store_part(result.add(at), n);
                }
                Cell::Lstm => {
                    let (i, f) = (
                        sigmoid::<V>(V::load_part(gates.add(gate(0)), n)),
                        sigmoid::<V>(V::load_part(gates.add(gate(1)), n)),
                    );
                    let (g, o) =
                        (V::load_part(gates.add(gate(2)), n).tanh(), sigmoid::<V>(V::load_part(gates.add(gate(3)), n)));
                    let c = f * V::load_part(state.add(at), n) + i * g;
                    let t = c.tanh();
                    for (k, gate_value) in [i, f, g, o].into_iter().enumerate() {
                        gate_value.store_part(gates.add(gate(k)), n);
                    }
                    c.store_part(state.add(at), n);
                    c.store_part(cells.add(at), n);
                    t.store_part(extra.add(at), n);
                    (o * t).store_part(result.add(at), n);
                }
                Cell::Gru => {
                    let both = |k| V::load_part(gates.add(gate(k)), n) + V::load_part(recurrent.add(gate(k)), n);
                    let (r, z) = (sigmoid(both(0)), sigmoid(both(1)));
                    let b = V::load_part(recurrent.add(gate(2)), n);
                    let m = (V::load_part(gates.add(gate(2)), n) + r * b).tanh();
                    let h = V::load_part(state.add(at), n);
                    for (k, gate_value) in [r, z, m].into_iter().enumerate() {
                        gate_value.store_part(gates.add(gate(k)), n);
                    }
                    b.store_part(extra.add(at), n);
                    (m + z * (h - m)).store_part(result.add(at), n);
                }
            }
        }
    }
}

/// Pointers of one step of the way back.
#[derive(Clone, Copy)]
struct Backward<T> {
    cell: Cell,
    hidden: usize,
    gates: *const T,
    extra: *const T,
    former: *const T,
    dh: *mut T,
    dc: *mut T,
    grads: *mut T,
    recurrent: *mut T,
}

// SAFETY: tasks work on different rows or units.
unsafe impl<T: Send> Send for Backward<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Backward<T> {}

impl<T: Real> GatesOf for Backward<T> {
    type Elem = T;
}

impl<T: Real> Gates<T> for Backward<T> {
    #[inline(always)]
    unsafe fn pass<V: Vector<Elem = T>>(&self, row: usize, unit: usize, n: usize) {
        let Backward { cell, hidden, gates, extra, former, dh, dc, grads, recurrent } = *self;
        let at = row * hidden + unit;
        let gate = |k: usize| (row * cell.gates() + k) * hidden + unit;
        // The derivatives of sigmoid and tanh from their results.
        let of_sigmoid = |y: V| y * (V::lit(1.0) - y);
        let of_tanh = |y: V| V::lit(1.0) - y * y;
        // SAFETY: the caller's promise; `backward` gives pointers to whole steps.
        unsafe {
            let g = V::load_part(dh.add(at), n);
            match cell {
                Cell::Tanh => {
                    let y = V::load_part(gates.add(at), n);
                    (g * of_tanh(y)).store_part(grads.add(at), n);
                }
                Cell::Relu => {
                    let y = V::load_part(gates.add(at), n);
                    V::select(y.gt(V::lit(0.0)), g, V::lit(0.0)).store_part(grads.add(at), n);
                }
                Cell::Lstm => {
                    let [i, f, m, o] = std::array::from_fn(|k| V::load_part(gates.add(gate(k)), n));
                    let t = V::load_part(extra.add(at), n);
                    let dc_here = V::load_part(dc.add(at), n) + g * o * of_tanh(t);
                    (dc_here * m * of_sigmoid(i)).store_part(grads.add(gate(0)), n);
                    (dc_here * V::load_part(former.add(at), n) * of_sigmoid(f)).store_part(grads.add(gate(1)), n);
                    (dc_here * i * of_tanh(m)).store_part(grads.add(gate(2)), n);
                    (g * t * of_sigmoid(o)).store_part(grads.add(gate(3)), n);
                    (dc_here * f).store_part(dc.add(at), n);
                }
                Cell::Gru => {
                    let [r, z, m] = std::array::from_fn(|k| V::load_part(gates.add(gate(k)), n));
                    let dm = g * (V::lit(1.0) - z) * of_tanh(m);
                    let dr = dm * V::load_part(extra.add(at), n) * of_sigmoid(r);
                    let dz = g * (V::load_part(former.add(at), n) - m) * of_sigmoid(z);
                    for (k, (a, b)) in [(dr, dr), (dz, dz), (dm, dm * r)].into_iter().enumerate() {
                        a.store_part(grads.add(gate(k)), n);
                        b.store_part(recurrent.add(gate(k)), n);
                    }
                    (g * z).store_part(dh.add(at), n);
                }
            }
        }
    }
}
