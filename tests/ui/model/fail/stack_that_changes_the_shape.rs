use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        layers: stack 3 as layer { up: nn::Linear { emb => emb: 4 } },
    }
}

fn main() {}
