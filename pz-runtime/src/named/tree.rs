//! An array as a leaf of a tree.

use super::NamedArray;
use crate::tree::{Kind, NodeInfo, PyTree, leaf_methods};

impl PyTree for NamedArray {
    fn info(&self) -> &'static NodeInfo {
        const INFO: NodeInfo =
            NodeInfo { type_name: "NamedArray", kind: Kind::Leaf, fields: &[], color: None, docs: "" };
        &INFO
    }

    leaf_methods!();

    fn summary(&self) -> Option<String> {
        let text = self.summary_text();
        Some(match self.known_scalar() {
            Some(value) => format!("{text} = {value}"),
            None => text,
        })
    }
}

crate::node_types!(NamedArray);
