//! Operations: each is declared once, with its formula or function, derivative, signature, doc and samples.

// Docs are Python's docstrings, whose examples have lists: `[[1], [2]]` is no link.
#![allow(rustdoc::broken_intra_doc_links)]

pub mod activation;
pub mod arith;
pub mod arrange;
pub mod attention;
pub mod brackets;
pub mod compare;
pub mod complex;
pub mod conv;
pub mod convert;
pub mod create;
pub mod ctc;
pub mod distance;
pub mod einsum;
pub mod embedding;
pub mod extreme;
pub mod fft;
pub mod fold;
pub mod formula;
pub mod fused;
pub mod grid;
pub mod histogram;
pub mod index;
pub mod inplace;
pub mod join;
pub mod linalg;
pub mod loss;
pub mod matmul;
pub mod norm;
pub mod numeric;
pub mod pieces;
pub mod place;
pub mod pool;
pub mod products;
pub mod random;
pub mod rare;
pub mod reduce;
pub mod registry;
pub mod resample;
pub mod restride;
pub mod rnn;
pub mod scan;
pub mod search;
pub mod softmax;
pub mod sort;
pub mod special;
pub mod statistics;
pub mod strided;
pub mod sums;
pub mod update;
pub mod view;
pub mod window;
