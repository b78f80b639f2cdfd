use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, memory: { ..batch, kv, emb: 8 }) -> { ..batch, emb: 8 } {
        more: from memry { norm: nn::LayerNorm { emb } },
    }
}

fn main() {}
