use pz::prelude::*;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run, with(offset))]
struct Half;

impl Half {
    fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input)
    }
}



fn main() {}
