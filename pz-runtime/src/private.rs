//! All that macro expansions may name. No part of the public interface.

pub use crate::error::{Error, Result};
pub use crate::nn::{AnyLayer, Layer, SideInputs, Value, call_child};
pub use crate::path::PathKey;
pub use crate::tree::{Edits, FieldInfo, Kind, Node, NodeInfo, Part, PyTree, Static};
pub use std::any::{Any, TypeId};
pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::vec::Vec;

use std::marker::PhantomData;

/// Asks of a concrete type whether it is a layer: method lookup prefers [`SlotOfLayer`], which needs one
/// reference less, and falls back to [`SlotOfNode`].
pub struct SlotProbe<T>(PhantomData<T>);

impl<T> SlotProbe<T> {
    /// A probe for `T`.
    pub fn of(_: &T) -> Self {
        SlotProbe(PhantomData)
    }
}

/// The answer for layers.
pub trait SlotOfLayer<T> {
    /// Puts the layer into an `AnyLayer`, if that is the slot asked for.
    fn fill(&self, node: Box<T>, slot: TypeId) -> Result<Box<dyn Any>, Node>;
}

impl<T: Layer> SlotOfLayer<T> for SlotProbe<T> {
    fn fill(&self, node: Box<T>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        if slot == TypeId::of::<AnyLayer>() { Ok(Box::new(AnyLayer::new(*node))) } else { Err(node) }
    }
}

/// The answer for nodes that are no layers.
pub trait SlotOfNode<T> {
    /// Gives the node back.
    fn fill(&self, node: Box<T>, slot: TypeId) -> Result<Box<dyn Any>, Node>;
}

impl<T: PyTree> SlotOfNode<T> for &SlotProbe<T> {
    fn fill(&self, node: Box<T>, _slot: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(node)
    }
}
