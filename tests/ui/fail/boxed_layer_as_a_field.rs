use pz::nn::Layer;
use pz::{pytree_dataclass, select};

#[pytree_dataclass]
#[derive(Layer)]
struct Mlp {
    body: Box<dyn Layer>,
}

fn count(mlp: &Mlp) -> usize {
    println!("{mlp:?}");
    select(&mlp.clone()).at_instances_of::<f32>().count()
}

fn main() {}
