//! Arrays that have a shape and no value.
//!
//! They stand for what a function will be given: its operations make graph as they always do, and nothing is
//! computed. A primitive of their own makes them, so they wait for ever, print as any array that waits, and reading
//! one (or what depends on one) is an error like that of any other kernel: it names the call.

use super::Array;
use super::params::Params;
use super::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The array that stands for an argument. No row of the table of primitives: it computes nothing.
pub(crate) static ABSTRACT: Primitive = Primitive {
    name: "abstract",
    infer: |params, _| match params {
        Params::Part { spec, .. } => Ok(spec.clone()),
        _ => Err(Report::new("abstract", "a shape is needed").shape()),
    },
    kernel: Kernel::Whole(|_, _, _| {
        let problem = "a value was read that depends on an argument of a function which is being traced, and such an \
                       argument has a shape but no value";
        Err(Report::new("reading a value", problem)
            .help("return it from the function, and read what the function's caller gets")
            .value())
    }),
    derivative: Derivative::Zero,
};

/// An array of this shape without a value.
#[track_caller]
pub(crate) fn abstract_like(spec: &Spec) -> Result<Array> {
    Array::apply(&ABSTRACT, Params::Part { index: 0, spec: spec.clone() }, &[])
}
