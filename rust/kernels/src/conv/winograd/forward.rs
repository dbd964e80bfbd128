//! The convolution itself. The gradient of its input is one as well, with the kernels turned around.

use super::parts::{self, Images};
use super::transforms::{MOST_ELEMENTS, MOST_POINTS, MOST_TAPS, Scheme};
use super::{OUT, Pieces, apart, tiles};
use crate::conv::gather::Moves;
use crate::conv::source::Source;
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{SLACK, copy, transpose};
use crate::gemm::product::tile_shape;
use crate::gemm::tile::{Ahead, Tile};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector, prefetch};
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr;

/// Tiles that a thread takes at once: enough to use each transformed kernel often, few enough to stay in the cache.
const TILES: usize = 64;
/// Elements of the part of the images that is gathered at once.
const GATHERED: usize = 8 << 10;
/// Channels whose transformed kernels are written together.
const BURST: usize = 16;

/// Kernels in memory: element `t` of the kernel for output `o` and input `c` of a group `g` is at
/// `ptr + g * group + o * out + c * input + t`.
#[derive(Clone, Copy)]
pub(super) struct Filters<T> {
    pub ptr: *const T,
    pub out: usize,
    pub input: usize,
    /// Elements of a kernel,
    pub size: usize,
    /// and of a group.
    pub group: usize,
}

// SAFETY: they are only read.
unsafe impl<T: Sync> Sync for Filters<T> {}

impl<T: Copy> Filters<T> {
    /// Those of a group, from an output channel on.
    fn at(&self, group: usize, out: usize) -> Self {
        Filters { ptr: self.ptr.wrapping_add(group * self.group + out * self.out), ..*self }
    }
}

/// Where results go: contiguous images of `groups * channels` channels.
#[derive(Clone, Copy)]
pub(super) struct Written<T> {
    pub ptr: *mut T,
    pub channels: usize,
    pub groups: usize,
    pub extent: [usize; 3],
}

/// A part of a group: what it reads, and where its results go.
struct Part<T> {
    /// The result is the sum over these; all have as many channels.
    reads: Vec<Source<T>>,
    /// Which transformed kernels it has.
    kernels: usize,
    group: usize,
    /// Output channels of the group.
    channels: usize,
    extent: [usize; 2],
    out: *mut T,
    /// Distances between neighbouring images, channels, rows and columns of the output.
    image: usize,
    channel: usize,
    row: usize,
    col: usize,
}

// SAFETY: tasks write disjoint parts.
unsafe impl<T: Sync> Sync for Part<T> {}

impl<T: Real> Part<T> {
    fn new(part: &parts::Part, kernels: usize, images: &Images<T>, to: &Written<T>, group: usize, side: usize) -> Self {
        let ([_, height, width], images, at) = (to.extent, images.group(group), part.written);
        Part {
            reads: part.reads.iter().map(|read| images.source(&read.view, part.extent, side)).collect(),
            kernels,
            group,
            channels: to.channels,
            extent: part.extent,
            out: to.ptr.wrapping_add(group * to.channels * height * width + at.first[0] * width + at.first[1]),
            image: to.groups * to.channels * height * width,
            channel: height * width,
            row: at.step[0] * width,
            col: at.step[1],
        }
    }

    /// Channels of all that it reads.
    fn depth(&self) -> usize {
        self.reads.len() * self.reads[0].channels
    }
}

/// The elements of the kernels that a part's reads meet.
type Taps = Vec<Vec<Option<usize>>>;

/// `to[n][o] = sum over c of filters[o][c] * images[n][c] + bias[o]`, part by part.
///
/// # Safety
/// The pointers reach what their shapes say; the parts write disjoint elements.
pub(super) unsafe fn run<T: Real, S: Scheme>(
    parts: &[parts::Part],
    images: Images<T>,
    filters: Filters<T>,
    to: Written<T>,
    batch: usize,
    bias: Option<&[T]>,
) {
    let (mr, nr) = tile_shape::<T>();
    // Parts that meet the same elements share the transformed kernels.
    let mut taps: Vec<Taps> = Vec::new();
    let mut all = Vec::with_capacity(parts.len() * to.groups);
    for part in parts {
        let own: Taps = part.reads.iter().map(|read| read.taps.clone()).collect();
        let kind = taps.iter().position(|taps| *taps == own).unwrap_or_else(|| {
            taps.push(own);
            taps.len() - 1
        });
        all.extend((0..to.groups).map(|group| Part::new(part, kind * to.groups + group, &images, &to, group, S::SIDE)));
    }
    let (parts, groups, kinds) = (all, to.groups, taps.len() * to.groups);
    let (rows, depth) = (to.channels, parts[0].depth());
    let (strips, strip) = (rows.div_ceil(mr), depth * mr);
    let point = apart::<T>(strips * strip);
    let size = S::POINTS * point;
    par::scratch::<T, _>(kinds * size + SLACK, |kernels| {
        let kernels = Target(kernels.as_mut_ptr().cast::<T>());
        par::run(kinds * strips, kinds * strips * strip * S::POINTS, |task| {
            let (kind, s) = (task / strips, task % strips);
            let filters = filters.at(kind % groups, s * mr);
            // SAFETY: within the scratch memory, each strip its own part.
            let out = unsafe { kernels.at(kind * size + s * strip) };
            let (taps, rows) = (&taps[kind / groups][..], rows - s * mr);
            let transform: Transform<T, S> =
                Transform { filters, taps, channels: images.channels, rows, mr, out, point, scheme: PhantomData };
            simd::dispatch(transform);
        });
        // Few tiles are cut for the threads' sake.
        let limit = |[rows, cols]: [usize; 2]| (batch * rows * cols / 4).next_multiple_of(nr).min(TILES);
        let pieces: Vec<Pieces> =
            parts.iter().map(|part| part.extent.map(tiles)).map(|grid| Pieces::new(batch, grid, limit(grid))).collect();
        let most = pieces.iter().map(Pieces::count).max().unwrap_or(0);
        let cost = pieces.iter().map(|pieces| pieces.total).sum::<usize>() * rows * depth;
        par::run(parts.len() * most, cost, |task| {
            let (part, pieces, index) = (&parts[task / most], &pieces[task / most], task % most);
            if index >= pieces.count() {
                return;
            }
            // SAFETY: as above.
            let kernels = unsafe { kernels.at(part.kernels * size) };
            let block: Block<T, S> = Block::new(part, kernels, point, bias, pieces.get(index), mr, nr);
            par::scratch::<T, _>(block.room(), |scratch| {
                simd::dispatch(Run { block: &block, scratch: scratch.as_mut_ptr().cast() });
            });
        });
    });
}

/// Transforms the kernels of up to `mr` outputs to strips for the microkernel.
struct Transform<'a, T, S> {
    filters: Filters<T>,
    /// Per lattice that is read.
    taps: &'a [Vec<Option<usize>>],
    channels: usize,
    /// Outputs from the strip's first on, perhaps more than it has.
    rows: usize,
    mr: usize,
    out: *mut T,
    point: usize,
    scheme: PhantomData<S>,
}

impl<T: Real, S: Scheme> Kernel for Transform<'_, T, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let (f, mr, lanes) = (self.filters, self.mr, T::V::<I>::LANES);
        // Point by point through a small buffer: places far apart, written in turns, are more than a core follows. What a
        // register has beyond a channel's rows, the next channel overwrites.
        let room = BURST * mr + SLACK;
        let mut points = [T::default(); MOST_POINTS * (BURST * 16 + SLACK)];
        // Elements of some channels' kernels, a row of outputs each: whole registers, where the group has so many.
        let mut turned = [T::default(); BURST * MOST_ELEMENTS * 16 + SLACK];
        let rows: [isize; 16] = std::array::from_fn(|row| (row * f.out) as isize);
        let rows = &rows[..mr.next_multiple_of(lanes).min(self.rows)];
        for start in (0..self.channels).step_by(BURST) {
            let channels = start..self.channels.min(start + BURST);
            // Kernels of neighbouring channels may follow each other.
            let (together, apart) = if f.input == f.size { (channels.len(), 1) } else { (1, channels.len()) };
            for c in 0..apart {
                // SAFETY: the caller promises the kernels; a strip has no more than 16 rows.
                unsafe {
                    let (from, to) = (f.ptr.add((start + c) * f.input), turned.as_mut_ptr().add(c * f.size * 16));
                    transpose::<T::V<I>>(from, rows, together * f.size, 16, to);
                }
            }
            for (read, elements) in self.taps.iter().enumerate() {
                for c in 0..channels.len() {
                    for first in (0..mr).step_by(lanes) {
                        let mut taps = [T::default(); 16 * MOST_TAPS];
                        // SAFETY: registers have 16 lanes at most, and where `points` ends there is room for one.
                        unsafe {
                            for (tap, element) in elements.iter().enumerate() {
                                if let Some(element) = element {
                                    let from = turned.as_ptr().add((c * f.size + element) * 16 + first);
                                    T::V::<I>::load(from).store(taps.as_mut_ptr().add(16 * tap));
                                }
                            }
                            let to = points.as_mut_ptr().add(c * mr + first);
                            S::kernel::<T::V<I>>(taps.as_ptr(), [16 * S::KERNEL, 16], to, room);
                        }
                    }
                }
                for i in 0..S::POINTS {
                    // SAFETY: the strip has `mr` elements per channel and point.
                    unsafe {
                        let to = self.out.add(i * self.point + (read * self.channels + start) * mr);
                        copy::<T::V<I>>(points.as_ptr().add(i * room), channels.len() * mr, to);
                    }
                }
            }
        }
    }
}

/// Some tiles of a part, for all its channels.
struct Block<'a, T, S> {
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
    scheme: PhantomData<S>,
}

impl<'a, T: Real, S: Scheme> Block<'a, T, S> {
    fn new(
        part: &'a Part<T>,
        kernels: *const T,
        kernel_point: usize,
        bias: Option<&'a [T]>,
        tiles: Range<usize>,
        mr: usize,
        nr: usize,
    ) -> Self {
        let strips = tiles.len().div_ceil(nr);
        let one = part.reads.iter().map(|read| read.slab_room(1, tiles.len())).max().unwrap_or(0);
        let gathered = (GATHERED / one.max(1)).clamp(1, part.reads[0].channels);
        let [input_point, product_point] = [part.depth(), part.channels].map(|n| apart::<T>(strips * nr * n));
        let scheme = PhantomData;
        Block { part, kernels, kernel_point, bias, tiles, mr, nr, strips, gathered, input_point, product_point, scheme }
    }

    /// A strip of gathered inputs, with room for whole registers at its end.
    fn gathered_room(&self) -> usize {
        S::POINTS * self.nr + SLACK
    }

    fn slab_room(&self) -> usize {
        self.part.reads.iter().map(|read| read.slab_room(self.gathered, self.tiles.len())).max().unwrap_or(0)
    }

    fn room(&self) -> usize {
        S::POINTS * (self.input_point + self.product_point) + self.gathered_room() + self.slab_room()
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
        let (nr, depth) = (self.nr, self.part.depth());
        // SAFETY: the caller promises room for the slab, the strip that is gathered, and what comes out.
        unsafe {
            // Tiles beyond the last stay zero.
            gathered.write_bytes(0, self.gathered_room());
            for (read, images) in self.part.reads.iter().enumerate() {
                // So do the borders of the images.
                slab.write_bytes(0, images.slab_room(self.gathered, self.tiles.len()));
                for first in (0..images.channels).step_by(self.gathered) {
                    let channels = first..images.channels.min(first + self.gathered);
                    let slab = images.slab_inside::<V>(channels.clone(), self.tiles.clone(), slab);
                    let mut taps = [0; MOST_POINTS];
                    let taps = &mut taps[..S::POINTS];
                    taps.iter_mut().enumerate().for_each(|(i, tap)| *tap = images.tap(&slab, first, i));
                    for strip in 0..self.strips {
                        let moves = Moves::new::<V>(images, &slab, self.strip(strip));
                        for c in channels.clone() {
                            moves.gather::<V>(images.tap(&slab, c, 0) - taps[0], taps, gathered, nr);
                            let out = out.add((strip * depth + read * images.channels + c) * nr);
                            for lane in (0..self.lanes::<V>(strip)).step_by(V::LANES) {
                                let step = [S::SIDE * nr, nr];
                                S::input::<V>(gathered.add(lane), step, out.add(lane), self.input_point);
                            }
                        }
                    }
                }
            }
        }
    }

    /// The matrix products.
    #[inline(always)]
    unsafe fn multiply<I: Isa>(&self, isa: I, inputs: *const T, out: *mut T) {
        let (mr, nr, depth, rows) = (self.mr, self.nr, self.part.depth(), self.part.channels);
        for point in 0..S::POINTS {
            // The kernels of a few outputs meet all tiles while they are in the nearest cache.
            for row in (0..rows).step_by(mr) {
                for strip in 0..self.strips {
                    // SAFETY: the caller promises both operands; the kernels were transformed before.
                    unsafe {
                        isa.run(Tile {
                            rows: mr.min(rows - row),
                            cols: self.lanes::<T::V<I>>(strip),
                            k: depth,
                            a: self.kernels.add(point * self.kernel_point + row * depth),
                            a_row: 1,
                            a_k: mr as isize,
                            a_packed: true,
                            b: inputs.add(point * self.input_point + strip * nr * depth),
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
                        let values = S::output::<V>(from.add(lane), [S::SIDE * self.product_point, self.product_point]);
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
                            // Rows this short end before the hardware sees what is written next.
                            prefetch(out.wrapping_add(part.channel), n * part.col * size_of::<T>());
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

struct Run<'a, T, S> {
    block: &'a Block<'a, T, S>,
    scratch: *mut T,
}

impl<T: Real, S: Scheme> Kernel for Run<'_, T, S> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let block = self.block;
        // SAFETY: the scratch memory is divided as `Block::room` counts it.
        unsafe {
            let products = self.scratch.add(S::POINTS * block.input_point);
            let gathered = products.add(S::POINTS * block.product_point);
            let slab = gathered.add(block.gathered_room());
            block.transform::<T::V<I>>(self.scratch, gathered, slab);
            block.multiply(isa, self.scratch, products);
            block.finish::<T::V<I>>(products);
        }
    }
}
