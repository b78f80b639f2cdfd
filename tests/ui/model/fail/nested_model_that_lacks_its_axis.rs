use pz::prelude::*;

model! {
    Inner: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

model! {
    Net: { ..batch, seq, embedding: 8 } -> { ..batch, seq, embedding: 8 } {
        inner: Inner,
    }
}

fn main() {}
