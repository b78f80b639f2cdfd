use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(frozen)]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
