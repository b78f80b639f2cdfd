use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    closure: Box<dyn Fn(f32) -> f32 + Send + Sync>,
}

fn main() {}
