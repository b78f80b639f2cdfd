use pz::nn::{AnyLayer, Layer, SideInputs, Value};
use pz::pytree_dataclass;

#[pytree_dataclass]
struct Shift<T: pz::tree::Static + Clone> {
    #[pytree(static)]
    by: T,
}

impl Layer for Shift<usize> {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input)
    }
}

#[pytree_dataclass]
#[derive(Layer)]
struct Mlp {
    body: AnyLayer,
    shift: Shift<String>,
}

fn main() {}
