//! What kind of item can be a tree node.
//!
//! A rule that two derives of one item share says the same words at the same place, which rustc prints once.

use crate::diag::Errors;
use crate::ir::{Form, Node};
use crate::parse::Head;

/// Only a type has fields. (Unions are refused by the derive, which knows more of them.)
pub(super) fn is_a_type(errors: &mut Errors, head: &Head) {
    if !head.is_type() {
        let message =
            format!("found `{}` below `#[pytree_dataclass]`, wanted a `struct` or an `enum`", head.keyword);
        errors.add(
            &head.keyword,
            message,
            "move `#[pytree_dataclass]` to the struct that shall be a tree node",
        );
    }
}

/// All that the attribute writes would be there twice.
pub(super) fn is_said_once(errors: &mut Errors, head: &Head) {
    if let Some(again) = head.again() {
        errors.add(
            again,
            "found `#[pytree_dataclass]` twice on one item, wanted it once",
            "remove one of the two",
        );
    }
}

/// What a union holds is not known.
pub(super) fn is_no_union(errors: &mut Errors, node: &Node) {
    let name = &node.name;
    if node.form == Form::Union {
        let message = format!("`{name}` is a union, which cannot be a tree node: wanted a struct or an enum");
        errors.add(name, message, "make it an enum, which knows what it holds");
    }
}

/// There is no value of an enum without variants, and so no tree.
pub(super) fn has_variants(errors: &mut Errors, node: &Node) {
    let name = &node.name;
    if node.form == Form::Enum && node.variants.is_empty() {
        let message =
            format!("`{name}` is an enum without variants, of which there is no value: wanted one at least");
        errors.add(name, message, "add a variant, or make it a `struct` without fields");
    }
}

/// A tree owns its parts: an edited copy outlives what it was made from.
pub(super) fn borrows_nothing(errors: &mut Errors, node: &Node) {
    for lifetime in node.lifetimes() {
        errors.add(
            lifetime,
            format!("found the lifetime `{lifetime}` on `{}`: a tree node owns its parts", node.name),
            "hold the value itself, or share it with `Arc`",
        );
    }
}

/// Parts are handed out by reference.
pub(super) fn is_not_packed(errors: &mut Errors, node: &Node) {
    if let Some(repr) = &node.packed {
        let message =
            format!("`{}` is packed, and the fields of a packed struct cannot be borrowed", node.name);
        errors.add(repr, message, "remove `packed`");
    }
}
