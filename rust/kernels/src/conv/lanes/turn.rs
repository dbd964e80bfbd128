//! Turning: from images one after another to all images' first pixels, all images' second pixels, and back.

use crate::element::Real;
use crate::gemm::Target;
use crate::simd::{Isa, Kernel, MOST_LANES, Vector};
use std::ops::Range;

/// Images in memory, and how their planes are turned.
pub(super) struct Images<T> {
    pub ptr: Target<T>,
    /// Between images, channels, and along the axes.
    pub strides: [isize; 5],
    pub batch: usize,
    pub extent: [usize; 3],
    /// Pixels of zeros before the first along each axis, and extents of a turned plane.
    pub before: [usize; 3],
    pub turned: [usize; 3],
}

impl<T> Images<T> {
    pub(super) fn new(batch: usize, ptr: *const T, strides: [isize; 5], extent: [usize; 3]) -> Self {
        Images { ptr: Target(ptr.cast_mut()), strides, batch, extent, before: [0; 3], turned: extent }
    }

    /// Pixels of a turned plane.
    pub(super) fn pixels(&self) -> usize {
        self.turned.iter().product()
    }

    /// Those of a block of `width`.
    pub(super) fn block(&self, block: usize, width: usize) -> Range<usize> {
        block * width..self.batch.min((block + 1) * width)
    }
}

/// Turns a channel's planes of a block of images.
pub(super) struct Turn<'a, T> {
    pub images: &'a Images<T>,
    pub block: usize,
    pub width: usize,
    pub channel: usize,
    pub to: *mut T,
}

impl<T: Real> Kernel for Turn<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Turn { images, block, width, channel, to } = self;
        let ([image, next, plane, row, column], [depth, height, columns]) = (images.strides, images.extent);
        let [_, tall, wide] = images.turned;
        let own = images.block(block, width);
        let from = images.ptr.0.wrapping_offset(own.start as isize * image + channel as isize * next);
        let gapless = row == columns as isize * column && (plane == row * height as isize || depth == 1);
        let whole = images.turned == images.extent;
        let (lines, len) = if whole && gapless { (1, depth * height * columns) } else { (depth * height, columns) };
        // SAFETY: the caller promises the images, and room for the turned plane.
        unsafe {
            if !whole {
                std::slice::from_raw_parts_mut(to, images.pixels() * width).fill(T::default());
            }
            for line in 0..lines {
                let (z, y) = (line / height, line % height);
                let from = from.offset(z as isize * plane + y as isize * row);
                let [above, left, first] = images.before;
                let to = to.add((((z + above) * tall + y + left) * wide + first) * width);
                turn::<T::V<I>>(from, [image, column], [own.len(), len], to, width);
            }
        }
    }
}

/// A loop of at most [`MOST_LANES`] rounds, written out: what registers an array is in, an index must not choose.
macro_rules! each {
    ($count:expr, $i:ident => $do:expr) => {
        each!($count, $i => $do; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    ($count:expr, $i:ident => $do:expr; $($n:literal)*) => {
        $(if $n < $count {
            let $i = $n;
            $do
        })*
    };
}

/// Turns `lines` rows of `len` elements, `row` and `column` apart, into `len` rows of `width`, which is a whole number of
/// registers; beyond the last row there are zeros.
/// # Safety
/// There are as many elements to read, and room to write.
#[inline(always)]
unsafe fn turn<V: Vector>(
    from: *const V::Elem,
    [row, column]: [isize; 2],
    [lines, len]: [usize; 2],
    to: *mut V::Elem,
    width: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        for first in (0..width).step_by(V::LANES) {
            for x in (0..len).step_by(V::LANES) {
                let (from, to) = (from.offset(first as isize * row + x as isize * column), to.add(x * width + first));
                let n = V::LANES.min(len - x);
                if column == 1 && n == V::LANES && first + n <= lines {
                    square::<V>(from, row, to, width);
                    continue;
                }
                for i in 0..V::LANES {
                    let inside = first + i < lines;
                    for j in 0..n {
                        let value = from.wrapping_offset(i as isize * row + j as isize * column);
                        *to.add(j * width + i) = if inside { *value } else { V::Elem::default() };
                    }
                }
            }
        }
    }
}

/// The inverse: `len` rows of `width` into `lines` rows of `len` elements, `row` apart.
/// # Safety
/// As there.
#[inline(always)]
pub(super) unsafe fn turn_back<V: Vector>(
    from: *const V::Elem,
    width: usize,
    [lines, len]: [usize; 2],
    to: *mut V::Elem,
    row: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        for first in (0..lines).step_by(V::LANES) {
            for x in (0..len).step_by(V::LANES) {
                let (from, to) = (from.add(x * width + first), to.add(first * row + x));
                let (count, n) = (V::LANES.min(lines - first), V::LANES.min(len - x));
                if count == V::LANES && n == V::LANES {
                    square::<V>(from, width as isize, to, row);
                    continue;
                }
                for i in 0..count {
                    (0..n).for_each(|j| *to.add(i * row + j) = *from.add(j * width + i));
                }
            }
        }
    }
}

/// Turns as many rows as a register has lanes: in rounds, rows of the upper and the lower half are dealt in turns.
/// # Safety
/// There are as many rows of as many elements, `row` apart, and room for them at `to`, `width` apart.
#[inline(always)]
pub(super) unsafe fn square<V: Vector>(from: *const V::Elem, row: isize, to: *mut V::Elem, width: usize) {
    let half = V::LANES / 2;
    let mut rows = [V::splat(V::Elem::default()); MOST_LANES];
    macro_rules! round {
        ($from:literal) => {
            if V::LANES >= $from {
                let halves = rows;
                each!(half, i => (rows[2 * i], rows[2 * i + 1]) = halves[i].zip(halves[half + i]); 0 1 2 3 4 5 6 7);
            }
        };
    }
    // SAFETY: the caller's promise.
    unsafe {
        each!(V::LANES, i => rows[i] = V::load(from.offset(i as isize * row)));
        round!(2);
        round!(4);
        round!(8);
        round!(16);
        each!(V::LANES, i => rows[i].store(to.add(i * width)));
    }
}
