use pz::pytree_dataclass;

#[pytree_dataclass]
enum Mixer {
    Nothing,
    #[pytree(color = "red")]
    Window { size: f32 },
    Other(f32),
}

fn main() {}
