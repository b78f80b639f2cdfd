//! Checking the shapes of whole trees against patterns with variables.
//!
//! A pattern is a tree in which an [`ArraySpec`] stands for each array: its element type, its axes, and for each size a
//! number or a variable. [`check_structure`] walks over the pattern and the value at once, finds a size for every
//! variable, and gives all mismatches together, each with its place and with the place that a size came from. The
//! texts are Penzai's.

mod found;
mod outcome;
mod solve;
mod spec;
mod substitute;
mod text;
mod walk;

pub use found::{Bound, MatchResult};
pub use spec::{
    ANY, ArraySpec, DTypeSpec, Dim, DimVar, IntoAxisDim, MultiDimVar, Named, Place, VarKey, VarName,
    Wildcard, var, vars_for_axes,
};
pub use substitute::{
    DimensionVariableSubstitution, full_substitute_dimension_variables, get_dimension_variables,
};
pub use walk::{as_array_structure, check_structure};

use crate::error::{Error, Report};
use crate::path::KeyPath;

/// A value does not match a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructureMismatchError {
    /// What went wrong as a whole: `Mismatch while checking structures`.
    pub summary: String,
    /// Each mismatch and its place.
    pub failures: Vec<(KeyPath, String)>,
    /// A remark on what could not be judged.
    pub note: Option<String>,
}

impl std::fmt::Display for StructureMismatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.summary)?;
        self.failures.iter().try_for_each(|(path, text)| write!(f, "\nAt root{path}: {text}"))?;
        self.note.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

impl std::error::Error for StructureMismatchError {}

impl From<StructureMismatchError> for Error {
    fn from(error: StructureMismatchError) -> Self {
        let StructureMismatchError { summary, failures, note } = error;
        let problems: Vec<_> =
            failures.into_iter().map(|(path, text)| format!("At root{path}: {text}")).collect();
        let first = Report::new("check_structure", summary.trim_end_matches(':').to_owned());
        Report { problems: first.problems.iter().cloned().chain(problems).chain(note).collect(), ..first }
            .shape()
    }
}
