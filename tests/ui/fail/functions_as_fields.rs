use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    activation: fn(f32) -> f32,
    #[pytree(static)]
    fixed: fn(f32) -> f32,
    closure: Box<dyn Fn(f32) -> f32 + Send + Sync>,
}

fn main() {}
