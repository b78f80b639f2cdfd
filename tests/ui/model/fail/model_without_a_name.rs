use pz::prelude::*;

model! {
    { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
