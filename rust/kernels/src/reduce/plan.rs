//! The axes of a reduction, and how its outputs are cut into tiles.

use super::source::{CHUNK, Source};
use crate::element::Element;
use crate::view::{Axes, MAX_AXES, View};
use std::ops::Range;

/// Most outputs that are accumulated together: their accumulators stay in the first-level cache, and rows are read in long
/// pieces, which hardware foresees.
pub(super) const TILE: usize = 1024;
/// Elements per task.
pub(super) const BLOCK: usize = 16 * 1024;

/// The axes of a reduction, simplified.
pub(super) struct Plan<'a, E> {
    pub source: Source<'a, E>,
    /// Output, source.
    pub kept: Axes<1>,
    /// Order, source.
    pub reduced: Axes<1>,
    /// Whether neighbouring outputs come from neighbouring elements, which are then accumulated side by side.
    pub columns: bool,
}

impl<'a, E: Element> Plan<'a, E> {
    /// `logical`: the reduced elements are to be met in row-major order rather than in the order of memory.
    pub(super) fn new<T: Element>(src: View<'a, T>, axes: &[bool], logical: bool) -> Self {
        let source = Source::new(&src);
        let (shape, strides) = (src.shape(), src.strides());
        debug_assert_eq!(shape.len(), axes.len());
        let kept = Part::new(shape, strides, axes, false);
        let reduced = Part::new(shape, strides, axes, true);
        let order = if logical { &reduced.row_major } else { &reduced.strides };
        let reduced = Axes::new(reduced.shape(), &order[..reduced.rank], [&reduced.strides[..reduced.rank]]);
        let kept = Axes::new(kept.shape(), &kept.row_major[..kept.rank], [&kept.strides[..kept.rank]]);
        let columns = kept.others(0) == [1] && reduced.others(0) != [1];
        Plan { source, kept, reduced, columns }
    }

    /// The outputs in tiles: within a row of columns, or as many as make a worthwhile task.
    pub(super) fn tiles(&self) -> Tiles {
        let (outputs, len) = (self.kept.len(), self.reduced.len().max(1));
        let row = if self.columns { self.kept.extent(0) } else { outputs };
        // What passes through a buffer has to fit it.
        let tile = if self.source.in_place(1) { TILE } else { TILE.min(CHUNK) };
        let width = if self.columns { tile.min(row) } else { (BLOCK / len).clamp(1, 256) };
        Tiles { count: outputs / row * row.div_ceil(width), row, width, group: (BLOCK / (width * len)).max(1) }
    }
}

/// How outputs are cut into tiles.
pub(super) struct Tiles {
    pub count: usize,
    row: usize,
    /// Outputs per tile; the last of a row may have fewer.
    pub width: usize,
    /// How many tiles make a task.
    pub group: usize,
}

impl Tiles {
    /// The outputs of tile `i`.
    pub(super) fn tile(&self, i: usize) -> Range<usize> {
        let per_row = self.row.div_ceil(self.width);
        let start = i / per_row * self.row + i % per_row * self.width;
        start..(start + self.width).min((i / per_row + 1) * self.row)
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
    fn new(shape: &[usize], strides: &[isize], axes: &[bool], wanted: bool) -> Self {
        let zero = [0; MAX_AXES];
        let mut part = Part { rank: 0, shape: [0; MAX_AXES], strides: zero, row_major: zero };
        for axis in 0..axes.len() {
            if axes[axis] == wanted && shape[axis] != 1 {
                assert!(part.rank < MAX_AXES, "kernels take at most {MAX_AXES} axes, got {shape:?}");
                part.shape[part.rank] = shape[axis];
                part.strides[part.rank] = strides[axis];
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

/// A place that tasks write to, each at its own index.
pub(super) struct Target<U>(pub *mut U);
// SAFETY: the tasks write to different elements.
unsafe impl<U: Send> Sync for Target<U> {}
impl<U> Target<U> {
    /// # Safety
    /// `index` is within the memory, and used by one task only.
    pub(super) unsafe fn at(&self, index: usize) -> *mut U {
        // SAFETY: the caller's promise.
        unsafe { self.0.add(index) }
    }
}
