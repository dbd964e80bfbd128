//! Several transforms of one length side by side, one per lane, by Stockham's passes.

use crate::element::Real;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::f64::consts::TAU;

/// Transforms that run side by side. Two registers of doubles at most hold them, and a row of them is two cache lines.
pub(super) const WIDTH: usize = 16;

/// The largest prime whose multiples are transformed by passes: from here on, a pass costs more than a convolution.
const LARGEST: usize = 61;

/// What passes over `n` places need to know: the radix of each, and its factors.
pub(super) struct Stages<T> {
    pub n: usize,
    /// Largest first, so that the passes with few factors are the long ones.
    radices: Vec<usize>,
    /// Of every pass, for every place `p` of its output, the factors 1 to `radix - 1` as pairs.
    twiddles: Vec<T>,
    /// Of every radix beyond 8, the pairs (cos, sin) of its angles, one radix after the other.
    roots: Vec<T>,
}

/// `exp(-2 pi i k / n)`, reduced to the first octant: exact to the last place or so of a double.
pub(super) fn root(k: usize, n: usize) -> [f64; 2] {
    let (k, n) = (k as u128 % n as u128, n as u128);
    // The angle in eighths of a turn, and where it is inside its eighth.
    let eighth = 8 * k / n;
    let angle = |k8: u128| TAU * (k8 as f64 / (8 * n) as f64);
    let rest = 8 * k - eighth * n;
    let (sin, cos) = if eighth % 2 == 0 { angle(rest).sin_cos() } else { angle(n - rest).sin_cos() };
    let (cos, sin) = match eighth {
        0 => (cos, sin),
        1 => (sin, cos),
        2 => (-sin, cos),
        3 => (-cos, sin),
        4 => (-cos, -sin),
        5 => (-sin, -cos),
        6 => (sin, -cos),
        _ => (cos, -sin),
    };
    [cos, -sin]
}

/// The radices whose product is `n`; `None` if a prime factor is too large.
pub(super) fn radices(mut n: usize) -> Option<Vec<usize>> {
    let mut radices = Vec::new();
    let mut twos = n.trailing_zeros() as usize;
    n >>= twos;
    let mut prime = 3;
    while prime <= LARGEST && n > 1 {
        while n.is_multiple_of(prime) {
            radices.push(prime);
            n /= prime;
        }
        prime += 2;
    }
    if n > 1 {
        return None;
    }
    // An odd number of twos: one pass of radix 8 instead of two.
    if twos >= 3 && twos % 2 == 1 {
        radices.push(8);
        twos -= 3;
    }
    radices.extend(std::iter::repeat_n(4, twos / 2));
    radices.extend(std::iter::repeat_n(2, twos % 2));
    radices.sort_unstable_by(|a, b| b.cmp(a));
    Some(radices)
}

impl<T: Real> Stages<T> {
    pub fn new(n: usize) -> Option<Stages<T>> {
        let radices = radices(n)?;
        let (mut twiddles, mut roots) = (Vec::new(), Vec::new());
        let mut rest = n;
        for &radix in &radices {
            for p in 0..rest / radix {
                (1..radix).for_each(|k| twiddles.extend(root(p * k, rest).map(T::from_f64)));
            }
            if radix > 8 || radix == 7 {
                (0..radix).for_each(|k| {
                    let [cos, sin] = root(k, radix);
                    roots.extend([T::from_f64(cos), T::from_f64(-sin)]);
                });
            }
            rest /= radix;
        }
        Some(Stages { n, radices, twiddles, roots })
    }

    /// Floating-point operations of one transform, as [`par::run`] counts.
    pub fn cost(&self) -> usize {
        self.n * (1 + self.radices.iter().map(|radix| radix.ilog2() as usize + radix / 11).sum::<usize>())
    }
}

/// Where the numbers of a block come from.
#[derive(Clone, Copy)]
pub(super) enum Source<T> {
    /// Pairs; transform `i` begins at `i * step` and is contiguous.
    Rows { pairs: *const T, step: usize },
    /// Pairs; place `i` of all transforms begins at `i * step` and is contiguous.
    Columns { pairs: *const T, step: usize },
    /// As `Columns`, in two planes.
    Planes { parts: [*const T; 2], step: usize },
}

/// Where the results of a block go, times `scale`.
#[derive(Clone, Copy)]
pub(super) enum Target<T> {
    Rows {
        pairs: *mut T,
        step: usize,
        scale: T,
    },
    Columns {
        pairs: *mut T,
        step: usize,
        scale: T,
    },
    /// Result `k` of transform `i` goes to `i * step + k` of two planes, times the product of two factors: `coarse` of `i`
    /// and `k / FINE`, `fine` of `i` and `k % FINE`, each in rows of `WIDTH` pairs of planes.
    Turned {
        parts: [*mut T; 2],
        step: usize,
        coarse: *const T,
        fine: *const T,
    },
}

/// How many factors of the middle of a long transform are made from one row of `coarse`.
pub(super) const FINE: usize = 16;

/// Up to `WIDTH` transforms.
pub(super) struct Block<'a, T> {
    pub stages: &'a Stages<T>,
    pub source: Source<T>,
    pub target: Target<T>,
    /// How many of the transforms there are.
    pub count: usize,
    /// Whether real and imaginary parts change places on the way in and on the way out. Both is the other direction.
    pub turned: [bool; 2],
}

impl<T: Real> Block<'_, T> {
    /// # Safety
    /// Source and target have room for `count` transforms. They may be the same memory.
    pub unsafe fn run(&self) {
        let size = self.stages.n * WIDTH;
        par::scratch::<T, ()>(4 * size, |memory| {
            let memory = memory.as_mut_ptr().cast::<T>();
            // SAFETY: inside the scratch memory.
            let planes = unsafe { [0, 1, 2, 3].map(|i| memory.add(i * size)) };
            simd::dispatch(Run { block: self, planes });
        });
    }
}

struct Run<'a, T> {
    block: &'a Block<'a, T>,
    planes: [*mut T; 4],
}

impl<T: Real> Kernel for Run<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the promise of `Block::run`; the planes have room for `WIDTH` transforms.
        unsafe { run::<T::V<I>>(self.block, self.planes) }
    }
}

type Planes<E> = [*mut E; 2];

#[inline(always)]
unsafe fn run<V: Vector>(block: &Block<'_, V::Elem>, planes: [*mut V::Elem; 4]) {
    let Block { stages, source, target, count, turned } = *block;
    let n = stages.n;
    let [mut x, mut y] = [[planes[0], planes[1]], [planes[2], planes[3]]];
    let turn = |p: Planes<V::Elem>, turned: bool| if turned { [p[1], p[0]] } else { p };
    // SAFETY: the caller's promises, handed on; every pass stays inside `n * WIDTH` places.
    unsafe {
        load::<V>(n, source, count, turn(x, turned[0]));
        let (mut rest, mut stride) = (n, WIDTH);
        let (mut twiddles, mut roots) = (stages.twiddles.as_ptr(), stages.roots.as_ptr());
        for &radix in &stages.radices {
            let m = rest / radix;
            match radix {
                2 => pass::<V, 2>(x, y, m, stride, twiddles),
                3 => pass::<V, 3>(x, y, m, stride, twiddles),
                4 => pass::<V, 4>(x, y, m, stride, twiddles),
                5 => pass::<V, 5>(x, y, m, stride, twiddles),
                8 => pass::<V, 8>(x, y, m, stride, twiddles),
                _ => {
                    pass_of_prime::<V>(radix, x, y, m, stride, twiddles, roots);
                    roots = roots.add(2 * radix);
                }
            }
            twiddles = twiddles.add(2 * m * (radix - 1));
            (rest, stride) = (m, stride * radix);
            (x, y) = (y, x);
        }
        store::<V>(n, target, count, turn(x, turned[1]));
    }
}

// ---- in and out ----

/// The first `count` pairs, real and imaginary parts apart.
#[inline(always)]
unsafe fn load_pairs<V: Vector>(p: *const V::Elem, count: usize) -> (V, V) {
    let l = V::LANES;
    // SAFETY: the caller's promise.
    unsafe {
        if count >= l {
            return V::unzip(V::load(p), V::load(p.add(l)));
        }
        let second = if 2 * count > l { V::load_first(p.add(l), 2 * count - l) } else { V::splat(V::Elem::ZERO) };
        V::unzip(V::load_first(p, (2 * count).min(l)), second)
    }
}

#[inline(always)]
unsafe fn store_pairs<V: Vector>(re: V, im: V, p: *mut V::Elem, count: usize) {
    let l = V::LANES;
    let (first, second) = re.zip(im);
    // SAFETY: the caller's promise.
    unsafe {
        if count >= l {
            first.store(p);
            return second.store(p.add(l));
        }
        first.store_first(p, (2 * count).min(l));
        if 2 * count > l {
            second.store_first(p.add(l), 2 * count - l);
        }
    }
}

/// Lanes and registers change places: a perfect shuffle per bit of the number of lanes.
#[inline(always)]
fn transpose<V: Vector>(rows: &mut [V; 16]) {
    let half = V::LANES / 2;
    let mut step = 1;
    while step < V::LANES {
        let old = *rows;
        for i in 0..half {
            (rows[2 * i], rows[2 * i + 1]) = old[i].zip(old[i + half]);
        }
        step *= 2;
    }
}

#[inline(always)]
unsafe fn load<V: Vector>(n: usize, source: Source<V::Elem>, count: usize, to: Planes<V::Elem>) {
    let l = V::LANES;
    let zero = V::splat(V::Elem::ZERO);
    // SAFETY: the caller's promise: `count` transforms are readable, `WIDTH` writable.
    unsafe {
        match source {
            Source::Rows { pairs, step } => {
                for first in (0..count).step_by(l) {
                    let rows = l.min(count - first);
                    for at in (0..n).step_by(l) {
                        let width = l.min(n - at);
                        let (mut re, mut im) = ([zero; 16], [zero; 16]);
                        for i in 0..l {
                            if i < rows {
                                (re[i], im[i]) = load_pairs::<V>(pairs.add((first + i) * step + 2 * at), width);
                            }
                        }
                        transpose(&mut re);
                        transpose(&mut im);
                        for i in 0..l {
                            if i < width {
                                re[i].store(to[0].add((at + i) * WIDTH + first));
                                im[i].store(to[1].add((at + i) * WIDTH + first));
                            }
                        }
                    }
                }
                // Lanes without a transform hold numbers too.
                for first in (count.next_multiple_of(l)..WIDTH).step_by(l) {
                    for at in 0..n {
                        zero.store(to[0].add(at * WIDTH + first));
                        zero.store(to[1].add(at * WIDTH + first));
                    }
                }
            }
            Source::Columns { pairs, step } => {
                for at in 0..n {
                    for lane in (0..WIDTH).step_by(l) {
                        let (re, im) = load_pairs::<V>(pairs.add(at * step + 2 * lane), count.saturating_sub(lane));
                        re.store(to[0].add(at * WIDTH + lane));
                        im.store(to[1].add(at * WIDTH + lane));
                    }
                }
            }
            Source::Planes { parts, step } => {
                for at in 0..n {
                    for lane in (0..WIDTH).step_by(l) {
                        for part in 0..2 {
                            let p = parts[part].add(at * step + lane);
                            let here = count.saturating_sub(lane);
                            let value = if here >= l { V::load(p) } else { V::load_first(p, here) };
                            value.store(to[part].add(at * WIDTH + lane));
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn store<V: Vector>(n: usize, target: Target<V::Elem>, count: usize, from: Planes<V::Elem>) {
    let l = V::LANES;
    let zero = V::splat(V::Elem::ZERO);
    // SAFETY: as in `load`.
    unsafe {
        match target {
            Target::Rows { pairs, step, scale } => {
                let scale = V::splat(scale);
                for first in (0..count).step_by(l) {
                    let rows = l.min(count - first);
                    for at in (0..n).step_by(l) {
                        let width = l.min(n - at);
                        let (mut re, mut im) = ([zero; 16], [zero; 16]);
                        for i in 0..l {
                            if i < width {
                                re[i] = V::load(from[0].add((at + i) * WIDTH + first)) * scale;
                                im[i] = V::load(from[1].add((at + i) * WIDTH + first)) * scale;
                            }
                        }
                        transpose(&mut re);
                        transpose(&mut im);
                        for i in 0..l {
                            if i < rows {
                                store_pairs(re[i], im[i], pairs.add((first + i) * step + 2 * at), width);
                            }
                        }
                    }
                }
            }
            Target::Columns { pairs, step, scale } => {
                let scale = V::splat(scale);
                for at in 0..n {
                    for lane in (0..count).step_by(l) {
                        let re = V::load(from[0].add(at * WIDTH + lane)) * scale;
                        let im = V::load(from[1].add(at * WIDTH + lane)) * scale;
                        store_pairs(re, im, pairs.add(at * step + 2 * lane), count - lane);
                    }
                }
            }
            Target::Turned { parts, step, coarse, fine } => {
                for first in (0..count).step_by(l) {
                    let rows = l.min(count - first);
                    let factor = |table: *const V::Elem, row: usize| {
                        let p = table.add(2 * row * WIDTH + first);
                        [V::load(p), V::load(p.add(WIDTH))]
                    };
                    for at in (0..n).step_by(l) {
                        let width = l.min(n - at);
                        let (mut re, mut im) = ([zero; 16], [zero; 16]);
                        let outer = factor(coarse, at / FINE);
                        for i in 0..l {
                            if i < width {
                                let w = times(outer, factor(fine, (at + i) % FINE));
                                let p = (at + i) * WIDTH + first;
                                [re[i], im[i]] = times([V::load(from[0].add(p)), V::load(from[1].add(p))], w);
                            }
                        }
                        transpose(&mut re);
                        transpose(&mut im);
                        for i in 0..l {
                            if i < rows {
                                let p = (first + i) * step + at;
                                if width == l {
                                    re[i].store(parts[0].add(p));
                                    im[i].store(parts[1].add(p));
                                } else {
                                    re[i].store_first(parts[0].add(p), width);
                                    im[i].store_first(parts[1].add(p), width);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

// ---- complex numbers ----

type Pair<V> = [V; 2];

#[inline(always)]
fn add<V: Vector>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    [a[0] + b[0], a[1] + b[1]]
}

#[inline(always)]
fn sub<V: Vector>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    [a[0] - b[0], a[1] - b[1]]
}

#[inline(always)]
fn times<V: Vector>(a: Pair<V>, b: Pair<V>) -> Pair<V> {
    [a[0].mul_add(b[0], -(a[1] * b[1])), a[0].mul_add(b[1], a[1] * b[0])]
}

/// `-i a`
#[inline(always)]
fn quarter<V: Vector>(a: Pair<V>) -> Pair<V> {
    [a[1], -a[0]]
}

/// `a + s b` for real `s`.
#[inline(always)]
fn add_scaled<V: Vector>(a: Pair<V>, s: f64, b: Pair<V>) -> Pair<V> {
    let s = V::lit(s);
    [b[0].mul_add(s, a[0]), b[1].mul_add(s, a[1])]
}

// ---- passes ----

/// One pass: transforms of length `R` of elements `m * stride` apart. Number `p` of the `m` goes to `R` places in a row,
/// times its factors.
#[inline(always)]
unsafe fn pass<V: Vector, const R: usize>(
    x: Planes<V::Elem>,
    y: Planes<V::Elem>,
    m: usize,
    stride: usize,
    twiddles: *const V::Elem,
) {
    // SAFETY: `R * m * stride` places are readable and writable, `m * (R - 1)` factors there are.
    unsafe {
        // The first has no factors; the last pass has no other.
        pass_at::<V, R, false>(x, y, 0, m, stride, twiddles);
        for p in 1..m {
            pass_at::<V, R, true>(x, y, p, m, stride, twiddles.add(2 * p * (R - 1)));
        }
    }
}

#[inline(always)]
unsafe fn pass_at<V: Vector, const R: usize, const FACTORS: bool>(
    x: Planes<V::Elem>,
    y: Planes<V::Elem>,
    p: usize,
    m: usize,
    stride: usize,
    twiddles: *const V::Elem,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut w = [[V::splat(V::Elem::ONE); 2]; R];
        if FACTORS {
            for k in 1..R {
                w[k] = [V::splat(*twiddles.add(2 * (k - 1))), V::splat(*twiddles.add(2 * (k - 1) + 1))];
            }
        }
        let (from, to) = (p * stride, p * R * stride);
        for q in (0..stride).step_by(V::LANES) {
            let mut a = [w[0]; R];
            for j in 0..R {
                let at = q + from + j * m * stride;
                a[j] = [V::load(x[0].add(at)), V::load(x[1].add(at))];
            }
            butterfly::<V, R>(&mut a);
            for k in 0..R {
                let b = if FACTORS && k > 0 { times(a[k], w[k]) } else { a[k] };
                let at = q + to + k * stride;
                b[0].store(y[0].add(at));
                b[1].store(y[1].add(at));
            }
        }
    }
}

/// The transform of `R` numbers in place.
#[inline(always)]
fn butterfly<V: Vector, const R: usize>(a: &mut [Pair<V>; R]) {
    const HALF_SQRT: f64 = std::f64::consts::FRAC_1_SQRT_2;
    match R {
        2 => (a[0], a[1]) = (add(a[0], a[1]), sub(a[0], a[1])),
        3 => {
            const SIN: f64 = 0.866_025_403_784_438_6; // of a third of a turn
            let (sum, difference) = (add(a[1], a[2]), sub(a[1], a[2]));
            let middle = add_scaled(a[0], -0.5, sum);
            let turned = quarter(difference);
            a[0] = add(a[0], sum);
            a[1] = add_scaled(middle, SIN, turned);
            a[2] = add_scaled(middle, -SIN, turned);
        }
        4 => [a[0], a[1], a[2], a[3]] = four([a[0], a[1], a[2], a[3]]),
        5 => {
            // Of one and two fifths of a turn.
            const COS: [f64; 2] = [0.309_016_994_374_947_45, -0.809_016_994_374_947_5];
            const SIN: [f64; 2] = [0.951_056_516_295_153_5, 0.587_785_252_292_473_1];
            let (s1, s2) = (add(a[1], a[4]), add(a[2], a[3]));
            let (d1, d2) = (quarter(sub(a[1], a[4])), quarter(sub(a[2], a[3])));
            let c1 = add_scaled(add_scaled(a[0], COS[0], s1), COS[1], s2);
            let c2 = add_scaled(add_scaled(a[0], COS[1], s1), COS[0], s2);
            a[0] = add(a[0], add(s1, s2));
            a[1] = add_scaled(add_scaled(c1, SIN[0], d1), SIN[1], d2);
            a[4] = add_scaled(add_scaled(c1, -SIN[0], d1), -SIN[1], d2);
            a[2] = add_scaled(add_scaled(c2, SIN[1], d1), -SIN[0], d2);
            a[3] = add_scaled(add_scaled(c2, -SIN[1], d1), SIN[0], d2);
        }
        _ => {
            debug_assert_eq!(R, 8);
            let even = four([a[0], a[2], a[4], a[6]]);
            let odd = four([a[1], a[3], a[5], a[7]]);
            let root = V::lit(HALF_SQRT);
            let one = [(odd[1][0] + odd[1][1]) * root, (odd[1][1] - odd[1][0]) * root];
            let three = [(odd[3][1] - odd[3][0]) * root, -((odd[3][0] + odd[3][1]) * root)];
            let odd = [odd[0], one, quarter(odd[2]), three];
            for k in 0..4 {
                (a[k], a[k + 4]) = (add(even[k], odd[k]), sub(even[k], odd[k]));
            }
        }
    }
}

#[inline(always)]
fn four<V: Vector>(a: [Pair<V>; 4]) -> [Pair<V>; 4] {
    let (s02, d02) = (add(a[0], a[2]), sub(a[0], a[2]));
    let (s13, d13) = (add(a[1], a[3]), quarter(sub(a[1], a[3])));
    [add(s02, s13), add(d02, d13), sub(s02, s13), sub(d02, d13)]
}

/// As [`pass`], for any odd radix: elements `j` and `radix - j` have the same cosines and opposite sines.
#[inline(always)]
unsafe fn pass_of_prime<V: Vector>(
    radix: usize,
    x: Planes<V::Elem>,
    y: Planes<V::Elem>,
    m: usize,
    stride: usize,
    twiddles: *const V::Elem,
    roots: *const V::Elem,
) {
    debug_assert!(radix % 2 == 1 && radix <= LARGEST);
    let half = radix / 2;
    let zero = V::splat(V::Elem::ZERO);
    let (mut sums, mut differences) = ([[zero; 2]; LARGEST / 2], [[zero; 2]; LARGEST / 2]);
    // SAFETY: the promise of `pass`; there are `radix` pairs of roots.
    unsafe {
        for p in 0..m {
            let w = twiddles.add(2 * p * (radix - 1));
            for q in (0..stride).step_by(V::LANES) {
                let read = |j: usize| {
                    let at = q + (p + j * m) * stride;
                    [V::load(x[0].add(at)), V::load(x[1].add(at))]
                };
                let write = |k: usize, value: Pair<V>| {
                    let at = q + (p * radix + k) * stride;
                    value[0].store(y[0].add(at));
                    value[1].store(y[1].add(at));
                };
                let first = read(0);
                let mut total = first;
                for j in 0..half {
                    let (a, b) = (read(j + 1), read(radix - 1 - j));
                    (sums[j], differences[j]) = (add(a, b), sub(a, b));
                    total = add(total, sums[j]);
                }
                write(0, total);
                for k in 1..=half {
                    let (mut cosines, mut sines, mut angle) = (first, [zero; 2], 0);
                    for j in 0..half {
                        angle += k;
                        angle -= if angle >= radix { radix } else { 0 };
                        let (cos, sin) = (V::splat(*roots.add(2 * angle)), V::splat(*roots.add(2 * angle + 1)));
                        let (s, d) = (sums[j], differences[j]);
                        cosines = [s[0].mul_add(cos, cosines[0]), s[1].mul_add(cos, cosines[1])];
                        sines = [d[0].mul_add(sin, sines[0]), d[1].mul_add(sin, sines[1])];
                    }
                    let turned = quarter(sines);
                    for (k, value) in [(k, add(cosines, turned)), (radix - k, sub(cosines, turned))] {
                        let factor = w.add(2 * (k - 1));
                        write(k, times(value, [V::splat(*factor), V::splat(*factor.add(1))]));
                    }
                }
            }
        }
    }
}

// ---- products ----

/// `out = a * b * scale` of pairs, `a` with its parts exchanged if `turned[0]`, the result if `turned[1]`.
pub(super) struct Multiply<T> {
    pub a: *const T,
    pub b: *const T,
    pub out: *mut T,
    pub len: usize,
    pub turned: [bool; 2],
    pub scale: T,
}

impl<T: Real> Kernel for Multiply<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let scale = T::V::<I>::splat(self.scale);
        for at in (0..self.len).step_by(T::V::<I>::LANES) {
            let count = self.len - at;
            // SAFETY: whoever makes this has `len` pairs in each of the three.
            unsafe {
                let (mut re, mut im) = load_pairs::<T::V<I>>(self.a.add(2 * at), count);
                if self.turned[0] {
                    (re, im) = (im, re);
                }
                let (c, d) = load_pairs::<T::V<I>>(self.b.add(2 * at), count);
                let [mut re, mut im] = times([re, im], [c, d]).map(|part| part * scale);
                if self.turned[1] {
                    (re, im) = (im, re);
                }
                store_pairs(re, im, self.out.add(2 * at), count);
            }
        }
    }
}
