//! Patterns as Penzai writes them.

use super::found::tuple;
use super::spec::{Named, Place};

pub(super) fn positional_text(pattern: &[Place]) -> String {
    let text = |place: &Place| match place {
        Place::One(dim) => dim.to_string(),
        Place::Rest(rest) => format!("*var('{}')", rest.0),
    };
    tuple(pattern.iter().map(text).collect())
}

pub(super) fn named_text(pattern: &[Named]) -> String {
    let text = |axis: &Named| match axis {
        Named::One(name, dim) => format!("'{name}': {dim}"),
        Named::Rest(rest) => format!("**var('{}')", rest.0),
    };
    format!("{{{}}}", pattern.iter().map(text).collect::<Vec<_>>().join(", "))
}
