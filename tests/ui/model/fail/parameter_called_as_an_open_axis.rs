use pz::prelude::*;

model! {
    Net<const seq: usize>: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
