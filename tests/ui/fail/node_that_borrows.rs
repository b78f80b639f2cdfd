use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct View<'a, T> {
    body: &'a AnyLayer,
    other: T,
}

fn main() {}
