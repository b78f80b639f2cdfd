//! The dataflow of attention, and nothing else.
//!
//! How queries, keys and values are made, what is masked, and how scores become weights is up to the five
//! layers inside: each can be selected and edited, and the cached variant ([`KVCachingAttention`]) uses the
//! same five unchanged.
//!
//! [`KVCachingAttention`]: super::KVCachingAttention

use super::{AnyLayer, Layer, SideInputs, Value, call_child};
use crate::error::Result;

/// `output(attn(query(x), key(x)), value(x))`.
#[crate::pytree_dataclass]
#[pytree(color = "oklch(0.785 0.103 38.5 / 1.0)")]
pub struct Attention {
    /// Makes the queries from the input.
    pub input_to_query: AnyLayer,
    /// Makes the keys from the input.
    pub input_to_key: AnyLayer,
    /// Makes the values from the input.
    pub input_to_value: AnyLayer,
    /// Makes attention weights from the tuple `(queries, keys)`.
    pub query_key_to_attn: AnyLayer,
    /// Makes the output from the tuple `(attention weights, values)`.
    pub attn_value_to_output: AnyLayer,
}

impl Layer for Attention {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let query = call_child(self, "input_to_query", &self.input_to_query, input.clone(), side)?;
        let key = call_child(self, "input_to_key", &self.input_to_key, input.clone(), side)?;
        let value = call_child(self, "input_to_value", &self.input_to_value, input, side)?;
        let scores = Value::Tuple(vec![query, key]);
        let attn = call_child(self, "query_key_to_attn", &self.query_key_to_attn, scores, side)?;
        let weighted = Value::Tuple(vec![attn, value]);
        call_child(self, "attn_value_to_output", &self.attn_value_to_output, weighted, side)
    }
}
