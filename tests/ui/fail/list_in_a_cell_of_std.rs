use std::cell::Cell;

use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    next: std::cell::Cell<Option<Vec<f32>>>,
}

fn main() {}
