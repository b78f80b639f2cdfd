use pz::prelude::*;

model! {
    Net: { ..batch, emb: 0 } -> { ..batch, emb: 0 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
