//! Reductions: many elements become one.
//!
//! `axes[i]` says whether axis `i` of `src` is reduced; `out` is contiguous over the kept axes in their order.
//!
//! Results have the same bits on any number of threads and any instruction set: the reduced elements are cut into
//! leaves by shape and strides alone, each leaf goes through a fixed number of accumulators, and what comes out is
//! combined in a binary tree. The error of a sum therefore grows with the logarithm of its length.

use crate::element::{Element, Real};
use crate::par;
use crate::simd::{Isa, Kernel};
use crate::view::{Axes, MAX_AXES, View};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Accumulators of a row: enough to hide the latency of an addition with any registers.
const LANES: usize = 32;
/// Most outputs that are accumulated together.
const TILE: usize = 256;
/// Elements that go through the accumulators before the tree begins, along a row ...
const ROW_LEAF: usize = 4096;
/// ... and down a column, where every element goes to the same one.
const COLUMN_LEAF: usize = 128;
/// Elements per task.
const BLOCK: usize = 16 * 1024;

/// How elements combine. Methods are `#[inline(always)]`, and simple enough for the compiler to use lanes.
trait Fold<T: Element>: Copy + Send + Sync {
    type Acc: Copy + Send + Sync;
    type Out: Element;
    /// What all elements of one output share.
    type Context: Copy + Send + Sync;
    fn context(self, output: usize) -> Self::Context;
    /// The accumulator before any element; `first` is one of those that will come, for folds without a neutral one.
    fn start(self, first: Option<T>) -> Self::Acc;
    fn add(self, acc: Self::Acc, x: T, context: Self::Context) -> Self::Acc;
    fn join(self, a: Self::Acc, b: Self::Acc) -> Self::Acc;
    fn finish(self, acc: Self::Acc) -> Self::Out;
}

/// The axes of a reduction, simplified.
struct Plan<'a, T> {
    src: View<'a, T>,
    /// Output, source.
    kept: Axes<1>,
    /// Order, source.
    reduced: Axes<1>,
    /// Whether neighbouring outputs come from neighbouring elements, which are then accumulated side by side.
    columns: bool,
}

impl<'a, T> Plan<'a, T> {
    /// `logical`: the reduced elements are to be met in row-major order rather than in the order of memory.
    fn new(src: View<'a, T>, axes: &[bool], logical: bool) -> Self {
        debug_assert_eq!(src.shape().len(), axes.len());
        let [kept, reduced] = [false, true].map(|wanted| Part::new(&src, axes, wanted));
        let order = if logical { &reduced.row_major } else { &reduced.strides };
        let reduced = Axes::new(reduced.shape(), &order[..reduced.rank], [&reduced.strides[..reduced.rank]]);
        let kept = Axes::new(kept.shape(), &kept.row_major[..kept.rank], [&kept.strides[..kept.rank]]);
        let columns = kept.others(0) == [1] && reduced.others(0) != [1];
        Plan { src, kept, reduced, columns }
    }
}

/// The kept or the reduced axes.
struct Part {
    rank: usize,
    shape: [usize; MAX_AXES],
    strides: [isize; MAX_AXES],
    row_major: [isize; MAX_AXES],
}

impl Part {
    fn new<T>(src: &View<'_, T>, axes: &[bool], wanted: bool) -> Self {
        let zero = [0; MAX_AXES];
        let mut part = Part { rank: 0, shape: [0; MAX_AXES], strides: zero, row_major: zero };
        for axis in 0..axes.len() {
            if axes[axis] == wanted && src.shape()[axis] != 1 {
                assert!(part.rank < MAX_AXES, "kernels take at most {MAX_AXES} axes, got {:?}", src.shape());
                part.shape[part.rank] = src.shape()[axis];
                part.strides[part.rank] = src.strides()[axis];
                part.rank += 1;
            }
        }
        let mut stride = 1;
        for axis in (0..part.rank).rev() {
            part.row_major[axis] = stride;
            stride *= part.shape[axis] as isize;
        }
        part
    }
    fn shape(&self) -> &[usize] {
        &self.shape[..self.rank]
    }
}

/// Accumulators of a tile, of which the first few are used.
type Accs<A> = [MaybeUninit<A>; TILE];

fn fold<T: Element, F: Fold<T>>(src: View<'_, T>, axes: &[bool], out: &mut [F::Out], f: F) {
    let plan = &Plan::new(src, axes, false);
    let (outputs, len) = (plan.kept.len(), plan.reduced.len());
    assert_eq!(outputs, out.len());
    if outputs == 0 {
        return;
    }
    if len == 0 {
        return out.fill(f.finish(f.start(None)));
    }
    // Tiles of outputs: within a row of columns, or as many as make a worthwhile task.
    let row = if plan.columns { plan.kept.extent(0) } else { outputs };
    let width = if plan.columns { TILE.min(row) } else { (BLOCK / len).clamp(1, TILE) };
    let per_row = row.div_ceil(width);
    let tiles = outputs / row * per_row;
    let tile = |i: usize| {
        let start = i / per_row * row + i % per_row * width;
        start..(start + width).min((i / per_row + 1) * row)
    };
    let cost = outputs * len;
    // Few outputs from many elements: the reduced axes are cut, too.
    let parts = if tiles < 8 && cost >= 4 * BLOCK { len.min(16) } else { 1 };
    let leaf = if plan.columns { COLUMN_LEAF } else { ROW_LEAF };
    let part_len = len.div_ceil(parts).next_multiple_of(leaf);
    let parts = len.div_ceil(part_len);
    if parts == 1 {
        let target = Target(out.as_mut_ptr());
        let group = (BLOCK / (width * len)).max(1);
        par::blocks(tiles, group, cost / tiles, |range| {
            for outs in range.map(tile) {
                let mut accs: Accs<F::Acc> = [const { MaybeUninit::uninit() }; TILE];
                fold_tile(plan, f, outs.clone(), 0..len, &mut accs);
                for (acc, output) in accs.iter().zip(outs) {
                    // SAFETY: `fold_tile` has written as many accumulators as there are outputs; tiles are disjoint.
                    unsafe { target.at(output).write(f.finish(acc.assume_init())) };
                }
            }
        });
    } else {
        let mut partial: Vec<MaybeUninit<F::Acc>> = Vec::with_capacity(parts * outputs);
        let target = Target(partial.as_mut_ptr());
        par::run(tiles * parts, cost, |task| {
            let (part, outs) = (task % parts, tile(task / parts));
            let mut accs: Accs<F::Acc> = [const { MaybeUninit::uninit() }; TILE];
            fold_tile(plan, f, outs.clone(), part * part_len..len.min((part + 1) * part_len), &mut accs);
            for (acc, output) in accs.iter().zip(outs) {
                // SAFETY: within the capacity; tasks are disjoint.
                unsafe { target.at(part * outputs + output).write(*acc) };
            }
        });
        // SAFETY: the tasks have written every part of every output.
        let get = |part: usize, output: usize| unsafe { target.at(part * outputs + output).read().assume_init() };
        for (output, value) in out.iter_mut().enumerate() {
            *value = f.finish(join_parts(f, 0..parts, &|part| get(part, output)));
        }
    }
}

/// A place that tasks write to, each at its own index.
struct Target<U>(*mut U);
// SAFETY: the tasks write to different elements.
unsafe impl<U: Send> Sync for Target<U> {}
impl<U> Target<U> {
    /// # Safety
    /// `index` is within the memory, and used by one task only.
    unsafe fn at(&self, index: usize) -> *mut U {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(index) }
    }
}

fn join_parts<T: Element, F: Fold<T>>(f: F, parts: Range<usize>, get: &impl Fn(usize) -> F::Acc) -> F::Acc {
    if parts.len() == 1 {
        return get(parts.start);
    }
    let middle = parts.start + parts.len().next_power_of_two() / 2;
    f.join(join_parts(f, parts.start..middle, get), join_parts(f, middle..parts.end, get))
}

/// Accumulates a range of reduced positions for a tile of outputs, pairwise above the leaves.
fn fold_tile<T: Element, F: Fold<T>>(
    plan: &Plan<'_, T>,
    f: F,
    outs: Range<usize>,
    range: Range<usize>,
    accs: &mut Accs<F::Acc>,
) {
    let leaf = if plan.columns { COLUMN_LEAF } else { ROW_LEAF };
    if range.len() <= leaf {
        return T::enter(Leaf { plan, f, outs, range, accs, element: PhantomData });
    }
    let middle = range.start + (range.len().div_ceil(leaf).next_power_of_two() / 2) * leaf;
    let mut right: Accs<F::Acc> = [const { MaybeUninit::uninit() }; TILE];
    fold_tile(plan, f, outs.clone(), range.start..middle, accs);
    fold_tile(plan, f, outs.clone(), middle..range.end, &mut right);
    for (acc, right) in accs.iter_mut().zip(&right).take(outs.len()) {
        // SAFETY: both have been written for every output of the tile.
        acc.write(unsafe { f.join(acc.assume_init(), right.assume_init()) });
    }
}

struct Leaf<'a, T: Element, F: Fold<T>> {
    plan: &'a Plan<'a, T>,
    f: F,
    outs: Range<usize>,
    range: Range<usize>,
    accs: &'a mut Accs<F::Acc>,
    element: PhantomData<T>,
}

impl<T: Element, F: Fold<T>> Kernel for Leaf<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.plan.columns { self.columns() } else { self.rows() }
    }
}

impl<T: Element, F: Fold<T>> Leaf<'_, T, F> {
    #[inline(always)]
    fn rows(self) {
        let Leaf { plan, f, outs, range, accs, .. } = self;
        let step = plan.reduced.others(0)[0];
        let first = outs.start;
        let mut done = 0;
        for outputs in plan.kept.walk(outs) {
            for i in 0..outputs.len {
                let base = outputs.others[0] + i as isize * plan.kept.others(0)[0];
                let context = f.context(first + done);
                let mut total = None;
                for piece in plan.reduced.walk(range.clone()) {
                    // SAFETY: the walks stay within the source.
                    let acc = unsafe {
                        let p = plan.src.ptr().offset(base + piece.others[0]);
                        if step == 1 && piece.len >= LANES {
                            fold_row(f, p, 1, piece.len, context)
                        } else {
                            fold_row(f, p, step, piece.len, context)
                        }
                    };
                    total = Some(total.map_or(acc, |total| f.join(total, acc)));
                }
                if let Some(total) = total {
                    accs[done].write(total);
                }
                done += 1;
            }
        }
    }

    #[inline(always)]
    fn columns(self) {
        let Leaf { plan, f, outs, range, accs, .. } = self;
        let width = outs.len().min(TILE);
        let step = plan.reduced.others(0)[0];
        let mut contexts = [const { MaybeUninit::uninit() }; TILE];
        for (context, output) in contexts.iter_mut().zip(outs.clone()) {
            context.write(f.context(output));
        }
        let Some(outputs) = plan.kept.walk(outs).next() else { return };
        // SAFETY: the walks stay within the source, in which the outputs of a tile are neighbours. The first row
        // initialises the accumulators.
        unsafe {
            let base = plan.src.ptr().offset(outputs.others[0]);
            let mut fresh = true;
            for piece in plan.reduced.walk(range) {
                for i in 0..piece.len as isize {
                    let row = base.offset(piece.others[0] + i * step);
                    if fresh {
                        (0..width).for_each(|j| _ = accs[j].write(f.start(Some(*row.add(j)))));
                        fresh = false;
                    }
                    for j in 0..width {
                        let (acc, context) = (accs[j].assume_init(), contexts[j].assume_init());
                        accs[j].write(f.add(acc, *row.add(j), context));
                    }
                }
            }
        }
    }
}

/// # Safety
/// `len > 0` elements are readable at `p`, `step` apart.
#[inline(always)]
unsafe fn fold_row<T: Element, F: Fold<T>>(f: F, p: *const T, step: isize, len: usize, context: F::Context) -> F::Acc {
    // SAFETY: the caller's promise; also below.
    let at = |i: usize| unsafe { *p.offset(i as isize * step) };
    let start = f.start(Some(at(0)));
    if len < LANES {
        return (0..len).fold(start, |acc, i| f.add(acc, at(i), context));
    }
    let mut lanes = [start; LANES];
    let whole = len - len % LANES;
    for chunk in (0..whole).step_by(LANES) {
        // First all loads, then all additions: both become lanes.
        let mut x = [at(chunk); LANES];
        (0..LANES).for_each(|lane| x[lane] = at(chunk + lane));
        (0..LANES).for_each(|lane| lanes[lane] = f.add(lanes[lane], x[lane], context));
    }
    for i in whole..len {
        lanes[i - whole] = f.add(lanes[i - whole], at(i), context);
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = f.join(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Defines a fold without context. `$x` is an element in its computing type.
macro_rules! fold {
    ($name:ident, $t:ident: [$($bound:tt)*], $acc:ty => $out:ty; start $first:ident: $start:expr;
     add($a:ident, $x:ident) = $add:expr; join($b:ident, $c:ident) = $join:expr; finish($d:ident) = $finish:expr) => {
        #[derive(Clone, Copy)]
        struct $name;
        impl<$t: Element> Fold<$t> for $name
        where
            $($bound)*
        {
            type Acc = $acc;
            type Out = $out;
            type Context = ();
            #[inline(always)]
            fn context(self, _: usize) {}
            #[inline(always)]
            fn start(self, $first: Option<$t>) -> $acc {
                $start
            }
            #[inline(always)]
            fn add(self, $a: $acc, x: $t, _: ()) -> $acc {
                let $x = x;
                $add
            }
            #[inline(always)]
            fn join(self, $b: $acc, $c: $acc) -> $acc {
                $join
            }
            #[inline(always)]
            fn finish(self, $d: $acc) -> $out {
                $finish
            }
        }
    };
}

fold! { Sum, T: [T::Compute: Real], T::Compute => T; start _first: Real::ZERO;
add(a, x) = a + x.to_compute(); join(a, b) = a + b; finish(a) = T::from_compute(a) }
fold! { Product, T: [T::Compute: Real], T::Compute => T; start _first: Real::ONE;
add(a, x) = a * x.to_compute(); join(a, b) = a * b; finish(a) = T::from_compute(a) }
fold! { IntegerSum, T: [], i64 => i64; start _first: 0;
add(a, x) = a.wrapping_add(x.to_i64()); join(a, b) = a.wrapping_add(b); finish(a) = a }
fold! { IntegerProduct, T: [], i64 => i64; start _first: 1;
add(a, x) = a.wrapping_mul(x.to_i64()); join(a, b) = a.wrapping_mul(b); finish(a) = a }
fold! { Max, T: [], T::Compute => T; start first: seed(first);
add(a, x) = larger(a, x.to_compute()); join(a, b) = larger(a, b); finish(a) = T::from_compute(a) }
fold! { Min, T: [], T::Compute => T; start first: seed(first);
add(a, x) = smaller(a, x.to_compute()); join(a, b) = smaller(a, b); finish(a) = T::from_compute(a) }
fold! { Any, T: [], bool => bool; start _first: false;
add(a, x) = a | (x.to_compute() != T::Compute::default()); join(a, b) = a | b; finish(a) = a }
fold! { All, T: [], bool => bool; start _first: true;
add(a, x) = a & (x.to_compute() != T::Compute::default()); join(a, b) = a & b; finish(a) = a }

#[inline(always)]
fn seed<T: Element>(first: Option<T>) -> T::Compute {
    match first {
        Some(first) => first.to_compute(),
        None => panic!("the extreme of no elements: the caller has to refuse it"),
    }
}

/// NaN is whatever differs from itself.
#[inline(always)]
#[allow(clippy::eq_op)]
fn is_nan<T: PartialEq>(x: T) -> bool {
    x != x
}

/// The larger of two, or the NaN.
#[inline(always)]
fn larger<T: Element>(a: T, b: T) -> T {
    // Not `||`: without a branch the compiler uses lanes.
    if (b > a) | is_nan(b) { b } else { a }
}

/// The smaller of two, or the NaN.
#[inline(always)]
fn smaller<T: Element>(a: T, b: T) -> T {
    if (b < a) | is_nan(b) { b } else { a }
}

/// The sum of squared distances from the outputs' means.
#[derive(Clone, Copy)]
struct Deviation<'a, T> {
    mean: &'a [T],
}
impl<T: Real> Fold<T> for Deviation<'_, T> {
    type Acc = T;
    type Out = T;
    type Context = T;
    #[inline(always)]
    fn context(self, output: usize) -> T {
        self.mean[output]
    }
    #[inline(always)]
    fn start(self, _: Option<T>) -> T {
        T::ZERO
    }
    #[inline(always)]
    fn add(self, acc: T, x: T, mean: T) -> T {
        let distance = x - mean;
        acc + distance * distance
    }
    #[inline(always)]
    fn join(self, a: T, b: T) -> T {
        a + b
    }
    #[inline(always)]
    fn finish(self, acc: T) -> T {
        acc
    }
}

/// Sums of floats; 16-bit floats are accumulated in `f32`. Nothing sums to 0.
pub fn sum<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T])
where
    T::Compute: Real,
{
    fold(src, axes, out, Sum);
}

/// Products of floats; 16-bit floats are accumulated in `f32`. The product of nothing is 1.
pub fn prod<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T])
where
    T::Compute: Real,
{
    fold(src, axes, out, Product);
}

/// Sums of integers or truth values; wraps.
pub fn sum_int<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [i64]) {
    fold(src, axes, out, IntegerSum);
}

/// Products of integers or truth values; wraps.
pub fn prod_int<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [i64]) {
    fold(src, axes, out, IntegerProduct);
}

/// Largest elements; NaN if there is one.
///
/// # Panics
/// If an output is made of no elements.
pub fn max<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T]) {
    fold(src, axes, out, Max);
}

/// Smallest elements; NaN if there is one.
///
/// # Panics
/// If an output is made of no elements.
pub fn min<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T]) {
    fold(src, axes, out, Min);
}

/// Whether any element is not zero.
pub fn any<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [bool]) {
    fold(src, axes, out, Any);
}

/// Whether all elements are not zero.
pub fn all<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [bool]) {
    fold(src, axes, out, All);
}

/// Means, and sums of squared distances from them. Of nothing: NaN and 0.
pub fn moments<T: Real>(src: View<'_, T>, axes: &[bool], mean: &mut [T], m2: &mut [T]) {
    let count: usize =
        axes.iter().zip(src.shape()).filter(|(reduced, _)| **reduced).map(|(_, &extent)| extent).product();
    fold(src, axes, mean, Sum);
    let count = T::from_f64(count as f64);
    mean.iter_mut().for_each(|mean| *mean = *mean / count);
    fold(src, axes, m2, Deviation { mean });
}

/// Where the largest element is: along an axis, or in the row-major order of all. The first NaN, else the first of
/// equals.
///
/// # Panics
/// If an output is made of no elements.
pub fn argmax<T: Element>(src: View<'_, T>, axis: Option<usize>, out: &mut [i64]) {
    arg(src, axis, out, Max);
}

/// Where the smallest element is: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn argmin<T: Element>(src: View<'_, T>, axis: Option<usize>, out: &mut [i64]) {
    arg(src, axis, out, Min);
}

/// The largest elements along an axis and where they are: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn max_with_index<T: Element>(src: View<'_, T>, axis: usize, values: &mut [T], indices: &mut [i64]) {
    with_index(src, Some(axis), values, indices, Max);
}

/// The smallest elements along an axis and where they are: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn min_with_index<T: Element>(src: View<'_, T>, axis: usize, values: &mut [T], indices: &mut [i64]) {
    with_index(src, Some(axis), values, indices, Min);
}

fn arg<T: Element>(src: View<'_, T>, axis: Option<usize>, out: &mut [i64], f: impl Fold<T, Out = T>) {
    par::scratch(out.len(), |values: &mut [MaybeUninit<T>]| {
        values.fill(MaybeUninit::new(T::default()));
        // SAFETY: all have just been written.
        let values = unsafe { &mut *(std::ptr::from_mut(values) as *mut [T]) };
        with_index(src, axis, values, out, f);
    });
}

/// Two passes, because the first then runs at full speed on lanes, and the second stops where it has found the value.
fn with_index<T: Element>(
    src: View<'_, T>,
    axis: Option<usize>,
    values: &mut [T],
    indices: &mut [i64],
    f: impl Fold<T, Out = T>,
) {
    assert_eq!(values.len(), indices.len());
    let mut axes = [false; MAX_AXES];
    let axes = match src.shape().len() {
        rank @ ..=MAX_AXES => &mut axes[..rank],
        rank => panic!("kernels take at most {MAX_AXES} axes, got {rank}"),
    };
    (0..axes.len()).for_each(|i| axes[i] = axis.is_none_or(|axis| axis == i));
    fold(src, axes, values, f);
    let plan = &Plan::new(src, axes, true);
    let (outputs, len) = (values.len(), plan.reduced.len());
    if outputs == 0 {
        return;
    }
    let values: &[T] = values;
    let row = if plan.columns { plan.kept.extent(0) } else { outputs };
    let width = if plan.columns { TILE.min(row) } else { (BLOCK / len).clamp(1, TILE) };
    let per_row = row.div_ceil(width);
    let tiles = outputs / row * per_row;
    let target = Target(indices.as_mut_ptr());
    par::blocks(tiles, (BLOCK / (width * len)).max(1), width * len, |range| {
        for i in range {
            let start = i / per_row * row + i % per_row * width;
            let outs = start..(start + width).min((i / per_row + 1) * row);
            // SAFETY: `outs` is a range of the outputs, and no other tile has any of them.
            let found = unsafe { std::slice::from_raw_parts_mut(target.at(outs.start), outs.len()) };
            T::enter(Find { plan, values: &values[outs.clone()], outs, found });
        }
    });
}

/// Finds the first element that equals an output's value.
struct Find<'a, T> {
    plan: &'a Plan<'a, T>,
    outs: Range<usize>,
    values: &'a [T],
    found: &'a mut [i64],
}

impl<T: Element> Kernel for Find<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.plan.columns { self.columns() } else { self.rows() }
    }
}

impl<T: Element> Find<'_, T> {
    #[inline(always)]
    fn rows(self) {
        let Find { plan, outs, values, found } = self;
        let step = plan.reduced.others(0)[0];
        let mut done = 0;
        for outputs in plan.kept.walk(outs) {
            for i in 0..outputs.len {
                let base = outputs.others[0] + i as isize * plan.kept.others(0)[0];
                let value = values[done].to_compute();
                let mut before = 0;
                for piece in plan.reduced.walk(0..plan.reduced.len()) {
                    // SAFETY: the walks stay within the source.
                    let position = unsafe {
                        let p = plan.src.ptr().offset(base + piece.others[0]);
                        find(p, step, piece.len, value)
                    };
                    if let Some(position) = position {
                        found[done] = (before + position) as i64;
                        break;
                    }
                    before += piece.len;
                }
                done += 1;
            }
        }
    }

    #[inline(always)]
    fn columns(self) {
        let Find { plan, outs, values, found } = self;
        let step = plan.reduced.others(0)[0];
        let Some(outputs) = plan.kept.walk(outs).next() else { return };
        let width = values.len().min(found.len());
        let mut missing = width;
        found.fill(-1);
        let mut position = 0;
        for piece in plan.reduced.walk(0..plan.reduced.len()) {
            for i in 0..piece.len as isize {
                // SAFETY: the walks stay within the source, in which the outputs of a tile are neighbours.
                let hit = |j: usize| unsafe {
                    let x = *plan.src.ptr().offset(outputs.others[0] + piece.others[0] + i * step + j as isize);
                    matches(x.to_compute(), values[j].to_compute())
                };
                // Most rows have no hit, which lanes find out quickly.
                if (0..width).fold(false, |any, j| any | hit(j)) {
                    for j in 0..width {
                        if found[j] < 0 && hit(j) {
                            found[j] = position;
                            missing -= 1;
                        }
                    }
                    if missing == 0 {
                        return;
                    }
                }
                position += 1;
            }
        }
    }
}

/// Equal, or both NaN.
#[inline(always)]
fn matches<T: Element>(x: T, value: T) -> bool {
    (x == value) | (is_nan(x) & is_nan(value))
}

/// # Safety
/// `len` elements are readable at `p`, `step` apart.
#[inline(always)]
unsafe fn find<T: Element>(p: *const T, step: isize, len: usize, value: T::Compute) -> Option<usize> {
    // SAFETY: the caller's promise.
    let hit = |i: usize| matches(unsafe { *p.offset(i as isize * step) }.to_compute(), value);
    let mut at = 0;
    // Whole chunks without looking where, so that lanes can be used.
    while step == 1 && at + LANES <= len {
        if (at..at + LANES).fold(false, |any, i| any | hit(i)) {
            break;
        }
        at += LANES;
    }
    (at..len).find(|&i| hit(i))
}
