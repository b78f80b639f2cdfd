//! What an edit accepts as a new node.

use crate::error::Result;
use crate::tree::{Node, PyTree};

/// A node, or a result that is one: what the closure of an edit may give back.
pub trait IntoNode {
    /// The node.
    ///
    /// # Errors
    /// The closure's own.
    fn into_node(self) -> Result<Node>;
}

impl<T: PyTree> IntoNode for T {
    fn into_node(self) -> Result<Node> {
        Ok(Box::new(self))
    }
}

impl<T: PyTree> IntoNode for Result<T> {
    fn into_node(self) -> Result<Node> {
        self.map(|node| -> Node { Box::new(node) })
    }
}

impl IntoNode for Node {
    fn into_node(self) -> Result<Node> {
        Ok(self)
    }
}

impl IntoNode for Result<Node> {
    fn into_node(self) -> Result<Node> {
        self
    }
}
