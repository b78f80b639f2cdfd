use pz::pytree_dataclass;

#[pytree_dataclass("Sequential")]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
