//! Sorting and searching: rows in order, their smallest elements, where a value belongs, which elements are equal.
//!
//! Elements become unsigned integers of the same order ([`Sortable::key`]): NaN after everything else, -0 equal to 0. A
//! key and its place in the row are packed into one integer, so that equal elements stay in their order and sorting is
//! sorting integers: by comparisons if they are few, else digit by digit from the lowest (radix sort). The result is
//! unique, so that it cannot depend on threads.

use crate::element::Element;
use crate::par;
use crate::parts::Parts;
use crate::simd::{Isa, Kernel};
use half::{bf16, f16};

/// Rows up to this length are sorted by comparisons.
const COMPARED: usize = 128;
/// Bits of a digit.
const DIGIT: u32 = 8;
const VALUES: usize = 1 << DIGIT;
/// Digits of the longest keys.
const DIGITS: usize = (u64::BITS / DIGIT) as usize;
/// Elements that are looked at together when few of them matter.
const GLANCE: usize = 32;
/// Columns are multiples of this, and not more than that, over a sample of so many elements.
const COLUMNS: usize = 64;
const MOST_COLUMNS: usize = 512;
const SAMPLE: usize = 4096;
/// How many elements more than twice those asked for are gathered before they are thinned out.
const SPARE: usize = 8;
/// Elements that a task counts, moves or looks through.
const BLOCK: usize = 64 * 1024;

/// A key and, in the lowest 32 bits, a place.
pub trait Packed: Copy + Ord + Default + Send + Sync {
    /// Packs both.
    fn new(key: u64, place: usize) -> Self;
    /// The key.
    fn key(self) -> u64;
    /// The place.
    fn place(self) -> usize;
}

macro_rules! packed {
    ($($t:ty),*) => {$(
        impl Packed for $t {
            #[inline(always)]
            fn new(key: u64, place: usize) -> $t { (key as $t) << 32 | place as $t }
            #[inline(always)]
            fn key(self) -> u64 { (self >> 32) as u64 }
            #[inline(always)]
            fn place(self) -> usize { self as u32 as usize }
        }
    )*};
}
packed!(u64, u128);

/// Elements that can be put in order.
pub trait Sortable: Element {
    /// `u64` for keys of up to 32 bits, else `u128`.
    type Packed: Packed;
    /// Bits of a key.
    const BITS: u32;
    /// An unsigned integer of the same order.
    fn key(self) -> u64;
    /// The element with this key, unless there are several (zeros, NaN).
    fn from_key(key: u64) -> Option<Self>;
}

macro_rules! sortable {
    ($($t:ty: $bits:ty, $packed:ty, |$x:ident| $key:expr, |$k:ident| $element:expr);*) => {$(
        impl Sortable for $t {
            type Packed = $packed;
            const BITS: u32 = <$bits>::BITS;
            #[inline(always)]
            fn key(self) -> u64 {
                let $x = self;
                let key: $bits = $key;
                key as u64
            }
            #[inline(always)]
            fn from_key(key: u64) -> Option<Self> {
                let $k = key as $bits;
                $element
            }
        }
    )*};
}
/// The bits of a float that is not NaN, in the order of their values.
macro_rules! ordered {
    ($x:expr, $t:ty) => {{
        // Adding 0 makes 0 of -0. Negative numbers are in reverse.
        let bits = ($x + <$t>::from_bits(0)).to_bits();
        let top = !0 ^ (!0 >> 1);
        if $x.is_nan() {
            !0
        } else if bits & top != 0 {
            !bits
        } else {
            bits | top
        }
    }};
}
/// The inverse of `ordered`.
macro_rules! float {
    ($key:expr, $t:ty) => {{
        let top = !0 ^ (!0 >> 1);
        match $key {
            key if key == !0 || key == top => None,
            key if key & top != 0 => Some(<$t>::from_bits(key ^ top)),
            key => Some(<$t>::from_bits(!key)),
        }
    }};
}
sortable!(
    bool: u8, u64, |x| u8::from(x), |k| Some(k != 0);
    u8: u8, u64, |x| x, |k| Some(k);
    i8: u8, u64, |x| x as u8 ^ 0x80, |k| Some((k ^ 0x80) as i8);
    i16: u16, u64, |x| x as u16 ^ 0x8000, |k| Some((k ^ 0x8000) as i16);
    i32: u32, u64, |x| x as u32 ^ 0x8000_0000, |k| Some((k ^ 0x8000_0000) as i32);
    i64: u64, u128, |x| x as u64 ^ 1 << 63, |k| Some((k ^ 1 << 63) as i64);
    f16: u16, u64, |x| ordered!(x, f16), |k| float!(k, f16);
    bf16: u16, u64, |x| ordered!(x, bf16), |k| float!(k, bf16);
    f32: u32, u64, |x| ordered!(x, f32), |k| float!(k, f32);
    f64: u64, u128, |x| ordered!(x, f64), |k| float!(k, f64)
);

/// The packed element number `place` of a row; in descending order keys are inverted.
#[inline(always)]
fn pack<T: Sortable>(x: T, place: usize, descending: bool) -> T::Packed {
    T::Packed::new(x.key() ^ mask::<T>(descending), place)
}

/// What turns keys into those of the order asked for.
#[inline(always)]
fn mask<T: Sortable>(descending: bool) -> u64 {
    if descending { u64::MAX >> (64 - T::BITS) } else { 0 }
}

/// Sorts rows of `len` elements, equal ones in the order of the source, and says where they were.
///
/// # Panics
/// If a row is longer than 2**32 - 1.
pub fn sort<T: Sortable>(len: usize, descending: bool, src: &[T], values: &mut [T], places: &mut [i64]) {
    assert!(src.len() == values.len() && src.len() == places.len());
    first(len, len, descending, src, values, places);
}

/// The first `k` elements of every row of `len`, had it been sorted, and their places: see [`sort`].
///
/// # Panics
/// If `k > len`, or a row is longer than 2**32 - 1.
pub fn first<T: Sortable>(len: usize, k: usize, descending: bool, src: &[T], values: &mut [T], places: &mut [i64]) {
    assert!(k <= len && u32::try_from(len).is_ok(), "{k} of a row of {len}");
    if k == 0 {
        return;
    }
    let rows = src.len() / len;
    assert!(src.len() == rows * len && values.len() == rows * k && places.len() == values.len());
    let (values, places) = (&Parts::new(values), &Parts::new(places));
    let steps = len.ilog2() as usize + 1;
    let run = |row: usize, memory: &mut Memory<T::Packed>| {
        let row_src = &src[row * len..][..len];
        // SAFETY: every row has its own piece.
        let (values, places) = unsafe { (values.piece(row, k), places.piece(row, k)) };
        if k < len / 4 {
            candidates(row_src, k, descending, memory);
            // Digit by digit needs equal keys in the order of their places, and these are in none.
            memory.items.sort_unstable();
        } else {
            memory.fill(row_src, descending);
            memory.sort::<T>();
        }
        emit(row_src, &memory.items[..k], descending, values, places);
    };
    if len >= 2 * BLOCK {
        let mut memory = Memory::default();
        (0..rows).for_each(|row| run(row, &mut memory));
    } else {
        par::blocks(rows, (BLOCK / len / 4).max(1), len * steps, |range| {
            let mut memory = Memory::default();
            range.for_each(|row| run(row, &mut memory));
        });
    }
}

/// The element that would be at place `rank(row)` of every sorted row, and where it is.
///
/// # Panics
/// If a rank is not below `len`, or a row is longer than 2**32 - 1.
pub fn nth<T: Sortable>(
    len: usize,
    rank: impl Fn(&[T]) -> usize + Sync,
    src: &[T],
    values: &mut [T],
    places: &mut [i64],
) {
    assert!(len > 0 && u32::try_from(len).is_ok(), "a row of {len}");
    let rows = src.len() / len;
    assert!(src.len() == rows * len && values.len() == rows && places.len() == rows);
    let (values, places) = (&Parts::new(values), &Parts::new(places));
    par::blocks(rows, (BLOCK / len / 4).max(1), 4 * len, |range| {
        let mut memory = Memory::default();
        for row in range {
            let row_src = &src[row * len..][..len];
            memory.fill(row_src, false);
            let (_, found, _) = memory.items.select_nth_unstable(rank(row_src));
            // SAFETY: every row has its own piece.
            unsafe { emit(row_src, &[*found], false, values.piece(row, 1), places.piece(row, 1)) };
        }
    });
}

/// Writes elements and their places.
fn emit<T: Sortable>(src: &[T], items: &[T::Packed], descending: bool, values: &mut [T], places: &mut [i64]) {
    let mask = mask::<T>(descending);
    let (values, places) = (&Parts::new(values), &Parts::new(places));
    par::blocks(items.len(), BLOCK, 2, |range| {
        // SAFETY: blocks are disjoint.
        let (values, places) = unsafe { (values.range(range.clone()), places.range(range.clone())) };
        for ((value, place), item) in values.iter_mut().zip(places).zip(&items[range]) {
            // The keys are at hand, while the elements are all over the memory.
            *value = T::from_key(item.key() ^ mask).unwrap_or_else(|| src[item.place()]);
            *place = item.place() as i64;
        }
    });
}

/// Leaves the `k` first elements of a row in `memory`, in no order.
fn candidates<T: Sortable>(src: &[T], k: usize, descending: bool, memory: &mut Memory<T::Packed>) {
    let blocks = src.len().div_ceil(BLOCK.max(4 * k));
    if blocks == 1 {
        memory.items.clear();
        sift(src, 0, k, descending, &mut memory.items);
    } else {
        let size = src.len().div_ceil(blocks);
        let mut found = vec![Vec::new(); blocks];
        let shared = Parts::new(&mut found);
        par::run(blocks, src.len(), |block| {
            let start = block * size;
            // SAFETY: every task has its own element.
            let items = &mut unsafe { shared.piece(block, 1) }[0];
            sift(&src[start..src.len().min(start + size)], start, k, descending, items);
        });
        memory.items.clear();
        found.iter().for_each(|items| memory.items.extend_from_slice(items));
    }
    if memory.items.len() > k {
        memory.items.select_nth_unstable(k - 1);
        memory.items.truncate(k);
    }
}

/// Adds a few elements to `items`, the `k` first among them; `src` begins at place `start`.
fn sift<T: Sortable>(src: &[T], start: usize, k: usize, descending: bool, items: &mut Vec<T::Packed>) {
    T::enter_elementwise(Sift { src, start, k, descending, items });
}

struct Sift<'a, T: Sortable> {
    src: &'a [T],
    start: usize,
    k: usize,
    descending: bool,
    items: &'a mut Vec<T::Packed>,
}

impl<T: Sortable> Kernel for Sift<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Sift { src, start, k, descending, items } = self;
        let mask = mask::<T>(descending);
        // False for NaN, where the keys decide.
        let after = |x: T, last: T| if descending { x < last } else { x > last };
        // There are `k` elements that come before all with a larger key. To begin with, the first ones of many columns.
        let mut limit: Option<(u64, T)> = None;
        let columns = (4 * k).next_multiple_of(COLUMNS);
        if columns <= MOST_COLUMNS && src.len() >= 4 * columns {
            let (head, rest) = src.split_at(columns);
            let mut firsts = [head[0]; MOST_COLUMNS];
            firsts[..columns].copy_from_slice(head);
            for row in rest.chunks_exact(columns).take(SAMPLE / columns) {
                firsts.iter_mut().zip(row).for_each(|(first, x)| *first = if after(*x, *first) { *first } else { *x });
            }
            items.extend(firsts[..columns].iter().enumerate().map(|(i, x)| pack(*x, i, descending)));
            let last = *items.select_nth_unstable(k - 1).1;
            limit = Some((last.key(), firsts[last.place()]));
            items.clear();
        }
        for (glance, part) in src.chunks(GLANCE).enumerate() {
            if let Some((_, last)) = limit
                && part.iter().fold(true, |all, x| all & after(*x, last))
            {
                continue; // in lanes
            }
            for (i, &x) in part.iter().enumerate() {
                if limit.is_some_and(|(limit, last)| after(x, last) || x.key() ^ mask > limit) {
                    continue;
                }
                items.push(pack(x, start + glance * GLANCE + i, descending));
                if items.len() >= 2 * k + SPARE {
                    let last = *items.select_nth_unstable(k - 1).1;
                    limit = Some((last.key(), src[last.place() - start]));
                    items.truncate(k);
                }
            }
        }
    }
}

/// A packed row, and room to sort it.
#[derive(Default)]
struct Memory<P> {
    items: Vec<P>,
    other: Vec<P>,
}

impl<P: Packed> Memory<P> {
    fn fill<T: Sortable<Packed = P>>(&mut self, src: &[T], descending: bool) {
        self.items.clear();
        self.items.resize(src.len(), P::default());
        let items = &Parts::new(&mut self.items);
        par::blocks(src.len(), BLOCK, 1, |range| {
            // SAFETY: blocks are disjoint.
            let items = unsafe { items.range(range.clone()) };
            for ((item, place), x) in items.iter_mut().zip(range.clone()).zip(&src[range]) {
                *item = pack(*x, place, descending);
            }
        });
    }

    /// Sorts the items, which are in the order of their places.
    fn sort<T: Sortable>(&mut self) {
        let len = self.items.len();
        if len <= COMPARED {
            self.items.sort_unstable();
            return;
        }
        self.other.resize(len, P::default());
        if len < 2 * BLOCK {
            return self.sort_alone((T::BITS / DIGIT) as usize);
        }
        // 32-bit digits of places are in order already.
        for shift in (0..T::BITS).step_by(DIGIT as usize) {
            if by_digit(&self.items, &mut self.other, shift) {
                std::mem::swap(&mut self.items, &mut self.other);
            }
        }
    }

    /// Sorts the items by the lowest `digits` of their keys, on this thread: all digits are counted at once.
    fn sort_alone(&mut self, digits: usize) {
        let mut counts = [[0u32; VALUES]; DIGITS];
        for item in &self.items {
            for (digit, counts) in counts[..digits].iter_mut().enumerate() {
                counts[digit_of(*item, digit as u32 * DIGIT)] += 1;
            }
        }
        for (digit, counts) in counts[..digits].iter_mut().enumerate() {
            let shift = digit as u32 * DIGIT;
            if counts.iter().any(|&count| count as usize == self.items.len()) {
                continue;
            }
            let mut start = 0;
            for count in counts.iter_mut() {
                start += std::mem::replace(count, start);
            }
            for item in &self.items {
                let target = &mut counts[digit_of(*item, shift)];
                self.other[*target as usize] = *item;
                *target += 1;
            }
            std::mem::swap(&mut self.items, &mut self.other);
        }
    }
}

/// The digit of an item's key that begins at bit `shift`.
#[inline(always)]
fn digit_of<P: Packed>(item: P, shift: u32) -> usize {
    (item.key() >> shift) as usize % VALUES
}

/// Moves items to where they belong by one digit of their keys, those with equal digits in their order. If all digits
/// are equal nothing is moved, and the result is false.
fn by_digit<P: Packed>(from: &[P], to: &mut [P], shift: u32) -> bool {
    let digit = |item: P| digit_of(item, shift);
    let blocks = from.len().div_ceil(BLOCK);
    let mut counts = vec![[0u32; VALUES]; blocks];
    let shared = Parts::new(&mut counts);
    par::blocks(from.len(), BLOCK, 1, |range| {
        // SAFETY: every task has its own counters.
        let counts = &mut unsafe { shared.piece(range.start / BLOCK, 1) }[0];
        from[range].iter().for_each(|item| counts[digit(*item)] += 1);
    });
    let first = from.first().map_or(0, |item| digit(*item));
    if counts.iter().map(|counts| counts[first] as usize).sum::<usize>() == from.len() {
        return false;
    }
    // Where the items with each digit of each block begin.
    let mut start = 0;
    for value in 0..VALUES {
        for counts in &mut counts {
            start += std::mem::replace(&mut counts[value], start);
        }
    }
    let (shared, to) = (Parts::new(&mut counts), Parts::new(to));
    par::blocks(from.len(), BLOCK, 2, |range| {
        // SAFETY: every task has its own counters, and their targets are disjoint and inside `to`.
        unsafe {
            let counts = &mut shared.piece(range.start / BLOCK, 1)[0];
            for item in &from[range] {
                let target = &mut counts[digit(*item)];
                to.ptr().add(*target as usize).write(*item);
                *target += 1;
            }
        }
    });
    true
}

/// The order of rows of `width` elements by their first elements, then by the second, and so on.
pub fn order_rows<T: Sortable>(width: usize, src: &[T], order: &mut [i64]) {
    assert_eq!(src.len(), width * order.len());
    let row = |i: i64| src[i as usize * width..][..width].iter().map(|x| x.key());
    (0..).zip(&mut *order).for_each(|(i, place)| *place = i);
    order.sort_by(|a, b| row(*a).cmp(row(*b)));
}

/// Numbers the runs of equal rows (of `width` elements; NaN equals nothing) that are met in the given order; gives how
/// many there are.
pub fn number_runs<T: Element>(width: usize, src: &[T], order: Option<&[i64]>, runs: &mut [i64]) -> usize {
    assert_eq!(src.len(), width * runs.len());
    let row = |i: usize| {
        let at = order.map_or(i, |order| order[i] as usize);
        &src[at * width..][..width]
    };
    let mut last = -1;
    for i in 0..runs.len() {
        last += i64::from(i == 0 || row(i) != row(i - 1));
        runs[i] = last;
    }
    (last + 1) as usize
}

/// How many elements of a sorted row are less than a value or, if `right`, not greater: `row(i)` is where that of
/// `values[i]` begins in `sorted`, `len` its length, `order` the places of its elements if it is not sorted itself. NaN
/// belongs behind everything.
pub fn search<T: Element>(
    len: usize,
    right: bool,
    sorted: &[T],
    order: Option<&[i64]>,
    row: impl Fn(usize) -> usize + Sync,
    values: &[T],
    out: &mut [i64],
) {
    assert_eq!(values.len(), out.len());
    let out = Parts::new(out);
    let steps = len.max(1).ilog2() as usize + 1;
    par::blocks(values.len(), BLOCK / 8, 2 * steps, |range| {
        // SAFETY: blocks are disjoint.
        let out = unsafe { out.range(range.clone()) };
        for (out, i) in out.iter_mut().zip(range) {
            let (start, value) = (row(i), values[i]);
            let last = value.to_f64().is_nan();
            let before = |k: usize| {
                let x = sorted[start + order.map_or(k, |order| order[start + k] as usize)];
                last || if right { x <= value } else { x < value }
            };
            let (mut low, mut high) = (0, len);
            while low < high {
                let middle = low + (high - low) / 2;
                (low, high) = if before(middle) { (middle + 1, high) } else { (low, middle) };
            }
            *out = low as i64;
        }
    });
}

/// The most frequent element of every sorted row (the smallest of several), and the last of its places. NaN equals
/// nothing.
pub fn modes<T: Element>(len: usize, sorted: &[T], places: &[i64], values: &mut [T], at: &mut [i64]) {
    assert!(len > 0 && sorted.len() == places.len() && sorted.len() == len * values.len() && values.len() == at.len());
    for (row, (value, at)) in values.iter_mut().zip(at).enumerate() {
        let sorted = &sorted[row * len..][..len];
        let (mut most, mut start, mut last) = (0, 0, 0);
        for i in 0..len {
            if i > 0 && sorted[i] != sorted[i - 1] {
                start = i;
            }
            if i + 1 - start > most {
                (most, last) = (i + 1 - start, i);
            }
        }
        (*value, *at) = (sorted[last], places[row * len + last]);
    }
}
