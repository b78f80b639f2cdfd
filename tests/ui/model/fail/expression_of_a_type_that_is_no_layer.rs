use pz::prelude::*;

struct Batcher;

model! {
    Net: { ..batch, emb: 4 } -> { ..batch, emb: 4 } {
        load: { Batcher } as Batcher,
    }
}

fn main() {}
