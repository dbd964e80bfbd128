//! The transforms of tiles: linear maps along both axes, between numbers at places and values at points.
//!
//! Polynomials are interpolated at 0, 1, -1, 2, infinity and, for kernels of three elements, -2.

use super::OUT;
use crate::simd::Vector;

/// The transforms for kernels of one size.
pub(super) trait Scheme: Sync {
    /// Rows and columns of a kernel,
    const KERNEL: usize;
    /// of the inputs that a tile of [`OUT`] x [`OUT`] outputs reads,
    const SIDE: usize = OUT + Self::KERNEL - 1;
    /// and products per tile and pair of channels.
    const POINTS: usize = Self::SIDE * Self::SIDE;

    /// A tile of the input to its points. Here and below, rows and columns of what is read lie `step` elements apart, and
    /// what is written lies `to_step` elements apart.
    /// # Safety
    /// Registers are readable and writable there; also below.
    unsafe fn input<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize);
    /// A kernel to its points.
    /// # Safety
    /// As above.
    unsafe fn kernel<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize);
    /// A tile of the output's gradient, in the kernel's place, to its points.
    /// # Safety
    /// As above.
    unsafe fn gradient<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize);
    /// Points to outputs.
    /// # Safety
    /// As above.
    unsafe fn output<V: Vector>(from: *const V::Elem, step: [usize; 2]) -> [[V; OUT]; OUT];
    /// Points to the gradient of a kernel.
    /// # Safety
    /// As above.
    unsafe fn weight<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize);
}

/// The most points of any scheme.
pub(super) const MOST_POINTS: usize = 36;
/// The most elements of a kernel that a scheme transforms,
pub(super) const MOST_TAPS: usize = 9;
/// and of one that falls into several of them.
pub(super) const MOST_ELEMENTS: usize = 16;

macro_rules! scheme {
    ($(#[$doc:meta])* $name:ident, $kernel:literal, $side:literal) => {
        $(#[$doc])*
        pub(super) struct $name;
        impl Scheme for $name {
            const KERNEL: usize = $kernel;
            #[inline(always)]
            unsafe fn input<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize) {
                // SAFETY: the caller's promise; also below.
                unsafe { store(both::<V, Input, $side, $side>(load(from, step)), to, to_step) }
            }
            #[inline(always)]
            unsafe fn kernel<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize) {
                // SAFETY: as above.
                unsafe { store(both::<V, Values, $kernel, $side>(load(from, step)), to, to_step) }
            }
            #[inline(always)]
            unsafe fn gradient<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize) {
                // SAFETY: as above.
                unsafe { store(both::<V, Values, OUT, $side>(load(from, step)), to, to_step) }
            }
            #[inline(always)]
            unsafe fn output<V: Vector>(from: *const V::Elem, step: [usize; 2]) -> [[V; OUT]; OUT] {
                // SAFETY: as above.
                unsafe { both::<V, Output, $side, OUT>(load(from, step)) }
            }
            #[inline(always)]
            unsafe fn weight<V: Vector>(from: *const V::Elem, step: [usize; 2], to: *mut V::Elem, to_step: usize) {
                // SAFETY: as above.
                unsafe { store(both::<V, Output, $side, $kernel>(load(from, step)), to, to_step) }
            }
        }
    };
}

scheme! {
    /// F(4 x 4, 3 x 3): 36 products instead of 144.
    Three, 3, 6
}
scheme! {
    /// F(4 x 4, 2 x 2): 25 products instead of 64.
    Two, 2, 5
}

/// A linear map along one axis of a tile. A trait, not a closure: what a closure does with registers is compiled without
/// the instruction set unless it is inlined.
trait Along<const FROM: usize, const TO: usize> {
    fn apply<V: Vector>(d: [V; FROM]) -> [V; TO];
}

/// Applies a map along both axes.
#[inline(always)]
fn both<V: Vector, F: Along<FROM, TO>, const FROM: usize, const TO: usize>(d: [[V; FROM]; FROM]) -> [[V; TO]; TO] {
    let zero = V::splat(V::Elem::default());
    let (mut half, mut whole) = ([[zero; FROM]; TO], [[zero; TO]; TO]);
    for x in 0..FROM {
        let mut column = [zero; FROM];
        for y in 0..FROM {
            column[y] = d[y][x];
        }
        let column = F::apply(column);
        for y in 0..TO {
            half[y][x] = column[y];
        }
    }
    for y in 0..TO {
        whole[y] = F::apply(half[y]);
    }
    whole
}

/// Loads `N x N` registers.
/// # Safety
/// They are readable.
#[inline(always)]
unsafe fn load<V: Vector, const N: usize>(from: *const V::Elem, step: [usize; 2]) -> [[V; N]; N] {
    let mut d = [[V::splat(V::Elem::default()); N]; N];
    for y in 0..N {
        for x in 0..N {
            // SAFETY: the caller's promise.
            d[y][x] = unsafe { V::load(from.add(y * step[0] + x * step[1])) };
        }
    }
    d
}

/// Stores them `step` elements apart.
/// # Safety
/// They are writable.
#[inline(always)]
unsafe fn store<V: Vector, const N: usize>(d: [[V; N]; N], to: *mut V::Elem, step: usize) {
    for y in 0..N {
        for x in 0..N {
            // SAFETY: the caller's promise.
            unsafe { d[y][x].store(to.add((y * N + x) * step)) };
        }
    }
}

/// Inputs: the transpose of the interpolation that ends the algorithm.
struct Input;
impl Along<6, 6> for Input {
    #[inline(always)]
    fn apply<V: Vector>(d: [V; 6]) -> [V; 6] {
        let (two, four, five) = (V::lit(2.0), V::lit(4.0), V::lit(-5.0));
        let (even, odd) = (d[4] - d[2] * four, d[3] - d[1] * four);
        let (near, far) = (d[4] - d[2], (d[3] - d[1]) * two);
        [
            d[0].mul_add(four, d[2].mul_add(five, d[4])),
            even + odd,
            even - odd,
            near + far,
            near - far,
            d[1].mul_add(four, d[3].mul_add(five, d[5])),
        ]
    }
}
impl Along<5, 5> for Input {
    #[inline(always)]
    fn apply<V: Vector>(d: [V; 5]) -> [V; 5] {
        let two = V::lit(2.0);
        let (near, far, odd) = (d[3] - d[2], d[4] - d[2], d[1] - d[3]);
        [
            (d[0] - d[2]).mul_add(two, -odd),
            near - d[1] * two,
            (d[1] - d[2]).mul_add(two, near),
            -odd,
            odd.mul_add(two, far),
        ]
    }
}

/// A polynomial at all points, scaled.
struct Values;
impl Along<3, 6> for Values {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 3]) -> [V; 6] {
        let [a, b, c, d] = ends(g[0], g[1], g[2], V::lit(0.0));
        [g[0] * V::lit(0.25), a, b, c, d, g[2]]
    }
}
impl Along<4, 6> for Values {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 4]) -> [V; 6] {
        let [a, b, c, d] = ends(g[0], g[1], g[2], g[3]);
        [g[0] * V::lit(0.25), a, b, c, d, g[3]]
    }
}
impl Along<2, 5> for Values {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 2]) -> [V; 5] {
        let (half, sixth) = (V::lit(0.5), V::lit(1.0 / 6.0));
        [g[0] * half, -((g[0] + g[1]) * half), (g[1] - g[0]) * sixth, g[1].mul_add(V::lit(2.0), g[0]) * sixth, g[1]]
    }
}
impl Along<4, 5> for Values {
    #[inline(always)]
    fn apply<V: Vector>(g: [V; 4]) -> [V; 5] {
        let (half, sixth, four) = (V::lit(0.5), V::lit(1.0 / 6.0), V::lit(4.0));
        let (even, odd) = (g[0] + g[2], g[1] + g[3]);
        let far = g[3].mul_add(four, g[1]).mul_add(V::lit(2.0), g[2].mul_add(four, g[0]));
        [g[0] * half, -((even + odd) * half), (odd - even) * sixth, far * sixth, g[3]]
    }
}

/// The polynomial at 1, -1, 2 and -2, scaled.
#[inline(always)]
fn ends<V: Vector>(a: V, b: V, c: V, d: V) -> [V; 4] {
    let (sixth, twelfth, small, third) = (V::lit(1.0 / 6.0), V::lit(1.0 / 12.0), V::lit(1.0 / 24.0), V::lit(1.0 / 3.0));
    let (even, odd) = (-((a + c) * sixth), (b + d) * sixth);
    let (far, far_odd) = (a.mul_add(small, c * sixth), b.mul_add(twelfth, d * third));
    [even - odd, even + odd, far + far_odd, far - far_odd]
}

/// Outputs, or elements of a kernel's gradient, from their values at the points.
struct Output;
impl Along<6, 4> for Output {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 6]) -> [V; 4] {
        let (two, four, eight) = (V::lit(2.0), V::lit(4.0), V::lit(8.0));
        let (near, near_odd, far, far_odd) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]);
        [
            m[0] + near + far,
            far_odd.mul_add(two, near_odd),
            far.mul_add(four, near),
            far_odd.mul_add(eight, near_odd) + m[5],
        ]
    }
}
impl Along<6, 3> for Output {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 6]) -> [V; 3] {
        let (near, near_odd, far, far_odd) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]);
        [m[0] + near + far, far_odd.mul_add(V::lit(2.0), near_odd), far.mul_add(V::lit(4.0), near) + m[5]]
    }
}
impl Along<5, 4> for Output {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 5]) -> [V; 4] {
        let (near, odd) = (m[1] + m[2], m[1] - m[2]);
        [
            m[0] + near + m[3],
            m[3].mul_add(V::lit(2.0), odd),
            m[3].mul_add(V::lit(4.0), near),
            m[3].mul_add(V::lit(8.0), odd) + m[4],
        ]
    }
}
impl Along<5, 2> for Output {
    #[inline(always)]
    fn apply<V: Vector>(m: [V; 5]) -> [V; 2] {
        [m[0] + m[1] + m[2] + m[3], m[3].mul_add(V::lit(2.0), m[1] - m[2]) + m[4]]
    }
}
