use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, y: { ..more, emb: 8 }) -> { ..batch, emb: 8 } {
        both: add { here: { here: nn::Identity() }, there: from y { there: nn::Identity() } },
    }
}

fn main() {}
