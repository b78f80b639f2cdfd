use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        _: nn::LayerNorm { emb },
    }
}

fn main() {}
