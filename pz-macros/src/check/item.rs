//! What kind of item can be a tree node.
//!
//! A rule that two derives of one item share says the same words at the same place, which rustc prints once.

use crate::diag::Errors;
use crate::ir::{Form, Node};
use crate::parse::Head;

/// Only a type has fields. (Enums and unions are refused by the derive, which knows more of them.)
pub(super) fn is_a_type(errors: &mut Errors, head: &Head) {
    if !head.is_type() {
        let message = format!("found `{}` below `#[pytree_dataclass]`, wanted a `struct`", head.keyword);
        errors.add(
            &head.keyword,
            message,
            "move `#[pytree_dataclass]` to the struct that shall be a tree node",
        );
    }
}

/// The children of an enum depend on its value, which a table of fields cannot say.
pub(super) fn is_a_struct(errors: &mut Errors, node: &Node) {
    let name = &node.name;
    match node.form {
        Form::Struct => {}
        Form::Enum => errors.add(
            name,
            format!("`{name}` is an enum, and enums are not yet tree nodes: wanted a struct"),
            "make it a struct with an `AnyLayer` field for what differs, or keep the enum in a field with `#[pytree(static)]`",
        ),
        Form::Union => errors.add(
            name,
            format!("`{name}` is a union, which cannot be a tree node: wanted a struct"),
            "make it a struct",
        ),
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
