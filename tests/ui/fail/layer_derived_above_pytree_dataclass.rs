use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[derive(Layer)]
#[pytree_dataclass]
struct Mlp<L: Layer + Clone> {
    body: L,
    head: AnyLayer,
}

fn main() {}
