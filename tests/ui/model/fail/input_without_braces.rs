use pz::prelude::*;

model! {
    Net: emb -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
