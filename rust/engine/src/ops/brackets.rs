//! Square brackets: `x[...]` and `x[...] = y`, with everything that PyTorch and NumPy accept between them.
//!
//! Simple entries make a view; tensors among the entries become one axis of places in it, which is gathered or written.

use super::index::{indices, nonzero_columns, places_of_reals, reals, select_slices};
use super::{arith, convert, inplace, sums, view};
use crate::array::{Array, DType, Shape, broadcast_shapes};
use crate::autograd::mode::no_grad;
use crate::autograd::{Tensor, record, tracked};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::index;
use smallvec::SmallVec;

/// One entry between square brackets.
#[derive(Clone, Debug)]
pub enum Entry {
    /// An integer: takes one element, the axis goes.
    Int(i64),
    /// `start:stop:step`
    Slice(Option<i64>, Option<i64>, Option<i64>),
    /// `None`: a new axis.
    NewAxis,
    /// `...`
    Ellipsis,
    /// `True` or `False`: a new axis of length one or zero.
    Flag(bool),
    /// Integers or bools: advanced indexing.
    Tensor(Tensor),
}

fn is_flag(entry: &Entry) -> bool {
    match entry {
        Entry::Flag(_) => true,
        Entry::Tensor(mask) => mask.dtype() == DType::Bool && mask.ndim() == 0,
        _ => false,
    }
}

/// A view by the simple entries, and the index tensors by axis of that view.
struct Parsed {
    view: Tensor,
    advanced: Vec<Option<Tensor>>,
}

fn parse(input: &Tensor, entries: &[Entry]) -> Result<Parsed> {
    let ndim = input.ndim();
    let used: usize = entries
        .iter()
        .map(|entry| match entry {
            Entry::Int(_) | Entry::Slice(..) => 1,
            Entry::Tensor(t) if t.dtype() == DType::Bool => t.ndim(),
            Entry::Tensor(_) => 1,
            _ => 0,
        })
        .sum();
    if used > ndim {
        fail!(Index, "too many indices for tensor of dimension {ndim}: {used} for shape {:?}", &input.shape()[..]);
    }
    let mut view = input.clone();
    let mut advanced: Vec<Option<Tensor>> = Vec::new();
    let mut seen_ellipsis = false;
    for entry in entries {
        let axis = advanced.len();
        match entry {
            Entry::Ellipsis => {
                if std::mem::replace(&mut seen_ellipsis, true) {
                    fail!(Index, "an index can only have a single ellipsis ('...')");
                }
                advanced.extend(std::iter::repeat_n(None, ndim - used));
            }
            Entry::NewAxis => {
                view = view::unsqueeze(&view, axis as i64)?;
                advanced.push(None);
            }
            Entry::Flag(flag) => {
                view = view::unsqueeze(&view, axis as i64)?;
                if !flag {
                    view = view::slice_axis(&view, axis, 0, 0, 1)?;
                }
                advanced.push(None);
            }
            Entry::Int(index) => view = view::select(&view, axis as i64, *index)?,
            Entry::Slice(start, stop, step) => {
                view = slice(&view, axis, *start, *stop, *step)?;
                advanced.push(None);
            }
            Entry::Tensor(mask) if mask.dtype() == DType::Bool => {
                let (shape, mask_shape) = (view.shape(), mask.shape());
                let under = &shape[axis..axis + mask_shape.len()];
                if under != &mask_shape[..] {
                    fail!(
                        Index,
                        "The shape of the mask {:?} at index {axis} does not match the shape of the indexed tensor {:?}",
                        &mask_shape[..],
                        &shape[..]
                    );
                }
                if mask_shape.is_empty() {
                    let flag = mask.array().item().to_i64() != 0;
                    view = view::unsqueeze(&view, axis as i64)?;
                    if !flag {
                        view = view::slice_axis(&view, axis, 0, 0, 1)?;
                    }
                    advanced.push(None);
                }
                advanced.extend(nonzero_columns_if(&mask.array()));
            }
            Entry::Tensor(index) => advanced.push(Some(index.clone())),
        }
    }
    advanced.resize(view.ndim(), None);
    Ok(Parsed { view, advanced })
}

fn nonzero_columns_if(mask: &Array) -> Vec<Option<Tensor>> {
    if mask.ndim() == 0 {
        Vec::new()
    } else {
        nonzero_columns(mask).into_iter().map(|c| Some(Tensor::from(c))).collect()
    }
}

/// What `start:stop:step` takes of an axis of `n`: where it starts, how many, how far apart.
fn cut(n: usize, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Result<(usize, usize, isize)> {
    let (n, step) = (n as i64, step.unwrap_or(1));
    if step <= 0 {
        fail!(Value, "step must be greater than zero, got {step}; flip() turns an axis round");
    }
    let clamp = |at: i64| (if at < 0 { at + n } else { at }).clamp(0, n);
    let start = clamp(start.unwrap_or(0));
    let stop = clamp(stop.unwrap_or(n)).max(start);
    // Not `stop - start + step - 1`, which could overflow.
    let len = (stop - start) / step + i64::from((stop - start) % step > 0);
    Ok((start as usize, len as usize, step as isize))
}

pub(super) fn slice(
    input: &Tensor,
    axis: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Result<Tensor> {
    let (start, len, step) = cut(input.shape()[axis], start, stop, step)?;
    // As in PyTorch the result is a new view also where it is the whole.
    view::slice_axis(input, axis, start, len, step)
}

/// The view by integers and slices alone, the most common one, as one window; `None` if other entries are there.
fn window(input: &Tensor, entries: &[Entry]) -> Result<Option<Tensor>> {
    let shape = input.shape();
    if entries.len() > shape.len() || !entries.iter().all(|entry| matches!(entry, Entry::Int(_) | Entry::Slice(..))) {
        return Ok(None);
    }
    let mut cuts = SmallVec::<[(usize, usize, isize); 4]>::new();
    for (axis, (entry, &n)) in entries.iter().zip(&shape).enumerate() {
        cuts.push(match entry {
            Entry::Slice(start, stop, step) => cut(n, *start, *stop, *step)?,
            Entry::Int(index) => (view::place(axis, n, *index)?, 1, 0),
            _ => unreachable!("looked at above"),
        });
    }
    Ok(Some(view::windowed("getitem", input, |array| {
        // From the last axis on, so that the numbers of those before stay.
        entries.iter().zip(&cuts).enumerate().rev().fold(array.clone(), |array, (axis, (entry, cut))| match entry {
            Entry::Int(_) => array.select(axis, cut.0),
            _ => array.narrow(axis, cut.0, cut.1, cut.2),
        })
    })))
}

/// Where advanced indices point, brought to one axis: the view with the indexed axes merged into one at `axis`, the
/// places along it, the shape of the indices, and how the result's axes are put back.
struct Places {
    merged: Tensor,
    axis: usize,
    at: Array,
    shape: Shape,
}

fn places(parsed: &Parsed) -> Result<Option<Places>> {
    let axes: Vec<usize> = (0..parsed.advanced.len()).filter(|&axis| parsed.advanced[axis].is_some()).collect();
    let Some(&first) = axes.first() else {
        return Ok(None);
    };
    let extents = parsed.view.shape();
    let mut shape = Shape::new();
    for index in parsed.advanced.iter().flatten() {
        shape = broadcast_shapes("indexing", &shape, &index.shape())?;
    }
    // One place along the merged axes for every tuple of indices.
    let at = convert::zeros(DType::I64, &shape);
    for &axis in &axes {
        let index = parsed.advanced[axis].as_ref().expect("an indexed axis has an index");
        let index = indices("index", index, extents[axis], true)?.expand("index", &shape)?;
        let index = convert::contiguous_array(&index);
        let extent = extents[axis] as i64;
        for (place, &i) in at.slice_mut::<i64>().iter_mut().zip(index.slice::<i64>()) {
            *place = *place * extent + i;
        }
    }
    let adjacent = axes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let (moved, axis) = if adjacent {
        (parsed.view.clone(), first)
    } else {
        let rest = (0..extents.len()).filter(|axis| !axes.contains(axis));
        let order: Shape = axes.iter().copied().chain(rest).collect();
        (view::permute_to(&parsed.view, &order)?, 0)
    };
    let from = moved.shape();
    let mut merged = Shape::from_slice(&from[..axis]);
    merged.push(from[axis..axis + axes.len()].iter().product());
    merged.extend_from_slice(&from[axis + axes.len()..]);
    let merged = if merged == from { moved } else { view::reshape_to(&moved, &merged)? };
    let at = at.reshape(&[at.len()]).expect("contiguous");
    Ok(Some(Places { merged, axis, at, shape }))
}

impl Places {
    fn result_shape(&self) -> Shape {
        let from = self.merged.shape();
        let mut shape = Shape::from_slice(&from[..self.axis]);
        shape.extend_from_slice(&self.shape);
        shape.extend_from_slice(&from[self.axis + 1..]);
        shape
    }
}

/// `input[entries]`: a view for integers, slices, `None` and `...`; a copy where tensors index.
pub fn get(input: &Tensor, entries: &[Entry]) -> Result<Tensor> {
    if let Some(view) = window(input, entries)? {
        return Ok(view);
    }
    let parsed = parse(input, entries)?;
    match places(&parsed)? {
        // Truth values choose elements as masks do: the result is a copy.
        None if entries.iter().any(is_flag) => convert::clone(&parsed.view),
        None if parsed.view.is(input) => view::reshape_to(input, &input.shape()),
        None => Ok(parsed.view),
        Some(places) => {
            view::reshape_to(&select_slices(&places.merged, places.axis, &places.at)?, &places.result_shape())
        }
    }
}

/// `input[entries] = value`, in place.
pub fn set(input: &Tensor, entries: &[Entry], value: &Tensor) -> Result<()> {
    let parsed = parse(input, entries)?;
    let Some(places) = places(&parsed)? else {
        return inplace::assign("setitem", &parsed.view, value);
    };
    put(input, &parsed, &places, value, false)
}

/// Writes (or adds) `value` at the places.
fn put(input: &Tensor, parsed: &Parsed, places: &Places, value: &Tensor, accumulate: bool) -> Result<()> {
    inplace::check("index_put", input)?;
    let shape = places.result_shape();
    let value = convert::for_writing("index_put", value, input.dtype())?;
    let surplus = value.ndim().saturating_sub(shape.len());
    let squeezed: Vec<usize> = (0..surplus).filter(|&axis| value.shape()[axis] == 1).collect();
    let value = view::squeeze_axes(&value, &squeezed)?;
    if value.array().expand("index_put", &shape).is_err() {
        fail!(
            Shape,
            "shape mismatch: value tensor of shape {:?} cannot be broadcast to indexing result of shape {:?}",
            &value.shape()[..],
            &shape[..]
        );
    }
    let value = view::expand_to(&value, &shape)?;
    let mut flat = Shape::from(&places.merged.shape()[..]);
    flat[places.axis] = places.at.len();
    let value = view::reshape_to(&value, &flat)?;
    // In memory, if nobody records and the merged axes are still a window on the input.
    if !tracked([input, &value]) && places.merged.array().shares_storage(&input.array()) {
        let target = places.merged.array();
        write_slices(&target, places.axis, &places.at, &value.array(), accumulate);
        input.array().bump();
        return Ok(());
    }
    let written = write_recorded(&places.merged, places.axis, &places.at, &value, accumulate)?;
    let back = unmerge(parsed, places, &written)?;
    inplace::assign("setitem", &parsed.view, &back)
}

/// The slices of `value` written (or added) to `target` at `at` along `axis`.
fn write_slices(target: &Array, axis: usize, at: &Array, value: &Array, accumulate: bool) {
    let mut aligned = Shape::from_elem(1, target.ndim());
    aligned[axis] = at.len();
    let at = at.reshape(&aligned).expect("contiguous").expand("index_put", value.shape()).expect("aligned");
    let value = if value.shares_storage(target) { convert::contiguous_copy(value) } else { value.clone() };
    let (to, places, from) = (reals(target), places_of_reals(&at, target), reals(&value));
    with_dtype!(to.dtype(), T => {
        let (out, at, value) = (to.view_mut::<T>(), places.view::<i64>(), from.view::<T>());
        if accumulate { index::scatter_add(out, axis, at, value) } else { index::scatter_write(out, axis, at, value) }
    });
}

fn write_recorded(target: &Tensor, axis: usize, at: &Array, value: &Tensor, accumulate: bool) -> Result<Tensor> {
    let out = convert::contiguous_copy(&target.array());
    write_slices(&out, axis, at, &value.array(), accumulate);
    let at = at.clone();
    Ok(record("index_put", out, &[target, value], move |g, grads| {
        grads.push(|| {
            if accumulate {
                return Ok(g.clone());
            }
            let mut shape = g.shape();
            shape[axis] = at.len();
            let zeros = view::expand_to(&convert::to_dtype(&sums::zero(), g.dtype())?, &shape)?;
            write_recorded(g, axis, &at, &zeros, false)
        })?;
        grads.push(|| select_slices(g, axis, &at))
    }))
}

/// From the merged axes back to the axes of the parsed view.
fn unmerge(parsed: &Parsed, places: &Places, merged: &Tensor) -> Result<Tensor> {
    let extents = parsed.view.shape();
    let axes: Vec<usize> = (0..extents.len()).filter(|&axis| parsed.advanced[axis].is_some()).collect();
    let adjacent = axes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    if adjacent {
        return view::reshape_to(merged, &extents);
    }
    debug_assert_eq!(places.axis, 0);
    let rest = (0..extents.len()).filter(|axis| !axes.contains(axis));
    let order: Vec<usize> = axes.iter().copied().chain(rest).collect();
    let moved: Shape = order.iter().map(|&axis| extents[axis]).collect();
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    view::permute_to(&view::reshape_to(merged, &moved)?, &back)
}

/// `input.index_put_(entries, value, accumulate)`.
pub fn index_put(input: &Tensor, entries: &[Entry], value: &Tensor, accumulate: bool) -> Result<()> {
    let parsed = no_grad_view(input, entries)?;
    match places(&parsed)? {
        Some(places) => put(input, &parsed, &places, value, accumulate),
        None if accumulate => inplace::assign("index_put", &parsed.view, &arith::add(&parsed.view, value, 1.0)?),
        None => inplace::assign("index_put", &parsed.view, value),
    }
}

fn no_grad_view(input: &Tensor, entries: &[Entry]) -> Result<Parsed> {
    if tracked([input]) { parse(input, entries) } else { no_grad(|| parse(input, entries)) }
}
