use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer]
struct Block {
    delta: AnyLayer,
    other: AnyLayer,
}

fn main() {}
