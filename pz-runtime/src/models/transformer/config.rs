//! What a Llama-like transformer is made of, as data.
//!
//! The fields are Penzai's, with its defaults; sizes have none and must be given. One is added: Penzai scales
//! the embeddings of every model whose output layer is tied to them, as Gemma wants it, while other tied models
//! do not, so [`EmbeddingScale`] makes it a choice.

use super::axes::{HEAD_GROUPS, HEADS, QUERY_HEADS};
use crate::error::{Report, Result};
use crate::{AxisName, DType};

/// Configuration of a Llama-like transformer.
///
/// ```
/// use pz::models::transformer::LlamalikeTransformerConfig;
/// let config = LlamalikeTransformerConfig {
///     num_kv_heads: 4,
///     query_head_multiplier: 2,
///     embedding_dim: 64,
///     projection_dim: 8,
///     mlp_hidden_dim: 172,
///     num_decoder_blocks: 5,
///     vocab_size: 512,
///     tie_embedder_and_logits: true,
///     ..Default::default()
/// };
/// assert_eq!(config.query_scaling(), 8.0_f32.powf(-0.5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LlamalikeTransformerConfig {
    /// Key and value heads (groups of query heads).
    pub num_kv_heads: usize,
    /// Query heads for each key and value head.
    pub query_head_multiplier: usize,
    /// Size of the residual stream.
    pub embedding_dim: usize,
    /// Size of one head's queries, keys and values; even, for the rotary embedding.
    pub projection_dim: usize,
    /// Neurons of a feed-forward block.
    pub mlp_hidden_dim: usize,
    /// Number of blocks.
    pub num_decoder_blocks: usize,
    /// Number of tokens.
    pub vocab_size: usize,
    /// The gate of the feed-forward blocks.
    pub mlp_variant: MlpVariant,
    /// Whether the output layer uses the embedding table.
    pub tie_embedder_and_logits: bool,
    /// The factor on embeddings after the lookup.
    pub embedding_scale: EmbeddingScale,
    /// The longest wavelength of the rotary embedding.
    pub rope_wavelength: f32,
    /// What the norms add to the mean square.
    pub rms_norm_eps: f32,
    /// How the blocks attend: repeated until every block has one, so the length divides the number of blocks.
    pub attention_type: Vec<AttentionType>,
    /// Whether a norm follows attention.
    pub use_post_attn_norm: bool,
    /// Whether a norm follows the feed-forward block.
    pub use_post_ffw_norm: bool,
    /// A bound on the logits, by [`TanhSoftCap`](crate::nn::TanhSoftCap).
    pub final_logit_softcap: Option<f32>,
    /// A bound on attention scores before the mask.
    pub attn_logits_soft_cap: Option<f32>,
    /// The factor on queries; `None` is `projection_dim^-0.5`.
    pub query_scaling_factor: Option<f32>,
    /// Element type of the parameters.
    pub parameter_dtype: DType,
    /// Element type of activations and caches.
    pub activation_dtype: DType,
}

/// The activation of a gated feed-forward block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MlpVariant {
    /// Gated by `silu(x) = x * sigmoid(x)`: Llama, Mistral.
    #[default]
    Swiglu,
    /// Gated by gelu in its tanh approximation: Gemma.
    GegluApprox,
    /// Gated by the exact gelu.
    GegluExact,
}

/// The factor on embeddings after the lookup.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum EmbeddingScale {
    /// `sqrt(embedding_dim)` where the output layer is tied to the embeddings, else none. Penzai's rule.
    #[default]
    WhenTied,
    /// No scaling.
    One,
    /// This factor.
    By(f32),
}

/// Which earlier tokens a block attends to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttentionType {
    /// All of them.
    #[default]
    GlobalCausal,
    /// The last `window_size`, the token itself included.
    SlidingWindowCausal {
        /// The number of tokens.
        window_size: usize,
    },
}

impl Default for LlamalikeTransformerConfig {
    /// Penzai's defaults; the sizes are 0, which no build accepts.
    fn default() -> Self {
        LlamalikeTransformerConfig {
            num_kv_heads: 0,
            query_head_multiplier: 1,
            embedding_dim: 0,
            projection_dim: 0,
            mlp_hidden_dim: 0,
            num_decoder_blocks: 0,
            vocab_size: 0,
            mlp_variant: MlpVariant::default(),
            tie_embedder_and_logits: false,
            embedding_scale: EmbeddingScale::default(),
            rope_wavelength: 10_000.0,
            rms_norm_eps: 1e-6,
            attention_type: vec![AttentionType::GlobalCausal],
            use_post_attn_norm: false,
            use_post_ffw_norm: false,
            final_logit_softcap: None,
            attn_logits_soft_cap: None,
            query_scaling_factor: None,
            parameter_dtype: DType::F32,
            activation_dtype: DType::F32,
        }
    }
}

/// Axes with their sizes.
pub(super) type AxisSizes = Vec<(AxisName, usize)>;

impl LlamalikeTransformerConfig {
    /// The factor on queries.
    pub fn query_scaling(&self) -> f32 {
        self.query_scaling_factor.unwrap_or_else(|| (self.projection_dim as f32).powf(-0.5))
    }

    /// The factor on embeddings, where there is one.
    pub fn embedding_scaling(&self) -> Option<f32> {
        match self.embedding_scale {
            EmbeddingScale::WhenTied => {
                self.tie_embedder_and_logits.then(|| (self.embedding_dim as f32).sqrt())
            }
            EmbeddingScale::One => None,
            EmbeddingScale::By(factor) => Some(factor),
        }
    }

    /// The head axes that queries share with keys and values: `heads`, none, or `head_groups`.
    pub fn common_head_axes(&self) -> Vec<(AxisName, usize)> {
        match (self.num_kv_heads, self.query_head_multiplier) {
            (heads, 1) => vec![(HEADS, heads)],
            (1, _) => vec![],
            (groups, _) => vec![(HEAD_GROUPS, groups)],
        }
    }

    /// The head axes that only queries have: none, or `query_heads`.
    pub fn query_only_head_axes(&self) -> Vec<(AxisName, usize)> {
        match self.query_head_multiplier {
            1 => vec![],
            heads => vec![(QUERY_HEADS, heads)],
        }
    }

    /// How block `index` attends.
    pub(super) fn attention_type_of(&self, index: usize) -> AttentionType {
        self.attention_type.get(index % self.attention_type.len().max(1)).copied().unwrap_or_default()
    }

    /// Whether a model can be built from this.
    ///
    /// # Errors
    /// All fields at once that cannot be: a size of 0, an odd `projection_dim`, attention types whose number
    /// does not divide the number of blocks.
    pub fn check(&self) -> Result<()> {
        let sizes = [
            ("num_kv_heads", self.num_kv_heads),
            ("query_head_multiplier", self.query_head_multiplier),
            ("embedding_dim", self.embedding_dim),
            ("projection_dim", self.projection_dim),
            ("mlp_hidden_dim", self.mlp_hidden_dim),
            ("num_decoder_blocks", self.num_decoder_blocks),
            ("vocab_size", self.vocab_size),
            ("attention_type.len()", self.attention_type.len()),
        ];
        let mut problems: Vec<String> = sizes
            .iter()
            .filter(|(_, size)| *size == 0)
            .map(|(field, _)| format!("`{field}` is 0, and must be at least 1"))
            .collect();
        if self.projection_dim % 2 == 1 {
            problems.push(format!("`projection_dim` is {}, and must be even", self.projection_dim));
        }
        let types = self.attention_type.len();
        if types > 0 && !self.num_decoder_blocks.is_multiple_of(types) {
            let blocks = self.num_decoder_blocks;
            problems
                .push(format!("`attention_type` has {types} entries, which do not divide {blocks} blocks"));
        }
        for (field, dtype) in
            [("parameter_dtype", self.parameter_dtype), ("activation_dtype", self.activation_dtype)]
        {
            if !dtype.is_float() {
                problems.push(format!("`{field}` is {dtype}, and must be a floating type"));
            }
        }
        match Report::of("LlamalikeTransformerConfig", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(()),
        }
    }
}
