//! From functions that were traced to the operations that run them.
//!
//! A traced function may use any arrays beside its arguments. They become operands here, before the function's own,
//! so that neither a user's closure nor a derivative has to list what it uses.

use std::sync::Arc;

use super::Array;
use super::body::Body;
use super::control::{self, Control, Scan, While};
use super::ops::control::{CHECKPOINT, SWITCH};
use super::ops::repeat::{SCAN, WHILE};
use super::trace::Trace;
use crate::error::{Report, Result};

/// The results of a function, and how they were made.
pub(crate) type Traced = (Vec<Array>, Trace);

/// One of several functions without arguments, by its number; the only one where there is no number.
#[track_caller]
pub(crate) fn switch(traces: Vec<Traced>, number: Option<&Array>) -> Result<Vec<Array>> {
    let captured = captured(&traces, &[], false);
    // What comes now is no part of the functions: their traces end here.
    let branches: Vec<Arc<Body>> =
        traces.into_iter().map(|(outputs, trace)| trace.body(&captured, &outputs)).collect();
    let Some(first) = branches.first() else {
        return Err(Report::new("switch", "there is no branch to take").help("give at least one").shape());
    };
    let specs = first.results();
    let op = if number.is_some() { &SWITCH } else { &CHECKPOINT };
    let operands: Vec<&Array> = number.into_iter().chain(&captured).collect();
    let several = control::apply(op, Arc::new(Control::Switch(branches)), &operands)?;
    control::parts(&several, &specs)
}

/// What several functions use beside their arguments, each array once.
fn captured(traces: &[Traced], arguments: &[Array], hoist: bool) -> Vec<Array> {
    let mut all: Vec<Array> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (outputs, trace) in traces {
        let used = trace.captures(arguments, outputs, hoist);
        all.extend(used.into_iter().filter(|used| seen.insert(Arc::as_ptr(used.as_node()))));
    }
    all
}

/// A scan to be: the arguments that its step was traced on, and what they are given.
pub(crate) struct Steps<'a> {
    pub(crate) carried: &'a [Array],
    pub(crate) rows: &'a [Array],
    /// What is carried into the first step.
    pub(crate) first: &'a [Array],
    /// What rows are taken of.
    pub(crate) stacks: &'a [Array],
    pub(crate) length: usize,
    pub(crate) reverse: bool,
    pub(crate) checkpoint: bool,
}

impl Steps<'_> {
    /// What is carried out of the last step, and the stacked rows that the steps made.
    #[track_caller]
    pub(crate) fn scan(&self, step: Traced) -> Result<Vec<Array>> {
        let arguments: Vec<Array> = self.carried.iter().chain(self.rows).cloned().collect();
        let step = [step];
        let captured = captured(&step, &arguments, true);
        let places: Vec<Array> = captured.iter().chain(&arguments).cloned().collect();
        let [body] = step.map(|(outputs, trace)| trace.body(&places, &outputs));
        let control = Control::Scan(Scan {
            body,
            held: captured.len(),
            carried: self.carried.len(),
            length: self.length,
            reverse: self.reverse,
            saves: false,
            checkpoint: self.checkpoint,
        });
        let specs = control.results();
        let operands: Vec<&Array> = captured.iter().chain(self.first).chain(self.stacks).collect();
        let several = control::apply(&SCAN, Arc::new(control), &operands)?;
        control::parts(&several, &specs)
    }
}

/// What is carried when the condition fails; both functions were traced on `carried`.
#[track_caller]
pub(crate) fn while_loop(
    condition: Traced,
    body: Traced,
    carried: &[Array],
    first: &[Array],
) -> Result<Vec<Array>> {
    let both = [condition, body];
    let captured = captured(&both, carried, true);
    let places: Vec<Array> = captured.iter().chain(carried).cloned().collect();
    let [condition, body] = both.map(|(outputs, trace)| trace.body(&places, &outputs));
    let control = Control::While(While { condition, body, held: captured.len() });
    let specs = control.results();
    let operands: Vec<&Array> = captured.iter().chain(first).collect();
    let several = control::apply(&WHILE, Arc::new(control), &operands)?;
    control::parts(&several, &specs)
}
