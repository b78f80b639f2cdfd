use pz::prelude::*;

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run, input { ..rest, emb: 6 }, output { ..rest, emb: 6 }, with)]
struct Half;

impl Half {
    fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input)
    }
}



fn main() {}
