use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    #[pytree(color = "#93cce1")]
    body: AnyLayer,
}

fn main() {}
