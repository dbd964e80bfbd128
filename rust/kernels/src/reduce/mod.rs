//! Reductions: many elements become one.
//!
//! `axes[i]` says whether axis `i` of `src` is reduced; `out` is contiguous over the kept axes in their order.
//!
//! Results have the same bits on any number of threads and any instruction set: the reduced elements are cut into
//! leaves by shape and strides alone, each leaf goes through a fixed number of accumulators, and what comes out is
//! combined in a binary tree. The error of a sum therefore grows with the logarithm of its length.
//!
//! There are loops for `f32`, `f64`, `i32`, `i64` and `bool`. Elements of other types, and those that lie apart, pass through
//! small buffers on their way: with a loop per type and stride, reductions took a tenth of the wheel.

mod find;
mod plan;
mod source;
mod tree;

use crate::copy::convert;
use crate::element::{Element, Real};
use crate::par;
use crate::view::View;
use plan::Plan;
use std::any::TypeId;
use std::mem::MaybeUninit;
use tree::{Fold, fold};

/// Defines a fold without context, whose elements combine with what came before as two of these do.
macro_rules! fold {
    ($name:ident$(<$t:ident: $bound:ident>)? on $e:ty; start($first:ident) = $start:expr;
     join($a:ident, $b:ident) = $join:expr) => {
        #[derive(Clone, Copy)]
        struct $name;
        impl$(<$t: $bound>)? Fold<$e> for $name {
            type Context = ();
            #[inline(always)]
            fn context(self, _: usize) {}
            #[inline(always)]
            fn start(self, $first: Option<$e>) -> $e {
                $start
            }
            #[inline(always)]
            fn add(self, a: $e, x: $e, _: ()) -> $e {
                self.join(a, x)
            }
            #[inline(always)]
            fn join(self, $a: $e, $b: $e) -> $e {
                $join
            }
        }
    };
}

fold! { Sum<T: Real> on T; start(_first) = T::ZERO; join(a, b) = a + b }
fold! { Product<T: Real> on T; start(_first) = T::ONE; join(a, b) = a * b }
fold! { IntegerSum on i64; start(_first) = 0; join(a, b) = a.wrapping_add(b) }
fold! { IntegerProduct on i64; start(_first) = 1; join(a, b) = a.wrapping_mul(b) }
// Not `||` in the extremes: without a branch the compiler uses lanes.
fold! { Max<T: Element> on T; start(first) = seed(first); join(a, b) = if (b > a) | is_nan(b) { b } else { a } }
fold! { Min<T: Element> on T; start(first) = seed(first); join(a, b) = if (b < a) | is_nan(b) { b } else { a } }
fold! { Any on bool; start(_first) = false; join(a, b) = a | b }
fold! { All on bool; start(_first) = true; join(a, b) = a & b }

fn seed<T: Element>(first: Option<T>) -> T {
    match first {
        Some(first) => first,
        None => panic!("the extreme of no elements: the caller has to refuse it"),
    }
}

/// NaN is whatever differs from itself.
#[inline(always)]
#[allow(clippy::eq_op)]
fn is_nan<T: PartialEq>(x: T) -> bool {
    x != x
}

/// The sum of squared distances from the outputs' means.
#[derive(Clone, Copy)]
struct Deviation<'a, T> {
    mean: &'a [T],
}
impl<T: Real> Fold<T> for Deviation<'_, T> {
    type Context = T;
    #[inline(always)]
    fn context(self, output: usize) -> T {
        self.mean[output]
    }
    #[inline(always)]
    fn start(self, _: Option<T>) -> T {
        T::ZERO
    }
    #[inline(always)]
    fn add(self, acc: T, x: T, mean: T) -> T {
        let distance = x - mean;
        acc + distance * distance
    }
    #[inline(always)]
    fn join(self, a: T, b: T) -> T {
        a + b
    }
}

/// Reduces in another type: gives `run` memory for results of type `E` and converts them to `out`'s type.
fn through<T: Element, E: Element>(out: &mut [T], run: impl FnOnce(&mut [E])) {
    if TypeId::of::<T>() == TypeId::of::<E>() {
        // SAFETY: the types are the same.
        return run(unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast(), out.len()) });
    }
    scratch(out.len(), |wide| {
        run(wide);
        out.iter_mut().zip(wide).for_each(|(out, wide)| *out = convert(*wide));
    });
}

/// Lends `f` zeros.
fn scratch<E: Element>(len: usize, f: impl FnOnce(&mut [E])) {
    par::scratch(len, |memory: &mut [MaybeUninit<E>]| {
        memory.fill(MaybeUninit::new(E::default()));
        // SAFETY: all have just been written.
        f(unsafe { &mut *(std::ptr::from_mut(memory) as *mut [E]) });
    });
}

/// Sums of floats; 16-bit floats are accumulated in `f32`. Nothing sums to 0.
pub fn sum<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T])
where
    T::Folded: Real,
{
    through(out, |out: &mut [T::Folded]| fold(&Plan::new(src, axes, false), out, Sum));
}

/// Products of floats; 16-bit floats are accumulated in `f32`. The product of nothing is 1.
pub fn prod<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T])
where
    T::Folded: Real,
{
    through(out, |out: &mut [T::Folded]| fold(&Plan::new(src, axes, false), out, Product));
}

/// Sums of integers or truth values; wraps.
pub fn sum_int<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [i64]) {
    fold(&Plan::new(src, axes, false), out, IntegerSum);
}

/// Products of integers or truth values; wraps.
pub fn prod_int<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [i64]) {
    fold(&Plan::new(src, axes, false), out, IntegerProduct);
}

/// Largest elements; NaN if there is one.
///
/// # Panics
/// If an output is made of no elements.
pub fn max<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T]) {
    through(out, |out: &mut [T::Folded]| fold(&Plan::new(src, axes, false), out, Max));
}

/// Smallest elements; NaN if there is one.
///
/// # Panics
/// If an output is made of no elements.
pub fn min<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [T]) {
    through(out, |out: &mut [T::Folded]| fold(&Plan::new(src, axes, false), out, Min));
}

/// Whether any element is not zero.
pub fn any<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [bool]) {
    fold(&Plan::new(src, axes, false), out, Any);
}

/// Whether all elements are not zero.
pub fn all<T: Element>(src: View<'_, T>, axes: &[bool], out: &mut [bool]) {
    fold(&Plan::new(src, axes, false), out, All);
}

/// Means, and sums of squared distances from them. Of nothing: NaN and 0.
pub fn moments<T: Real>(src: View<'_, T>, axes: &[bool], mean: &mut [T], m2: &mut [T]) {
    let plan = &Plan::new(src, axes, false);
    fold(plan, mean, Sum);
    let count = T::from_f64(plan.reduced.len() as f64);
    mean.iter_mut().for_each(|mean| *mean = *mean / count);
    fold(plan, m2, Deviation { mean });
}

/// Where the largest element is: along an axis, or in the row-major order of all. The first NaN, else the first of
/// equals.
///
/// # Panics
/// If an output is made of no elements.
pub fn argmax<T: Element>(src: View<'_, T>, axis: Option<usize>, out: &mut [i64]) {
    scratch(out.len(), |values: &mut [T::Folded]| find::with_index(src, axis, values, out, Max));
}

/// Where the smallest element is: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn argmin<T: Element>(src: View<'_, T>, axis: Option<usize>, out: &mut [i64]) {
    scratch(out.len(), |values: &mut [T::Folded]| find::with_index(src, axis, values, out, Min));
}

/// The largest elements along an axis and where they are: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn max_with_index<T: Element>(src: View<'_, T>, axis: usize, values: &mut [T], indices: &mut [i64]) {
    through(values, |values: &mut [T::Folded]| find::with_index(src, Some(axis), values, indices, Max));
}

/// The smallest elements along an axis and where they are: see [`argmax`].
///
/// # Panics
/// If an output is made of no elements.
pub fn min_with_index<T: Element>(src: View<'_, T>, axis: usize, values: &mut [T], indices: &mut [i64]) {
    through(values, |values: &mut [T::Folded]| find::with_index(src, Some(axis), values, indices, Min));
}
