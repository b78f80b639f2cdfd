use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[derive(Clone)]
#[pytree_dataclass]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
