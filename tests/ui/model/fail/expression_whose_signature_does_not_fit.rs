use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        norm: { nn::Identity {} } as { ..rest, embedding: 8 } -> { ..rest, embedding: 8 },
    }
}

fn main() {}
