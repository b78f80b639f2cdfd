use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        type: nn::LayerNorm { emb },
    }
}

fn main() {}
