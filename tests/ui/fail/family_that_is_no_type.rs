use pz::pytree_dataclass;

#[pytree_dataclass(is = 3)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
