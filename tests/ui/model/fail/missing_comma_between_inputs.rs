use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 } y: { ..batch, emb: 8 }) -> { ..batch, emb: 8 } {
        sum: add { a: from x { i: nn::Identity() }, b: from y { i: nn::Identity() } },
    }
}

fn main() {}
