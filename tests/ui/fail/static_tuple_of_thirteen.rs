use pz::pytree_dataclass;

#[pytree_dataclass]
struct Many {
    #[pytree(static)]
    sizes: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8),
}

fn main() {}
