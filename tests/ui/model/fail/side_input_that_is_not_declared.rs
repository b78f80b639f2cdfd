use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        rope: nn::ApplyRoPE { emb },
    }
}

fn main() {}
