use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    #[pytree(static)]
    fixed: fn(f32) -> f32,
}

fn main() {}
