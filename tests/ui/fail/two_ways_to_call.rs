use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(add, multiply)]
struct Block {
    left: AnyLayer,
    right: AnyLayer,
}

fn main() {}
