use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: *const NamedArray,
}

fn main() {}
