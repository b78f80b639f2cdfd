use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(static)]
enum Mixer {
    Window {
        size: f32,
    },
}

fn main() {}
