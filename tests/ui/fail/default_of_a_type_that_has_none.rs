use pz::pytree_dataclass;
#[pytree_dataclass]
struct Norm {
    #[pytree(default)]
    layer: pz::nn::AnyLayer,
}

fn main() {}
