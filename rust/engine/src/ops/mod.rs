//! Operations: each is declared once, with its formula or function, derivative, signature, doc and samples.

pub mod activation;
pub mod arith;
pub mod attention;
pub mod compare;
pub mod conv;
pub mod convert;
pub mod create;
pub mod formula;
pub mod fused;
pub mod index;
pub mod inplace;
pub mod join;
pub mod loss;
pub mod matmul;
pub mod norm;
pub mod pool;
pub mod random;
pub mod reduce;
pub mod registry;
pub mod rnn;
pub mod scan;
pub mod softmax;
pub mod special;
pub mod sums;
pub mod update;
pub mod view;
