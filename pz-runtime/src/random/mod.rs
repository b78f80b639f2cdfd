//! Random keys that are JAX's, bit for bit.
//!
//! A model built from one key in Penzai and in pz starts from the same weights, so the generator is JAX's
//! Threefry-2x32 with its partitionable stream. There is no hidden state: a [`Key`] is a value, and the same key gives
//! the same numbers on every machine, with every number of threads. A key can also be the element of an array; what
//! draws numbers from keys is the trait [`Random`](crate::named::Random).

mod key;
mod rng;
pub(crate) mod threefry;

pub use key::Key;
pub use rng::KeyRng;
