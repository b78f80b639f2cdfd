use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Linear { emb = 8 => emb: 8 },
    }
}

fn main() {}
