//! An array as a leaf of a tree.

use super::NamedArray;
use crate::error::Result;
use crate::tree::{Kind, NodeInfo, PyTree, leaf_methods};

impl PyTree for NamedArray {
    fn info(&self) -> &'static NodeInfo {
        const INFO: NodeInfo =
            NodeInfo { type_name: "NamedArray", kind: Kind::Leaf, fields: &[], color: None, docs: "" };
        &INFO
    }

    leaf_methods!();

    fn leaf_difference(&self, other: &dyn PyTree) -> Result<Option<String>> {
        let Some(other) = other.downcast_ref::<NamedArray>() else { return Ok(None) };
        match self.form_difference(other) {
            Some(text) => Ok(Some(text)),
            None => Ok(self.difference(other)?.map(|difference| difference.to_string())),
        }
    }

    fn summary(&self) -> Option<String> {
        let text = self.summary_text();
        Some(match self.known_scalar() {
            Some(value) => format!("{text} = {value}"),
            None => text,
        })
    }
}

crate::node_types!(NamedArray);
