//! Few channels: planes are convolved in vectors along their rows, straight from the slab.
//!
//! Serves depthwise convolutions (one input channel per group), and gradients of inputs with a handful of channels,
//! where packed patches would be used too rarely.

use super::Geometry;
use super::source::{Slab, Source};
use crate::element::Real;
use crate::gemm::Target;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};

/// Rows computed side by side.
const ROWS: usize = 4;
/// The most channels per group of an input whose gradient is computed here.
pub(super) const MOST_CHANNELS: usize = 3;
/// Kernel elements whose gradient is summed side by side.
const TAPS: usize = 9;

/// # Safety
/// As for [`super::forward`]; `source` describes the input with all its channels.
pub(super) unsafe fn forward<T: Real>(
    g: &Geometry,
    source: &Source<T>,
    weight: &[T],
    bias: Option<&[T]>,
    output: &mut [T],
) {
    let (multiplier, taps, pixels) = (g.group_out(), g.taps(), g.out_pixels());
    let target = Target(output.as_mut_ptr());
    par::run(g.batch * g.groups, g.batch * g.out_channels * pixels * (taps / 4 + 1), |index| {
        let (image, channel) = (index / g.groups, index % g.groups);
        par::scratch::<T, _>(source.slab_room(1, pixels), |room| {
            for out in channel * multiplier..(channel + 1) * multiplier {
                simd::dispatch(Plane {
                    source,
                    image,
                    channels: channel..channel + 1,
                    room: room.as_mut_ptr().cast(),
                    weight: &weight[out * taps..][..taps],
                    start: bias.map_or(T::default(), |bias| bias[out]),
                    // SAFETY: within the output.
                    out: unsafe { target.at((image * g.out_channels + out) * pixels) },
                    out_stride: [g.output[1] * g.output[2], g.output[2], 1],
                    out_channels: 1,
                    out_channel: 0,
                });
            }
        });
    });
}

/// # Safety
/// `source` describes the gradient of the output with all its channels, seen from the points of one phase; `taps` are
/// the kernel elements of the phase, `grad_input` begins with the phase's first element.
pub(super) unsafe fn input_grad<T: Real>(
    g: &Geometry,
    source: &Source<T>,
    taps: &[usize],
    weight: &[T],
    grad_input: &mut [T],
) {
    let (group_in, group_out, pixels) = (g.group_in(), g.group_out(), source.pixels());
    let target = Target(grad_input.as_mut_ptr());
    let [depth, height, width] = g.input;
    let cost = g.batch * g.out_channels * group_in * pixels * (taps.len() / 4 + 1);
    par::run(g.batch * g.groups, cost, |index| {
        let (image, group) = (index / g.groups, index % g.groups);
        let channels = group * group_out..(group + 1) * group_out;
        let room = source.slab_room(group_out, pixels);
        par::scratch::<T, _>(room + group_in * group_out * taps.len(), |scratch| {
            let (room, seen) = scratch.split_at_mut(room);
            let mut next = seen.iter_mut();
            for c in 0..group_in {
                for o in channels.clone() {
                    for (tap, seen) in taps.iter().zip(next.by_ref()) {
                        seen.write(weight[(o * group_in + c) * g.taps() + tap]);
                    }
                }
            }
            simd::dispatch(Plane {
                source,
                image,
                channels,
                room: room.as_mut_ptr().cast(),
                // SAFETY: all were written.
                weight: unsafe { std::slice::from_raw_parts(seen.as_ptr().cast(), seen.len()) },
                start: T::default(),
                // SAFETY: within the gradient.
                out: unsafe { target.at((image * g.groups + group) * group_in * depth * height * width) },
                out_stride: [g.stride[0] * height * width, g.stride[1] * width, g.stride[2]],
                out_channels: group_in,
                out_channel: depth * height * width,
            });
        });
    });
}

/// A few planes of the result: sums over some channels' taps.
struct Plane<'a, T> {
    source: &'a Source<T>,
    image: usize,
    channels: std::ops::Range<usize>,
    room: *mut T,
    /// Per channel of the result, channel and tap.
    weight: &'a [T],
    start: T,
    out: *mut T,
    out_stride: [usize; 3],
    /// Channels of the result, and the distance between them.
    out_channels: usize,
    out_channel: usize,
}

impl<T: Real> Kernel for Plane<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the fields describe the planes; the slab holds all that their points read.
        unsafe {
            let pixels = self.source.pixels();
            let points = self.image * pixels..(self.image + 1) * pixels;
            let slab = self.source.slab::<T::V<I>>(self.channels.clone(), points, self.room);
            match self.out_channels {
                1 => self.compute::<T::V<I>, 1>(&slab),
                2 => self.compute::<T::V<I>, 2>(&slab),
                3 => self.compute::<T::V<I>, 3>(&slab),
                _ => unreachable!("more channels than MOST_CHANNELS"),
            }
        }
    }
}

impl<T: Real> Plane<'_, T> {
    #[inline(always)]
    unsafe fn compute<V: Vector<Elem = T>, const N: usize>(&self, slab: &Slab<T>) {
        let source = self.source;
        let [planes, rows, width] = source.points;
        // SAFETY: the caller's promise.
        unsafe {
            for z in 0..planes {
                for y in (0..rows).step_by(ROWS) {
                    // Beyond the last row, the last is computed again.
                    let row: [usize; ROWS] = std::array::from_fn(|r| (y + r).min(rows - 1));
                    let from = row.map(|y| source.point(slab, self.image, z, y));
                    for x in (0..width).step_by(V::LANES) {
                        let n = V::LANES.min(width - x);
                        let mut sums = [[V::splat(self.start); ROWS]; N];
                        if n == V::LANES {
                            self.sum::<V, N, true>(slab, from, x, n, &mut sums);
                        } else {
                            self.sum::<V, N, false>(slab, from, x, n, &mut sums);
                        }
                        for c in 0..N {
                            for r in 0..ROWS {
                                let at = c * self.out_channel + z * self.out_stride[0] + row[r] * self.out_stride[1];
                                self.store(sums[c][r], self.out.add(at + x * self.out_stride[2]), n);
                            }
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn store<V: Vector<Elem = T>>(&self, sums: V, out: *mut T, n: usize) {
        // SAFETY: the caller promises `n` elements of the result.
        unsafe {
            if self.out_stride[2] != 1 {
                let mut lanes = [T::default(); 16];
                sums.store(lanes.as_mut_ptr());
                for (i, lane) in lanes[..n].iter().enumerate() {
                    *out.add(i * self.out_stride[2]) = *lane;
                }
            } else if n == V::LANES {
                sums.store(out);
            } else {
                sums.store_first(out, n);
            }
        }
    }

    #[inline(always)]
    unsafe fn sum<V: Vector<Elem = T>, const N: usize, const WHOLE: bool>(
        &self,
        slab: &Slab<T>,
        from: [*const T; ROWS],
        x: usize,
        n: usize,
        sums: &mut [[V; ROWS]; N],
    ) {
        let taps = self.source.taps();
        let stride = self.channels.len() * taps;
        let mut weight = self.weight.as_ptr();
        debug_assert_eq!(self.weight.len(), N * stride);
        for channel in self.channels.clone() {
            for tap in 0..taps {
                let offset = self.source.tap(slab, channel, tap) + x as isize;
                // SAFETY: there is a weight per channel of the result, channel and tap; the slab holds all that the
                // points read.
                unsafe {
                    let mut scale = [V::splat(T::default()); N];
                    for c in 0..N {
                        scale[c] = V::splat(*weight.add(c * stride));
                    }
                    for r in 0..ROWS {
                        let at = from[r].wrapping_offset(offset);
                        let value = if WHOLE { V::load(at) } else { V::load_first(at, n) };
                        for c in 0..N {
                            sums[c][r] = scale[c].mul_add(value, sums[c][r]);
                        }
                    }
                    weight = weight.add(1);
                }
            }
        }
    }
}

/// # Safety
/// As for [`super::weight_grad`]; `source` describes the input with all its channels.
pub(super) unsafe fn weight_grad<T: Real>(g: &Geometry, source: &Source<T>, grad_output: &[T], grad_weight: &mut [T]) {
    let (multiplier, taps, pixels) = (g.group_out(), g.taps(), g.out_pixels());
    let target = Target(grad_weight.as_mut_ptr());
    par::run(g.groups, g.batch * g.out_channels * pixels * (taps / 4 + 1), |channel| {
        par::scratch::<T, _>(source.slab_room(1, pixels), |room| {
            let room = room.as_mut_ptr().cast();
            // SAFETY: within the gradient; other tasks have other channels.
            let sums = unsafe {
                let first = target.at(channel * multiplier * taps);
                first.write_bytes(0, multiplier * taps);
                std::slice::from_raw_parts_mut(first, multiplier * taps)
            };
            for image in 0..g.batch {
                for i in 0..multiplier {
                    let plane = (image * g.out_channels + channel * multiplier + i) * pixels;
                    let gradient = &grad_output[plane..][..pixels];
                    simd::dispatch(Taps {
                        source,
                        image,
                        channel,
                        room,
                        gradient,
                        sums: &mut sums[i * taps..][..taps],
                    });
                }
            }
        });
    });
}

/// Adds what one plane contributes to the gradient of a channel's kernel.
struct Taps<'a, T> {
    source: &'a Source<T>,
    image: usize,
    channel: usize,
    room: *mut T,
    gradient: &'a [T],
    sums: &'a mut [T],
}

impl<T: Real> Kernel for Taps<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        // SAFETY: the fields describe the planes; the slab holds all that the points read.
        unsafe { self.compute::<T::V<I>>() }
    }
}

impl<T: Real> Taps<'_, T> {
    #[inline(always)]
    unsafe fn compute<V: Vector<Elem = T>>(self) {
        let Taps { source, image, channel, room, gradient, sums } = self;
        let ([planes, rows, width], pixels) = (source.points, source.pixels());
        // SAFETY: the caller's promise.
        unsafe {
            let slab = source.slab::<V>(channel..channel + 1, image * pixels..(image + 1) * pixels, room);
            for first in (0..sums.len()).step_by(TAPS) {
                let count = TAPS.min(sums.len() - first);
                let offsets: [isize; TAPS] =
                    std::array::from_fn(|t| source.tap(&slab, channel, first + t.min(count - 1)));
                let mut totals = [V::splat(T::default()); TAPS];
                for z in 0..planes {
                    for y in 0..rows {
                        let from = source.point(&slab, image, z, y);
                        let gradient = gradient.as_ptr().add((z * rows + y) * width);
                        let mut x = 0;
                        while x + V::LANES <= width {
                            let scale = V::load(gradient.add(x));
                            for t in 0..TAPS {
                                let value = V::load(from.wrapping_offset(offsets[t] + x as isize));
                                totals[t] = scale.mul_add(value, totals[t]);
                            }
                            x += V::LANES;
                        }
                        if x < width {
                            let scale = V::load_first(gradient.add(x), width - x);
                            for t in 0..TAPS {
                                let value = V::load_first(from.wrapping_offset(offsets[t] + x as isize), width - x);
                                totals[t] = scale.mul_add(value, totals[t]);
                            }
                        }
                    }
                }
                for t in 0..count {
                    let sum = V::splat(totals[t].sum()) + V::load_first(&sums[first + t], 1);
                    sum.store_first(&mut sums[first + t], 1);
                }
            }
        }
    }
}
