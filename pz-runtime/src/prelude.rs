//! What `use pz::prelude::*;` brings: the names that nearly every program with a model in it writes.
//!
//! Modules come as their short aliases, so that layers are written `nn::Linear` and functions on arrays
//! `nx::concatenate`. `Result` and `Error` stay out: they would stand in for the standard library's own; write
//! `pz::Result`.

pub use crate::array::DType;
pub use crate::named::{NamedArray, Random};
pub use crate::nn::{AnyLayer, ArrayLayer, Layer, SideInputs, Slot, Value};
pub use crate::path::{KeyPath, PathKey};
pub use crate::random::Key;
pub use crate::shape::AxisName;
pub use crate::tree::{PyTree, Selection, Struct, TypedKeyPath, select};
pub use crate::vars::{
    Parameter, ParameterSlot, ParameterValue, StateVariable, StateVariableSlot, StateVariableValue,
};
pub use crate::{model, nn, nx, pytree_dataclass, ts};
