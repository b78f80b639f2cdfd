use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(key_for_field = "layer")]
struct Other {
    layer: f32,
}

fn main() {}
