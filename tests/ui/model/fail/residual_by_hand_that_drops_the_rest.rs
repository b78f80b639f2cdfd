use pz::nn::AnyLayer;
use pz::prelude::*;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(residual, input { ..rest, a: 4 }, output { a: 4 })]
struct Block {
    delta: AnyLayer,
}

fn main() {}
