//! What is written whole, and what counts as a parameter.
//!
//! All of it comes from what a value says of itself without being computed: its summary, its size, its dtype.

use super::count::Count;
use crate::named::NamedArray;
use crate::tree::{Kind, PyTree};
use crate::vars::{Parameter, ParameterValue};

/// The text of a node that is written whole; `None` when it has fields to be written.
pub(super) fn text_of(node: &dyn PyTree) -> Option<String> {
    let info = node.info();
    if info.kind != Kind::Leaf {
        return None;
    }
    Some(match node.summary() {
        None => format!("<{}>", info.type_name),
        // A variable: its label and what it holds.
        Some(summary) if node.identity().is_some() => format!("{}({summary})", info.type_name),
        // Angles say that this is a description, and nothing that could be typed.
        Some(summary) if node.downcast_ref::<NamedArray>().is_some() => format!("<{summary}>"),
        Some(summary) => summary,
    })
}

/// The parameters that a node itself is, mutable or frozen; those of its children are not among them.
pub(super) fn count_of(node: &dyn PyTree) -> Count {
    if let Some(parameter) = node.downcast_ref::<Parameter>() {
        return size_of(&parameter.value());
    }
    node.downcast_ref::<ParameterValue>().map_or(Count::default(), |frozen| size_of(&frozen.value))
}

fn size_of(array: &NamedArray) -> Count {
    let parameters = array.len() as u64;
    Count { parameters, bytes: parameters.saturating_mul(array.dtype().size() as u64) }
}
