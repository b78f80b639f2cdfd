use std::fmt::Display;

use pz::{PyTree, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    body: Box<dyn PyTree>,
    label: Box<dyn Display + Send + Sync>,
}

fn main() {}
