use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(frozen)]
enum Mixer {
    Window {
        size: f32,
    },
}

fn main() {}
