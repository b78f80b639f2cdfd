use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        block: residual {
            mix: nn::Linear { emb => emb: 8 },
        },
        again: shared mix,
    }
}

fn main() {}
