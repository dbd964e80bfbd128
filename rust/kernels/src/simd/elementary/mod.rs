//! Elementary functions, generic over [`Vector`]: no tables, few branches, the same code for `f32` and `f64`.
//!
//! Each reduces its argument to a small interval and evaluates a polynomial there (fitted at Chebyshev nodes, error
//! below a tenth of a unit in the last place). Reductions and corrections follow the literature: Cody and Waite
//! (1980) for exp, sin and cos; fdlibm's `2 atanh(f / (2 + f))` for logarithms; Dekker (1971) for products in two
//! parts. Constants in two parts have enough trailing zeros for the products to be exact without a fused
//! multiply-add. NaN propagates; infinities, signed zeros and subnormal numbers are as in C99.
//!
//! In `f32` every function of one argument is within 2 units in the last place of the exact value (2.25 without fused
//! multiply-add), over all numbers there are: `cargo test -p rutile-kernels --test elementary` sweeps them and prints the
//! errors. In `f64` the tested bound is 3, against a reference that is itself one unit off; pow and atan2 have theirs
//! in the test.

/// `c0 + x (c1 + x (c2 + ...))`, with coefficients for `f32` and for `f64`.
macro_rules! polynomial {
    ($x:expr, [$($a:expr),+], [$($b:expr),+]) => {
        if $crate::simd::elementary::single::<V>() { polynomial!(@ $x, $($a),+) } else { polynomial!(@ $x, $($b),+) }
    };
    (@ $x:expr, $c:expr) => { V::lit($c) };
    (@ $x:expr, $c:expr, $($more:expr),+) => { polynomial!(@ $x, $($more),+).mul_add($x, V::lit($c)) };
}

mod error;
mod exponential;
mod hyperbolic;
mod trigonometric;

use super::Vector;
pub use error::{erf, erfc, ndtr};
pub use exponential::{exp, exp_m1, exp2, ln, ln_1p, log2, log10, pow};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use trigonometric::{acos, asin, atan, atan2, cos, sin, tan};

/// Whether the lanes are `f32`; folded at compile time.
#[inline(always)]
const fn single<V: Vector>() -> bool {
    size_of::<V::Elem>() == 4
}

/// A constant that depends on the precision.
#[inline(always)]
fn by_type<V: Vector>(f32: f64, f64: f64) -> V {
    V::lit(if single::<V>() { f32 } else { f64 })
}
