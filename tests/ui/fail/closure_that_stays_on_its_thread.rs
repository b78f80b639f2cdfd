use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    activation: Option<Box<dyn Fn(&NamedArray) -> NamedArray>>,
}

fn main() {}
