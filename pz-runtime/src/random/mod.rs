//! Random numbers that are JAX's, bit for bit.
//!
//! A model built from one key in Penzai and in pz starts from the same weights, so the generator is JAX's
//! Threefry-2x32 with its partitionable stream, and the samplers take the same steps in the same precision,
//! down to which multiplications are fused with an addition. There is no hidden state: a [`Key`] is a value,
//! and the same key gives the same numbers on every machine, with every number of threads.

mod float;
mod key;
mod samplers;
mod threefry;

pub use key::Key;
