//! Softmax, its logarithm, and cross entropy.
//!
//! Arrays have the shape (outer, axis, inner), normalised along `axis`; rows are the case `inner == 1`. Rows are
//! reduced across lanes, other axes lane by lane, by the same code: a [`Line`] knows where the next register is.

use crate::element::Real;
use crate::math::Math;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use crate::sums::{Terms, Values, sums};
use std::ops::Range;

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;
/// Columns of one parallel task if `inner > 1`.
const COLUMNS: usize = 64;

/// `exp(x) / sum(exp(x))` along the axis. A line of `-inf` gives NaN, as in PyTorch.
pub fn softmax<T: Real>(outer: usize, axis: usize, inner: usize, x: &[T], out: &mut [T]) {
    normalise::<T, false>(outer, axis, inner, x, out);
}

/// [`softmax`] of scores (batches, queries, keys) in which query `i` sees the keys up to `i`: zeros beyond. Its gradient
/// is that of softmax.
pub fn causal_softmax<T: Real>(batches: usize, queries: usize, keys: usize, x: &[T], out: &mut [T]) {
    assert!(x.len() == batches * queries * keys && out.len() == x.len());
    let out = Parts::new(out);
    par::blocks(batches * queries, (TASK / keys.max(1)).max(1), keys * 8, |rows| {
        // SAFETY: rows of this task only.
        let out = unsafe { out.range(rows.start * keys..rows.end * keys) };
        simd::dispatch(Causal { rows, queries, keys, x, out });
    });
}

/// `x - ln(sum(exp(x)))` along the axis.
pub fn log_softmax<T: Real>(outer: usize, axis: usize, inner: usize, x: &[T], out: &mut [T]) {
    normalise::<T, true>(outer, axis, inner, x, out);
}

/// The gradient of [`softmax`] from its result `y`: `y * (g - sum(g * y))`.
pub fn softmax_backward<T: Real>(outer: usize, axis: usize, inner: usize, g: &[T], y: &[T], out: &mut [T]) {
    gradient::<T, false>(outer, axis, inner, g, y, out);
}

/// The gradient of [`log_softmax`] from its result `y`: `g - exp(y) * sum(g)`.
pub fn log_softmax_backward<T: Real>(outer: usize, axis: usize, inner: usize, g: &[T], y: &[T], out: &mut [T]) {
    gradient::<T, true>(outer, axis, inner, g, y, out);
}

/// What cross entropy knows besides logits and targets.
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy<'a, T> {
    /// Weight per class; 1 if there is none.
    pub weight: Option<&'a [T]>,
    /// Rows with this target do not count.
    pub ignore_index: i64,
    /// How much of the target is spread evenly over all classes.
    pub label_smoothing: f64,
}

impl<T: Real> CrossEntropy<'_, T> {
    /// Weight of a class.
    #[inline(always)]
    fn weight_of(&self, class: usize) -> f64 {
        self.weight.map_or(1.0, |w| w[class].to_f64())
    }
    /// Sum of all weights.
    fn weights(&self, classes: usize) -> f64 {
        self.weight.map_or(classes as f64, |w| w.iter().map(|w| w.to_f64()).sum())
    }
    /// The class of a row, if it counts.
    #[inline(always)]
    fn class(&self, target: i64, classes: usize) -> Option<usize> {
        if target == self.ignore_index {
            return None;
        }
        assert!((target as u64) < classes as u64, "target {target} is outside 0..{classes}");
        Some(target as usize)
    }
}

/// What `reduction="mean"` divides by: the weights of the targets that count.
pub fn cross_entropy_total<T: Real>(spec: &CrossEntropy<'_, T>, cols: usize, target: &[i64]) -> f64 {
    target.iter().filter_map(|&t| spec.class(t, cols)).map(|class| spec.weight_of(class)).sum()
}

/// Loss of each row, and the logarithm of the sum of its exponentials for the backward pass:
/// `loss = (1 - s) w[t] (lse - x[t]) + s / cols * sum_j w[j] (lse - x[j])`, zero for ignored rows.
pub fn cross_entropy_forward<T: Real>(
    spec: &CrossEntropy<'_, T>,
    rows: usize,
    cols: usize,
    logits: &[T],
    target: &[i64],
    loss: &mut [T],
    lse: &mut [T],
) {
    assert!(logits.len() == rows * cols && target.len() == rows && loss.len() == rows && lse.len() == rows);
    assert!(spec.weight.is_none_or(|w| w.len() == cols));
    let weights = spec.weights(cols);
    let (loss, lse) = (Parts::new(loss), Parts::new(lse));
    par::blocks(rows, (TASK / cols.max(1)).max(1), 4 * cols, |rows| {
        // SAFETY: blocks are disjoint.
        let (loss, lse) = unsafe { (loss.range(rows.clone()), lse.range(rows.clone())) };
        simd::dispatch(Loss {
            spec,
            cols,
            weights,
            logits: &logits[rows.start * cols..],
            target: &target[rows],
            loss,
            lse,
        });
    });
}

/// The gradient of [`cross_entropy_forward`] for the logits, from the gradient of each row's loss.
pub fn cross_entropy_backward<T: Real>(
    spec: &CrossEntropy<'_, T>,
    rows: usize,
    cols: usize,
    logits: &[T],
    target: &[i64],
    lse: &[T],
    grad_loss: &[T],
    out: &mut [T],
) {
    assert!(logits.len() == rows * cols && out.len() == logits.len());
    assert!(target.len() == rows && lse.len() == rows && grad_loss.len() == rows);
    assert!(spec.weight.is_none_or(|w| w.len() == cols));
    let weights = spec.weights(cols);
    let out = Parts::new(out);
    par::blocks(rows, (TASK / cols.max(1)).max(1), 4 * cols, |rows| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { out.range(rows.start * cols..rows.end * cols) };
        let logits = &logits[rows.start * cols..rows.end * cols];
        let (target, lse, grad_loss) = (&target[rows.clone()], &lse[rows.clone()], &grad_loss[rows]);
        simd::dispatch(LossGrad { spec, cols, weights, logits, target, lse, grad_loss, out });
    });
}

/// Lines of one task: rows, or some columns of one outer index.
struct Block {
    axis: usize,
    inner: usize,
    outer: Range<usize>,
    columns: Range<usize>,
}

impl Block {
    /// Calls `f` for all blocks of an array, in parallel.
    fn each(outer: usize, axis: usize, inner: usize, f: impl Fn(Block) + Sync) {
        if inner == 1 {
            let rows = (TASK / axis.max(1)).max(1);
            return par::blocks(outer, rows, 4 * axis, |outer| f(Block { axis, inner, outer, columns: 0..1 }));
        }
        let pieces = inner.div_ceil(COLUMNS);
        par::run(outer * pieces, 4 * outer * axis * inner, |task| {
            let (o, first) = (task / pieces, task % pieces * COLUMNS);
            f(Block { axis, inner, outer: o..o + 1, columns: first..inner.min(first + COLUMNS) });
        });
    }

    /// Its lines, in registers of `lanes`.
    #[inline(always)]
    fn lines(self, lanes: usize) -> impl Iterator<Item = Line> {
        let Block { axis, inner, outer, columns } = self;
        let abreast = if inner == 1 { 1 } else { lanes };
        outer.flat_map(move |o| {
            let columns = columns.clone();
            columns.clone().step_by(abreast).map(move |column| {
                let start = o * axis * inner + column;
                if inner == 1 {
                    Line::row(start, axis, lanes)
                } else {
                    Line::side_by_side(start, axis, inner, abreast.min(columns.end - column), lanes)
                }
            })
        })
    }
}

fn normalise<T: Real, const LOG: bool>(outer: usize, axis: usize, inner: usize, x: &[T], out: &mut [T]) {
    assert!(x.len() == outer * axis * inner && out.len() == x.len());
    let out = Parts::new(out);
    Block::each(outer, axis, inner, |block| simd::dispatch(Normalise::<T, LOG> { block, x, out: out.ptr() }));
}

fn gradient<T: Real, const LOG: bool>(outer: usize, axis: usize, inner: usize, g: &[T], y: &[T], out: &mut [T]) {
    assert!(g.len() == outer * axis * inner && y.len() == g.len() && out.len() == g.len());
    let out = Parts::new(out);
    Block::each(outer, axis, inner, |block| simd::dispatch(Gradient::<T, LOG> { block, g, y, out: out.ptr() }));
}

/// The registers that make up one line along the axis, or several lines side by side.
#[derive(Clone, Copy)]
struct Line {
    /// Position of the first register.
    start: usize,
    /// Distance of registers.
    step: usize,
    /// How many are full, and how many there are.
    full: usize,
    count: usize,
    /// Lanes in use of those that are not full.
    rest: usize,
    /// Whether the lanes belong to one line.
    across: bool,
}

impl Line {
    /// The row of `len` elements from `start` on.
    #[inline(always)]
    fn row(start: usize, len: usize, lanes: usize) -> Line {
        Line { start, step: lanes, full: len / lanes, count: len.div_ceil(lanes), rest: len % lanes, across: true }
    }

    /// `width` lines of `axis` elements, `inner` apart, from `start` on.
    #[inline(always)]
    fn side_by_side(start: usize, axis: usize, inner: usize, width: usize, lanes: usize) -> Line {
        let full = if width == lanes { axis } else { 0 };
        Line { start, step: inner, full, count: axis, rest: width, across: false }
    }

    /// Steps through the registers of `inputs`, and stores what `step` gives if it gives something new. Lanes that
    /// are not in use are `fill`.
    ///
    /// # Safety
    /// The line lies inside the inputs and, if the step stores, inside `out`, which nobody else uses.
    #[inline(always)]
    unsafe fn each<V: Vector, S: Step<V, K>, const K: usize>(
        self,
        inputs: [*const V::Elem; K],
        out: *mut V::Elem,
        fill: V::Elem,
        step: &mut S,
    ) {
        let mut x = [V::splat(fill); K];
        // SAFETY: by the caller's promise.
        unsafe {
            for i in 0..self.full {
                let at = self.start + i * self.step;
                for k in 0..K {
                    x[k] = V::load(inputs[k].add(at));
                }
                let y = step.step(x);
                if S::STORES {
                    y.store(out.add(at));
                }
            }
            for i in self.full..self.count {
                let at = self.start + i * self.step;
                for k in 0..K {
                    let mut lanes = [fill; 16];
                    std::ptr::copy_nonoverlapping(inputs[k].add(at), lanes.as_mut_ptr(), self.rest);
                    x[k] = V::load(lanes.as_ptr());
                }
                let y = step.step(x);
                if S::STORES {
                    y.store_first(out.add(at), self.rest);
                }
            }
        }
    }

    /// The sum of each line, in all of its lanes.
    #[inline(always)]
    fn sum<V: Vector>(self, v: V) -> V {
        if self.across { V::splat(v.sum()) } else { v }
    }

    /// The maximum of each line, in all of its lanes.
    #[inline(always)]
    fn max<V: Vector>(self, v: V) -> V {
        if self.across { V::splat(v.max_lane()) } else { v }
    }

    /// The maximum of each line, and the sum of `exp(x - max)`, which are stored if `STORE`.
    ///
    /// # Safety
    /// As [`Line::each`].
    #[inline(always)]
    unsafe fn max_and_sum<V: Vector, const STORE: bool>(self, x: *const V::Elem, out: *mut V::Elem) -> (V, V) {
        let lowest = -V::Elem::INFINITY;
        let mut max = Max(V::splat(lowest));
        // SAFETY: handed on.
        unsafe { self.each([x], out, lowest, &mut max) };
        let max = self.max(max.0);
        let mut exps = Exp::<V, STORE> { max, sum: V::splat(V::Elem::ZERO) };
        // SAFETY: handed on. Lanes that are not in use add exp(-inf) = 0.
        unsafe { self.each([x], out, lowest, &mut exps) };
        (max, self.sum(exps.sum))
    }
}

/// What is done with each register of a line. Implementations of `step` are `#[inline(always)]`.
trait Step<V: Vector, const K: usize> {
    /// Whether the result is stored.
    const STORES: bool;
    fn step(&mut self, x: [V; K]) -> V;
}

struct Max<V>(V);

impl<V: Vector> Step<V, 1> for Max<V> {
    const STORES: bool = false;
    #[inline(always)]
    fn step(&mut self, [x]: [V; 1]) -> V {
        self.0 = self.0.max(x);
        x
    }
}

struct Exp<V, const STORE: bool> {
    max: V,
    sum: V,
}

impl<V: Vector, const STORE: bool> Step<V, 1> for Exp<V, STORE> {
    const STORES: bool = STORE;
    #[inline(always)]
    fn step(&mut self, [x]: [V; 1]) -> V {
        let e = (x - self.max).exp();
        self.sum = self.sum + e;
        e
    }
}

struct Scale<V>(V);

impl<V: Vector> Step<V, 1> for Scale<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [x]: [V; 1]) -> V {
        x * self.0
    }
}

/// `x - max - ln(sum)`: two subtractions, as the logarithm is small beside a large maximum.
struct Shift<V> {
    max: V,
    log: V,
}

impl<V: Vector> Step<V, 1> for Shift<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [x]: [V; 1]) -> V {
        x - self.max - self.log
    }
}

struct Dot<V>(V);

impl<V: Vector> Step<V, 2> for Dot<V> {
    const STORES: bool = false;
    #[inline(always)]
    fn step(&mut self, [g, y]: [V; 2]) -> V {
        self.0 = g.mul_add(y, self.0);
        g
    }
}

impl<V: Vector> Step<V, 1> for Dot<V> {
    const STORES: bool = false;
    #[inline(always)]
    fn step(&mut self, [g]: [V; 1]) -> V {
        self.0 = self.0 + g;
        g
    }
}

struct SoftmaxGrad<V>(V);

impl<V: Vector> Step<V, 2> for SoftmaxGrad<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [g, y]: [V; 2]) -> V {
        y * (g - self.0)
    }
}

struct LogSoftmaxGrad<V>(V);

impl<V: Vector> Step<V, 2> for LogSoftmaxGrad<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [g, y]: [V; 2]) -> V {
        g - y.exp() * self.0
    }
}

struct Normalise<'a, T, const LOG: bool> {
    block: Block,
    x: &'a [T],
    out: *mut T,
}

impl<T: Real, const LOG: bool> Kernel for Normalise<'_, T, LOG> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (x, out) = (self.x.as_ptr(), self.out);
        for line in self.block.lines(<T::V<I>>::LANES) {
            // SAFETY: lines of the block lie inside both arrays, and are this task's alone.
            unsafe {
                if LOG {
                    let (max, sum) = line.max_and_sum::<T::V<I>, false>(x, out);
                    line.each([x], out, T::ZERO, &mut Shift { max, log: sum.ln() });
                } else {
                    let (_, sum) = line.max_and_sum::<T::V<I>, true>(x, out);
                    line.each([out.cast_const()], out, T::ZERO, &mut Scale(<T::V<I>>::splat(T::ONE) / sum));
                }
            }
        }
    }
}

struct Causal<'a, T> {
    rows: Range<usize>,
    queries: usize,
    keys: usize,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for Causal<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let keys = self.keys;
        for (row, out) in self.rows.zip(self.out.chunks_exact_mut(keys.max(1))) {
            let seen = keys.min(row % self.queries + 1);
            let (x, line) = (&self.x[row * keys..][..seen], Line::row(0, seen, <T::V<I>>::LANES));
            let (seen, beyond) = out.split_at_mut(seen);
            beyond.fill(T::ZERO);
            let out = seen.as_mut_ptr();
            // SAFETY: the line is the part that is seen of one row, and so are `x` and `out`.
            unsafe {
                let (_, sum) = line.max_and_sum::<T::V<I>, true>(x.as_ptr(), out);
                line.each([out.cast_const()], out, T::ZERO, &mut Scale(<T::V<I>>::splat(T::ONE) / sum));
            }
        }
    }
}

struct Gradient<'a, T, const LOG: bool> {
    block: Block,
    g: &'a [T],
    y: &'a [T],
    out: *mut T,
}

impl<T: Real, const LOG: bool> Kernel for Gradient<'_, T, LOG> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (g, y, out) = (self.g.as_ptr(), self.y.as_ptr(), self.out);
        for line in self.block.lines(<T::V<I>>::LANES) {
            let mut dot = Dot(<T::V<I>>::splat(T::ZERO));
            // SAFETY: lines of the block lie inside all arrays, and are this task's alone in `out`.
            unsafe {
                if LOG {
                    line.each([g], out, T::ZERO, &mut dot);
                    line.each([g, y], out, T::ZERO, &mut LogSoftmaxGrad(line.sum(dot.0)));
                } else {
                    line.each([g, y], out, T::ZERO, &mut dot);
                    line.each([g, y], out, T::ZERO, &mut SoftmaxGrad(line.sum(dot.0)));
                }
            }
        }
    }
}

struct Loss<'a, T> {
    spec: &'a CrossEntropy<'a, T>,
    cols: usize,
    weights: f64,
    logits: &'a [T],
    target: &'a [i64],
    loss: &'a mut [T],
    lse: &'a mut [T],
}

impl<T: Real> Kernel for Loss<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let CrossEntropy { weight, label_smoothing, .. } = *self.spec;
        let cols = self.cols;
        for (row, &target) in self.target.iter().enumerate() {
            let x = &self.logits[row * cols..][..cols];
            let line = Line::row(0, cols, <T::V<I>>::LANES);
            // SAFETY: the line is the row; nothing is stored.
            let (max, sum) = unsafe { line.max_and_sum::<T::V<I>, false>(x.as_ptr(), std::ptr::null_mut()) };
            // Both are equal in all lanes.
            let lse = (max + sum.ln()).max_lane();
            self.lse[row] = lse;
            let Some(class) = self.spec.class(target, cols) else {
                self.loss[row] = T::ZERO;
                continue;
            };
            let lse = lse.to_f64();
            let mut loss = (1.0 - label_smoothing) * self.spec.weight_of(class) * (lse - x[class].to_f64());
            if label_smoothing > 0.0 {
                let [sum] = match weight {
                    Some(w) => sums::<I, T, _, 2, 1>(Weighted, [x, w]),
                    None => sums::<I, T, _, 1, 1>(Values, [x]),
                };
                loss += label_smoothing / cols as f64 * (self.weights * lse - sum.to_f64());
            }
            self.loss[row] = T::from_f64(loss);
        }
    }
}

/// Products of two rows.
#[derive(Clone, Copy)]
struct Weighted;

impl<T: Real> Terms<T, 2, 1> for Weighted {
    #[inline(always)]
    fn of<V: Vector<Elem = T>>(self, [x, w]: [V; 2]) -> [V; 1] {
        [x * w]
    }
}

struct LossGrad<'a, T> {
    spec: &'a CrossEntropy<'a, T>,
    cols: usize,
    weights: f64,
    logits: &'a [T],
    target: &'a [i64],
    lse: &'a [T],
    grad_loss: &'a [T],
    out: &'a mut [T],
}

/// `exp(x - lse) * scale - even`, the even share of smoothed labels.
struct Probability<V> {
    lse: V,
    scale: V,
    even: V,
}

impl<V: Vector> Step<V, 1> for Probability<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [x]: [V; 1]) -> V {
        (x - self.lse).exp() * self.scale - self.even
    }
}

impl<V: Vector> Step<V, 2> for Probability<V> {
    const STORES: bool = true;
    #[inline(always)]
    fn step(&mut self, [x, w]: [V; 2]) -> V {
        (x - self.lse).exp() * self.scale - self.even * w
    }
}

impl<T: Real> Kernel for LossGrad<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let cols = self.cols;
        let smoothing = self.spec.label_smoothing;
        for (row, &target) in self.target.iter().enumerate() {
            let (x, out) = (&self.logits[row * cols..][..cols], &mut self.out[row * cols..][..cols]);
            let Some(class) = self.spec.class(target, cols) else {
                out.fill(T::ZERO);
                continue;
            };
            let g = self.grad_loss[row].to_f64();
            let hard = g * (1.0 - smoothing) * self.spec.weight_of(class);
            let even = g * smoothing / cols as f64;
            let splat = |value: f64| <T::V<I>>::splat(T::from_f64(value));
            let mut step = Probability {
                lse: <T::V<I>>::splat(self.lse[row]),
                scale: splat(hard + even * self.weights),
                even: splat(even),
            };
            let line = Line::row(0, cols, <T::V<I>>::LANES);
            // SAFETY: the line is the row.
            unsafe {
                match self.spec.weight.filter(|_| smoothing > 0.0) {
                    Some(w) => line.each([x.as_ptr(), w.as_ptr()], out.as_mut_ptr(), T::ZERO, &mut step),
                    None => line.each([x.as_ptr()], out.as_mut_ptr(), T::ZERO, &mut step),
                }
            }
            out[class] -= T::from_f64(hard);
        }
    }
}
