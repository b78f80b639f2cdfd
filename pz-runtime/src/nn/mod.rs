//! Layers: small named nodes that are called.
//!
//! A layer is a tree node with a [`call`](Layer::call). Combinators ([`Sequential`], [`Residual`], …) hold other
//! layers and call them through [`call_child`], which keeps the layer scope for errors and traces.

mod attention;
mod cache;
mod combinators;
mod einsum;
mod grouping;
mod layer;
mod mask;
mod rope;
mod side;
mod slot;
mod value;

pub use attention::Attention;
pub use cache::{CacheConfig, KVCachingAttention, KeyValueCache};
pub use combinators::{BranchAndAddTogether, BranchAndMultiplyTogether, Residual};
pub use einsum::{IndexedAxes, NamedEinsum};
pub use grouping::{NamedGroup, Sequential, call_in_order};
pub use layer::{ArrayLayer, Layer, call_child, call_element};
pub use mask::{ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyExplicitAttentionMask};
pub use rope::ApplyRoPE;
pub use side::SideInputs;
pub use slot::{AnyLayer, Slot};
pub use value::Value;

pub use pz_macros::Layer;
