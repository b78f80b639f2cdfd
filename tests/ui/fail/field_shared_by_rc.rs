use std::rc::Rc;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: Rc<NamedArray>,
}

fn main() {}
