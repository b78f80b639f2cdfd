use pz::pytree_dataclass;

#[pytree_dataclass(frozen)]
enum Mixer {
    Window {
        size: f32,
    },
}

fn main() {}
