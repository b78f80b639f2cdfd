use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        act: nn::Elementwise(rleu),
    }
}

fn main() {}
