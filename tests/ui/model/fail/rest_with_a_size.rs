use pz::prelude::*;

model! {
    Net: { ..batch: 4, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
