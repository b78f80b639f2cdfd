use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        0: nn::LayerNorm { emb },
    }
}

fn main() {}
