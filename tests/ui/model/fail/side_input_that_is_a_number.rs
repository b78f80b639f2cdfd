use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } with (1) {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
