//! pz computes what Penzai computes on JAX: values, axis orders, element types, first parameters, gradients.
//!
//! The expected numbers are in `tests/fixtures/*.json`, one case a line, and the scripts beside them wrote them.
//! Each test walks one family and reports every case that disagrees. Where pz has decided for another behaviour,
//! the case stands in a `DECIDED` list with the reason, and the test holds pz to what it does instead.

#[path = "numerics/along.rs"]
mod along;
#[path = "numerics/attention.rs"]
mod attention;
#[path = "numerics/axes.rs"]
mod axes;
#[path = "numerics/control.rs"]
mod control;
#[path = "numerics/elementwise.rs"]
mod elementwise;
#[path = "numerics/fixture.rs"]
mod fixture;
#[path = "numerics/functions.rs"]
mod functions;
#[path = "numerics/gradients.rs"]
mod gradients;
#[path = "numerics/indexing.rs"]
mod indexing;
#[path = "numerics/layer_gradients.rs"]
mod layer_gradients;
#[path = "numerics/layers.rs"]
mod layers;
#[path = "numerics/named.rs"]
mod named;
#[path = "numerics/operations.rs"]
mod operations;
#[path = "numerics/promotion.rs"]
mod promotion;
#[path = "numerics/rearranging.rs"]
mod rearranging;
#[path = "numerics/special.rs"]
mod special;
#[path = "numerics/stateful.rs"]
mod stateful;
#[path = "numerics/transformers.rs"]
mod transformers;
#[path = "numerics/windows.rs"]
mod windows;
