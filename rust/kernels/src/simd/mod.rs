//! Instruction sets: one small vector trait, several machines, chosen at run time.
//!
//! A [`Kernel`] is written once, generic over [`Isa`]; [`dispatch`] enters the chosen instruction set through one
//! `#[target_feature]` function, into which the kernel is inlined. Everything a kernel calls with vectors must
//! therefore be `#[inline(always)]`, or it would be compiled without the features (right, but many times slower).

use crate::element::{Element, Real};
use crate::math::Math;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

#[macro_use]
mod register;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod elementary;
#[cfg(target_arch = "aarch64")]
mod neon;
pub mod peak;
mod scalar;

/// Lanes that the longest register has.
pub(crate) const MOST_LANES: usize = 16;

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

    /// [`load_first`](Vector::load_first), quicker where `n` is mostly `LANES`.
    /// # Safety
    /// As there.
    #[inline(always)]
    unsafe fn load_part(p: *const Self::Elem, n: usize) -> Self {
        // SAFETY: the caller's promise.
        unsafe { if n == Self::LANES { Self::load(p) } else { Self::load_first(p, n) } }
    }
    /// [`store_first`](Vector::store_first), quicker where `n` is mostly `LANES`.
    /// # Safety
    /// As there.
    #[inline(always)]
    unsafe fn store_part(self, p: *mut Self::Elem, n: usize) {
        // SAFETY: the caller's promise.
        unsafe { if n == Self::LANES { self.store(p) } else { self.store_first(p, n) } }
    }

    /// Writes `start` plus the first `n <= LANES` lanes, which are whole numbers of at most `2^24`.
    /// # Safety
    /// `n` elements are writable at `p`; nothing beyond them is touched.
    #[inline(always)]
    unsafe fn store_places(self, start: i32, p: *mut i32, n: usize) {
        let mut lanes = [Self::Elem::default(); 16];
        debug_assert!(Self::LANES <= 16 && n <= Self::LANES);
        // SAFETY: no register has more than 16 lanes; the caller promises the room.
        unsafe {
            self.store(lanes.as_mut_ptr());
            (0..n).for_each(|i| *p.add(i) = start + lanes[i].to_f64() as i32);
        }
    }

    /// Whether the mask holds in any lane.
    fn any(mask: Self::Mask) -> bool;
    /// `self * 2^n` for integral `n`, rounded once; right as long as `|n|` is at most twice the exponent range
    /// (252 for `f32`, 2044 for `f64`).
    fn scale(self, n: Self) -> Self;
    /// The exponent `e` of a positive normal value `m * 2^e`, `1 <= m < 2`; unspecified for anything else.
    fn exponent(self) -> Self;
    /// The `m` of [`Vector::exponent`]; unspecified for anything but positive normal values.
    fn mantissa(self) -> Self;
    /// `self * other` as a rounded product and the exact error of the rounding.
    #[inline(always)]
    fn two_product(self, other: Self) -> (Self, Self) {
        let product = self * other;
        (product, self.mul_add(other, -product))
    }
    /// Applies `f` to each lane: for rare arguments only.
    #[inline(always)]
    fn map_lanes(self, f: fn(Self::Elem) -> Self::Elem) -> Self {
        let mut lanes = [Self::Elem::default(); 16];
        debug_assert!(Self::LANES <= 16);
        // SAFETY: no register has more than 16 lanes.
        unsafe { self.store(lanes.as_mut_ptr()) };
        lanes[..Self::LANES].iter_mut().for_each(|lane| *lane = f(*lane));
        // SAFETY: as above.
        unsafe { Self::load(lanes.as_ptr()) }
    }

    /// The lanes of two registers in turns (`a0 b0 a1 b1 ...`), as a register of the first halves and one of the second.
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        in_pairs(self, other, |i| i / 2 + i % 2 * Self::LANES)
    }
    /// The inverse of [`Vector::zip`]: the lanes at even and at odd places of two registers side by side.
    #[inline(always)]
    fn unzip(self, other: Self) -> (Self, Self) {
        in_pairs(self, other, |i| i % Self::LANES * 2 + i / Self::LANES)
    }

    /// Writes the lanes of four registers in turns: the first of each, the second of each, ...
    /// # Safety
    /// `4 * LANES` elements are writable at `p`.
    #[inline(always)]
    unsafe fn interleave(registers: [Self; 4], p: *mut Self::Elem) {
        let mut lanes = [Self::Elem::default(); 16];
        for (i, register) in registers.into_iter().enumerate() {
            // SAFETY: no register has more than 16 lanes; the caller promises the room.
            unsafe {
                register.store(lanes.as_mut_ptr());
                (0..Self::LANES).for_each(|lane| *p.add(4 * lane + i) = lanes[lane]);
            }
        }
    }

    /// Writes every fourth lane side by side: lanes 0, 4, ... to the first place, lanes 1, 5, ... to the second, and so on.
    /// # Safety
    /// `LANES / 4` elements are writable at each of the places.
    #[inline(always)]
    unsafe fn store_by_four(self, to: [*mut Self::Elem; 4]) {
        let mut lanes = [Self::Elem::default(); 16];
        // SAFETY: no register has more than 16 lanes; the caller promises the room.
        unsafe {
            self.store(lanes.as_mut_ptr());
            (0..Self::LANES / 4 * 4).for_each(|lane| *to[lane % 4].add(lane / 4) = lanes[lane]);
        }
    }

    /// The sum of all lanes, in a fixed order (pairwise).
    #[inline(always)]
    fn sum(self) -> Self::Elem {
        halve(self, |a, b| a + b)
    }
    /// The product of all lanes, in a fixed order (pairwise).
    #[inline(always)]
    fn product(self) -> Self::Elem {
        halve(self, |a, b| a * b)
    }
    /// The largest lane; NaN if any is NaN.
    #[inline(always)]
    fn max_lane(self) -> Self::Elem {
        halve(self, |a, b| if b > a || b.partial_cmp(&b).is_none() { b } else { a })
    }
    /// The smallest lane; NaN if any is NaN.
    #[inline(always)]
    fn min_lane(self) -> Self::Elem {
        halve(self, |a, b| if b < a || b.partial_cmp(&b).is_none() { b } else { a })
    }
}

/// Two registers side by side, whose place `i` comes from place `from(i)`: for machines without such an instruction.
#[inline(always)]
fn in_pairs<V: Vector>(a: V, b: V, from: impl Fn(usize) -> usize) -> (V, V) {
    let (mut lanes, mut moved) = ([V::Elem::default(); 32], [V::Elem::default(); 32]);
    debug_assert!(V::LANES <= 16);
    // SAFETY: no register has more than 16 lanes; also below.
    unsafe {
        a.store(lanes.as_mut_ptr());
        b.store(lanes.as_mut_ptr().add(V::LANES));
    }
    (0..2 * V::LANES).for_each(|i| moved[i] = lanes[from(i)]);
    // SAFETY: as above.
    unsafe { (V::load(moved.as_ptr()), V::load(moved.as_ptr().add(V::LANES))) }
}

/// Combines the upper half of the lanes with the lower half until one is left.
#[inline(always)]
fn halve<V: Vector>(v: V, f: impl Fn(V::Elem, V::Elem) -> V::Elem) -> V::Elem {
    let mut lanes = [V::Elem::default(); 16];
    debug_assert!(V::LANES <= 16);
    // SAFETY: no register has more than 16 lanes.
    unsafe { v.store(lanes.as_mut_ptr()) };
    let mut half = V::LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = f(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// An instruction set. A value of this type is the proof that the CPU has it: only [`dispatch`] makes one.
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

const SCALAR: u8 = 1;
#[cfg(target_arch = "x86_64")]
const AVX2: u8 = 2;
#[cfg(target_arch = "x86_64")]
const AVX512: u8 = 3;
#[cfg(target_arch = "aarch64")]
const NEON: u8 = 4;

/// The machine in use; 0 until it is detected.
static ACTIVE: AtomicU8 = AtomicU8::new(0);

/// The machines of this CPU, best first.
fn machines() -> Vec<(&'static str, u8)> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 =
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        if avx2 && avx512 {
            found.push(("avx512", AVX512));
        }
        if avx2 {
            found.push(("avx2", AVX2));
        }
    }
    #[cfg(target_arch = "aarch64")]
    found.push(("neon", NEON)); // part of the architecture's baseline
    found.push(("scalar", SCALAR));
    found
}

fn find(name: &str, asked_by: &str) -> u8 {
    match machines().into_iter().find(|(known, _)| *known == name) {
        Some((_, machine)) => machine,
        None => panic!("{asked_by}={name}: this machine offers {}", available().join(", ")),
    }
}

/// Reads `RUTILE_ISA`, else takes the best machine.
#[cold]
fn detect() -> u8 {
    let machine = match std::env::var("RUTILE_ISA") {
        Ok(name) if !name.is_empty() => find(&name, "RUTILE_ISA"),
        _ => machines()[0].1,
    };
    // Only replaces 0: a concurrent `with_isa` wins.
    match ACTIVE.compare_exchange(0, machine, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => machine,
        Err(active) => active,
    }
}

#[inline]
fn active() -> u8 {
    match ACTIVE.load(Ordering::Relaxed) {
        0 => detect(),
        machine => machine,
    }
}

/// Runs `kernel` on the instruction set in use: the best that the CPU has, unless the environment variable
/// `RUTILE_ISA` (`scalar`, `avx2`, `avx512`, `neon`) names another.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: ACTIVE only ever holds machines that `machines` has found on this CPU.
    unsafe {
        match active() {
            #[cfg(target_arch = "x86_64")]
            AVX512 => avx512::Avx512::new().run(kernel),
            #[cfg(target_arch = "x86_64")]
            AVX2 => avx2::Avx2::new().run(kernel),
            #[cfg(target_arch = "aarch64")]
            NEON => neon::Neon::new().run(kernel),
            _ => scalar::Scalar::new().run(kernel),
        }
    }
}

/// As [`dispatch`], but a machine with AVX-512 takes the AVX2 code: for elementwise loops. There are thousands of them,
/// one per formula, and most wait for memory; a third copy of each would cost minutes of compiling and a megabyte. Those
/// that are worth it say so ([`Formula::WIDE`](crate::map::Formula::WIDE)).
#[inline]
pub fn dispatch_elementwise<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: as in `dispatch`; a machine is listed with AVX-512 only if it has AVX2.
    unsafe {
        match active() {
            #[cfg(target_arch = "x86_64")]
            AVX512 | AVX2 => avx2::Avx2::new().run(kernel),
            #[cfg(target_arch = "aarch64")]
            NEON => neon::Neon::new().run(kernel),
            _ => scalar::Scalar::new().run(kernel),
        }
    }
}

/// Runs `kernel` as the compiler makes it for any machine of the architecture.
#[inline]
pub(crate) fn plain<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: every machine has it.
    unsafe { scalar::Scalar::new().run(kernel) }
}

/// Asks for memory that will be needed soon.
#[inline(always)]
pub(crate) fn prefetch<T>(p: *const T, bytes: usize) {
    for line in (0..bytes).step_by(64) {
        // SAFETY: prefetching never faults, whatever the address.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            use std::arch::x86_64::*;
            _mm_prefetch::<_MM_HINT_T0>(p.cast::<i8>().wrapping_add(line));
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (p, line);
    }
}

/// The name of the instruction set in use.
pub fn name() -> &'static str {
    let active = active();
    machines().into_iter().find(|(_, machine)| *machine == active).map_or("scalar", |(name, _)| name)
}

/// The names of all instruction sets that this CPU has, best first.
pub fn available() -> Vec<&'static str> {
    machines().into_iter().map(|(name, _)| name).collect()
}

/// Runs `f` with the named instruction set, for tests. The choice holds for the whole process, so that it reaches
/// pool threads; calls from several threads wait for each other, and must not be nested.
///
/// # Panics
/// If the CPU does not have it.
pub fn with_isa<R>(name: &str, f: impl FnOnce() -> R) -> R {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    struct Restore(u8);
    impl Drop for Restore {
        fn drop(&mut self) {
            ACTIVE.store(self.0, Ordering::Relaxed);
        }
    }
    let machine = find(name, "with_isa");
    let _lock = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let _restore = Restore(ACTIVE.swap(machine, Ordering::Relaxed));
    f()
}
