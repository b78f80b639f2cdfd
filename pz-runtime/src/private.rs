//! All that macro expansions may name. No part of the public interface.

pub use crate::array::DType;
pub use crate::error::{Error, Result};
pub use crate::named::pattern::{
    EinsumPattern, PatternNames, PatternTerm, RearrangePattern, by_einsum as einsum,
    by_rearrange as rearrange, wrong_pattern,
};
pub use crate::nn::declared::{
    Acting, ActsOver, Expression, Formless, Grouped, Keeping, KeepsShape, Mapping, MapsAxes, Model,
    Modelling, SharesWith, Sharing, Signed, Signing, Site, attention, call_model, call_signed, check_model,
    cost_model, elements_of, from_input, group, product, reached, residual, stack, sum,
};
pub use crate::nn::{
    AnyLayer, Attention, BranchAndAddTogether, BranchAndMultiplyTogether, Cost, FromInput, Init, Layer,
    LayerStack, NamedGroup, Residual, Sequential, SideInputs, Sizes, Slot, Value, call_child,
};
pub use crate::path::PathKey;
pub use crate::shape::{
    AttentionAxes, Axes, Axis, Context, Elements, Place, Rule, Signature, Size, Types, Within, acted_on,
    applied, arguments, elements, groups_of, joined, joined_all, judge_alike, judge_argument,
    judge_condition, judge_count, judge_declared, judge_elements, judge_endless, judge_key, judge_left,
    judge_makes_axes, judge_multiple, judge_next_type, judge_order, judge_output, judge_output_elements,
    judge_pairs, judge_query, judge_residual, judge_right, judge_side_inputs, judge_side_options,
    judge_signature, judge_stack_axis, judge_stacked_model, judge_stacked_name, judge_surplus, judge_tied,
    judge_type, judge_value, made, mixed, own_type, resolved, scores, tied, typed,
};
pub use crate::tree::{
    Edits, Family, FieldInfo, Fields, Instance, Kind, Node, NodeInfo, Part, PathOf, PathTo, PyTree, Static,
    Steps, Struct, TypedKeyPath,
};
pub use crate::tree::{family_id, member_of};
pub use pz_macros::{PyTreeDataclass, pytree_dataclass};
pub use std::any::{Any, TypeId};
pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::convert::{From, Into};
pub use std::default::Default;
pub use std::file;
pub use std::fmt::{Debug, Formatter, Result as FmtResult};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::Ok;
pub use std::vec::Vec;

use std::marker::PhantomData;

use crate::named::NamedArray;

/// In the place of a layer that was refused.
pub fn unbuilt<T>() -> T {
    unreachable!("a model with a refused layer does not compile")
}

/// The table's entry of a child field.
pub const fn child_field(name: &'static str, docs: &'static str) -> FieldInfo {
    FieldInfo { name, child: true, default: false, docs }
}

/// The table's entry of a static field.
pub const fn static_field(name: &'static str, docs: &'static str) -> FieldInfo {
    FieldInfo { name, child: false, default: false, docs }
}

/// The entry of a field that has a default.
pub const fn with_default(field: FieldInfo) -> FieldInfo {
    FieldInfo { default: true, ..field }
}

/// The key of a child of `node`, as the user's function of the field's name gives it.
pub fn key_of(node: &dyn PyTree, index: usize, key: impl FnOnce(&'static str) -> PathKey) -> PathKey {
    let field = node.info().fields.iter().filter(|field| field.child).nth(index);
    field.map_or(PathKey::Index(index), |field| key(field.name))
}

/// `{:?}` of a derived type.
pub fn debug(node: &dyn PyTree, f: &mut Formatter<'_>) -> FmtResult {
    crate::treescope::debug(node, f)
}

/// The function of elements that is so called. (The macro knows the same names.)
pub fn activation(name: &str) -> crate::nn::Activation {
    crate::nn::Activation::named(name).unwrap_or(crate::nn::Activation::Relu)
}

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

/// A child that is called, with the name of its field.
pub type NamedLayer<'a> = (&'static str, &'a dyn Layer);

/// Calls the children of `owner` one after the other.
///
/// # Errors
/// The children's own.
pub fn call_sequential(
    owner: &impl Layer,
    layers: &[NamedLayer<'_>],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    chain(owner, layers, input, side)
}

/// Calls the children one after the other, and adds the input: `delta(x) + x`. The order of the operands is that
/// of the result's axes.
///
/// # Errors
/// The children's own; an input or a result that is no array; arrays that cannot be added.
pub fn call_residual(
    owner: &impl Layer,
    layers: &[NamedLayer<'_>],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    let name = owner.info().type_name;
    let input = input.into_array(name)?;
    let delta = chain(owner, layers, input.clone().into(), side)?.into_array(name)?;
    delta.add(&input).map(Value::from)
}

/// Calls all children with the same input, and adds their results from the first to the last.
///
/// # Errors
/// The children's own; a result that is no array; arrays that cannot be added.
pub fn call_sum(
    owner: &impl Layer,
    layers: &[NamedLayer<'_>],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    join(owner, layers, input, side, |sum, branch| sum.add(branch))
}

/// Calls all children with the same input, and multiplies their results from the first to the last.
///
/// # Errors
/// The children's own; a result that is no array; arrays that cannot be multiplied.
pub fn call_product(
    owner: &impl Layer,
    layers: &[NamedLayer<'_>],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    join(owner, layers, input, side, |product, branch| product.mul(branch))
}

fn chain(owner: &dyn PyTree, layers: &[NamedLayer<'_>], input: Value, side: &SideInputs) -> Result<Value> {
    layers.iter().try_fold(input, |value, (field, layer)| call_child(owner, field, *layer, value, side))
}

/// Folds the results of all children. No children (which the derive refuses) leave the input as it is.
fn join(
    owner: &dyn PyTree,
    layers: &[NamedLayer<'_>],
    input: Value,
    side: &SideInputs,
    operation: fn(&NamedArray, &NamedArray) -> Result<NamedArray>,
) -> Result<Value> {
    let name = owner.info().type_name;
    let Some(((field, first), rest)) = layers.split_first() else { return Ok(input) };
    let mut joined = call_child(owner, field, *first, input.clone(), side)?.into_array(name)?;
    for (field, layer) in rest {
        let branch = call_child(owner, field, *layer, input.clone(), side)?.into_array(name)?;
        joined = operation(&joined, &branch)?;
    }
    Ok(joined.into())
}

/// The manual pages of the macros; their examples run with the tests of this crate, which the macros' own cannot
/// depend on.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../pz-macros/docs/pytree_dataclass.md")]
    struct PytreeDataclass;
    #[doc = include_str!("../../pz-macros/docs/layer.md")]
    struct Layer;
    #[doc = include_str!("../../pz-macros/docs/einsum.md")]
    struct Einsum;
    #[doc = include_str!("../../pz-macros/docs/rearrange.md")]
    struct Rearrange;
    #[doc = include_str!("../../pz-macros/docs/model.md")]
    struct Model;
}
