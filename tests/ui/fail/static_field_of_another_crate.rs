use std::net::Ipv4Addr;

use pz::{NamedArray, pytree_dataclass};

#[pytree_dataclass]
struct Remote {
    weights: NamedArray,
    #[pytree(static)]
    host: Ipv4Addr,
}

fn main() {}
