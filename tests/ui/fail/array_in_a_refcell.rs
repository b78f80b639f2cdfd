use std::cell::RefCell;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    last: RefCell<NamedArray>,
}

fn main() {}
