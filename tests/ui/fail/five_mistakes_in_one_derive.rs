use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(colr = "#93cce1", layer = true, key_for_field)]
struct Mlp {
    body: AnyLayer,
    #[pytree(statik)]
    size: usize,
    #[pytree(static, static)]
    depth: usize,
}

fn main() {}
