use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        norm: nn::LayerNorm { a },
        half: nn::CastToDType(bf16),
    }
}

fn main() {}
