//! Views: other shapes and strides for the same bytes. Every view's derivative is a view or its inverse.

use super::convert;
use super::registry::{Ints, Sample};
use crate::array::{Array, Scalar, Shape, Strides, normalize_axes, normalize_axis};
use crate::autograd::mode::Guard;
use crate::autograd::{Edge, Tensor, record, record_view, tracked, view_of};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::{Element, map};
use rutile_macros::op;

// ---- windows: the general view, and what in-place writes through views need ----

/// Where a window lies in its base.
#[derive(Clone)]
struct Window {
    base_shape: Shape,
    base_strides: Strides,
    shape: Shape,
    strides: Strides,
    /// From the first element of the base, in elements.
    start: isize,
    /// Which of base and window are complex, if one is and the other shows its parts: that one is described by its parts.
    by_parts: (bool, bool),
}

/// An array by its parts where a [`Window`] describes it so.
fn taken_apart(array: &Array, by_parts: bool) -> Array {
    if by_parts { array.parts() } else { array.clone() }
}

/// The inverse of [`taken_apart`].
fn joined(array: Array, by_parts: bool) -> Array {
    if by_parts { array.joined().expect("parts lie in pairs") } else { array }
}

impl Window {
    fn new(base: &Array, window: &Array) -> Window {
        let complex = (base.dtype().is_complex(), window.dtype().is_complex());
        let by_parts = (complex.0 && !complex.1, complex.1 && !complex.0);
        let (base, window) = (taken_apart(base, by_parts.0), taken_apart(window, by_parts.1));
        Window {
            by_parts,
            base_shape: base.shape().into(),
            base_strides: base.strides().into(),
            shape: window.shape().into(),
            strides: window.strides().into(),
            start: window.offset() as isize - base.offset() as isize,
        }
    }

    /// First and last element (inclusive) that base and window reach, counted from the base's first element.
    fn span(&self) -> (isize, isize) {
        let reach = |start: isize, shape: &[usize], strides: &[isize]| {
            shape.iter().zip(strides).fold((start, start), |(low, high), (&n, &stride)| {
                let far = (n.max(1) as isize - 1) * stride;
                (low + far.min(0), high + far.max(0))
            })
        };
        let base = reach(0, &self.base_shape, &self.base_strides);
        let window = if self.shape.contains(&0) { base } else { reach(self.start, &self.shape, &self.strides) };
        (base.0.min(window.0), base.1.max(window.1))
    }

    /// A zeroed buffer of the base's extent, with the base and the window as arrays on it.
    fn buffer(&self, dtype: crate::array::DType) -> (Array, Array) {
        let (low, high) = self.span();
        let apart = self.by_parts.0 || self.by_parts.1;
        // Pairs begin at even places.
        let (low, dtype) = if apart { (low - low.rem_euclid(2), dtype.real()) } else { (low, dtype) };
        let flat = convert::zeros(dtype, &[(high - low + 1) as usize]);
        let base = flat.window(self.base_shape.clone(), self.base_strides.clone(), (-low) as usize);
        let window = flat.window(self.shape.clone(), self.strides.clone(), (self.start - low) as usize);
        (joined(base, self.by_parts.0), joined(window, self.by_parts.1))
    }
}

/// `g`, of the window's shape, at its place in zeros of the base's shape; overlapping places add up.
fn embed(g: &Tensor, place: &Window) -> Result<Tensor> {
    let source = g.array();
    let (base, window) = place.buffer(source.dtype());
    if overlaps(&window) {
        add_one_by_one(&source, &window);
    } else {
        convert::copy_into(&source, &window);
    }
    let place = place.clone();
    Ok(record("embed", base, &[g], move |g, grads| grads.push(|| extract(g, &place))))
}

/// The window of `g`, which has the base's shape: the inverse of [`embed`].
fn extract(g: &Tensor, place: &Window) -> Result<Tensor> {
    let source = g.array();
    let (base, window) = place.buffer(source.dtype());
    convert::copy_into(&source, &base);
    let place = place.clone();
    Ok(record("extract", window, &[g], move |g, grads| grads.push(|| embed(g, &place))))
}

/// `g`, of the base's shape, with zeros in the window.
fn erase(g: &Tensor, place: &Window) -> Result<Tensor> {
    let source = g.array();
    let (base, window) = place.buffer(source.dtype());
    convert::copy_into(&source, &base);
    convert::fill(&window, Scalar::Int(0));
    let place = place.clone();
    Ok(record("erase", base, &[g], move |g, grads| grads.push(|| erase(g, &place))))
}

/// Whether two indices may reach the same element (says yes in doubt).
fn overlaps(array: &Array) -> bool {
    let mut axes: Vec<(usize, usize)> = array
        .shape()
        .iter()
        .zip(array.strides())
        .filter(|(n, _)| **n > 1)
        .map(|(&n, &stride)| (stride.unsigned_abs(), n))
        .collect();
    axes.sort_unstable();
    let mut reach = 0;
    axes.iter().any(|&(stride, n)| {
        let clash = stride <= reach;
        reach += stride * (n - 1);
        clash
    })
}

fn add_one_by_one(source: &Array, target: &Array) {
    if source.dtype().is_complex() {
        return add_one_by_one(&source.parts(), &target.parts());
    }
    // Rows of the last axis one after the other: only within a row could places meet, and there `zip` runs in order
    // on one element at a time.
    with_dtype!(source.dtype(), T => {
        let source = convert::contiguous_array(source);
        for (i, &value) in source.slice::<T>().iter().enumerate() {
            let mut rest = i;
            let mut at = target.clone();
            for axis in (0..source.ndim()).rev() {
                at = at.select(axis, rest % source.shape()[axis]);
                rest /= source.shape()[axis];
            }
            let one = at.view_mut::<T>();
            map::each(at.view::<T>(), one, move |old: T| T::from_f64(old.to_f64() + value.to_f64()));
        }
    });
}

/// The history of a view after its base was written: a window on the base's new value.
fn refresh(base: &Tensor, window: &Array) -> Edge {
    // Also where nothing else is recorded: the walk back itself may be the first to ask.
    let _recording = Guard::new(true);
    let place = Window::new(&base.array(), window);
    let out = record("as_strided", window.clone(), &[base], move |g, grads| grads.push(|| embed(g, &place)));
    out.edge().unwrap_or_else(|| Edge::Leaf(out))
}

/// The history of `base` after `part`, a window on it, was written.
pub fn written(base: &Tensor, part: &Tensor) -> Option<Edge> {
    let place = Window::new(&base.array(), &part.array());
    let out = record("copy_slices", base.array(), &[base, part], move |g, grads| {
        grads.push(|| erase(g, &place))?;
        grads.push(|| extract(g, &place))
    });
    out.edge()
}

/// Records a view; `inverse` takes the gradient back to the base's shape.
pub(super) fn view<F>(name: &'static str, base: &Tensor, out: Array, inverse: F) -> Tensor
where
    F: Fn(&Tensor) -> Result<Tensor> + Send + Sync + 'static,
{
    record_view(name, base, out, refresh, move |g, grads| grads.push(|| inverse(g)))
}

/// Records a window that `open` cuts out of an array.
pub(super) fn windowed(name: &'static str, input: &Tensor, open: impl Fn(&Array) -> Array) -> Tensor {
    let array = input.array();
    let out = open(&array);
    if !tracked([input]) {
        return view_of(input, out, refresh);
    }
    // Where elements of the base share memory (expanded ones), the gradient's place is that in a base whose do not.
    let place = if overlaps(&array) {
        let apart = Array::uninit(array.dtype(), array.shape());
        Window::new(&apart, &open(&apart))
    } else {
        Window::new(&array, &out)
    };
    view(name, input, out, move |g| embed(g, &place))
}

// ---- shapes ----

/// The same elements under another shape: a view if strides allow, else a copy.
pub fn reshape_to(input: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let array = input.array();
    match array.reshape(shape) {
        Some(out) => {
            let old: Shape = array.shape().into();
            Ok(view("view", input, out, move |g| reshape_to(g, &old)))
        }
        None => reshape_to(&convert::clone(input)?, shape),
    }
}

/// Resolves one -1 and checks that the number of elements stays the same.
fn complete(op: &str, len: usize, sizes: &[i64]) -> Result<Shape> {
    let unknown = sizes.iter().filter(|&&n| n == -1).count();
    if unknown > 1 || sizes.iter().any(|&n| n < -1) {
        fail!(Value, "{op}: only one dimension can be inferred, and sizes are not negative, got {sizes:?}");
    }
    // A product that wraps around would pass for another one.
    let product = sizes.iter().filter(|&&n| n != -1).try_fold(1_i64, |product, &n| product.checked_mul(n));
    let known = product.unwrap_or(i64::MAX);
    let inferred = if known > 0 { len as i64 / known } else { 0 };
    let fits = if unknown == 1 { known > 0 && inferred * known == len as i64 } else { known == len as i64 };
    if !fits {
        fail!(Shape, "{op}: shape '{sizes:?}' is invalid for input of size {len}");
    }
    Ok(sizes.iter().map(|&n| if n == -1 { inferred } else { n } as usize).collect())
}

fn reshape_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg([2, 6]),
        Sample::new().tensor(&[2, 3, 4]).arg([-1, 4]),
        Sample::new().tensor(&[1]).arg([0; 0]),
        Sample::new().tensor(&[0, 3]).arg([3, 0]),
    ]
}

/// The same elements in row-major order under another shape; one size may be -1. A view if strides allow, else a copy.
/// Raises: RuntimeError if the numbers of elements differ; ValueError for several -1.
///
/// >>> rt.reshape(rt.arange(6), (2, -1))
/// tensor([[0, 1, 2],
///         [3, 4, 5]])
#[op(at = [rutile, Tensor], sig = (input, *shape), samples = reshape_samples, complex)]
pub fn reshape(input: &Tensor, shape: Ints) -> Result<Tensor> {
    reshape_to(input, &complete("reshape", input.len(), &shape)?)
}

/// As `reshape`, but never a copy: an error if strides do not allow a view.
#[op(name = "view", at = [], sig = (input, *shape), samples = reshape_samples, complex)]
pub fn view_as_shape(input: &Tensor, shape: Ints) -> Result<Tensor> {
    let array = input.array();
    let shape = complete("view", array.len(), &shape)?;
    if array.reshape(&shape).is_none() {
        fail!(
            Shape,
            "view: size {:?} is not compatible with input tensor's size {:?} and stride {:?} (at least one dimension \
             spans across two contiguous subspaces). Use .reshape(...) instead.",
            &shape[..],
            array.shape(),
            array.strides()
        );
    }
    reshape_to(input, &shape)
}

fn flatten_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3, 4]),
        Sample::new().tensor(&[2, 3, 4]).kw("start_dim", 1),
        Sample::new().tensor(&[]),
    ]
}

/// Axes `start_dim` to `end_dim` (inclusive) merged into one.
/// Raises: IndexError if an axis is out of range; ValueError if `start_dim` comes after `end_dim`.
///
/// >>> rt.flatten(rt.zeros(8, 3, 32, 32), start_dim=1).shape
/// rutile.Size([8, 3072])
#[op(at = [rutile, Tensor], sig = (input, start_dim=0, end_dim=-1), samples = flatten_samples, complex)]
pub fn flatten(input: &Tensor, start_dim: i64, end_dim: i64) -> Result<Tensor> {
    let shape = input.shape();
    let start = normalize_axis("flatten", start_dim, shape.len())?;
    let end = normalize_axis("flatten", end_dim, shape.len())?;
    if start > end {
        fail!(Value, "flatten: start_dim {start_dim} comes after end_dim {end_dim} in {:?}", &shape[..]);
    }
    if shape.is_empty() {
        return reshape_to(input, &[1]);
    }
    if start == end {
        return Ok(input.clone());
    }
    let mut out = Shape::from_slice(&shape[..start]);
    out.push(shape[start..=end].iter().product());
    out.extend_from_slice(&shape[end + 1..]);
    reshape_to(input, &out)
}

fn unflatten_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 6]).arg(1).arg([2, -1])]
}

/// Axis `dim` cut into several; one size may be -1.
/// Raises: IndexError if `dim` is out of range; RuntimeError if the sizes do not fit.
///
/// >>> rt.unflatten(rt.zeros(2, 12), 1, (3, -1)).shape
/// rutile.Size([2, 3, 4])
#[op(at = [rutile, Tensor], sig = (input, dim, sizes), samples = unflatten_samples, complex)]
pub fn unflatten(input: &Tensor, dim: i64, sizes: Ints) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("unflatten", dim, shape.len())?;
    let parts = complete("unflatten", shape[axis], &sizes)?;
    let mut out = Shape::from_slice(&shape[..axis]);
    out.extend(parts);
    out.extend_from_slice(&shape[axis + 1..]);
    reshape_to(input, &out)
}

// ---- axes ----

/// The axes in another order; `order` is a permutation.
pub fn permute_to(input: &Tensor, order: &[usize]) -> Result<Tensor> {
    let mut back = Shape::from_elem(0, order.len());
    for (to, &from) in order.iter().enumerate() {
        back[from] = to;
    }
    let out = input.array().permute(order);
    Ok(view("permute", input, out, move |g| permute_to(g, &back)))
}

fn permute_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3, 4]).arg([2, 0, -2]), Sample::new().tensor(&[]).arg([0; 0])]
}

/// The axes in the order `dims`: axis `i` of the result is axis `dims[i]` of `input`. A view.
/// Raises: RuntimeError unless `dims` names every axis once; IndexError if one is out of range.
///
/// >>> rt.permute(rt.zeros(2, 3, 5), (2, 0, 1)).shape
/// rutile.Size([5, 2, 3])
#[op(at = [rutile, Tensor], sig = (input, *dims), samples = permute_samples, complex)]
pub fn permute(input: &Tensor, dims: Ints) -> Result<Tensor> {
    let ndim = input.ndim();
    let order: Shape = dims.iter().map(|&axis| normalize_axis("permute", axis, ndim)).collect::<Result<_>>()?;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted.iter().enumerate().any(|(i, &axis)| i != axis) || order.len() != ndim {
        fail!(Shape, "permute: dims {:?} is no permutation of the {ndim} axes of {:?}", &dims[..], &input.shape()[..]);
    }
    permute_to(input, &order)
}

fn transpose_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3, 4]).arg(0).arg(-1), Sample::new().tensor(&[3]).arg(0).arg(0)]
}

/// Two axes exchanged. A view.
/// Raises: IndexError if an axis is out of range.
///
/// >>> rt.transpose(rt.tensor([[1, 2, 3], [4, 5, 6]]), 0, 1)
/// tensor([[1, 4],
///         [2, 5],
///         [3, 6]])
#[op(at = [rutile, Tensor], alias = [swapaxes, swapdims], sig = (input, dim0, dim1), samples = transpose_samples, complex)]
pub fn transpose(input: &Tensor, dim0: i64, dim1: i64) -> Result<Tensor> {
    let ndim = input.ndim();
    let (a, b) = (normalize_axis("transpose", dim0, ndim)?, normalize_axis("transpose", dim1, ndim)?);
    let mut order: Shape = (0..ndim).collect();
    if ndim > 0 {
        order.swap(a, b);
    }
    permute_to(input, &order)
}

fn t_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]), Sample::new().tensor(&[3])]
}

/// A matrix transposed; 0-d and 1-d tensors as they are. A view.
/// Raises: RuntimeError for more than two axes.
///
/// >>> rt.t(rt.tensor([[1, 2], [3, 4]]))
/// tensor([[1, 3],
///         [2, 4]])
#[op(at = [rutile, Tensor], sig = (input), samples = t_samples, complex)]
pub fn t(input: &Tensor) -> Result<Tensor> {
    match input.ndim() {
        0 | 1 => Ok(input.clone()),
        2 => transpose(input, 0, 1),
        n => fail!(Shape, "t: expects a tensor with <= 2 dimensions, but self is {n}D: {:?}", &input.shape()[..]),
    }
}

fn movedim_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3, 4]).arg([0]).arg([-1]), Sample::new().tensor(&[2, 3, 4]).arg([0, 2]).arg([1, 0])]
}

/// Axes `source` (one or several) moved to the places `destination`; the others keep their order. A view.
/// Raises: IndexError if an axis is out of range; ValueError if one comes twice, or there are not as many of both.
///
/// >>> rt.movedim(rt.zeros(8, 32, 32, 3), -1, 1).shape
/// rutile.Size([8, 3, 32, 32])
#[op(at = [rutile, Tensor], alias = [moveaxis], sig = (input, source, destination), samples = movedim_samples, complex)]
pub fn movedim(input: &Tensor, source: Ints, destination: Ints) -> Result<Tensor> {
    let ndim = input.ndim();
    if source.len() != destination.len() {
        fail!(Value, "movedim: {} source axes but {} destinations", source.len(), destination.len());
    }
    let (from, to) = (normalize_axes("movedim", &source, ndim)?, normalize_axes("movedim", &destination, ndim)?);
    let mut rest = (0..ndim).filter(|axis| !from.contains(axis));
    let order = (0..ndim).filter_map(|place| match to.iter().position(|&t| t == place) {
        Some(i) => Some(from[i]),
        None => rest.next(),
    });
    permute_to(input, &order.collect::<Shape>())
}

fn unsqueeze_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).arg(1), Sample::new().tensor(&[2]).arg(-1), Sample::new().tensor(&[]).arg(0)]
}

/// A new axis of length one at `dim`, of the result. A view.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> x = rt.zeros(2, 3)
/// >>> rt.unsqueeze(x, 0).shape, rt.unsqueeze(x, -1).shape
/// (rutile.Size([1, 2, 3]), rutile.Size([2, 3, 1]))
#[op(at = [rutile, Tensor], sig = (input, dim), samples = unsqueeze_samples, complex)]
pub fn unsqueeze(input: &Tensor, dim: i64) -> Result<Tensor> {
    let axis = normalize_axis("unsqueeze", dim, input.ndim() + 1)?;
    let out = input.array().unsqueeze(axis);
    Ok(view("unsqueeze", input, out, move |g| squeeze_axes(g, &[axis])))
}

/// Without `axes`, which have length one.
pub fn squeeze_axes(input: &Tensor, axes: &[usize]) -> Result<Tensor> {
    let array = input.array();
    let old: Shape = array.shape().into();
    let out = array.squeeze(|axis| axes.contains(&axis));
    Ok(view("squeeze", input, out, move |g| reshape_to(g, &old)))
}

fn squeeze_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 1, 3, 1]),
        Sample::new().tensor(&[2, 1, 3]).arg(1),
        Sample::new().tensor(&[2, 1, 3]).arg(0),
        Sample::new().tensor(&[1, 2, 1]).arg([0, 2]),
    ]
}

/// Without axes of length one: all of them, or those among `dim` (others stay). A view.
/// Raises: IndexError if `dim` is out of range.
///
/// >>> x = rt.zeros(1, 2, 1, 3)
/// >>> rt.squeeze(x).shape, rt.squeeze(x, 0).shape, rt.squeeze(x, 1).shape
/// (rutile.Size([2, 3]), rutile.Size([2, 1, 3]), rutile.Size([1, 2, 1, 3]))
#[op(at = [rutile, Tensor], sig = (input, *dim), samples = squeeze_samples, complex)]
pub fn squeeze(input: &Tensor, dim: Option<Ints>) -> Result<Tensor> {
    let shape = input.shape();
    let axes: Shape = match dim {
        None => (0..shape.len()).collect(),
        Some(axes) => normalize_axes("squeeze", &axes, shape.len())?,
    };
    let drop: Shape = axes.into_iter().filter(|&axis| axis < shape.len() && shape[axis] == 1).collect();
    squeeze_axes(input, &drop)
}

// ---- repetition and windows ----

/// Axes of length one repeated to `shape` without copying. The engine sums the gradient back.
pub fn expand_to(input: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let out = input.array().expand("expand", shape)?;
    Ok(view("expand", input, out, |g| Ok(g.clone())))
}

fn expand_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 1]).arg([3, 4]),
        Sample::new().tensor(&[3]).arg([2, -1]),
        Sample::new().tensor(&[]).arg([2]),
    ]
}

/// Axes of length one (and new leading ones) repeated to `size` without copying; -1 keeps an axis. Elements share
/// memory: clone it before writing to it in place.
/// Raises: RuntimeError if another axis would have to grow.
///
/// >>> rt.tensor([[1], [2]]).expand(-1, 3)
/// tensor([[1, 1, 1],
///         [2, 2, 2]])
#[op(at = [Tensor], sig = (input, *size), samples = expand_samples, complex)]
pub fn expand(input: &Tensor, size: Ints) -> Result<Tensor> {
    let shape = input.shape();
    let lead = size.len().saturating_sub(shape.len());
    let target: Shape = size
        .iter()
        .enumerate()
        .map(|(axis, &n)| match n {
            -1 if axis >= lead => Ok(shape[axis - lead]),
            n if n >= 0 => Ok(n as usize),
            n => fail!(Value, "expand: size {n} at axis {axis} of {:?} for input {:?}", &size[..], &shape[..]),
        })
        .collect::<Result<_>>()?;
    expand_to(input, &target)
}

fn broadcast_to_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 1]).arg([2, 3, 4])]
}

/// Axes of length one (and new leading ones) repeated to `size` without copying.
/// Raises: RuntimeError if another axis would have to grow.
///
/// >>> rt.broadcast_to(rt.tensor([1, 2, 3]), (2, 3))
/// tensor([[1, 2, 3],
///         [1, 2, 3]])
#[op(at = [rutile, Tensor], sig = (input, size), samples = broadcast_to_samples, complex)]
pub fn broadcast_to(input: &Tensor, size: Ints) -> Result<Tensor> {
    expand(input, size)
}

/// Every `step`-th of `len` elements of an axis.
pub fn slice_axis(input: &Tensor, axis: usize, start: usize, len: usize, step: isize) -> Result<Tensor> {
    Ok(windowed("slice", input, |array| array.narrow(axis, start, len, step)))
}

/// A place on an axis of `n`, counted from the front; negative ones count from the end.
pub(super) fn place(axis: usize, n: usize, index: i64) -> Result<usize> {
    let n = n as i64;
    if index < -n || index >= n {
        fail!(Index, "index {index} is out of bounds for dimension {axis} with size {n}");
    }
    Ok((if index < 0 { index + n } else { index }) as usize)
}

/// One element of an axis.
pub fn select_axis(input: &Tensor, axis: usize, index: usize) -> Result<Tensor> {
    Ok(windowed("select", input, |array| array.select(axis, index)))
}

fn narrow_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 5]).arg(1).arg(1).arg(3), Sample::new().tensor(&[3]).arg(0).arg(3).arg(0)]
}

/// Elements `start` to `start + length` of axis `dim`. A view.
/// Raises: IndexError if `dim` or `start` is out of range; ValueError if there are not so many elements.
///
/// >>> rt.narrow(rt.arange(5), 0, 1, 3)
/// tensor([1, 2, 3])
#[op(at = [rutile, Tensor], sig = (input, dim, start, length), samples = narrow_samples, complex)]
pub fn narrow(input: &Tensor, dim: i64, start: i64, length: usize) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("narrow", dim, shape.len())?;
    if shape.is_empty() {
        fail!(Shape, "narrow: a 0-d tensor has no axis to cut");
    }
    let n = shape[axis] as i64;
    let from = if start < 0 { start + n } else { start };
    if from < 0 || from > n {
        fail!(Index, "narrow: start out of range (expected to be in range of [{}, {n}], but got {start})", -n);
    }
    if length as i64 > n - from {
        fail!(Value, "narrow: start ({start}) + length ({length}) exceeds dimension size ({n}) of {:?}", &shape[..]);
    }
    slice_axis(input, axis, from as usize, length, 1)
}

fn select_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 5]).arg(1).arg(-2), Sample::new().tensor(&[3]).arg(0).arg(2)]
}

/// Element `index` of axis `dim`; the axis goes. A view: `input[index]` with `dim` 0.
/// Raises: IndexError if `dim` or `index` is out of range.
///
/// >>> rt.select(rt.tensor([[1, 2], [3, 4]]), 1, 0)
/// tensor([1, 3])
#[op(at = [rutile, Tensor], sig = (input, dim, index), samples = select_samples, complex)]
pub fn select(input: &Tensor, dim: i64, index: i64) -> Result<Tensor> {
    let shape = input.shape();
    let axis = normalize_axis("select", dim, shape.len())?;
    select_axis(input, axis, place(axis, shape.get(axis).copied().unwrap_or(0), index)?)
}

fn unbind_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]), Sample::new().tensor(&[3, 2]).kw("dim", 1)]
}

/// The slices along axis `dim`, without that axis: a tuple of views.
/// Raises: IndexError if `dim` is out of range, and for a 0-d tensor.
///
/// >>> rt.unbind(rt.tensor([[1, 2], [3, 4]]), dim=1)
/// (tensor([1, 3]), tensor([2, 4]))
#[op(at = [rutile, Tensor], sig = (input, dim=0), samples = unbind_samples, complex)]
pub fn unbind(input: &Tensor, dim: i64) -> Result<Vec<Tensor>> {
    let shape = input.shape();
    let axis = normalize_axis("unbind", dim, shape.len())?;
    match shape.get(axis) {
        None => fail!(Index, "unbind: a 0-d tensor has no axis to take apart"),
        Some(&n) => (0..n).map(|i| select_axis(input, axis, i)).collect(),
    }
}

fn split_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[5, 2]).arg(2), Sample::new().tensor(&[2, 5]).arg([1, 4]).kw("dim", 1)]
}

/// Pieces along axis `dim`, views: of length `split_size_or_sections` (the last may be shorter), or of the given
/// lengths.
/// Raises: RuntimeError if the lengths do not sum to that of the axis; IndexError if `dim` is out of range.
///
/// >>> rt.split(rt.arange(5), 2)
/// (tensor([0, 1]), tensor([2, 3]), tensor([4]))
/// >>> rt.split(rt.arange(5), [1, 4])
/// (tensor([0]), tensor([1, 2, 3, 4]))
#[op(at = [rutile, Tensor], alias = [unsafe_split], sig = (input, split_size_or_sections, dim=0), samples = split_samples, complex)]
pub fn split(input: &Tensor, split_size_or_sections: crate::ops::registry::Arg, dim: i64) -> Result<Vec<Tensor>> {
    use crate::ops::registry::{Arg, FromArg};
    let shape = input.shape();
    let axis = normalize_axis("split", dim, shape.len())?;
    let Some(&n) = shape.get(axis) else {
        fail!(Shape, "split expects at least a 1-dimensional tensor, got a 0-d one")
    };
    let lengths: Vec<usize> = match split_size_or_sections {
        Arg::Int(size) if size > 0 => {
            let size = size as usize;
            (0..n.max(1)).step_by(size).map(|start| size.min(n - start)).collect()
        }
        other => match Ints::from_arg(other) {
            Ok(sizes) if sizes.iter().sum::<i64>() == n as i64 && sizes.iter().all(|&size| size >= 0) => {
                sizes.iter().map(|&size| size as usize).collect()
            }
            Ok(sizes) => {
                fail!(Shape, "split: sizes {:?} do not sum to {n}, axis {axis} of {:?}", &sizes[..], &shape[..])
            }
            Err(_) => fail!(Type, "split: split_size_or_sections must be a positive int or a sequence of ints"),
        },
    };
    let mut start = 0;
    lengths
        .into_iter()
        .map(|length| {
            let piece = slice_axis(input, axis, start, length, 1);
            start += length;
            piece
        })
        .collect()
}

fn chunk_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[5, 2]).arg(2), Sample::new().tensor(&[2, 6]).arg(3).kw("dim", -1)]
}

/// At most `chunks` pieces of equal length along axis `dim`, views; the last may be shorter.
/// Raises: ValueError unless `chunks` is positive; IndexError if `dim` is out of range.
///
/// >>> rt.chunk(rt.arange(5), 3)
/// (tensor([0, 1]), tensor([2, 3]), tensor([4]))
#[op(at = [rutile, Tensor], alias = [unsafe_chunk], sig = (input, chunks, dim=0), samples = chunk_samples, complex)]
pub fn chunk(input: &Tensor, chunks: usize, dim: i64) -> Result<Vec<Tensor>> {
    let shape = input.shape();
    let axis = normalize_axis("chunk", dim, shape.len())?;
    if chunks == 0 {
        fail!(Value, "chunk expects `chunks` to be greater than 0, got: 0");
    }
    let Some(&extent) = shape.get(axis) else {
        fail!(Shape, "chunk expects at least a 1-dimensional tensor, got a 0-d one")
    };
    if extent == 0 {
        return Ok(vec![input.clone(); chunks]); // as many as asked for, all empty
    }
    let size = extent.div_ceil(chunks);
    split(input, crate::ops::registry::Arg::Int(size as i64), dim)
}

fn as_strided_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 4]).arg([2, 3]).arg([1, 2]),
        Sample::new().tensor(&[9]).arg([3, 4]).arg([2, 1]).arg(1),
    ]
}

/// A window of the given size, strides and offset (in elements) on the tensor's storage. Elements that several places
/// share collect the gradients of all.
/// Raises: RuntimeError if the window reaches outside the storage; ValueError for negative numbers.
///
/// >>> rt.as_strided(rt.arange(5), (3, 3), (1, 1))
/// tensor([[0, 1, 2],
///         [1, 2, 3],
///         [2, 3, 4]])
#[op(at = [rutile, Tensor], sig = (input, size, stride, storage_offset=None), samples = as_strided_samples, complex)]
pub fn as_strided(input: &Tensor, size: Ints, stride: Ints, storage_offset: Option<usize>) -> Result<Tensor> {
    let array = input.array();
    if size.len() != stride.len() || size.iter().chain(&stride).any(|&n| n < 0) {
        fail!(
            Value,
            "as_strided: size {:?} and stride {:?} must be of one length and not negative",
            &size[..],
            &stride[..]
        );
    }
    let shape: Shape = size.iter().map(|&n| n as usize).collect();
    let strides: Strides = stride.iter().map(|&n| n as isize).collect();
    let offset = storage_offset.unwrap_or(array.offset());
    if !array.window_fits(&shape, &strides, offset) {
        fail!(
            Shape,
            "as_strided: size {:?}, stride {:?}, storage_offset {offset} reach outside a storage of {} bytes",
            &size[..],
            &stride[..],
            array.storage().bytes()
        );
    }
    let out = array.window(shape, strides, offset);
    let place = Window::new(&array, &out);
    Ok(view("as_strided", input, out, move |g| embed(g, &place)))
}

fn unfold_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 7]).arg(1).arg(3).arg(2), Sample::new().tensor(&[5]).arg(0).arg(3).arg(1)]
}

/// All windows of `size` elements along axis `dimension`, `step` apart, as a new last axis: length `l` becomes
/// `(l - size) // step + 1`. A view.
/// Raises: IndexError if `dimension` is out of range; ValueError if no window fits or `step` is not positive.
///
/// >>> rt.arange(5).unfold(0, 3, 1)
/// tensor([[0, 1, 2],
///         [1, 2, 3],
///         [2, 3, 4]])
#[op(at = [Tensor], sig = (input, dimension, size, step), samples = unfold_samples, complex)]
pub fn unfold(input: &Tensor, dimension: i64, size: usize, step: usize) -> Result<Tensor> {
    let array = input.array();
    let axis = normalize_axis("unfold", dimension, array.ndim())?;
    let n = array.shape().get(axis).copied().unwrap_or(1);
    if array.ndim() == 0 && size == 1 && step > 0 {
        return reshape_to(input, &[1]);
    }
    if size > n || step == 0 || array.ndim() == 0 {
        fail!(Value, "unfold: windows of {size}, {step} apart, do not fit axis {axis} of {:?}", array.shape());
    }
    Ok(windowed("unfold", input, |array| {
        let (mut shape, mut strides) = (Shape::from(array.shape()), Strides::from(array.strides()));
        shape[axis] = (n - size) / step + 1;
        strides[axis] *= step as isize;
        shape.push(size);
        strides.push(array.strides()[axis]);
        array.window(shape, strides, array.offset())
    }))
}

fn diagonal_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3, 4]), Sample::new().tensor(&[2, 3, 4]).kw("offset", -1).kw("dim1", 1).kw("dim2", 2)]
}

/// The diagonal of axes `dim1` and `dim2`, `offset` places above it, as a new last axis. A view.
/// Raises: IndexError if an axis is out of range; ValueError if both are the same.
///
/// >>> rt.diagonal(rt.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), offset=1)
/// tensor([2, 6])
#[op(at = [rutile, Tensor], sig = (input, offset=0, dim1=0, dim2=1), samples = diagonal_samples, complex)]
pub fn diagonal(input: &Tensor, offset: i64, dim1: i64, dim2: i64) -> Result<Tensor> {
    let array = input.array();
    let a = normalize_axis("diagonal", dim1, array.ndim())?;
    let b = normalize_axis("diagonal", dim2, array.ndim())?;
    if a == b {
        fail!(Value, "diagonal: dim1 and dim2 are both {a}");
    }
    let (rows, columns) = (array.shape()[a] as i64, array.shape()[b] as i64);
    let (below, above) = (offset.saturating_neg().max(0), offset.max(0));
    let len = (rows - below).min(columns - above).max(0) as usize;
    Ok(windowed("diagonal", input, |array| {
        let (row, column) = (array.strides()[a], array.strides()[b]);
        let shift = if len == 0 { 0 } else { below as isize * row + above as isize * column };
        let kept = || (0..array.ndim()).filter(|&axis| axis != a && axis != b);
        let mut shape: Shape = kept().map(|axis| array.shape()[axis]).collect();
        let mut strides: Strides = kept().map(|axis| array.strides()[axis]).collect();
        shape.push(len);
        strides.push(row + column);
        array.window(shape, strides, (array.offset() as isize + shift) as usize)
    }))
}

fn detach_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3])]
}

/// The same elements outside the tape: no gradient flows through them; the bytes are shared.
///
/// >>> w = rt.ones(2, requires_grad=True)
/// >>> (2 * w).detach().requires_grad
/// False
#[op(at = [rutile, Tensor], sig = (input), samples = detach_samples, no_grad, complex)]
pub fn detach(input: &Tensor) -> Result<Tensor> {
    Ok(input.detach())
}
