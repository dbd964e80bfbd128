//! Scans: sums, products, extremes and sums of exponentials of all elements so far, and linear recurrences.
//!
//! Arrays are contiguous, of shape (`outer`, `len`, `inner`); the scan goes along the middle axis, with `reverse` from
//! its end. Sums and products of `f32` are accumulated in `f64`. Rows, or tiles of neighbouring columns, are tasks; a
//! few very long rows are cut into blocks by their length alone, so results have the same bits on any number of threads.

use crate::element::{Element, Real};
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Columns that are scanned side by side.
const TILE: usize = 128;
/// Elements per task.
const TASK: usize = 16 * 1024;
/// Rows of at least two such blocks are cut.
const BLOCK: usize = 32 * 1024;

/// Numbers that are summed and multiplied: `f32`, `f64`, `i64`.
pub trait Number: Element {
    /// The type of the accumulator.
    type Wide: Copy + Send + Sync;
    /// To the accumulator.
    fn widen(self) -> Self::Wide;
    /// From the accumulator.
    fn narrow(wide: Self::Wide) -> Self;
    /// The sum; of integers it wraps.
    fn plus(a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// The product; of integers it wraps.
    fn times(a: Self::Wide, b: Self::Wide) -> Self::Wide;
}

macro_rules! number {
    ($($t:ty: $wide:ty, $plus:expr, $times:expr);*) => {$(
        impl Number for $t {
            type Wide = $wide;
            #[inline(always)]
            fn widen(self) -> $wide { self as $wide }
            #[inline(always)]
            fn narrow(wide: $wide) -> $t { wide as $t }
            #[inline(always)]
            fn plus(a: $wide, b: $wide) -> $wide { $plus(a, b) }
            #[inline(always)]
            fn times(a: $wide, b: $wide) -> $wide { $times(a, b) }
        }
    )*};
}
number!(f32: f64, |a, b| a + b, |a, b| a * b; f64: f64, |a, b| a + b, |a, b| a * b;
    i64: i64, i64::wrapping_add, i64::wrapping_mul);

/// How a running value takes the next element.
trait Scan<T: Element>: Copy + Send + Sync {
    type Acc: Copy + Send + Sync;
    /// Whether neighbours may be joined before they meet the running value, to shorten the chain of dependent steps.
    const GROUPS: bool;
    fn lift(self, x: T) -> Self::Acc;
    fn join(self, a: Self::Acc, b: Self::Acc) -> Self::Acc;
    fn finish(self, acc: Self::Acc) -> T;
}

#[derive(Clone, Copy)]
struct Sum;
impl<T: Number> Scan<T> for Sum {
    type Acc = T::Wide;
    const GROUPS: bool = true;
    #[inline(always)]
    fn lift(self, x: T) -> T::Wide {
        x.widen()
    }
    #[inline(always)]
    fn join(self, a: T::Wide, b: T::Wide) -> T::Wide {
        T::plus(a, b)
    }
    #[inline(always)]
    fn finish(self, acc: T::Wide) -> T {
        T::narrow(acc)
    }
}

/// Not in groups: after a zero, factors whose own product overflows must not make it NaN.
#[derive(Clone, Copy)]
struct Product;
impl<T: Number> Scan<T> for Product {
    type Acc = T::Wide;
    const GROUPS: bool = false;
    #[inline(always)]
    fn lift(self, x: T) -> T::Wide {
        x.widen()
    }
    #[inline(always)]
    fn join(self, a: T::Wide, b: T::Wide) -> T::Wide {
        T::times(a, b)
    }
    #[inline(always)]
    fn finish(self, acc: T::Wide) -> T {
        T::narrow(acc)
    }
}

/// The largest so far, or the smallest; NaN once there is one.
#[derive(Clone, Copy)]
struct Extreme<const LARGEST: bool>;
impl<const LARGEST: bool, T: Element> Scan<T> for Extreme<LARGEST> {
    type Acc = T;
    const GROUPS: bool = true;
    #[inline(always)]
    fn lift(self, x: T) -> T {
        x
    }
    #[inline(always)]
    #[allow(clippy::eq_op)]
    fn join(self, a: T, b: T) -> T {
        let better = if LARGEST { b >= a } else { b <= a };
        if (better & (a == a)) | (b != b) { b } else { a }
    }
    #[inline(always)]
    fn finish(self, acc: T) -> T {
        acc
    }
}

#[derive(Clone, Copy)]
struct LogSumExp;
impl<T: Real> Scan<T> for LogSumExp {
    type Acc = f64;
    const GROUPS: bool = false;
    #[inline(always)]
    fn lift(self, x: T) -> f64 {
        x.to_f64()
    }
    #[inline(always)]
    fn join(self, a: f64, b: f64) -> f64 {
        let (low, high) = if a > b { (b, a) } else { (a, b) };
        // The difference of equal infinities would be NaN.
        if low == high && high.is_infinite() { high } else { high + (low - high).exp().ln_1p() }
    }
    #[inline(always)]
    fn finish(self, acc: f64) -> T {
        T::from_f64(acc)
    }
}

/// Where lines lie.
#[derive(Clone, Copy)]
struct Lines {
    outer: usize,
    len: usize,
    inner: usize,
    reverse: bool,
}

impl Lines {
    /// The distance from an element to the next of its line.
    fn step(self) -> isize {
        if self.reverse { -(self.inner as isize) } else { self.inner as isize }
    }

    /// Calls `f` with ranges of tiles.
    fn tasks(self, f: impl Fn(Range<usize>) + Sync) {
        let Lines { outer, len, inner, .. } = self;
        if outer * len * inner > 0 {
            let cost = inner.min(TILE) * len;
            par::blocks(outer * inner.div_ceil(TILE), (TASK / cost).max(1), cost, f);
        }
    }

    /// Where a tile's first elements lie, and how many lines it has.
    #[inline(always)]
    fn tile(self, i: usize) -> (usize, usize) {
        let per_row = self.inner.div_ceil(TILE);
        let column = i % per_row * TILE;
        let first = if self.reverse { (self.len - 1) * self.inner } else { 0 };
        (i / per_row * self.len * self.inner + first + column, TILE.min(self.inner - column))
    }
}

/// A scan of some tiles.
struct Tiles<'a, T: Element, F> {
    f: F,
    lines: Lines,
    tiles: Range<usize>,
    src: &'a [T],
    out: &'a Parts<'a, T>,
}

impl<T: Element, F: Scan<T>> Kernel for Tiles<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Tiles { f, lines, tiles, src, out } = self;
        for i in tiles {
            let (start, width) = lines.tile(i);
            // SAFETY: tiles lie inside both arrays, which are of the same length, and are disjoint.
            unsafe {
                let (src, out) = (src.as_ptr().add(start), out.ptr().add(start));
                match (width, lines.step()) {
                    (1, 1) => _ = row(f, src, Some(out), 1, lines.len, None),
                    (1, step) => _ = row(f, src, Some(out), step, lines.len, None),
                    (_, step) => columns(f, src, out, step, lines.len, width),
                }
            }
        }
    }
}

/// Scans one line from the running value `before`; gives the last one. Without `out` nothing is written.
///
/// # Safety
/// `len` elements, `step` apart, are readable at `src` and writable at `out`.
#[inline(always)]
unsafe fn row<T: Element, F: Scan<T>>(
    f: F,
    src: *const T,
    out: Option<*mut T>,
    step: isize,
    len: usize,
    before: Option<F::Acc>,
) -> Option<F::Acc> {
    // SAFETY: the caller's promise, here and below.
    let at = |k: usize| f.lift(unsafe { *src.offset(k as isize * step) });
    let write = |k: usize, acc: F::Acc| {
        if let Some(out) = out {
            // SAFETY: as above.
            unsafe { *out.offset(k as isize * step) = f.finish(acc) };
        }
    };
    if len == 0 {
        return before;
    }
    let mut acc = before.map_or_else(|| at(0), |before| f.join(before, at(0)));
    write(0, acc);
    let mut k = 1;
    while F::GROUPS && k + 4 <= len {
        let a = at(k);
        let b = f.join(a, at(k + 1));
        let c = f.join(b, at(k + 2));
        let d = f.join(c, at(k + 3));
        write(k, f.join(acc, a));
        write(k + 1, f.join(acc, b));
        write(k + 2, f.join(acc, c));
        acc = f.join(acc, d);
        write(k + 3, acc);
        k += 4;
    }
    for k in k..len {
        acc = f.join(acc, at(k));
        write(k, acc);
    }
    Some(acc)
}

/// Scans `width <= TILE` neighbouring lines side by side.
///
/// # Safety
/// `len` rows of `width` elements, `step` apart, are readable at `src` and writable at `out`.
#[inline(always)]
unsafe fn columns<T: Element, F: Scan<T>>(f: F, src: *const T, out: *mut T, step: isize, len: usize, width: usize) {
    let mut accs = [const { MaybeUninit::uninit() }; TILE];
    let accs = &mut accs[..width];
    for k in 0..len as isize {
        // SAFETY: the caller's promise; the first row initialises the accumulators.
        unsafe {
            let (src, out) = (src.offset(k * step), out.offset(k * step));
            for (j, acc) in accs.iter_mut().enumerate() {
                let x = f.lift(*src.add(j));
                let next = if k == 0 { x } else { f.join(acc.assume_init(), x) };
                acc.write(next);
                *out.add(j) = f.finish(next);
            }
        }
    }
}

fn scan<T: Element, F: Scan<T>>(f: F, lines: Lines, src: &[T], out: &mut [T]) {
    assert!(src.len() == lines.outer * lines.len * lines.inner && out.len() == src.len());
    let out = &Parts::new(out);
    if F::GROUPS && lines.inner == 1 && lines.len >= 2 * BLOCK && lines.outer < 8 {
        for i in 0..lines.outer {
            long_row(f, lines, i * lines.len, src, out);
        }
        return;
    }
    lines.tasks(|tiles| simd::dispatch_elementwise(Tiles { f, lines, tiles, src, out }));
}

/// Part of a long row: its last running value alone, or all of them after `before`.
struct Piece<'a, T: Element, F: Scan<T>> {
    f: F,
    src: &'a [T],
    start: usize,
    len: usize,
    step: isize,
    before: Option<F::Acc>,
    out: Option<&'a Parts<'a, T>>,
}

impl<T: Element, F: Scan<T>> Kernel for Piece<'_, T, F> {
    type Output = Option<F::Acc>;
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> Self::Output {
        let Piece { f, src, start, len, step, before, out } = self;
        // SAFETY: the piece lies inside the row, and no other has its elements.
        unsafe { row(f, src.as_ptr().add(start), out.map(|out| out.ptr().add(start)), step, len, before) }
    }
}

/// Scans a row block by block in two passes: first what each block amounts to, then from what came before it.
fn long_row<T: Element, F: Scan<T>>(f: F, lines: Lines, row: usize, src: &[T], out: &Parts<'_, T>) {
    let (len, step) = (lines.len, lines.step());
    let blocks = len.div_ceil(BLOCK);
    let piece = |i: usize, before, out| {
        let (first, size) = (i * BLOCK, BLOCK.min(len - i * BLOCK));
        let start = row + if lines.reverse { len - 1 - first } else { first };
        simd::dispatch_elementwise(Piece { f, src, start, len: size, step, before, out })
    };
    let mut totals = vec![None; blocks];
    let shared = Parts::new(&mut totals);
    par::run(blocks - 1, len, |i| {
        // SAFETY: every task writes its own element.
        unsafe { *shared.ptr().add(i) = piece(i, None, None) }
    });
    let mut before = vec![None; blocks];
    for i in 1..blocks {
        before[i] = match (before[i - 1], totals[i - 1]) {
            (Some(a), Some(b)) => Some(f.join(a, b)),
            (a, b) => a.or(b),
        };
    }
    par::run(blocks, len, |i| _ = piece(i, before[i], Some(out)));
}

/// Running sums.
pub fn cumsum<T: Number>(outer: usize, len: usize, inner: usize, reverse: bool, src: &[T], out: &mut [T]) {
    scan(Sum, Lines { outer, len, inner, reverse }, src, out);
}

/// Running products.
pub fn cumprod<T: Number>(outer: usize, len: usize, inner: usize, src: &[T], out: &mut [T]) {
    scan(Product, Lines { outer, len, inner, reverse: false }, src, out);
}

/// Largest elements so far, NaN from the first NaN on, and where they are (the last of equals).
pub fn cummax<T: Element>(outer: usize, len: usize, inner: usize, src: &[T], out: &mut [T], at: &mut [i64]) {
    let lines = Lines { outer, len, inner, reverse: false };
    scan(Extreme::<true>, lines, src, out);
    positions(lines, src, out, at);
}

/// Smallest elements so far, otherwise as [`cummax`].
pub fn cummin<T: Element>(outer: usize, len: usize, inner: usize, src: &[T], out: &mut [T], at: &mut [i64]) {
    let lines = Lines { outer, len, inner, reverse: false };
    scan(Extreme::<false>, lines, src, out);
    positions(lines, src, out, at);
}

/// Logarithms of the running sums of exponentials, without overflow.
pub fn logcumsumexp<T: Real>(outer: usize, len: usize, inner: usize, src: &[T], out: &mut [T]) {
    scan(LogSumExp, Lines { outer, len, inner, reverse: false }, src, out);
}

/// The last place so far where an element equals the running value.
fn positions<T: Element>(lines: Lines, src: &[T], values: &[T], at: &mut [i64]) {
    assert!(src.len() == values.len() && src.len() == at.len());
    let at = &Parts::new(at);
    lines.tasks(|tiles| simd::dispatch_elementwise(Positions { lines, tiles, src, values, at }));
}

struct Positions<'a, T> {
    lines: Lines,
    tiles: Range<usize>,
    src: &'a [T],
    values: &'a [T],
    at: &'a Parts<'a, i64>,
}

impl<T: Element> Kernel for Positions<'_, T> {
    type Output = ();
    #[inline(always)]
    #[allow(clippy::eq_op)]
    fn call<I: Isa>(self, _: I) {
        for i in self.tiles {
            let (start, width) = self.lines.tile(i);
            let mut last = [0; TILE];
            for k in 0..self.lines.len {
                let row = start + k * self.lines.inner;
                let (src, values) = (&self.src[row..row + width], &self.values[row..row + width]);
                // SAFETY: tiles are disjoint.
                let at = unsafe { self.at.range(row..row + width) };
                for j in 0..width {
                    let (x, value) = (src[j], values[j]);
                    let hit = (x == value) | ((x != x) & (value != value));
                    last[j] = if hit { k as i64 } else { last[j] };
                    at[j] = last[j];
                }
            }
        }
    }
}

/// The linear recurrence `out[k] = b[k] + a[k] * out[k - 1]` from 0; with `reverse` the next element takes the place of
/// the one before.
pub fn recurrence<T: Real + Number>(
    outer: usize,
    len: usize,
    inner: usize,
    reverse: bool,
    [b, a]: [&[T]; 2],
    out: &mut [T],
) {
    let lines = Lines { outer, len, inner, reverse };
    assert!(b.len() == outer * len * inner && a.len() == b.len() && out.len() == b.len());
    let out = &Parts::new(out);
    lines.tasks(|tiles| simd::dispatch_elementwise(Recurrence { lines, tiles, b, a, out }));
}

struct Recurrence<'a, T> {
    lines: Lines,
    tiles: Range<usize>,
    b: &'a [T],
    a: &'a [T],
    out: &'a Parts<'a, T>,
}

impl<T: Real + Number> Kernel for Recurrence<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        for i in self.tiles {
            let (start, width) = self.lines.tile(i);
            let mut accs = [T::default().widen(); TILE];
            let accs = &mut accs[..width];
            for k in 0..self.lines.len as isize {
                let row = (start as isize + k * self.lines.step()) as usize;
                let (b, a) = (&self.b[row..row + width], &self.a[row..row + width]);
                // SAFETY: tiles are disjoint.
                let out = unsafe { self.out.range(row..row + width) };
                for j in 0..width {
                    // The first element takes nothing from before it, even if its factor is infinite.
                    let b = b[j].widen();
                    accs[j] = if k == 0 { b } else { T::plus(b, T::times(a[j].widen(), accs[j])) };
                    out[j] = T::narrow(accs[j]);
                }
            }
        }
    }
}
