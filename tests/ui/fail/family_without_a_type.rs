use pz::pytree_dataclass;

#[pytree_dataclass(is)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
