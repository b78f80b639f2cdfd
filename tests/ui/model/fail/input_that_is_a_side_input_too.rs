use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, y: { ..batch, kv, emb: 8 }) -> { ..batch, emb: 8 } with (y) {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
