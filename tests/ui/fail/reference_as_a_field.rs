use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: &'static NamedArray,
    name: &'static str,
}

fn main() {}
