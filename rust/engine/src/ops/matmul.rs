//! Matrix products: one family, closed under differentiation. The derivatives of a product are products with an operand
//! transposed, which costs nothing: transposing is a view, and the kernel takes strides.

use super::registry::{Sample, Values};
use super::{arith, complex, convert, reduce, sums, view};
use crate::array::{Array, DType, Shape, broadcast_shapes};
use crate::autograd::{Tensor, record, tracked};
use crate::error::Result;
use crate::{fail, profile, with_dtype};
use rutile_kernels::gemm::{self, Bias, Matrix};
use rutile_macros::op;
use smallvec::SmallVec;

// ---- on arrays ----

/// `a @ b` for matrices on the last two axes, whose batch axes are `batch` already (stride 0 where broadcast). `bias`
/// (float, one value per column) is added to each row.
pub(super) fn multiply(batch: &[usize], a: &Array, b: &Array, bias: Option<&Array>) -> Array {
    let (lead, dtype) = (batch.len(), a.dtype());
    let [m, k] = [a.shape()[lead], a.shape()[lead + 1]];
    let n = b.shape()[lead + 1];
    let mut shape = Shape::from_slice(batch);
    shape.extend([m, n]);
    if dtype.is_complex() {
        return multiply_complex(batch, a, b);
    }
    if !dtype.is_float() {
        return multiply_ints(batch, a, b, &shape);
    }
    let compute = dtype.compute();
    let copies;
    let (a, b) = if dtype == compute {
        (a, b)
    } else {
        copies = (convert::cast(a, compute), convert::cast(b, compute));
        (&copies.0, &copies.1)
    };
    let bias = bias.map(|bias| convert::plain(bias, compute));
    let out = Array::uninit(compute, &shape);
    profile::multiply_adds(|| out.len() * k);
    with_dtype!(reals compute, T => {
        let matrix = |array: &'_ Array| (array.pointer::<T>(), array.strides()[lead], array.strides()[lead + 1]);
        let ((a_ptr, a_row, a_col), (b_ptr, b_row, b_col)) = (matrix(a), matrix(b));
        let bias = bias.as_ref().map_or(Bias::None, |bias| Bias::Row(bias.slice::<T>()));
        // SAFETY: the strides are those of arrays of these shapes; the output is new and contiguous.
        unsafe {
            gemm::run(
                batch,
                m,
                k,
                n,
                Matrix { ptr: a_ptr, row: a_row, col: a_col, batch: &a.strides()[..lead] },
                Matrix { ptr: b_ptr, row: b_row, col: b_col, batch: &b.strides()[..lead] },
                out.slice_mut::<T>().as_mut_ptr(),
                bias,
                false,
            );
        }
    });
    if dtype == compute { out } else { convert::cast(&out, dtype) }
}

/// One real product: rows of parts times a matrix in which every number `x + iy` is `[[x, y], [-y, x]]`. The result's rows
/// are rows of parts.
fn multiply_complex(batch: &[usize], a: &Array, b: &Array) -> Array {
    let lead = batch.len();
    let [m, k, n] = [a.shape()[lead], a.shape()[lead + 1], b.shape()[lead + 1]];
    let real = |array: &Array, rows: usize, columns: usize| {
        let mut shape = Shape::from_slice(&array.shape()[..lead]);
        shape.extend([rows, columns]);
        array.reshape(&shape)
    };
    let over_batch = |array: &Array| {
        let mut shape = Shape::from_slice(batch);
        shape.extend_from_slice(&array.shape()[lead..]);
        array.expand("matmul", &shape).expect("axes that were cut to one")
    };

    // Batches that repeat one matrix are copied once.
    let once = |array: &Array| {
        (0..lead)
            .filter(|&axis| array.strides()[axis] == 0 && array.shape()[axis] > 1)
            .fold(array.clone(), |array, axis| array.narrow(axis, 0, 1, 1))
    };
    let (a, b) = (once(a), once(b));
    let rows = real(&a.parts(), m, 2 * k)
        .unwrap_or_else(|| real(&convert::contiguous_copy(&a).parts(), m, 2 * k).expect("contiguous"));
    let mut shape = Shape::from_slice(&b.shape()[..lead]);
    shape.extend([k, 2, n, 2]);
    let table = Array::uninit(b.dtype().real(), &shape);
    let block = |i: usize, j: usize| table.select(lead + 3, j).select(lead + 1, i);
    convert::copy_into(&b.part(0), &block(0, 0));
    convert::copy_into(&b.part(1), &block(0, 1));
    super::formula::run_floats(arith::Neg {}, &[b.part(1)], &block(1, 0));
    convert::copy_into(&b.part(0), &block(1, 1));
    let table = real(&table, 2 * k, 2 * n).expect("contiguous");

    let out = multiply(batch, &over_batch(&rows), &over_batch(&table), None);
    let mut shape = Shape::from_slice(batch);
    shape.extend([m, n, 2]);
    out.reshape(&shape).and_then(|out| out.joined()).expect("contiguous")
}

/// Integer products wrap around; a plain loop, since no network lives on them.
fn multiply_ints(batch: &[usize], a: &Array, b: &Array, shape: &[usize]) -> Array {
    let (lead, dtype) = (batch.len(), a.dtype());
    let [m, k, n] = [a.shape()[lead], a.shape()[lead + 1], b.shape()[lead + 1]];
    let out = convert::zeros(DType::I64, shape);
    let (a, b) = (convert::plain(a, DType::I64), convert::plain(b, DType::I64));
    let (a, b, c) = (a.slice::<i64>(), b.slice::<i64>(), out.slice_mut::<i64>());
    for i in 0..batch.iter().product() {
        let (a, b, c) = (&a[i * m * k..][..m * k], &b[i * k * n..][..k * n], &mut c[i * m * n..][..m * n]);
        for row in 0..m {
            let c = &mut c[row * n..][..n];
            for (&x, b) in a[row * k..][..k].iter().zip(b.chunks(n.max(1))) {
                c.iter_mut().zip(b).for_each(|(c, &b)| *c = c.wrapping_add(x.wrapping_mul(b)));
            }
        }
    }
    convert::cast(&out, dtype)
}

// ---- on tensors ----

/// One dtype, not bool.
fn same_dtype(op: &str, a: DType, b: DType) -> Result<()> {
    if a != b {
        fail!(
            DType,
            "{op}: expected both operands to have the same dtype, but got: {a} != {b}; convert one with .to()"
        );
    }
    if a == DType::Bool {
        fail!(DType, "{op}: not defined for bool; convert to integers or floats first");
    }
    Ok(())
}

/// The last two axes exchanged.
pub(super) fn transposed(x: &Tensor) -> Result<Tensor> {
    let ndim = x.ndim();
    if ndim < 2 {
        fail!(Shape, "takes matrices (at least 2 axes), got shape {:?}", &x.shape()[..]);
    }
    let mut order: Shape = (0..ndim).collect();
    order.swap(ndim - 2, ndim - 1);
    view::permute_to(x, &order)
}

/// The last two axes exchanged, of complex numbers the conjugates.
fn adjoint(x: &Tensor) -> Result<Tensor> {
    complex::conj(&transposed(x)?)
}

/// `a @ b` on the last two axes; the others broadcast.
pub(super) fn product(op: &'static str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (x, y) = (a.array(), b.array());
    same_dtype(op, x.dtype(), y.dtype())?;
    let (rows, columns) = (x.shape().len() - 2, y.shape().len() - 2);
    if x.shape()[rows + 1] != y.shape()[columns] {
        fail!(
            Shape,
            "{op}: mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{}): the columns of {:?} are not the rows of \
             {:?}",
            x.shape()[rows],
            x.shape()[rows + 1],
            y.shape()[columns],
            y.shape()[columns + 1],
            x.shape(),
            y.shape()
        );
    }
    let out = if rows == 0 && columns == 0 {
        multiply(&[], &x, &y, None)
    } else {
        let batch = broadcast_shapes(op, &x.shape()[..rows], &y.shape()[..columns])?;
        let over_batch = |array: &Array| {
            let mut shape = batch.clone();
            shape.extend_from_slice(&array.shape()[array.ndim() - 2..]);
            array.expand(op, &shape)
        };
        multiply(&batch, &over_batch(&x)?, &over_batch(&y)?, None)
    };
    if !tracked([a, b]) {
        return Ok(out.into());
    }
    let (saved_a, saved_b) = (a.save(), b.save());
    Ok(record(op, out, &[a, b], move |g, grads| {
        let (a, b) = (saved_a.get_for(grads)?, saved_b.get_for(grads)?);
        grads.push(|| product("matmul", g, &adjoint(&b)?))?;
        grads.push(|| product("matmul", &adjoint(&a)?, g))
    }))
}

pub(super) fn axes(op: &str, what: &str, x: &Tensor, ndim: usize) -> Result<()> {
    if x.ndim() != ndim {
        fail!(Shape, "{op}: {what} must be {ndim}-d, got shape {:?}", &x.shape()[..]);
    }
    Ok(())
}

fn matmul_samples() -> Vec<Sample> {
    let ints = Values::Int(-3, 4);
    vec![
        Sample::new().tensor(&[3]).tensor(&[3]),
        Sample::new().tensor(&[2, 3]).tensor(&[3, 4]),
        Sample::new().tensor(&[2, 3]).tensor(&[3]),
        Sample::new().tensor(&[3]).tensor(&[3, 2]),
        Sample::new().tensor(&[2, 3, 4]).tensor(&[4, 5]),
        Sample::new().tensor(&[2, 1, 2, 3]).tensor(&[3, 3, 2]),
        Sample::new().tensor(&[2, 2, 3]).tensor(&[3]),
        Sample::new().tensor(&[3]).tensor(&[2, 3, 2]),
        Sample::new().tensor(&[2, 0]).tensor(&[0, 3]),
        Sample::new().values(&[2, 3], ints).values(&[3, 2], ints),
    ]
}

/// The matrix product of the last two axes: (..., n, k) times (..., k, m) is (..., n, m); further axes are batches and
/// broadcast. A 1-d operand counts as a row (left) or column (right) and its axis goes again; of two the inner product
/// is left, 0-d.
/// Raises: RuntimeError if the inner lengths or the dtypes differ, or an operand is 0-d.
///
/// >>> rt.matmul(rt.tensor([[1.0, 2.0], [3.0, 4.0]]), rt.tensor([1.0, -1.0]))
/// tensor([-1., -1.])
/// >>> rt.matmul(rt.ones(5, 1, 2, 3), rt.ones(4, 3, 2)).shape
/// rutile.Size([5, 4, 2, 2])
#[op(at = [rutile, Tensor], sig = (input, other), samples = matmul_samples, complex)]
pub fn matmul(input: &Tensor, other: &Tensor) -> Result<Tensor> {
    let (a, b) = (input.shape(), other.shape());
    if a.is_empty() || b.is_empty() {
        fail!(
            Shape,
            "matmul: both arguments need to be at least 1D, but they are {}D and {}D; multiply by numbers with *",
            a.len(),
            b.len()
        );
    }
    // A batch of matrices times one matrix is one tall matrix times that matrix.
    if a.len() > 2 && b.len() <= 2 {
        let rows: usize = a[..a.len() - 1].iter().product();
        let flat = view::reshape_to(input, &[rows, a[a.len() - 1]])?;
        let out = matmul(&flat, other)?;
        let mut shape = Shape::from_slice(&a[..a.len() - 1]);
        shape.extend_from_slice(&b[1..]);
        return view::reshape_to(&out, &shape);
    }
    if a.len() == 2 && b.len() == 2 {
        return product("matmul", input, other);
    }
    let left = if a.len() == 1 { view::unsqueeze(input, 0)? } else { input.clone() };
    let right = if b.len() == 1 { view::unsqueeze(other, 1)? } else { other.clone() };
    let out = product("matmul", &left, &right)?;
    match (a.len(), b.len()) {
        (1, 1) => view::reshape_to(&out, &[]),
        (1, _) => view::squeeze_axes(&out, &[out.ndim() - 2]),
        (_, 1) => view::squeeze_axes(&out, &[out.ndim() - 1]),
        _ => Ok(out),
    }
}

fn mm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[3, 4]),
        Sample::new().tensor(&[0, 3]).tensor(&[3, 2]),
        Sample::new().tensor(&[1, 5]).tensor(&[5, 1]),
    ]
}

/// The product of two matrices: (n, k) times (k, m) is (n, m). Nothing broadcasts.
/// Raises: RuntimeError if an operand is not 2-d, or `k` or the dtypes differ.
///
/// >>> rt.mm(rt.tensor([[1, 2], [3, 4]]), rt.tensor([[0, 1], [1, 0]]))
/// tensor([[2, 1],
///         [4, 3]])
#[op(at = [rutile, Tensor], sig = (input, mat2), samples = mm_samples, complex)]
pub fn mm(input: &Tensor, mat2: &Tensor) -> Result<Tensor> {
    axes("mm", "input", input, 2)?;
    axes("mm", "mat2", mat2, 2)?;
    product("mm", input, mat2)
}

fn bmm_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 2, 3]).tensor(&[2, 3, 4]), Sample::new().tensor(&[0, 2, 3]).tensor(&[0, 3, 1])]
}

/// The products of two batches of matrices: (b, n, k) times (b, k, m) is (b, n, m). Nothing broadcasts.
/// Raises: RuntimeError if an operand is not 3-d, or `b`, `k` or the dtypes differ.
///
/// >>> rt.bmm(rt.ones(10, 2, 3), rt.ones(10, 3, 4)).shape
/// rutile.Size([10, 2, 4])
#[op(at = [rutile, Tensor], sig = (input, mat2), samples = bmm_samples, complex)]
pub fn bmm(input: &Tensor, mat2: &Tensor) -> Result<Tensor> {
    batches("bmm", input, mat2)?;
    product("bmm", input, mat2)
}

pub(super) fn batches(op: &str, a: &Tensor, b: &Tensor) -> Result<()> {
    axes(op, "batch1", a, 3)?;
    axes(op, "batch2", b, 3)?;
    if a.shape()[0] != b.shape()[0] {
        fail!(
            Shape,
            "{op}: Expected size for first two dimensions of batch2 tensor to match {:?}, got {:?}",
            &a.shape()[..],
            &b.shape()[..]
        );
    }
    Ok(())
}

fn mv_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2, 3]).tensor(&[3])]
}

/// The product of a matrix (n, m) and a vector (m): a vector (n).
/// Raises: RuntimeError if the shapes do not fit.
///
/// >>> rt.mv(rt.tensor([[1, 2], [3, 4]]), rt.tensor([1, 10]))
/// tensor([21, 43])
#[op(at = [rutile, Tensor], sig = (input, vec), samples = mv_samples, complex)]
pub fn mv(input: &Tensor, vec: &Tensor) -> Result<Tensor> {
    axes("mv", "input", input, 2)?;
    axes("mv", "vec", vec, 1)?;
    matmul(input, vec)
}

fn dot_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[5]).tensor(&[5]), Sample::new().tensor(&[0]).tensor(&[0])]
}

/// The inner product of two vectors of one length: a 0-d tensor. Complex elements are not conjugated; see `vdot`.
/// Raises: RuntimeError if an operand is not 1-d, or the lengths or dtypes differ.
///
/// >>> rt.dot(rt.tensor([1, 2, 3]), rt.tensor([4, 5, 6]))
/// tensor(32)
#[op(at = [rutile, Tensor], sig = (input, tensor), samples = dot_samples, complex)]
pub fn dot(input: &Tensor, tensor: &Tensor) -> Result<Tensor> {
    axes("dot", "input", input, 1)?;
    axes("dot", "tensor", tensor, 1)?;
    if input.len() != tensor.len() {
        fail!(
            Shape,
            "dot: inconsistent tensor size, expected tensors to have the same number of elements, but got {} and {}",
            input.len(),
            tensor.len()
        );
    }
    matmul(input, tensor)
}

fn outer_samples() -> Vec<Sample> {
    vec![Sample::new().tensor(&[2]).tensor(&[3])]
}

/// All products of an element of one vector (n) with an element of the other (m): (n, m),
/// `out[i][j] = input[i] * vec2[j]`.
/// Raises: RuntimeError if an operand is not 1-d.
///
/// >>> rt.outer(rt.tensor([1, 2, 3]), rt.tensor([1, 10]))
/// tensor([[ 1, 10],
///         [ 2, 20],
///         [ 3, 30]])
#[op(at = [rutile, Tensor], alias = [ger], sig = (input, vec2), samples = outer_samples, complex)]
pub fn outer(input: &Tensor, vec2: &Tensor) -> Result<Tensor> {
    axes("outer", "input", input, 1)?;
    axes("outer", "vec2", vec2, 1)?;
    arith::mul(&view::unsqueeze(input, 1)?, vec2)
}

// ---- with a summand ----

/// `beta * input + alpha * product`; with `beta` 0 the input does not matter, not even its NaN.
pub(super) fn combine(op: &str, input: &Tensor, product: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    let scale = |x: &Tensor, factor: f64| {
        if factor == 1.0 { Ok(x.clone()) } else { convert::to_dtype(&arith::mul(x, &sums::number(factor))?, x.dtype()) }
    };
    let product = scale(product, alpha)?;
    if beta == 0.0 {
        return Ok(product);
    }
    let sum = arith::add(&product, &scale(input, beta)?, 1.0)?;
    if sum.shape() != product.shape() {
        fail!(
            Shape,
            "{op}: input of shape {:?} does not expand to the product's {:?}",
            &input.shape()[..],
            &product.shape()[..]
        );
    }
    Ok(sum)
}

fn addmm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4]).tensor(&[2, 3]).tensor(&[3, 4]),
        Sample::new().tensor(&[2, 4]).tensor(&[2, 3]).tensor(&[3, 4]).kw("beta", 0.5).kw("alpha", 2.0),
        Sample::new().tensor(&[2, 1]).tensor(&[2, 3]).tensor(&[3, 4]),
    ]
}

/// `beta * input + alpha * (mat1 @ mat2)` with `mat1` (n, k) and `mat2` (k, m); `input` broadcasts to (n, m). With
/// `beta` 0 it does not matter, not even NaN in it.
/// Raises: RuntimeError if the shapes or dtypes do not fit.
///
/// >>> rt.addmm(rt.tensor([10.0, 20.0]), rt.eye(2), rt.tensor([[1.0, 2.0], [3.0, 4.0]]), alpha=2)
/// tensor([[12., 24.],
///         [16., 28.]])
#[op(at = [rutile, Tensor], sig = (input, mat1, mat2, *, beta=1.0, alpha=1.0), samples = addmm_samples, inplace, complex)]
pub fn addmm(input: &Tensor, mat1: &Tensor, mat2: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    axes("addmm", "mat1", mat1, 2)?;
    axes("addmm", "mat2", mat2, 2)?;
    combine("addmm", input, &product("addmm", mat1, mat2)?, beta, alpha)
}

fn baddbmm_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 2, 4]).tensor(&[2, 2, 3]).tensor(&[2, 3, 4]),
        Sample::new().tensor(&[2, 1]).tensor(&[2, 2, 3]).tensor(&[2, 3, 4]).kw("beta", 0.5).kw("alpha", 2.0),
    ]
}

/// `beta * input + alpha * (batch1 @ batch2)` with `batch1` (b, n, k) and `batch2` (b, k, m); `input` broadcasts to (b,
/// n, m). With `beta` 0 it does not matter, not even NaN in it.
/// Raises: RuntimeError if the shapes or dtypes do not fit.
///
/// >>> rt.baddbmm(rt.ones(4), rt.ones(8, 2, 3), rt.ones(8, 3, 4)).shape
/// rutile.Size([8, 2, 4])
#[op(at = [rutile, Tensor], sig = (input, batch1, batch2, *, beta=1.0, alpha=1.0), samples = baddbmm_samples, inplace, complex)]
pub fn baddbmm(input: &Tensor, batch1: &Tensor, batch2: &Tensor, beta: f64, alpha: f64) -> Result<Tensor> {
    batches("baddbmm", batch1, batch2)?;
    combine("baddbmm", input, &product("baddbmm", batch1, batch2)?, beta, alpha)
}

fn linear_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[2, 3]).tensor(&[4, 3]).tensor(&[4]),
        Sample::new().tensor(&[2, 2, 3]).tensor(&[4, 3]),
        Sample::new().tensor(&[3]).tensor(&[4, 3]).tensor(&[4]),
        Sample::new().tensor(&[2, 3]).tensor(&[3]),
        Sample::new().tensor(&[0, 3]).tensor(&[2, 3]).tensor(&[2]),
    ]
}

/// `input @ weight.T + bias`: `input` is (*, in), `weight` (out, in) or (in), `bias` (out); the result is (*, out).
/// Raises: RuntimeError if the shapes or dtypes do not fit.
///
/// >>> weight = rt.tensor([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]])
/// >>> F.linear(rt.tensor([[1.0, 2.0, 3.0]]), weight, rt.tensor([0.5, 0.0]))
/// tensor([[-1.5000,  4.0000]])
#[op(at = [nn.functional], sig = (input, weight, bias=None), samples = linear_samples, complex)]
pub fn linear(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (x, matrix, row) = (input.array(), weight.array(), bias.map(Tensor::array));
    let (from, to) = (x.shape(), matrix.shape());
    let fits = matches!(to.len(), 1 | 2) && from.last() == to.last();
    if !fits {
        fail!(
            Shape,
            "linear: input {from:?} and weight {to:?} do not fit: the last axis of both is the number of input features, \
             and weight is (out, in) or (in)"
        );
    }
    same_dtype("linear", x.dtype(), matrix.dtype())?;
    if to.len() == 1 {
        let out = matmul(input, weight)?;
        return bias.map_or_else(|| Ok(out.clone()), |bias| arith::add(&out, bias, 1.0));
    }
    if let Some(row) = &row {
        same_dtype("linear", x.dtype(), row.dtype())?;
        if row.shape() != &to[..1] {
            fail!(Shape, "linear: bias must be [{}] for weight {to:?}, got {:?}", to[0], row.shape());
        }
    }
    if from.len() == 2 {
        return affine(input, weight, bias, &x, &matrix, row.as_ref());
    }
    let rows = view::reshape_to(input, &[from[..from.len() - 1].iter().product::<usize>(), to[1]])?;
    let out = affine(&rows, weight, bias, &rows.array(), &matrix, row.as_ref())?;
    let mut shape = Shape::from_slice(&from[..from.len() - 1]);
    shape.push(to[0]);
    view::reshape_to(&out, &shape)
}

/// `x @ weight.T + bias` of matrices, whose arrays follow.
fn affine(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    rows: &Array,
    matrix: &Array,
    row: Option<&Array>,
) -> Result<Tensor> {
    if rows.dtype().is_complex() {
        let out = product("linear", x, &transposed(weight)?)?;
        return bias.map_or_else(|| Ok(out.clone()), |bias| arith::add(&out, bias, 1.0));
    }
    let out = multiply(&[], rows, &matrix.permute(&[1, 0]), row);
    if let (false, Some(bias)) = (rows.dtype().is_float(), bias) {
        return arith::add(&Tensor::from(out), bias, 1.0);
    }
    if !tracked([x, weight].into_iter().chain(bias)) {
        return Ok(out.into());
    }
    let (saved_x, saved_weight) = (x.save(), weight.save());
    let mut inputs = SmallVec::<[&Tensor; 3]>::from_slice(&[x, weight]);
    inputs.extend(bias);
    let biased = bias.is_some();
    Ok(record("linear", out, &inputs, move |g, grads| {
        let (x, weight) = (saved_x.get_for(grads)?, saved_weight.get_for(grads)?);
        grads.push(|| product("matmul", g, &weight))?;
        grads.push(|| product("matmul", &transposed(g)?, &x))?;
        if biased {
            grads.push(|| reduce::sum_to(g, &g.shape()[1..]))?;
        }
        Ok(())
    }))
}
