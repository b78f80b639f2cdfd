use pz::pytree_dataclass;

#[pytree_dataclass]
struct Norm {
    #[pytree(static, default = 1e-6 +)]
    epsilon: f64,
}

fn main() {}
