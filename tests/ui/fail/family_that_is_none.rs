use pz::pytree_dataclass;

#[pytree_dataclass(is = pz::nn::Linear)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
