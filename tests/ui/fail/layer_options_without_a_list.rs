use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer]
struct Block {
    #[layer(residual)]
    delta: AnyLayer,
    #[layer(skip)]
    other: AnyLayer,
}

fn main() {}
