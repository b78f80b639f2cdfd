use std::collections::BTreeSet;

use pz::pytree_dataclass;

#[pytree_dataclass]
struct Cache {
    #[pytree(static)]
    axes: BTreeSet<String>,
}

fn main() {}
