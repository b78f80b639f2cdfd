use pz::nn::Layer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Layer)]
struct Net {
    body: dyn Layer,
}

fn main() {}
