//! Diagonals, pieces, turns: compositions of views, and copies with a view of them overwritten.

use super::registry::{Arg, FromArg, Ints, Sample, Values};
use super::{convert, inplace, join, reduce, view};
use crate::array::{Array, DType, Scalar, Shape, normalize_axis};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

/// A copy of `input` in which the view that `part` takes holds `source`.
fn with_part(
    op: &str,
    input: &Tensor,
    source: &Tensor,
    part: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let out = convert::clone(input)?;
    let part = part(&out)?;
    if part.shape() != source.shape() {
        fail!(
            Shape,
            "{op}: expected src to have the size of the part that it replaces, {:?}, got {:?}",
            &part.shape()[..],
            &source.shape()[..]
        );
    }
    inplace::assign("copy", &part, source)?;
    Ok(out)
}

fn select_scatter_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).tensor(&[3]).arg(1).arg(-2),
        Sample::new().tensor(&[3]).tensor(&[]).arg(0).arg(1),
    ]
}

/// `input` with `src` in place of element `index` of axis `dim`, copied; `src` has the shape of
/// `input.select(dim, index)`.
/// Raises: IndexError if `dim` or `index` is out of range; RuntimeError if the shape of `src` does not fit.
///
/// >>> rt.select_scatter(rt.zeros(2, 3), rt.tensor([1.0, 2.0, 3.0]), dim=0, index=1)
/// tensor([[0., 0., 0.],
///         [1., 2., 3.]])
#[op(at = [rutile, Tensor], sig = (input, src, dim, index), samples = select_scatter_samples, complex)]
pub fn select_scatter(input: &Tensor, src: &Tensor, dim: i64, index: i64) -> Result<Tensor> {
    with_part("select_scatter", input, src, |out| view::select(out, dim, index))
}

fn slice_scatter_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 3]).tensor(&[2, 3]).kw("start", 1).kw("end", 3),
        Sample::new().tensor(&[2, 5]).tensor(&[2, 3]).kw("dim", 1).kw("step", 2),
    ]
}

/// `input` with `src` in place of `start:end:step` along axis `dim`, copied; `src` has the shape of that slice.
/// Raises: IndexError if `dim` is out of range; RuntimeError if the shape of `src` does not fit.
///
/// >>> rt.slice_scatter(rt.zeros(5), rt.tensor([1.0, 2.0]), start=1, end=5, step=2)
/// tensor([0., 1., 0., 2., 0.])
#[op(at = [rutile, Tensor], sig = (input, src, dim=0, start=None, end=None, step=1), samples = slice_scatter_samples, complex)]
pub fn slice_scatter(
    input: &Tensor,
    src: &Tensor,
    dim: i64,
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
) -> Result<Tensor> {
    with_part("slice_scatter", input, src, |out| {
        let axis = normalize_axis("slice_scatter", dim, out.ndim())?;
        super::brackets::slice(out, axis, start, end, Some(step))
    })
}

fn diagonal_scatter_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[3]), Sample::new().tensor(&[3, 3]).tensor(&[2]).kw("offset", 1)]
}

/// `input` with `src` on the diagonal of axes `dim1` and `dim2`, `offset` places above the main one, copied; `src` has
/// the shape of `input.diagonal(offset, dim1, dim2)`.
/// Raises: IndexError if an axis is out of range; RuntimeError if the shape of `src` does not fit.
///
/// >>> rt.diagonal_scatter(rt.zeros(3, 3), rt.tensor([1.0, 2.0]), offset=1)
/// tensor([[0., 1., 0.],
///         [0., 0., 2.],
///         [0., 0., 0.]])
#[op(at = [rutile, Tensor], sig = (input, src, offset=0, dim1=0, dim2=1), samples = diagonal_scatter_samples, complex)]
pub fn diagonal_scatter(input: &Tensor, src: &Tensor, offset: i64, dim1: i64, dim2: i64) -> Result<Tensor> {
    with_part("diagonal_scatter", input, src, |out| view::diagonal(out, offset, dim1, dim2))
}

fn as_strided_scatter_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]).tensor(&[2, 3]).arg([2, 3]).arg([1, 2])]
}

/// `input` with `src` in place of a window of the given size, strides and offset (in elements, as for `as_strided`),
/// copied; `src` has shape `size`.
/// Raises: RuntimeError if the shape of `src` is not `size`, or the window reaches outside.
///
/// >>> rt.as_strided_scatter(rt.zeros(2, 3), rt.tensor([1.0, 2.0]), size=(2,), stride=(2,))
/// tensor([[1., 0., 2.],
///         [0., 0., 0.]])
#[op(at = [rutile, Tensor], sig = (input, src, size, stride, storage_offset=None), samples = as_strided_scatter_samples, complex)]
pub fn as_strided_scatter(
    input: &Tensor,
    src: &Tensor,
    size: Ints,
    stride: Ints,
    storage_offset: Option<usize>,
) -> Result<Tensor> {
    with_part("as_strided_scatter", input, src, |out| view::as_strided(out, size, stride, storage_offset))
}

// ---- diagonals ----

fn diag_embed_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3]),
        Sample::new().tensor(&[2, 3]).kw("offset", 1),
        Sample::new().tensor(&[2, 3]).kw("offset", -1).kw("dim1", 0).kw("dim2", 2),
        Sample::new().tensor(&[0]),
    ]
}

/// Matrices on axes `dim1` and `dim2` of the result, with the last axis of `input` on their diagonals, `offset` places
/// above the main one: (..., n) gives (..., n + |offset|, n + |offset|).
/// Raises: ValueError if `dim1` and `dim2` are the same axis.
///
/// >>> rt.diag_embed(rt.tensor([1, 2]), offset=1)
/// tensor([[0, 1, 0],
///         [0, 0, 2],
///         [0, 0, 0]])
#[op(at = [rutile, Tensor], sig = (input, offset=0, dim1=-2, dim2=-1), samples = diag_embed_samples, complex)]
pub fn diag_embed(input: &Tensor, offset: i64, dim1: i64, dim2: i64) -> Result<Tensor> {
    let shape = input.shape();
    let ndim = shape.len() + 1;
    let a = normalize_axis("diag_embed", dim1, ndim)?;
    let b = normalize_axis("diag_embed", dim2, ndim)?;
    let Some((&last, rest)) = shape.split_last() else {
        fail!(Shape, "diag_embed: a 0-d tensor has no axis to put on a diagonal");
    };
    if a == b {
        fail!(Value, "diag_embed: diagonal dimensions cannot be identical {dim1}, {dim2}");
    }
    let side = last + offset.unsigned_abs() as usize;
    let mut rest = rest.iter().copied();
    let out: Shape =
        (0..ndim).map(|axis| if axis == a || axis == b { side } else { rest.next().unwrap_or(1) }).collect();
    let out = Tensor::from(convert::zeros(input.dtype(), &out));
    inplace::assign("copy", &view::diagonal(&out, offset, a as i64, b as i64)?, input)?;
    Ok(out)
}

fn diag_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3]),
        Sample::new().tensor(&[3]).kw("diagonal", -1),
        Sample::new().tensor(&[3, 4]).kw("diagonal", 1),
        Sample::new().tensor(&[2, 2]),
    ]
}

/// A matrix with the vector `input` on its diagonal, `diagonal` places above the main one; of a matrix that diagonal,
/// copied.
/// Raises: RuntimeError unless `input` is 1-d or 2-d.
///
/// >>> rt.diag(rt.tensor([1, 2]))
/// tensor([[1, 0],
///         [0, 2]])
/// >>> rt.diag(rt.tensor([[1, 2], [3, 4]]), 1)
/// tensor([2])
#[op(at = [rutile, Tensor], sig = (input, diagonal=0), samples = diag_samples, complex)]
pub fn diag(input: &Tensor, diagonal: i64) -> Result<Tensor> {
    match input.ndim() {
        1 => diag_embed(input, diagonal, 0, 1),
        2 => convert::clone(&view::diagonal(input, diagonal, 0, 1)?),
        n => fail!(Shape, "diag: takes a vector or a matrix, got {n} axes: {:?}", &input.shape()[..]),
    }
}

fn diagflat_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3]), Sample::new().tensor(&[2, 2]).kw("offset", 1), Sample::new().tensor(&[])]
}

/// A matrix with all elements of `input` on its diagonal, `offset` places above the main one.
///
/// >>> rt.diagflat(rt.tensor([[1], [2]]))
/// tensor([[1, 0],
///         [0, 2]])
#[op(at = [rutile, Tensor], sig = (input, offset=0), samples = diagflat_samples, complex)]
pub fn diagflat(input: &Tensor, offset: i64) -> Result<Tensor> {
    diag_embed(&view::reshape_to(input, &[input.len()])?, offset, 0, 1)
}

fn fill_diagonal_samples() -> Vec<Sample> {
    let values = Values::Constant(-2.0, 2.0);
    vec![
        Sample::new().values(&[3, 4], values).arg(1.5),
        Sample::new().values(&[7, 2], values).arg(1.5).kw("wrap", true),
        Sample::new().values(&[3, 3, 3], values).arg(2.0),
    ]
}

/// Writes `fill_value` on the main diagonal of the tensor itself, of more than two axes where all indices are equal;
/// `wrap` begins it anew below the square of a tall matrix.
/// Raises: RuntimeError if it is not a matrix and has not the same length along all axes.
///
/// >>> rt.zeros(4, 2).fill_diagonal_(1, wrap=True)
/// tensor([[1., 0.],
///         [0., 1.],
///         [0., 0.],
///         [1., 0.]])
#[op(at = [Tensor], sig = (input, fill_value, wrap=false), samples = fill_diagonal_samples, no_grad, complex)]
pub fn fill_diagonal_(input: &Tensor, fill_value: Scalar, wrap: bool) -> Result<Tensor> {
    let array = input.array();
    let (shape, ndim) = (array.shape(), array.ndim());
    if ndim < 2 || (ndim > 2 && shape.iter().any(|&n| n != shape[0])) {
        fail!(Shape, "fill_diagonal_: takes a matrix, or more axes of one length, got {shape:?}");
    }
    let least = shape.iter().copied().min().unwrap_or(0);
    let step: isize = array.strides().iter().sum();
    let mut parts = vec![(0, least)];
    if wrap && ndim == 2 {
        let (rows, columns) = (shape[0], shape[1]);
        parts.extend((columns + 1..rows).step_by(columns + 1).map(|row| (row, columns.min(rows - row))));
    }
    let value = Tensor::from(Array::wrapped(fill_value));
    for (row, len) in parts {
        let offset = array.offset() as isize + row as isize * array.strides()[0];
        let (len, stride) = (Ints::from_elem(len as i64, 1), Ints::from_elem(step as i64, 1));
        inplace::assign("fill", &view::as_strided(input, len, stride, Some(offset as usize))?, &value)?;
    }
    Ok(input.clone())
}

// ---- pieces ----

fn tensor_split_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[7, 2]).arg(3),
        Sample::new().tensor(&[2, 5]).arg([1, 4]).kw("dim", 1),
        Sample::new().tensor(&[5]).arg([3, 2, 9]),
        Sample::new().tensor(&[5]).arg([-2]),
    ]
}

/// Pieces along axis `dim`, views: a number of them, as equal as can be (the first ones are longer by one), or cut
/// before the given indices.
/// Raises: ValueError if the number is not positive; RuntimeError for a 0-d tensor.
///
/// >>> rt.tensor_split(rt.arange(5), 2)
/// (tensor([0, 1, 2]), tensor([3, 4]))
/// >>> rt.tensor_split(rt.arange(5), (1, 3))
/// (tensor([0]), tensor([1, 2]), tensor([3, 4]))
#[op(at = [rutile, Tensor], sig = (input, indices_or_sections, dim=0), samples = tensor_split_samples, complex)]
pub fn tensor_split(input: &Tensor, indices_or_sections: Arg, dim: i64) -> Result<Vec<Tensor>> {
    let shape = input.shape();
    let axis = normalize_axis("tensor_split", dim, shape.len())?;
    let Some(&n) = shape.get(axis) else {
        fail!(Shape, "tensor_split: expected at least a 1-dimensional tensor, but got a 0-d one");
    };
    let sections = match &indices_or_sections {
        Arg::Int(sections) => Some(*sections),
        Arg::Tensor(tensor) if tensor.ndim() == 0 && tensor.dtype().is_int() => Some(tensor.array().item().to_i64()),
        _ => None,
    };
    let cuts: Vec<usize> = match (sections, indices_or_sections) {
        (Some(sections), _) if sections > 0 => {
            let sections = sections as usize;
            let mut cuts = Vec::new();
            if cuts.try_reserve_exact(sections).is_err() {
                fail!(Memory, "tensor_split: can't allocate memory for {sections} tensors");
            }
            cuts.extend((1..sections).map(|i| i * (n / sections) + i.min(n % sections)));
            cuts
        }
        (Some(sections), _) => fail!(Value, "tensor_split: number of sections must be larger than 0, got {sections}"),
        (None, Arg::Tensor(tensor)) if tensor.ndim() == 1 && tensor.dtype().is_int() => {
            let cuts = convert::plain(&tensor.array(), DType::I64);
            cuts.slice::<i64>().iter().map(|&cut| clamped(cut, n)).collect()
        }
        (None, other) => match Ints::from_arg(other) {
            Ok(cuts) => cuts.iter().map(|&cut| clamped(cut, n)).collect(),
            Err(_) => fail!(Type, "tensor_split: indices_or_sections must be an int, ints, or an integer tensor"),
        },
    };
    let ends = cuts.iter().copied().chain([n]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| view::slice_axis(input, axis, start, end.saturating_sub(start), 1)).collect()
}

fn clamped(cut: i64, n: usize) -> usize {
    (if cut < 0 { cut + n as i64 } else { cut }).clamp(0, n as i64) as usize
}

/// `tensor_split` where a number of sections must divide the axis.
fn even_split(op: &str, input: &Tensor, sections: Arg, axis: usize) -> Result<Vec<Tensor>> {
    let shape = input.shape();
    let Some(&n) = shape.get(axis) else {
        fail!(Shape, "{op}: requires a tensor with at least {} dimension(s), got {:?}", axis + 1, &shape[..]);
    };
    if let Arg::Int(count) = sections
        && (count <= 0 || n as i64 % count != 0)
    {
        fail!(Shape, "{op}: {count} sections do not divide axis {axis} of {:?}", &shape[..]);
    }
    tensor_split(input, sections, axis as i64)
}

fn hsplit_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 4]).arg(2),
        Sample::new().tensor(&[6]).arg(3),
        Sample::new().tensor(&[2, 5]).arg([1, 4]),
    ]
}

/// Pieces side by side, views: along axis 1, or axis 0 of vectors. A number of equal ones, or cut before the given
/// indices.
/// Raises: RuntimeError if the number does not divide the length, or `input` is 0-d.
///
/// >>> rt.hsplit(rt.tensor([[1, 2, 3, 4]]), 2)
/// (tensor([[1, 2]]), tensor([[3, 4]]))
#[op(at = [rutile, Tensor], sig = (input, indices_or_sections), samples = hsplit_samples, complex)]
pub fn hsplit(input: &Tensor, indices_or_sections: Arg) -> Result<Vec<Tensor>> {
    even_split("hsplit", input, indices_or_sections, usize::from(input.ndim() > 1))
}

fn vsplit_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[4, 2]).arg(2), Sample::new().tensor(&[5, 2]).arg([1, 4])]
}

/// Pieces one below the other, views: along axis 0. A number of equal ones, or cut before the given indices.
/// Raises: RuntimeError if the number does not divide the length, or `input` has fewer than two axes.
///
/// >>> rt.vsplit(rt.tensor([[1, 2], [3, 4]]), 2)
/// (tensor([[1, 2]]), tensor([[3, 4]]))
#[op(at = [rutile, Tensor], sig = (input, indices_or_sections), samples = vsplit_samples, complex)]
pub fn vsplit(input: &Tensor, indices_or_sections: Arg) -> Result<Vec<Tensor>> {
    if input.ndim() < 2 {
        fail!(Shape, "vsplit: requires a tensor with at least 2 dimensions, got {:?}", &input.shape()[..]);
    }
    even_split("vsplit", input, indices_or_sections, 0)
}

fn dsplit_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[1, 2, 4]).arg(2), Sample::new().tensor(&[1, 2, 5]).arg([1, 4])]
}

/// Pieces one behind the other, views: along axis 2. A number of equal ones, or cut before the given indices.
/// Raises: RuntimeError if the number does not divide the length, or `input` has fewer than three axes.
///
/// >>> [part.shape for part in rt.dsplit(rt.zeros(2, 3, 4), [1])]
/// [rutile.Size([2, 3, 1]), rutile.Size([2, 3, 3])]
#[op(at = [rutile, Tensor], sig = (input, indices_or_sections), samples = dsplit_samples, complex)]
pub fn dsplit(input: &Tensor, indices_or_sections: Arg) -> Result<Vec<Tensor>> {
    even_split("dsplit", input, indices_or_sections, 2)
}

fn split_with_sizes_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[5, 2]).arg([2, 3]), Sample::new().tensor(&[2, 5]).arg([1, 0, 4]).kw("dim", 1)]
}

/// Pieces of the given lengths along axis `dim`, views.
/// Raises: RuntimeError if the lengths do not sum to that of the axis.
///
/// >>> rt.split_with_sizes(rt.arange(4), [1, 3])
/// (tensor([0]), tensor([1, 2, 3]))
#[op(at = [rutile, Tensor], alias = [unsafe_split_with_sizes], sig = (input, split_sizes, dim=0), samples = split_with_sizes_samples, complex)]
pub fn split_with_sizes(input: &Tensor, split_sizes: Ints, dim: i64) -> Result<Vec<Tensor>> {
    view::split(input, Arg::Ints(split_sizes), dim)
}

fn narrow_copy_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 5]).arg(1).arg(1).arg(3)]
}

/// Elements `start` to `start + length` of axis `dim`, copied; `narrow` gives a view.
/// Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements.
///
/// >>> rt.narrow_copy(rt.arange(5), 0, 1, 3)
/// tensor([1, 2, 3])
#[op(at = [rutile, Tensor], sig = (input, dim, start, length), samples = narrow_copy_samples, complex)]
pub fn narrow_copy(input: &Tensor, dim: i64, start: i64, length: usize) -> Result<Tensor> {
    convert::clone(&view::narrow(input, dim, start, length)?)
}

// ---- axes ----

fn flat_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]), Sample::new().tensor(&[]), Sample::new().tensor(&[0, 2])]
}

/// All elements in row-major order along one axis. A view if strides allow, else a copy.
///
/// >>> rt.ravel(rt.tensor([[1, 2], [3, 4]]))
/// tensor([1, 2, 3, 4])
#[op(at = [rutile, Tensor], sig = (input), samples = flat_samples, complex)]
pub fn ravel(input: &Tensor) -> Result<Tensor> {
    if input.ndim() == 1 { convert::contiguous(input) } else { view::reshape_to(input, &[input.len()]) }
}

fn rot90_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]),
        Sample::new().tensor(&[2, 3]).arg(2),
        Sample::new().tensor(&[2, 3, 4]).arg(-1).arg([1, 2]),
        Sample::new().tensor(&[2, 2]).arg(4),
    ]
}

/// The plane of axes `dims` (by default the first two) turned by `k` quarters, from the first axis towards the second,
/// copied.
/// Raises: IndexError if an axis is out of range; RuntimeError if they are not two different ones.
///
/// >>> rt.rot90(rt.tensor([[1, 2], [3, 4]]))
/// tensor([[2, 4],
///         [1, 3]])
#[op(at = [rutile, Tensor], sig = (input, k=1, dims=None), samples = rot90_samples, complex)]
pub fn rot90(input: &Tensor, k: i64, dims: Option<Ints>) -> Result<Tensor> {
    let dims = dims.unwrap_or_else(|| Ints::from_slice(&[0, 1]));
    let [a, b] = dims[..] else {
        fail!(Shape, "rot90: expected total rotation dims == 2, but got {}", dims.len());
    };
    if input.ndim() < 2 {
        fail!(Shape, "rot90: expected total dims >= 2, but got {:?}", &input.shape()[..]);
    }
    let (first, second) = (normalize_axis("rot90", a, input.ndim())?, normalize_axis("rot90", b, input.ndim())?);
    if first == second {
        fail!(Shape, "rot90: expected two different axes, got {a} and {b}");
    }
    let one = |axis| Ints::from_elem(axis, 1);
    match k.rem_euclid(4) {
        0 => convert::clone(input),
        1 => view::transpose(&join::flip(input, one(b))?, a, b),
        2 => join::flip(input, dims),
        _ => join::flip(&view::transpose(input, a, b)?, one(b)),
    }
}

fn flip_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]), Sample::new().tensor(&[2, 3, 2])]
}

/// The columns (axis 1) in reverse order, copied.
/// Raises: RuntimeError if `input` has fewer than two axes.
///
/// >>> rt.fliplr(rt.tensor([[1, 2], [3, 4]]))
/// tensor([[2, 1],
///         [4, 3]])
#[op(at = [rutile, Tensor], sig = (input), samples = flip_samples, complex)]
pub fn fliplr(input: &Tensor) -> Result<Tensor> {
    if input.ndim() < 2 {
        fail!(Shape, "fliplr: Input must be >= 2-d, got {:?}", &input.shape()[..]);
    }
    join::flip(input, Ints::from_elem(1, 1))
}

/// The rows (axis 0) in reverse order, copied.
/// Raises: RuntimeError for a 0-d tensor.
///
/// >>> rt.flipud(rt.tensor([[1, 2], [3, 4]]))
/// tensor([[3, 4],
///         [1, 2]])
#[op(at = [rutile, Tensor], sig = (input), samples = flip_samples, complex)]
pub fn flipud(input: &Tensor) -> Result<Tensor> {
    if input.ndim() < 1 {
        fail!(Shape, "flipud: Input must be >= 1-d, got a 0-d tensor");
    }
    join::flip(input, Ints::from_elem(0, 1))
}

fn column_stack_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensors(&[&[3], &[3]]),
        Sample::new().tensors(&[&[3, 2], &[3]]),
        Sample::new().tensors(&[&[], &[]]),
    ]
}

/// The tensors side by side along axis 1, vectors (n) and numbers as columns (n, 1).
/// Raises: RuntimeError if the other axes differ.
///
/// >>> rt.column_stack([rt.tensor([1, 2]), rt.tensor([[3, 4], [5, 6]])])
/// tensor([[1, 3, 4],
///         [2, 5, 6]])
#[op(at = [rutile], sig = (tensors), samples = column_stack_samples, complex)]
pub fn column_stack(tensors: &[Tensor]) -> Result<Tensor> {
    let columns: Vec<Tensor> = tensors
        .iter()
        .map(|t| if t.ndim() < 2 { view::reshape_to(t, &[t.len(), 1]) } else { Ok(t.clone()) })
        .collect::<Result<_>>()?;
    join::hstack(&columns)
}

fn sum_to_size_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).arg([1, 3]), Sample::new().tensor(&[2, 3, 4]).arg([3, 1])]
}

/// The sum over the axes along which a tensor of shape `size` would be broadcast to that of `input`; the result has
/// shape `size`.
/// Raises: RuntimeError if `size` does not broadcast to the shape of `input`.
///
/// >>> rt.ones(3, 2).sum_to_size(1, 2)
/// tensor([[3., 3.]])
#[op(at = [Tensor], sig = (input, *size), samples = sum_to_size_samples, complex)]
pub fn sum_to_size(input: &Tensor, size: Ints) -> Result<Tensor> {
    let (from, to) = (input.shape(), super::create::shape_of("sum_to_size", &size)?);
    let fits = to.len() <= from.len() && to.iter().rev().zip(from.iter().rev()).all(|(&t, &f)| t == f || t == 1);
    if !fits {
        fail!(Shape, "size {:?} is not expandable to size {:?}.", &to[..], &from[..]);
    }
    reduce::sum_to(input, &to)
}

// ---- new tensors ----

fn triangle_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(3).arg(4),
        Sample::new().arg(4).arg(2).kw("offset", 1),
        Sample::new().arg(3).arg(3).kw("offset", -1).kw("dtype", DType::I32),
        Sample::new().arg(0).arg(3),
    ]
}

fn triangle(op: &str, row: usize, col: usize, dtype: Option<DType>, keep: impl Fn(i64) -> bool) -> Result<Tensor> {
    let shape = super::create::shape_of(op, &[row as i64, col as i64])?;
    let places = (0..shape[0]).flat_map(|i| (0..shape[1]).map(move |j| (i as i64, j as i64)));
    let kept: Vec<(i64, i64)> = places.filter(|(i, j)| keep(j - i)).collect();
    let both: Vec<i64> = kept.iter().map(|p| p.0).chain(kept.iter().map(|p| p.1)).collect();
    let out = Array::from_slice(&both, &[2, kept.len()]);
    Ok(Tensor::from(convert::cast(&out, dtype.unwrap_or(DType::I64))))
}

/// The indices (2, count) of the lower triangle of a `row` x `col` matrix, row by row; diagonal `offset` is the last
/// kept.
///
/// >>> rt.tril_indices(3, 3)
/// tensor([[0, 1, 1, 2, 2, 2],
///         [0, 0, 1, 0, 1, 2]])
#[op(at = [rutile], sig = (row, col, offset=0, *, dtype=None, device=None, layout=None), samples = triangle_samples, no_grad)]
pub fn tril_indices(
    row: usize,
    col: usize,
    offset: i64,
    dtype: Option<DType>,
    device: Arg,
    layout: Arg,
) -> Result<Tensor> {
    super::create::check_layout("tril_indices", &layout)?;
    super::create::check_device("tril_indices", &device)?;
    triangle("tril_indices", row, col, dtype, |distance| distance <= offset)
}

/// The indices (2, count) of the upper triangle of a `row` x `col` matrix, row by row; diagonal `offset` is the first
/// kept.
///
/// >>> rt.triu_indices(3, 3, offset=1)
/// tensor([[0, 0, 1],
///         [1, 2, 2]])
#[op(at = [rutile], sig = (row, col, offset=0, *, dtype=None, device=None, layout=None), samples = triangle_samples, no_grad)]
pub fn triu_indices(
    row: usize,
    col: usize,
    offset: i64,
    dtype: Option<DType>,
    device: Arg,
    layout: Arg,
) -> Result<Tensor> {
    super::create::check_layout("triu_indices", &layout)?;
    super::create::check_device("triu_indices", &device)?;
    triangle("triu_indices", row, col, dtype, |distance| distance >= offset)
}

fn unravel_samples() -> Vec<Sample> {
    vec![
        Sample::new().values(&[5], Values::Int(0, 12)).arg([3, 4]),
        Sample::new().values(&[2, 2], Values::Int(0, 24)).arg([2, 3, 4]),
    ]
}

/// Indices of a flattened tensor of shape `shape` as a tuple of index tensors, one an axis, each in the shape of
/// `indices`.
///
/// >>> rt.unravel_index(rt.tensor([0, 4, 5]), (2, 3))
/// (tensor([0, 1, 1]), tensor([0, 1, 2]))
#[op(at = [rutile], sig = (indices, shape), samples = unravel_samples, no_grad)]
pub fn unravel_index(indices: &Tensor, shape: Ints) -> Result<Vec<Tensor>> {
    let extents = super::create::shape_of("unravel_index", &shape)?;
    let array = indices.array();
    if !array.dtype().is_int() {
        fail!(DType, "unravel_index: expected 'indices' to be integer dtype, got {}", array.dtype());
    }
    if extents.contains(&0) {
        fail!(Shape, "unravel_index: shape {shape:?} has no elements to point at");
    }
    let places = convert::plain(&array, DType::I64);
    let mut columns = Vec::with_capacity(extents.len());
    let mut inner = 1;
    for &n in extents.iter().rev() {
        let column: Vec<i64> =
            places.slice::<i64>().iter().map(|at| (at / inner).rem_euclid(n.max(1) as i64)).collect();
        columns.push(Tensor::from(Array::from_slice(&column, array.shape())));
        inner *= n.max(1) as i64;
    }
    columns.reverse();
    Ok(columns)
}

fn logspace_samples() -> Vec<Sample> {
    vec![
        Sample::new().arg(-1.0).arg(2.0).arg(4),
        Sample::new().arg(0).arg(3).arg(4).kw("base", 2.0).kw("dtype", DType::F64),
        Sample::new().arg(0).arg(1).arg(0),
    ]
}

/// `base` to the power of `steps` evenly spaced numbers from `start` to `end`, both included: (steps).
/// Raises: ValueError if `steps` is negative.
///
/// >>> rt.logspace(0, 3, steps=4, base=2)
/// tensor([1., 2., 4., 8.])
#[op(at = [rutile], sig = (start, end, steps, base=10.0, *, dtype=None, device=None, requires_grad=false), samples = logspace_samples, no_grad)]
pub fn logspace(
    start: f64,
    end: f64,
    steps: usize,
    base: f64,
    dtype: Option<DType>,
    device: Arg,
    requires_grad: bool,
) -> Result<Tensor> {
    let exponents = super::create::linspace(start, end, steps, Some(DType::F64), device, false)?.array();
    let powers: Vec<f64> = exponents.slice::<f64>().iter().map(|&e| base.powf(e)).collect();
    let out = Array::from_slice(&powers, &[steps]);
    super::create::finish(convert::cast(&out, dtype.unwrap_or_else(DType::default_float)), requires_grad)
}
