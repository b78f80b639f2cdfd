use pz::{NamedArray, pytree_dataclass};

#[derive(Debug)]
#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
}

fn main() {}
