//! Layers in a row: the plain chain, and the chain with a name.
//!
//! Both do nothing but call their elements in order, so a selection may take them apart and put them together
//! again without a change in what the model computes. Types that are a chain with a name of their own
//! (a transformer block, a norm) call [`call_in_order`] and are chains in the same sense.

use super::{AnyLayer, Layer, SideInputs, Value, call_element};
use crate::error::Result;
use crate::tree::{Instance, PyTree, Tree};

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

/// Whether the node is a plain [`Sequential`], which has no name that would be lost if it were taken apart.
pub fn is_anonymous_sequential(node: &(impl Tree + ?Sized)) -> bool {
    node.as_tree().downcast_ref::<Sequential>().is_some()
}
