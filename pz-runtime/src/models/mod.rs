//! Models made of the layers of [`nn`](crate::nn).
//!
//! A model here is a configuration (sizes and variants as data) and a function that builds the tree of layers
//! from it. Nothing else distinguishes it from a tree that a user writes.

pub mod llama2c;
pub mod transformer;
