//! An array as a leaf of a tree.

use std::any::{Any, TypeId};

use super::NamedArray;
use crate::error::Result;
use crate::tree::{Edits, Kind, Node, NodeInfo, Part, PyTree};

impl PyTree for NamedArray {
    fn info(&self) -> &'static NodeInfo {
        const INFO: NodeInfo =
            NodeInfo { type_name: "NamedArray", kind: Kind::Leaf, fields: &[], color: None, docs: "" };
        &INFO
    }

    fn parts<'a>(&'a self, _out: &mut Vec<Part<'a>>) {}

    fn rebuild(&self, _edits: &mut Edits) -> Result<Node> {
        Ok(self.clone_node())
    }

    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }

    fn into_slot(self: Box<Self>, _slot: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }

    fn summary(&self) -> Option<String> {
        let text = self.summary_text();
        Some(match self.known_scalar() {
            Some(value) => format!("{text} = {value}"),
            None => text,
        })
    }
}
