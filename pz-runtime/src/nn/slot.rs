//! Fields that hold layers whose type is decided when the model is built or edited.
//!
//! Both wrappers are invisible in a tree: the node is the layer inside.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Layer, SideInputs, Value};
use crate::error::{Report, Result};
use crate::tree::{Edits, Node, NodeInfo, Part, PyTree, unerase};

/// Any layer. What combinators hold, and what a field must be to accept any edit.
#[derive(Clone)]
pub struct AnyLayer(Arc<dyn Layer>);

impl AnyLayer {
    /// Erases a layer's type.
    pub fn new(layer: impl Layer) -> Self {
        let node: &dyn Any = &layer;
        match node.downcast_ref::<AnyLayer>() {
            Some(erased) => erased.clone(),
            None => AnyLayer(Arc::new(layer)),
        }
    }

    /// The layer inside.
    pub fn layer(&self) -> &dyn Layer {
        &*self.0
    }

    /// The layer inside as an `L`, where it is one.
    pub fn downcast_ref<L: Layer>(&self) -> Option<&L> {
        (self.as_node() as &dyn Any).downcast_ref()
    }
}

impl Layer for AnyLayer {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        self.0.call(input, side)
    }
}

impl PyTree for AnyLayer {
    fn info(&self) -> &'static NodeInfo {
        self.0.info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        self.0.parts(out);
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        self.0.rebuild(edits)
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        if slot == TypeId::of::<AnyLayer>() { Ok(self) } else { Err(self) }
    }
    fn summary(&self) -> Option<String> {
        self.0.summary()
    }
    fn as_node(&self) -> &dyn PyTree {
        &*self.0
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        let erased = unerase::<AnyLayer>(node).or_else(|node| node.into_slot(TypeId::of::<AnyLayer>()).map(|slot| {
            *slot.downcast::<AnyLayer>().expect("the hook answers with the slot type it was asked for")
        }))?;
        Ok(erased)
    }
}

impl fmt::Debug for AnyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.info().type_name)
    }
}

/// A layer that was declared as an `L`, and that an edit may replace by any other layer.
pub struct Slot<L> {
    layer: AnyLayer,
    declared: PhantomData<fn() -> L>,
}

impl<L: Layer> Slot<L> {
    /// A slot that holds `layer`.
    pub fn new(layer: L) -> Self {
        Slot { layer: AnyLayer::new(layer), declared: PhantomData }
    }

    /// The declared layer.
    ///
    /// # Errors
    /// An edit has put another layer in its place.
    pub fn get(&self) -> Result<&L> {
        self.layer.downcast_ref().ok_or_else(|| {
            let wanted = crate::tree::short_type_name(std::any::type_name::<L>());
            let found = self.layer.info().type_name;
            Report::new("Slot::get", format!("the slot was declared as `{wanted}` and now holds a `{found}`")).tree()
        })
    }
}

impl<L> Clone for Slot<L> {
    fn clone(&self) -> Self {
        Slot { layer: self.layer.clone(), declared: PhantomData }
    }
}

impl<L> fmt::Debug for Slot<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.layer.fmt(f)
    }
}

impl<L: 'static> Layer for Slot<L> {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        self.layer.call(input, side)
    }
}

impl<L: 'static> PyTree for Slot<L> {
    fn info(&self) -> &'static NodeInfo {
        self.layer.info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        self.layer.parts(out);
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        self.layer.rebuild(edits)
    }
    fn clone_node(&self) -> Node {
        self.layer.clone_node()
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        Box::new(self.layer).into_slot(slot)
    }
    fn summary(&self) -> Option<String> {
        self.layer.summary()
    }
    fn as_node(&self) -> &dyn PyTree {
        self.layer.as_node()
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        AnyLayer::from_node(node).map(|layer| Slot { layer, declared: PhantomData })
    }
}
