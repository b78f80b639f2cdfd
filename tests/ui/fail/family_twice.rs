use pz::pytree_dataclass;

#[pytree_dataclass(is = pz::nn::Sequential, is = pz::nn::Sequential)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
