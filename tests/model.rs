//! Models that `model!` declares: what they are made of, what they compute, and what they refuse.

use pz::nn::{
    Affine, ApplyCausalAttentionMask, ApplyRoPE, Elementwise, EmbeddingDecode, EmbeddingLookup, LayerNorm,
    Linear, RMSLayerNorm, Softmax,
};
use pz::prelude::*;

const HID: usize = 16;

model! {
    /// Reads 8x8 digits.
    pub Digits: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: Affine { pixels: 64 => features: HID },
        act: Elementwise(relu),
        mix: residual {
            norm: LayerNorm { features },
            up: Affine { features: HID => features: HID },
        },
        both: add { left: Linear { features => wide: 2 * HID }, right: Linear { features => wide: 2 * HID } },
        out: Affine { wide: 32 => classes: 10 },
    }
}

model! {
    /// One block of a transformer.
    Block<const EMB: usize, const HEADS: usize, const DIM: usize>:
        { ..batch, seq, embedding: EMB } -> { ..batch, seq, embedding: EMB } with (token_positions) {
        attend: residual {
            norm: RMSLayerNorm { embedding } (epsilon = 1e-5),
            attn: attention(seq as kv_seq, projection) {
                query: { linear: Linear { embedding => heads: HEADS, projection: DIM }, rope: ApplyRoPE { projection } },
                key: { linear: Linear { embedding => heads: HEADS, projection: DIM }, rope: ApplyRoPE { projection } },
                value: Linear { embedding => heads: HEADS, projection: DIM },
                scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                output: Linear { heads, projection => embedding: EMB },
            },
        },
        mlp: residual {
            norm: RMSLayerNorm { embedding },
            gated: multiply {
                gate: { linear: Linear { embedding => neurons: 4 * EMB }, act: Elementwise(silu) },
                value: Linear { embedding => neurons: 4 * EMB },
            },
            out: Linear { neurons => embedding: EMB },
        },
    }
}

model! {
    Small: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 50 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 50 => embedding: 8 },
        blocks: stack 3 as layer { block: Block<8, 2, 4> },
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

#[test]
fn a_declared_model_runs() -> pz::Result<()> {
    let model = Digits::init("digits", Key::new(0))?;
    let images = NamedArray::ones([("batch", 3), ("pixels", 64)], DType::F32)?;
    let scores = model.call(images.into(), &SideInputs::new())?.into_array("scores")?;
    assert_eq!(scores.named_shape(), [("batch".into(), 3), ("classes".into(), 10)]);
    Ok(())
}

#[test]
fn a_transformer_runs() -> pz::Result<()> {
    let model = Small::init("small", Key::new(0))?;
    let tokens = NamedArray::from_vec(vec![1_i32, 2, 3, 4, 5, 6], [("batch", 2), ("seq", 3)])?;
    let side = SideInputs::new().with("token_positions", NamedArray::arange("seq", 3));
    let scores = model.call(tokens.into(), &side)?.into_array("scores")?;
    assert_eq!(scores.size("vocabulary"), Some(50));
    assert_eq!(scores.to_vec::<f32>()?.len(), 300);
    Ok(())
}
