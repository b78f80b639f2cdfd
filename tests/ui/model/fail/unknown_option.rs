use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { emb } (epsilom = 1e-5),
    }
}

fn main() {}
