use std::collections::VecDeque;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Cache {
    keys: VecDeque<NamedArray>,
}

fn main() {}
