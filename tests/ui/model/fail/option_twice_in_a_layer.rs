use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { emb } (epsilon = 1e-5, epsilon = 1e-6),
    }
}

fn main() {}
