use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
struct Block {
    delta: AnyLayer,
    #[layer(skip)]
    other: AnyLayer,
}

fn main() {}
