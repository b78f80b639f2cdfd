use pz::prelude::*;

model! {
    Net: (x: { emb: 8 }, y: { ..batch, emb: 8 }) -> { emb: 8 } {
        both: add { here: { here: nn::Identity() }, there: from y { there: nn::Identity() } },
    }
}

fn main() {}
