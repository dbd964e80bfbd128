//! Small arrays of any layout, with an obviously right way to read them.
#![allow(dead_code)] // each test file uses its part

use proptest::prelude::*;
use rutile_kernels::view::{View, ViewMut};

/// An owned array: element `index` is at `offset + index . strides`.
#[derive(Clone, Debug)]
pub struct Array<T> {
    pub data: Vec<T>,
    pub offset: isize,
    pub shape: Vec<usize>,
    pub strides: Vec<isize>,
}

impl<T: Copy> Array<T> {
    /// A contiguous array.
    pub fn contiguous(data: Vec<T>, shape: &[usize]) -> Self {
        assert_eq!(data.len(), shape.iter().product::<usize>());
        Array { data, offset: 0, shape: shape.to_vec(), strides: row_major(shape) }
    }
    pub fn view(&self) -> View<'_, T> {
        // SAFETY: `layout` keeps every element within `data`.
        unsafe { View::new(self.data.as_ptr().offset(self.offset), &self.shape, &self.strides) }
    }
    pub fn view_mut(&mut self) -> ViewMut<'_, T> {
        // SAFETY: as above.
        unsafe { ViewMut::new(self.data.as_mut_ptr().offset(self.offset), &self.shape, &self.strides) }
    }
    /// All elements in row-major order, one by one.
    pub fn elements(&self) -> Vec<T> {
        indices(&self.shape).map(|index| self.data[self.place(&index)]).collect()
    }
    pub fn place(&self, index: &[usize]) -> usize {
        let steps = index.iter().zip(&self.strides).map(|(&i, &stride)| i as isize * stride);
        (self.offset + steps.sum::<isize>()) as usize
    }
}

pub fn row_major(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].max(1) as isize;
    }
    strides
}

/// All indices of a shape in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + '_ {
    (0..shape.iter().product()).map(move |mut position| {
        let mut index = vec![0; shape.len()];
        for axis in (0..shape.len()).rev() {
            index[axis] = position % shape[axis];
            position /= shape[axis];
        }
        index
    })
}

/// Shapes: mostly small, sometimes with a zero, sometimes long enough for lanes, rows, chunks and threads.
pub fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        6 => prop::collection::vec(0..6usize, 0..=5),
        2 => (1..4usize, 100..700usize).prop_map(|(a, b)| vec![a, b]),
        2 => (100..700usize, 1..4usize).prop_map(|(a, b)| vec![a, b]),
        2 => (1..4usize, 1..90usize, 1..90usize).prop_map(|(a, b, c)| vec![a, b, c]),
        1 => (150..250usize, 200..300usize).prop_map(|(a, b)| vec![a, b]),
        1 => Just(vec![70_000]),
    ]
}

/// How an array of a given shape lies in memory.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Sorting these orders the axes in memory.
    pub order: [u8; 5],
    /// Gap factor, reversal and broadcasting per axis.
    pub axes: [(usize, bool, bool); 5],
}

/// Half of the layouts are contiguous; `broadcast` allows strides of 0.
pub fn layouts(broadcast: bool) -> impl Strategy<Value = Layout> {
    let axis = (prop_oneof![3 => Just(1usize), 1 => Just(2), 1 => Just(3)], any::<bool>(), prop::bool::weighted(0.3));
    let any_order = (any::<[u8; 5]>(), prop::array::uniform5(axis));
    let plain = Layout { order: [0, 1, 2, 3, 4], axes: [(1, false, false); 5] };
    prop_oneof![
        Just(plain.clone()),
        any::<[u8; 5]>().prop_map(move |order| Layout { order, ..plain.clone() }),
        any_order.prop_map(move |(order, axes)| Layout { order, axes: axes.map(|(g, r, b)| (g, r, b && broadcast)) }),
    ]
}

/// Lays `elements` out: one value per element of memory is drawn from the function.
pub fn lay_out<T: Copy>(shape: &[usize], layout: &Layout, mut value: impl FnMut(usize) -> T) -> Array<T> {
    let mut axes: Vec<usize> = (0..shape.len()).collect();
    axes.sort_by_key(|&axis| (layout.order[axis], axis));
    let mut strides = vec![0isize; shape.len()];
    let (mut size, mut offset) = (1usize, 0isize);
    for &axis in axes.iter().rev() {
        let (gap, reversed, broadcast) = layout.axes[axis];
        if broadcast {
            continue;
        }
        let stride = (size * gap) as isize;
        size *= gap * shape[axis].max(1);
        strides[axis] = if reversed { -stride } else { stride };
        if reversed {
            offset += stride * (shape[axis].max(1) as isize - 1);
        }
    }
    Array { data: (0..size).map(&mut value).collect(), offset, shape: shape.to_vec(), strides }
}

/// Runs `f` once on every instruction set of this machine.
pub fn on_every_isa(mut f: impl FnMut(&str)) {
    for name in rutile_kernels::simd::available() {
        rutile_kernels::simd::with_isa(name, || f(name));
    }
}
