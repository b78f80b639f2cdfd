use pz::prelude::*;

model! {
    Inner: { emb: 16 } -> { emb: 16 } {
        norm: nn::LayerNorm { emb },
    }
}

model! {
    Net: { ..batch, seq, emb: 16 } -> { ..batch, seq, emb: 16 } {
        inner: Inner,
    }
}

fn main() {}
