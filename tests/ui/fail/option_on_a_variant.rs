use pz::pytree_dataclass;

#[pytree_dataclass]
enum Mixer {
    #[pytree(static)]
    Nothing,
    #[pytree(color = "red")]
    Window { size: f32 },
    #[pytree(frozen)]
    Other(#[pytree(color = "red")] f32),
}

fn main() {}
