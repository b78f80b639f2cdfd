//! A declared Llama of 28 blocks: what judging it against its header costs, and what saying its cost does. No parameter
//! has a value, so nothing here computes.

use pz::nn::{
    ApplyCausalAttentionMask, ApplyRoPE, Elementwise, EmbeddingDecode, EmbeddingLookup, Linear, RMSLayerNorm,
    Softmax,
};
use pz::prelude::*;

use crate::best;

model! {
    Llama: i32 { ..batch, seq } -> float { ..batch, seq, vocabulary: 32000 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 32000 => embedding: 1024 },
        blocks: stack 28 as layer {
            attend: residual {
                norm: RMSLayerNorm { embedding },
                attn: attention(seq as kv_seq, projection) {
                    query: {
                        linear: Linear { embedding => groups: 8, heads: 2, projection: 64 },
                        rope: ApplyRoPE { projection },
                    },
                    key: { linear: Linear { embedding => groups: 8, projection: 64 }, rope: ApplyRoPE { projection } },
                    value: Linear { embedding => groups: 8, projection: 64 },
                    scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                    output: Linear { groups, heads, projection => embedding: 1024 },
                },
            },
            mlp: residual {
                norm: RMSLayerNorm { embedding },
                gated: multiply {
                    gate: { linear: Linear { embedding => neurons: 3072 }, act: Elementwise(silu) },
                    value: Linear { embedding => neurons: 3072 },
                },
                out: Linear { neurons => embedding: 1024 },
            },
        },
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

/// `check` and `cost` of the model.
pub fn check() -> pz::Result<()> {
    let model = Llama::with_slots()?;
    let check = best(|_| model.check())?;
    let cost = best(|_| model.cost([("seq", 256)]))?;
    let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6;
    println!("check_28_blocks {:.1} us", micros(check));
    println!("cost_28_blocks {:.1} us", micros(cost));
    Ok(())
}
