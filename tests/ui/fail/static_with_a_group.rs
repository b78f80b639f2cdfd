use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    body: AnyLayer,
    #[pytree(static(really))]
    depth: usize,
}

fn main() {}
