//! Normalisation: statistics, application and gradients of batch and layer norm.
//!
//! Batch norm sees (n, c, s): images, channels, positions; statistics are per channel. Instance and group norm are
//! the same with other extents: (1, n c, s) and (1, n groups, channels per group s). Layer norm sees rows.
//!
//! Variances are sums of squared deviations from the mean of short pieces, combined in double precision (Chan et
//! al., 1979): exact where the mean is large, and memory is read once.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;
use crate::simd::{self, Isa, Kernel, Vector};
use crate::sums::{Terms, Values, sums};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Elements of one parallel task.
const TASK: usize = 16 * 1024;
/// Elements that stay in the first-level cache between two passes.
const PIECE: usize = 4096;
/// Elements of short planes that are brought together, for a sum costs as much as many elements.
const TOGETHER: usize = 1024;
/// Columns that one task takes if channels lie side by side (s = 1).
const COLUMNS: usize = 64;
/// Rows that are summed in the element's own precision.
const ROWS: usize = 64;

/// Mean and biased variance of each channel. Both are NaN if there is nothing in a channel.
pub fn batch_stats<T: Real>(n: usize, c: usize, s: usize, x: &[T], mean: &mut [T], var: &mut [T]) {
    assert!(x.len() == n * c * s && mean.len() == c && var.len() == c);
    let (mean, var) = (Parts::new(mean), Parts::new(var));
    each_channel(n, c, s, 2, |channels| {
        // SAFETY: blocks of channels are disjoint.
        let (mean, var) = unsafe { (mean.range(channels.clone()), var.range(channels.clone())) };
        simd::dispatch(BatchStats { n, c, s, x, channels, mean, var });
    });
}

/// `out = x * scale[channel] + shift[channel]`.
pub fn batch_apply<T: Real>(n: usize, c: usize, s: usize, x: &[T], scale: &[T], shift: &[T], out: &mut [T]) {
    assert!(x.len() == n * c * s && out.len() == x.len() && scale.len() == c && shift.len() == c);
    // Planes, or whole rows of channels if planes have a single element.
    let (count, len) = if s == 1 { (n, c) } else { (n * c, s) };
    let out = Parts::new(out);
    par::blocks(count, (TASK / len.max(1)).max(1), len, |planes| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { out.range(planes.start * len..planes.end * len) };
        simd::dispatch(BatchApply {
            c,
            s,
            first: planes.start,
            x: &x[planes.start * len..planes.end * len],
            scale,
            shift,
            out,
        });
    });
}

/// The gradients of batch norm: `grad_w` of the weight, `grad_b` of the bias, and `grad_x` if wanted, with `mean` and
/// `invstd` = 1 / sqrt(var + eps) as used in the forward pass. If `training`, the mean and variance depended on `x`.
pub fn batch_backward<T: Real>(
    n: usize,
    c: usize,
    s: usize,
    g: &[T],
    x: &[T],
    mean: &[T],
    invstd: &[T],
    weight: Option<&[T]>,
    grad_x: Option<&mut [T]>,
    grad_w: &mut [T],
    grad_b: &mut [T],
    training: bool,
) {
    assert!(x.len() == n * c * s && g.len() == x.len() && mean.len() == c && invstd.len() == c);
    assert!(weight.is_none_or(|w| w.len() == c) && grad_w.len() == c && grad_b.len() == c);
    assert!(grad_x.as_ref().is_none_or(|grad_x| grad_x.len() == x.len()));
    let wanted = grad_x.is_some();
    let grad_x = Parts::new(grad_x.unwrap_or_default());
    let (grad_w, grad_b) = (Parts::new(grad_w), Parts::new(grad_b));
    each_channel(n, c, s, 4, |channels| {
        // SAFETY: blocks of channels are disjoint.
        let (grad_w, grad_b) = unsafe { (grad_w.range(channels.clone()), grad_b.range(channels.clone())) };
        let grad_x = wanted.then_some(&grad_x);
        simd::dispatch(BatchBackward {
            n,
            c,
            s,
            g,
            x,
            mean,
            invstd,
            weight,
            channels,
            grad_x,
            grad_w,
            grad_b,
            training,
        });
    });
}

/// Normalises each row: `out = (x - mean) * rstd * weight + bias`, `rstd = 1 / sqrt(var + eps)`; `mean` and `rstd`
/// are kept for the backward pass.
pub fn layer_forward<T: Real>(
    rows: usize,
    cols: usize,
    x: &[T],
    weight: Option<&[T]>,
    bias: Option<&[T]>,
    eps: f64,
    out: &mut [T],
    mean: &mut [T],
    rstd: &mut [T],
) {
    assert!(x.len() == rows * cols && out.len() == x.len() && mean.len() == rows && rstd.len() == rows);
    assert!(weight.is_none_or(|w| w.len() == cols) && bias.is_none_or(|b| b.len() == cols));
    let (out, mean, rstd) = (Parts::new(out), Parts::new(mean), Parts::new(rstd));
    par::blocks(rows, (TASK / cols.max(1)).max(1), 2 * cols, |rows| {
        // SAFETY: blocks of rows are disjoint.
        let (out, mean, rstd) = unsafe {
            (out.range(rows.start * cols..rows.end * cols), mean.range(rows.clone()), rstd.range(rows.clone()))
        };
        let x = &x[rows.start * cols..rows.end * cols];
        simd::dispatch(LayerForward { cols, x, weight, bias, eps, out, mean, rstd });
    });
}

/// The gradients of [`layer_forward`], those that are wanted.
pub fn layer_backward<T: Real>(
    rows: usize,
    cols: usize,
    g: &[T],
    x: &[T],
    mean: &[T],
    rstd: &[T],
    weight: Option<&[T]>,
    grad_x: Option<&mut [T]>,
    grad_w: Option<&mut [T]>,
    grad_b: Option<&mut [T]>,
) {
    assert!(x.len() == rows * cols && g.len() == x.len() && mean.len() == rows && rstd.len() == rows);
    assert!(weight.is_none_or(|w| w.len() == cols));
    let wanted = grad_x.is_some();
    assert!(grad_x.as_ref().is_none_or(|grad_x| grad_x.len() == x.len()));
    let grad_x = Parts::new(grad_x.unwrap_or_default());
    // Each block of rows sums its own gradients of weight and bias; the blocks are then added in order.
    let block = rows.div_ceil(32).max(ROWS);
    let blocks = rows.div_ceil(block);
    par::scratch(2 * blocks * cols, |partial: &mut [MaybeUninit<T>]| {
        partial.fill(MaybeUninit::new(T::ZERO));
        // SAFETY: just written.
        let partial = unsafe { partial.assume_init_mut() };
        let parts = Parts::new(&mut *partial);
        par::blocks(rows, block, 4 * cols, |rows| {
            // SAFETY: blocks are disjoint.
            let (partial, grad_x) = unsafe {
                let grad_x = wanted.then(|| grad_x.range(rows.start * cols..rows.end * cols));
                (parts.piece(rows.start / block, 2 * cols), grad_x)
            };
            let (g, x) = (&g[rows.start * cols..rows.end * cols], &x[rows.start * cols..rows.end * cols]);
            let (mean, rstd) = (&mean[rows.clone()], &rstd[rows]);
            simd::dispatch(LayerBackward { cols, g, x, mean, rstd, weight, grad_x, partial });
        });
        for (which, grad) in [grad_w, grad_b].into_iter().enumerate() {
            let Some(grad) = grad else { continue };
            assert_eq!(grad.len(), cols);
            grad.fill(T::ZERO);
            for partial in partial.chunks_exact((2 * cols).max(1)) {
                for (grad, &partial) in grad.iter_mut().zip(&partial[which * cols..]) {
                    *grad += partial;
                }
            }
        }
    });
}

/// Calls `f` for blocks of channels, in parallel: single channels, or as many as fill a few registers if s = 1.
fn each_channel(n: usize, c: usize, s: usize, cost: usize, f: impl Fn(Range<usize>) + Sync) {
    par::blocks(c, if s == 1 { COLUMNS } else { 1 }, cost * n * s, f);
}

/// Squared deviations from a mean.
#[derive(Clone, Copy)]
struct Squares<T>(T);

impl<T: Real> Terms<T, 1, 1> for Squares<T> {
    #[inline(always)]
    fn of<V: Vector<Elem = T>>(self, [x]: [V; 1]) -> [V; 1] {
        let d = x - V::splat(self.0);
        [d * d]
    }
}

/// Gradients, and their products with deviations from a mean.
#[derive(Clone, Copy)]
struct Products<T>(T);

impl<T: Real> Terms<T, 2, 2> for Products<T> {
    #[inline(always)]
    fn of<V: Vector<Elem = T>>(self, [g, x]: [V; 2]) -> [V; 2] {
        [g, g * (x - V::splat(self.0))]
    }
}

/// [`Products`] of weighted gradients.
#[derive(Clone, Copy)]
struct Weighted<T>(T);

impl<T: Real> Terms<T, 3, 2> for Weighted<T> {
    #[inline(always)]
    fn of<V: Vector<Elem = T>>(self, [g, x, w]: [V; 3]) -> [V; 2] {
        Products(self.0).of([g * w, x])
    }
}

/// Count, mean and sum of squared deviations of what was seen so far.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    m2: f64,
}

impl Moments {
    #[inline(always)]
    fn join(&mut self, other: Moments) {
        let count = self.count + other.count;
        let delta = other.mean - self.mean;
        self.mean += delta * (other.count / count);
        self.m2 += other.m2 + delta * delta * (self.count * other.count / count);
        self.count = count;
    }
    /// The moments of one row; the squares are taken while it is still in the first-level cache.
    #[inline(always)]
    fn of<T: Real, I: Isa>(row: &[T]) -> Moments {
        let mut all = Moments::default();
        for piece in row.chunks(PIECE) {
            let count = piece.len() as f64;
            let [sum] = sums::<I, T, _, 1, 1>(Values, [piece]);
            let mean = T::from_f64(sum.to_f64() / count);
            let [m2] = sums::<I, T, _, 1, 1>(Squares(mean), [piece]);
            all.join(Moments { count, mean: mean.to_f64(), m2: m2.to_f64() });
        }
        all
    }
    #[inline(always)]
    fn variance(&self) -> f64 {
        self.m2 / self.count
    }
}

/// The planes of (n, c, s).
#[derive(Clone, Copy)]
struct Planes {
    n: usize,
    c: usize,
    s: usize,
}

impl Planes {
    /// How many of a channel make a row.
    #[inline(always)]
    fn together(self) -> usize {
        TOGETHER.checked_div(self.s).unwrap_or(0).max(1)
    }

    /// The planes of a channel from image `first` on, side by side: in `room`, if there are several.
    #[inline(always)]
    fn row<'a, T: Real>(self, x: &'a [T], channel: usize, first: usize, room: &'a mut [T; TOGETHER]) -> &'a [T] {
        let Planes { n, c, s } = self;
        let plane = |image: usize| &x[(image * c + channel) * s..][..s];
        if self.together() == 1 {
            return plane(first);
        }
        let count = self.together().min(n - first);
        for (image, room) in (first..first + count).zip(room.chunks_exact_mut(s)) {
            room.copy_from_slice(plane(image));
        }
        &room[..count * s]
    }
}

struct BatchStats<'a, T> {
    n: usize,
    c: usize,
    s: usize,
    x: &'a [T],
    channels: Range<usize>,
    mean: &'a mut [T],
    var: &'a mut [T],
}

impl<T: Real> Kernel for BatchStats<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.s == 1 {
            return self.columns();
        }
        let planes = Planes { n: self.n, c: self.c, s: self.s };
        let mut room = [T::ZERO; TOGETHER];
        for (i, channel) in self.channels.enumerate() {
            let mut moments = Moments::default();
            for first in (0..self.n).step_by(planes.together()) {
                moments.join(Moments::of::<T, I>(planes.row(self.x, channel, first, &mut room)));
            }
            self.mean[i] = T::from_f64(if moments.count > 0.0 { moments.mean } else { f64::NAN });
            self.var[i] = T::from_f64(moments.variance());
        }
    }
}

impl<T: Real> BatchStats<'_, T> {
    #[inline(always)]
    fn columns(self) {
        let count = self.n as f64;
        let row = |image: usize| &self.x[image * self.c..][self.channels.clone()];
        let mean = column_sums(self.n, self.mean.len(), |image, sums: &mut [[T; COLUMNS]; 1]| {
            for (sum, &x) in sums[0].iter_mut().zip(row(image)) {
                *sum += x;
            }
        });
        for (mean, sum) in self.mean.iter_mut().zip(mean[0]) {
            *mean = T::from_f64(sum / count);
        }
        let mean = &*self.mean;
        let m2 = column_sums(self.n, mean.len(), |image, sums: &mut [[T; COLUMNS]; 1]| {
            for ((sum, &x), &mean) in sums[0].iter_mut().zip(row(image)).zip(mean) {
                let d = x - mean;
                *sum += d * d;
            }
        });
        for (var, m2) in self.var.iter_mut().zip(m2[0]) {
            *var = T::from_f64(m2 / count);
        }
    }
}

/// Sums over rows, `N` per column: `add` takes one row into running sums. Every [`ROWS`] rows these go into doubles.
#[inline(always)]
fn column_sums<T: Real, const N: usize>(
    rows: usize,
    width: usize,
    mut add: impl FnMut(usize, &mut [[T; COLUMNS]; N]),
) -> [[f64; COLUMNS]; N] {
    let mut total = [[0.0; COLUMNS]; N];
    for first in (0..rows).step_by(ROWS) {
        let mut sums = [[T::ZERO; COLUMNS]; N];
        for row in first..rows.min(first + ROWS) {
            add(row, &mut sums);
        }
        for n in 0..N {
            for column in 0..width {
                total[n][column] += sums[n][column].to_f64();
            }
        }
    }
    total
}

struct BatchApply<'a, T> {
    c: usize,
    s: usize,
    first: usize,
    x: &'a [T],
    scale: &'a [T],
    shift: &'a [T],
    out: &'a mut [T],
}

impl<T: Real> Kernel for BatchApply<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.s == 1 {
            for (out, x) in self.out.chunks_exact_mut(self.c.max(1)).zip(self.x.chunks_exact(self.c.max(1))) {
                for (((out, &x), &scale), &shift) in out.iter_mut().zip(x).zip(self.scale).zip(self.shift) {
                    *out = x * scale + shift;
                }
            }
            return;
        }
        let mut channel = self.first.checked_rem(self.c).unwrap_or(0);
        for (out, x) in self.out.chunks_exact_mut(self.s.max(1)).zip(self.x.chunks_exact(self.s.max(1))) {
            let (scale, shift) = (<T::V<I>>::splat(self.scale[channel]), <T::V<I>>::splat(self.shift[channel]));
            for at in (0..x.len()).step_by(<T::V<I>>::LANES) {
                let count = <T::V<I>>::LANES.min(x.len() - at);
                // SAFETY: both have as many elements.
                unsafe {
                    let x = <T::V<I>>::load_part(x.as_ptr().add(at), count);
                    (x * scale + shift).store_part(out.as_mut_ptr().add(at), count);
                }
            }
            channel = if channel + 1 == self.c { 0 } else { channel + 1 };
        }
    }
}

struct BatchBackward<'a, T> {
    n: usize,
    c: usize,
    s: usize,
    g: &'a [T],
    x: &'a [T],
    mean: &'a [T],
    invstd: &'a [T],
    weight: Option<&'a [T]>,
    channels: Range<usize>,
    grad_x: Option<&'a Parts<'a, T>>,
    grad_w: &'a mut [T],
    grad_b: &'a mut [T],
    training: bool,
}

impl<T: Real> Kernel for BatchBackward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (n, c, s) = (self.n, self.c, self.s);
        if s == 1 {
            return self.columns();
        }
        let planes = Planes { n, c, s };
        let (mut g_room, mut x_room) = ([T::ZERO; TOGETHER], [T::ZERO; TOGETHER]);
        for (i, channel) in self.channels.clone().enumerate() {
            let (mut sum_g, mut sum_gx) = (0.0, 0.0);
            for first in (0..n).step_by(planes.together()) {
                let g = planes.row(self.g, channel, first, &mut g_room);
                let x = planes.row(self.x, channel, first, &mut x_room);
                for (g, x) in g.chunks(PIECE).zip(x.chunks(PIECE)) {
                    let [g, gx] = sums::<I, T, _, 2, 2>(Products(self.mean[channel]), [g, x]);
                    sum_g += g.to_f64();
                    sum_gx += gx.to_f64();
                }
            }
            self.grad_b[i] = T::from_f64(sum_g);
            self.grad_w[i] = T::from_f64(sum_gx * self.invstd[channel].to_f64());
            let Some(grad_x) = self.grad_x else { continue };
            let [scale, mean, offset, slope] = self.coefficients(channel, sum_g, sum_gx);
            let [scale, mean, offset, slope] = [scale, mean, offset, slope].map(<T::V<I>>::splat);
            for image in 0..n {
                let plane = (image * c + channel) * s..(image * c + channel + 1) * s;
                // SAFETY: this task alone has this channel.
                let grad_x = unsafe { grad_x.range(plane.clone()) };
                let (g, x) = (&self.g[plane.clone()], &self.x[plane]);
                for at in (0..s).step_by(<T::V<I>>::LANES) {
                    let count = <T::V<I>>::LANES.min(s - at);
                    // SAFETY: all three have `s` elements.
                    unsafe {
                        let g = <T::V<I>>::load_part(g.as_ptr().add(at), count);
                        let x = <T::V<I>>::load_part(x.as_ptr().add(at), count);
                        ((g - offset - (x - mean) * slope) * scale).store_part(grad_x.as_mut_ptr().add(at), count);
                    }
                }
            }
        }
    }
}

impl<T: Real> BatchBackward<'_, T> {
    /// `[scale, mean, offset, slope]` such that `grad_x = (g - offset - (x - mean) * slope) * scale`.
    #[inline(always)]
    fn coefficients(&self, channel: usize, sum_g: f64, sum_gx: f64) -> [T; 4] {
        let (count, invstd) = ((self.n * self.s) as f64, self.invstd[channel].to_f64());
        let weight = self.weight.map_or(1.0, |w| w[channel].to_f64());
        let (offset, slope) =
            if self.training { (sum_g / count, sum_gx * invstd * invstd / count) } else { (0.0, 0.0) };
        let mean = if self.training { self.mean[channel] } else { T::ZERO };
        [T::from_f64(weight * invstd), mean, T::from_f64(offset), T::from_f64(slope)]
    }

    #[inline(always)]
    fn columns(self) {
        let row = |image: usize| image * self.c + self.channels.start..image * self.c + self.channels.end;
        let mean = &self.mean[self.channels.clone()];
        let [sum_g, sum_gx] = column_sums(self.n, mean.len(), |image, [sum_g, sum_gx]: &mut [[T; COLUMNS]; 2]| {
            let (g, x) = (&self.g[row(image)], &self.x[row(image)]);
            for i in 0..mean.len().min(COLUMNS).min(g.len()).min(x.len()) {
                sum_g[i] += g[i];
                sum_gx[i] += g[i] * (x[i] - mean[i]);
            }
        });
        let mut coefficients = [[T::ZERO; COLUMNS]; 4];
        for (i, channel) in self.channels.clone().enumerate() {
            self.grad_b[i] = T::from_f64(sum_g[i]);
            self.grad_w[i] = T::from_f64(sum_gx[i] * self.invstd[channel].to_f64());
            let values = self.coefficients(channel, sum_g[i], sum_gx[i]);
            for k in 0..4 {
                coefficients[k][i] = values[k];
            }
        }
        let Some(grad_x) = self.grad_x else { return };
        let [scale, mean, offset, slope] = coefficients;
        for image in 0..self.n {
            // SAFETY: this task alone has these channels.
            let grad_x = unsafe { grad_x.range(row(image)) };
            let (g, x) = (&self.g[row(image)], &self.x[row(image)]);
            for i in 0..grad_x.len().min(COLUMNS).min(g.len()).min(x.len()) {
                grad_x[i] = (g[i] - offset[i] - (x[i] - mean[i]) * slope[i]) * scale[i];
            }
        }
    }
}

struct LayerForward<'a, T> {
    cols: usize,
    x: &'a [T],
    weight: Option<&'a [T]>,
    bias: Option<&'a [T]>,
    eps: f64,
    out: &'a mut [T],
    mean: &'a mut [T],
    rstd: &'a mut [T],
}

impl<T: Real> Kernel for LayerForward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let cols = self.cols;
        for row in 0..self.mean.len() {
            let (out, x) = (&mut self.out[row * cols..][..cols], &self.x[row * cols..][..cols]);
            let moments = Moments::of::<T, I>(x);
            let mean = T::from_f64(moments.mean);
            let rstd = T::from_f64(1.0 / (moments.variance() + self.eps).sqrt());
            (self.mean[row], self.rstd[row]) = (mean, rstd);
            match (self.weight, self.bias) {
                (Some(w), Some(b)) => {
                    for (((out, &x), &w), &b) in out.iter_mut().zip(x).zip(w).zip(b) {
                        *out = (x - mean) * rstd * w + b;
                    }
                }
                (Some(w), None) => {
                    for ((out, &x), &w) in out.iter_mut().zip(x).zip(w) {
                        *out = (x - mean) * rstd * w;
                    }
                }
                (None, Some(b)) => {
                    for ((out, &x), &b) in out.iter_mut().zip(x).zip(b) {
                        *out = (x - mean) * rstd + b;
                    }
                }
                (None, None) => {
                    for (out, &x) in out.iter_mut().zip(x) {
                        *out = (x - mean) * rstd;
                    }
                }
            }
        }
    }
}

struct LayerBackward<'a, T> {
    cols: usize,
    g: &'a [T],
    x: &'a [T],
    mean: &'a [T],
    rstd: &'a [T],
    weight: Option<&'a [T]>,
    grad_x: Option<&'a mut [T]>,
    /// Sums for the weight, then for the bias.
    partial: &'a mut [T],
}

impl<T: Real> Kernel for LayerBackward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(mut self, _: I) {
        let cols = self.cols;
        let (grad_w, grad_b) = self.partial.split_at_mut(cols);
        for (row, (&mean, &rstd)) in self.mean.iter().zip(self.rstd).enumerate() {
            let (g, x) = (&self.g[row * cols..][..cols], &self.x[row * cols..][..cols]);
            for i in 0..cols {
                grad_w[i] += g[i] * ((x[i] - mean) * rstd);
                grad_b[i] += g[i];
            }
            let Some(grad_x) = &mut self.grad_x else { continue };
            let grad_x = &mut grad_x[row * cols..][..cols];
            let [sum_g, sum_gx] = match self.weight {
                Some(w) => sums::<I, T, _, 3, 2>(Weighted(mean), [g, x, w]),
                None => sums::<I, T, _, 2, 2>(Products(mean), [g, x]),
            };
            let count = T::from_f64(cols as f64);
            let (offset, slope) = (sum_g / count, sum_gx * rstd * rstd / count);
            match self.weight {
                Some(w) => {
                    for (((grad_x, &g), &x), &w) in grad_x.iter_mut().zip(g).zip(x).zip(w) {
                        *grad_x = (g * w - offset - (x - mean) * slope) * rstd;
                    }
                }
                None => {
                    for ((grad_x, &g), &x) in grad_x.iter_mut().zip(g).zip(x) {
                        *grad_x = (g - offset - (x - mean) * slope) * rstd;
                    }
                }
            }
        }
    }
}
