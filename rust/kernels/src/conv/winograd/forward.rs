//! The convolution itself. The gradient of its input is one as well, with the kernels turned around.

use super::{Input, OUT, Output, POINTS, Pieces, Short, TAPS, apart, both, load, tiles};
use crate::conv::gather::Moves;
use crate::conv::source::Source;
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, copy};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::{Ahead, Tile};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;
use std::ptr;

/// Tiles that a thread takes at once: enough to use each transformed kernel often, few enough to stay in the cache.
const TILES: usize = 64;
/// Elements of the part of the images that is gathered at once.
const GATHERED: usize = 8 << 10;
/// Channels whose transformed kernels are written together.
const BURST: usize = 16;

/// 3 x 3 kernels in memory: element `t` of the kernel for output `o` and input `c` of a group `g` is at
/// `ptr + g * group + o * out + c * input + t * tap`.
#[derive(Clone, Copy)]
pub(super) struct Filters<T> {
    pub ptr: *const T,
    pub out: isize,
    pub input: isize,
    pub tap: isize,
    /// From one group to the next.
    pub group: isize,
}

// SAFETY: they are only read.
unsafe impl<T: Sync> Sync for Filters<T> {}

impl<T: Copy> Filters<T> {
    /// Those of a group, from an output channel on.
    fn at(&self, group: usize, out: usize) -> Self {
        let ptr = self.ptr.wrapping_offset(group as isize * self.group + out as isize * self.out);
        Filters { ptr, ..*self }
    }
}

/// Images of one group, and where its outputs go.
pub(super) struct Part<T> {
    pub images: Source<T>,
    pub group: usize,
    /// Output channels of the group.
    pub channels: usize,
    pub extent: [usize; 2],
    pub out: *mut T,
    /// Distances between neighbouring images, channels, rows and columns of the output.
    pub image: usize,
    pub channel: usize,
    pub row: usize,
    pub col: usize,
}

// SAFETY: tasks write disjoint parts.
unsafe impl<T: Sync> Sync for Part<T> {}

/// `out[n][o] = sum over c of filters[o][c] * images[n][c] + bias[o]` for each part.
///
/// # Safety
/// The pointers reach what their shapes say; the parts write disjoint elements.
pub(super) unsafe fn run<T: Real>(parts: &[Part<T>], filters: Filters<T>, batch: usize, bias: Option<&[T]>) {
    let (mr, nr) = tile_shape::<T>();
    let groups = parts.iter().map(|part| part.group + 1).max().unwrap_or(0);
    let (rows, channels) = (parts[0].channels, parts[0].images.channels);
    let (strips, strip) = (rows.div_ceil(mr), channels * mr);
    let point = apart::<T>(strips * strip);
    let group = POINTS * point;
    par::scratch::<T, _>(groups * group + SLACK, |kernels| {
        let kernels = Target(kernels.as_mut_ptr().cast::<T>());
        par::run(groups * strips, groups * strips * strip * POINTS, |task| {
            let (g, s) = (task / strips, task % strips);
            let filters = filters.at(g, s * mr);
            // SAFETY: within the scratch memory, each strip its own part.
            let out = unsafe { kernels.at(g * group + s * strip) };
            simd::dispatch(Transform { filters, channels, rows: mr.min(rows - s * mr), mr, out, point });
        });
        // Few tiles are cut for the threads' sake.
        let limit = |[rows, cols]: [usize; 2]| (batch * rows * cols / 4).next_multiple_of(nr).min(TILES);
        let pieces: Vec<Pieces> =
            parts.iter().map(|part| part.extent.map(tiles)).map(|grid| Pieces::new(batch, grid, limit(grid))).collect();
        let most = pieces.iter().map(Pieces::count).max().unwrap_or(0);
        let cost = pieces.iter().map(|pieces| pieces.total).sum::<usize>() * rows * channels;
        par::run(parts.len() * most, cost, |task| {
            let (part, pieces, index) = (&parts[task / most], &pieces[task / most], task % most);
            if index >= pieces.count() {
                return;
            }
            // SAFETY: as above.
            let kernels = unsafe { kernels.at(part.group * group) };
            let block = Block::new(part, kernels, point, bias, pieces.get(index), mr, nr);
            par::scratch::<T, _>(block.room(), |scratch| {
                simd::dispatch(Run { block: &block, scratch: scratch.as_mut_ptr().cast() });
            });
        });
    });
}

/// Transforms the kernels of up to `mr` outputs to strips for the microkernel.
struct Transform<T> {
    filters: Filters<T>,
    channels: usize,
    rows: usize,
    mr: usize,
    out: *mut T,
    point: usize,
}

impl<T: Real> Kernel for Transform<T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (f, mr, lanes) = (self.filters, self.mr, T::V::<I>::LANES);
        // Point by point through a small buffer: 36 places far apart, written in turns, are more than a core follows.
        let mut points = [T::default(); POINTS * BURST * 16];
        let room = BURST * mr;
        for start in (0..self.channels).step_by(BURST) {
            let channels = start..self.channels.min(start + BURST);
            for c in channels.clone() {
                for first in (0..mr).step_by(lanes) {
                    let n = lanes.min(mr - first);
                    let mut taps = [T::default(); 16 * TAPS];
                    for lane in 0..n.min(self.rows.saturating_sub(first)) {
                        let from = f.ptr.wrapping_offset((first + lane) as isize * f.out + c as isize * f.input);
                        for tap in 0..TAPS {
                            // SAFETY: the caller promises the kernels.
                            taps[16 * tap + lane] = unsafe { *from.offset(tap as isize * f.tap) };
                        }
                    }
                    // SAFETY: 16 lanes are the most, and a strip has no more than 16 rows.
                    unsafe {
                        let transformed = both::<_, Short, 3, 6>(load::<T::V<I>, 3>(taps.as_ptr(), 16));
                        for i in 0..POINTS {
                            let to = points.as_mut_ptr().add(i * room + (c - start) * mr + first);
                            transformed[i / 6][i % 6].store_first(to, n);
                        }
                    }
                }
            }
            for i in 0..POINTS {
                // SAFETY: the strip has `mr` elements per channel and point.
                unsafe {
                    let to = self.out.add(i * self.point + start * mr);
                    copy::<T::V<I>>(points.as_ptr().add(i * room), channels.len() * mr, to);
                }
            }
        }
    }
}

/// Some tiles of a part, for all its channels.
struct Block<'a, T> {
    part: &'a Part<T>,
    /// Transformed kernels, and the distance of their points.
    kernels: *const T,
    kernel_point: usize,
    /// One per output channel of all groups.
    bias: Option<&'a [T]>,
    tiles: Range<usize>,
    mr: usize,
    nr: usize,
    strips: usize,
    /// Channels that are gathered at once.
    gathered: usize,
    /// Elements between points of the transformed inputs and of the products.
    input_point: usize,
    product_point: usize,
}

impl<'a, T: Real> Block<'a, T> {
    fn new(
        part: &'a Part<T>,
        kernels: *const T,
        kernel_point: usize,
        bias: Option<&'a [T]>,
        tiles: Range<usize>,
        mr: usize,
        nr: usize,
    ) -> Self {
        let (strips, channels) = (tiles.len().div_ceil(nr), part.images.channels);
        let gathered = (GATHERED / part.images.slab_room(1, tiles.len())).clamp(1, channels);
        let [input_point, product_point] = [channels, part.channels].map(|n| apart::<T>(strips * nr * n));
        Block { part, kernels, kernel_point, bias, tiles, mr, nr, strips, gathered, input_point, product_point }
    }

    /// A strip of gathered inputs, with room for whole registers at its end.
    fn gathered_room(&self) -> usize {
        POINTS * self.nr + SLACK
    }

    fn slab_room(&self) -> usize {
        self.part.images.slab_room(self.gathered, self.tiles.len())
    }

    fn room(&self) -> usize {
        POINTS * (self.input_point + self.product_point) + self.gathered_room() + self.slab_room()
    }

    /// Tiles of a strip.
    fn strip(&self, strip: usize) -> Range<usize> {
        let start = self.tiles.start + strip * self.nr;
        start..self.tiles.end.min(start + self.nr)
    }

    /// Lanes of a strip that are computed.
    #[inline(always)]
    fn lanes<V: Vector>(&self, strip: usize) -> usize {
        self.strip(strip).len().next_multiple_of(V::LANES)
    }

    /// Gathers and transforms the inputs to strips for the microkernel.
    #[inline(always)]
    unsafe fn transform<V: Vector<Elem = T>>(&self, out: *mut T, gathered: *mut T, slab: *mut T) {
        let (images, nr) = (&self.part.images, self.nr);
        // SAFETY: the caller promises room for the slab, the strip that is gathered, and what comes out.
        unsafe {
            // Tiles beyond the last stay zero, and so do the borders of the images.
            gathered.write_bytes(0, self.gathered_room() + self.slab_room());
            for first in (0..images.channels).step_by(self.gathered) {
                let channels = first..images.channels.min(first + self.gathered);
                let slab = images.slab_inside::<V>(channels.clone(), self.tiles.clone(), slab);
                let taps: [isize; POINTS] = std::array::from_fn(|tap| images.tap(&slab, first, tap));
                for strip in 0..self.strips {
                    let tiles = self.strip(strip);
                    let moves = Moves::new::<V>(images, &slab, tiles.clone());
                    for c in channels.clone() {
                        moves.gather::<V>(images.tap(&slab, c, 0) - taps[0], &taps, gathered, nr);
                        let out = out.add((strip * images.channels + c) * nr);
                        for lane in (0..self.lanes::<V>(strip)).step_by(V::LANES) {
                            let points = both::<_, Input, 6, 6>(load::<V, 6>(gathered.add(lane), nr));
                            for i in 0..POINTS {
                                points[i / 6][i % 6].store(out.add(i * self.input_point + lane));
                            }
                        }
                    }
                }
            }
        }
    }

    /// The 36 matrix products.
    #[inline(always)]
    unsafe fn multiply<I: Isa>(&self, isa: I, inputs: *const T, out: *mut T) {
        let (mr, nr, channels, rows) = (self.mr, self.nr, self.part.images.channels, self.part.channels);
        for point in 0..POINTS {
            // The kernels of a few outputs meet all tiles while they are in the nearest cache.
            for row in (0..rows).step_by(mr) {
                for strip in 0..self.strips {
                    // SAFETY: the caller promises both operands; the kernels were transformed before.
                    unsafe {
                        isa.run(Tile {
                            rows: mr.min(rows - row),
                            cols: self.lanes::<T::V<I>>(strip),
                            k: channels,
                            a: self.kernels.add(point * self.kernel_point + row * channels),
                            a_row: 1,
                            a_k: mr as isize,
                            a_packed: true,
                            b: inputs.add(point * self.input_point + strip * nr * channels),
                            b_k: nr as isize,
                            c: out.add(point * self.product_point + (strip * rows + row) * nr),
                            c_row: nr as isize,
                            add: false,
                            bias_row: ptr::null(),
                            bias_col: ptr::null(),
                            ahead: Ahead::NOTHING,
                        });
                    }
                }
            }
        }
    }

    /// Transforms the products back and writes them where they belong.
    #[inline(always)]
    unsafe fn finish<V: Vector<Elem = T>>(&self, products: *const T) {
        let part = self.part;
        let (channels, [height, width]) = (part.channels, part.extent);
        let [rows, cols] = [tiles(height), tiles(width)];
        for strip in 0..self.strips {
            let tiles = self.strip(strip);
            for o in 0..channels {
                let start = self.bias.map_or(T::default(), |bias| bias[part.group * channels + o]);
                let start = V::splat(start);
                // Row by row of the tiles: four outputs of each tile side by side.
                let mut lines = [[T::default(); OUT * 32]; OUT];
                // SAFETY: the caller promises the products; a strip has at most 32 tiles.
                unsafe {
                    let from = products.add((strip * channels + o) * self.nr);
                    for lane in (0..tiles.len()).step_by(V::LANES) {
                        let values = both::<_, Output, 6, 4>(load::<V, 6>(from.add(lane), self.product_point));
                        for y in 0..OUT {
                            let [a, b, c, d] = values[y];
                            let line = lines[y].as_mut_ptr().add(OUT * lane);
                            V::interleave([a + start, b + start, c + start, d + start], line);
                        }
                    }
                    let mut tile = tiles.start;
                    while tile < tiles.end {
                        let (image, row, col) = (tile / (rows * cols), tile / cols % rows, tile % cols);
                        let run = (cols - col).min(tiles.end - tile);
                        let n = (OUT * run).min(width - OUT * col);
                        let place = image * part.image + o * part.channel + OUT * (row * part.row + col * part.col);
                        for y in 0..OUT.min(height - OUT * row) {
                            let line = lines[y].as_ptr().add(OUT * (tile - tiles.start));
                            let out = part.out.add(place + y * part.row);
                            if part.col == 1 {
                                copy::<V>(line, n, out);
                            } else {
                                (0..n).for_each(|x| *out.add(x * part.col) = *line.add(x));
                            }
                        }
                        tile += run;
                    }
                }
            }
        }
    }
}

struct Run<'a, T> {
    block: &'a Block<'a, T>,
    scratch: *mut T,
}

impl<T: Real> Kernel for Run<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let block = self.block;
        // SAFETY: the scratch memory is divided as `Block::room` counts it.
        unsafe {
            let products = self.scratch.add(POINTS * block.input_point);
            let gathered = products.add(POINTS * block.product_point);
            let slab = gathered.add(block.gathered_room());
            block.transform::<T::V<I>>(self.scratch, gathered, slab);
            block.multiply(isa, self.scratch, products);
            block.finish::<T::V<I>>(products);
        }
    }
}
