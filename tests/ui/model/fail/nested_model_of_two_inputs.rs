use pz::prelude::*;

model! {
    Inner: (x: { ..batch, emb: 8 }, y: { ..batch, emb: 8 }) -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        inner: Inner,
    }
}

fn main() {}
