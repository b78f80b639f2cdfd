use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    #[pytree(skip)]
    body: AnyLayer,
}

fn main() {}
