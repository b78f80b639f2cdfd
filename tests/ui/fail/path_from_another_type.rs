use pz::{Struct, pytree_dataclass, select};

#[pytree_dataclass]
struct Linear {
    weights: f32,
}

#[pytree_dataclass]
struct Mlp {
    hidden: Linear,
}

fn main() {
    let mlp = Mlp { hidden: Linear { weights: 1.0 } };
    let _ = select(&mlp).at_path(Linear::path().weights());
}
