use pz::prelude::*;

model! {
    Inner: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

model! {
    Net: { ..batch, seq, emb: 16 } -> { ..batch, seq, emb: 16 } {
        inner: Inner,
    }
}

fn main() {}
