use pz::pytree_dataclass;

#[pytree_dataclass]
enum Mixer {
    Nothing,
    Window { size: f32 },
    #[pytree(frozen)]
    Other(f32),
}

fn main() {}
