//! Linear resampling along an axis: each element of the result is a weighted sum of a few elements of the input.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel};

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;

/// Which elements of a line make each element of the result: element `i` is the sum of `weight[k] * x[index[k]]` for `k`
/// in `offset[i]..offset[i + 1]`.
#[derive(Clone, Debug)]
pub struct Table {
    /// Where the entries of each element start; one more at the end.
    pub offset: Vec<usize>,
    /// Which element.
    pub index: Vec<usize>,
    /// How much of it.
    pub weight: Vec<f64>,
}

impl Table {
    /// Elements of a line of the result.
    pub fn len(&self) -> usize {
        self.offset.len() - 1
    }
    /// Whether the result is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The table of the derivative: which elements of the result an element of the input, one of `len`, went into.
    pub fn transposed(&self, len: usize) -> Table {
        let mut offset = vec![0; len + 1];
        for &i in &self.index {
            offset[i + 1] += 1;
        }
        for i in 0..len {
            offset[i + 1] += offset[i];
        }
        let (mut next, count) = (offset.clone(), self.index.len());
        let (mut index, mut weight) = (vec![0; count], vec![0.0; count]);
        for i in 0..self.len() {
            for k in self.offset[i]..self.offset[i + 1] {
                let place = &mut next[self.index[k]];
                (index[*place], weight[*place]) = (i, self.weight[k]);
                *place += 1;
            }
        }
        Table { offset, index, weight }
    }
}

/// Resamples the middle axis of (outer, axis, inner).
pub fn resample<T: Real>(outer: usize, axis: usize, inner: usize, table: &Table, x: &[T], out: &mut [T]) {
    assert!(x.len() == outer * axis * inner && out.len() == outer * table.len() * inner);
    assert!(table.index.iter().all(|&i| i < axis), "the table is for longer lines");
    let weight: Vec<T> = table.weight.iter().map(|&w| T::from_f64(w)).collect();
    let line = table.len() * inner;
    let out = Parts::new(out);
    par::blocks(outer, (TASK / line.max(1)).max(1), line * 2, |block| {
        // SAFETY: tasks take different lines.
        let out = unsafe { out.range(block.start * line..block.end * line) };
        let x = &x[block.start * axis * inner..block.end * axis * inner];
        simd::dispatch_elementwise(Lines { table, weight: &weight, axis, inner, x, out });
    });
}

struct Lines<'a, T> {
    table: &'a Table,
    weight: &'a [T],
    axis: usize,
    inner: usize,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for Lines<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Lines { table, weight, axis, inner, x, out } = self;
        let count = table.len();
        if inner == 1 {
            for (x, out) in x.chunks_exact(axis.max(1)).zip(out.chunks_exact_mut(count.max(1))) {
                for (out, ends) in out.iter_mut().zip(table.offset.windows(2)) {
                    let mut sum = T::ZERO;
                    for k in ends[0]..ends[1] {
                        sum += weight[k] * x[table.index[k]];
                    }
                    *out = sum;
                }
            }
            return;
        }
        let size = (count * inner).max(1);
        for (x, out) in x.chunks_exact((axis * inner).max(1)).zip(out.chunks_exact_mut(size)) {
            for (out, ends) in out.chunks_exact_mut(inner).zip(table.offset.windows(2)) {
                let row = |k: usize| &x[table.index[k] * inner..][..inner];
                match ends[1] - ends[0] {
                    0 => out.fill(T::ZERO),
                    1 if weight[ends[0]] == T::ONE => out.copy_from_slice(row(ends[0])),
                    _ => {
                        let w = weight[ends[0]];
                        for (out, &x) in out.iter_mut().zip(row(ends[0])) {
                            *out = w * x;
                        }
                        for k in ends[0] + 1..ends[1] {
                            let w = weight[k];
                            for (out, &x) in out.iter_mut().zip(row(k)) {
                                *out += w * x;
                            }
                        }
                    }
                }
            }
        }
    }
}
