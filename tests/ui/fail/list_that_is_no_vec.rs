use std::collections::{BTreeSet, VecDeque};

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Cache {
    keys: VecDeque<NamedArray>,
    #[pytree(static)]
    axes: BTreeSet<String>,
    values: Box<[NamedArray]>,
    name: Box<str>,
}

fn main() {}
