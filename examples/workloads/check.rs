//! A declared Llama of 28 blocks, stacked or written out one after the other: what judging it against its header costs,
//! and what saying its cost does. No parameter has a value, so nothing here computes.

use pz::nn::{
    ApplyCausalAttentionMask, ApplyRoPE, Elementwise, EmbeddingDecode, EmbeddingLookup, Linear, RMSLayerNorm,
    Softmax,
};
use pz::prelude::*;

use crate::best;

model! {
    Block: { ..batch, seq, embedding: 1024 } -> { ..batch, seq, embedding: 1024 } with (token_positions) {
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
    }
}

model! {
    Stacked: i32 { ..batch, seq } -> float { ..batch, seq, vocabulary: 32000 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 32000 => embedding: 1024 },
        blocks: stack 28 as layer { block: Block },
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

model! {
    Written: i32 { ..batch, seq } -> float { ..batch, seq, vocabulary: 32000 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 32000 => embedding: 1024 },
        b0: Block, b1: Block, b2: Block, b3: Block, b4: Block, b5: Block, b6: Block,
        b7: Block, b8: Block, b9: Block, b10: Block, b11: Block, b12: Block, b13: Block,
        b14: Block, b15: Block, b16: Block, b17: Block, b18: Block, b19: Block, b20: Block,
        b21: Block, b22: Block, b23: Block, b24: Block, b25: Block, b26: Block, b27: Block,
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

/// `check` and `cost` of the models.
pub fn check() -> pz::Result<()> {
    let (model, written) = (Stacked::with_slots()?, Written::with_slots()?);
    let check = best(|_| model.check())?;
    let check_written = best(|_| written.check())?;
    let cost = best(|_| model.cost([("seq", 256)]))?;
    let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6;
    println!("check_28_blocks {:.1} us", micros(check));
    println!("check_28_written_blocks {:.1} us", micros(check_written));
    println!("cost_28_blocks {:.1} us", micros(cost));
    Ok(())
}
