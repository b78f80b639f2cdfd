use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, y: { ..batch, emb: 8 }) -> { ..batch, emb: 8 } {
        both: add { here: { here: nn::Identity() }, there: from encoder { there: nn::Identity() } },
    }
}

fn main() {}
