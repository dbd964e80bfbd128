//! Matrices arranged from vectors and blocks, and the trace.

#![allow(non_snake_case)] // PyTorch calls a parameter `N`

use super::registry::{Arg, Ints, Sample, Values};
use super::{arith, convert, create, index, join, matmul, reduce, view};
use crate::array::{Array, DType, result_type};
use crate::autograd::Tensor;
use crate::error::Result;
use crate::fail;
use rutile_macros::op;

fn trace_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3, 3]),
        Sample::new().tensor(&[2, 4]),
        Sample::new().tensor(&[0, 3]),
        Sample::new().values(&[2, 2], Values::Int(-3, 4)),
    ]
}

/// The sum of the main diagonal of a matrix (2-d), as a 0-d tensor. Integers give int64.
/// Raises: RuntimeError unless the input is 2-d.
///
/// >>> rt.trace(rt.tensor([[1, 2], [3, 4]]))
/// tensor(5)
#[op(at = [rutile, Tensor], sig = (input), samples = trace_samples, complex)]
pub fn trace(input: &Tensor) -> Result<Tensor> {
    if input.ndim() != 2 {
        fail!(Shape, "trace: expected a matrix, but got tensor with dim {}", input.ndim());
    }
    reduce::sum(&view::diagonal(input, 0, 0, 1)?, None, false, None)
}

fn adjoint_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]), Sample::new().tensor(&[2, 3, 4]), Sample::new().tensor(&[0, 3])]
}

/// The matrices (..., m, n) conjugated and transposed, (..., n, m): of reals a view with the last two axes exchanged.
/// Raises: RuntimeError if there are fewer than 2 axes.
///
/// >>> rt.adjoint(rt.tensor([[1, 2j], [3, 4]]))
/// tensor([[1.-0.j, 3.-0.j],
///         [0.-2.j, 4.-0.j]])
#[op(at = [rutile, Tensor], sig = (input), samples = adjoint_samples, complex)]
pub fn adjoint(input: &Tensor) -> Result<Tensor> {
    if input.ndim() < 2 {
        fail!(Shape, "adjoint: only supports matrices or batches of matrices, got {}-d", input.ndim());
    }
    super::complex::conj(&matmul::transposed(input)?)
}

fn block_diag_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[1, 2]),
        Sample::new().tensor(&[2]).tensor(&[]).tensor(&[2, 2]),
        Sample::new().tensor(&[2, 0]).tensor(&[1, 2]),
    ]
}

/// A matrix with the tensors (at most 2-d) as blocks along its diagonal, zero elsewhere. A vector is one row.
/// Raises: RuntimeError if a tensor has more than 2 axes.
///
/// >>> rt.block_diag(rt.tensor([[1, 2], [3, 4]]), rt.tensor([5, 6]))
/// tensor([[1, 2, 0, 0],
///         [3, 4, 0, 0],
///         [0, 0, 5, 6]])
#[op(at = [rutile], sig = (*tensors), samples = block_diag_samples, complex)]
pub fn block_diag(tensors: &[Tensor]) -> Result<Tensor> {
    // Before 0-d tensors become matrices: in a promotion they count less.
    let dtype = result_type(&tensors.iter().map(Tensor::array).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    let mut blocks = Vec::new();
    for (i, tensor) in tensors.iter().enumerate() {
        blocks.push(match tensor.ndim() {
            0 => view::reshape_to(tensor, &[1, 1])?,
            1 => view::unsqueeze(tensor, 0)?,
            2 => tensor.clone(),
            ndim => fail!(
                Shape,
                "block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {ndim} dimensions"
            ),
        });
    }
    if blocks.is_empty() {
        return Ok(Tensor::from(Array::uninit(DType::default_float(), &[1, 0])));
    }
    let columns: usize = blocks.iter().map(|block| block.shape()[1]).sum();
    let (mut before, mut rows) = (0, Vec::new());
    for block in blocks {
        let own = block.shape()[1];
        rows.push(join::pad_constant(&block, &[before as i64, (columns - before - own) as i64], 0.0)?);
        before += own;
    }
    convert::to_dtype(&join::cat(&rows, 0)?, dtype)
}

/// Beyond it any `n > 1` gives more rows than memory holds.
const MOST_CHOSEN: usize = 1 << 20;

fn cartesian_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2]).tensor(&[3]),
        Sample::new().tensor(&[2]).tensor(&[1]).tensor(&[2]),
        Sample::new().tensor(&[3]),
        Sample::new().tensor(&[2]).tensor(&[0]),
    ]
}

/// All tuples with an element of each vector, one a row, the last changing fastest: (product of the lengths, vectors).
/// A single vector is itself.
/// Raises: RuntimeError unless all are 1-d.
///
/// >>> rt.cartesian_prod(rt.tensor([1, 2]), rt.tensor([5, 6]))
/// tensor([[1, 5],
///         [1, 6],
///         [2, 5],
///         [2, 6]])
#[op(at = [rutile], sig = (*tensors), samples = cartesian_samples, complex)]
pub fn cartesian_prod(tensors: &[Tensor]) -> Result<Tensor> {
    if let Some(tensor) = tensors.iter().find(|tensor| tensor.ndim() != 1) {
        fail!(Shape, "cartesian_prod: Expect a 1D vector, but got shape {:?}", &tensor.shape()[..]);
    }
    match tensors {
        [] => fail!(Value, "cartesian_prod: expected at least one tensor"),
        [one] => Ok(one.clone()),
        _ => {
            let columns: Vec<Tensor> = join::meshgrid(tensors, "ij")?
                .iter()
                .map(|grid| view::reshape_to(grid, &[grid.len()]))
                .collect::<Result<_>>()?;
            join::stack(&columns, 1)
        }
    }
}

fn combinations_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4]),
        Sample::new().tensor(&[4]).arg(3),
        Sample::new().tensor(&[3]).kw("r", 2).kw("with_replacement", true),
        Sample::new().tensor(&[2]).arg(3),
        Sample::new().tensor(&[2]).arg(0),
    ]
}

/// All choices of `r` elements of a vector, in their order, one a row; `with_replacement` takes elements repeatedly.
/// Raises: RuntimeError unless `input` is 1-d, or if `r` is negative.
///
/// >>> rt.combinations(rt.tensor([1, 2, 3]), r=2)
/// tensor([[1, 2],
///         [1, 3],
///         [2, 3]])
#[op(at = [rutile], sig = (input, r=2, with_replacement=false), samples = combinations_samples, complex)]
pub fn combinations(input: &Tensor, r: i64, with_replacement: bool) -> Result<Tensor> {
    matmul::axes("combinations", "input", input, 1)?;
    if r < 0 {
        fail!(Value, "combinations: Expect a non-negative number, but got {r}");
    }
    let (n, r) = (input.len(), r as usize);
    if r == 0 {
        return view::slice_axis(input, 0, 0, 0, 1);
    }
    let step = usize::from(!with_replacement);
    if !with_replacement && r > n {
        return view::reshape_to(&view::slice_axis(input, 0, 0, 0, 1)?, &[0, r]);
    }
    if n > 0 && r > MOST_CHOSEN {
        fail!(Value, "combinations: r may be up to {MOST_CHOSEN}, got {r}");
    }
    // Odometer over rising (or not falling) places.
    let mut places: Vec<usize> = (0..r).map(|i| i * step).collect();
    let mut at: Vec<i64> = Vec::new();
    let last = |i: usize| n as i64 - 1 - ((r - 1 - i) * step) as i64;
    if (0..r).all(|i| places[i] as i64 <= last(i)) {
        loop {
            at.extend(places.iter().map(|&place| place as i64));
            let Some(i) = (0..r).rev().find(|&i| (places[i] as i64) < last(i)) else { break };
            places[i] += 1;
            (i + 1..r).for_each(|j| places[j] = places[j - 1] + step);
        }
    }
    let rows = at.len() / r;
    let at = Tensor::from(Array::from_slice(&at, &[at.len()]));
    view::reshape_to(&index::index_select(input, 0, &at)?, &[rows, r])
}

/// Rows of powers `x**0, x**1, ...` by products, so that the derivative is right at 0.
fn powers(op: &str, x: &Tensor, count: usize) -> Result<Tensor> {
    let x = &match x.dtype() {
        DType::Bool => fail!(DType, "{op}: takes floats and integers, not bool"),
        dtype if dtype.has_gradients() => x.clone(),
        _ => convert::to_dtype(x, DType::I64)?,
    };
    let mut columns = Vec::new();
    if count.checked_mul(x.len().max(1)).is_none() || columns.try_reserve_exact(count).is_err() {
        fail!(Memory, "{op}: can't allocate memory for {count} powers");
    }
    for i in 0..count {
        columns.push(match i {
            0 => create::ones_like(x, None, Arg::None, false, None)?,
            1 => x.clone(),
            _ => arith::mul(&columns[i - 1], x)?,
        });
    }
    if columns.is_empty() {
        let mut shape = x.shape();
        shape.push(0);
        return Ok(Tensor::from(Array::uninit(x.dtype(), &shape)));
    }
    join::stack(&columns, -1)
}

fn vander_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[3]),
        Sample::new().tensor(&[3]).kw("N", 4).kw("increasing", true),
        Sample::new().tensor(&[3]).arg(2),
        Sample::new().tensor(&[2]).arg(0),
    ]
}

/// The Vandermonde matrix of a vector: its powers below `N` (by default its length) as columns, the highest first
/// unless `increasing`. Integers give int64.
/// Raises: RuntimeError unless `x` is 1-d.
///
/// >>> rt.vander(rt.tensor([1, 2, 3]), N=3)
/// tensor([[1, 1, 1],
///         [4, 2, 1],
///         [9, 3, 1]])
#[op(at = [rutile], sig = (x, N=None, increasing=false), samples = vander_samples, complex)]
pub fn vander(x: &Tensor, N: Option<i64>, increasing: bool) -> Result<Tensor> {
    matmul::axes("vander", "x", x, 1)?;
    let count = N.unwrap_or(x.len() as i64);
    if count < 0 {
        fail!(Value, "vander: N must be non-negative, got {count}");
    }
    let rows = powers("vander", x, count as usize)?;
    if increasing { Ok(rows) } else { join::flip(&rows, Ints::from_elem(1, 1)) }
}

fn linalg_vander_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[3]), Sample::new().tensor(&[2, 3]).kw("N", 4)]
}

/// Vandermonde matrices of the vectors along the last axis: `V[..., i, j] = x[..., i] ** j` for `j` below `N` (by
/// default their length).
/// Raises: RuntimeError for a 0-d tensor, or `N` below 2.
///
/// >>> rt.linalg.vander(rt.tensor([1, 2, 3]), N=4)
/// tensor([[ 1,  1,  1,  1],
///         [ 1,  2,  4,  8],
///         [ 1,  3,  9, 27]])
#[op(name = "vander", at = [linalg], sig = (x, *, N=None), samples = linalg_vander_samples, complex)]
pub fn linalg_vander(x: &Tensor, N: Option<i64>) -> Result<Tensor> {
    let Some(&len) = x.shape().last() else {
        fail!(Shape, "linalg.vander: expected a vector or a batch of them, got a 0-d tensor");
    };
    match N {
        Some(count) if count <= 1 => fail!(Value, "linalg.vander: N must be greater than 1, got {count}"),
        count => powers("linalg.vander", x, count.map_or(len, |count| count as usize)),
    }
}
