use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        layers: stack 3 as seq { norm: nn::LayerNorm { emb } },
    }
}

fn main() {}
