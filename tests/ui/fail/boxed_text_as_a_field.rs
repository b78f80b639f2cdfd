use pz::pytree_dataclass;

#[pytree_dataclass]
struct Cache {
    name: Box<str>,
}

fn main() {}
