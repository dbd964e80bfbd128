//! Pooling: maxima and means over windows that slide over planes.
//!
//! A plane is one channel of one image, (depth, height, width), contiguous; 1-d and 2-d pooling have leading extents
//! of 1. Planes are spread over threads, windows along the width over lanes. A row is padded and split into phases first,
//! one per step of the stride (the even and the odd columns for stride 2): then a tap of neighbouring windows is one
//! contiguous load, whatever the stride, and no window is special.

mod max;
mod mean;

pub use max::{adaptive_max_backward, adaptive_max_forward, max_backward, max_forward, max_pick, max_values};
pub use mean::{adaptive_avg_backward, adaptive_avg_forward, avg_backward, avg_forward};

use crate::element::Real;
use crate::interleave;
use crate::par;
use crate::simd::Vector;
use std::mem::MaybeUninit;
use std::ops::Range;

/// Elements of one parallel task: enough to prepare the padding once for several planes.
const TASK: usize = 64 * 1024;
/// Lanes that the longest register has: rows are padded to a multiple.
const LANES: usize = 16;

/// Windows sliding over a plane. Axes are depth, height, width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Extents of the input plane.
    pub input: [usize; 3],
    /// Extents of the window, in taps.
    pub kernel: [usize; 3],
    /// Extents of the output plane. The last windows may hang over the end (`ceil_mode`).
    pub output: [usize; 3],
    /// Distance between windows.
    pub stride: [usize; 3],
    /// How far the first window hangs over the start. Each window keeps at least one tap inside.
    pub padding: [usize; 3],
    /// Distance between the taps of a window; means know only 1.
    pub dilation: [usize; 3],
}

impl Window {
    /// Elements of an input plane.
    pub fn input_len(&self) -> usize {
        self.input.iter().product()
    }
    /// Elements of an output plane.
    pub fn output_len(&self) -> usize {
        self.output.iter().product()
    }
    /// Whether the windows of a row are neighbouring pairs of its columns: the commonest of all, for which phases are a
    /// detour.
    fn pairs(&self) -> bool {
        let [kernel, stride, padding, dilation] = [self.kernel, self.stride, self.padding, self.dilation].map(|x| x[2]);
        [kernel, stride, padding, dilation] == [2, 2, 0, 1] && 2 * self.output[2] <= self.input[2]
    }
    /// The taps of window `o` on `axis` that are inside, and the position of tap 0.
    #[inline(always)]
    fn taps(&self, axis: usize, o: usize) -> (Range<usize>, isize) {
        let start = (o * self.stride[axis]) as isize - self.padding[axis] as isize;
        let dilation = self.dilation[axis];
        let first = (-start).max(0) as usize;
        let inside = (self.input[axis] as isize - start).max(0) as usize;
        (first.div_ceil(dilation)..self.kernel[axis].min(inside.div_ceil(dilation)), start)
    }
    /// The part of window `o` on `axis` that is inside; dilation 1.
    #[inline(always)]
    fn span(&self, axis: usize, o: usize) -> Span {
        let (start, padding) = (o * self.stride[axis], self.padding[axis]);
        let end = (start + self.kernel[axis]).min(self.input[axis] + 2 * padding);
        Span {
            start: start.saturating_sub(padding).min(self.input[axis]),
            end: end.saturating_sub(padding).min(self.input[axis]),
            padded: end - start,
        }
    }
}

/// How rows are laid out in phases.
#[derive(Clone, Copy)]
struct Phases {
    stride: usize,
    padding: usize,
    /// Elements of a phase: one per window, the rest of a register, and what the last window's taps reach.
    len: usize,
}

impl Phases {
    fn new(w: &Window) -> Self {
        let reach = (w.kernel[2] - 1) * w.dilation[2];
        let [stride, padding] = [w.stride[2], w.padding[2]];
        Phases { stride, padding, len: w.output[2].next_multiple_of(LANES) + reach / stride }
    }
    /// Elements of a row in phases.
    #[inline(always)]
    fn row(&self) -> usize {
        self.stride * self.len
    }
    /// Where tap `tap` (counted in columns) of the first window is.
    #[inline(always)]
    fn tap(&self, tap: usize) -> usize {
        tap % self.stride * self.len + tap / self.stride
    }
    /// Splits a row. The places of the padding, before and after it, stay as they are.
    #[inline(always)]
    fn split<V: Vector>(&self, row: &[V::Elem], phases: &mut [V::Elem]) {
        let Phases { stride, padding, len } = *self;
        let row = &row[..row.len().min((stride * len).saturating_sub(padding))];
        match stride {
            1 => combine::<V>(row, &mut phases[padding..], |x, _| x),
            2 => {
                let (even, odd) = phases.split_at_mut(len);
                let (row, at) = if padding % 2 == 1 && !row.is_empty() {
                    odd[padding / 2] = row[0];
                    (&row[1..], padding / 2 + 1)
                } else {
                    (row, padding / 2)
                };
                let (even, odd) = (&mut even[at..][..row.len().div_ceil(2)], &mut odd[at..][..row.len() / 2]);
                // SAFETY: as many elements as there are in the row, half as many in each phase.
                unsafe { interleave::split::<V>(row.as_ptr(), row.len(), even.as_mut_ptr(), odd.as_mut_ptr()) };
            }
            _ => {
                for (x, &value) in row.iter().enumerate() {
                    phases[self.tap(x + padding)] = value;
                }
            }
        }
    }
    /// Puts the phases of a row together again, without the padding; columns that no window reaches are `rest`.
    #[inline(always)]
    fn merge<V: Vector>(&self, phases: &[V::Elem], row: &mut [V::Elem], rest: V::Elem) {
        let Phases { stride, padding, len } = *self;
        let reached = row.len().min((stride * len).saturating_sub(padding));
        let (row, beyond) = row.split_at_mut(reached);
        beyond.fill(rest);
        match stride {
            1 => combine::<V>(&phases[padding..padding + row.len()], row, |x, _| x),
            2 => {
                let (even, odd) = phases.split_at(len);
                let (row, at) = if padding % 2 == 1 && !row.is_empty() {
                    row[0] = odd[padding / 2];
                    (&mut row[1..], padding / 2 + 1)
                } else {
                    (row, padding / 2)
                };
                let (even, odd) = (&even[at..][..row.len().div_ceil(2)], &odd[at..][..row.len() / 2]);
                // SAFETY: as many elements as there are in the row, half as many in each phase.
                unsafe { interleave::merge::<V>(even.as_ptr(), odd.as_ptr(), row.len(), row.as_mut_ptr()) };
            }
            _ => {
                for (x, value) in row.iter_mut().enumerate() {
                    *value = phases[self.tap(x + padding)];
                }
            }
        }
    }
}

/// Writes `f` of each element of a row and what is in its place in `out`.
#[inline(always)]
fn combine<V: Vector>(row: &[V::Elem], out: &mut [V::Elem], f: impl Fn(V, V) -> V) {
    let out = &mut out[..row.len()];
    for x in (0..row.len()).step_by(V::LANES) {
        let count = (row.len() - x).min(V::LANES);
        // SAFETY: `count` elements are left in both.
        unsafe {
            let (row, out) = (row.as_ptr().add(x), out.as_mut_ptr().add(x));
            f(Vector::load_part(row, count), Vector::load_part(out, count)).store_part(out, count);
        }
    }
}

/// Calls `f` for blocks of planes, in parallel; `cost` is that of one plane.
fn each_block(planes: usize, cost: usize, f: impl Fn(Range<usize>) + Sync) {
    par::blocks(planes, (TASK / cost.max(1)).max(1), cost, f);
}

/// Calls `f` for the depth and height of each row of windows.
#[inline(always)]
fn windows(output: [usize; 3], mut f: impl FnMut(usize, usize)) {
    for z in 0..output[0] {
        for y in 0..output[1] {
            f(z, y);
        }
    }
}

/// A window on one axis: what is inside, and its length with padding.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    padded: usize,
}

impl Span {
    #[inline(always)]
    fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
}

/// Part `o` of `count` nearly equal parts of `len`.
#[inline(always)]
fn part(len: usize, count: usize, o: usize) -> Span {
    let (start, end) = (o * len / count, ((o + 1) * len).div_ceil(count));
    Span { start, end, padded: end - start }
}

/// `memory`, filled with `value`.
#[inline(always)]
fn filled<T: Real>(memory: &mut [MaybeUninit<T>], value: T) -> &mut [T] {
    memory.fill(MaybeUninit::new(value));
    // SAFETY: just written.
    unsafe { memory.assume_init_mut() }
}
