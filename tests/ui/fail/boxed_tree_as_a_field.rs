use pz::{PyTree, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    body: Box<dyn PyTree>,
}

fn main() {}
