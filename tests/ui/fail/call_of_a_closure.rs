use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = |x| x)]
struct Other {
    delta: AnyLayer,
}

fn main() {}
