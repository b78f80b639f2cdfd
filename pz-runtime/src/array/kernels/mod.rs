//! Loops over memory: slices in, slices out, nothing about axes' names or gradients.
//!
//! This is the only part of pz with `unsafe`: vector instructions chosen at run time, stores past the caches, and the
//! thread pool that lends stack data to its workers. Every result is the same to the bit for any number of threads: work is cut
//! by the shape alone, and sums have a fixed order.

pub(crate) mod attention;
pub(crate) mod block;
pub(crate) mod conv;
pub(crate) mod copy;
pub(crate) mod cpu;
pub(crate) mod cumulative;
pub(crate) mod fold;
pub(crate) mod fused;
pub(crate) mod gather;
pub(crate) mod halves;
pub(crate) mod lane;
pub(crate) mod loops;
pub(crate) mod math;
pub(crate) mod matmul;
pub(crate) mod places;
pub(crate) mod pool;
mod radix;
pub(crate) mod random;
pub(crate) mod reduce;
pub(crate) mod scatter;
pub(crate) mod scratch;
pub(crate) mod sort;
pub(crate) mod stream;
pub(crate) mod wide;
pub(crate) mod window;
