//! Images in the lanes: a register holds the same element of many images.
//!
//! Images are turned so that a pixel is a row of as many floats as there are images, and turned back afterwards. Between,
//! a pixel of the result is a sum over the kernel elements that lie inside the image, each one element of the weight times
//! a register: no patches, no ends of rows, nothing multiplied by padding, the same for any stride and dilation. What
//! turning costs is small beside patches, which hold each element once per kernel element. This is the layout of
//! cuda-convnet (A. Krizhevsky, 2012).

use super::{Geometry, winograd};
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::panel::{Panel, SLACK, Strided};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;

/// No register has more.
const MOST_LANES: usize = 16;
/// Products that are summed before the next pixel: what they read of a pixel's surroundings stays in the first-level cache.
const DEPTH: usize = 192;
/// Kernel elements of all pixels: their list is small beside the images.
const PAIRS: usize = 128 << 10;
/// Pixels of a task.
const PIXELS: usize = 32;
/// Elements of a task's result.
const RESULT: usize = 64 << 10;

/// Whether it is faster than the other ways: there are images enough to fill registers, of floats, and patches would cost
/// much beside the products, for they are used for few channels, or small images have many borders and short rows.
pub(super) fn pays<T>(g: &Geometry, forward: bool) -> bool {
    let (lanes, _) = simd::dispatch(Shape);
    let wide = images_of_block(g.batch, lanes);
    if size_of::<T>() != size_of::<f32>() || 4 * g.batch < 3 * g.batch.next_multiple_of(wide) {
        return false;
    }
    let strided = g.stride.iter().product::<usize>();
    let (depth, m, points, reached) = match forward {
        true => (g.group_in(), g.group_out(), g.out_pixels(), g.taps()),
        false => (g.group_out(), g.group_in(), g.in_pixels(), g.taps().div_ceil(strided)),
    };
    let own = if forward { *g } else { g.turned() };
    if points * reached > PAIRS || winograd::pays(&own) && winograd::tiles_of(&own) >= 3 * lanes {
        return false;
    }
    if g.is_depthwise() {
        return strided > 1;
    }
    let small = points <= 64 || strided > 1 && points <= 256;
    g.taps() > 1 && depth * reached >= 96 && (small || m <= 32)
}

/// The convolution as a map from images to images: forward, or from the gradient of the output to that of the input.
struct Map<'a, T> {
    batch: usize,
    groups: usize,
    /// Channels of a group that are read, and that are written.
    channels: [usize; 2],
    /// Pixels that are read, and that are written.
    extents: [[usize; 3]; 2],
    from: Target<T>,
    /// Between images, channels, and along the axes.
    strides: [isize; 5],
    weight: &'a [T],
    /// Between channels that are read, and that are written.
    weight_strides: [usize; 2],
    taps: usize,
    bias: Option<&'a [T]>,
    to: Target<T>,
    /// For every pixel that is written: where its part of `seen` begins and ends.
    begin: Vec<u32>,
    /// Kernel elements, and the pixels that they reach.
    seen: Vec<[u32; 2]>,
}

/// # Safety
/// As for [`super::forward`].
pub(super) unsafe fn forward<T: Real>(
    g: &Geometry,
    input: *const T,
    strides: [isize; 5],
    weight: &[T],
    bias: Option<&[T]>,
    output: &mut [T],
) {
    let reach = |axis: usize| {
        let seen = |i: usize| {
            let pixel = move |k: usize| (i * g.stride[axis] + k * g.dilation[axis]).wrapping_sub(g.padding[axis]);
            (0..g.kernel[axis]).map(|k| (k, pixel(k))).filter(|&(_, pixel)| pixel < g.input[axis]).collect()
        };
        (0..g.output[axis]).map(seen).collect()
    };
    let (begin, seen) = pairs([0, 1, 2].map(reach), g.kernel, g.input);
    let map = Map {
        batch: g.batch,
        groups: g.groups,
        channels: [g.group_in(), g.group_out()],
        extents: [g.input, g.output],
        from: Target(input.cast_mut()),
        strides,
        weight,
        weight_strides: [g.taps(), g.group_in() * g.taps()],
        taps: g.taps(),
        bias,
        to: Target(output.as_mut_ptr()),
        begin,
        seen,
    };
    map.run();
}

/// The gradient of the input.
pub(super) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
    let reach = |axis: usize| {
        let seen = |i: usize| {
            let place = move |k: usize| (i + g.padding[axis]).wrapping_sub(k * g.dilation[axis]);
            let step = g.stride[axis];
            (0..g.kernel[axis])
                .filter(|&k| place(k).is_multiple_of(step) && place(k) / step < g.output[axis])
                .map(|k| (k, place(k) / step))
                .collect()
        };
        (0..g.input[axis]).map(seen).collect()
    };
    let (begin, seen) = pairs([0, 1, 2].map(reach), g.kernel, g.output);
    let map = Map {
        batch: g.batch,
        groups: g.groups,
        channels: [g.group_out(), g.group_in()],
        extents: [g.output, g.input],
        from: Target(grad_output.as_ptr().cast_mut()),
        strides: super::contiguous(g.out_channels, g.output),
        weight,
        weight_strides: [g.group_in() * g.taps(), g.taps()],
        taps: g.taps(),
        bias: None,
        to: Target(grad_input.as_mut_ptr()),
        begin,
        seen,
    };
    map.run();
}

/// Kernel elements along an axis that reach a coordinate, and that coordinate, for every coordinate of the other side.
type Reach = Vec<Vec<(usize, usize)>>;

/// The kernel elements that reach pixels of an image of `extent`, and the pixels, for all points of the other side; and where
/// each point's begin, and the last end.
fn pairs(reach: [Reach; 3], [_, tall, wide]: [usize; 3], [_, height, width]: [usize; 3]) -> (Vec<u32>, Vec<[u32; 2]>) {
    let (mut begin, mut seen) = (vec![0], Vec::new());
    for planes in &reach[0] {
        for rows in &reach[1] {
            for columns in &reach[2] {
                for &(i, z) in planes {
                    for &(j, y) in rows {
                        let at = |(k, x): &(usize, usize)| {
                            [((i * tall + j) * wide + k) as u32, ((z * height + y) * width + x) as u32]
                        };
                        seen.extend(columns.iter().map(at));
                    }
                }
                begin.push(seen.len() as u32);
            }
        }
    }
    (begin, seen)
}

/// Lanes, and the rows of a tile, on the instruction set in use.
struct Shape;
impl Kernel for Shape {
    type Output = (usize, usize);
    #[inline(always)]
    fn call<I: Isa>(self, _: I) -> (usize, usize) {
        (<I::F32 as Vector>::LANES, rows_of_tile(I::REGISTERS))
    }
}

/// Rows of a tile: two registers each, besides two of pixels and one of the weight.
#[inline(always)]
fn rows_of_tile(registers: usize) -> usize {
    if registers >= 32 { 14 } else { 6 }
}

/// Images of a block: as many as one or two registers have lanes.
fn images_of_block(batch: usize, lanes: usize) -> usize {
    let full = |images: usize| batch.next_multiple_of(images);
    if batch > lanes && full(2 * lanes) <= full(lanes) + batch / 8 { 2 * lanes } else { lanes }
}

impl<T: Real> Map<'_, T> {
    fn pixels(&self, side: usize) -> usize {
        self.extents[side].iter().product()
    }

    fn run(&self) {
        let (lanes, rows) = simd::dispatch(Shape);
        let images = images_of_block(self.batch, lanes);
        let ([depth, m], blocks) = (self.channels, self.batch.div_ceil(images));
        let [pixels, points] = [self.pixels(0), self.pixels(1)];
        let cost = self.batch * self.groups * m * points * (depth * self.taps / 8 + 1);
        let per_group = m.next_multiple_of(rows) * depth * self.taps;
        let rows = rows.min(m.next_multiple_of(4));
        if depth * m <= 16 && self.groups > 1 {
            // Little to sum, and groups enough to share: each is turned and turned back while it is in the cache.
            let turned = depth * pixels * images;
            let points = points.min(PIXELS * 8);
            return par::run(blocks * self.groups, cost, |task| {
                let (block, group) = (task / self.groups, task % self.groups);
                par::scratch::<T, _>(turned + per_group + SLACK + m * points * images, |room| {
                    let room = room.as_mut_ptr().cast::<T>();
                    // SAFETY: the three parts of the memory; tasks write different planes.
                    unsafe {
                        let (weight, result) = (room.add(turned), room.add(turned + per_group + SLACK));
                        simd::dispatch(Group { map: self, block, group, images, rows, turned: room, weight, result });
                    }
                });
            });
        }
        par::scratch::<T, _>(self.groups * per_group + SLACK, |weight| {
            let weight = Target(weight.as_mut_ptr().cast::<T>());
            par::blocks(self.groups * m.div_ceil(rows), 1, depth * self.taps * rows, |range| {
                for task in range {
                    let (group, tile) = (task / m.div_ceil(rows), task % m.div_ceil(rows));
                    // SAFETY: within the memory; tiles are disjoint.
                    let to = unsafe { weight.at(group * per_group) };
                    simd::dispatch(Pack { map: self, group, tile, rows, to });
                }
            });
            let channels = self.groups * depth;
            par::scratch::<T, _>(channels * pixels * images, |turned| {
                let turned = Target(turned.as_mut_ptr().cast::<T>());
                let mut len = points.min(PIXELS * 2 * lanes / images);
                let mut tiles = m.div_ceil(rows).min((RESULT / (len * images * rows)).max(1));
                let tasks = |len: usize, tiles: usize| self.groups * points.div_ceil(len) * m.div_ceil(rows * tiles);
                while tasks(len, tiles) < 4 * par::num_threads() && (len > 8 || tiles > 1) {
                    if tiles > 1 { tiles = tiles.div_ceil(2) } else { len = len.div_ceil(2) }
                }
                let (across, down) = (points.div_ceil(len), m.div_ceil(rows * tiles));
                for block in 0..blocks {
                    par::blocks(channels, (PIXELS * 8 / pixels).max(1), pixels * images, |range| {
                        for channel in range {
                            // SAFETY: within the memory; channels are disjoint.
                            let to = unsafe { turned.at(channel * pixels * images) };
                            simd::dispatch(Turn { map: self, block, channel, images, to });
                        }
                    });
                    par::run(self.groups * across * down, cost / blocks, |task| {
                        let (piece, group) = (task % (across * down), task / (across * down));
                        let (first, tile) = (piece % across * len, piece / across * tiles);
                        par::scratch::<T, _>(tiles * rows * len * images, |room| {
                            // SAFETY: each group has its part of the memory.
                            let (turned, weight) =
                                unsafe { (turned.at(group * depth * pixels * images), weight.at(group * per_group)) };
                            simd::dispatch(Piece {
                                map: self,
                                block,
                                group,
                                images,
                                rows,
                                turned,
                                weight,
                                points: first..points.min(first + len),
                                channels: tile * rows..m.min((tile + tiles) * rows),
                                result: room.as_mut_ptr().cast(),
                            });
                        });
                    });
                }
            });
        });
    }

    /// Images of a block.
    fn images(&self, block: usize, images: usize) -> Range<usize> {
        block * images..self.batch.min((block + 1) * images)
    }
}

/// Writes the weight of a tile: by channel that is read, by kernel element, its rows.
struct Pack<'a, T> {
    map: &'a Map<'a, T>,
    group: usize,
    tile: usize,
    rows: usize,
    to: *mut T,
}

impl<T: Real> Kernel for Pack<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Pack { map, group, tile, rows, to } = self;
        let ([depth, m], [across, down]) = (map.channels, map.weight_strides);
        let own = tile * rows..m.min((tile + 1) * rows);
        let from = map.weight[group * m * depth * map.taps + own.start * down..].as_ptr();
        // SAFETY: the tile lies within the weight; there is room for it.
        unsafe {
            let (to, width) = (to.add(own.start * depth * map.taps), height(own.len(), I::REGISTERS));
            let (blocks, run) = if across == map.taps { (1, depth * map.taps) } else { (depth, map.taps) };
            for c in 0..blocks {
                let weight = Strided { ptr: from.add(c * across), depth: 1, col: down as isize };
                weight.pack::<T::V<I>>((), 0..run, 0..own.len(), width, to.add(c * run * width));
            }
        }
    }
}

/// Rows that a tile of so many is computed with.
#[inline(always)]
fn height(rows: usize, registers: usize) -> usize {
    match rows {
        1 => 1,
        2..=4 => 4,
        5..=8 if registers >= 32 => 8,
        _ => rows_of_tile(registers),
    }
}

/// Turns a channel's planes.
struct Turn<'a, T> {
    map: &'a Map<'a, T>,
    block: usize,
    channel: usize,
    images: usize,
    to: *mut T,
}

impl<T: Real> Kernel for Turn<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        let Turn { map, block, channel, images, to } = self;
        let ([image, next, plane, row, column], [depth, height, width]) = (map.strides, map.extents[0]);
        let own = map.images(block, images);
        let from = map.from.0.wrapping_offset(own.start as isize * image + channel as isize * next);
        let gapless = row == width as isize * column && (plane == row * height as isize || depth == 1);
        let (lines, len) = if gapless { (1, depth * height * width) } else { (depth * height, width) };
        // SAFETY: the caller of `forward` promises the images; there is room for the planes.
        unsafe {
            for line in 0..lines {
                let from = from.offset((line / height) as isize * plane + (line % height) as isize * row);
                let to = to.add(line * len * images);
                turn::<T::V<I>>(from, [image, column], [own.len(), len], to, images);
            }
        }
    }
}

/// A group of few channels, from the images to the result.
struct Group<'a, T> {
    map: &'a Map<'a, T>,
    block: usize,
    group: usize,
    images: usize,
    rows: usize,
    turned: *mut T,
    weight: *mut T,
    result: *mut T,
}

impl<T: Real> Kernel for Group<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, isa: I) {
        let Group { map, block, group, images, rows, turned, weight, result } = self;
        let ([depth, m], pixels, points) = (map.channels, map.pixels(0), map.pixels(1));
        for c in 0..depth {
            let to = turned.wrapping_add(c * pixels * images);
            Turn { map, block, channel: group * depth + c, images, to }.call(isa);
        }
        for tile in 0..m.div_ceil(rows) {
            Pack { map, group, tile, rows, to: weight }.call(isa);
        }
        for first in (0..points).step_by(PIXELS * 8) {
            let points = first..points.min(first + PIXELS * 8);
            Piece { map, block, group, images, rows, turned, weight, points, channels: 0..m, result }.call(isa);
        }
    }
}

/// Some pixels of some channels of the result.
struct Piece<'a, T> {
    map: &'a Map<'a, T>,
    block: usize,
    group: usize,
    images: usize,
    rows: usize,
    turned: *const T,
    weight: *const T,
    points: Range<usize>,
    channels: Range<usize>,
    result: *mut T,
}

impl<T: Real> Kernel for Piece<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<I: Isa>(self, _: I) {
        if self.images == T::V::<I>::LANES {
            self.sums::<T::V<I>, 1>(I::REGISTERS);
        } else {
            self.sums::<T::V<I>, 2>(I::REGISTERS);
        }
        let Piece { map, block, group, images, ref points, ref channels, result, .. } = self;
        let ([_, m], all) = (map.channels, map.pixels(1));
        let own = map.images(block, images);
        let image = map.groups * m * all;
        // SAFETY: the result has the lanes of these points; tasks write different points and channels.
        unsafe {
            for (i, channel) in channels.clone().enumerate() {
                let to = map.to.at(own.start * image + (group * m + channel) * all + points.start);
                let from = result.add(i * points.len() * images);
                turn_back::<T::V<I>>(from, images, [own.len(), points.len()], to, image);
            }
        }
    }
}

impl<T: Real> Piece<'_, T> {
    #[inline(always)]
    fn sums<V: Vector<Elem = T>, const NV: usize>(&self, registers: usize) {
        let Piece { map, group, images, rows, turned, weight, result, .. } = *self;
        let ([depth, m], pixels, width) = (map.channels, map.pixels(0), NV * V::LANES);
        debug_assert_eq!(width, images);
        let step = (DEPTH / map.taps).max(1);
        for start in (0..depth).step_by(step) {
            let end = depth.min(start + step);
            for (place, point) in self.points.clone().enumerate() {
                let seen = &map.seen[map.begin[point] as usize..map.begin[point + 1] as usize];
                for first in self.channels.clone().step_by(rows) {
                    let n = rows.min(m - first);
                    let height = height(n, registers);
                    let tile = Tile {
                        rows: n,
                        depth: end - start,
                        seen,
                        from: turned.wrapping_add(start * pixels * width),
                        from_step: pixels * width,
                        weight: weight.wrapping_add((first * depth + start * height) * map.taps),
                        taps: map.taps,
                        bias: map.bias.map(|bias| &bias[group * m + first..][..n]),
                        to: result.wrapping_add(((first - self.channels.start) * self.points.len() + place) * width),
                        to_step: self.points.len() * width,
                        add: start > 0,
                    };
                    // SAFETY: the weight has been packed for this height, the images turned, the result has room.
                    unsafe {
                        match height {
                            1 => tile.compute::<V, 1, NV>(),
                            4 => tile.compute::<V, 4, NV>(),
                            8 if registers >= 32 => tile.compute::<V, 8, NV>(),
                            _ if registers >= 32 => tile.compute::<V, 14, NV>(),
                            _ => tile.compute::<V, 6, NV>(),
                        }
                    }
                }
            }
        }
    }
}

/// One pixel of some channels of the result.
struct Tile<'a, T> {
    rows: usize,
    depth: usize,
    seen: &'a [[u32; 2]],
    from: *const T,
    /// Between channels.
    from_step: usize,
    /// By channel, kernel element and row.
    weight: *const T,
    taps: usize,
    bias: Option<&'a [T]>,
    to: *mut T,
    /// Between channels.
    to_step: usize,
    add: bool,
}

impl<T: Real> Tile<'_, T> {
    /// # Safety
    /// The fields say where the elements are; the weight has rows of `M`, and is zero beyond the last channel.
    #[inline(always)]
    unsafe fn compute<V: Vector<Elem = T>, const M: usize, const NV: usize>(&self) {
        let mut sums = [[V::splat(T::default()); NV]; M];
        // SAFETY: the caller's promise.
        unsafe {
            for r in 0..M.min(self.rows) {
                let start = self.bias.map_or(T::default(), |bias| bias[r]);
                for v in 0..NV {
                    sums[r][v] = match self.add {
                        true => V::load(self.to.add(r * self.to_step + v * V::LANES)),
                        false => V::splat(start),
                    };
                }
            }
            let (mut from, mut weight) = (self.from, self.weight);
            for _ in 0..self.depth {
                for &[tap, pixel] in self.seen {
                    let (weight, from) = (weight.add(tap as usize * M), from.add(pixel as usize * NV * V::LANES));
                    let mut values = [V::splat(T::default()); NV];
                    for v in 0..NV {
                        values[v] = V::load(from.add(v * V::LANES));
                    }
                    for r in 0..M {
                        let scale = V::splat(*weight.add(r));
                        for v in 0..NV {
                            sums[r][v] = scale.mul_add(values[v], sums[r][v]);
                        }
                    }
                }
                (from, weight) = (from.wrapping_add(self.from_step), weight.wrapping_add(self.taps * M));
            }
            for r in 0..M.min(self.rows) {
                for v in 0..NV {
                    sums[r][v].store(self.to.add(r * self.to_step + v * V::LANES));
                }
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
unsafe fn turn_back<V: Vector>(
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
unsafe fn square<V: Vector>(from: *const V::Elem, row: isize, to: *mut V::Elem, width: usize) {
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
