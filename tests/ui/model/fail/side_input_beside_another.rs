use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } with (token_positions) {
        rope: nn::ApplyRoPE { emb },
        drop: nn::StochasticDropout(0.1),
    }
}

fn main() {}
