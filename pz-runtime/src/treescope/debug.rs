//! `{:?}` of trees: one line of the renderer, and of `{:#?}` the whole text.
//!
//! What is derived comes here too; the wrappers, which are no nodes, show the layer that they hold.

use std::fmt;

use super::{render_line, render_text};
use crate::nn::{AnyLayer, Slot};
use crate::tree::PyTree;

/// Writes a tree for `Debug`.
pub(crate) fn debug(node: &dyn PyTree, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&if f.alternate() { render_text(node) } else { render_line(node) })
}

impl fmt::Debug for AnyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(self.layer(), f)
    }
}

impl<L: 'static> fmt::Debug for Slot<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(self.as_node(), f)
    }
}
