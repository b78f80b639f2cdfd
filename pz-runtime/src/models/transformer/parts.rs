//! The named parts of a transformer, and the names of its axes and side inputs.
//!
//! [`TransformerBlock`] and [`TransformerFeedForward`] are plain chains whose type is their name, so that a
//! selection finds them. [`TransformerLM`] adds what later changes to the model need to know of its sizes.

use crate::error::{Report, Result};
use crate::nn::{AnyLayer, Layer, Sequential, SideInputs, Value, call_child, call_in_order};
use crate::{AxisName, DType, NamedArray};

/// The names of axes.
pub mod axes {
    use crate::AxisName;

    /// Tokens; in scores, the tokens that attend.
    pub const SEQ: AxisName = AxisName::new("seq");
    /// In scores, the tokens that are attended to.
    pub const KV_SEQ: AxisName = AxisName::new("kv_seq");
    /// The residual stream.
    pub const EMBEDDING: AxisName = AxisName::new("embedding");
    /// Queries, keys and values of one head.
    pub const PROJECTION: AxisName = AxisName::new("projection");
    /// The hidden layer of a feed-forward block.
    pub const NEURONS: AxisName = AxisName::new("neurons");
    /// Tokens of the vocabulary.
    pub const VOCABULARY: AxisName = AxisName::new("vocabulary");
    /// Heads, where each query head has its own keys and values.
    pub const HEADS: AxisName = AxisName::new("heads");
    /// Groups of query heads that share keys and values.
    pub const HEAD_GROUPS: AxisName = AxisName::new("head_groups");
    /// Query heads of a group.
    pub const QUERY_HEADS: AxisName = AxisName::new("query_heads");
}

/// The names of side inputs.
pub mod side_inputs {
    /// The position of each token along `seq`; -1 is padding.
    pub const TOKEN_POSITIONS: &str = "token_positions";
    /// While sampling, the position of each token in the caches.
    pub const KV_TOKEN_POSITIONS: &str = "kv_token_positions";
    /// While sampling, the number of tokens in the caches.
    pub const CACHE_END_INDEX: &str = "cache_end_index";
}

/// A feed-forward block: a [`Sequential`] with a name.
#[crate::pytree_dataclass(is = Sequential)]
pub struct TransformerFeedForward {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Layer for TransformerFeedForward {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// A transformer block: a [`Sequential`] with a name.
#[crate::pytree_dataclass(is = Sequential)]
#[pytree(color = "oklch(0.785 0.103 186.9 / 1.0)")]
pub struct TransformerBlock {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Layer for TransformerBlock {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// Sizes of a transformer that its layers do not show without running them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TransformerMetadata {
    /// Head axes of queries, keys and values.
    pub common_head_axes: Vec<(AxisName, usize)>,
    /// Head axes of queries alone.
    pub query_only_head_axes: Vec<(AxisName, usize)>,
    /// Size of the residual stream.
    pub embedding_dim: usize,
    /// Size of one head's queries, keys and values.
    pub projection_dim: usize,
    /// Neurons of a feed-forward block.
    pub mlp_hidden_dim: usize,
    /// Number of tokens.
    pub vocab_size: usize,
    /// Element type of activations and caches.
    pub activation_dtype: DType,
}

crate::static_by_eq!(TransformerMetadata);

/// A transformer as a language model: tokens in, logits of the next token out.
///
/// The input is an integer array with an axis `seq` and any batch axes; the result has the input's axes and
/// `vocabulary`. The side input `token_positions` says where in the text each token stands; without it the
/// tokens are numbered from 0.
#[crate::pytree_dataclass]
pub struct TransformerLM {
    /// The model proper.
    pub body: AnyLayer,
    /// Its sizes.
    #[pytree(static)]
    pub metadata: TransformerMetadata,
}

impl Layer for TransformerLM {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let tokens = input.into_array("TransformerLM")?;
        let side = match side.get::<NamedArray>(side_inputs::TOKEN_POSITIONS) {
            Some(_) => side.clone(),
            None => {
                let positions = NamedArray::arange(axes::SEQ, seq_len("TransformerLM", &tokens)?);
                side.clone().with(side_inputs::TOKEN_POSITIONS, positions)
            }
        };
        call_child(self, "body", &self.body, tokens.into(), &side)
    }
}

/// The size of the axis `seq` of `tokens`, for an error of `layer`.
pub(super) fn seq_len(layer: &str, tokens: &NamedArray) -> Result<usize> {
    tokens.size(axes::SEQ).ok_or_else(|| {
        Report::new(
            layer,
            format!("the tokens have no axis `seq`; their axes are {:?}", tokens.named_shape()),
        )
        .help("name the axis along which the tokens stand: `tokens.tag(\"seq\")`")
        .shape()
    })
}
