use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
struct Block {
    #[layer(residual)]
    delta: AnyLayer,
    other: AnyLayer,
}

fn main() {}
