use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(add)]
struct Block {
    #[pytree(static)]
    size: usize,
}

fn _uses(block: Block) -> AnyLayer {
    AnyLayer::new(block)
}

fn main() {}
