use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: { nn::Identity } as { ..batch, emb: 8 },
    }
}

fn main() {}
