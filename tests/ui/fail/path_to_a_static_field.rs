use pz::{Struct, pytree_dataclass};

mod inner {
    #[pz::pytree_dataclass]
    pub struct Linear {
        pub weights: f32,
        bias: f32,
    }
}

#[pytree_dataclass]
struct Mlp {
    hidden: inner::Linear,
    #[pytree(static)]
    depth_of_all: usize,
}

fn main() {
    let _ = Mlp::path().hidden().weights();
    let _ = Mlp::path().depth_of_all();
}
