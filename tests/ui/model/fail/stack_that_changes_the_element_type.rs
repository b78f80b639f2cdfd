use pz::prelude::*;

model! {
    Net: f16 { ..batch, a: 4 } -> f32 { ..batch, a: 4 } {
        blocks: stack 2 as layer { linear: nn::Linear { a => a: 4 } (dtype = f32) },
    }
}

fn main() {}
