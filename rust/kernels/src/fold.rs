//! Windows of images as columns, and columns added back into images.

use crate::element::Real;
use crate::par;
use crate::parts::Parts;

/// Windows that slide over planes of (height, width).
#[derive(Clone, Copy, Debug)]
pub struct Windows {
    /// Extents of a plane.
    pub input: [usize; 2],
    /// Extents of a window, in taps.
    pub kernel: [usize; 2],
    /// How many windows fit.
    pub output: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Zeros around the plane.
    pub padding: [usize; 2],
    /// Distance between the taps of a window.
    pub dilation: [usize; 2],
}

impl Windows {
    /// Calls `f(tap, window, position)` for rows of windows: where the row's entries of the columns start, where its
    /// elements in the plane, and for which windows `range` the tap is inside.
    #[inline(always)]
    fn rows(&self, mut f: impl FnMut(usize, std::ops::Range<usize>, usize)) {
        let [height, width] = self.input;
        let count = self.output[0] * self.output[1];
        for ky in 0..self.kernel[0] {
            for kx in 0..self.kernel[1] {
                let tap = (ky * self.kernel[1] + kx) * count;
                // The windows whose tap is inside on the horizontal axis.
                let shift = kx * self.dilation[1];
                let first = self.padding[1].saturating_sub(shift).div_ceil(self.stride[1]);
                let reach = (width + self.padding[1]).saturating_sub(shift);
                let end = reach.div_ceil(self.stride[1]).min(self.output[1]);
                for oy in 0..self.output[0] {
                    let y = oy * self.stride[0] + ky * self.dilation[0];
                    let inside = (self.padding[0]..self.padding[0] + height).contains(&y) && first < end;
                    let range = if inside { first..end } else { 0..0 };
                    let start = if inside {
                        (y - self.padding[0]) * width + first * self.stride[1] + shift - self.padding[1]
                    } else {
                        0
                    };
                    f(tap + oy * self.output[1], range, start);
                }
            }
        }
    }

    fn sizes(&self) -> (usize, usize) {
        (self.input.iter().product(), self.kernel.iter().chain(&self.output).product())
    }
}

/// Copies the windows of `planes` planes to columns (planes, taps, windows); what is outside is zero.
pub fn unfold<T: Real>(w: &Windows, planes: usize, x: &[T], out: &mut [T]) {
    let (plane, columns) = w.sizes();
    assert!(x.len() == planes * plane && out.len() == planes * columns);
    let out = Parts::new(out);
    par::run(planes, planes * columns, |i| {
        // SAFETY: a plane per task.
        let (x, out) = (&x[i * plane..][..plane], unsafe { out.piece(i, columns) });
        w.rows(|tap, range, start| {
            let row = &mut out[tap..][..w.output[1]];
            row[..range.start].fill(T::ZERO);
            row[range.end.max(range.start)..].fill(T::ZERO);
            let inside = &mut row[range];
            match w.stride[1] {
                1 => inside.copy_from_slice(&x[start..][..inside.len()]),
                step => inside.iter_mut().zip(x[start..].iter().step_by(step)).for_each(|(out, &x)| *out = x),
            }
        });
    });
}

/// Adds columns (planes, taps, windows) to planes: the derivative of [`unfold`].
pub fn fold<T: Real>(w: &Windows, planes: usize, x: &[T], out: &mut [T]) {
    let (plane, columns) = w.sizes();
    assert!(out.len() == planes * plane && x.len() == planes * columns);
    let out = Parts::new(out);
    par::run(planes, planes * columns, |i| {
        // SAFETY: a plane per task.
        let (x, out) = (&x[i * columns..][..columns], unsafe { out.piece(i, plane) });
        out.fill(T::ZERO);
        w.rows(|tap, range, start| {
            let row = &x[tap..][..w.output[1]][range];
            out[start..].iter_mut().step_by(w.stride[1]).zip(row).for_each(|(out, &x)| *out += x);
        });
    });
}
