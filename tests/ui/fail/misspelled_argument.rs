use pz::pytree_dataclass;

#[pytree_dataclass(iss = pz::nn::Sequential)]
struct Encoder {
    sublayers: Vec<pz::nn::AnyLayer>,
}

fn main() {}
