use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(residul)]
struct Block {
    delta: AnyLayer,
}

fn main() {}
