use pz::pytree_dataclass;

#[pytree_dataclass]
fn model() {}

fn main() {}
