use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree(color = "#93cce1")]
#[pytree_dataclass]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
