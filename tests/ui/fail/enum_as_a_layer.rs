use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
enum Activation {
    Plain,
    Gated(AnyLayer),
}

fn main() {}
