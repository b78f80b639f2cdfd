use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: from { norm: nn::LayerNorm { emb } },
    }
}

fn main() {}
