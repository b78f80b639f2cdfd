use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        LayerNorm { emb },
    }
}

fn main() {}
