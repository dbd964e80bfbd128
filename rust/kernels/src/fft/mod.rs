//! Discrete Fourier transforms of complex numbers as pairs, of any length.
//!
//! Inside, real and imaginary parts lie apart and [`WIDTH`] transforms run side by side, so every pass works on whole
//! registers without shuffles ([`stages`]). A long transform is a matrix whose columns and rows are such blocks, which
//! also makes it fit into caches and gives it several tasks. Lengths with large primes are convolutions. Real numbers
//! of even count are transformed as half as many pairs.
//!
//! The other direction is the same with real and imaginary parts exchanged on both ends.

mod plan;
mod stages;

use crate::element::Real;
use crate::par;
use crate::simd::{self, Isa, Kernel};
use plan::{Kind, Plan, plan, quarter_turn};
use stages::{Block, FINE, Multiply, Source, Target, WIDTH};

/// Whether transforms of length `n` run side by side ([`columns`]): there is no large prime factor, and the block
/// fits into a cache.
pub fn side_by_side(n: usize) -> bool {
    n <= 4096 && stages::radices(n).is_some()
}

/// A pointer that tasks share; each writes its own places.
#[derive(Clone, Copy)]
struct Shared<P>(P);
// SAFETY: tasks write disjoint places of one output and read what nobody writes.
unsafe impl<P> Send for Shared<P> {}
// SAFETY: as above.
unsafe impl<P> Sync for Shared<P> {}

impl<P: Copy> Shared<P> {
    fn get(&self) -> P {
        self.0
    }
}

/// The transforms of `count` rows of `n` pairs, times `scale`: `exp(-2 pi i jk / n)` in the exponent, or, if `inverse`,
/// `exp(2 pi i jk / n)`.
pub fn rows<T: Real>(count: usize, n: usize, inverse: bool, scale: f64, x: &[T], out: &mut [T]) {
    assert!(x.len() == 2 * n * count && out.len() == x.len());
    if x.is_empty() {
        return;
    }
    // SAFETY: checked above.
    unsafe {
        let (x, out) = (x.as_ptr(), out.as_mut_ptr());
        transform(&plan::<T>(n, false), count, x, 2 * n, out, 2 * n, inverse, T::from_f64(scale));
    }
}

/// As [`rows`], along the middle axis of (outer, n, inner), for lengths that run [`side_by_side`].
pub fn columns<T: Real>([outer, n, inner]: [usize; 3], inverse: bool, scale: f64, x: &[T], out: &mut [T]) {
    assert!(x.len() == 2 * outer * n * inner && out.len() == x.len() && side_by_side(n));
    if x.is_empty() {
        return;
    }
    let plan = plan::<T>(n, true);
    let Kind::Lanes(stages) = &plan.kind else { unreachable!("lengths that run side by side") };
    let blocks = inner.div_ceil(WIDTH);
    let out = Shared(out.as_mut_ptr());
    par::run(outer * blocks, outer * inner * stages.cost(), |task| {
        let (i, block) = (task / blocks, task % blocks);
        let at = 2 * (i * n * inner + block * WIDTH);
        let (pairs, step) = (x[at..].as_ptr(), 2 * inner);
        // SAFETY: this block's columns; nobody else writes them.
        unsafe {
            Block {
                stages,
                source: Source::Columns { pairs, step },
                target: Target::Columns { pairs: out.get().add(at), step, scale: T::from_f64(scale) },
                count: WIDTH.min(inner - block * WIDTH),
                turned: [inverse; 2],
            }
            .run();
        }
    });
}

/// `count` rows that begin `x_step` and `out_step` numbers apart.
///
/// # Safety
/// There are so many rows in `x` and `out`. They may be the same rows.
unsafe fn transform<T: Real>(
    plan: &Plan<T>,
    count: usize,
    x: *const T,
    x_step: usize,
    out: *mut T,
    out_step: usize,
    inverse: bool,
    scale: T,
) {
    let (x, out) = (Shared(x), Shared(out));
    match &plan.kind {
        Kind::Lanes(stages) => par::run(count.div_ceil(WIDTH), count * stages.cost(), |task| {
            let first = task * WIDTH;
            // SAFETY: the rows of this task.
            unsafe {
                Block {
                    stages,
                    source: Source::Rows { pairs: x.get().add(first * x_step), step: x_step },
                    target: Target::Rows { pairs: out.get().add(first * out_step), step: out_step, scale },
                    count: WIDTH.min(count - first),
                    turned: [inverse; 2],
                }
                .run();
            }
        }),
        Kind::Steps { first, second, .. } => {
            let one = |row: usize| {
                // SAFETY: one row.
                unsafe { steps(plan, x.get().add(row * x_step), out.get().add(row * out_step), inverse, scale) }
            };
            // A long row has tasks of its own.
            if plan.n >= 1 << 15 || count == 1 {
                (0..count).for_each(one);
            } else {
                par::run(count, count * (second.n * first.cost() + first.n * second.cost()), one);
            }
        }
        Kind::Chirp { plan: long, chirp, spectrum } => {
            // Several short rows, so that they run side by side.
            let rows = if long.n < 2048 { WIDTH } else { 1 };
            par::run(count.div_ceil(rows), count * long.n * 16, |task| {
                let first = task * rows;
                let rows = rows.min(count - first);
                par::scratch::<T, ()>(2 * long.n * rows, |memory| {
                    let padded = memory.as_mut_ptr().cast::<T>();
                    let multiply = |a, b: &[T], out, turned, scale| {
                        simd::dispatch(Multiply { a, b: b.as_ptr(), out, len: b.len() / 2, turned, scale });
                    };
                    // SAFETY: the rows of this task, and of the scratch memory.
                    unsafe {
                        for row in 0..rows {
                            let start = padded.add(2 * row * long.n);
                            multiply(x.get().add((first + row) * x_step), chirp, start, [inverse, false], T::ONE);
                            start.add(2 * plan.n).write_bytes(0, 2 * (long.n - plan.n));
                        }
                        transform(long, rows, padded, 2 * long.n, padded, 2 * long.n, false, T::ONE);
                        for row in 0..rows {
                            let start = padded.add(2 * row * long.n);
                            multiply(start, spectrum, start, [false, false], T::ONE);
                        }
                        transform(long, rows, padded, 2 * long.n, padded, 2 * long.n, true, T::ONE);
                        for row in 0..rows {
                            let to = out.get().add((first + row) * out_step);
                            multiply(padded.add(2 * row * long.n), chirp, to, [false, inverse], scale);
                        }
                    }
                });
            });
        }
    }
}

/// One long row as a matrix: its columns to planes, factors on the way; then its rows.
///
/// # Safety
/// There is a row at `x` and at `out`.
unsafe fn steps<T: Real>(plan: &Plan<T>, x: *const T, out: *mut T, inverse: bool, scale: T) {
    let Kind::Steps { first, second, coarse, fine } = &plan.kind else { unreachable!("asked for a long row") };
    let (m, n) = (first.n, second.n);
    let x = Shared(x);
    let out = Shared(out);
    par::scratch::<T, ()>(2 * plan.n, |memory| {
        let planes = Shared(memory.as_mut_ptr().cast::<T>());
        par::run(n.div_ceil(WIDTH), n * first.cost(), |block| {
            let at = block * WIDTH;
            // SAFETY: columns `at` on of the row, which are rows of the planes; one block's factors.
            unsafe {
                let parts = [0, plan.n].map(|part| planes.get().add(part + at * m));
                let coarse = coarse[2 * at * m.div_ceil(FINE)..].as_ptr();
                let target = Target::Turned { parts, step: m, coarse, fine: fine[2 * at * FINE..].as_ptr() };
                let source = Source::Columns { pairs: x.get().add(2 * at), step: 2 * n };
                Block { stages: first, source, target, count: WIDTH.min(n - at), turned: [inverse, false] }.run();
            }
        });
        par::run(m.div_ceil(WIDTH), m * second.cost(), |block| {
            let at = block * WIDTH;
            // SAFETY: columns `at` on of the planes and of the output.
            unsafe {
                let parts = [0, plan.n].map(|part| planes.get().add(part + at).cast_const());
                let target = Target::Columns { pairs: out.get().add(2 * at), step: 2 * m, scale };
                let source = Source::Planes { parts, step: m };
                Block { stages: second, source, target, count: WIDTH.min(m - at), turned: [false, inverse] }.run();
            }
        });
    });
}

// ---- real numbers ----

/// The first `n / 2 + 1` results, as pairs, of the transforms of `count` rows of `n` real numbers, times `scale`. The
/// others are their conjugates.
pub fn real<T: Real>(count: usize, n: usize, scale: f64, x: &[T], out: &mut [T]) {
    let half = n / 2;
    assert!(n > 0 && x.len() == n * count && out.len() == 2 * (half + 1) * count);
    let (step, scale) = (2 * (half + 1), T::from_f64(scale));
    if n.is_multiple_of(2) {
        let plan = plan::<T>(half, false);
        // SAFETY: rows of `half` pairs; the output's have one more.
        unsafe { transform(&plan, count, x.as_ptr(), n, out.as_mut_ptr(), step, false, scale) };
        let factors = quarter_turn::<T>(n);
        par_rows(out, step, n, |_, row| {
            simd::dispatch(Unfold { row: &mut row[..], factors: &factors });
        });
        return;
    }
    let plan = plan::<T>(n, false);
    in_blocks(count, n, |first, rows, pairs| {
        for (row, source) in pairs.chunks_exact_mut(2 * n).zip(x[first * n..].chunks_exact(n)) {
            row.chunks_exact_mut(2).zip(source).for_each(|(pair, &value)| pair.copy_from_slice(&[value, T::ZERO]));
        }
        let p = pairs.as_mut_ptr();
        // SAFETY: the rows of `pairs`, in place.
        unsafe { transform(&plan, rows, p, 2 * n, p, 2 * n, false, scale) };
        for (row, target) in pairs.chunks_exact(2 * n).zip(out[first * step..].chunks_exact_mut(step)) {
            target.copy_from_slice(&row[..step]);
        }
    });
}

/// `count` rows of `n` real numbers, times `scale`: what the inverse transform makes of `n / 2 + 1` pairs and their
/// conjugates. The imaginary part of the first is not read, nor of the last if `n` is even.
pub fn real_inverse<T: Real>(count: usize, n: usize, scale: f64, x: &[T], out: &mut [T]) {
    let half = n / 2;
    assert!(n > 0 && x.len() == 2 * (half + 1) * count && out.len() == n * count);
    let (step, scale) = (2 * (half + 1), T::from_f64(scale));
    if n.is_multiple_of(2) {
        let plan = plan::<T>(half, false);
        let factors = quarter_turn::<T>(n);
        par_rows(out, n, n, |i, row| {
            simd::dispatch(Fold { row, source: &x[i * step..][..step], factors: &factors });
        });
        let p = out.as_mut_ptr();
        // SAFETY: rows of `half` pairs, in place.
        unsafe { transform(&plan, count, p, n, p, n, true, scale) };
        return;
    }
    let plan = plan::<T>(n, false);
    in_blocks(count, n, |first, rows, pairs| {
        for (row, source) in pairs.chunks_exact_mut(2 * n).zip(x[first * step..].chunks_exact(step)) {
            row[..2].copy_from_slice(&[source[0], T::ZERO]);
            for k in 1..=half {
                let [re, im] = [source[2 * k], source[2 * k + 1]];
                row[2 * k..2 * k + 2].copy_from_slice(&[re, im]);
                row[2 * (n - k)..2 * (n - k) + 2].copy_from_slice(&[re, -im]);
            }
        }
        let p = pairs.as_mut_ptr();
        // SAFETY: the rows of `pairs`, in place.
        unsafe { transform(&plan, rows, p, 2 * n, p, 2 * n, true, scale) };
        for (row, target) in pairs.chunks_exact(2 * n).zip(out[first * n..].chunks_exact_mut(n)) {
            target.iter_mut().zip(row.chunks_exact(2)).for_each(|(value, pair)| *value = pair[0]);
        }
    });
}

/// Calls `f` with the first row, the number of rows and room for as many pairs, block by block.
fn in_blocks<T: Real>(count: usize, n: usize, mut f: impl FnMut(usize, usize, &mut [T])) {
    // Enough for several tasks, not so much that it leaves the caches.
    let block = ((1 << 16) / n).max(1).next_multiple_of(WIDTH).min(count);
    par::scratch::<T, ()>(2 * n * block, |memory| {
        memory.fill(std::mem::MaybeUninit::new(T::ZERO));
        // SAFETY: filled.
        let pairs = unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast::<T>(), memory.len()) };
        for first in (0..count).step_by(block.max(1)) {
            let rows = block.min(count - first);
            f(first, rows, &mut pairs[..2 * n * rows]);
        }
    });
}

/// Calls `f` with the number of each row of `step` numbers and the row, several rows to a task.
fn par_rows<T: Real>(out: &mut [T], step: usize, cost: usize, f: impl Fn(usize, &mut [T]) + Sync) {
    let (count, parts) = (out.len() / step, crate::parts::Parts::new(out));
    par::blocks(count, (par::GRAIN / (4 * step)).max(1), cost, |rows| {
        for row in rows {
            // SAFETY: every row once.
            f(row, unsafe { parts.piece(row, step) });
        }
    });
}

/// The transform of `2 h` real numbers from that of the `h` pairs they were taken as: of numbers at even and at odd
/// places, `E` and `O`, it is `E + w^k O`; the pairs' is `E + i O`, and both have conjugates at `h - k`.
struct Unfold<'a, T> {
    row: &'a mut [T],
    factors: &'a [T],
}

impl<T: Real> Kernel for Unfold<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (row, half) = (self.row, T::from_f64(0.5));
        let h = row.len() / 2 - 1;
        let [re, im] = [row[0], row[1]];
        row[..2].copy_from_slice(&[re + im, T::ZERO]);
        row[2 * h..].copy_from_slice(&[re - im, T::ZERO]);
        for k in 1..=h / 2 {
            let j = h - k;
            let (a, b) = ([row[2 * k], row[2 * k + 1]], [row[2 * j], row[2 * j + 1]]);
            let (c, s) = (self.factors[2 * k], self.factors[2 * k + 1]);
            let even = [(a[0] + b[0]) * half, (a[1] - b[1]) * half];
            // -i times half the difference with the conjugate.
            let odd = [(a[1] + b[1]) * half, (b[0] - a[0]) * half];
            let odd = [odd[0] * c - odd[1] * s, odd[0] * s + odd[1] * c];
            row[2 * j..2 * j + 2].copy_from_slice(&[even[0] - odd[0], odd[1] - even[1]]);
            row[2 * k..2 * k + 2].copy_from_slice(&[even[0] + odd[0], even[1] + odd[1]]);
        }
    }
}

/// The inverse of [`Unfold`], twice as large.
struct Fold<'a, T> {
    row: &'a mut [T],
    source: &'a [T],
    factors: &'a [T],
}

impl<T: Real> Kernel for Fold<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (row, source) = (self.row, self.source);
        let h = row.len() / 2;
        let [first, last] = [source[0], source[2 * h]];
        row[..2].copy_from_slice(&[first + last, first - last]);
        for k in 1..=h / 2 {
            let j = h - k;
            let (a, b) = ([source[2 * k], source[2 * k + 1]], [source[2 * j], source[2 * j + 1]]);
            let (c, s) = (self.factors[2 * k], self.factors[2 * k + 1]);
            let even = [a[0] + b[0], a[1] - b[1]];
            let odd = [a[0] - b[0], a[1] + b[1]];
            // i times the difference, turned back.
            let odd = [odd[0] * s - odd[1] * c, odd[0] * c + odd[1] * s];
            row[2 * j..2 * j + 2].copy_from_slice(&[even[0] - odd[0], odd[1] - even[1]]);
            row[2 * k..2 * k + 2].copy_from_slice(&[even[0] + odd[0], even[1] + odd[1]]);
        }
    }
}
