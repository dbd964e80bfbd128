//! Reading and writing at computed places: embedding, `index_select`, `gather`, `scatter`, advanced indexing, masks.
//!
//! Indices are not negative; an index out of range is the engine's error ([`first_outside`] finds it) and panics
//! here. Where several sources meet one place they are taken in the order of the index, on one thread, so that the
//! result does not depend on the number of threads.

use crate::element::{Element, Real};
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel};
use crate::view::{View, ViewMut, is_contiguous};
use std::ops::Range;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;

/// The position of the first index that is not in `range`.
pub fn first_outside(index: &[i64], range: Range<i64>) -> Option<usize> {
    const BLOCK: usize = 64;
    // Whole blocks without a branch, so that they run in lanes; the search only where something was found.
    let outside = |block: &[i64]| block.iter().fold(false, |any, i| any | (*i < range.start) | (*i >= range.end));
    let found = AtomicBool::new(false);
    par::blocks(index.len(), TASK, 1, |part| {
        if index[part].chunks(BLOCK).any(outside) {
            found.store(true, Relaxed);
        }
    });
    if !found.into_inner() {
        return None;
    }
    let block = index.chunks(BLOCK).position(outside)?;
    let within = index[block * BLOCK..].iter().position(|i| !range.contains(i))?;
    Some(block * BLOCK + within)
}

/// Rows of a table: `out[i, :] = src[index[i], :]`. This is `embedding`.
pub fn gather_rows<T: Element>(src: &[T], row_len: usize, index: &[i64], out: &mut [T]) {
    index_select(1, src.len() / row_len.max(1), row_len, src, index, out);
}

/// `out[o, i, :] = src[o, index[i], :]` with `src` of shape (`outer`, `axis`, `inner`).
pub fn index_select<T: Element>(outer: usize, axis: usize, inner: usize, src: &[T], index: &[i64], out: &mut [T]) {
    assert!(src.len() == outer * axis * inner && out.len() == outer * index.len() * inner);
    let rows = outer * index.len();
    let out = Parts::new(out);
    par::blocks(rows, (TASK / inner.max(1)).max(1), inner, |rows| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { out.range(rows.start * inner..rows.end * inner) };
        if inner == 1 {
            for (out, row) in out.iter_mut().zip(rows) {
                let i = place(index[row % index.len()], axis);
                *out = src[row / index.len() * axis + i];
            }
        } else {
            for (out, row) in out.chunks_exact_mut(inner.max(1)).zip(rows) {
                let i = row / index.len() * axis + place(index[row % index.len()], axis);
                out.copy_from_slice(&src[i * inner..][..inner]);
            }
        }
    });
}

/// `out[o, index[i], :] += src[o, i, :]` with `out` of shape (`outer`, `axis`, `inner`), read and written.
pub fn index_add<T: Element>(outer: usize, axis: usize, inner: usize, index: &[i64], src: &[T], out: &mut [T]) {
    assert!(out.len() == outer * axis * inner && src.len() == outer * index.len() * inner);
    each_row(outer, inner, index.len(), src, out, |o, i| (o * axis + place(index[i], axis)) * inner, AddRow);
}

/// `out[o, index[i], :] = src[o, i, :]` with `out` of shape (`outer`, `axis`, `inner`); other rows stay, the last of
/// equal indices wins.
pub fn index_write<T: Element>(outer: usize, axis: usize, inner: usize, index: &[i64], src: &[T], out: &mut [T]) {
    assert!(out.len() == outer * axis * inner && src.len() == outer * index.len() * inner);
    each_row(outer, inner, index.len(), src, out, |o, i| (o * axis + place(index[i], axis)) * inner, WriteRow);
}

/// `out[.., k, ..] = src[.., index[.., k, ..], ..]` along `axis`. `out` has the shape of `index`; on the other axes
/// `src` may be longer. Gives whether all indices are in range, so that large ones need not be read twice; if not, what
/// is in `out` means nothing.
pub fn gather<T: Element>(src: View<'_, T>, axis: usize, index: View<'_, i64>, out: ViewMut<'_, T>) -> bool {
    debug_assert_eq!(index.shape(), out.shape());
    let extent = src.shape()[axis];
    if extent == 0 {
        return out.is_empty();
    }
    let outside = AtomicBool::new(false);
    let [step_src, step_index, step_out] = [src.strides()[axis], index.strides()[axis], out.strides()[axis]];
    let len = index.shape()[axis];
    lines(index.shape(), axis, [src.strides(), index.strides(), out.strides()], |group| {
        if let (&[[src_at, index_at, out_at]], [1, 1, 1]) = (group, [step_src, step_index, step_out]) {
            // SAFETY: lines are within the arrays and disjoint in `out`.
            let (src, index, out) = unsafe {
                (
                    slice::from_raw_parts(src.ptr().offset(src_at), extent),
                    slice::from_raw_parts(index.ptr().offset(index_at), len),
                    slice::from_raw_parts_mut(out.ptr().offset(out_at), len),
                )
            };
            // Each index is read once, for another thread may write to it, and held in range; a sign stays if any was not.
            let (last, mut signs) = (extent as i64 - 1, 0);
            for (out, &i) in out.iter_mut().zip(index) {
                signs |= i | last.wrapping_sub(i);
                // SAFETY: at most the last.
                *out = unsafe { *src.get_unchecked((i as usize).min(extent - 1)) };
            }
            if signs < 0 {
                outside.store(true, Relaxed);
            }
            return;
        }
        for k in 0..len as isize {
            for &[src_at, index_at, out_at] in group {
                // SAFETY: `k` and the line's offsets are inside the shape of `index` and `out`, which is inside that
                // of `src` on the other axes; on this one the index is cut. Lines are disjoint in `out`.
                unsafe {
                    let i = *index.ptr().offset(index_at + k * step_index) as usize;
                    if i >= extent {
                        outside.store(true, Relaxed);
                    }
                    let i = i.min(extent - 1) as isize;
                    *out.ptr().offset(out_at + k * step_out) = *src.ptr().offset(src_at + i * step_src);
                }
            }
        }
    });
    !outside.into_inner()
}

/// `out[.., index[.., k, ..], ..] = src[.., k, ..]` along `axis`, for all places of `index`; `src` may be larger than
/// `index`, and `out` on the other axes. The last of several sources wins.
pub fn scatter_write<T: Element>(out: ViewMut<'_, T>, axis: usize, index: View<'_, i64>, src: View<'_, T>) {
    scatter_with(out, axis, index, src, |_, new| new);
}

/// `out[.., index[.., k, ..], ..] += src[.., k, ..]`, otherwise as [`scatter_write`].
pub fn scatter_add<T: Element>(out: ViewMut<'_, T>, axis: usize, index: View<'_, i64>, src: View<'_, T>) {
    scatter_with(out, axis, index, src, plus);
}

/// `out[.., index[.., k, ..], ..] = combine(that, src[.., k, ..])`, otherwise as [`scatter_write`]: products, extremes.
pub fn scatter_with<T: Element>(
    out: ViewMut<'_, T>,
    axis: usize,
    index: View<'_, i64>,
    src: View<'_, T>,
    combine: impl Fn(T, T) -> T + Sync,
) {
    let extent = out.shape()[axis];
    let [step_src, step_index, step_out] = [src.strides()[axis], index.strides()[axis], out.strides()[axis]];
    lines(index.shape(), axis, [src.strides(), index.strides(), out.strides()], |group| {
        for k in 0..index.shape()[axis] as isize {
            for &[src_at, index_at, out_at] in group {
                // SAFETY: as in `gather`, with the roles of `src` and `out` exchanged.
                unsafe {
                    let i = place(*index.ptr().offset(index_at + k * step_index), extent) as isize;
                    let out = out.ptr().offset(out_at + i * step_out);
                    *out = combine(*out, *src.ptr().offset(src_at + k * step_src));
                }
            }
        }
    });
}

/// Advanced indexing: `out[i, ..]` is the array of `shape` and `strides` that starts `offsets[i]` elements from `src`.
///
/// # Safety
/// All these elements are readable.
pub unsafe fn take_offsets<T: Element>(
    src: *const T,
    offsets: &[isize],
    shape: &[usize],
    strides: &[isize],
    out: &mut [T],
) {
    let inner = shape.iter().product::<usize>();
    assert_eq!(out.len(), offsets.len() * inner);
    if inner == 0 {
        return;
    }
    // SAFETY: only handed on; readable by the caller's promise.
    let src = unsafe { View::new(src, shape, strides) };
    let (contiguous, out) = (is_contiguous(shape, strides), Parts::new(out));
    par::blocks(offsets.len(), (TASK / inner.max(1)).max(1), inner, |block| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { out.range(block.start * inner..block.end * inner) };
        let offsets = &offsets[block];
        // SAFETY: the caller promises that these elements are readable.
        unsafe {
            if inner == 1 {
                for (out, &offset) in out.iter_mut().zip(offsets) {
                    *out = *src.ptr().offset(offset);
                }
            } else if contiguous {
                for (out, &offset) in out.chunks_exact_mut(inner).zip(offsets) {
                    out.copy_from_slice(slice::from_raw_parts(src.ptr().offset(offset), inner));
                }
            } else {
                for (out, &offset) in out.chunks_exact_mut(inner).zip(offsets) {
                    let mut walk = Walk::new(src.shape(), [src.strides()], 0);
                    for out in out {
                        *out = *src.ptr().offset(offset + walk.offsets[0]);
                        walk.advance();
                    }
                }
            }
        }
    });
}

/// Advanced assignment, the inverse of [`take_offsets`]: writes `src[i, ..]` to the array of `shape` and `strides`
/// that starts `offsets[i]` elements from `out`, or adds it there if `accumulate`. Where places coincide the later
/// `i` wins, or they add in order.
///
/// # Safety
/// All these elements are readable and writable, and reached by nobody else; no two of one array coincide.
pub unsafe fn put_offsets<T: Element>(
    out: *mut T,
    offsets: &[isize],
    shape: &[usize],
    strides: &[isize],
    src: &[T],
    accumulate: bool,
) {
    let inner = shape.iter().product::<usize>();
    assert_eq!(src.len(), offsets.len() * inner);
    if inner == 0 {
        return;
    }
    let contiguous = is_contiguous(shape, strides);
    // Serial, because places may coincide.
    for (src, &offset) in src.chunks_exact(inner).zip(offsets) {
        // SAFETY: the array that starts at `offset` is ours by the caller's promise.
        unsafe {
            let out = out.offset(offset);
            if contiguous {
                let out = slice::from_raw_parts_mut(out, inner);
                if accumulate {
                    AddRow.act(out, src)
                } else {
                    WriteRow.act(out, src)
                }
                continue;
            }
            let mut walk = Walk::new(shape, [strides], 0);
            for &value in src {
                let out = out.offset(walk.offsets[0]);
                *out = if accumulate { plus(*out, value) } else { value };
                walk.advance();
            }
        }
    }
}

/// How many are true.
pub fn count_true(mask: &[bool]) -> usize {
    // Short sums in bytes run in lanes.
    mask.chunks(255).map(|chunk| usize::from(chunk.iter().map(|&m| u8::from(m)).sum::<u8>())).sum()
}

/// The positions that are true, in order: `out` has [`count_true`] elements.
pub fn true_positions(mask: &[bool], out: &mut [i64]) {
    const BUFFER: usize = 256;
    let blocks = mask.len().div_ceil(TASK);
    let mut starts = vec![0; blocks];
    let shared = Parts::new(&mut starts);
    par::blocks(mask.len(), TASK, 1, |range| {
        // SAFETY: every task has its own element.
        let start = &mut unsafe { shared.piece(range.start / TASK, 1) }[0];
        *start = count_true(&mask[range]);
    });
    let mut total = 0;
    for start in &mut starts {
        total += std::mem::replace(start, total);
    }
    assert_eq!(total, out.len());
    let out = Parts::new(out);
    par::blocks(mask.len(), TASK, 1, |range| {
        let mut found = starts[range.start / TASK];
        // Every position is written, and the next one over it if it was false: masks are hard to foresee.
        let mut buffer = [0; BUFFER];
        for start in range.clone().step_by(BUFFER) {
            let mut count = 0;
            for at in start..range.end.min(start + BUFFER) {
                buffer[count] = at as i64;
                count += usize::from(mask[at]);
            }
            // SAFETY: what the blocks find goes to disjoint places.
            unsafe { out.range(found..found + count) }.copy_from_slice(&buffer[..count]);
            found += count;
        }
    });
}

/// Checks one index.
#[inline(always)]
fn place(index: i64, extent: usize) -> usize {
    assert!((index as u64) < extent as u64, "index {index} is outside 0..{extent}");
    index as usize
}

/// The sum in the element's own arithmetic: floats round once, integers wrap, booleans or.
#[inline(always)]
fn plus<T: Element>(a: T, b: T) -> T {
    // A sum of two floats of at most half its width is rounded right by way of f64, and costs no conversion.
    if T::IS_FLOAT { T::from_f64(a.to_f64() + b.to_f64()) } else { T::from_i64(a.to_i64().wrapping_add(b.to_i64())) }
}

/// What to do with a row of the output and one of the source.
trait RowAction: Copy + Sync {
    fn act<T: Element>(self, out: &mut [T], src: &[T]);
}

#[derive(Clone, Copy)]
struct AddRow;

impl RowAction for AddRow {
    #[inline(always)]
    fn act<T: Element>(self, out: &mut [T], src: &[T]) {
        for (out, &src) in out.iter_mut().zip(src) {
            *out = plus(*out, src);
        }
    }
}

#[derive(Clone, Copy)]
struct WriteRow;

impl RowAction for WriteRow {
    #[inline(always)]
    fn act<T: Element>(self, out: &mut [T], src: &[T]) {
        out.copy_from_slice(src);
    }
}

/// Acts on all rows of `src` (`outer`, `rows`, `inner`) and the rows of `out` that start where `target(o, i)` says, in
/// order of `i`. Parallel over `outer` and over columns, never over `i`.
fn each_row<T: Element>(
    outer: usize,
    inner: usize,
    rows: usize,
    src: &[T],
    out: &mut [T],
    target: impl Fn(usize, usize) -> usize + Sync,
    action: impl RowAction,
) {
    if inner == 0 {
        return;
    }
    let width = inner.div_ceil(8usize.div_ceil(outer.max(1))).next_multiple_of(64).min(inner);
    let pieces = inner.div_ceil(width);
    let out = Parts::new(out);
    par::run(outer * pieces, src.len(), |task| {
        let (o, first) = (task / pieces, task % pieces * width);
        let width = width.min(inner - first);
        simd::dispatch(Rows {
            rows,
            action,
            pair: |i: usize| {
                let at = target(o, i) + first;
                // SAFETY: tasks differ in `o` or in columns; within a task one row lives at a time.
                let out = unsafe { out.range(at..at + width) };
                (out, &src[(o * rows + i) * inner + first..][..width])
            },
        });
    });
}

struct Rows<F, A> {
    rows: usize,
    action: A,
    pair: F,
}

impl<'a, T: Element, A: RowAction, F: Fn(usize) -> (&'a mut [T], &'a [T])> Kernel for Rows<F, A> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        for i in 0..self.rows {
            let (out, src) = (self.pair)(i);
            self.action.act(out, src);
        }
    }
}

/// Calls `f` with the offsets (in `N` arrays) of all lines of `shape` along `axis`, in groups and in parallel.
fn lines<const N: usize>(shape: &[usize], axis: usize, strides: [&[isize]; N], f: impl Fn(&[[isize; N]]) + Sync) {
    const GROUP: usize = 64;
    let without = |all: &[isize]| -> Vec<isize> { [&all[..axis], &all[axis + 1..]].concat() };
    let others = [&shape[..axis], &shape[axis + 1..]].concat();
    let other_strides = strides.map(without);
    let length = shape[axis];
    // Neighbouring lines go together, so that memory is walked along rows even if the lines run down columns.
    let group = if shape[axis + 1..].iter().all(|&extent| extent == 1) { 1 } else { GROUP };
    let per_task = (TASK / length.max(1)).next_multiple_of(GROUP);
    par::blocks(others.iter().product(), per_task, 4 * length, |lines| {
        let mut walk = Walk::new(&others, other_strides.each_ref().map(Vec::as_slice), lines.start);
        let mut offsets = [[0; N]; GROUP];
        let mut left = lines.len();
        while left > 0 {
            let count = group.min(left);
            for offsets in &mut offsets[..count] {
                *offsets = walk.offsets;
                walk.advance();
            }
            f(&offsets[..count]);
            left -= count;
        }
    });
}

/// Walks through the elements of a shape in row-major order, in `N` arrays at once.
struct Walk<'a, const N: usize> {
    shape: &'a [usize],
    strides: [&'a [isize]; N],
    at: Vec<usize>,
    offsets: [isize; N],
}

impl<'a, const N: usize> Walk<'a, N> {
    /// Starts at element number `first`.
    fn new(shape: &'a [usize], strides: [&'a [isize]; N], first: usize) -> Self {
        let mut rest = first;
        let mut at = vec![0; shape.len()];
        let mut offsets = [0; N];
        for axis in (0..shape.len()).rev() {
            let extent = shape[axis].max(1);
            at[axis] = rest % extent;
            rest /= extent;
            for n in 0..N {
                offsets[n] += at[axis] as isize * strides[n][axis];
            }
        }
        Walk { shape, strides, at, offsets }
    }

    /// Moves to the next element; after the last one, to the first.
    #[inline]
    fn advance(&mut self) {
        for axis in (0..self.shape.len()).rev() {
            self.at[axis] += 1;
            for n in 0..N {
                self.offsets[n] += self.strides[n][axis];
            }
            if self.at[axis] < self.shape[axis] {
                return;
            }
            for n in 0..N {
                self.offsets[n] -= self.at[axis] as isize * self.strides[n][axis];
            }
            self.at[axis] = 0;
        }
    }
}

/// For each bag and column, which row of the bag has the largest element; the first of equal ones, NaN above all. `bag`
/// says which bag each row of (rows, columns) belongs to; empty bags get -1.
pub fn bag_argmax<T: Real>(columns: usize, bag: &[i64], rows: &[T], out: &mut [i64]) {
    out.fill(-1);
    for (row, (&bag, values)) in bag.iter().zip(rows.chunks_exact(columns.max(1))).enumerate() {
        for (column, (best, &value)) in out[bag as usize * columns..][..columns].iter_mut().zip(values).enumerate() {
            let nan = |x: T| x.partial_cmp(&x).is_none();
            let beaten = usize::try_from(*best).map_or(true, |at| {
                let held = rows[at * columns + column];
                value > held || (nan(value) && !nan(held))
            });
            if beaten {
                *best = row as i64;
            }
        }
    }
}
