//! Shapes and strides.

use crate::error::Result;
use crate::fail;
use smallvec::SmallVec;

/// Extent per axis.
pub type Shape = SmallVec<[usize; 4]>;
/// Distance between neighbours per axis, in elements.
pub type Strides = SmallVec<[isize; 4]>;

/// Row-major strides.
pub fn contiguous_strides(shape: &[usize]) -> Strides {
    let mut strides = Strides::from_elem(1, shape.len());
    let mut step = 1;
    for axis in (0..shape.len()).rev() {
        strides[axis] = step;
        step = step.saturating_mul(shape[axis].max(1) as isize); // beside an empty axis any number may stand
    }
    strides
}

/// The shape that both broadcast to, by NumPy's rule; `op` names the operation in the error.
pub fn broadcast_shapes(op: &str, a: &[usize], b: &[usize]) -> Result<Shape> {
    let ndim = a.len().max(b.len());
    let mut out = Shape::from_elem(1, ndim);
    for axis in 0..ndim {
        let x = if axis + a.len() >= ndim { a[axis + a.len() - ndim] } else { 1 };
        let y = if axis + b.len() >= ndim { b[axis + b.len() - ndim] } else { 1 };
        out[axis] = if x == y || y == 1 {
            x
        } else if x == 1 {
            y
        } else {
            fail!(Shape, "{op}: shapes {a:?} and {b:?} do not broadcast: {x} against {y} at axis {axis} of {ndim}")
        };
    }
    Ok(out)
}

/// Axes counted from the front, no one twice.
pub fn normalize_axes(op: &str, axes: &[i64], ndim: usize) -> Result<Shape> {
    let mut out = Shape::new();
    for &axis in axes {
        let found = normalize_axis(op, axis, ndim)?;
        if out.contains(&found) {
            fail!(Value, "{op}: repeated dim: dim {axis} appears multiple times in the list of dims {axes:?}");
        }
        out.push(found);
    }
    Ok(out)
}

/// An axis counted from the front; negative ones count from the end. A 0-d array has one axis, as in PyTorch.
pub fn normalize_axis(op: &str, axis: i64, ndim: usize) -> Result<usize> {
    let n = ndim.max(1) as i64;
    if axis < -n || axis >= n {
        fail!(Index, "{op}: Dimension out of range (expected to be in range of [{}, {}], but got {axis})", -n, n - 1);
    }
    Ok(if axis < 0 { axis + n } else { axis } as usize)
}
