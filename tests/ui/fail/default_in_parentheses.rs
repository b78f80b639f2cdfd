use pz::pytree_dataclass;

#[pytree_dataclass]
struct Norm {
    #[pytree(default(1.0))]
    gain: f32,
}

fn main() {}
