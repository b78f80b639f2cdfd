use std::cell::{Cell, RefCell};

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    steps: Cell<usize>,
    last: RefCell<NamedArray>,
    next: std::cell::Cell<Option<Vec<f32>>>,
}

fn main() {}
