//! Numbers and truth values as leaves.

use half::{bf16, f16};

use super::{Kind, NodeInfo, PyTree, leaf_methods};

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
            leaf_methods!();
            fn summary(&self) -> Option<String> {
                Some(format!("{self:?}"))
            }
        }
    )+};
}

scalars!(bool, f16, bf16, f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
