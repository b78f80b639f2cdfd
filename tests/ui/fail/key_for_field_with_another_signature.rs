use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(key_for_field = Self::key)]
struct Stack {
    layer: f32,
}

impl Stack {
    fn key(&self) -> String {
        "layer".into()
    }
}

fn main() {}
