use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, memory: { kv, emb: 8 }) -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
