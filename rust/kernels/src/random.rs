//! Random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
//!
//! Element `i` of a result depends on `(seed, offset, i)` and the element type alone, never on threads, on the width
//! of registers or on how long the result is. Counters are consumed in groups of 16 blocks, one block per lane; the
//! 64 words of a group are ordered word by word, so that lanes never have to be transposed.
//!
//! A generator that draws `n` elements then moves its offset on by [`blocks_used`]`(n)`.

mod counts;

pub use counts::{binomial, poisson};

use crate::element::Real;
use crate::math::Math;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use std::any::TypeId;
use std::f64::consts::TAU;
use std::mem::size_of;

/// Philox blocks that are computed side by side.
const LANES: usize = 16;
/// Words in a group of blocks.
const GROUP: usize = 4 * LANES;
/// Elements of one parallel task, a multiple of [`GROUP`].
const TASK: usize = 256 * GROUP;
/// Elementary operations per word.
const COST: usize = 4;

/// How many counter blocks a draw of `n` elements may consume, whatever their type.
pub fn blocks_used(n: usize) -> u64 {
    // Two words per element: the most that any element takes.
    (n as u64).div_ceil(GROUP as u64 / 2) * LANES as u64
}

/// Uniform numbers in `[lo, hi)`, on a grid of `2^-24` (`f32`) or `2^-53` (`f64`) of the interval. All are `lo` if
/// `lo == hi`.
pub fn uniform<T: Real>(seed: u64, offset: u64, lo: f64, hi: f64, out: &mut [T]) {
    debug_assert!(lo <= hi);
    let (lo, hi) = (T::from_f64(lo), T::from_f64(hi));
    // `lo + u * (hi - lo)` may round up to `hi`, which is not in the interval.
    let last = if lo < hi { next_down(hi) } else { lo };
    generate(Uniform { lo, width: T::from_f64(hi.to_f64() - lo.to_f64()), last }, seed, offset, out);
}

/// Normal numbers (Box-Muller) of the given mean and standard deviation.
pub fn normal<T: Real>(seed: u64, offset: u64, mean: f64, std: f64, out: &mut [T]) {
    generate(Normal { mean: T::from_f64(mean), std: T::from_f64(std) }, seed, offset, out);
}

/// `true` with probability `p_keep`, to within `2^-32`.
pub fn bernoulli_mask(seed: u64, offset: u64, p_keep: f64, out: &mut [bool]) {
    generate(Coin::new(p_keep), seed, offset, out);
}

/// Sets each element to zero with probability `p`, the others to `x / (1 - p)`. `mask` tells which were kept: the
/// same booleans as [`bernoulli_mask`] with `1 - p`.
pub fn dropout<T: Real>(seed: u64, offset: u64, p: f64, x: &[T], out: &mut [T], mask: &mut [bool]) {
    assert!(x.len() == out.len() && x.len() == mask.len());
    let (coin, scale) = (Coin::new(1.0 - p), keep_scale(p));
    let (out_parts, mask_parts) = (Parts::new(out), Parts::new(mask));
    par::blocks(x.len(), TASK, COST, |range| {
        // SAFETY: blocks are disjoint.
        let (out, mask) = unsafe { (out_parts.range(range.clone()), mask_parts.range(range.clone())) };
        simd::dispatch(Draw { draw: coin, seed, offset: block_of(offset, range.start, 1), out: &mut *mask });
        simd::dispatch(Masked { scale, x: &x[range], mask, out });
    });
}

/// The gradient of [`dropout`]: `g / (1 - p)` where `mask` holds, else zero.
pub fn dropout_backward<T: Real>(p: f64, g: &[T], mask: &[bool], out: &mut [T]) {
    assert!(g.len() == out.len() && g.len() == mask.len());
    let scale = keep_scale(p);
    let parts = Parts::new(out);
    par::blocks(g.len(), TASK, 1, |range| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { parts.range(range.clone()) };
        simd::dispatch(Masked { scale, x: &g[range.clone()], mask: &mask[range], out });
    });
}

/// What makes up for the dropped elements. Nothing is left to be scaled if all are dropped.
fn keep_scale<T: Real>(p: f64) -> T {
    T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 })
}

/// Uniform integers in `[low, high)`. The bias is below `(high - low) / 2^64`.
pub fn integers(seed: u64, offset: u64, low: i64, high: i64, out: &mut [i64]) {
    debug_assert!(low < high || out.is_empty());
    generate(Integers { low, count: high.wrapping_sub(low) as u64 }, seed, offset, out);
}

/// A random order of `0..out.len()` (Fisher-Yates). Serial: each step depends on the one before.
pub fn permutation(seed: u64, offset: u64, out: &mut [i64]) {
    let n = out.len();
    for (i, value) in out.iter_mut().enumerate() {
        *value = i as i64;
    }
    // A draw of n 64-bit words; word i decides which of the remaining n - i values comes to place i.
    let mut words = [0; GROUP];
    for i in 0..n {
        if i % (GROUP / 2) == 0 {
            words = group(seed, block_of(offset, i, 2));
        }
        let word = wide(&words, i % (GROUP / 2));
        out.swap(i, i + scale_down(word, (n - i) as u64) as usize);
    }
}

/// The counter at which element `i` of a draw starts, if elements take `words` words. `i` starts a group.
fn block_of(offset: u64, i: usize, words: usize) -> u64 {
    debug_assert!(i.is_multiple_of(GROUP / words));
    offset.wrapping_add((i * words / 4) as u64)
}

/// One Philox4x32-10 block: number `step` of those that belong to `counter`.
#[inline(always)]
fn philox(seed: u64, counter: u64, step: u32) -> [u32; 4] {
    let (mut key0, mut key1) = (seed as u32, (seed >> 32) as u32);
    let mut c = [counter as u32, (counter >> 32) as u32, step, 0];
    for _ in 0..10 {
        let a = u64::from(c[0]) * 0xD251_1F53;
        let b = u64::from(c[2]) * 0xCD9E_8D57;
        c = [(b >> 32) as u32 ^ c[1] ^ key0, b as u32, (a >> 32) as u32 ^ c[3] ^ key1, a as u32];
        key0 = key0.wrapping_add(0x9E37_79B9);
        key1 = key1.wrapping_add(0xBB67_AE85);
    }
    c
}

/// The words of the 16 blocks from `counter` on: all first words, then all second words, ...
#[inline(always)]
fn group(seed: u64, counter: u64) -> [u32; GROUP] {
    let mut words = [0; GROUP];
    for lane in 0..LANES {
        let block = philox(seed, counter.wrapping_add(lane as u64), 0);
        for word in 0..4 {
            words[word * LANES + lane] = block[word];
        }
    }
    words
}

/// The `i`-th 64-bit word of a group.
#[inline(always)]
fn wide(words: &[u32; GROUP], i: usize) -> u64 {
    u64::from(words[GROUP / 2 + i]) << 32 | u64::from(words[i])
}

/// `word` as a number below `count`: the high half of their product.
#[inline(always)]
fn scale_down(word: u64, count: u64) -> u64 {
    ((u128::from(word) * u128::from(count)) >> 64) as u64
}

/// How one group of words becomes elements.
trait Distribution<T>: Copy + Send + Sync {
    /// Words that one element takes: 1 or 2.
    const WORDS: usize;
    /// Writes `out`, at most `GROUP / WORDS` elements. Implementations are `#[inline(always)]`.
    fn draw<I: Isa>(&self, words: &[u32; GROUP], out: &mut [T]);
}

struct Draw<'a, T, D> {
    draw: D,
    seed: u64,
    offset: u64,
    out: &'a mut [T],
}

impl<T, D: Distribution<T>> Kernel for Draw<'_, T, D> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let mut counter = self.offset;
        for out in self.out.chunks_mut(GROUP / D::WORDS) {
            self.draw.draw::<I>(&group(self.seed, counter), out);
            counter = counter.wrapping_add(LANES as u64);
        }
    }
}

/// Draws all of `out`, in parallel.
fn generate<T: Send, D: Distribution<T>>(draw: D, seed: u64, offset: u64, out: &mut [T]) {
    let len = out.len();
    let parts = Parts::new(out);
    par::blocks(len, TASK, COST * D::WORDS, |range| {
        let offset = block_of(offset, range.start, D::WORDS);
        // SAFETY: blocks are disjoint.
        let out = unsafe { parts.range(range) };
        simd::dispatch(Draw { draw, seed, offset, out });
    });
}

/// Numbers in `[0, 1)`: 64 of 24 bits if `T` is `f32`, 32 of 53 bits if it is `f64`.
#[inline(always)]
fn unit<T: Real>(words: &[u32; GROUP]) -> [T; GROUP] {
    let mut out = [T::default(); GROUP];
    if TypeId::of::<T>() == TypeId::of::<f32>() {
        for i in 0..GROUP {
            let value = (words[i] >> 8) as f32 * (1.0 / (1 << 24) as f32);
            out[i] = T::from_f64(f64::from(value));
        }
    } else {
        for i in 0..GROUP / 2 {
            // Both halves are exact, and so is their sum: 32-bit integers convert in registers, 64-bit ones do not.
            let high = f64::from(words[GROUP / 2 + i]) * (1.0 / (1u64 << 32) as f64);
            let low = f64::from(words[i] >> 11) * (1.0 / (1u64 << 53) as f64);
            out[i] = T::from_f64(high + low);
        }
    }
    out
}

/// Elements that [`unit`] makes of a group.
const fn per_group<T>() -> usize {
    GROUP * 4 / size_of::<T>()
}

/// The largest number of the type below `x`.
fn next_down<T: Real>(x: T) -> T {
    let x = x.to_f64();
    T::from_f64(if size_of::<T>() == 4 { f64::from((x as f32).next_down()) } else { x.next_down() })
}

#[derive(Clone, Copy)]
struct Uniform<T> {
    lo: T,
    width: T,
    last: T,
}

impl<T: Real> Distribution<T> for Uniform<T> {
    const WORDS: usize = size_of::<T>() / 4;
    #[inline(always)]
    fn draw<I: Isa>(&self, words: &[u32; GROUP], out: &mut [T]) {
        let mut numbers = unit::<T>(words);
        let (lo, width, last) = (splat::<T, I>(self.lo), splat::<T, I>(self.width), splat::<T, I>(self.last));
        for lanes in numbers[..per_group::<T>()].chunks_exact_mut(<T::V<I>>::LANES) {
            // SAFETY: the chunk has LANES elements, which divides the group.
            unsafe { load::<T, I>(lanes).mul_add(width, lo).min(last).store(lanes.as_mut_ptr()) };
        }
        out.copy_from_slice(&numbers[..out.len()]);
    }
}

#[derive(Clone, Copy)]
struct Normal<T> {
    mean: T,
    std: T,
}

impl<T: Real> Distribution<T> for Normal<T> {
    const WORDS: usize = size_of::<T>() / 4;
    #[inline(always)]
    fn draw<I: Isa>(&self, words: &[u32; GROUP], out: &mut [T]) {
        let mut numbers = unit::<T>(words);
        let (mean, std) = (splat::<T, I>(self.mean), splat::<T, I>(self.std));
        // The first half of the uniforms are radii, the second half angles.
        let (radii, angles) = numbers[..per_group::<T>()].split_at_mut(per_group::<T>() / 2);
        for (radii, angles) in radii.chunks_exact_mut(<T::V<I>>::LANES).zip(angles.chunks_exact_mut(<T::V<I>>::LANES)) {
            // 1 - u lies in (0, 1], where the logarithm is finite.
            let radius = (((-load::<T, I>(radii) + 1.0).ln()) * -2.0).sqrt() * std;
            let (sin, cos) = sin_cos_turns(load::<T, I>(angles));
            // SAFETY: the chunks have LANES elements, which divides half a group.
            unsafe {
                radius.mul_add(cos, mean).store(radii.as_mut_ptr());
                radius.mul_add(sin, mean).store(angles.as_mut_ptr());
            }
        }
        out.copy_from_slice(&numbers[..out.len()]);
    }
}

/// Sine and cosine of `2 pi u` for `u` in `[0, 1)`: the reduction is exact, so Taylor's polynomials on an eighth of a
/// turn are all that is needed.
#[inline(always)]
fn sin_cos_turns<V: Vector>(u: V) -> (V, V) {
    let quarters = (u * 4.0).round();
    let x = (u - quarters * 0.25) * TAU;
    let x2 = x * x;
    let terms = if size_of::<V::Elem>() == 4 { 6 } else { 9 };
    // sin x = x (1 - x^2/(2*3) (1 - x^2/(4*5) (...))), cos x = 1 - x^2/(1*2) (1 - x^2/(3*4) (...)).
    let (mut sin, mut cos) = (V::lit(1.0), V::lit(1.0));
    for k in (1..terms).rev() {
        let k = k as f64;
        sin = (x2 * sin).mul_add(V::lit(-1.0 / (2.0 * k * (2.0 * k + 1.0))), V::lit(1.0));
        cos = (x2 * cos).mul_add(V::lit(-1.0 / (2.0 * k * (2.0 * k - 1.0))), V::lit(1.0));
    }
    let sin = sin * x;
    // Quarter turns 0..=4: odd ones swap, and the signs follow.
    let half = quarters - (quarters * 0.5).floor() * 2.0;
    let odd = half.eq(V::lit(1.0));
    let sin_sign = V::select(quarters.ge(V::lit(2.0)) & quarters.le(V::lit(3.0)), V::lit(-1.0), V::lit(1.0));
    let cos_sign = V::select(quarters.ge(V::lit(1.0)) & quarters.le(V::lit(2.0)), V::lit(-1.0), V::lit(1.0));
    (V::select(odd, cos, sin) * sin_sign, V::select(odd, sin, cos) * cos_sign)
}

/// Keeps a word below `threshold`.
#[derive(Clone, Copy)]
struct Coin {
    threshold: u32,
    always: bool,
}

impl Coin {
    fn new(p_keep: f64) -> Self {
        debug_assert!((0.0..=1.0).contains(&p_keep));
        let threshold = (p_keep * 4_294_967_296.0).round();
        Coin { threshold: threshold as u32, always: threshold >= 4_294_967_296.0 }
    }
}

impl Distribution<bool> for Coin {
    const WORDS: usize = 1;
    #[inline(always)]
    fn draw<I: Isa>(&self, words: &[u32; GROUP], out: &mut [bool]) {
        for (keep, &word) in out.iter_mut().zip(words) {
            *keep = (word < self.threshold) | self.always;
        }
    }
}

/// `x * scale` where the mask holds, else zero.
struct Masked<'a, T> {
    scale: T,
    x: &'a [T],
    mask: &'a [bool],
    out: &'a mut [T],
}

impl<T: Real> Kernel for Masked<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let scale = splat::<T, I>(self.scale);
        let lanes = <T::V<I>>::LANES;
        let mut kept = [T::default(); LANES];
        for ((x, mask), out) in self.x.chunks(lanes).zip(self.mask.chunks(lanes)).zip(self.out.chunks_mut(lanes)) {
            for (kept, (&x, &mask)) in kept.iter_mut().zip(x.iter().zip(mask)) {
                *kept = if mask { x } else { T::default() };
            }
            // SAFETY: `kept` has at least LANES elements, `out` as many as are stored.
            unsafe { (<T::V<I>>::load(kept.as_ptr()) * scale).store_first(out.as_mut_ptr(), out.len()) };
        }
    }
}

#[derive(Clone, Copy)]
struct Integers {
    low: i64,
    count: u64,
}

impl Distribution<i64> for Integers {
    const WORDS: usize = 2;
    #[inline(always)]
    fn draw<I: Isa>(&self, words: &[u32; GROUP], out: &mut [i64]) {
        if self.count <= u64::from(u32::MAX) {
            // The same product in 64-bit steps, which fit lanes.
            let count = u64::from(self.count as u32);
            for (i, out) in out.iter_mut().enumerate() {
                let low = (u64::from(words[i]) * count) >> 32;
                let high = u64::from(words[GROUP / 2 + i]) * count;
                *out = self.low.wrapping_add(((high + low) >> 32) as i64);
            }
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                *out = self.low.wrapping_add(scale_down(wide(words, i), self.count) as i64);
            }
        }
    }
}

#[inline(always)]
fn splat<T: Real, I: Isa>(value: T) -> T::V<I> {
    <T::V<I>>::splat(value)
}

#[inline(always)]
fn load<T: Real, I: Isa>(from: &[T]) -> T::V<I> {
    assert!(from.len() >= <T::V<I>>::LANES);
    // SAFETY: asserted.
    unsafe { <T::V<I>>::load(from.as_ptr()) }
}
