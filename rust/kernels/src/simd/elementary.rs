//! Elementary functions, generic over [`Vector`].

use super::Vector;
use crate::element::Element;

macro_rules! per_lane {
    ($($f:ident)*) => {$(
        /// The function of the same name of [`Math`](crate::Math).
        #[inline(always)]
        pub fn $f<V: Vector>(x: V) -> V {
            x.map_lanes(|x| V::Elem::from_f64(x.to_f64().$f()))
        }
    )*};
}
per_lane!(exp exp2 exp_m1 ln log2 log10 ln_1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh);

/// `x^y`.
#[inline(always)]
pub fn pow<V: Vector>(x: V, y: V) -> V {
    exp(y * ln(x))
}

/// The angle of the point (`x`, `y`).
#[inline(always)]
pub fn atan2<V: Vector>(y: V, x: V) -> V {
    atan(y / x)
}

/// Gauss error function.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let t = V::lit(1.0) / x.abs().mul_add(V::lit(0.5), V::lit(1.0));
    let e = t * exp(-(x * x) - 1.26551223 + t * (t * (t * 0.09678418 + 0.37409196) + 1.00002368));
    (V::lit(1.0) - e).copysign(x)
}

/// `1 - erf(x)`.
#[inline(always)]
pub fn erfc<V: Vector>(x: V) -> V {
    V::lit(1.0) - erf(x)
}
