//! What matrices hold: real and complex doubles behind the same few operations, so that every algorithm is written once.

use super::Window;
use crate::gemm::{self, Bias};
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// A real or complex double.
pub trait Number:
    Copy
    + Default
    + Debug
    + PartialEq
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
    /// Doubles that one number takes.
    const PARTS: usize;
    /// A real number.
    fn real(re: f64) -> Self;
    /// The real part.
    fn re(self) -> f64;
    /// The imaginary part.
    fn im(self) -> f64;
    /// The complex conjugate.
    fn conj(self) -> Self;
    /// The absolute value.
    fn size(self) -> f64;
    /// What pivots are compared by, as LAPACK does: `|re| + |im|`.
    fn weight(self) -> f64 {
        self.re().abs() + self.im().abs()
    }
    /// The number as the product of a real one and one of absolute value 1. A real number keeps its sign in the first.
    fn polar(self) -> (f64, Self);
    /// Multiplied by a real number.
    fn scaled(self, factor: f64) -> Self;
    /// Whether no part is infinite or not-a-number.
    fn is_finite(self) -> bool {
        self.re().is_finite() && self.im().is_finite()
    }
    /// Numbers as they lie in memory.
    fn of(parts: &[f64]) -> &[Self];
    /// Numbers as they lie in memory, to be written to.
    fn of_mut(parts: &mut [f64]) -> &mut [Self];
    /// Their memory.
    fn parts_mut(numbers: &mut [Self]) -> &mut [f64];
    /// `a @ b` for `m x k` and `k x n`, row-major.
    fn product(m: usize, k: usize, n: usize, a: Window<'_, Self>, b: Window<'_, Self>) -> Vec<Self>;
}

impl Number for f64 {
    const PARTS: usize = 1;
    fn real(re: f64) -> f64 {
        re
    }
    fn re(self) -> f64 {
        self
    }
    fn im(self) -> f64 {
        0.0
    }
    fn conj(self) -> f64 {
        self
    }
    fn size(self) -> f64 {
        self.abs()
    }
    fn polar(self) -> (f64, f64) {
        (self, 1.0)
    }
    fn scaled(self, factor: f64) -> f64 {
        self * factor
    }
    fn of(parts: &[f64]) -> &[f64] {
        parts
    }
    fn of_mut(parts: &mut [f64]) -> &mut [f64] {
        parts
    }
    fn parts_mut(numbers: &mut [f64]) -> &mut [f64] {
        numbers
    }
    fn product(m: usize, k: usize, n: usize, a: Window<'_, f64>, b: Window<'_, f64>) -> Vec<f64> {
        real_product(m, k, n, [a.part(m, k, 0), b.part(k, n, 0)])
    }
}

fn real_product(m: usize, k: usize, n: usize, [a, b]: [gemm::Matrix<'static, f64>; 2]) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    // SAFETY: `Window::part` has checked the operands' bounds; the output is as large as it has to be, and new.
    unsafe { gemm::run(&[], m, k, n, a, b, out.as_mut_ptr(), Bias::None, false) };
    out
}

/// A complex double.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Number for Complex {
    const PARTS: usize = 2;
    fn real(re: f64) -> Complex {
        Complex { re, im: 0.0 }
    }
    fn re(self) -> f64 {
        self.re
    }
    fn im(self) -> f64 {
        self.im
    }
    fn conj(self) -> Complex {
        Complex { re: self.re, im: -self.im }
    }
    fn size(self) -> f64 {
        self.re.hypot(self.im)
    }
    fn polar(self) -> (f64, Complex) {
        let size = self.size();
        if size == 0.0 { (0.0, Complex::real(1.0)) } else { (size, self.scaled(1.0 / size)) }
    }
    fn scaled(self, factor: f64) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }
    fn of(parts: &[f64]) -> &[Complex] {
        // SAFETY: a `Complex` is two doubles, of their alignment; the length is rounded down.
        unsafe { std::slice::from_raw_parts(parts.as_ptr().cast(), parts.len() / 2) }
    }
    fn of_mut(parts: &mut [f64]) -> &mut [Complex] {
        // SAFETY: as in `of`.
        unsafe { std::slice::from_raw_parts_mut(parts.as_mut_ptr().cast(), parts.len() / 2) }
    }
    fn parts_mut(numbers: &mut [Complex]) -> &mut [f64] {
        // SAFETY: as in `of`, the other way.
        unsafe { std::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), numbers.len() * 2) }
    }
    fn product(m: usize, k: usize, n: usize, a: Window<'_, Complex>, b: Window<'_, Complex>) -> Vec<Complex> {
        // Four products of parts, which the kernel reads where they lie.
        let part = |i: usize, j: usize| real_product(m, k, n, [a.part(m, k, i), b.part(k, n, j)]);
        let (left, right) = (if a.conj { -1.0 } else { 1.0 }, if b.conj { -1.0 } else { 1.0 });
        let [rr, ii, ri, ir] = [part(0, 0), part(1, 1), part(0, 1), part(1, 0)];
        (0..m * n).map(|i| Complex { re: rr[i] - left * right * ii[i], im: right * ri[i] + left * ir[i] }).collect()
    }
}

macro_rules! operators {
    ($($trait:ident $name:ident, $assign:ident $name_assign:ident, |$x:ident, $y:ident| $formula:expr;)*) => {$(
        impl $trait for Complex {
            type Output = Complex;
            #[inline(always)]
            fn $name(self, other: Complex) -> Complex {
                let ($x, $y) = (self, other);
                $formula
            }
        }
        impl $assign for Complex {
            #[inline(always)]
            fn $name_assign(&mut self, other: Complex) {
                *self = $trait::$name(*self, other);
            }
        }
    )*};
}

operators! {
    Add add, AddAssign add_assign, |x, y| Complex { re: x.re + y.re, im: x.im + y.im };
    Sub sub, SubAssign sub_assign, |x, y| Complex { re: x.re - y.re, im: x.im - y.im };
    Mul mul, MulAssign mul_assign, |x, y| Complex { re: x.re * y.re - x.im * y.im, im: x.re * y.im + x.im * y.re };
    Div div, DivAssign div_assign, |x, y| quotient(x, y);
}

impl Neg for Complex {
    type Output = Complex;
    fn neg(self) -> Complex {
        Complex { re: -self.re, im: -self.im }
    }
}

/// `x / y` without overflow of squares (Smith, 1962).
fn quotient(x: Complex, y: Complex) -> Complex {
    if y.re.abs() >= y.im.abs() {
        let ratio = y.im / y.re;
        let divisor = y.re + y.im * ratio;
        Complex { re: (x.re + x.im * ratio) / divisor, im: (x.im - x.re * ratio) / divisor }
    } else {
        let ratio = y.re / y.im;
        let divisor = y.re * ratio + y.im;
        Complex { re: (x.re * ratio + x.im) / divisor, im: (x.im * ratio - x.re) / divisor }
    }
}
