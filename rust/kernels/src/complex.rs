//! Elementwise loops over complex numbers: pairs of real and imaginary part, as NumPy and PyTorch lay them out.
//!
//! Products and quotients run in lanes. The elementary functions are computed in doubles, one loop for all of them.

use crate::element::Real;
use crate::map::Zip;
use crate::par;
use crate::simd;
use crate::view::{Axes, View, ViewMut};

pub mod functions;

/// Real and imaginary part.
pub type Pair<T> = [T; 2];

/// Elements that a thread takes at once.
const BLOCK: usize = 8 * 1024;

/// `out = a * b`, by the definition, as PyTorch's, so that infinite factors give NaN.
pub fn product<T: Real>(a: View<'_, Pair<T>>, b: View<'_, Pair<T>>, out: ViewMut<'_, Pair<T>>) {
    zip(a, b, out, 4, move |[a, b], [c, d]| [a * c - b * d, a * d + b * c]);
}

/// `out = a / b`, scaled by the larger part of `b` (R. L. Smith, Algorithm 116: Complex division, 1962), so that squares
/// neither overflow nor vanish.
pub fn quotient<T: Real>(a: View<'_, Pair<T>>, b: View<'_, Pair<T>>, out: ViewMut<'_, Pair<T>>) {
    zip(a, b, out, 12, move |[a, b], [c, d]| {
        let size = |x: T| if x < T::ZERO { -x } else { x };
        let wide = size(c) >= size(d);
        let (large, small) = if wide { (c, d) } else { (d, c) };
        if large == T::ZERO {
            return [a / T::ZERO, b / T::ZERO];
        }
        let ratio = small / large;
        let scale = large + small * ratio;
        let (re, im) = if wide { (a + b * ratio, b - a * ratio) } else { (a * ratio + b, b * ratio - a) };
        [re / scale, im / scale]
    });
}

fn zip<T: Real, F>(a: View<'_, Pair<T>>, b: View<'_, Pair<T>>, out: ViewMut<'_, Pair<T>>, cost: usize, f: F)
where
    F: Fn(Pair<T>, Pair<T>) -> Pair<T> + Copy + Send + Sync,
{
    debug_assert!(a.shape() == out.shape() && b.shape() == out.shape());
    if out.is_empty() {
        return;
    }
    let axes = Axes::new(out.shape(), out.strides(), [a.strides(), b.strides()]);
    let (axes, a, b, out) = (&axes, &a, &b, &out);
    par::blocks(out.len(), BLOCK, cost, |range| simd::dispatch_elementwise(Zip { axes, range, a, b, out, f }));
}

/// A function of one complex number, in doubles.
pub type Function = fn(Pair<f64>) -> Pair<f64>;

/// Evaluates `f` at every element. The call of each is indirect: small beside the function.
pub fn map<T: Real>(f: Function, x: View<'_, Pair<T>>, out: ViewMut<'_, Pair<T>>) {
    debug_assert_eq!(x.shape(), out.shape());
    if out.is_empty() {
        return;
    }
    let axes = Axes::new(out.shape(), out.strides(), [x.strides()]);
    par::blocks(out.len(), BLOCK, 60, |range| {
        for piece in axes.walk(range) {
            for i in 0..piece.len as isize {
                // SAFETY: the walk stays within the operands, its pieces are disjoint.
                unsafe {
                    let x = *x.ptr().offset(piece.others[0] + i * axes.others(0)[0]);
                    let y = f(x.map(T::to_f64));
                    *out.ptr().offset(piece.lead + i * axes.lead(0)) = y.map(T::from_f64);
                }
            }
        }
    });
}

/// Powers of complex numbers at every pair of elements, in doubles.
pub fn power<T: Real>(a: View<'_, Pair<T>>, b: View<'_, Pair<T>>, out: ViewMut<'_, Pair<T>>) {
    debug_assert!(a.shape() == out.shape() && b.shape() == out.shape());
    if out.is_empty() {
        return;
    }
    let axes = Axes::new(out.shape(), out.strides(), [a.strides(), b.strides()]);
    par::blocks(out.len(), BLOCK, 100, |range| {
        for piece in axes.walk(range) {
            for i in 0..piece.len as isize {
                // SAFETY: the walk stays within the operands, its pieces are disjoint.
                unsafe {
                    let a = *a.ptr().offset(piece.others[0] + i * axes.others(0)[0]);
                    let b = *b.ptr().offset(piece.others[1] + i * axes.others(0)[1]);
                    let y = functions::pow(a.map(T::to_f64), b.map(T::to_f64));
                    *out.ptr().offset(piece.lead + i * axes.lead(0)) = y.map(T::from_f64);
                }
            }
        }
    });
}
