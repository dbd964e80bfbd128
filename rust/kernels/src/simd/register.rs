//! What all registers have in common, as macros: operators and [`Math`](crate::Math) from a list of instructions.

/// Implements the operators and `Math` for the register `$v`. Bodies see the raw values of their arguments and give
/// a raw value; they may call intrinsics, because a register exists only behind the proof of its instruction set
/// ([`Isa`](super::Isa)).
macro_rules! register {
    (
        $(#[$doc:meta])* $v:ident($raw:ty): $elem:ty, mask $mask:ident($mask_raw:ty), features [$($feature:meta)?], elementary $where:ident;
        splat($s:ident) = $splat:expr;
        neg($n:ident) = $neg:expr;
        mul_add($x:ident, $y:ident, $z:ident) = $mul_add:expr;
        select($m:ident, $yes:ident, $no:ident) = $select:expr;
        operators { $($trait:ident $op:ident($oa:ident, $ob:ident) = $ox:expr;)* }
        compare { $($c:ident($ca:ident, $cb:ident) = $cx:expr;)* }
        binary { $($b:ident($ba:ident, $bb:ident) = $bx:expr;)* }
        unary { $($u:ident($ua:ident) = $ux:expr;)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub struct $v(pub(super) $raw);

        #[allow(unused_unsafe)]
        impl $v {
            #[inline(always)]
            fn broadcast($s: $elem) -> Self {
                // SAFETY: registers exist only where the instruction set does. This holds for the whole macro.
                $v(unsafe { $splat })
            }
        }

        $(
            #[allow(unused_unsafe)]
            impl std::ops::$trait for $v {
                type Output = Self;
                #[inline(always)]
                fn $op(self, other: Self) -> Self {
                    let ($oa, $ob) = (self.0, other.0);
                    // SAFETY: as above.
                    $v(unsafe { $ox })
                }
            }
            impl std::ops::$trait<f64> for $v {
                type Output = Self;
                #[inline(always)]
                fn $op(self, other: f64) -> Self {
                    std::ops::$trait::$op(self, Self::broadcast(other as $elem))
                }
            }
        )*
        #[allow(unused_unsafe)]
        impl std::ops::Neg for $v {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                let $n = self.0;
                // SAFETY: as above.
                $v(unsafe { $neg })
            }
        }

        #[allow(unused_unsafe)]
        impl $crate::math::Math for $v {
            type Mask = $mask;
            #[inline(always)]
            fn lit(value: f64) -> Self {
                Self::broadcast(value as $elem)
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                let ($x, $y, $z) = (self.0, a.0, b.0);
                // SAFETY: as above.
                $v(unsafe { $mul_add })
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                let ($m, $yes, $no): ($mask_raw, _, _) = (mask.0, yes.0, no.0);
                // SAFETY: as above.
                $v(unsafe { $select })
            }
            $(
                #[inline(always)]
                fn $c(self, other: Self) -> $mask {
                    let ($ca, $cb) = (self.0, other.0);
                    // SAFETY: as above.
                    $mask(unsafe { $cx })
                }
            )*
            $(
                #[inline(always)]
                fn $b(self, other: Self) -> Self {
                    let ($ba, $bb) = (self.0, other.0);
                    // SAFETY: as above.
                    $v(unsafe { $bx })
                }
            )*
            $(
                #[inline(always)]
                fn $u(self) -> Self {
                    let $ua = self.0;
                    // SAFETY: as above.
                    $v(unsafe { $ux })
                }
            )*
            register!(@$where $v [$($feature)?] exp(x) exp2(x) ln(x) ln_1p(x) tanh(x) erf(x) ndtr(x));
            register!(@outline $v [$($feature)?] exp_m1(x) log2(x) log10(x) sin(x) cos(x) tan(x) asin(x) acos(x)
                atan(x) sinh(x) cosh(x) asinh(x) acosh(x) atanh(x) erfc(x) pow(x, y) atan2(x, y));
        }
    };
    // In line: the functions that networks spend their time in, on the registers that they use.
    (@inline $v:ident $features:tt $($f:ident(x))*) => {
        $(
            #[inline(always)]
            fn $f(self) -> Self {
                $crate::simd::elementary::$f(self)
            }
        )*
    };
    // The others are in the binary once per register and not once per formula, at the price of a call: inlined
    // everywhere they take minutes to compile and megabytes of code.
    (@outline $v:ident $features:tt $($f:ident($x:ident $(, $y:ident)?))*) => {
        $(register!(@one $v $features $f $x $($y)?);)*
    };
    (@one $v:ident [$($feature:meta)?] $f:ident $x:ident $($y:ident)?) => {
        #[inline(always)]
        #[allow(unused_unsafe)]
        fn $f(self $(, $y: Self)?) -> Self {
            #[inline(never)]
            $(#[$feature])?
            fn outline($x: $v $(, $y: $v)?) -> $v {
                $crate::simd::elementary::$f($x $(, $y)?)
            }
            // SAFETY: registers exist only where the instruction set does.
            unsafe { outline(self $(, $y)?) }
        }
    };
}

/// Defines a mask over `$raw` with its logic.
macro_rules! mask {
    ($m:ident($raw:ty); and($aa:ident, $ab:ident) = $and:expr; or($oa:ident, $ob:ident) = $or:expr; not($n:ident) = $not:expr;) => {
        /// What comparisons give.
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub struct $m(pub(super) $raw);
        #[allow(unused_unsafe)]
        impl std::ops::BitAnd for $m {
            type Output = Self;
            #[inline(always)]
            fn bitand(self, other: Self) -> Self {
                let ($aa, $ab) = (self.0, other.0);
                // SAFETY: masks, like registers, exist only where the instruction set does.
                $m(unsafe { $and })
            }
        }
        #[allow(unused_unsafe)]
        impl std::ops::BitOr for $m {
            type Output = Self;
            #[inline(always)]
            fn bitor(self, other: Self) -> Self {
                let ($oa, $ob) = (self.0, other.0);
                // SAFETY: as above.
                $m(unsafe { $or })
            }
        }
        #[allow(unused_unsafe)]
        impl std::ops::Not for $m {
            type Output = Self;
            #[inline(always)]
            fn not(self) -> Self {
                let $n = self.0;
                // SAFETY: as above.
                $m(unsafe { $not })
            }
        }
    };
}
