use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(attention)]
struct Block {
    delta: AnyLayer,
}

fn main() {}
