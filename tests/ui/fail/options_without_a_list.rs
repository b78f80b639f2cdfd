use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    #[pytree]
    body: AnyLayer,
    size: usize,
}

fn main() {}
