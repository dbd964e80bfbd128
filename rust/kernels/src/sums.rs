//! Sums along rows, in lanes.

use crate::element::Real;
use crate::simd::{Isa, Vector};

/// `N` numbers to be summed, from `K` elements at one place. Implementations of `of` are `#[inline(always)]`.
pub(crate) trait Terms<T: Real, const K: usize, const N: usize>: Copy {
    fn of<V: Vector<Elem = T>>(self, x: [V; K]) -> [V; N];
}

/// The elements themselves.
#[derive(Clone, Copy)]
pub(crate) struct Values;

impl<T: Real> Terms<T, 1, 1> for Values {
    #[inline(always)]
    fn of<V: Vector<Elem = T>>(self, x: [V; 1]) -> [V; 1] {
        x
    }
}

/// The sums of `terms` over rows of equal length.
#[inline(always)]
pub(crate) fn sums<I: Isa, T: Real, F: Terms<T, K, N>, const K: usize, const N: usize>(
    terms: F,
    rows: [&[T]; K],
) -> [T; N] {
    /// Partial sums, so that additions need not wait for each other.
    const WAYS: usize = 4;
    let lanes = <T::V<I>>::LANES;
    let len = rows[0].len();
    assert!(rows.iter().all(|row| row.len() == len));
    let mut partial = [[<T::V<I>>::splat(T::ZERO); N]; WAYS];
    let mut at = 0;
    // SAFETY: all reads are below `len`, which is the length of every row.
    unsafe {
        while at + WAYS * lanes <= len {
            for partial in &mut partial {
                let mut x = [<T::V<I>>::splat(T::ZERO); K];
                for k in 0..K {
                    x[k] = <T::V<I>>::load(rows[k].as_ptr().add(at));
                }
                let terms = terms.of(x);
                for n in 0..N {
                    partial[n] = partial[n] + terms[n];
                }
                at += lanes;
            }
        }
        while at < len {
            let count = lanes.min(len - at);
            let mut x = [<T::V<I>>::splat(T::ZERO); K];
            for k in 0..K {
                x[k] = <T::V<I>>::load_first(rows[k].as_ptr().add(at), count);
            }
            let terms = terms.of(x);
            for n in 0..N {
                partial[0][n] = partial[0][n] + first(terms[n], count);
            }
            at += count;
        }
    }
    std::array::from_fn(|n| ((partial[0][n] + partial[1][n]) + (partial[2][n] + partial[3][n])).sum())
}

/// The first `count` lanes, the others zero.
#[inline(always)]
fn first<V: Vector>(v: V, count: usize) -> V {
    if count == V::LANES {
        return v;
    }
    let mut lanes = [V::Elem::ZERO; 16];
    // SAFETY: no register has more than 16 lanes.
    unsafe {
        v.store(lanes.as_mut_ptr());
        V::load_first(lanes.as_ptr(), count)
    }
}
