use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: residul { norm: nn::LayerNorm { emb } },
    }
}

fn main() {}
