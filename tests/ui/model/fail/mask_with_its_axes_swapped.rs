use pz::prelude::*;

model! {
    Net: { ..batch, seq, a: 4 } -> { ..batch, seq, a: 4 } with (token_positions) {
        attn: attention(seq as kv_seq, dim) {
            query: nn::Linear { a => heads: 2, dim: 2 },
            key: nn::Linear { a => heads: 2, dim: 2 },
            value: nn::Linear { a => heads: 2, dim: 2 },
            scores: { mask: nn::ApplyCausalAttentionMask { kv_seq, seq }, softmax: nn::Softmax { kv_seq } },
            output: nn::Linear { heads, dim => a: 4 },
        },
    }
}

fn main() {}
