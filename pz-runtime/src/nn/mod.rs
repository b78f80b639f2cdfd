//! Layers: small named nodes that are called.
//!
//! A layer is a tree node with a [`call`](Layer::call). Combinators ([`Sequential`], [`Residual`], …) hold other
//! layers and call them through [`call_child`], which keeps the layer scope for errors and traces.

mod affine;
mod attention;
mod basic;
mod cache;
mod combinators;
mod einsum;
mod embedding;
mod grouping;
mod init;
mod layer;
mod linear;
mod mask;
mod norm;
mod param;
mod rope;
mod side;
mod slot;
mod value;

pub use affine::{AddBias, Affine, RenameAxes};
pub use attention::Attention;
pub use basic::{Activation, CastToDType, ConstantRescale, Elementwise, Identity, Softmax, TanhSoftCap};
pub use cache::{CacheConfig, KVCachingAttention, KeyValueCache};
pub use combinators::{BranchAndAddTogether, BranchAndMultiplyTogether, Residual};
pub use einsum::{IndexedAxes, NamedEinsum};
pub use embedding::{EmbeddingDecode, EmbeddingLookup, EmbeddingTable};
pub use grouping::{
    NamedGroup, Sequential, call_in_order, inline_anonymous_sequentials, inline_groups,
    is_anonymous_sequential, is_sequential_or_named, sublayers_of,
};
pub use init::{
    Fan, LinearOperatorWeightInitializer, WeightAxes, WeightDistribution, constant_initializer,
    variance_scaling_initializer, xavier_normal_initializer, xavier_uniform_initializer, zero_initializer,
};
pub use layer::{ArrayLayer, Layer, call_child, call_element};
pub use linear::{Linear, LinearConfig, LinearInPlace};
pub use mask::{ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyExplicitAttentionMask};
pub use norm::{LayerNorm, RMSLayerNorm, RMSStandardize, Standardize};
pub use param::{Init, LoadParameter, ParameterLike, derive_param_key, make_parameter};
pub use rope::ApplyRoPE;
pub use side::SideInputs;
pub use slot::{AnyLayer, Slot};
pub use value::Value;

pub use pz_macros::Layer;
