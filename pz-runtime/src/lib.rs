//! Models as data: named-axis arrays, trees of layers, and surgery on real neural networks.
//!
//! The modules, in the order in which one may use another: [`path`], [`error`], [`context`], [`shape`], [`tree`], [`random`],
//! [`mod@array`], [`mod@grad`], [`named`], [`chk`], [`vars`], [`nn`], [`models`], [`treescope`].

extern crate self as pz;

pub mod path;

pub mod error;

pub mod context;

pub mod shape;

pub mod tree;

pub mod random;

pub mod array;

pub mod grad;

pub mod named;

pub mod chk;

pub mod vars;

pub mod nn;

pub mod models;

pub mod treescope;

pub mod prelude;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// Named-axis arrays, under the name that Penzai gives the module.
pub use named as nx;
/// The renderer, under the name that Penzai gives the module.
pub use treescope as ts;

pub use array::DType;
pub use context::{ContextualValue, disable_interactive_context, enable_interactive_context};
pub use error::{Error, Result};
pub use named::{NamedArray, eval, grad, hvp, jvp, linearize, value_and_grad, value_and_grad_aux, vjp};
pub use named::{Random, Scan, checkpoint, cond, custom_vjp, fori_loop, scan, slice, switch, while_loop};
pub use pz_macros::{model, pytree_dataclass};
pub use shape::AxisName;
pub use tree::{NotInThisPartition, Partition, PyTree, Selection, combine, pretty_keystr, select};
pub use tree::{
    PyTreeDataclassSafetyError, Struct, StructStaticMetadata, dataclass_from_attributes, init_takes_fields,
    is_pytree_dataclass_type, is_pytree_node_field,
};
pub use vars::{
    Parameter, ParameterSlot, ParameterValue, RandomStream, StateVariable, StateVariableSlot,
    StateVariableValue, UnboundVariableError, VariableLabel, scoped_auto_state_var_labels,
};

/// The examples of README.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
