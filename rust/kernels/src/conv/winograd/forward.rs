//! The convolution itself. The gradient of its input is one as well, with the kernels turned around.

use super::{Input, OUT, Output, POINTS, Pieces, Short, TAPS, apart, both, load, tiles};
use crate::conv::patches::Source;
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, copy};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::Tile;
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;
use std::ptr;

/// Tiles that a thread takes at once: enough to use each transformed kernel often, few enough to stay in the cache.
const TILES: usize = 128;
/// Elements of the part of the images that is gathered at once.
const GATHERED: usize = 24 << 10;

/// 3 x 3 kernels in memory: element `tap` for output `o` and input `c` is at `first + o * out + c * input + tap * tap`.
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

/// Where results go: contiguous images.
#[derive(Clone, Copy)]
pub(super) struct Outputs<'a, T> {
    pub ptr: *mut T,
    pub batch: usize,
    pub groups: usize,
    /// Channels per group.
    pub channels: usize,
    pub extent: [usize; 2],
    /// One per channel of all groups.
    pub bias: Option<&'a [T]>,
}

// SAFETY: tasks write disjoint parts.
unsafe impl<T: Sync> Sync for Outputs<'_, T> {}

/// `outputs[n][o] = sum over c of filters[o][c] * images[n][c]`, images by group, with `padding` zeros before them.
///
/// # Safety
/// The pointers reach what their shapes say.
pub(super) unsafe fn run<T: Real>(images: &[Source<T>], filters: Filters<T>, outputs: Outputs<T>) {
    let (mr, nr) = tile_shape::<T>();
    let (groups, channels, strips) = (images.len(), images[0].channels, outputs.channels.div_ceil(mr));
    let (strip, grid) = (channels * mr, outputs.extent.map(tiles));
    let point = apart::<T>(strips * strip);
    let group = POINTS * point;
    par::scratch::<T, _>(groups * group + SLACK, |kernels| {
        let kernels = Target(kernels.as_mut_ptr().cast::<T>());
        par::run(groups * strips, groups * strips * strip * POINTS, |task| {
            let (g, s) = (task / strips, task % strips);
            let filters = filters.at(g, s * mr);
            let rows = mr.min(outputs.channels - s * mr);
            // SAFETY: within the scratch memory, each strip its own part.
            let out = unsafe { kernels.at(g * group + s * strip) };
            simd::dispatch(Transform { filters, channels, rows, mr, out, point });
        });
        let pieces = Pieces::new(outputs.batch, grid, TILES);
        let cost = groups * outputs.batch * grid[0] * grid[1] * outputs.channels * channels;
        par::run(groups * pieces.count(), cost, |task| {
            let (g, tiles) = (task / pieces.count(), pieces.get(task % pieces.count()));
            // SAFETY: as above.
            let kernels = unsafe { kernels.at(g * group) };
            let block = Block::new(&images[g], kernels, point, outputs, g, tiles, mr, nr);
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
        let (f, lanes) = (self.filters, T::V::<I>::LANES);
        for c in 0..self.channels {
            for first in (0..self.mr).step_by(lanes) {
                let n = lanes.min(self.mr - first);
                let mut taps = [T::default(); 16 * TAPS];
                for lane in 0..n.min(self.rows.saturating_sub(first)) {
                    let from = f.ptr.wrapping_offset((first + lane) as isize * f.out + c as isize * f.input);
                    for tap in 0..TAPS {
                        // SAFETY: the caller promises the kernels.
                        taps[16 * tap + lane] = unsafe { *from.offset(tap as isize * f.tap) };
                    }
                }
                // SAFETY: 16 lanes are the most; the strip has `mr` elements per channel and point.
                unsafe {
                    let points = both::<_, Short, 3, 6>(load::<T::V<I>, 3>(taps.as_ptr(), 16));
                    for i in 0..POINTS {
                        points[i / 6][i % 6].store_first(self.out.add(i * self.point + c * self.mr + first), n);
                    }
                }
            }
        }
    }
}

/// Some tiles of one group, for all its channels.
struct Block<'a, T> {
    images: &'a Source<T>,
    /// Transformed kernels, and the distance of their points.
    kernels: *const T,
    kernel_point: usize,
    outputs: Outputs<'a, T>,
    group: usize,
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
        images: &'a Source<T>,
        kernels: *const T,
        kernel_point: usize,
        outputs: Outputs<'a, T>,
        group: usize,
        tiles: Range<usize>,
        mr: usize,
        nr: usize,
    ) -> Self {
        let strips = tiles.len().div_ceil(nr);
        let gathered = (GATHERED / images.slab_room(1, tiles.len())).clamp(1, images.channels);
        let input_point = apart::<T>(strips * nr * images.channels);
        let product_point = apart::<T>(strips * nr * outputs.channels);
        Block {
            images,
            kernels,
            kernel_point,
            outputs,
            group,
            tiles,
            mr,
            nr,
            strips,
            gathered,
            input_point,
            product_point,
        }
    }

    /// A strip of gathered inputs, with room for whole registers at its end.
    fn gathered_room(&self) -> usize {
        POINTS * self.nr + SLACK
    }

    fn slab_room(&self) -> usize {
        self.images.slab_room(self.gathered, self.tiles.len())
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
        let (images, nr) = (self.images, self.nr);
        // SAFETY: the caller promises room for the slab, the strip that is gathered, and what comes out.
        unsafe {
            // Tiles beyond the last stay zero, and so do the borders of the images.
            gathered.write_bytes(0, self.gathered_room() + self.slab_room());
            for first in (0..images.channels).step_by(self.gathered) {
                let channels = first..images.channels.min(first + self.gathered);
                let slab = images.slab_inside(channels.clone(), self.tiles.clone(), slab);
                let taps: [isize; POINTS] = std::array::from_fn(|tap| images.tap(&slab, first, tap));
                for strip in 0..self.strips {
                    let tiles = self.strip(strip);
                    let moves = images.moves::<V>(&slab, tiles.clone());
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
        let (mr, nr, channels, rows) = (self.mr, self.nr, self.images.channels, self.outputs.channels);
        for point in 0..POINTS {
            for strip in 0..self.strips {
                for row in (0..rows).step_by(mr) {
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
                        });
                    }
                }
            }
        }
    }

    /// Transforms the products back and writes them where they belong.
    #[inline(always)]
    unsafe fn finish<V: Vector<Elem = T>>(&self, products: *const T) {
        let Outputs { ptr, groups, channels, extent: [height, width], bias, .. } = self.outputs;
        let [rows, cols] = [tiles(height), tiles(width)];
        for strip in 0..self.strips {
            let tiles = self.strip(strip);
            for o in 0..channels {
                let channel = self.group * channels + o;
                let start = bias.map_or(V::splat(T::default()), |bias| V::splat(bias[channel]));
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
                        let plane = ptr.add((image * groups * channels + channel) * height * width + OUT * col);
                        for y in 0..OUT.min(height - OUT * row) {
                            let line = lines[y].as_ptr().add(OUT * (tile - tiles.start));
                            copy::<V>(line, n, plane.add((OUT * row + y) * width));
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
