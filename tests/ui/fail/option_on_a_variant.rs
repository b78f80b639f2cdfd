use pz::pytree_dataclass;

#[pytree_dataclass]
enum Mixer {
    #[pytree(static)]
    Nothing,
    Window { size: f32 },
    Other(f32),
}

fn main() {}
