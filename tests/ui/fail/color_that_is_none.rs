use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(color = "#93ccex")]
struct Mlp {
    body: AnyLayer,
}

fn main() {}
