//! Operations: each is declared once, with its formula or function, derivative, signature, doc and samples.

pub mod activation;
pub mod arith;
pub mod compare;
pub mod convert;
pub mod formula;
pub mod index;
pub mod inplace;
pub mod reduce;
pub mod registry;
pub mod special;
pub mod sums;
pub mod view;
