//! Forward, and the gradient of the input: maps from images to images.

use super::turn::{Images, Turn, turn_back};
use super::{Shape, images_of_block, rows_of_tile};
use crate::conv::{Geometry, contiguous};
use crate::element::Real;
use crate::gemm::Target;
use crate::gemm::packed;
use crate::gemm::panel::{SLACK, Strided};
use crate::par;
use crate::simd::{self, Isa, Kernel, Vector};
use std::ops::Range;

/// Products that are summed before the next pixel: what they read of a pixel's surroundings stays in the first-level cache.
const DEPTH: usize = 192;
/// Pixels of a task.
const PIXELS: usize = 32;
/// Elements of a task's result.
const RESULT: usize = 64 << 10;

/// The convolution as a map from images to images: forward, or from the gradient of the output to that of the input.
struct Map<'a, T> {
    groups: usize,
    /// Channels of a group that are read, and that are written.
    channels: [usize; 2],
    from: Images<T>,
    weight: &'a [T],
    /// Between channels that are read, and that are written.
    weight_strides: [usize; 2],
    taps: usize,
    bias: Option<&'a [T]>,
    to: Target<T>,
    /// Pixels of a plane that is written.
    points: usize,
    /// For every pixel that is written: where its part of `seen` begins and ends.
    begin: Vec<u32>,
    /// Kernel elements, and the pixels that they reach.
    seen: Vec<[u32; 2]>,
}

/// # Safety
/// As for [`crate::conv::forward`].
pub(in crate::conv) unsafe fn forward<T: Real>(
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
        groups: g.groups,
        channels: [g.group_in(), g.group_out()],
        from: Images::new(g.batch, input, strides, g.input),
        weight,
        weight_strides: [g.taps(), g.group_in() * g.taps()],
        taps: g.taps(),
        bias,
        to: Target(output.as_mut_ptr()),
        points: g.out_pixels(),
        begin,
        seen,
    };
    map.run();
}

/// The gradient of the input.
pub(in crate::conv) fn input_grad<T: Real>(g: &Geometry, grad_output: &[T], weight: &[T], grad_input: &mut [T]) {
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
        groups: g.groups,
        channels: [g.group_out(), g.group_in()],
        from: Images::new(g.batch, grad_output.as_ptr(), contiguous(g.out_channels, g.output), g.output),
        weight,
        weight_strides: [g.group_in() * g.taps(), g.taps()],
        taps: g.taps(),
        bias: None,
        to: Target(grad_input.as_mut_ptr()),
        points: g.in_pixels(),
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

impl<T: Real> Map<'_, T> {
    fn run(&self) {
        let (lanes, registers) = simd::dispatch(Shape);
        let rows = rows_of_tile(registers);
        let images = images_of_block(self.from.batch, lanes);
        let ([depth, m], blocks) = (self.channels, self.from.batch.div_ceil(images));
        let (pixels, points) = (self.from.pixels(), self.points);
        let cost = self.from.batch * self.groups * m * points * (depth * self.taps / 8 + 1);
        let rows = rows.min(m.next_multiple_of(4));
        let per_group = m.div_ceil(rows) * self.tile_room(registers);
        if depth * m <= 16 && self.groups > 1 {
            // Little to sum, and groups enough to share: each is turned and turned back while it is in the cache.
            let turned = depth * pixels * images;
            let points = points.min(PIXELS * 8);
            return par::run(blocks * self.groups, cost, |task| {
                let (block, group) = (task / self.groups, task % self.groups);
                par::scratch::<T, _>(turned + per_group + m * points * images, |room| {
                    let room = room.as_mut_ptr().cast::<T>();
                    // SAFETY: the three parts of the memory; tasks write different planes.
                    unsafe {
                        let (weight, result) = (room.add(turned), room.add(turned + per_group));
                        simd::dispatch(Group { map: self, block, group, images, rows, turned: room, weight, result });
                    }
                });
            });
        }
        par::scratch::<T, _>(self.groups * per_group, |weight| {
            let weight = Target(weight.as_mut_ptr().cast::<T>());
            par::blocks(self.groups * m.div_ceil(rows), 1, depth * self.taps * rows, |range| {
                for task in range {
                    let (group, tile) = (task / m.div_ceil(rows), task % m.div_ceil(rows));
                    // SAFETY: within the memory; tiles are disjoint, and so is what packing writes beyond their ends.
                    unsafe { self.pack(group, tile, rows, registers, weight.at(group * per_group)) };
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
                            simd::dispatch(Turn { images: &self.from, block, width: images, channel, to });
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
}

impl<T: Real> Map<'_, T> {
    /// Elements from one tile's weight to the next's: of the tallest, and what packing may write beyond its end, where
    /// another thread may have packed the next.
    #[inline(always)]
    fn tile_room(&self, registers: usize) -> usize {
        rows_of_tile(registers) * self.channels[0] * self.taps + SLACK
    }

    /// Writes the weight of a tile: by channel that is read, by kernel element, its rows.
    /// # Safety
    /// There is room for the weights of the group's tiles.
    unsafe fn pack(&self, group: usize, tile: usize, rows: usize, registers: usize, to: *mut T) {
        let ([depth, m], [across, down]) = (self.channels, self.weight_strides);
        let own = tile * rows..m.min((tile + 1) * rows);
        let from = self.weight[group * m * depth * self.taps + own.start * down..].as_ptr();
        let (blocks, run) = if across == self.taps { (1, depth * self.taps) } else { (depth, self.taps) };
        let width = height(own.len(), registers);
        for c in 0..blocks {
            // SAFETY: the tile lies within the weight; the caller gives the room.
            unsafe {
                let weight = Strided { ptr: from.add(c * across), depth: 1, col: down as isize };
                packed::pack(weight, run, own.len(), width, to.add(tile * self.tile_room(registers) + c * run * width));
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
        let ([depth, m], pixels, points) = (map.channels, map.from.pixels(), map.points);
        for c in 0..depth {
            let to = turned.wrapping_add(c * pixels * images);
            isa.run(Turn { images: &map.from, block, width: images, channel: group * depth + c, to });
        }
        for tile in 0..m.div_ceil(rows) {
            // SAFETY: there is room.
            unsafe { map.pack(group, tile, rows, I::REGISTERS, weight) };
        }
        for first in (0..points).step_by(PIXELS * 8) {
            let points = first..points.min(first + PIXELS * 8);
            isa.run(Piece { map, block, group, images, rows, turned, weight, points, channels: 0..m, result });
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
        let ([_, m], all) = (map.channels, map.points);
        let own = map.from.block(block, images);
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
        let ([depth, m], pixels, width) = (map.channels, map.from.pixels(), NV * V::LANES);
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
                        weight: weight
                            .wrapping_add(first / rows * map.tile_room(registers) + start * height * map.taps),
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
