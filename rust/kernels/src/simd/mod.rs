//! Instruction sets: one small vector trait, several machines, chosen at run time.
//!
//! A [`Kernel`] is written once, generic over [`Isa`]; [`dispatch`] enters the chosen instruction set through one
//! `#[target_feature]` function, into which the kernel is inlined. Everything a kernel calls must therefore be
//! `#[inline(always)]`, or it would be compiled without the features.

use crate::element::Real;
use crate::math::Math;

/// One register of lanes. `max` and `min` propagate NaN, as PyTorch's do.
pub trait Vector: Math + Send + Sync + 'static {
    /// The type of one lane.
    type Elem: Real;
    /// Lanes per register.
    const LANES: usize;

    /// All lanes equal.
    fn splat(value: Self::Elem) -> Self;
    /// # Safety
    /// `LANES` elements are readable at `p` (no alignment needed).
    unsafe fn load(p: *const Self::Elem) -> Self;
    /// Loads the first `n <= LANES` lanes, the others are zero.
    /// # Safety
    /// `n` elements are readable at `p`; nothing beyond them is touched.
    unsafe fn load_first(p: *const Self::Elem, n: usize) -> Self;
    /// # Safety
    /// `LANES` elements are writable at `p` (no alignment needed).
    unsafe fn store(self, p: *mut Self::Elem);
    /// Stores the first `n <= LANES` lanes.
    /// # Safety
    /// `n` elements are writable at `p`; nothing beyond them is touched.
    unsafe fn store_first(self, p: *mut Self::Elem, n: usize);
    /// The sum of all lanes, in a fixed order (pairwise).
    fn sum(self) -> Self::Elem;
    /// The largest lane; NaN if any is NaN.
    fn max_lane(self) -> Self::Elem;
    /// The smallest lane; NaN if any is NaN.
    fn min_lane(self) -> Self::Elem;
}

/// An instruction set. A value of this type is the proof that the CPU has it: only [`detect`] makes one.
pub trait Isa: Copy + Send + Sync + 'static {
    /// Its register of `f32`.
    type F32: Vector<Elem = f32>;
    /// Its register of `f64`.
    type F64: Vector<Elem = f64>;
    /// Vector registers that the machine has (16 or 32): how many accumulators a tile may use.
    const REGISTERS: usize;
    /// Runs `kernel` compiled for this instruction set.
    fn run<K: Kernel>(self, kernel: K) -> K::Output;
}

/// Work written once for every instruction set. Implementations of `call` are `#[inline(always)]`.
pub trait Kernel {
    /// What it gives back.
    type Output;
    /// The work.
    fn call<I: Isa>(self, isa: I) -> Self::Output;
}
