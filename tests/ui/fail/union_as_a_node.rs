use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(Copy)]
union Bits {
    float: f32,
    word: u32,
}

fn main() {}
