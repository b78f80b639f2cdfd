//! What can be a layer.

use crate::diag::Errors;
use crate::ir::{Form, Layer, Node, Rule};

/// A derive is not seen by an attribute below it: a generic layer would not be known as one, and a derived
/// `Clone` would be written twice.
pub(super) fn dataclass_comes_first(errors: &mut Errors, node: &Node) {
    if let Some(attribute) = &node.dataclass_below {
        errors.add(
            attribute,
            "found `#[pytree_dataclass]` below `#[derive(Layer)]`, wanted it above",
            "make `#[pytree_dataclass]` the first attribute of the struct",
        );
    }
}

/// What the children of an enum are depends on its value, and so does how it is called.
pub(super) fn is_a_struct(errors: &mut Errors, node: &Node) {
    let name = &node.name;
    if node.form == Form::Enum {
        errors.add(
            name,
            format!("`{name}` is an enum, whose call depends on its variant: wanted a struct"),
            "write the call by hand: `impl Layer for` the enum, and `match self` in it",
        );
    }
}

/// A sum of nothing has no shape.
pub(super) fn has_children_to_combine(errors: &mut Errors, layer: &Layer) {
    let word = match &layer.rule {
        Rule::Residual(word) | Rule::Add(word) | Rule::Multiply(word) => word,
        Rule::Sequential | Rule::Call(_) => return,
    };
    if layer.node.form == Form::Struct && layer.node.children().next().is_none() {
        errors.add(
            word,
            format!(
                "found `{word}` on `{}`, which has no child fields, wanted at least one",
                layer.node.name
            ),
            "add a field that is a layer, or remove `#[pytree(static)]` from one",
        );
    }
}
