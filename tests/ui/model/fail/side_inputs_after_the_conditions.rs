use pz::prelude::*;

model! {
    Net<const E: usize>: { ..batch, seq, emb: E } -> { ..batch, seq, emb: E } where 2 divides E with (token_positions) {
        rope: nn::ApplyRoPE { emb },
    }
}

fn main() {}
