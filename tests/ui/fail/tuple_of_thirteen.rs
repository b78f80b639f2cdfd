use pz::pytree_dataclass;

#[pytree_dataclass]
struct Many {
    gains: Option<(f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, f32)>,
}

fn main() {}
