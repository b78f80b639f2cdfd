use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(family = true)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
