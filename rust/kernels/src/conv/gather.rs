//! Points of a strip side by side, for one channel and tap after another.

use super::source::{Slab, Source};
use crate::element::Real;
use crate::simd::Vector;
use std::ops::Range;

/// A register of neighbouring points, of which `n` count, and its place in a strip's row.
#[derive(Clone, Copy)]
struct Move<T> {
    from: *const T,
    to: usize,
    n: usize,
}

/// How the points of a strip come to its row: the same few moves of registers serve every channel and tap.
pub(super) struct Moves<T> {
    all: [Move<T>; 64],
    count: usize,
    /// Reading beyond a point is allowed: in a slab, not in an image.
    whole: bool,
}

impl<T: Real> Moves<T> {
    /// For a strip of at most 64 points.
    #[inline(always)]
    pub(super) fn new<V: Vector<Elem = T>>(source: &Source<T>, slab: &Slab<T>, points: Range<usize>) -> Self {
        let none = Move { from: std::ptr::null(), to: 0, n: 0 };
        let mut moves = Moves { all: [none; 64], count: 0, whole: !source.in_place };
        for (first, n, from) in source.runs(slab, points) {
            for x in (0..n).step_by(V::LANES) {
                moves.all[moves.count] = Move { from: from.wrapping_add(x), to: first + x, n: V::LANES.min(n - x) };
                moves.count += 1;
            }
        }
        moves
    }

    /// Writes one row per offset from the points, which are themselves shifted by `shift`.
    /// # Safety
    /// The slab holds what is read; `out` has room for a row per offset.
    #[inline(always)]
    pub(super) unsafe fn gather<V: Vector<Elem = T>>(
        &self,
        shift: isize,
        offsets: &[isize],
        out: *mut T,
        width: usize,
    ) {
        let moves = &self.all[..self.count];
        // SAFETY: the caller's promise; in a slab, a register beyond each point is readable.
        unsafe {
            match (self.whole, self.count) {
                (false, _) => gather_exactly::<V>(moves, shift, offsets, out, width),
                (_, 1) => gather::<V, 1>(moves, shift, offsets, out, width),
                (_, 2) => gather::<V, 2>(moves, shift, offsets, out, width),
                (_, 3) => gather::<V, 3>(moves, shift, offsets, out, width),
                (_, 4) => gather::<V, 4>(moves, shift, offsets, out, width),
                (_, 8) => gather::<V, 8>(moves, shift, offsets, out, width),
                _ => gather_all::<V>(moves, shift, offsets, out, width),
            }
        }
    }
}

/// Writes one row per offset. Registers are stored whole: what a move writes too much, the next puts right; only the
/// last row, which something else may follow, is written exactly.
#[inline(always)]
unsafe fn gather<V: Vector, const N: usize>(
    moves: &[Move<V::Elem>],
    shift: isize,
    offsets: &[isize],
    out: *mut V::Elem,
    width: usize,
) {
    let last = offsets.len() - 1;
    let (mut from, mut to) = ([std::ptr::null(); N], [out; N]);
    for i in 0..N {
        (from[i], to[i]) = (moves[i].from.wrapping_offset(shift), out.wrapping_add(moves[i].to));
    }
    // SAFETY: the caller promises whole registers to read, and room for a row per offset.
    unsafe {
        for (row, &offset) in offsets[..last].iter().enumerate() {
            for i in 0..N {
                V::load(from[i].wrapping_offset(offset)).store(to[i].add(row * width));
            }
        }
        gather_exactly::<V>(moves, shift, &offsets[last..], out.add(last * width), width);
    }
}

/// As [`gather`], for any number of moves.
#[inline(always)]
unsafe fn gather_all<V: Vector>(
    moves: &[Move<V::Elem>],
    shift: isize,
    offsets: &[isize],
    out: *mut V::Elem,
    width: usize,
) {
    let last = offsets.len() - 1;
    // SAFETY: as above.
    unsafe {
        for (row, &offset) in offsets[..last].iter().enumerate() {
            for m in moves {
                V::load(m.from.wrapping_offset(shift + offset)).store(out.add(row * width + m.to));
            }
        }
        gather_exactly::<V>(moves, shift, &offsets[last..], out.add(last * width), width);
    }
}

/// As [`gather`], reading and writing nothing but the points.
#[inline(always)]
unsafe fn gather_exactly<V: Vector>(
    moves: &[Move<V::Elem>],
    shift: isize,
    offsets: &[isize],
    out: *mut V::Elem,
    width: usize,
) {
    for (row, &offset) in offsets.iter().enumerate() {
        for m in moves {
            // SAFETY: the caller promises the points, and room for a row per offset.
            unsafe {
                let to = out.add(row * width + m.to);
                V::load_first(m.from.wrapping_offset(shift + offset), m.n).store_first(to, m.n);
            }
        }
    }
}
