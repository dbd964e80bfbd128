//! The loops around the microkernel: blocks that fit the caches, pieces for the threads.

use super::panel::{Panel, SLACK};
use super::tile::{self, Ahead, Tile};
use crate::element::Real;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

/// Bytes of the left operand's packed block: about half of a second-level cache.
const LEFT_BYTES: usize = 512 << 10;
/// Bytes of the right operand's packed strips, if no other block of rows needs them again.
const RIGHT_BYTES: usize = 64 << 10;
/// Columns of them at least, if its rows lie in different pages and few rows of the result make packing dear: what is read
/// of a page is long.
const FAR_COLS: usize = 192;
const FEW_ROWS: usize = 128;
const PAGE: usize = 4 << 10;
/// Columns that are packed at once, if several blocks of rows need them: a third-level cache's share.
const COLS: usize = 1024;
/// Depth of a block: long enough to hide what a tile costs at its end.
const DEPTH: usize = 256;

/// Where the columns of a result lie: column `j` is the `j`-th point of a small grid in row-major order.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    extent: [usize; 4],
    stride: [isize; 4],
    /// So many columns, counted from a multiple of it, lie side by side.
    run: usize,
}

impl Columns {
    /// The points of a grid, given its extents and the distances between neighbours.
    pub(crate) fn new(extent: [usize; 4], stride: [isize; 4]) -> Columns {
        let mut run = 1;
        for axis in (0..4).rev() {
            if extent[axis] != 1 {
                if stride[axis] != run as isize {
                    break;
                }
                run *= extent[axis];
            }
        }
        Columns { extent, stride, run }
    }
    /// `n` neighbours.
    pub(crate) fn contiguous(n: usize) -> Columns {
        Columns { extent: [1, 1, 1, n], stride: [0, 0, 0, 1], run: n }
    }
    #[inline(always)]
    fn offset(&self, col: usize) -> isize {
        let ([_, d, h, w], s) = (self.extent, self.stride);
        if col < self.run {
            return col as isize;
        }
        let (rest, x) = (col / w, col % w);
        let (rest, y) = (rest / h, rest % h);
        (rest / d) as isize * s[0] + (rest % d) as isize * s[1] + y as isize * s[2] + x as isize * s[3]
    }
    /// Where the columns that follow `col` at one distance end, and that distance.
    #[inline(always)]
    fn row_end(&self, col: usize) -> (usize, isize) {
        if self.run > 1 {
            return (self.run_end(col), 1);
        }
        let width = self.extent[3];
        ((col / width + 1) * width, self.stride[3])
    }
    /// Where the columns that follow `col` without a gap end.
    #[inline(always)]
    fn run_end(&self, col: usize) -> usize {
        (col / self.run + 1) * self.run
    }
}

/// `c (+)= a^T b + bias` with `a: k x m`, `b: k x n`.
pub(crate) struct Product<T, A, B> {
    pub m: usize,
    pub k: usize,
    pub n: usize,
    pub a: A,
    pub b: B,
    pub c: *mut T,
    /// Distance between rows of `c`.
    pub c_row: isize,
    /// Where the columns of `c` lie.
    pub c_cols: Columns,
    /// Added to each row (n elements, only if the columns are contiguous), or null.
    pub bias_row: *const T,
    /// Added to each column (m elements), or null.
    pub bias_col: *const T,
    /// Add to `c` instead of overwriting it.
    pub accumulate: bool,
}

// SAFETY: pieces of a product write disjoint parts of `c`, everything else is only read.
unsafe impl<T: Sync, A: Sync, B: Sync> Sync for Product<T, A, B> {}

/// Computes `count` products, which `make` describes, none larger than the first; in parallel over products, rows and columns,
/// never over depth.
pub(crate) fn run<T: Real, A: Panel<T>, B: Panel<T>>(count: usize, make: impl Fn(usize) -> Product<T, A, B> + Sync) {
    if count == 0 {
        return;
    }
    let Product { m, k, n, .. } = make(0);
    let cost = (count * m * n).saturating_mul(k / 16 + 1);
    let (mr, nr) = tile_shape::<T>();
    let (rows, cols) = if cost < par::GRAIN { (m, n) } else { pieces(count, m, n, mr, nr) };
    let (down, across) = (m.div_ceil(rows.max(1)), n.div_ceil(cols.max(1)));
    par::run(count * down * across, cost, |task| {
        let (product, piece) = (make(task / (down * across)), task % (down * across));
        let (i, j) = (piece / across * rows, piece % across * cols);
        let (rows, cols) = (i..product.m.min(i + rows), j..product.n.min(j + cols));
        if cols.is_empty() {
            return;
        }
        let blocks = Blocks::new(&product, rows.len(), cols.len(), mr, nr);
        par::scratch::<T, _>(blocks.left + blocks.right + blocks.stage + blocks.room, |scratch| {
            simd::dispatch(Piece { product: &product, rows, cols, blocks, scratch: scratch.as_mut_ptr().cast() })
        });
    });
}

/// Rows and columns of a tile on the instruction set in use.
pub(crate) fn tile_shape<T: Real>() -> (usize, usize) {
    simd::dispatch(TileShape::<T>(PhantomData))
}

struct TileShape<T>(PhantomData<T>);
impl<T: Real> Kernel for TileShape<T> {
    type Output = (usize, usize);
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> (usize, usize) {
        tile::shape::<T, I>()
    }
}

/// Rows and columns of the pieces that one product is cut into. Every piece packs what it needs, so the longer side is cut,
/// unless whole tiles make its pieces too unequal. The result does not depend on it.
fn pieces(count: usize, m: usize, n: usize, mr: usize, nr: usize) -> (usize, usize) {
    let threads = par::num_threads();
    let wanted = if threads == 1 || count >= 3 * threads { 1 } else { threads.div_ceil(count) };
    let (mut down, mut across) = (1, 1);
    while down * across < wanted {
        let (rows, cols) = (m.div_ceil(down + 1), n.div_ceil(across + 1));
        let larger = |len: usize, whole: usize, of: usize| len.next_multiple_of(whole) as f64 / of as f64;
        let rows_even = larger(rows, mr, m) * 1.1 < larger(cols, nr, n);
        let longer = m / down > n / across && m / down >= 4 * mr;
        if (longer || rows_even) && m / down >= 2 * mr {
            down += 1;
        } else if n / across >= 2 * nr {
            across += 1;
        } else if m / down >= 2 * mr {
            down += 1;
        } else {
            break;
        }
    }
    // Rows are halved exactly: rounded to tiles, one of two pieces of 128 rows would get 140 of 256.
    (m.div_ceil(down), n.div_ceil(across).next_multiple_of(nr).min(n))
}

/// How a piece is cut to fit the caches. Only the depth of a block affects rounding; it depends on `k` alone.
struct Blocks {
    a_in_place: bool,
    b_in_place: bool,
    depth: usize,
    height: usize,
    width: usize,
    /// Elements of scratch memory for the packed operands, ...
    left: usize,
    right: usize,
    /// ... for a tile on its way to columns that do not lie side by side,
    stage: usize,
    /// ... and for what the right operand wants.
    room: usize,
}

impl Blocks {
    fn new<T: Real, A: Panel<T>, B: Panel<T>>(
        product: &Product<T, A, B>,
        rows: usize,
        cols: usize,
        mr: usize,
        nr: usize,
    ) -> Blocks {
        // Packing pays when a packed element is used several times; more often, where rows are read in order anyway.
        let a_in_place = product.a.in_place(0, 0).is_some_and(|(_, step, _)| {
            let strips = if step == 1 { tile::rows_in_place(mr) } else { 2 };
            cols <= strips * nr
        });
        let b_in_place = rows <= 2 * mr && product.b.in_place(0, 0).is_some_and(|(_, _, col)| col == 1);
        let even = product.k.div_ceil(product.k.div_ceil(DEPTH).max(1)).next_multiple_of(4);
        let depth = product.b.depth_end(0, even); // the first block is the longest
        let most = (LEFT_BYTES / size_of::<T>() / depth.max(DEPTH / 4) / mr * mr).max(mr);
        let height = rows.div_ceil(rows.div_ceil(most)).next_multiple_of(mr);
        let left = if a_in_place { 0 } else { (depth * height + SLACK).next_multiple_of(16) };
        let far = |(_, step): (*const T, isize)| step.unsigned_abs() * size_of::<T>() >= PAGE;
        let far = rows <= FEW_ROWS && product.b.rows_of(0, 0..nr).is_some_and(far);
        let near = RIGHT_BYTES / size_of::<T>() / depth.max(DEPTH / 4);
        let width = match (b_in_place, rows > height) {
            (true, _) => nr,
            (false, true) => COLS / nr * nr,
            (false, false) => (near.max(if far { FAR_COLS } else { 0 }) / nr).max(1) * nr,
        };
        let width = width.min(cols.next_multiple_of(nr));
        let right = (depth * width + SLACK).next_multiple_of(16);
        let (stage, room) = (mr * nr, product.b.room(depth, cols));
        Blocks { a_in_place, b_in_place, depth, height, width, left, right, stage, room }
    }
}

struct Piece<'a, T, A, B> {
    product: &'a Product<T, A, B>,
    rows: Range<usize>,
    cols: Range<usize>,
    blocks: Blocks,
    scratch: *mut T,
}

impl<T: Real, A: Panel<T>, B: Panel<T>> Kernel for Piece<'_, T, A, B> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let (p, blocks, mut left) = (self.product, &self.blocks, self.cols.start);
        while left < self.cols.end {
            let mut end = p.b.cols_end(left, self.cols.end).min(self.cols.end);
            if self.rows.len() > blocks.height {
                end = end.min(left + blocks.width); // packed once for all rows
            }
            let cols = left..end;
            let mut start = 0;
            loop {
                let depth = start..p.k.min(p.b.depth_end(start, blocks.depth));
                // SAFETY: this part lies within the operand; the scratch memory ends with the room that it wants.
                let ready = unsafe {
                    let room = self.scratch.add(blocks.left + blocks.right + blocks.stage);
                    p.b.prepare::<T::V<I>>(depth.clone(), cols.clone(), room)
                };
                for top in self.rows.clone().step_by(blocks.height) {
                    let rows = top..self.rows.end.min(top + blocks.height);
                    self.block(isa, depth.clone(), rows, cols.clone(), ready);
                }
                start = depth.end;
                if start >= p.k {
                    break; // at least one round, even if there is no depth: it writes the zeros and the bias
                }
            }
            left = cols.end;
        }
    }
}

impl<T: Real, A: Panel<T>, B: Panel<T>> Piece<'_, T, A, B> {
    /// One block of the left operand, which stays in the second-level cache, with all columns.
    #[inline(always)]
    fn block<I: Isa>(&self, isa: I, depth: Range<usize>, rows: Range<usize>, cols: Range<usize>, ready: B::Ready) {
        let (p, blocks) = (self.product, &self.blocks);
        let (packed_mr, nr) = tile::shape::<T, I>();
        let mr = if blocks.a_in_place { tile::rows_in_place(packed_mr) } else { packed_mr };
        // SAFETY: `blocks` says how the scratch memory is divided; packing stays within its parts, and every tile
        // within the operands and this piece of the result.
        unsafe {
            let a_packed = self.scratch;
            let b_packed = a_packed.add(blocks.left);
            let stage = b_packed.add(blocks.right);
            if !blocks.a_in_place {
                let ready = p.a.prepare::<T::V<I>>(depth.clone(), rows.clone(), ptr::null_mut());
                p.a.pack::<T::V<I>>(ready, depth.clone(), rows.clone(), mr, a_packed);
            }
            for group in cols.clone().step_by(blocks.width) {
                let group = group..cols.end.min(group + blocks.width);
                let in_place =
                    p.b.in_place(depth.start, group.start).filter(|_| blocks.b_in_place && group.len() == nr);
                let packed = rows.start > self.rows.start && group == cols;
                if in_place.is_none() && !packed {
                    p.b.pack::<T::V<I>>(ready, depth.clone(), group.clone(), nr, b_packed);
                }
                for j in group.clone().step_by(nr) {
                    let cols = j..group.end.min(j + nr);
                    let (b, b_k) = match in_place {
                        Some((b, b_k, _)) => (b, b_k),
                        None => (b_packed.add((j - group.start) * depth.len()).cast_const(), nr as isize),
                    };
                    let target = p.c_cols.offset(j);
                    let whole = p.c_cols.run_end(j) >= cols.end;
                    // What is packed once for several blocks of rows is too much to ask for.
                    let soon = self.rows.len() <= blocks.height && j + blocks.width < self.cols.end;
                    let next = j + blocks.width..self.cols.end.min(j + blocks.width + nr);
                    let next = if soon { p.b.rows_of(depth.start, next) } else { None };
                    let share = depth.len().div_ceil(rows.len().div_ceil(mr));
                    for (number, i) in rows.clone().step_by(mr).enumerate() {
                        // Each tile asks for its share of the rows that are packed next: they come while it computes.
                        let asked = (number * share).min(depth.len());
                        let ahead = next.map_or(Ahead::NOTHING, |(from, step)| Ahead {
                            from: from.wrapping_offset(asked as isize * step),
                            step,
                            rows: share.min(depth.len() - asked),
                        });
                        let (a, a_k, a_row) = match p.a.in_place(depth.start, i) {
                            Some(a) if blocks.a_in_place => a,
                            _ => (a_packed.add((i - rows.start) * depth.len()).cast_const(), mr as isize, 1),
                        };
                        let first = depth.start == 0;
                        let mut tile = Tile {
                            rows: (rows.end - i).min(mr),
                            cols: cols.len(),
                            k: depth.len(),
                            a,
                            a_row,
                            a_k,
                            a_packed: !blocks.a_in_place,
                            b,
                            b_k,
                            c: p.c.offset(i as isize * p.c_row + target),
                            c_row: p.c_row,
                            add: p.accumulate || !first,
                            bias_row: if first && !p.bias_row.is_null() { p.bias_row.add(j) } else { ptr::null() },
                            bias_col: if first && !p.bias_col.is_null() { p.bias_col.add(i) } else { ptr::null() },
                            ahead,
                        };
                        if whole {
                            isa.run(tile);
                        } else {
                            let add = tile.add;
                            (tile.c, tile.c_row, tile.add) = (stage, nr as isize, false);
                            isa.run(tile);
                            p.scatter::<T::V<I>>(stage, nr, i..i + tile.rows, cols.clone(), add);
                        }
                    }
                }
            }
        }
    }
}

impl<T: Real, A, B> Product<T, A, B> {
    /// Moves a tile to columns that do not all lie side by side.
    #[inline(always)]
    unsafe fn scatter<V: Vector<Elem = T>>(
        &self,
        stage: *const T,
        width: usize,
        rows: Range<usize>,
        cols: Range<usize>,
        add: bool,
    ) {
        let mut j = cols.start;
        while j < cols.end {
            let (end, step) = self.c_cols.row_end(j);
            let (end, offset) = (cols.end.min(end), self.c_cols.offset(j));
            for i in rows.clone() {
                // SAFETY: the caller promises a staged tile and that this part of the result is its own.
                unsafe {
                    let from = stage.add((i - rows.start) * width + j - cols.start);
                    let to = self.c.offset(i as isize * self.c_row + offset);
                    if step != 1 {
                        for x in 0..end - j {
                            let to = to.offset(x as isize * step);
                            *to = if add { *to + *from.add(x) } else { *from.add(x) };
                        }
                        continue;
                    }
                    for x in (0..end - j).step_by(V::LANES) {
                        let n = V::LANES.min(end - j - x);
                        let mut value = V::load_first(from.add(x), n);
                        if add {
                            value = V::load_first(to.add(x), n) + value;
                        }
                        value.store_first(to.add(x), n);
                    }
                }
            }
            j = end;
        }
    }
}
