use pz::pytree_dataclass;
#[pytree_dataclass]
struct Norm {
    #[pytree(default = 1)]
    scale: f32,
}

fn main() {}
