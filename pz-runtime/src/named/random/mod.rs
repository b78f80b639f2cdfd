//! Drawing from random keys.
//!
//! [`Random`] is what keys can do, whether one [`Key`] or an array of them. All samplers take the steps of
//! `jax.random` in the same precision, down to which products are fused with a sum: bits and whole numbers are JAX's,
//! and floats are within one ULP of them. What is drawn is lazy, and from bits to numbers is one pass over blocks that
//! stay in the caches: the example `workloads` measures it (`random`).
//!
//! An array of keys draws for each key by itself, as `vmap` does in JAX: the keys' axes come first in the result. So
//! what a loop or a function draws from a key of its own is what it would draw alone.

mod bounds;
mod choice;
mod keys;
mod samplers;
mod shape;

pub use bounds::Bounds;
pub use choice::Choice;
pub use shape::DrawShape;

use super::{NamedArray, Roles};
use crate::array::layout::Dims;
use crate::array::{Array, DType};
use crate::error::{Report, Result};
use crate::random::Key;

pub use samplers::Random;

impl From<Key> for NamedArray {
    fn from(key: Key) -> Self {
        NamedArray::scalar(key)
    }
}

/// Keys, and the axes of what is drawn from each.
struct Draw {
    keys: NamedArray,
    roles: Roles,
    dims: Dims,
    count: usize,
}

impl Draw {
    fn new(op: &str, keys: NamedArray, shape: DrawShape) -> Result<Self> {
        if keys.dtype() != DType::Key {
            let problem =
                format!("the array is {}, and randomness comes from random keys", keys.summary_text());
            return Err(Report::new(op, problem)
                .help("make a key of a seed, `Key::new(0)`, or of words, `words.wrap_key_data()`")
                .dtype());
        }
        keys.refuse_positional(op)?;
        let count = shape.count(op, &keys.roles)?;
        let roles = keys.roles.iter().chain(&shape.roles).copied().collect();
        Ok(Draw { keys, roles, dims: shape.dims, count })
    }

    /// What `make` makes of bits, element by element.
    #[track_caller]
    fn of_bits(self, bits: DType, make: impl FnOnce(&Array) -> Result<Array>) -> Result<NamedArray> {
        let stream = self.keys.array.random_bits(self.count, bits)?.map(make)?;
        Ok(NamedArray::new(stream.cut(&self.dims)?, self.roles))
    }
}
