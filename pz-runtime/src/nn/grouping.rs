//! Layers in a row: the plain chain, and the chain with a name.
//!
//! Both do nothing but call their elements in order, so a selection may take them apart and put them together
//! again without a change in what the model computes. Types that are a chain with a name of their own
//! (a transformer block, a norm) call [`call_in_order`] and are chains in the same sense.

use super::{AnyLayer, Layer, SideInputs, Value, call_element};
use crate::error::Result;
use crate::tree::{Edits, Instance, Node, PyTree, Tree, map_upwards};

/// Calls `layers`, the elements of the field `field` of `owner`, one after the other.
///
/// No layers are the identity. All layers get the same side inputs.
///
/// # Errors
/// The first error of a layer, with the element added to the place that it names.
pub fn call_in_order(
    owner: &dyn PyTree,
    field: &'static str,
    layers: &[AnyLayer],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    layers
        .iter()
        .enumerate()
        .try_fold(input, |value, (index, layer)| call_element(owner, field, index, layer, value, side))
}

/// Layers that are called in order.
///
/// ```
/// use pz::nn::{Layer, Sequential, SideInputs};
/// use pz::NamedArray;
/// let empty = Sequential { sublayers: vec![] };
/// let out = empty.call(NamedArray::scalar(3.0_f32).into(), &SideInputs::new())?;
/// assert_eq!(out.into_array("example")?.item::<f32>()?, 3.0);
/// # Ok::<(), pz::Error>(())
/// ```
#[crate::pytree_dataclass]
#[pytree(family, color = "#cdcdcd")]
pub struct Sequential {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Sequential {
    /// A chain of these layers.
    pub fn new(sublayers: impl IntoIterator<Item = AnyLayer>) -> Self {
        Sequential { sublayers: sublayers.into_iter().collect() }
    }
}

impl Layer for Sequential {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// A [`Sequential`] with a name, by which it can be selected; without layers it names an activation.
#[crate::pytree_dataclass]
pub struct NamedGroup {
    /// The name.
    #[pytree(static)]
    pub name: String,
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl NamedGroup {
    /// A chain of these layers, called `name`.
    pub fn new(name: impl Into<String>, sublayers: impl IntoIterator<Item = AnyLayer>) -> Self {
        NamedGroup { name: name.into(), sublayers: sublayers.into_iter().collect() }
    }
}

impl Layer for NamedGroup {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// Whether the node does nothing but call its `sublayers` in order: a [`Sequential`], a type that is declared as one
/// (`#[pytree_dataclass(is = Sequential)]`), or a [`NamedGroup`].
///
/// ```
/// use pz::nn::{Identity, NamedGroup, Sequential, is_anonymous_sequential, is_sequential_or_named};
/// let (chain, group) = (Sequential::new([]), NamedGroup::new("g", []));
/// assert!(is_sequential_or_named(&chain) && is_sequential_or_named(&group) && !is_sequential_or_named(&Identity {}));
/// assert!(is_anonymous_sequential(&chain) && !is_anonymous_sequential(&group));
/// ```
pub fn is_sequential_or_named(node: &(impl Tree + ?Sized)) -> bool {
    <(Sequential, NamedGroup)>::seen(node.as_tree()).is_some()
}

/// The elements of a chain: of a [`Sequential`], of a type that is declared as one, or of a [`NamedGroup`].
pub fn sublayers_of(node: &(impl Tree + ?Sized)) -> Option<&[AnyLayer]> {
    let node = node.as_tree();
    if !is_sequential_or_named(node) {
        return None;
    }
    node.children().into_iter().find_map(|child| child.downcast_ref::<Vec<AnyLayer>>()).map(Vec::as_slice)
}

/// The tree in which the elements of chains that are elements of chains stand in the outer ones themselves, where
/// `parent` says so of the outer and `child` of the inner one. It is done from the leaves upwards, so both see nodes in
/// which it is done.
///
/// # Errors
/// Those of `map_upwards`.
pub fn inline_groups<T: PyTree>(
    tree: &T,
    parent: impl Fn(&dyn PyTree) -> bool,
    child: impl Fn(&dyn PyTree) -> bool,
) -> Result<T> {
    map_upwards(tree, |node| {
        let Some(layers) = sublayers_of(node).filter(|_| parent(node)) else { return Ok(None) };
        let inner = |layer: &AnyLayer| {
            let inner = layer.as_node();
            sublayers_of(inner).filter(|_| child(inner)).map(<[AnyLayer]>::to_vec)
        };
        let inners: Vec<_> = layers.iter().map(inner).collect();
        if inners.iter().all(Option::is_none) {
            return Ok(None);
        }
        let flat: Vec<AnyLayer> = inners
            .into_iter()
            .zip(layers)
            .flat_map(|(inner, layer)| inner.unwrap_or_else(|| vec![layer.clone()]))
            .collect();
        let place = node.children().iter().position(|child| child.downcast_ref::<Vec<AnyLayer>>().is_some());
        node.rebuild(&mut Edits::new([(place.unwrap_or(0), Box::new(flat) as Node)])).map(Some)
    })
}

/// The tree in which chains without a name are parts of the chains that they are in.
///
/// ```
/// use pz::nn::{AnyLayer, Identity, Sequential, inline_anonymous_sequentials};
/// let identity = || AnyLayer::new(Identity {});
/// let inner = AnyLayer::new(Sequential::new([identity(), identity()]));
/// let flat = inline_anonymous_sequentials(&Sequential::new([inner, identity()]))?;
/// assert_eq!(flat.sublayers.len(), 3);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// As [`inline_groups`].
pub fn inline_anonymous_sequentials<T: PyTree>(tree: &T) -> Result<T> {
    inline_groups(tree, is_sequential_or_named, is_anonymous_sequential)
}

/// Whether the node is a plain [`Sequential`], which has no name that would be lost if it were taken apart.
pub fn is_anonymous_sequential(node: &(impl Tree + ?Sized)) -> bool {
    node.as_tree().downcast_ref::<Sequential>().is_some()
}
