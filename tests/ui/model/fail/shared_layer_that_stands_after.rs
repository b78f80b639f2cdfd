use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        first: shared mix,
        mix: nn::Linear { emb => emb: 8 },
    }
}

fn main() {}
