use pz::prelude::*;

const WIDTH: usize = 3;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } where 2 * WIDTH == 8 {
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
