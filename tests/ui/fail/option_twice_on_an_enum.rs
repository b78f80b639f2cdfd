use pz::pytree_dataclass;

#[pytree_dataclass]
#[pytree(layer, layer)]
enum Mixer {
    Window {
        size: f32,
    },
}

fn main() {}
