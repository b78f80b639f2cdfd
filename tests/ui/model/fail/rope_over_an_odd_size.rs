use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 3 } -> { ..batch, seq, emb: 3 } with (token_positions) {
        rope: nn::ApplyRoPE { emb },
    }
}

fn main() {}
