//! A language model of 15 million parameters: all logits of a text at once, and one token after another.

use pz::models::transformer::decode::{Decoder, Strategy};
use pz::models::transformer::{
    KVCachingTransformerLM, LlamalikeTransformerConfig, TransformerLM, build_llamalike_transformer,
};
use pz::nn::{Layer, SideInputs};
use pz::random::Key;
use pz::{DType, NamedArray, Result};

use crate::best;

fn model_15m(dtype: DType) -> Result<TransformerLM> {
    let config = LlamalikeTransformerConfig {
        num_kv_heads: 6,
        query_head_multiplier: 1,
        embedding_dim: 288,
        projection_dim: 48,
        mlp_hidden_dim: 768,
        num_decoder_blocks: 6,
        vocab_size: 32000,
        tie_embedder_and_logits: true,
        parameter_dtype: dtype,
        activation_dtype: dtype,
        ..Default::default()
    };
    build_llamalike_transformer(&config, Key::new(0), "m")
}

/// All logits of 256 tokens at once.
pub fn prefill() -> Result<()> {
    const TOKENS: usize = 256;
    let model = model_15m(DType::F32)?;
    let time = best(|run| {
        let tokens = (0..TOKENS).map(|place| 1 + (31 * place as i32 + run) % 31_999).collect();
        let tokens = NamedArray::from_vec(tokens, [("batch", 1), ("seq", TOKENS)])?;
        let logits = model.call(tokens.into(), &SideInputs::new())?.into_array("prefill")?;
        logits.eval()?;
        logits.index("seq", TOKENS - 1)?.index("vocabulary", 0)?.sum("batch")?.item::<f32>()
    })?;
    println!("prefill_15m_seq256 {:.2} ms", time.as_secs_f64() * 1e3);
    Ok(())
}

/// 200 tokens from an empty cache, each the most probable one after those before it.
pub fn decode() -> Result<()> {
    decode_in("decode_15m_tokens_per_s", DType::F32)
}

/// The same with all parameters, activations and the cache in half the memory.
pub fn decode_bf16() -> Result<()> {
    decode_in("decode_15m_bf16_tokens_per_s", DType::BF16)
}

fn decode_in(name: &str, dtype: DType) -> Result<()> {
    const TOKENS: usize = 200;
    let model = KVCachingTransformerLM::from_uncached(
        &model_15m(dtype)?,
        256,
        &[("batch".into(), 1)],
        None,
        "sampler",
    )?;
    let time = best(|run| {
        model.clear();
        let prompt = NamedArray::from_vec(vec![1 + run % 31_999], [("batch", 1), ("seq", 1)])?;
        let mut last = 0;
        for token in Decoder::new(&model, prompt, Strategy::Greedy)?.take(TOKENS) {
            last = token?.index("batch", 0)?.item::<i32>()?;
        }
        Ok(last)
    })?;
    println!("{name} {:.1} tok/s", TOKENS as f64 / time.as_secs_f64());
    Ok(())
}
