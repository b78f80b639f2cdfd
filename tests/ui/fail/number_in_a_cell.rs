use std::cell::Cell;

use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    steps: Cell<usize>,
}

fn main() {}
