use pz::pytree_dataclass;

#[pytree_dataclass]
#[repr(C, packed)]
struct Header {
    #[pytree(static)]
    version: u32,
}

fn main() {}
