use pz::pytree_dataclass;

#[pytree_dataclass]
enum Mixer {
    Nothing,
    Window { size: f32 },
    Other(#[pytree(color = "red")] f32),
}

fn main() {}
