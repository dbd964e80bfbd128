//! Joining, repeating and rearranging.

use super::registry::{Ints, Sample, Values};
use super::{convert, index, view};
use crate::array::{Array, DType, Scalar, Shape, broadcast_shapes, normalize_axes, normalize_axis, result_type};
use crate::autograd::{Tensor, record};
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

// ---- joining ----

fn cat_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensors(&[&[2, 3], &[1, 3], &[4, 3]]),
        Sample::new().tensors(&[&[2, 3], &[2, 1]]).kw("dim", -1),
        Sample::new().tensors(&[&[0], &[2, 3]]),
    ]
}

/// The tensors one behind the other along axis `dim`; the other extents are equal. Dtypes promote. Empty 1-d tensors
/// are left out.
/// Raises: RuntimeError if the list is empty, or extents or numbers of axes differ; IndexError if there is no axis
/// `dim`.
///
/// >>> a, b = rt.tensor([[1, 2]]), rt.tensor([[3, 4]])
/// >>> rt.cat([a, b])
/// tensor([[1, 2],
///         [3, 4]])
/// >>> rt.cat([a, b], dim=1)
/// tensor([[1, 2, 3, 4]])
#[op(at = [rutile], alias = [concat, concatenate], sig = (tensors, dim=0), samples = cat_samples, complex)]
pub fn cat(tensors: &[Tensor], dim: i64) -> Result<Tensor> {
    join("cat", tensors, dim)
}

fn join(op: &'static str, tensors: &[Tensor], dim: i64) -> Result<Tensor> {
    if tensors.is_empty() {
        fail!(Shape, "{op}(): expected a non-empty list of Tensors, got []");
    }
    let arrays: Vec<Array> = tensors.iter().map(Tensor::array).collect();
    let dtype = result_type(&arrays.iter().collect::<Vec<_>>());
    let parts: Vec<usize> = (0..arrays.len()).filter(|&i| arrays[i].shape() != [0]).collect();
    let inputs: Vec<&Tensor> = tensors.iter().collect();
    let nothing = |g: &Tensor| Ok(Tensor::from(convert::zeros(g.dtype(), &[0])));
    let Some(&first) = parts.first() else {
        return Ok(record(op, Array::uninit(dtype, &[0]), &inputs, move |g, grads| {
            (0..arrays.len()).try_for_each(|_| grads.push(|| nothing(g)))
        }));
    };
    let mut shape = Shape::from_slice(arrays[first].shape());
    if shape.is_empty() {
        fail!(Shape, "{op}: zero-dimensional tensor (at position {first}) cannot be concatenated; use stack");
    }
    let axis = normalize_axis(op, dim, shape.len())?;
    shape[axis] = 0;
    for &i in &parts {
        let part = arrays[i].shape();
        let fits = part.len() == shape.len() && (0..part.len()).all(|a| a == axis || part[a] == shape[a]);
        if !fits {
            fail!(
                Shape,
                "{op}: Sizes of tensors must match except in dimension {axis}. Expected {:?} but got {part:?} for tensor \
                 number {i} in the list.",
                arrays[first].shape()
            );
        }
        shape[axis] += part[axis];
    }
    let out = Array::uninit(dtype, &shape);
    let mut start = 0;
    let mut places = vec![None; arrays.len()];
    for &i in &parts {
        let len = arrays[i].shape()[axis];
        convert::copy_into(&arrays[i], &out.narrow(axis, start, len, 1));
        places[i] = Some((start, len));
        start += len;
    }
    Ok(record(op, out, &inputs, move |g, grads| {
        places.iter().try_for_each(|place| {
            grads.push(|| match *place {
                Some((start, len)) => view::slice_axis(g, axis, start, len, 1),
                None => nothing(g),
            })
        })
    }))
}

fn stack_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensors(&[&[2, 3], &[2, 3]]),
        Sample::new().tensors(&[&[2, 3], &[2, 3], &[2, 3]]).kw("dim", -1),
        Sample::new().tensors(&[&[], &[]]),
    ]
}

/// The tensors, all of one shape, side by side along a new axis `dim`: `n` tensors (3, 4) give (n, 3, 4) for `dim=0`.
/// Raises: RuntimeError if the list is empty or the shapes differ; IndexError if `dim` is out of range.
///
/// >>> a, b = rt.tensor([1, 2]), rt.tensor([3, 4])
/// >>> rt.stack([a, b])
/// tensor([[1, 2],
///         [3, 4]])
/// >>> rt.stack([a, b], dim=1)
/// tensor([[1, 3],
///         [2, 4]])
#[op(at = [rutile], sig = (tensors, dim=0), samples = stack_samples, complex)]
pub fn stack(tensors: &[Tensor], dim: i64) -> Result<Tensor> {
    let Some(first) = tensors.first() else {
        fail!(Shape, "stack expects a non-empty list of Tensors, got []");
    };
    let shape = first.shape();
    let axis = normalize_axis("stack", dim, shape.len() + 1)? as i64;
    if let Some(i) = tensors.iter().position(|tensor| tensor.shape() != shape) {
        fail!(
            Shape,
            "stack expects each tensor to be equal size, but got {:?} at entry 0 and {:?} at entry {i}",
            &shape[..],
            &tensors[i].shape()[..]
        );
    }
    let layers: Vec<Tensor> = tensors.iter().map(|tensor| view::unsqueeze(tensor, axis)).collect::<Result<_>>()?;
    join("stack", &layers, axis)
}

/// Every tensor with at least `ndim` axes, as NumPy's `atleast_nd`.
fn at_least(tensors: &[Tensor], ndim: usize) -> Result<Vec<Tensor>> {
    tensors
        .iter()
        .map(|tensor| {
            let mut out = tensor.clone();
            while out.ndim() < ndim {
                out = view::unsqueeze(&out, if out.ndim() == 2 { 2 } else { 0 })?;
            }
            Ok(out)
        })
        .collect()
}

fn hstack_samples() -> Vec<Sample> {
    vec![Sample::new().tensors(&[&[2], &[3]]), Sample::new().tensors(&[&[2, 1], &[2, 3]])]
}

/// The tensors side by side: along axis 1, or axis 0 if they are 1-d. Numbers (0-d) count as 1-d.
/// Raises: RuntimeError if the list is empty, or other extents differ.
///
/// >>> rt.hstack([rt.tensor([[1], [2]]), rt.tensor([[3], [4]])])
/// tensor([[1, 3],
///         [2, 4]])
#[op(at = [rutile], sig = (tensors), samples = hstack_samples, complex)]
pub fn hstack(tensors: &[Tensor]) -> Result<Tensor> {
    let tensors = at_least(tensors, 1)?;
    let flat = tensors.first().is_some_and(|first| first.ndim() == 1);
    join("hstack", &tensors, i64::from(!flat))
}

fn vstack_samples() -> Vec<Sample> {
    vec![Sample::new().tensors(&[&[3], &[3]]), Sample::new().tensors(&[&[2, 3], &[1, 3]])]
}

/// The tensors one below the other: along axis 0, 1-d ones as rows.
/// Raises: RuntimeError if the list is empty, or other extents differ.
///
/// >>> rt.vstack([rt.tensor([1, 2]), rt.tensor([[3, 4], [5, 6]])])
/// tensor([[1, 2],
///         [3, 4],
///         [5, 6]])
#[op(at = [rutile], alias = [row_stack], sig = (tensors), samples = vstack_samples, complex)]
pub fn vstack(tensors: &[Tensor]) -> Result<Tensor> {
    join("vstack", &at_least(tensors, 2)?, 0)
}

fn dstack_samples() -> Vec<Sample> {
    vec![Sample::new().tensors(&[&[3], &[3]]), Sample::new().tensors(&[&[2, 3, 1], &[2, 3, 2]])]
}

/// The tensors one behind the other: along axis 2; tensors of fewer axes as (1, n, 1) or (m, n, 1).
/// Raises: RuntimeError if the list is empty, or other extents differ.
///
/// >>> rt.dstack([rt.tensor([1, 2]), rt.tensor([3, 4])])
/// tensor([[[1, 3],
///          [2, 4]]])
#[op(at = [rutile], sig = (tensors), samples = dstack_samples, complex)]
pub fn dstack(tensors: &[Tensor]) -> Result<Tensor> {
    join("dstack", &at_least(tensors, 3)?, 2)
}

// ---- repeating ----

fn repeat_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3]).arg([2]),
        Sample::new().tensor(&[2, 3]).arg([2, 1, 2]),
        Sample::new().tensor(&[2]).arg([0]),
        Sample::new().tensor(&[]).arg([2, 3]),
    ]
}

/// The tensor `repeats[i]` times along axis `i`, copied; surplus repeats make new leading axes.
/// Raises: RuntimeError if there are fewer repeats than axes, or one is negative.
///
/// >>> rt.tensor([[1, 2]]).repeat(2, 2)
/// tensor([[1, 2, 1, 2],
///         [1, 2, 1, 2]])
/// >>> rt.tensor([1, 2]).repeat(3, 1)
/// tensor([[1, 2],
///         [1, 2],
///         [1, 2]])
#[op(at = [Tensor], sig = (input, *repeats), samples = repeat_samples, complex)]
pub fn repeat(input: &Tensor, repeats: Ints) -> Result<Tensor> {
    let shape = input.shape();
    if repeats.len() < shape.len() || repeats.iter().any(|&n| n < 0) {
        fail!(
            Shape,
            "repeat: takes at least one number per axis of {:?}, none of them negative, got {:?}",
            &shape[..],
            &repeats[..]
        );
    }
    let lead = Shape::from_elem(1, repeats.len() - shape.len());
    let mut shape: Shape = lead.into_iter().chain(shape).collect();
    let mut out = view::reshape_to(input, &shape)?;
    for (axis, &n) in repeats.iter().enumerate().filter(|(_, n)| **n != 1) {
        // A new axis before this one is repeated without copying, then merged with it.
        let mut spread = shape.clone();
        spread.insert(axis, n as usize);
        out = convert::clone(&view::expand_to(&view::unsqueeze(&out, axis as i64)?, &spread)?)?;
        shape[axis] *= n as usize;
        out = view::reshape_to(&out, &shape)?;
    }
    if repeats.iter().all(|&n| n == 1) { convert::clone(&out) } else { Ok(out) }
}

fn tile_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).arg([2]), Sample::new().tensor(&[3]).arg([2, 2])]
}

/// As `repeat`, but missing leading numbers are 1: NumPy's `tile`.
/// Raises: RuntimeError if a number is negative.
///
/// >>> rt.tile(rt.tensor([[1, 2], [3, 4]]), (2,))
/// tensor([[1, 2, 1, 2],
///         [3, 4, 3, 4]])
#[op(at = [rutile, Tensor], sig = (input, *dims), samples = tile_samples, complex)]
pub fn tile(input: &Tensor, dims: Ints) -> Result<Tensor> {
    let mut repeats = Ints::from_elem(1, input.ndim().saturating_sub(dims.len()));
    repeats.extend(dims);
    repeat(input, repeats)
}

fn repeat_interleave_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).arg(2),
        Sample::new().tensor(&[2, 3]).arg(3).kw("dim", 0),
        Sample::new().tensor(&[3, 2]).values(&[3], Values::Int(0, 4)).kw("dim", 0),
    ]
}

/// Every element (along axis `dim`; of the flattened tensor without it) `repeats` times in a row. `repeats` is a number
/// or one integer per element of the axis.
/// Raises: RuntimeError if `repeats` is negative or of another length; IndexError if there is no axis `dim`.
///
/// >>> rt.repeat_interleave(rt.tensor([1, 2]), 2)
/// tensor([1, 1, 2, 2])
/// >>> rt.repeat_interleave(rt.tensor([[1, 2], [3, 4]]), rt.tensor([1, 2]), dim=0)
/// tensor([[1, 2],
///         [3, 4],
///         [3, 4]])
#[op(at = [rutile, Tensor], sig = (input, repeats, dim=None), samples = repeat_interleave_samples, complex)]
pub fn repeat_interleave(input: &Tensor, repeats: &Tensor, dim: Option<i64>) -> Result<Tensor> {
    let (input, dim) = match dim {
        Some(dim) => (input.clone(), dim),
        None => (view::reshape_to(input, &[input.len()])?, 0),
    };
    let axis = normalize_axis("repeat_interleave", dim, input.ndim())?;
    let counts = repeats.array();
    let extent = input.shape().get(axis).copied().unwrap_or(1);
    if counts.dtype().is_float() || counts.ndim() > 1 || (counts.len() != 1 && counts.len() != extent) {
        fail!(
            Shape,
            "repeat_interleave: repeats must be an integer or {extent} of them, got {} of shape {:?}",
            counts.dtype(),
            counts.shape()
        );
    }
    let counts = convert::plain(&counts, DType::I64);
    let counts = counts.slice::<i64>();
    if counts.iter().any(|&n| n < 0) {
        fail!(Value, "repeat_interleave: repeats can not be negative");
    }
    let count = |i: usize| counts[if counts.len() == 1 { 0 } else { i }] as usize;
    let at: Vec<i64> = (0..extent).flat_map(|i| std::iter::repeat_n(i as i64, count(i))).collect();
    index::index_select(&input, dim, &Tensor::from(Array::from_slice(&at, &[at.len()])))
}

fn broadcast_tensors_samples() -> Vec<Sample> {
    vec![Sample::new().tensors(&[&[2, 1], &[3]])]
}

/// All tensors broadcast to their common shape, without copying.
/// Raises: RuntimeError if extents differ where neither is 1.
///
/// >>> a, b = rt.broadcast_tensors(rt.tensor([[1], [2]]), rt.tensor([3, 4]))
/// >>> a
/// tensor([[1, 1],
///         [2, 2]])
/// >>> b
/// tensor([[3, 4],
///         [3, 4]])
#[op(at = [rutile], sig = (*tensors), samples = broadcast_tensors_samples, complex)]
pub fn broadcast_tensors(tensors: &[Tensor]) -> Result<Vec<Tensor>> {
    let shape = tensors
        .iter()
        .try_fold(Shape::new(), |shape, tensor| broadcast_shapes("broadcast_tensors", &shape, &tensor.shape()))?;
    tensors.iter().map(|tensor| view::expand_to(tensor, &shape)).collect()
}

fn meshgrid_samples() -> Vec<Sample> {
    vec![Sample::new().tensors(&[&[2], &[3]]), Sample::new().tensors(&[&[2], &[3], &[2]]).kw("indexing", "xy")]
}

/// Coordinates of a grid: tensor `i` of the result varies along axis `i` as vector `i` does. `indexing="xy"` exchanges
/// the first two axes, as NumPy does by default.
/// Raises: ValueError for another `indexing`; RuntimeError if a tensor has more than one axis.
///
/// >>> y, x = rt.meshgrid(rt.tensor([0, 1]), rt.tensor([5, 6, 7]), indexing="ij")
/// >>> y
/// tensor([[0, 0, 0],
///         [1, 1, 1]])
/// >>> x
/// tensor([[5, 6, 7],
///         [5, 6, 7]])
#[op(at = [rutile], sig = (*tensors, indexing="ij"), samples = meshgrid_samples, complex)]
pub fn meshgrid(tensors: &[Tensor], indexing: &str) -> Result<Vec<Tensor>> {
    if !matches!(indexing, "ij" | "xy") {
        fail!(Value, "meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {indexing}");
    }
    if let Some(tensor) = tensors.iter().find(|tensor| tensor.ndim() > 1) {
        fail!(Shape, "meshgrid: Expected 0D or 1D tensor in the tensor list but got: {:?}", &tensor.shape()[..]);
    }
    let swapped = |i: usize| if indexing == "xy" && tensors.len() > 1 && i < 2 { 1 - i } else { i };
    let mut shape = Shape::from_elem(1, tensors.len());
    tensors.iter().enumerate().for_each(|(i, tensor)| shape[swapped(i)] = tensor.len());
    tensors
        .iter()
        .enumerate()
        .map(|(i, tensor)| {
            let mut aligned = Shape::from_elem(1, shape.len());
            aligned[swapped(i)] = tensor.len();
            view::expand_to(&view::reshape_to(tensor, &aligned)?, &shape)
        })
        .collect()
}

// ---- rearranging ----

fn flip_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).arg([0, -1]), Sample::new().tensor(&[2, 0]).arg([0])]
}

/// The tensor with axes `dims` in reverse order, copied.
/// Raises: IndexError if there is no such axis; RuntimeError if one is named twice.
///
/// >>> rt.flip(rt.tensor([[1, 2], [3, 4]]), dims=(1,))
/// tensor([[2, 1],
///         [4, 3]])
#[op(at = [rutile, Tensor], sig = (input, *dims), samples = flip_samples, complex)]
pub fn flip(input: &Tensor, dims: Ints) -> Result<Tensor> {
    let mut mirrored = input.array();
    for axis in normalize_axes("flip", &dims, mirrored.ndim())? {
        if let Some(&extent) = mirrored.shape().get(axis) {
            mirrored = mirrored.narrow(axis, extent.saturating_sub(1), extent, -1);
        }
    }
    let out = convert::contiguous_copy(&mirrored);
    Ok(record("flip", out, &[input], move |g, grads| grads.push(|| flip(g, dims.clone()))))
}

fn roll_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).arg(1),
        Sample::new().tensor(&[4, 3]).arg(-1).arg(0),
        Sample::new().tensor(&[4, 3]).arg([5, 1]).arg([0, 1]),
    ]
}

/// The tensor shifted by `shifts` places along axes `dims`; what leaves at the end comes in at the start. Without
/// `dims` the flattened tensor is shifted.
/// Raises: RuntimeError unless there is a shift for each of `dims`; IndexError if there is no such axis.
///
/// >>> rt.roll(rt.tensor([1, 2, 3, 4]), 1)
/// tensor([4, 1, 2, 3])
/// >>> rt.roll(rt.tensor([[1, 2], [3, 4], [5, 6]]), shifts=(1, 1), dims=(0, 1))
/// tensor([[6, 5],
///         [2, 1],
///         [4, 3]])
#[op(at = [rutile, Tensor], sig = (input, shifts, dims=None), samples = roll_samples, complex)]
pub fn roll(input: &Tensor, shifts: Ints, dims: Option<Ints>) -> Result<Tensor> {
    let shape = input.shape();
    let dims = dims.unwrap_or_default();
    if dims.is_empty() && shifts.len() == 1 {
        let flat = view::reshape_to(input, &[input.len()])?;
        return view::reshape_to(&roll(&flat, shifts, Some(Ints::from_elem(0, 1)))?, &shape);
    }
    if dims.len() != shifts.len() {
        fail!(Shape, "roll: shifts and dimensions must align. shifts: {:?}, dims: {:?}", &shifts[..], &dims[..]);
    }
    let mut out = input.clone();
    for (&shift, &dim) in shifts.iter().zip(&dims) {
        let axis = normalize_axis("roll", dim, shape.len())?;
        let extent = shape.get(axis).copied().unwrap_or(0);
        if extent > 0 {
            let first = extent - shift.rem_euclid(extent as i64) as usize;
            let end = view::slice_axis(&out, axis, first, extent - first, 1)?;
            out = join("roll", &[end, view::slice_axis(&out, axis, 0, first, 1)?], dim)?;
        }
    }
    if out.is(input) { convert::clone(input) } else { Ok(out) }
}

// ---- padding ----

/// `input` with a border of `value`; `widths` are (before, after) per axis, the last axis first; negative ones cut.
pub fn pad_constant(input: &Tensor, widths: &[i64], value: f64) -> Result<Tensor> {
    let array = input.array();
    let from = Shape::from_slice(array.shape());
    if !widths.len().is_multiple_of(2) || widths.len() > 2 * from.len() {
        fail!(Shape, "pad: takes pairs of widths for at most {} axes, got {widths:?} for {:?}", from.len(), &from[..]);
    }
    let mut shape = from.clone();
    let (mut outer, mut inner) = (Shape::from_elem(0, from.len()), Shape::from_elem(0, from.len()));
    let mut kept = from.clone();
    for (i, pair) in widths.chunks(2).enumerate() {
        let axis = from.len() - 1 - i;
        // In 128 bits: widths that wrap around would pass for harmless ones.
        let extent = from[axis] as i128 + i128::from(pair[0]) + i128::from(pair[1]);
        let cut = |width: i64| width.min(0).unsigned_abs() as usize;
        let Some(rest) = from[axis].checked_sub(cut(pair[0]).saturating_add(cut(pair[1]))).filter(|_| extent >= 0)
        else {
            fail!(
                Shape,
                "pad: The input size {}, plus negative padding {} and {}, resulted in a negative output size; axis {axis} \
                 of {:?}",
                from[axis],
                pair[0],
                pair[1],
                &from[..]
            );
        };
        shape[axis] = usize::try_from(extent).unwrap_or(usize::MAX);
        outer[axis] = pair[0].max(0) as usize;
        inner[axis] = cut(pair[0]);
        kept[axis] = rest;
    }
    let part = |array: &Array, start: &[usize]| {
        (0..kept.len()).fold(array.clone(), |part, axis| part.narrow(axis, start[axis], kept[axis], 1))
    };
    let out = convert::filled(array.dtype(), &shape, Scalar::Float(value));
    convert::copy_into(&part(&array, &inner), &part(&out, &outer));
    let back: Ints = widths.iter().map(|width| -width).collect();
    Ok(record("pad", out, &[input], move |g, grads| grads.push(|| pad_constant(g, &back, 0.0))))
}

fn pad_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).arg([1, 2]),
        Sample::new().tensor(&[2, 3]).arg([1, -1, 0, 2]).kw("value", 1.5),
        Sample::new().values(&[3], Values::Int(0, 5)).arg([1, 1]),
    ]
}

/// `input` with a constant border: `pad` are (before, after) widths per axis, the last axis first; negative ones cut.
/// Raises: RuntimeError if the widths are not pairs, more than the axes, or cut more than there is.
///
/// >>> F.pad(rt.tensor([[1, 2], [3, 4]]), (1, 0, 0, 1), value=9)
/// tensor([[9, 1, 2],
///         [9, 3, 4],
///         [9, 9, 9]])
#[op(at = [nn.functional], sig = (input, pad_, mode="constant", value=None), samples = pad_samples, complex)]
pub fn pad(input: &Tensor, pad_: Ints, mode: &str, value: Option<f64>) -> Result<Tensor> {
    if mode != "constant" {
        fail!(Unsupported, "pad: the engine fills with a constant; mode {mode:?} is a composition of nn.functional");
    }
    pad_constant(input, &pad_, value.unwrap_or(0.0))
}
