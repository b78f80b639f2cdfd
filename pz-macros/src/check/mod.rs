//! The rules, one function each. The lists below are the specification, in the order of the messages.

mod item;
mod layer;
mod model;

use crate::diag::Errors;
use crate::ir::{Layer, Node, model::Model};
use crate::parse::Head;

/// The rules for the place where `#[pytree_dataclass]` stands.
pub(crate) fn dataclass(errors: &mut Errors, head: &Head) {
    item::is_a_type(errors, head);
}

/// The rules for a tree node.
pub(crate) fn node(errors: &mut Errors, node: &Node) {
    item::is_a_struct(errors, node);
    item::borrows_nothing(errors, node);
    item::is_not_packed(errors, node);
}

/// The rules for a layer.
pub(crate) fn layer(errors: &mut Errors, layer: &Layer) {
    layer::dataclass_comes_first(errors, &layer.node);
    item::is_a_struct(errors, &layer.node);
    item::borrows_nothing(errors, &layer.node);
    layer::has_children_to_combine(errors, layer);
}

/// The rules for a model, before any size is known.
pub(crate) fn model(errors: &mut Errors, model: &Model) {
    model::header(errors, model);
    model::layers(errors, &model.layers, &[]);
}
