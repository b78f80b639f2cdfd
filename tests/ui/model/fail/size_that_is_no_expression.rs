use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        up: nn::Affine { emb => emb: 8 * },
    }
}

fn main() {}
