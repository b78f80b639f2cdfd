use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
}

fn main() {}
