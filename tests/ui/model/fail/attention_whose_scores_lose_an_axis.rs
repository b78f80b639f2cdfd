use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        attn: attention(seq as kv_seq, dim) {
            query: nn::Linear { emb => heads: 2, dim: 4 },
            key: nn::Linear { emb => heads: 2, dim: 4 },
            value: nn::Linear { emb => heads: 2, dim: 4 },
            scores: nn::Linear { heads => },
            output: nn::Linear { heads, dim => emb: 8 },
        },
    }
}

fn main() {}
