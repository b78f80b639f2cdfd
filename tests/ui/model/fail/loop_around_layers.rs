use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        for _ in 0..3 { mix: nn::Linear { emb => emb: 8 } }
    }
}

fn main() {}
