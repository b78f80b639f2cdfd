use pz::prelude::*;

model! {
    Net: { ..batch, a: 8 b: 4 } -> { ..batch, a: 8, b: 4 } {
        norm: nn::LayerNorm { a },
    }
}

fn main() {}
