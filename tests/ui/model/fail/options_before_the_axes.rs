use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm (epsilon = 1e-6) { emb },
    }
}

fn main() {}
