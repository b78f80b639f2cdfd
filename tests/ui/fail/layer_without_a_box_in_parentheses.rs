#![allow(unused_parens)]

use pz::nn::Layer;
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Net {
    body: (dyn Layer + Send),
}

fn main() {}
