//! Distances between all pairs of points.

use super::fused::fused;
use super::registry::{Ints, Sample};
use super::{arith, compare, convert, index, reduce, sums, view};
use crate::array::{Array, DType, Shape, broadcast_shapes};
use crate::autograd::{Saved, Tensor, record};
use crate::error::Result;
use crate::{fail, with_dtype};
use rutile_kernels::distance;
use rutile_macros::op;

/// Distances of the rows of two batches of matrices, contiguous and of the same batch.
fn pairs(a: &Array, b: &Array, p: f64) -> Array {
    let lead = a.ndim() - 2;
    let (m, n, k) = (a.shape()[lead], b.shape()[lead], a.shape()[lead + 1]);
    let mut shape = Shape::from_slice(&a.shape()[..lead]);
    shape.extend([m, n]);
    let out = Array::uninit(a.dtype(), &shape);
    with_dtype!(reals a.dtype(), T => {
        let (a, b, out) = (a.slice::<T>(), b.slice::<T>(), out.slice_mut::<T>());
        for i in 0..shape[..lead].iter().product() {
            distance::pairs(&a[i * m * k..][..m * k], &b[i * n * k..][..n * k], k, p, &mut out[i * m * n..][..m * n]);
        }
    });
    out
}

/// The gradient of `a` (`rows`) or of `b` by the kernel.
fn pairs_gradient(a: &Array, b: &Array, p: f64, g: &Array, distances: &Array, rows: bool) -> Array {
    let lead = a.ndim() - 2;
    let (m, n, k) = (a.shape()[lead], b.shape()[lead], a.shape()[lead + 1]);
    let batch: usize = a.shape()[..lead].iter().product();
    let g = convert::contiguous_array(g);
    let out = Array::uninit(a.dtype(), if rows { a.shape() } else { b.shape() });
    with_dtype!(reals a.dtype(), T => {
        let (a, b, out) = (a.slice::<T>(), b.slice::<T>(), out.slice_mut::<T>());
        let (g, distances) = (g.slice::<T>(), distances.slice::<T>());
        for i in 0..batch {
            let (a, b) = (&a[i * m * k..][..m * k], &b[i * n * k..][..n * k]);
            let (gradient, distance) = (&g[i * m * n..][..m * n], &distances[i * m * n..][..m * n]);
            if rows {
                let of = distance::Pairs { gradient, distance, row: n, col: 1 };
                distance::pairs_gradient(a, b, k, p, of, &mut out[i * m * k..][..m * k]);
            } else {
                let of = distance::Pairs { gradient, distance, row: 1, col: n };
                distance::pairs_gradient(b, a, k, p, of, &mut out[i * n * k..][..n * k]);
            }
        }
    });
    out
}

/// The gradients of both, by their definition: the norm's derivative for every coordinate of every pair.
fn definition(x1: &Tensor, x2: &Tensor, p: f64, g: &Tensor, distances: &Tensor, rows: bool) -> Result<Tensor> {
    let ndim = x1.ndim() as i64;
    let difference = arith::sub(&view::unsqueeze(x1, ndim - 1)?, &view::unsqueeze(x2, ndim - 2)?, 1.0)?;
    let (g, distances) = (view::unsqueeze(g, -1)?, view::unsqueeze(distances, -1)?);
    let at_zero =
        compare::logical_or(&compare::eq(&difference, &sums::zero())?, &compare::eq(&distances, &sums::zero())?)?;
    // Where either is zero the slope is zero; ones keep what follows finite there.
    let size = compare::select(&at_zero, &sums::one(), &arith::abs(&difference)?)?;
    let sign = arith::sign(&difference)?;
    let slope = if p == 0.0 {
        arith::mul(&sign, &sums::zero())?
    } else if p == f64::INFINITY {
        let hit = compare::eq(&arith::abs(&difference)?, &distances)?;
        arith::mul(&sign, &convert::to_dtype(&hit, sign.dtype())?)?
    } else if p == 1.0 {
        sign
    } else {
        let whole = compare::select(&at_zero, &sums::one(), &distances)?;
        arith::mul(&sign, &arith::pow(&arith::true_divide(&size, &whole)?, &sums::number(p - 1.0))?)?
    };
    let local = arith::mul(&g, &compare::select(&at_zero, &sums::zero(), &slope)?)?;
    let over = Some(Ints::from_elem(if rows { -2 } else { -3 }, 1));
    let sum = reduce::sum(&local, over, false, None)?;
    if rows { Ok(sum) } else { arith::neg(&sum) }
}

fn cdist_samples() -> Vec<Sample> {
    let points = || Sample::new().tensor(&[3, 2]).tensor(&[4, 2]);
    vec![
        points(),
        points().kw("p", 1.0),
        points().kw("p", 3.0),
        points().kw("p", 1.5),
        points().kw("p", f64::INFINITY),
        points().kw("p", 0.0),
        Sample::new().tensor(&[2, 3, 2]).tensor(&[1, 2, 2]).arg(2.0).kw("compute_mode", "donot_use_mm_for_euclid_dist"),
        Sample::new().tensor(&[0, 2]).tensor(&[4, 2]),
        Sample::new().tensor(&[2, 0]).tensor(&[3, 0]),
    ]
}

/// The distances in the `p`-norm between the points of `x1` (..., P, M) and those of `x2` (..., R, M), as (..., P, R).
/// `p` is from 0 (how many coordinates differ) to inf (the largest difference). Batches broadcast. Differences are
/// taken directly, without the less exact detour over a matrix product, whatever `compute_mode` allows. The derivative
/// of a distance of 0 is 0.
/// Raises: RuntimeError if the points have different numbers of coordinates, or `p` is negative; ValueError for an
/// unknown `compute_mode`.
///
/// >>> rt.cdist(rt.tensor([[0.0, 0.0], [3.0, 0.0]]), rt.tensor([[0.0, 4.0]]))
/// tensor([[4.],
///         [5.]])
#[op(at = [rutile], sig = (x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"), samples = cdist_samples, integers = refused)]
pub fn cdist(x1: &Tensor, x2: &Tensor, p: f64, compute_mode: Option<&str>) -> Result<Tensor> {
    let modes = ["use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"];
    if let Some(mode) = compute_mode.filter(|mode| !modes.contains(mode)) {
        fail!(Value, "cdist: {mode:?} is not a valid value for compute_mode; those are {}", modes.join(", "));
    }
    distances("cdist", x1, x2, p)
}

fn distances(op: &'static str, x1: &Tensor, x2: &Tensor, p: f64) -> Result<Tensor> {
    if p.is_nan() || p < 0.0 {
        fail!(Value, "{op} only supports non-negative p values, got {p}");
    }
    for (name, x) in [("x1", x1), ("x2", x2)] {
        if !x.dtype().is_float() {
            fail!(DType, "{op} only supports floating-point dtypes, {name} got: {}", x.dtype());
        }
        if x.ndim() < 2 {
            fail!(Shape, "{op} only supports at least 2D tensors, {name} got: {}D", x.ndim());
        }
    }
    let (a, b) = (x1.shape(), x2.shape());
    let (lead_a, lead_b) = (a.len() - 2, b.len() - 2);
    if a[lead_a + 1] != b[lead_b + 1] {
        fail!(Shape, "{op}: x1 and x2 must have the same number of columns. x1: {:?} x2: {:?}", &a[..], &b[..]);
    }
    let batch = broadcast_shapes(op, &a[..lead_a], &b[..lead_b])?;
    // Whatever is broadcast or converted here, views and conversions on the tape undo.
    let dtype = crate::array::promote(x1.dtype(), x2.dtype());
    let fit = |x: &Tensor, rows: usize, columns: usize| {
        let mut shape = batch.clone();
        shape.extend([rows, columns]);
        convert::contiguous(&view::expand_to(&convert::to_dtype(x, dtype.compute())?, &shape)?)
    };
    let x1 = &fit(x1, a[lead_a], a[lead_a + 1])?;
    let x2 = &fit(x2, b[lead_b], b[lead_b + 1])?;
    let out = pairs(&x1.array(), &x2.array(), p);
    let (saved1, saved2, saved) = (x1.save(), x2.save(), Saved::from_output(&out));
    let result = record(op, out, &[x1, x2], move |g, grads| {
        let (x1, x2) = (saved1.get_for(grads)?, saved2.get_for(grads)?);
        let distances = saved.output(grads, 0)?;
        let gradient = |rows: bool| {
            fused(
                || {
                    let (a, b) = (x1.array(), x2.array());
                    Ok(Tensor::from(pairs_gradient(&a, &b, p, &g.array(), &distances.array(), rows)))
                },
                || definition(&x1, &x2, p, g, &distances, rows),
            )
        };
        grads.push(|| gradient(true))?;
        grads.push(|| gradient(false))
    });
    convert::to_dtype(&result, dtype)
}

fn pdist_samples() -> Vec<Sample> {
    vec![
        Sample::new().tensor(&[4, 2]),
        Sample::new().tensor(&[3, 2]).arg(1.0),
        Sample::new().tensor(&[3, 2]).kw("p", 3.0),
        Sample::new().tensor(&[1, 2]),
    ]
}

/// The distances in the `p`-norm between every two rows of a matrix (n, m), as a vector of n (n - 1) / 2: those above
/// the diagonal of `cdist(input, input)`, row by row.
/// Raises: RuntimeError unless `input` is 2-d, or if `p` is negative.
///
/// >>> F.pdist(rt.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
/// tensor([5.0000, 1.0000, 4.2426])
#[op(at = [rutile, nn.functional], sig = (input, p=2.0), samples = pdist_samples, integers = refused)]
pub fn pdist(input: &Tensor, p: f64) -> Result<Tensor> {
    super::matmul::axes("pdist", "input", input, 2)?;
    let n = input.shape()[0];
    let places: Vec<i64> = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i * n + j) as i64)).collect();
    let all = distances("pdist", input, input, p)?;
    let at = Tensor::from(Array::from_slice(&places, &[places.len()]));
    debug_assert_eq!(at.dtype(), DType::I64);
    index::index_select(&view::reshape_to(&all, &[n * n])?, 0, &at)
}
