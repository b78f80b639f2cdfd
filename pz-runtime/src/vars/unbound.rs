//! The error of reading a slot.

use super::VariableLabel;
use crate::error::{Error, Report};

/// A variable was read where there is only a place for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {kind} `{label}` has no value: there is only a slot for it")]
pub struct UnboundVariableError {
    kind: &'static str,
    label: VariableLabel,
}

impl UnboundVariableError {
    pub(super) fn new(kind: &'static str, label: &VariableLabel) -> Self {
        UnboundVariableError { kind, label: label.clone() }
    }

    /// The label of the variable that has no value.
    pub fn label(&self) -> &VariableLabel {
        &self.label
    }
}

impl From<UnboundVariableError> for Error {
    fn from(unbound: UnboundVariableError) -> Self {
        Report::new("reading a variable", unbound.to_string())
            .help(format!(
                "build the model with a random key or with loaded weights, or put a {} called `{}` in the slot's place",
                unbound.kind, unbound.label
            ))
            .variable()
    }
}
