use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, classes: 10 } {
        out: nn::Linear { emb => },
    }
}

fn main() {}
