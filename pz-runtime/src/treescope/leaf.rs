//! What is written whole: values without fields.

use super::count::Count;
use crate::tree::{Kind, PyTree};

/// A node that is written whole.
pub(super) struct Leaf {
    /// Its text.
    pub(super) text: String,
    /// Its parameters.
    pub(super) count: Count,
    /// What a shared variable has in common with itself elsewhere in the tree.
    pub(super) identity: Option<usize>,
}

impl Leaf {
    /// The node as a leaf; `None` when it has fields to be written.
    pub(super) fn of(node: &dyn PyTree) -> Option<Self> {
        (node.info().kind == Kind::Leaf).then(|| {
            let text = node.summary().unwrap_or_else(|| format!("<{}>", node.info().type_name));
            Leaf { text, count: Count::default(), identity: None }
        })
    }
}
