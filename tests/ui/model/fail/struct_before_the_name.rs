use pz::prelude::*;

model! {
    struct Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
