//! Parts: a tree as a flat list, in reading order.
//!
//! Each part knows its parent and where its descendants end, which is all that a loop needs to go down, up, or past.

use super::color::Ink;
use super::count::Count;
use crate::path::{KeyPath, PathKey};
use crate::tree::{FieldInfo, NodeInfo};

/// One node, leaf or static field.
#[derive(Debug)]
pub(super) struct Part {
    /// What stands before the value: `weights=`.
    pub(super) label: String,
    /// The whole text of a leaf; for a node, what opens it: `Linear(`.
    pub(super) open: String,
    /// The text of a static field that can be written on several lines, line by line, without indentation.
    pub(super) tall: Vec<String>,
    /// What closes a node: `)`. Empty for a leaf.
    pub(super) close: &'static str,
    /// A remark of the node's own.
    pub(super) remark: Option<String>,
    /// The table of a node's type; `None` for a static field.
    pub(super) info: Option<&'static NodeInfo>,
    /// What the parent's table says of the field.
    pub(super) field: Option<&'static FieldInfo>,
    /// The colour of its name and brackets, or of all of a leaf.
    pub(super) ink: Option<Ink>,
    /// The lines of comment above.
    pub(super) docs: Vec<String>,
    /// The step from the parent; `None` for the root and for static fields.
    pub(super) key: Option<PathKey>,
    /// The part above.
    pub(super) parent: Option<usize>,
    /// How many parts are above.
    pub(super) depth: usize,
    /// The index after the last part below.
    pub(super) end: usize,
    /// The parameters in this part and below, each counted where it is met first.
    pub(super) count: Count,
    /// The place of a variable that is in the tree more than once.
    pub(super) shared: Option<Shared>,
    /// Whether it was selected, and whether its line says so.
    pub(super) selected: Selected,
}

/// Whether a part was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selected {
    No,
    /// It has a line of its own.
    Shown,
    /// Its line says that it was.
    Told,
}

/// How a shared variable stands in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// Here first; it is in the tree this many times.
    First(usize),
    /// Here again; first at this part.
    Again(usize),
}

impl Part {
    /// Whether there is nothing below.
    pub(super) fn is_leaf(&self) -> bool {
        self.close.is_empty()
    }
}

/// The path from the root to a part; `None` for a static field.
pub(super) fn path_to(parts: &[Part], index: usize) -> Option<KeyPath> {
    let mut keys = Vec::with_capacity(parts[index].depth);
    let mut at = index;
    while let Some(parent) = parts[at].parent {
        keys.push(parts[at].key.clone()?);
        at = parent;
    }
    Some(keys.into_iter().rev().collect())
}
