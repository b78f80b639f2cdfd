//! Texts as trees: structure, and no data.
//!
//! A text in a tree (a label in a list, an entry of a map), or a single letter, is a node without children that has itself as its static
//! part. So it is compared and hashed with the structure, can be selected and set, and is none of the leaves that
//! arithmetic goes over.

use super::{FieldInfo, Kind, NodeInfo, Part, PyTree};
use crate::error::Result;

macro_rules! texts {
    ($($type:ty, $name:literal;)+) => {$(
        impl PyTree for $type {
            fn info(&self) -> &'static NodeInfo {
                static INFO: NodeInfo = NodeInfo {
                    type_name: $name,
                    kind: Kind::Text,
                    fields: &[FieldInfo { name: "", child: false, default: false, docs: "" }],
                    color: None,
                    docs: "",
                };
                &INFO
            }
            fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
                out.push(Part::Static(self));
            }
            fn rebuild(&self, _: &mut super::Edits) -> Result<super::Node> {
                Ok(self.clone_node())
            }
            fn clone_node(&self) -> super::Node {
                Box::new(<$type as Clone>::clone(self))
            }
            fn into_slot(
                self: Box<Self>,
                _: std::any::TypeId,
            ) -> Result<Box<dyn std::any::Any>, super::Node> {
                Err(self)
            }
        }
        crate::node_types!($type);
    )+};
}

texts! {
    String, "String";
    &'static str, "str";
    char, "char";
}
