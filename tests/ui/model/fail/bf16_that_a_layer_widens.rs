use pz::prelude::*;

model! {
    Net: bf16 { ..batch, a: 4 } -> bf16 { ..batch, b: 2 } {
        norm: nn::LayerNorm { a },
        out: nn::Linear { a => b: 2 } (dtype = f32),
    }
}

fn main() {}
