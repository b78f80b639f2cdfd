use pz::pytree_dataclass;

#[pytree_dataclass]
struct Norm {
    #[pytree(static, default = 1e-6 +)]
    epsilon: f64,
    #[pytree(default = Vec::<f32)]
    scale: Vec<f32>,
    #[pytree(default(1.0))]
    gain: f32,
}

fn main() {}
