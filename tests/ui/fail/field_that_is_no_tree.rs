use std::time::Duration;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    weights: NamedArray,
    pause: Duration,
}

fn main() {}
