use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        attn: attention(seq as kv_seq, dim) {
            query: {},
            key: nn::Linear { emb => dim: 4 },
            value: nn::Linear { emb => dim: 4 },
            scores: nn::Softmax { kv_seq },
            output: nn::Linear { dim => emb: 8 },
        },
    }
}

fn main() {}
