use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(color = "red; background: url(x)")]
struct Attention {
    body: AnyLayer,
}

fn main() {}
