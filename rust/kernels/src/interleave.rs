//! Rows taken apart into their elements at even and at odd places, and put together again, in registers.

use crate::simd::Vector;

/// Elements 0, 2, 4, ... of a row go to `even`, the others to `odd`.
/// # Safety
/// `len` elements are readable at `row`, half of them writable at `even` (rounded up) and `odd` (rounded down).
#[inline(always)]
pub(crate) unsafe fn split<V: Vector>(row: *const V::Elem, len: usize, even: *mut V::Elem, odd: *mut V::Elem) {
    let mut x = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while x + 2 * V::LANES <= len {
            let (a, b) = V::load(row.add(x)).unzip(V::load(row.add(x + V::LANES)));
            a.store(even.add(x / 2));
            b.store(odd.add(x / 2));
            x += 2 * V::LANES;
        }
        if x < len {
            let [first, second] = halves::<V>(len - x);
            let (a, b) = V::load_part(row.add(x), first).unzip(V::load_part(row.add(x + first), second));
            a.store_part(even.add(x / 2), (len - x).div_ceil(2));
            b.store_part(odd.add(x / 2), (len - x) / 2);
        }
    }
}

/// What [`split`] took apart.
/// # Safety
/// As there, the other way round.
#[inline(always)]
pub(crate) unsafe fn merge<V: Vector>(even: *const V::Elem, odd: *const V::Elem, len: usize, row: *mut V::Elem) {
    let mut x = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while x + 2 * V::LANES <= len {
            let (a, b) = V::load(even.add(x / 2)).zip(V::load(odd.add(x / 2)));
            a.store(row.add(x));
            b.store(row.add(x + V::LANES));
            x += 2 * V::LANES;
        }
        if x < len {
            let [first, second] = halves::<V>(len - x);
            let even = V::load_part(even.add(x / 2), (len - x).div_ceil(2));
            let (a, b) = even.zip(V::load_part(odd.add(x / 2), (len - x) / 2));
            a.store_part(row.add(x), first);
            b.store_part(row.add(x + first), second);
        }
    }
}

/// How many of less than two registers' elements are in the first and in the second.
#[inline(always)]
fn halves<V: Vector>(len: usize) -> [usize; 2] {
    [len.min(V::LANES), len.saturating_sub(V::LANES)]
}
