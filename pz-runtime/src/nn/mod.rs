//! Layers: small named nodes that are called.
//!
//! A layer is a tree node with a [`call`](Layer::call). Combinators ([`Sequential`], [`Residual`], …) hold other
//! layers and call them through [`call_child`], which keeps the layer scope for errors and traces.

mod affine;
mod attention;
mod basic;
mod cache;
mod capture;
mod combinators;
mod cost;
pub mod declared;
mod dropout;
mod einsum;
mod embedding;
mod from_input;
mod grouping;
mod init;
mod judging;
mod layer;
mod linear;
mod mask;
mod norm;
mod param;
mod rehearsal;
mod rope;
mod side;
mod slot;
mod stack;
mod stacked;
mod value;

pub use affine::{AddBias, Affine, BiasOptions, RenameAxes};
pub use attention::Attention;
pub use basic::{
    Activation, CastToDType, ConstantOptions, ConstantRescale, Elementwise, Identity, Softmax, TanhSoftCap,
};
pub use cache::{CacheConfig, KVCachingAttention, KeyValueCache};
pub use combinators::{BranchAndAddTogether, BranchAndMultiplyTogether, Residual};
pub use cost::{Cost, LayerCost, cost};
pub use declared::{ActsOver, FormAxes, KeepsShape, MapsAxes, Model, SharesWith, Signed, Site, Sizes};
pub use dropout::{DisabledDropout, DropoutOptions, StochasticDropout, maybe_dropout};
pub use einsum::{IndexedAxes, NamedEinsum};
pub use embedding::{EmbeddingDecode, EmbeddingLookup, EmbeddingOptions, EmbeddingTable};
pub use from_input::FromInput;
pub use grouping::{
    NamedGroup, Sequential, call_in_order, inline_anonymous_sequentials, inline_groups,
    is_anonymous_sequential, is_sequential_or_named, sublayers_of,
};
pub use init::{
    Fan, LinearOperatorWeightInitializer, WeightAxes, WeightDistribution, constant_initializer,
    variance_scaling_initializer, xavier_normal_initializer, xavier_uniform_initializer, zero_initializer,
};
pub use layer::{ArrayLayer, Layer, call_child, call_element};
pub use linear::{Linear, LinearConfig, LinearInPlace, WeightOptions};
pub use mask::{
    ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyExplicitAttentionMask,
    ExplicitMaskOptions, MaskOptions,
};
pub use norm::{LayerNorm, NormOptions, RMSLayerNorm, RMSStandardize, Standardize, StandardizeOptions};
pub use param::{Init, LoadParameter, ParameterLike, derive_param_key, make_parameter};
pub use rope::{ApplyRoPE, RoPEOptions};
pub use side::SideInputs;
pub use slot::{AnyLayer, Slot};
pub use stack::LayerStack;
pub use stacked::{LayerStackAxes, LayerStackVarBehavior, layerstack_axes_from_keypath};
pub use value::Value;

pub use pz_macros::Layer;
