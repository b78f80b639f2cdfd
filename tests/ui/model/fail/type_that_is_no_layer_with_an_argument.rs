use pz::prelude::*;

struct Batcher;

model! {
    Net: { ..batch, emb: 4 } -> { ..batch, emb: 4 } {
        load: Batcher(32),
    }
}

fn main() {}
