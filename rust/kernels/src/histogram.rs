//! Counting elements into bins.
//!
//! Serial, so that sums of weights are in the order of the elements: one pass over memory.

use crate::element::Real;

/// Where one number falls among bins.
#[derive(Clone, Copy, Debug)]
pub enum Bins<'a, T> {
    /// This many of equal width from a lower to an upper end, both included.
    Even(usize, T, T),
    /// Between these edges, which ascend; the last one is included.
    Edges(&'a [T]),
}

impl<T: Real> Bins<'_, T> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match *self {
            Bins::Even(count, ..) => count,
            Bins::Edges(edges) => edges.len().saturating_sub(1),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bin of a number; none if it lies outside or is NaN.
    #[inline(always)]
    fn of(&self, x: T) -> Option<usize> {
        match *self {
            Bins::Even(count, low, high) => {
                if !(x >= low && x <= high) {
                    return None;
                }
                let at = ((x - low) * T::from_f64(count as f64) / (high - low)).to_i64() as usize;
                Some(at.min(count - 1))
            }
            Bins::Edges(edges) => {
                let (first, last) = (*edges.first()?, *edges.last()?);
                if !(x >= first && x <= last) {
                    return None;
                }
                // The last edge belongs to the last bin.
                Some(edges.partition_point(|edge| *edge <= x).min(edges.len() - 1) - 1)
            }
        }
    }
}

/// Adds to `out`, row-major over the bins of all axes, the weight (or 1) of every point of `src`; a point has one
/// coordinate per axis.
pub fn histogram<T: Real>(bins: &[Bins<'_, T>], src: &[T], weights: Option<&[T]>, out: &mut [T]) {
    assert_eq!(out.len(), bins.iter().map(Bins::len).product::<usize>());
    // Counts are exact in f64, whatever T is; so are not too large integers.
    let mut sums = vec![0.0; out.len()];
    for (i, point) in src.chunks_exact(bins.len()).enumerate() {
        let cell = bins.iter().zip(point).try_fold(0, |cell, (bins, &x)| Some(cell * bins.len() + bins.of(x)?));
        if let Some(cell) = cell {
            sums[cell] += weights.map_or(1.0, |weights| weights[i].to_f64());
        }
    }
    out.iter_mut().zip(sums).for_each(|(out, sum)| *out = T::from_f64(T::to_f64(*out) + sum));
}

/// Adds 1 to `out[i]` for every `i` of `src`, all of which are inside.
pub fn count(src: &[i64], out: &mut [i64]) {
    src.iter().for_each(|&i| out[i as usize] += 1);
}

/// Adds its weight to `out[i]` for every `i` of `src`, all of which are inside.
pub fn weigh<T: Real>(src: &[i64], weights: &[T], out: &mut [T]) {
    assert_eq!(src.len(), weights.len());
    src.iter().zip(weights).for_each(|(&i, &weight)| out[i as usize] += weight);
}
