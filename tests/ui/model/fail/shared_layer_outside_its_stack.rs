use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Linear { emb => emb: 8 },
        blocks: stack 2 as layer {
            again: shared mix,
        },
    }
}

fn main() {}
