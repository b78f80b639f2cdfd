use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        emb: nn::Affine { emb => emb: 8 },
        again: shared emb as nn::Elementwise(relu),
    }
}

fn main() {}
