use pz::pytree_dataclass;
#[pytree_dataclass]
struct Norm {
    #[pytree(static, default = "1e-6")]
    epsilon: f64,
    #[pytree(default = 1)]
    scale: f32,
    #[pytree(default)]
    layer: pz::nn::AnyLayer,
}

fn main() {}
