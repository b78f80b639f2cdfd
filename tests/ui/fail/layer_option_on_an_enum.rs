use pz::pytree_dataclass;

#[pytree_dataclass]
#[derive(pz::nn::Layer)]
#[layer(frozen)]
enum Mixer {
    Window {
        #[layer(add)]
        size: f32,
    },
}

fn main() {}
