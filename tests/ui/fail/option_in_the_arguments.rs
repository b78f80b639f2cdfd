use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass(color = "#93cce1")]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
