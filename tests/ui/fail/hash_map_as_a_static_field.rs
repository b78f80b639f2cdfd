use std::collections::HashMap;

use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    #[pytree(static)]
    sizes: HashMap<String, usize>,
}

fn main() {}
