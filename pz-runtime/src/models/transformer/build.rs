//! From a configuration to a tree of layers.
//!
//! Each function builds one part under a name, and the name is the prefix of its parameters' labels: these are
//! Penzai's, so that weights bound by label fit either. The order in which parameters are asked for is the
//! order in which they stand in the model.

use super::axes::{EMBEDDING, KV_SEQ, NEURONS, PROJECTION, SEQ, VOCABULARY};
use super::config::AxisSizes;
use super::side_inputs::TOKEN_POSITIONS;
use super::{
    AttentionType, LlamalikeTransformerConfig, MlpVariant, TransformerBlock, TransformerFeedForward,
    TransformerLM, TransformerMetadata,
};
use crate::error::Result;
use crate::nn::{
    Activation, AnyLayer, ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyRoPE,
    Attention, BranchAndMultiplyTogether, CastToDType, ConstantRescale, Elementwise, EmbeddingDecode,
    EmbeddingLookup, EmbeddingTable, IndexedAxes, Init, Linear, LinearConfig, NamedEinsum, NamedGroup,
    RMSLayerNorm, Residual, Sequential, Softmax, TanhSoftCap,
};
use crate::{AxisName, NamedArray};

/// What masked scores become: of float32's range, and finite, so that a row that sees nothing stays a number.
const MASKED_OUT: f32 = -2.3819763e38;

/// A Llama-like transformer: embedding, blocks, norm, and the layer that scores tokens.
///
/// `init` gives the parameters their values (see [`Init`]); `name` is the prefix of their labels, `transformer`
/// in Penzai.
///
/// # Errors
/// What [`LlamalikeTransformerConfig::check`] finds, and what a loading function gives.
pub fn build_llamalike_transformer<'a>(
    config: &LlamalikeTransformerConfig,
    init: impl Into<Init<'a>>,
    name: &str,
) -> Result<TransformerLM> {
    config.check()?;
    let init = init.into();
    let table = EmbeddingTable::from_config(
        &format!("{name}/embedder"),
        init,
        config.vocab_size,
        &[(EMBEDDING, config.embedding_dim)],
        config.parameter_dtype,
    )?;
    let mut sublayers = vec![AnyLayer::new(EmbeddingLookup { table: table.clone() })];
    if config.activation_dtype != config.parameter_dtype {
        sublayers.push(AnyLayer::new(CastToDType { dtype: config.activation_dtype }));
    }
    if let Some(factor) = config.embedding_scaling() {
        sublayers.push(AnyLayer::new(ConstantRescale { by: activation_scalar(config, factor)? }));
    }
    for index in 0..config.num_decoder_blocks {
        let block = build_llamalike_block(&format!("{name}/block_{index}"), init, config, index)?;
        sublayers.push(AnyLayer::new(block));
    }
    sublayers.push(AnyLayer::new(norm(&format!("{name}/final_norm"), init, config)?));
    sublayers.push(if config.tie_embedder_and_logits {
        AnyLayer::new(EmbeddingDecode { table })
    } else {
        let embedding = [(EMBEDDING, config.embedding_dim)];
        let vocabulary = [(VOCABULARY, config.vocab_size)];
        linear(&format!("{name}/lm_head"), init, &embedding, &vocabulary, config)?
    });
    sublayers.extend(soft_cap(config, config.final_logit_softcap)?);
    Ok(TransformerLM {
        body: AnyLayer::new(Sequential { sublayers }),
        metadata: TransformerMetadata {
            common_head_axes: config.common_head_axes(),
            query_only_head_axes: config.query_only_head_axes(),
            embedding_dim: config.embedding_dim,
            projection_dim: config.projection_dim,
            mlp_hidden_dim: config.mlp_hidden_dim,
            vocab_size: config.vocab_size,
            activation_dtype: config.activation_dtype,
        },
    })
}

/// Block number `block_index`: attention and the feed-forward block, each after a norm and in a residual.
///
/// # Errors
/// As [`build_llamalike_transformer`], but sizes are not judged.
pub fn build_llamalike_block<'a>(
    name: &str,
    init: impl Into<Init<'a>>,
    config: &LlamalikeTransformerConfig,
    block_index: usize,
) -> Result<TransformerBlock> {
    let init = init.into();
    let mut attend = vec![
        AnyLayer::new(norm(&format!("{name}/pre_attention_norm"), init, config)?),
        AnyLayer::new(build_llamalike_attention(&format!("{name}/attention"), init, config, block_index)?),
    ];
    if config.use_post_attn_norm {
        attend.push(AnyLayer::new(norm(&format!("{name}/post_attention_norm"), init, config)?));
    }
    let mut feed_forward = vec![
        AnyLayer::new(norm(&format!("{name}/pre_ffw_norm"), init, config)?),
        AnyLayer::new(build_llamalike_feedforward(&format!("{name}/mlp"), init, config)?),
    ];
    if config.use_post_ffw_norm {
        feed_forward.push(AnyLayer::new(norm(&format!("{name}/post_ffw_norm"), init, config)?));
    }
    Ok(TransformerBlock {
        sublayers: vec![
            AnyLayer::new(Residual::new(Sequential { sublayers: attend })),
            AnyLayer::new(Residual::new(Sequential { sublayers: feed_forward })),
        ],
    })
}

/// The gated feed-forward block: `out(act(gate(x)) * value(x))`.
///
/// # Errors
/// As [`build_llamalike_transformer`], but sizes are not judged.
pub fn build_llamalike_feedforward<'a>(
    name: &str,
    init: impl Into<Init<'a>>,
    config: &LlamalikeTransformerConfig,
) -> Result<TransformerFeedForward> {
    let init = init.into();
    let activation = match config.mlp_variant {
        MlpVariant::Swiglu => Activation::Silu,
        MlpVariant::GegluApprox => Activation::Gelu,
        MlpVariant::GegluExact => Activation::GeluExact,
    };
    let (embedding, neurons) = ([(EMBEDDING, config.embedding_dim)], [(NEURONS, config.mlp_hidden_dim)]);
    let gate = NamedGroup::new(
        "gate",
        [
            linear(&format!("{name}/gating_linear"), init, &embedding, &neurons, config)?,
            AnyLayer::new(Elementwise { function: activation }),
        ],
    );
    let value = linear(&format!("{name}/value_linear"), init, &embedding, &neurons, config)?;
    Ok(TransformerFeedForward {
        sublayers: vec![
            AnyLayer::new(BranchAndMultiplyTogether { branches: vec![AnyLayer::new(gate), value] }),
            linear(&format!("{name}/out_linear"), init, &neurons, &embedding, config)?,
        ],
    })
}

/// The attention of block number `block_index`.
///
/// # Errors
/// As [`build_llamalike_transformer`], but sizes are not judged.
pub fn build_llamalike_attention<'a>(
    name: &str,
    init: impl Into<Init<'a>>,
    config: &LlamalikeTransformerConfig,
    block_index: usize,
) -> Result<Attention> {
    let init = init.into();
    let embedding = [(EMBEDDING, config.embedding_dim)];
    let projection = (PROJECTION, config.projection_dim);
    let heads = config.common_head_axes();
    let query_heads = config.query_only_head_axes();
    let key_axes: AxisSizes = heads.iter().copied().chain([projection]).collect();
    let query_axes: AxisSizes = heads.iter().chain(&query_heads).copied().chain([projection]).collect();
    let rope = || AnyLayer::new(ApplyRoPE::new(PROJECTION, config.rope_wavelength, TOKEN_POSITIONS));
    let project = |part: &str, axes: &[(AxisName, usize)]| {
        linear(&format!("{name}/{part}"), init, &embedding, axes, config)
    };

    let input_to_query = Sequential::new([
        project("query", &query_axes)?,
        rope(),
        AnyLayer::new(ConstantRescale { by: activation_scalar(config, config.query_scaling())? }),
    ]);
    let input_to_key = Sequential::new([project("key", &key_axes)?, rope()]);
    let input_to_value = Sequential::new([project("value", &key_axes)?]);

    let einsum = einsum_axes(&heads, &query_heads);
    let masked_out = activation_scalar(config, MASKED_OUT)?;
    let mask = match config.attention_type_of(block_index) {
        AttentionType::GlobalCausal => AnyLayer::new(ApplyCausalAttentionMask::new(masked_out)),
        AttentionType::SlidingWindowCausal { window_size } => {
            let window = NamedArray::scalar(i32::try_from(window_size).unwrap_or(i32::MAX));
            AnyLayer::new(ApplyCausalSlidingWindowAttentionMask::new(masked_out, window))
        }
    };
    let mut query_key_to_attn = vec![AnyLayer::new(NamedEinsum {
        input_axes: vec![einsum.query.clone(), einsum.key.clone()],
        output_axes: einsum.scores.clone(),
    })];
    query_key_to_attn.extend(soft_cap(config, config.attn_logits_soft_cap)?);
    query_key_to_attn.extend([mask, AnyLayer::new(Softmax::new([KV_SEQ]))]);
    let attn_value_to_output = Sequential::new([
        AnyLayer::new(NamedEinsum { input_axes: vec![einsum.scores, einsum.key], output_axes: einsum.query }),
        linear(&format!("{name}/output"), init, &query_axes, &embedding, config)?,
    ]);
    Ok(Attention {
        input_to_query: AnyLayer::new(input_to_query),
        input_to_key: AnyLayer::new(input_to_key),
        input_to_value: AnyLayer::new(input_to_value),
        query_key_to_attn: AnyLayer::new(Sequential::new(query_key_to_attn)),
        attn_value_to_output: AnyLayer::new(attn_value_to_output),
    })
}

/// The axes of queries, of keys and values, and of scores, with the indices that match them.
struct EinsumAxes {
    query: IndexedAxes,
    key: IndexedAxes,
    scores: IndexedAxes,
}

fn einsum_axes(heads: &AxisSizes, query_heads: &AxisSizes) -> EinsumAxes {
    let (tq, tkv, p) = (AxisName::new("tq"), AxisName::new("tkv"), AxisName::new("p"));
    let by_own_name =
        |axes: &AxisSizes| -> IndexedAxes { axes.iter().map(|(name, _)| (*name, *name)).collect() };
    let (heads, query_heads) = (by_own_name(heads), by_own_name(query_heads));
    let axes = |first: &[(AxisName, AxisName)], heads: &[&IndexedAxes], last: (AxisName, AxisName)| {
        first.iter().chain(heads.iter().copied().flatten()).copied().chain([last]).collect::<IndexedAxes>()
    };
    EinsumAxes {
        query: axes(&[(SEQ, tq)], &[&heads, &query_heads], (PROJECTION, p)),
        key: axes(&[(SEQ, tkv)], &[&heads], (PROJECTION, p)),
        scores: axes(&[(SEQ, tq)], &[&heads, &query_heads], (KV_SEQ, tkv)),
    }
}

fn linear(
    name: &str,
    init: Init<'_>,
    input_axes: &[(AxisName, usize)],
    output_axes: &[(AxisName, usize)],
    config: &LlamalikeTransformerConfig,
) -> Result<AnyLayer> {
    let axes = LinearConfig::new(input_axes.iter().copied(), output_axes.iter().copied());
    Linear::from_config(name, init, &LinearConfig { dtype: config.parameter_dtype, ..axes })
}

fn norm(name: &str, init: Init<'_>, config: &LlamalikeTransformerConfig) -> Result<RMSLayerNorm> {
    let axes = [(EMBEDDING, config.embedding_dim)];
    RMSLayerNorm::from_config(name, init, &axes, config.rms_norm_eps, config.parameter_dtype)
}

fn soft_cap(config: &LlamalikeTransformerConfig, cap: Option<f32>) -> Result<Option<AnyLayer>> {
    cap.map(|cap| Ok(AnyLayer::new(TanhSoftCap { soft_cap: activation_scalar(config, cap)? }))).transpose()
}

/// A constant of the activations' element type.
fn activation_scalar(config: &LlamalikeTransformerConfig, value: f32) -> Result<NamedArray> {
    NamedArray::scalar(value).cast(config.activation_dtype)
}
