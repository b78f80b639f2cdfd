use std::fmt::Display;

use pz::pytree_dataclass;

#[pytree_dataclass]
struct Mlp {
    label: Box<dyn Display + Send + Sync>,
}

fn main() {}
