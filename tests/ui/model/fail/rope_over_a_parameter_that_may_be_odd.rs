use pz::prelude::*;

model! {
    Net<const W: usize>: { ..batch, seq, emb: W } -> { ..batch, seq, emb: W } with (token_positions) {
        rope: nn::ApplyRoPE { emb },
    }
}

fn main() {}
