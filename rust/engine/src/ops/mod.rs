//! Operations: each is declared once, with its formula or function, derivative, signature, doc and samples.

pub mod activation;
pub mod arith;
pub mod arrange;
pub mod attention;
pub mod compare;
pub mod conv;
pub mod convert;
pub mod create;
pub mod ctc;
pub mod distance;
pub mod einsum;
pub mod embedding;
pub mod fold;
pub mod formula;
pub mod fused;
<<<<<<< HEAD
pub mod grid;
=======
pub mod histogram;
>>>>>>> c80c239 (Sorting, searching, statistics: radix sort on ordered keys, ranks, quantiles, histograms, covariances)
pub mod index;
pub mod inplace;
pub mod join;
pub mod linalg;
pub mod loss;
pub mod matmul;
pub mod norm;
pub mod numeric;
pub mod pool;
pub mod products;
pub mod random;
pub mod rare;
pub mod reduce;
pub mod registry;
pub mod resample;
pub mod rnn;
pub mod scan;
pub mod search;
pub mod softmax;
pub mod sort;
pub mod special;
pub mod statistics;
pub mod sums;
pub mod update;
pub mod view;
