//! Corners of operations that samples do not reach: what they write to, what they refuse, what they promise.

use rutile::array::{Array, DType, Scalar};
use rutile::autograd::{Request, Tensor, backward};
use rutile::error::Error;
use rutile::generator::Generator;
use rutile::ops::registry::{Arg, Ints};
use rutile::ops::sums::Arithmetic;
use rutile::ops::{convert, create, loss, matmul, norm, random, reduce, update};

fn floats(values: &[f32], shape: &[usize]) -> Tensor {
    Tensor::from(Array::from_slice(values, shape))
}

fn values(tensor: &Tensor) -> Vec<f64> {
    convert::plain(&tensor.array(), DType::F64).slice::<f64>().to_vec()
}

fn gradients(out: &Tensor) -> Result<Vec<Option<Tensor>>, Error> {
    let seed = create::ones_like(out, None, Arg::None, false, None)?;
    let request = Request {
        roots: &[(out.clone(), seed)],
        inputs: None,
        accumulate: false,
        retain_graph: false,
        create_graph: false,
    };
    backward(&request, &Arithmetic)
}

#[test]
fn updates_reach_parameters_of_every_layout() {
    let storage = Array::from_slice(&[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]);
    let transposed = Tensor::from(storage.permute(&[1, 0]));
    let half = Tensor::from(convert::cast(&storage, DType::F16));
    let grad = floats(&[1.0; 6], &[3, 2]);
    let half_grad = floats(&[1.0; 6], &[2, 3]);
    let version = storage.storage().version();
    let params = [transposed.clone(), half.clone()];
    update::_fused_sgd(&params, &[grad, half_grad], &[], 0.5, 0.0, 0.0, 0.0, false, false, false).expect("a step");
    assert_eq!(storage.slice::<f32>(), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    assert_eq!(values(&half), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    assert_eq!(storage.storage().version(), version + 1);
    let missing = update::_fused_sgd(&params, &[], &[], 0.5, 0.0, 0.0, 0.0, false, false, false);
    assert!(matches!(missing, Err(Error::Value(_))));
    transposed.set_requires_grad(true).expect("a leaf");
    let leaf = std::slice::from_ref(&transposed);
    let recorded = update::_fused_sgd(leaf, leaf, &[], 0.5, 0.0, 0.0, 0.0, false, false, false);
    assert!(matches!(recorded, Err(Error::Autograd(_))), "outside no_grad");
}

#[test]
fn targets_must_not_change_before_the_derivative_runs() {
    let logits = floats(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], &[2, 3]);
    logits.set_requires_grad(true).expect("a leaf");
    let target = Tensor::from(Array::from_slice(&[0_i64, 2], &[2]));
    let out = loss::cross_entropy(&logits, &target, None, None, -100, None, "mean", 0.0).expect("a loss");
    create::zero_(&target).expect("a write");
    assert!(matches!(gradients(&out), Err(Error::Autograd(_))));
    let outside = Tensor::from(Array::from_slice(&[0_i64, 3], &[2]));
    let refused = loss::cross_entropy(&logits, &outside, None, None, -100, None, "mean", 0.0);
    assert!(matches!(refused, Err(Error::Index(_))));
}

#[test]
fn running_statistics_take_in_the_batch() {
    let x = floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 9.0], &[3, 2]);
    let (mean, var) = (floats(&[0.0, 10.0], &[2]), floats(&[1.0, 1.0], &[2]));
    norm::batch_norm(&x, Some(&mean), Some(&var), None, None, true, 0.5, 1e-5).expect("training");
    assert_eq!(values(&mean), [1.5, 7.5]);
    assert_eq!(values(&var), [2.5, 7.0]);
    let single = floats(&[1.0, 2.0], &[1, 2]);
    let refused = norm::batch_norm(&single, Some(&mean), Some(&var), None, None, true, 0.5, 1e-5);
    assert!(matches!(refused, Err(Error::Value(_))));
    // A step in training between a forward pass with the running statistics and its derivative changes nothing.
    let weight = floats(&[1.0, 1.0], &[2]);
    weight.set_requires_grad(true).expect("a leaf");
    let out = norm::batch_norm(&x, Some(&mean), Some(&var), Some(&weight), None, false, 0.5, 1e-5).expect("evaluation");
    let sums = values(&reduce::sum(&out, Some(Ints::from_slice(&[0])), false, None).expect("sums"));
    norm::batch_norm(&x, Some(&mean), Some(&var), None, None, true, 0.5, 1e-5).expect("training");
    gradients(&out).expect("gradients");
    let grad = values(&weight.grad().expect("a gradient"));
    assert!(grad.iter().zip(&sums).all(|(a, b)| (a - b).abs() < 1e-5), "{grad:?} {sums:?}");
}

#[test]
fn draws_follow_their_generator() {
    let draw = |generator: &Generator, dtype| {
        random::rand(Ints::from_slice(&[3, 1000]), Some(generator.clone()), Some(dtype), Arg::None, false)
            .expect("a draw")
    };
    let (a, b) = (Generator::new(5), Generator::new(5));
    for dtype in [DType::F16, DType::BF16, DType::F32, DType::F64] {
        let first = values(&draw(&a, dtype));
        assert_eq!(first, values(&draw(&b, dtype)));
        assert_ne!(first, values(&draw(&a, dtype)));
        draw(&b, dtype);
        assert!(first.iter().all(|x| (0.0..1.0).contains(x)), "{dtype}");
    }
    let order = values(&random::randperm(50, Some(a.clone()), None, Arg::None, false).expect("an order"));
    let mut sorted = order.clone();
    sorted.sort_by(f64::total_cmp);
    assert_eq!(sorted, (0..50).map(f64::from).collect::<Vec<_>>());
    let weights = floats(&[0.0, 1.0, 0.0, 3.0], &[4]);
    for replacement in [false, true] {
        let drawn = random::multinomial(&weights, 2, replacement, Some(a.clone())).expect("indices");
        assert!(values(&drawn).iter().all(|&i| i == 1.0 || i == 3.0));
    }
    assert!(random::multinomial(&weights, 3, false, None).is_err(), "only two categories have a weight");
}

#[test]
fn dropout_keeps_the_mean_and_its_gradient_knows_the_mask() {
    let x = floats(&[1.0; 10_000], &[100, 100]);
    x.set_requires_grad(true).expect("a leaf");
    let out = random::dropout(&x, 0.25, true, false).expect("a draw");
    let kept = values(&out);
    assert!(kept.iter().all(|&y| y == 0.0 || (y - 4.0 / 3.0).abs() < 1e-6));
    assert!((kept.iter().sum::<f64>() / 10_000.0 - 1.0).abs() < 0.05);
    gradients(&out).expect("gradients");
    assert_eq!(values(&x.grad().expect("a gradient")), kept);
}

#[test]
fn transposed_operands_need_no_copy_and_integers_wrap() {
    let a = Array::from_slice(&[1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0], &[2, 3]);
    let (a, at) = (Tensor::from(a.clone()), Tensor::from(a.permute(&[1, 0])));
    assert_eq!(values(&matmul::matmul(&a, &at).expect("a product")), [14.0, 32.0, 32.0, 77.0]);
    let bytes = Tensor::from(Array::from_slice(&[100_i8, 100], &[1, 2]));
    let ones = Tensor::from(Array::from_slice(&[1_i8, 1], &[2, 1]));
    assert_eq!(values(&matmul::mm(&bytes, &ones).expect("a product")), [-56.0]);
    assert!(matches!(matmul::mm(&a, &a), Err(Error::Shape(_))));
    assert!(matches!(matmul::mm(&a, &bytes), Err(Error::DType(_))));
}

#[test]
fn creation_checks_sizes_and_devices() {
    let size = |size: &[i64]| Ints::from_slice(size);
    assert!(create::zeros(size(&[2, -1]), None, Arg::None, false).is_err());
    assert!(create::zeros(size(&[i64::MAX, 4]), None, Arg::None, false).is_err());
    assert!(create::zeros(size(&[2]), None, Arg::Str("cuda".into()), false).is_err());
    assert!(create::zeros(size(&[2]), Some(DType::I64), Arg::None, true).is_err(), "integers have no gradient");
    let int = |value| Some(Scalar::Int(value));
    let empty = create::arange(int(3), int(3), Scalar::Int(1), None, Arg::None, false).expect("nothing");
    assert_eq!((empty.len(), empty.dtype()), (0, DType::I64));
    assert!(create::arange(int(3), int(0), Scalar::Int(1), None, Arg::None, false).is_err());
}
