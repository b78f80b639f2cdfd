use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: from memory { norm: nn::LayerNorm { emb } },
    }
}

fn main() {}
