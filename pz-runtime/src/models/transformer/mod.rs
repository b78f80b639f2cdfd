//! Decoder-only transformers of the Llama family.
//!
//! [`LlamalikeTransformerConfig`] says what to build, [`build_llamalike_transformer`] builds the tree, with
//! parameters from an [`Init`](crate::nn::Init); the result is a [`TransformerLM`]. [`KVCachingTransformerLM`] turns it into
//! one that remembers the tokens it has seen, and [`decode`] samples from that.
//!
//! Names are part of the interface, since selections and side inputs go by them. [Axes](axes): `seq`, `kv_seq`,
//! `embedding`, `projection`, `neurons`, `vocabulary`, and for heads `heads`, or `query_heads` alone, or
//! `head_groups` with `query_heads`. [Side inputs](side_inputs): `token_positions` (-1 is padding), and when
//! sampling `kv_token_positions` and `cache_end_index`.

mod build;
mod config;
pub mod decode;
mod parts;
mod sampling;

pub use build::{
    build_llamalike_attention, build_llamalike_block, build_llamalike_feedforward,
    build_llamalike_transformer,
};
pub use config::{AttentionType, EmbeddingScale, LlamalikeTransformerConfig, MlpVariant};
pub use parts::{
    TransformerBlock, TransformerFeedForward, TransformerLM, TransformerMetadata, axes, side_inputs,
};
pub use sampling::KVCachingTransformerLM;
