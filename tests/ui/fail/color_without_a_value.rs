use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(color)]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
