use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run)]
struct Block {
    delta: AnyLayer,
}

impl Block {
    fn run(&self) -> usize {
        0
    }
}

fn main() {}
