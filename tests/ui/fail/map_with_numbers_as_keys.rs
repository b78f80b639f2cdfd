use std::collections::{BTreeMap, HashMap};

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    blocks: HashMap<usize, NamedArray>,
    by_letter: BTreeMap<char, Vec<NamedArray>>,
    #[pytree(static)]
    sizes: HashMap<String, usize>,
}

fn main() {}
