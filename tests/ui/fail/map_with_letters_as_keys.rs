use std::collections::BTreeMap;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    by_letter: BTreeMap<char, Vec<NamedArray>>,
}

fn main() {}
