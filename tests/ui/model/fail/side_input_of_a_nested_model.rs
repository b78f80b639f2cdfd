use pz::prelude::*;

model! {
    Inner: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } with (token_positions) {
        rope: nn::ApplyRoPE { emb },
    }
}

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        inner: Inner,
    }
}

fn main() {}
