use pz::prelude::*;

const HEADS: usize = 2;

model! {
    Net<const EMB: usize>: { ..batch, seq, emb: EMB } -> { ..batch, seq, emb: EMB } {
        attn: attention(seq as kv_seq, dim) {
            query: nn::Linear { emb => heads: HEADS, dim: EMB / HEADS },
            key: nn::Linear { emb => heads: HEADS, dim: EMB / HEADS },
            value: nn::Linear { emb => heads: HEADS, dim: EMB / HEADS },
            scores: nn::Softmax { kv_seq },
            output: nn::Linear { heads, dim => emb: EMB },
        },
    }
}

fn main() {}
