use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Cache {
    values: Box<[NamedArray]>,
}

fn main() {}
