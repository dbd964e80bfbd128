//! The tree in which elements combine.

use super::plan::{BLOCK, Plan, TILE, Target};
use super::source::{CHUNK, buffer};
use crate::element::Element;
use crate::par;
use crate::simd::{self, Isa, Kernel};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Accumulators of a row: enough to hide the latency of an addition with any registers.
const LANES: usize = 64;
/// Elements that go through the accumulators before the tree begins, along a row ...
const ROW_LEAF: usize = 4096;
/// ... and down a column, where every element goes to the same one.
const COLUMN_LEAF: usize = 128;

/// How many elements ahead memory is asked for along rows.
const AHEAD: usize = 512;
/// Rows that are added to the accumulators of columns at a time.
const ROWS: usize = 4;

/// How elements combine. Methods are `#[inline(always)]`, and simple enough for the compiler to use lanes.
pub(super) trait Fold<E: Element>: Copy + Send + Sync {
    /// What all elements of one output share.
    type Context: Copy + Send + Sync;
    fn context(self, output: usize) -> Self::Context;
    /// The accumulator before any element; `first` is one of those that will come, for folds without a neutral one.
    fn start(self, first: Option<E>) -> E;
    fn add(self, acc: E, x: E, context: Self::Context) -> E;
    fn join(self, a: E, b: E) -> E;
}

/// Accumulators of a tile, of which the first few are used.
type Accs<E> = [MaybeUninit<E>; TILE];

/// Writes what `f` makes of the reduced elements of each output.
pub(super) fn fold<E: Element, F: Fold<E>>(plan: &Plan<'_, E>, out: &mut [E], f: F) {
    let (outputs, len) = (plan.kept.len(), plan.reduced.len());
    assert_eq!(outputs, out.len());
    if outputs == 0 {
        return;
    }
    if len == 0 {
        return out.fill(f.start(None));
    }
    let tiles = plan.tiles();
    let cost = outputs * len;
    // Few outputs from many elements: the reduced axes are cut, too.
    let parts = if tiles.count < 8 && cost >= 4 * BLOCK { len.min(16) } else { 1 };
    let leaf = if plan.columns { COLUMN_LEAF } else { ROW_LEAF };
    let part_len = len.div_ceil(parts).next_multiple_of(leaf);
    let parts = len.div_ceil(part_len);
    if parts == 1 {
        let target = Target(out.as_mut_ptr());
        par::blocks(tiles.count, tiles.group, cost / tiles.count, |range| {
            for outs in range.map(|i| tiles.tile(i)) {
                // SAFETY: the outputs of a tile are neighbours, tiles are disjoint.
                unsafe { fold_into(plan, f, outs.clone(), 0..len, target.at(outs.start)) };
            }
        });
    } else {
        let mut partial: Vec<E> = Vec::with_capacity(parts * outputs);
        let target = Target(partial.as_mut_ptr());
        par::run(tiles.count * parts, cost, |task| {
            let (part, outs) = (task % parts, tiles.tile(task / parts));
            let range = part * part_len..len.min((part + 1) * part_len);
            // SAFETY: within the capacity; tasks are disjoint.
            unsafe { fold_into(plan, f, outs.clone(), range, target.at(part * outputs + outs.start)) };
        });
        // SAFETY: the tasks have written every part of every output.
        let get = |part: usize, output: usize| unsafe { *target.at(part * outputs + output) };
        for (output, value) in out.iter_mut().enumerate() {
            *value = join_parts(f, 0..parts, &|part| get(part, output));
        }
    }
}

fn join_parts<E: Element, F: Fold<E>>(f: F, parts: Range<usize>, get: &impl Fn(usize) -> E) -> E {
    if parts.len() == 1 {
        return get(parts.start);
    }
    let middle = parts.start + parts.len().next_power_of_two() / 2;
    f.join(join_parts(f, parts.start..middle, get), join_parts(f, middle..parts.end, get))
}

/// # Safety
/// As many elements are writable at `out` as there are outputs.
unsafe fn fold_into<E: Element, F: Fold<E>>(
    plan: &Plan<'_, E>,
    f: F,
    outs: Range<usize>,
    range: Range<usize>,
    out: *mut E,
) {
    let mut accs: Accs<E> = [const { MaybeUninit::uninit() }; TILE];
    let width = outs.len();
    fold_tile(plan, f, outs, range, &mut accs);
    for (i, acc) in accs.iter().enumerate().take(width) {
        // SAFETY: `fold_tile` has written as many accumulators as there are outputs; the caller's promise.
        unsafe { out.add(i).write(acc.assume_init()) };
    }
}

/// Accumulates a range of reduced positions for a tile of outputs, pairwise above the leaves.
fn fold_tile<E: Element, F: Fold<E>>(
    plan: &Plan<'_, E>,
    f: F,
    outs: Range<usize>,
    range: Range<usize>,
    accs: &mut Accs<E>,
) {
    let leaf = if plan.columns { COLUMN_LEAF } else { ROW_LEAF };
    if range.len() <= leaf {
        return E::enter(Leaf { plan, f, outs, range, accs });
    }
    let middle = range.start + (range.len().div_ceil(leaf).next_power_of_two() / 2) * leaf;
    let mut right: Accs<E> = [const { MaybeUninit::uninit() }; TILE];
    fold_tile(plan, f, outs.clone(), range.start..middle, accs);
    fold_tile(plan, f, outs.clone(), middle..range.end, &mut right);
    for (acc, right) in accs.iter_mut().zip(&right).take(outs.len()) {
        // SAFETY: both have been written for every output of the tile.
        acc.write(unsafe { f.join(acc.assume_init(), right.assume_init()) });
    }
}

struct Leaf<'a, E, F> {
    plan: &'a Plan<'a, E>,
    f: F,
    outs: Range<usize>,
    range: Range<usize>,
    accs: &'a mut Accs<E>,
}

impl<E: Element, F: Fold<E>> Kernel for Leaf<'_, E, F> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.plan.columns { self.columns() } else { self.rows() }
    }
}

impl<E: Element, F: Fold<E>> Leaf<'_, E, F> {
    #[inline(always)]
    fn rows(self) {
        let Leaf { plan, f, outs, range, accs } = self;
        let first = outs.start;
        let mut done = 0;
        for outputs in plan.kept.walk(outs) {
            for i in 0..outputs.len {
                let base = outputs.others[0] + i as isize * plan.kept.others(0)[0];
                let context = f.context(first + done);
                let mut total = None;
                for piece in plan.reduced.walk(range.clone()) {
                    // SAFETY: the walks stay within the source.
                    let acc = unsafe { fold_row(plan, f, base + piece.others[0], piece.len, context) };
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
        let Leaf { plan, f, outs, range, accs } = self;
        let width = outs.len().min(TILE);
        let step = plan.reduced.others(0)[0];
        let mut contexts = [const { MaybeUninit::uninit() }; TILE];
        for (context, output) in contexts.iter_mut().zip(outs.clone()) {
            context.write(f.context(output));
        }
        let Some(outputs) = plan.kept.walk(outs).next() else { return };
        let mut staged = buffer();
        let mut fresh = true;
        for piece in plan.reduced.walk(range) {
            let mut i = 0;
            while i < piece.len {
                let offset = |i: usize| outputs.others[0] + piece.others[0] + i as isize * step;
                if fresh {
                    // SAFETY: the walks stay within the source, in which the outputs of a tile are neighbours; also below.
                    let row = unsafe { plan.source.read(offset(i), 1, width, &mut staged) };
                    accs.iter_mut().zip(row).for_each(|(acc, &x)| _ = acc.write(f.start(Some(x))));
                    fresh = false;
                }
                // Several rows at a time, so that accumulators are fetched and put back less often.
                if plan.source.in_place(1) && i + ROWS <= piece.len {
                    // SAFETY: as above.
                    let rows: [&[E]; ROWS] =
                        std::array::from_fn(|r| unsafe { plan.source.read_in_place(offset(i + r), width) });
                    add_rows(f, &rows, &contexts, accs);
                    i += ROWS;
                } else {
                    // SAFETY: as above.
                    let row = unsafe { plan.source.read(offset(i), 1, width, &mut staged) };
                    add_rows(f, &[row], &contexts, accs);
                    i += 1;
                }
            }
        }
    }
}

/// Adds rows to the accumulators of their columns, one after the other.
#[inline(always)]
fn add_rows<E: Element, F: Fold<E>, const N: usize>(
    f: F,
    rows: &[&[E]; N],
    contexts: &[MaybeUninit<F::Context>; TILE],
    accs: &mut Accs<E>,
) {
    let width = rows[0].len().min(TILE);
    let rows = rows.map(|row| &row[..width]);
    for j in 0..width {
        // SAFETY: the first row has written the accumulators and contexts of all columns.
        let (mut acc, context) = unsafe { (accs[j].assume_init(), contexts[j].assume_init()) };
        for row in rows {
            acc = f.add(acc, row[j], context);
        }
        accs[j].write(acc);
    }
}

/// # Safety
/// `len > 0` elements, as far apart as the plan's rows say, are in the source from `offset` on.
#[inline(always)]
unsafe fn fold_row<E: Element, F: Fold<E>>(
    plan: &Plan<'_, E>,
    f: F,
    offset: isize,
    len: usize,
    context: F::Context,
) -> E {
    let step = plan.reduced.others(0)[0];
    let chunk = if plan.source.in_place(step) { len } else { len.min(CHUNK) };
    let mut staged = buffer();
    // SAFETY: the caller's promise.
    let mut x = unsafe { plan.source.read(offset, step, chunk, &mut staged) };
    let start = f.start(Some(x[0]));
    if len < LANES {
        return x.iter().fold(start, |acc, &x| f.add(acc, x, context));
    }
    let mut lanes = [start; LANES];
    let mut done = 0;
    loop {
        let groups = x.chunks_exact(LANES);
        // Only the last chunk has a rest.
        let rest = groups.remainder();
        for group in groups {
            // Hardware does not foresee what is in the next page, which is where the next row often is.
            simd::prefetch(group.as_ptr().wrapping_add(AHEAD), size_of_val(group));
            // First all loads, then all additions: both become lanes.
            let mut x = [start; LANES];
            x.copy_from_slice(group);
            (0..LANES).for_each(|lane| lanes[lane] = f.add(lanes[lane], x[lane], context));
        }
        if !rest.is_empty() {
            // All lanes, of which some keep what they had: only where every place is a constant do accumulators stay in
            // registers.
            let mut x = [start; LANES];
            x[..rest.len()].copy_from_slice(rest);
            for lane in 0..LANES {
                let added = f.add(lanes[lane], x[lane], context);
                lanes[lane] = if lane < rest.len() { added } else { lanes[lane] };
            }
        }
        done += x.len();
        if done == len {
            break;
        }
        // SAFETY: as above.
        x = unsafe { plan.source.read(offset + done as isize * step, step, (len - done).min(CHUNK), &mut staged) };
    }
    // Step by step in arrays of constant size: the compiler keeps those in registers.
    let lanes: [E; 32] = halve(f, lanes);
    let lanes: [E; 16] = halve(f, lanes);
    let lanes: [E; 8] = halve(f, lanes);
    let lanes: [E; 4] = halve(f, lanes);
    let [a, b] = halve(f, lanes);
    f.join(a, b)
}

/// Combines the upper half of the lanes with the lower one.
#[inline(always)]
fn halve<E: Element, F: Fold<E>, const N: usize, const HALF: usize>(f: F, lanes: [E; N]) -> [E; HALF] {
    std::array::from_fn(|lane| f.join(lanes[lane], lanes[lane + HALF]))
}
