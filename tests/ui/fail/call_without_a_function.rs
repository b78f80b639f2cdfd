use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call)]
struct Block {
    delta: AnyLayer,
}

fn main() {}
