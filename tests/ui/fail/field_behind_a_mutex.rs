use std::sync::{Arc, Mutex};

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Mlp {
    steps: Arc<Mutex<NamedArray>>,
}

fn main() {}
