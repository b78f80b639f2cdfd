use pz::nn::Layer;
use pz::{pytree_dataclass, select};

#[pytree_dataclass]
#[derive(Layer)]
struct Mlp {
    rest: Vec<Option<std::sync::Arc<dyn pz::nn::Layer + Send>>>,
}

fn count(mlp: &Mlp) -> usize {
    println!("{mlp:?}");
    select(&mlp.clone()).at_instances_of::<f32>().count()
}

fn main() {}
