use std::collections::BTreeMap;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    blocks: BTreeMap<usize, NamedArray>,
}

fn main() {}
