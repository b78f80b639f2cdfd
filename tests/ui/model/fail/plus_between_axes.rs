use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { seq + emb },
    }
}

fn main() {}
