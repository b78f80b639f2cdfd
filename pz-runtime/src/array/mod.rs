//! Positional arrays: element types, storage, the lazy graph, primitives, plans, kernels.
//!
//! An operation makes a node and returns at once (`graph`); its shape is inferred then, by the rule that the
//! `primitive` carries. When a value is read, what is needed is collected and planned (`plan`): views cost
//! nothing, runs of elementwise operations become one pass (`kernels`), plans are kept by structure. The
//! public face of all this is `NamedArray`, one module on.

pub(crate) mod body;
pub(crate) mod buffer;
mod constants;
pub(crate) mod control;
pub(crate) mod dtype;
pub(crate) mod flow;
pub(crate) mod graph;
pub(crate) mod kernels;
pub(crate) mod layout;
mod mixer;
pub(crate) mod ops;
pub(crate) mod params;
pub(crate) mod plan;
pub(crate) mod primitive;
pub(crate) mod setting;
pub(crate) mod storage;
#[cfg(test)]
mod tests;
pub(crate) mod trace;
pub(crate) mod tracking;

pub use dtype::{DKind, DType, Element};
pub(crate) use graph::{Array, reads};

pub(crate) use crate::path::caller;

/// The names of all primitives: what traces print, and what can be asked for a derivative.
///
/// ```
/// assert!(pz::array::primitives().any(|name| name == "dynamic_update_slice"));
/// ```
pub fn primitives() -> impl Iterator<Item = &'static str> {
    ops::PRIMITIVES.iter().map(|op| op.name)
}

/// The number of threads that evaluations use: `PZ_THREADS`, a number from 1 to 256, else that of the machine's cores.
pub fn threads() -> usize {
    kernels::pool::threads()
}

/// Sets the number of threads that evaluations use from now on. Results do not depend on it, to the bit.
pub fn set_threads(threads: usize) {
    kernels::pool::set_threads(threads);
}
