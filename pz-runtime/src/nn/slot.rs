//! Fields that hold layers whose type is decided when the model is built or edited.
//!
//! Both wrappers are invisible in a tree: the node is the layer inside.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Layer, Sequential, SideInputs, Value, judging};
use crate::error::{Report, Result};
use crate::path::PathKey;
use crate::tree::{Edits, Kept, Node, NodeInfo, Part, PathTo, PyTree, Shared, Steps, bury, unerase};

/// Any layer. What combinators hold, and what a field must be to accept any edit.
///
/// Clones share the layer.
#[derive(Clone)]
pub struct AnyLayer(Option<Arc<Kept<dyn Layer>>>);

impl AnyLayer {
    /// Erases a layer's type. A layer that is in an `AnyLayer` or a [`Slot`] already is not wrapped twice.
    pub fn new<L: Layer>(layer: L) -> Self {
        let outside: &dyn PyTree = &layer;
        if std::ptr::addr_eq(layer.as_node(), outside) {
            return AnyLayer::alone(layer);
        }
        AnyLayer::from_node(layer.clone_node()).unwrap_or_else(|_| AnyLayer::alone(layer))
    }

    fn alone<L: Layer>(layer: L) -> Self {
        AnyLayer(Some(Arc::new(Kept::new(layer))))
    }

    fn kept(&self) -> &Kept<dyn Layer> {
        self.0.as_deref().expect("only a drop takes the layer out")
    }

    /// The layer inside.
    pub fn layer(&self) -> &dyn Layer {
        self.kept().node()
    }

    /// The layer inside as an `L`, where it is one.
    pub fn downcast_ref<L: Layer>(&self) -> Option<&L> {
        (self.as_node() as &dyn Any).downcast_ref()
    }
}

impl Drop for AnyLayer {
    fn drop(&mut self) {
        if let Some(layer) = self.0.take() {
            bury(Shared::Kept(layer));
        }
    }
}

impl Layer for AnyLayer {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        judging::call(self, input, side)
    }
}

impl PyTree for AnyLayer {
    fn info(&self) -> &'static NodeInfo {
        self.layer().info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        self.layer().parts(out);
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        self.layer().rebuild(edits)
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        if slot == TypeId::of::<AnyLayer>() { Ok(self) } else { Err(self) }
    }
    fn summary(&self) -> Option<String> {
        self.layer().summary()
    }
    fn child_key(&self, index: usize) -> PathKey {
        self.layer().child_key(index)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.layer().entry_keys()
    }
    fn as_node(&self) -> &dyn PyTree {
        self.layer()
    }
    fn as_part(&self) -> Part<'_> {
        Part::Child(self.layer(), Some(self.kept().memo()))
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        let erased = unerase::<AnyLayer>(node).or_else(|node| {
            node.into_slot(TypeId::of::<AnyLayer>()).map(|slot| {
                *slot.downcast::<AnyLayer>().expect("the hook answers with the slot type it was asked for")
            })
        })?;
        Ok(erased)
    }
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>> {
        let mut layers = Vec::with_capacity(nodes.len());
        let mut nodes = nodes.into_iter();
        while let Some(node) = nodes.next() {
            match AnyLayer::from_node(node) {
                Ok(layer) => layers.push(layer),
                Err(node) => {
                    let before = layers.into_iter().map(|layer| -> Node { Box::new(layer) });
                    return Err(before.chain([node]).chain(nodes).collect());
                }
            }
        }
        match layers.len() {
            0 => Err(Vec::new()),
            1 => Ok(layers.swap_remove(0)),
            _ => Ok(AnyLayer::new(Sequential::new(layers))),
        }
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

    /// A slot for an `L` that holds another layer, which does the work of one.
    pub fn holding(layer: AnyLayer) -> Self {
        Slot { layer, declared: PhantomData }
    }

    /// The declared layer.
    ///
    /// # Errors
    /// An edit has put another layer in its place.
    pub fn get(&self) -> Result<&L> {
        self.layer.downcast_ref().ok_or_else(|| {
            let wanted = crate::tree::short_type_name(std::any::type_name::<L>());
            let found = self.layer.info().type_name;
            Report::new("Slot::get", format!("the slot was declared as `{wanted}` and now holds a `{found}`"))
                .tree()
        })
    }
}

impl<L> Clone for Slot<L> {
    fn clone(&self) -> Self {
        Slot { layer: self.layer.clone(), declared: PhantomData }
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
    fn child_key(&self, index: usize) -> PathKey {
        self.layer.child_key(index)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.layer.entry_keys()
    }
    fn as_node(&self) -> &dyn PyTree {
        self.layer.as_node()
    }
    fn as_part(&self) -> Part<'_> {
        self.layer.as_part()
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        AnyLayer::from_node(node).map(|layer| Slot { layer, declared: PhantomData })
    }
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>> {
        AnyLayer::from_nodes(nodes).map(|layer| Slot { layer, declared: PhantomData })
    }
}

/// Any layer can be there, so the path ends; [`holding`](crate::tree::TypedKeyPath::holding) says which one is.
impl<Root: ?Sized> Steps<Root> for AnyLayer {
    type Path = PathTo<Root, dyn PyTree>;
    fn begin(path: PathTo<Root, Self>) -> Self::Path {
        path.seen_as()
    }
}

/// The path goes on as that of the declared layer.
impl<Root: ?Sized, L: Steps<Root>> Steps<Root> for Slot<L> {
    type Path = L::Path;
    fn begin(path: PathTo<Root, Self>) -> L::Path {
        L::begin(path.seen_as())
    }
}
