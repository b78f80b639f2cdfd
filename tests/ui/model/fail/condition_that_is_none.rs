use pz::prelude::*;

model! {
    Net<const A: usize>: { ..batch, emb: A } -> { ..batch, emb: A } where A {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
