//! Reading images at given places, between their elements.
//!
//! Each place is turned into taps first: a few elements with weights, and how the weights change with the coordinates.
//! The result and both derivatives are sums over taps.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;

/// How elements between those of the image are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// From the two neighbours on each axis.
    Linear,
    /// The nearest element.
    Nearest,
    /// From four neighbours on each axis, by Keys' cubic with a = -3/4.
    Cubic,
}

/// What is read outside of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Zeros.
    Zeros,
    /// The element at the border.
    Border,
    /// The image reflected at its border.
    Reflection,
}

/// What is read from where.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    /// Axes of the image: 2 or 3.
    pub axes: usize,
    /// Extents of the image; leading ones are 1.
    pub input: [usize; 3],
    /// Places per image.
    pub points: usize,
    /// Number of images.
    pub images: usize,
    /// Channels of each.
    pub channels: usize,
    /// How to read between elements.
    pub interpolation: Interpolation,
    /// What to read outside.
    pub outside: Outside,
    /// Whether -1 and 1 are the centres of the outermost elements, not their edges.
    pub align_corners: bool,
}

/// Taps on one axis: at most four.
#[derive(Clone, Copy)]
struct AxisTaps {
    count: usize,
    index: [usize; 4],
    weight: [f64; 4],
    slope: [f64; 4],
}

/// Taps of one place: elements of the plane, weights, and the weights' derivatives by the coordinates (x first).
struct Taps {
    count: usize,
    index: [usize; 16],
    weight: [f64; 16],
    slope: [[f64; 16]; 3],
}

/// Keys' cubic (1981) with a = -3/4, at distances 1 + t, t, 1 - t, 2 - t, and its derivative by t.
pub fn cubic_weights(t: f64) -> ([f64; 4], [f64; 4]) {
    const A: f64 = -0.75;
    let near = |d: f64| ((A + 2.0) * d - (A + 3.0)) * d * d + 1.0;
    let far = |d: f64| ((A * d - 5.0 * A) * d + 8.0 * A) * d - 4.0 * A;
    let near_slope = |d: f64| (3.0 * (A + 2.0) * d - 2.0 * (A + 3.0)) * d;
    let far_slope = |d: f64| (3.0 * A * d - 10.0 * A) * d + 8.0 * A;
    (
        [far(1.0 + t), near(t), near(1.0 - t), far(2.0 - t)],
        [far_slope(1.0 + t), near_slope(t), -near_slope(1.0 - t), -far_slope(2.0 - t)],
    )
}

impl Sampling {
    fn plane(&self) -> usize {
        self.input.iter().product()
    }

    /// A coordinate in [-1, 1] in elements, and how fast it moves.
    fn unnormalised(&self, x: f64, size: usize) -> (f64, f64) {
        let size = size as f64;
        if self.align_corners {
            ((x + 1.0) / 2.0 * (size - 1.0), (size - 1.0) / 2.0)
        } else {
            (((x + 1.0) * size - 1.0) / 2.0, size / 2.0)
        }
    }

    /// A coordinate brought inside, and its derivative.
    fn inside(&self, x: f64, size: usize) -> (f64, f64) {
        let last = size as f64 - 1.0;
        let clipped = |x: f64| match x {
            x if x <= 0.0 => (0.0, 0.0),
            x if x >= last => (last, 0.0),
            x => (x, 1.0),
        };
        match self.outside {
            Outside::Zeros => (x, 1.0),
            Outside::Border => clipped(x),
            Outside::Reflection => {
                let (low, high) = if self.align_corners { (0.0, last) } else { (-0.5, last + 0.5) };
                let span = high - low;
                if span <= 0.0 {
                    return (0.0, 0.0);
                }
                let sign = if x < low { -1.0 } else { 1.0 };
                let distance = (x - low).abs();
                let (extra, even) = (distance % span, (distance / span).floor() % 2.0 == 0.0);
                let (x, slope) = if even { (extra + low, sign) } else { (span - extra + low, -sign) };
                let (x, inside) = clipped(x);
                (x, slope * inside)
            }
        }
    }

    fn axis(&self, x: f64, size: usize) -> AxisTaps {
        let mut taps = AxisTaps { count: 0, index: [0; 4], weight: [0.0; 4], slope: [0.0; 4] };
        let (x, scale) = self.unnormalised(x, size);
        let mut add = |at: f64, weight: f64, slope: f64| {
            // What is outside counts as zero; so does what is not a number.
            if at >= 0.0 && at < size as f64 {
                let i = taps.count;
                (taps.index[i], taps.weight[i], taps.slope[i]) = (at as usize, weight, slope);
                taps.count += 1;
            }
        };
        match self.interpolation {
            Interpolation::Nearest => add(self.inside(x, size).0.round_ties_even(), 1.0, 0.0),
            Interpolation::Linear => {
                let (x, slope) = self.inside(x, size);
                let first = x.floor();
                let (t, slope) = (x - first, slope * scale);
                add(first, 1.0 - t, -slope);
                add(first + 1.0, t, slope);
            }
            Interpolation::Cubic => {
                let first = x.floor();
                let (weights, slopes) = cubic_weights(x - first);
                for k in 0..4 {
                    let at = self.inside(first + k as f64 - 1.0, size).0;
                    add(at.round_ties_even(), weights[k], slopes[k] * scale);
                }
            }
        }
        taps
    }

    /// The taps of a place (x, y) or (x, y, z).
    fn taps<T: Real>(&self, place: &[T]) -> Taps {
        let [depth, height, width] = self.input;
        let x = self.axis(place[0].to_f64(), width);
        let y = self.axis(place[1].to_f64(), height);
        let whole = AxisTaps { count: 1, index: [0; 4], weight: [1.0; 4], slope: [0.0; 4] };
        let z = if self.axes == 3 { self.axis(place[2].to_f64(), depth) } else { whole };
        let mut taps = Taps { count: 0, index: [0; 16], weight: [0.0; 16], slope: [[0.0; 16]; 3] };
        for c in 0..z.count {
            for b in 0..y.count {
                for a in 0..x.count {
                    let i = taps.count;
                    taps.index[i] = (z.index[c] * height + y.index[b]) * width + x.index[a];
                    taps.weight[i] = x.weight[a] * y.weight[b] * z.weight[c];
                    taps.slope[0][i] = x.slope[a] * y.weight[b] * z.weight[c];
                    taps.slope[1][i] = x.weight[a] * y.slope[b] * z.weight[c];
                    taps.slope[2][i] = x.weight[a] * y.weight[b] * z.slope[c];
                    taps.count += 1;
                }
            }
        }
        taps
    }

    fn check<T>(&self, x: &[T], grid: &[T], out: &[T]) {
        assert!(x.len() == self.images * self.channels * self.plane());
        assert!(grid.len() == self.images * self.points * self.axes);
        assert!(out.len() == self.images * self.channels * self.points);
    }
}

/// Places of one parallel task.
const POINTS: usize = 1024;
/// Channels of one parallel task of the derivative by the image.
const CHANNELS: usize = 8;

/// Reads `x` (images, channels, plane) at `grid` (images, points, axes) to `out` (images, channels, points).
pub fn forward<T: Real>(s: &Sampling, x: &[T], grid: &[T], out: &mut [T]) {
    s.check(x, grid, out);
    let (plane, blocks) = (s.plane(), s.points.div_ceil(POINTS));
    let target = Parts::new(out);
    par::run(s.images * blocks, s.images * s.points * (s.channels * 4 + 32), |task| {
        let (image, block) = (task / blocks, task % blocks);
        for point in block * POINTS..s.points.min((block + 1) * POINTS) {
            let taps = s.taps(&grid[(image * s.points + point) * s.axes..][..s.axes]);
            let weight: [T; 16] = taps.weight.map(T::from_f64);
            for channel in 0..s.channels {
                let line = image * s.channels + channel;
                let x = &x[line * plane..][..plane];
                let mut sum = T::ZERO;
                for k in 0..taps.count {
                    sum += weight[k] * x[taps.index[k]];
                }
                // SAFETY: places of this task only.
                unsafe { target.range(line * s.points + point..line * s.points + point + 1)[0] = sum };
            }
        }
    });
}

/// The derivative by the image: `g` (images, channels, points) spread to `out` (images, channels, plane).
pub fn backward_input<T: Real>(s: &Sampling, grid: &[T], g: &[T], out: &mut [T]) {
    s.check(out, grid, g);
    let (plane, blocks) = (s.plane(), s.channels.div_ceil(CHANNELS));
    let target = Parts::new(out);
    par::run(s.images * blocks, s.images * s.points * (s.channels * 4 + 32), |task| {
        let image = task / blocks;
        let channels = task % blocks * CHANNELS..s.channels.min((task % blocks + 1) * CHANNELS);
        let lines = image * s.channels + channels.start..image * s.channels + channels.end;
        // SAFETY: channels of this task only.
        let out = unsafe { target.range(lines.start * plane..lines.end * plane) };
        out.fill(T::ZERO);
        for point in 0..s.points {
            let taps = s.taps(&grid[(image * s.points + point) * s.axes..][..s.axes]);
            let weight: [T; 16] = taps.weight.map(T::from_f64);
            for (line, out) in lines.clone().zip(out.chunks_exact_mut(plane)) {
                let g = g[line * s.points + point];
                for k in 0..taps.count {
                    out[taps.index[k]] += weight[k] * g;
                }
            }
        }
    });
}

/// The derivative by the places, (images, points, axes).
pub fn backward_grid<T: Real>(s: &Sampling, x: &[T], grid: &[T], g: &[T], out: &mut [T]) {
    s.check(x, grid, g);
    assert!(out.len() == grid.len());
    let plane = s.plane();
    let target = Parts::new(out);
    par::blocks(s.images * s.points, POINTS, s.channels * 8 + 32, |block| {
        for place in block {
            let (image, point) = (place / s.points, place % s.points);
            let taps = s.taps(&grid[place * s.axes..][..s.axes]);
            let mut sums = [0.0; 3];
            for channel in 0..s.channels {
                let line = image * s.channels + channel;
                let (x, g) = (&x[line * plane..][..plane], g[line * s.points + point].to_f64());
                for k in 0..taps.count {
                    let product = g * x[taps.index[k]].to_f64();
                    for (sum, slope) in sums.iter_mut().zip(&taps.slope) {
                        *sum += product * slope[k];
                    }
                }
            }
            // SAFETY: places of this task only.
            let out = unsafe { target.piece(place, s.axes) };
            for (out, &sum) in out.iter_mut().zip(&sums) {
                *out = T::from_f64(sum);
            }
        }
    });
}
