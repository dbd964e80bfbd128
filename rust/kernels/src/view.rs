//! Borrowed, strided memory, and the order in which loops walk it.

use std::marker::PhantomData;
use std::ops::Range;

/// Most axes (longer than 1) that kernels take.
pub const MAX_AXES: usize = 8;

/// A read-only array in borrowed memory: pointer to its first element, shape, strides in elements.
#[derive(Clone, Copy)]
pub struct View<'a, T> {
    ptr: *const T,
    shape: &'a [usize],
    strides: &'a [isize],
}

/// A writable array in borrowed memory. It may be uninitialised: kernels write every element and read none
/// before it is written, unless they say that they accumulate.
pub struct ViewMut<'a, T> {
    ptr: *mut T,
    shape: &'a [usize],
    strides: &'a [isize],
    life: PhantomData<&'a mut T>,
}

// SAFETY: a View only reads, a ViewMut is the only way to its elements; kernels cut them into disjoint pieces.
unsafe impl<T: Sync> Send for View<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for View<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for ViewMut<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for ViewMut<'_, T> {}

impl<'a, T> View<'a, T> {
    /// # Safety
    /// Every element that `shape` and `strides` reach from `ptr` is initialised, readable and unwritten for `'a`.
    #[inline]
    pub unsafe fn new(ptr: *const T, shape: &'a [usize], strides: &'a [isize]) -> Self {
        debug_assert_eq!(shape.len(), strides.len());
        View { ptr, shape, strides }
    }
    /// The first element.
    #[inline]
    pub fn ptr(&self) -> *const T {
        self.ptr
    }
    /// Extent per axis.
    #[inline]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }
    /// Distance between neighbours per axis, in elements; may be zero or negative.
    #[inline]
    pub fn strides(&self) -> &'a [isize] {
        self.strides
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T> ViewMut<'a, T> {
    /// # Safety
    /// Every element that `shape` and `strides` reach from `ptr` is writable and reached by nobody else for `'a`;
    /// no two indices reach the same element.
    #[inline]
    pub unsafe fn new(ptr: *mut T, shape: &'a [usize], strides: &'a [isize]) -> Self {
        debug_assert_eq!(shape.len(), strides.len());
        ViewMut { ptr, shape, strides, life: PhantomData }
    }
    /// The first element.
    #[inline]
    pub fn ptr(&self) -> *mut T {
        self.ptr
    }
    /// Extent per axis.
    #[inline]
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }
    /// Distance between neighbours per axis, in elements.
    #[inline]
    pub fn strides(&self) -> &'a [isize] {
        self.strides
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether elements of `shape` lie row-major without gaps.
#[inline]
pub fn is_contiguous(shape: &[usize], strides: &[isize]) -> bool {
    let mut expected = 1;
    for (&extent, &stride) in shape.iter().zip(strides).rev() {
        if extent != 1 && stride != expected {
            return false;
        }
        expected *= extent as isize;
    }
    true
}

/// The common axes of a leading operand (usually the output) and `N` others, simplified for walking: axes of extent 1
/// are gone, the rest is ordered so that the leading operand is walked in the order of its memory, and neighbours that
/// all operands step through evenly are one. Axis 0 is the innermost. Positions count elements in this order.
#[derive(Clone, Copy)]
pub struct Axes<const N: usize> {
    rank: usize,
    shape: [usize; MAX_AXES],
    lead: [isize; MAX_AXES],
    others: [[isize; N]; MAX_AXES],
}

/// A part of an innermost row: where it starts in each operand (offsets in elements), and its length.
#[derive(Clone, Copy, Debug)]
pub struct Piece<const N: usize> {
    /// Offset in the leading operand.
    pub lead: isize,
    /// Offsets in the others.
    pub others: [isize; N],
    /// Elements.
    pub len: usize,
}

impl<const N: usize> Axes<N> {
    /// Simplifies `shape` with the operands' strides.
    ///
    /// # Panics
    /// If more than [`MAX_AXES`] axes are longer than 1.
    #[inline]
    pub fn new(shape: &[usize], lead: &[isize], others: [&[isize]; N]) -> Self {
        let mut axes = Axes { rank: 0, shape: [1; MAX_AXES], lead: [0; MAX_AXES], others: [[0; N]; MAX_AXES] };
        for axis in (0..shape.len()).rev() {
            if shape[axis] != 1 {
                assert!(axes.rank < MAX_AXES, "kernels take at most {MAX_AXES} axes, got {shape:?}");
                axes.insert(shape[axis], lead[axis], others.map(|strides| strides[axis]));
            }
        }
        axes.merge();
        axes
    }

    /// Inserts an axis outside of all those with a smaller or equal stride of the leading operand.
    #[inline]
    fn insert(&mut self, extent: usize, lead: isize, others: [isize; N]) {
        let mut at = self.rank;
        while at > 0 && self.lead[at - 1].unsigned_abs() > lead.unsigned_abs() {
            self.shape[at] = self.shape[at - 1];
            self.lead[at] = self.lead[at - 1];
            self.others[at] = self.others[at - 1];
            at -= 1;
        }
        (self.shape[at], self.lead[at], self.others[at]) = (extent, lead, others);
        self.rank += 1;
    }

    #[inline]
    fn merge(&mut self) {
        let mut last = 0;
        for axis in 1..self.rank {
            let extent = self.shape[last] as isize;
            let even = self.lead[axis] == self.lead[last] * extent
                && (0..N).all(|k| self.others[axis][k] == self.others[last][k] * extent);
            if even {
                self.shape[last] *= self.shape[axis];
            } else {
                last += 1;
                self.shape[last] = self.shape[axis];
                self.lead[last] = self.lead[axis];
                self.others[last] = self.others[axis];
            }
        }
        self.rank = self.rank.min(last + 1);
        for axis in self.rank..MAX_AXES {
            (self.shape[axis], self.lead[axis], self.others[axis]) = (1, 0, [0; N]);
        }
    }

    /// Number of axes left.
    #[inline]
    pub fn rank(&self) -> usize {
        self.rank
    }
    /// Extent of an axis; 1 beyond the rank.
    #[inline]
    pub fn extent(&self, axis: usize) -> usize {
        self.shape[axis]
    }
    /// The leading operand's stride along an axis; 0 beyond the rank.
    #[inline]
    pub fn lead(&self, axis: usize) -> isize {
        self.lead[axis]
    }
    /// The others' strides along an axis; 0 beyond the rank.
    #[inline]
    pub fn others(&self, axis: usize) -> [isize; N] {
        self.others[axis]
    }
    /// Number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.shape[..self.rank].iter().product()
    }
    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether the leading operand lies without gaps in walking order.
    #[inline]
    pub fn lead_is_dense(&self) -> bool {
        self.dense(|axis| self.lead[axis])
    }
    /// Whether operand `k` of the others lies without gaps in walking order.
    #[inline]
    pub fn other_is_dense(&self, k: usize) -> bool {
        self.dense(|axis| self.others[axis][k])
    }
    #[inline]
    fn dense(&self, stride: impl Fn(usize) -> isize) -> bool {
        let mut expected = 1;
        (0..self.rank).all(|axis| {
            let step = expected;
            expected *= self.shape[axis] as isize;
            stride(axis) == step
        })
    }
    /// Moves an axis inwards, from place `from` to place `to <= from`: the walking order is then no longer the
    /// leading operand's.
    pub fn move_inwards(&mut self, from: usize, to: usize) {
        self.shape[to..=from].rotate_right(1);
        self.lead[to..=from].rotate_right(1);
        self.others[to..=from].rotate_right(1);
    }

    /// The walk over a range of positions, innermost row by row.
    #[inline(always)]
    pub fn walk(&self, range: Range<usize>) -> Walk<'_, N> {
        let mut walk = Walk { axes: self, index: [0; MAX_AXES], lead: 0, others: [0; N], left: range.len() };
        let mut rest = range.start;
        let mut axis = 0;
        while rest > 0 && axis + 1 < self.rank {
            walk.step(axis, rest % self.shape[axis]);
            rest /= self.shape[axis];
            axis += 1;
        }
        walk.step(axis, rest); // the outermost axis needs no division
        walk
    }
}

/// Gives the pieces of innermost rows in a range of positions. See [`Axes::walk`].
pub struct Walk<'a, const N: usize> {
    axes: &'a Axes<N>,
    index: [usize; MAX_AXES],
    lead: isize,
    others: [isize; N],
    left: usize,
}

impl<const N: usize> Walk<'_, N> {
    #[inline(always)]
    fn step(&mut self, axis: usize, by: usize) {
        self.index[axis] += by;
        self.lead += by as isize * self.axes.lead[axis];
        for k in 0..N {
            self.others[k] += by as isize * self.axes.others[axis][k];
        }
    }
}

impl<const N: usize> Iterator for Walk<'_, N> {
    type Item = Piece<N>;
    #[inline(always)]
    fn next(&mut self) -> Option<Piece<N>> {
        if self.left == 0 {
            return None;
        }
        let axes = self.axes;
        let len = (axes.shape[0] - self.index[0]).min(self.left);
        let piece = Piece { lead: self.lead, others: self.others, len };
        self.left -= len;
        self.step(0, len);
        let mut axis = 0;
        // The outermost index may stay at its end: the walk is over then.
        while self.index[axis] == axes.shape[axis] && axis + 1 < axes.rank {
            let extent = axes.shape[axis] as isize;
            self.index[axis] = 0;
            self.lead -= extent * axes.lead[axis];
            for k in 0..N {
                self.others[k] -= extent * axes.others[axis][k];
            }
            axis += 1;
            self.step(axis, 1);
        }
        Some(piece)
    }
}
