//! What the multiply-add units can do when nothing waits for memory: the yardstick for products and convolutions.

use super::{Isa, Kernel, Vector, dispatch};
use crate::math::Math;
use std::hint::black_box;
use std::time::Instant;

const STEPS: usize = 100_000;
/// Independent sums: enough to hide the latency of a multiply-add on two units.
const SUMS: usize = 12;

/// Runs multiply-adds in `f32` on the instruction set in use, on this thread; gives their number of floating-point
/// operations.
pub fn multiply_adds() -> usize {
    struct MultiplyAdds;
    impl Kernel for MultiplyAdds {
        type Output = usize;
        #[inline(always)]
        fn call<I: Isa>(self, _: I) -> usize {
            let (a, b) = (black_box(I::F32::splat(0.999)), black_box(I::F32::splat(0.001)));
            let mut sums = [b; SUMS];
            for _ in 0..STEPS {
                for i in 0..SUMS {
                    sums[i] = sums[i].mul_add(a, b);
                }
            }
            for i in 0..SUMS {
                black_box(sums[i].sum());
            }
            2 * STEPS * SUMS * I::F32::LANES
        }
    }
    dispatch(MultiplyAdds)
}

/// Floating-point operations per second of one thread: the best of some runs of [`multiply_adds`].
pub fn flops() -> f64 {
    let rate = || {
        let began = Instant::now();
        multiply_adds() as f64 / began.elapsed().as_secs_f64()
    };
    (0..20).map(|_| rate()).fold(0.0, f64::max)
}
