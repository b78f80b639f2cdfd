use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        scale: nn::ConstantRescale(true),
    }
}

fn main() {}
