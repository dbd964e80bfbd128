//! Loops over borrowed memory.
//!
//! Kernels borrow pointers, shapes and strides. They never allocate results, never count references and never
//! return errors: whoever calls them has checked shapes already. Threads are outside ([`par`]), lanes inside
//! ([`simd`]): work is cut into pieces that depend on shapes alone, each piece enters the instruction set once.

pub mod complex;
pub mod conv;
pub mod copy;
pub mod ctc;
pub mod distance;
pub mod element;
pub mod fft;
pub mod fold;
pub mod gemm;
pub mod grid;
pub mod histogram;
pub mod index;
mod interleave;
pub mod linalg;
pub mod map;
pub mod math;
pub mod norm;
pub mod par;
mod parts;
pub mod pool;
pub mod random;
pub mod reduce;
pub mod resample;
pub mod rnn;
pub mod scan;
pub mod simd;
pub mod softmax;
pub mod sort;
pub mod special;
mod sums;
pub mod update;
pub mod view;

pub use element::{Element, Real};
pub use math::Math;
pub use view::{View, ViewMut};
