use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(key_for_field)]
struct Stack {
    layer: f32,
}

fn main() {}
