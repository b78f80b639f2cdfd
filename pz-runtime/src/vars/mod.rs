//! Variables: labelled, shared, mutable leaves.
//!
//! A tree does not change, but what a variable holds does. A variable in two places of a tree is the same one:
//! cloning shares it, and all clones see a new value. A [`Parameter`] is what training changes; a
//! [`StateVariable`] is what the model changes while it runs. Each has two shadows with the same label: a
//! *value*, which is frozen and an ordinary node of the tree, and a *slot*, which is a place without a value.
//! A [`RandomStream`] is keys for what a model draws while it runs, counted by a state variable.

mod cell;
mod label;
mod metadata;
mod parameter;
mod random_stream;
mod state;
mod unbound;

pub use label::{
    AutoStateVarLabel, ScopedStateVarLabel, StateVarLabelScope, VariableLabel, scoped_auto_state_var_labels,
};
pub use metadata::Metadata;
pub use parameter::{Parameter, ParameterSlot, ParameterValue};
pub use random_stream::RandomStream;
pub use state::{StateVariable, StateVariableSlot, StateVariableValue};
pub use unbound::UnboundVariableError;
