//! From a checkpoint to a model.
//!
//! The checkpoint's vectors become arrays as they are, under the labels and axes by which the builder asks for
//! them: Penzai's names for the parts of a Llama-like transformer.

use std::collections::HashMap;

use super::{Checkpoint, Header};
use crate::error::{Report, Result};
use crate::models::transformer::axes::{EMBEDDING, NEURONS, PROJECTION, VOCABULARY};
use crate::models::transformer::{
    EmbeddingScale, LlamalikeTransformerConfig, TransformerLM, build_llamalike_transformer,
};
use crate::nn::Init;
use crate::{AxisName, NamedArray};

/// The prefix of every parameter's label.
const NAME: &str = "transformer";

/// What llama2.c adds to the mean square in its norms.
const RMS_NORM_EPS: f32 = 1e-5;

/// Axes with sizes, in parts.
type Axes<'a> = &'a [&'a [(AxisName, usize)]];

impl Header {
    /// The configuration of a model of these sizes: gated by silu, rotary positions of wavelength 10000, and
    /// embeddings that are not scaled.
    pub fn config(&self) -> LlamalikeTransformerConfig {
        LlamalikeTransformerConfig {
            num_kv_heads: self.n_kv_heads,
            query_head_multiplier: self.n_heads / self.n_kv_heads,
            embedding_dim: self.dim,
            projection_dim: self.head_size(),
            mlp_hidden_dim: self.hidden_dim,
            num_decoder_blocks: self.n_layers,
            vocab_size: self.vocab_size,
            tie_embedder_and_logits: self.shared_output,
            embedding_scale: EmbeddingScale::One,
            rms_norm_eps: RMS_NORM_EPS,
            ..Default::default()
        }
    }
}

impl Checkpoint {
    /// Builds the model, and gives the weights to it.
    ///
    /// # Errors
    /// None that a checkpoint which was read can give; those of the builder.
    pub fn into_model(self) -> Result<TransformerLM> {
        let config = self.header.config();
        let parameters = self.into_parameters(&config)?;
        let find = |label: &str, _: &[(AxisName, usize)]| {
            parameters.get(label).cloned().ok_or_else(|| {
                Report::new("Checkpoint::into_model", format!("the format has no parameter `{label}`"))
                    .format()
            })
        };
        build_llamalike_transformer(&config, Init::Loaded(&find), NAME)
    }

    /// The weights as arrays by their labels.
    fn into_parameters(self, config: &LlamalikeTransformerConfig) -> Result<HashMap<String, NamedArray>> {
        let weights = self.weights;
        let embedding = [(EMBEDDING, config.embedding_dim)];
        let neurons = [(NEURONS, config.mlp_hidden_dim)];
        let vocabulary = [(VOCABULARY, config.vocab_size)];
        let key_heads = [config.common_head_axes(), vec![(PROJECTION, config.projection_dim)]].concat();
        let query_heads = [
            config.common_head_axes(),
            config.query_only_head_axes(),
            vec![(PROJECTION, config.projection_dim)],
        ]
        .concat();

        let mut parameters = HashMap::new();
        let mut add = |label: String, values: Vec<f32>, axes: Axes<'_>| -> Result<()> {
            let array = NamedArray::from_vec(values, axes.concat())?;
            parameters.insert(format!("{NAME}/{label}"), array);
            Ok(())
        };
        add("embedder.embeddings".into(), weights.token_embedding, &[&vocabulary, &embedding])?;
        add("final_norm/scale.weights".into(), weights.final_norm, &[&embedding])?;
        if let Some(output) = weights.output {
            add("lm_head.weights".into(), output, &[&vocabulary, &embedding])?;
        }
        let kinds: [(&str, Vec<Vec<f32>>, Axes<'_>); 9] = [
            ("pre_attention_norm/scale", weights.attention_norm, &[&embedding]),
            ("attention/query", weights.query, &[&query_heads, &embedding]),
            ("attention/key", weights.key, &[&key_heads, &embedding]),
            ("attention/value", weights.value, &[&key_heads, &embedding]),
            ("attention/output", weights.attention_output, &[&embedding, &query_heads]),
            ("pre_ffw_norm/scale", weights.feed_forward_norm, &[&embedding]),
            ("mlp/gating_linear", weights.gate, &[&neurons, &embedding]),
            ("mlp/out_linear", weights.down, &[&embedding, &neurons]),
            ("mlp/value_linear", weights.up, &[&neurons, &embedding]),
        ];
        for (part, layers, axes) in kinds {
            for (layer, values) in layers.into_iter().enumerate() {
                add(format!("block_{layer}/{part}.weights"), values, axes)?;
            }
        }
        Ok(parameters)
    }
}
