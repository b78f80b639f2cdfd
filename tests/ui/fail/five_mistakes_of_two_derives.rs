use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

#[pytree_dataclass(iss = pz::nn::Sequential)]
#[derive(Layer)]
#[pytree(colr = "#93cce1", layer = true)]
#[layer(residul)]
struct Mlp {
    body: AnyLayer,
    #[pytree(statik)]
    size: usize,
}

fn main() {}
