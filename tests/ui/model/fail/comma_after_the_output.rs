use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 }, {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
