//! In which order axes lie in memory.

use super::{Array, DType, Shape, Strides, contiguous_strides};
use crate::error::Result;
use crate::fail;

/// In which order axes lie in memory, by PyTorch's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemoryFormat {
    /// Row-major.
    Contiguous,
    /// That of the tensor it is made from.
    Preserve,
    /// Images (batch, channels, height, width) with the channels of a pixel side by side.
    ChannelsLast,
    /// The same for volumes: (batch, channels, depth, height, width).
    ChannelsLast3d,
}

impl MemoryFormat {
    /// All of them.
    pub const ALL: [MemoryFormat; 4] =
        [MemoryFormat::Contiguous, MemoryFormat::Preserve, MemoryFormat::ChannelsLast, MemoryFormat::ChannelsLast3d];

    /// Python's name.
    pub fn name(self) -> &'static str {
        match self {
            MemoryFormat::Contiguous => "contiguous_format",
            MemoryFormat::Preserve => "preserve_format",
            MemoryFormat::ChannelsLast => "channels_last",
            MemoryFormat::ChannelsLast3d => "channels_last_3d",
        }
    }

    /// Axes from the innermost to the outermost.
    fn order(self, ndim: usize) -> Shape {
        match self {
            MemoryFormat::ChannelsLast => Shape::from_slice(&[1, 3, 2, 0]),
            MemoryFormat::ChannelsLast3d => Shape::from_slice(&[1, 4, 3, 2, 0]),
            _ => (0..ndim).rev().collect(),
        }
    }

    fn check_rank(self, op: &str, shape: &[usize]) -> Result<()> {
        let rank = match self {
            MemoryFormat::ChannelsLast => 4,
            MemoryFormat::ChannelsLast3d => 5,
            _ => return Ok(()),
        };
        if shape.len() != rank {
            fail!(Shape, "{op}: required rank {rank} tensor to use {} format, got {shape:?}", self.name());
        }
        Ok(())
    }

    /// The strides of a tensor of this shape and format that is made from nothing.
    pub fn strides(self, op: &str, shape: &[usize]) -> Result<Strides> {
        if self == MemoryFormat::Preserve {
            fail!(Value, "{op}: there is no tensor whose memory format could be preserved; use contiguous_format");
        }
        self.check_rank(op, shape)?;
        Ok(dense_strides(shape, &self.order(shape.len())))
    }

    /// The strides of a tensor of this format that is made from `source`.
    pub fn strides_like(self, op: &str, source: &Array) -> Result<Strides> {
        match self {
            MemoryFormat::Preserve => Ok(preserved_strides(source)),
            format => format.strides(op, source.shape()),
        }
    }

    /// Whether the elements of `array` lie in this order without gaps; row by row if there is none to preserve.
    pub fn fits(self, array: &Array) -> bool {
        let rank = match self {
            MemoryFormat::ChannelsLast => 4,
            MemoryFormat::ChannelsLast3d => 5,
            _ => return array.is_contiguous(),
        };
        let mut step = 1;
        array.ndim() == rank
            && self.order(rank).iter().all(|&axis| {
                let (n, stride) = (array.shape()[axis], array.strides()[axis]);
                let fits = n == 1 || stride == step;
                step *= n as isize;
                fits
            })
    }
}

/// Strides without gaps, of axes given from the innermost to the outermost.
pub fn dense_strides(shape: &[usize], order: &[usize]) -> Strides {
    let mut strides = contiguous_strides(shape);
    let mut step = 1;
    for &axis in order {
        strides[axis] = step;
        step *= shape[axis].max(1) as isize;
    }
    strides
}

/// The strides of a copy that keeps the order of the axes, by PyTorch's rule: those of `source` if its elements lie
/// without gaps or overlap; else without gaps in their order, where an axis of stride 0 stays where it is.
fn preserved_strides(source: &Array) -> Strides {
    let (shape, strides) = (source.shape(), source.strides());
    let mut real: Vec<(isize, usize)> =
        strides.iter().copied().zip(shape.iter().copied()).filter(|&(_, n)| n != 1).collect();
    real.sort_unstable();
    let mut step = 1;
    let dense = real.iter().all(|&(stride, n)| {
        let fits = stride == step;
        step *= n as isize;
        fits
    });
    if dense || source.is_empty() {
        return Strides::from_slice(strides);
    }
    let mut order: Shape = (0..shape.len()).rev().collect();
    for start in 1..order.len() {
        let mut at = start;
        for before in (0..start).rev() {
            let (a, b) = (order[before], order[at]);
            if strides[a] == 0 || strides[b] == 0 {
                continue;
            }
            if strides[a] < strides[b] {
                break;
            }
            if strides[a] > strides[b] || shape[a] > shape[b] {
                order.swap(before, at);
                at = before;
            }
        }
    }
    dense_strides(shape, &order)
}

impl Array {
    /// An array without gaps, of strides as the functions above give them; to be written before it is read.
    pub fn uninit_dense(dtype: DType, shape: &[usize], strides: Strides) -> Array {
        Array::uninit(dtype, shape).window(Shape::from_slice(shape), strides, 0)
    }
}
