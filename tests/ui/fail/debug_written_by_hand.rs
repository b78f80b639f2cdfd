use pz::pytree_dataclass;

#[pytree_dataclass]
struct Linear {
    weights: f32,
}

impl std::fmt::Debug for Linear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.weights)
    }
}

fn main() {}
