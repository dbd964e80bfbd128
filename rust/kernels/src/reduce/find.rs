//! Where the extremes are.

use super::plan::{Plan, Target};
use super::source::{CHUNK, buffer};
use super::{is_nan, tree};
use crate::element::Element;
use crate::par;
use crate::simd::{Isa, Kernel};
use crate::view::{MAX_AXES, View};
use std::ops::Range;

/// Elements that are compared before one looks which was equal.
const LANES: usize = 32;

/// Writes the extremes that `f` finds and where they are: along `axis`, or in the row-major order of all.
///
/// Two passes, because the first then runs at full speed on lanes, and the second stops where it has found the value.
pub(super) fn with_index<T: Element, E: Element>(
    src: View<'_, T>,
    axis: Option<usize>,
    values: &mut [E],
    indices: &mut [i64],
    f: impl tree::Fold<E>,
) {
    assert_eq!(values.len(), indices.len());
    let mut axes = [false; MAX_AXES];
    let axes = match src.shape().len() {
        rank @ ..=MAX_AXES => &mut axes[..rank],
        rank => panic!("kernels take at most {MAX_AXES} axes, got {rank}"),
    };
    (0..axes.len()).for_each(|i| axes[i] = axis.is_none_or(|axis| axis == i));
    tree::fold(&Plan::new(src, axes, false), values, f);
    find_all(&Plan::new(src, axes, true), values, indices);
}

fn find_all<E: Element>(plan: &Plan<'_, E>, values: &[E], indices: &mut [i64]) {
    if values.is_empty() {
        return;
    }
    let tiles = plan.tiles();
    let target = Target(indices.as_mut_ptr());
    par::blocks(tiles.count, tiles.group, tiles.width * plan.reduced.len(), |range| {
        for outs in range.map(|i| tiles.tile(i)) {
            // SAFETY: `outs` is a range of the outputs, and no other tile has any of them.
            let found = unsafe { std::slice::from_raw_parts_mut(target.at(outs.start), outs.len()) };
            E::enter(Find { plan, values: &values[outs.clone()], outs, found });
        }
    });
}

/// Finds the first element that equals an output's value.
struct Find<'a, E> {
    plan: &'a Plan<'a, E>,
    outs: Range<usize>,
    values: &'a [E],
    found: &'a mut [i64],
}

impl<E: Element> Kernel for Find<'_, E> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.plan.columns { self.columns() } else { self.rows() }
    }
}

impl<E: Element> Find<'_, E> {
    #[inline(always)]
    fn rows(self) {
        let Find { plan, outs, values, found } = self;
        let mut done = 0;
        for outputs in plan.kept.walk(outs) {
            for i in 0..outputs.len {
                let base = outputs.others[0] + i as isize * plan.kept.others(0)[0];
                let mut before = 0;
                for piece in plan.reduced.walk(0..plan.reduced.len()) {
                    // SAFETY: the walks stay within the source.
                    let position = unsafe { find(plan, base + piece.others[0], piece.len, values[done]) };
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
        let mut staged = buffer();
        for piece in plan.reduced.walk(0..plan.reduced.len()) {
            for i in 0..piece.len as isize {
                let offset = outputs.others[0] + piece.others[0] + i * step;
                // SAFETY: the walks stay within the source, in which the outputs of a tile are neighbours.
                let row = unsafe { plan.source.read(offset, 1, width, &mut staged) };
                let hit = |j: usize| matches(row[j], values[j]);
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
fn matches<E: Element>(x: E, value: E) -> bool {
    (x == value) | (is_nan(x) & is_nan(value))
}

/// # Safety
/// `len` elements, as far apart as the plan's rows say, are in the source from `offset` on.
#[inline(always)]
unsafe fn find<E: Element>(plan: &Plan<'_, E>, offset: isize, len: usize, value: E) -> Option<usize> {
    let step = plan.reduced.others(0)[0];
    let chunk = if plan.source.in_place(step) { len } else { CHUNK };
    let mut staged = buffer();
    for before in (0..len).step_by(chunk.max(1)) {
        let size = chunk.min(len - before);
        // SAFETY: the caller's promise.
        let x = unsafe { plan.source.read(offset + before as isize * step, step, size, &mut staged) };
        // Whole groups without looking where, so that lanes can be used.
        let hit = |x: &E| matches(*x, value);
        let groups = x.chunks_exact(LANES).take_while(|x| !x.iter().fold(false, |any, x| any | hit(x)));
        let start = groups.count() * LANES;
        if let Some(at) = x[start..].iter().position(hit) {
            return Some(before + start + at);
        }
    }
    None
}
