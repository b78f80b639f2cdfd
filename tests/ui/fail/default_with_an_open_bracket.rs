use pz::pytree_dataclass;

#[pytree_dataclass]
struct Norm {
    #[pytree(default = Vec::<f32)]
    scale: Vec<f32>,
}

fn main() {}
