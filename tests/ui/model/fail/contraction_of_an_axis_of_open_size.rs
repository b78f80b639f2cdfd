use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, tokens: 8, emb: 8 } {
        up: nn::Linear { seq => tokens: 8 },
    }
}

fn main() {}
