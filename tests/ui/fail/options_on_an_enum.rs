use pz::pytree_dataclass;

#[pytree_dataclass(frozen)]
#[pytree]
#[pytree(frozen, static, layer, layer)]
#[derive(pz::nn::Layer)]
#[layer(frozen)]
enum Mixer {
    Window {
        #[pytree(layer)]
        #[layer(add)]
        size: f32,
    },
}

fn main() {}
