use std::collections::HashMap;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    blocks: HashMap<usize, NamedArray>,
}

fn main() {}
