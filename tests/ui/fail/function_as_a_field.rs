use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    activation: fn(f32) -> f32,
}

fn main() {}
