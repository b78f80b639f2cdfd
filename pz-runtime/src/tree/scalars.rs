//! Numbers and truth values as leaves.

use std::any::{Any, TypeId};

use super::{Edits, Kind, Node, NodeInfo, Part, PyTree};
use crate::error::Result;

macro_rules! scalars {
    ($($type:ident),+) => {$(
        impl PyTree for $type {
            fn info(&self) -> &'static NodeInfo {
                static INFO: NodeInfo = NodeInfo {
                    type_name: stringify!($type),
                    kind: Kind::Leaf,
                    fields: &[],
                    color: None,
                    docs: "",
                };
                &INFO
            }
            fn parts<'a>(&'a self, _: &mut Vec<Part<'a>>) {}
            fn rebuild(&self, _: &mut Edits) -> Result<Node> {
                Ok(self.clone_node())
            }
            fn clone_node(&self) -> Node {
                Box::new(*self)
            }
            fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
                Err(self)
            }
            fn summary(&self) -> Option<String> {
                Some(format!("{self:?}"))
            }
        }
    )+};
}

scalars!(bool, f32, f64, i32, i64, u32, u64, usize);
