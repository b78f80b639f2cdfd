//! The derivative of an operation that runs bodies: bodies again.
//!
//! The body of the pull-back is traced: the operation's body is laid out as graph on marked operands, and cotangents
//! are pulled back through it as through any graph. What that trace uses of the outside becomes operands, and what it
//! does not use does not. The latter matters: a pull-back is linear in its cotangents, so the body of its own
//! pull-back does not use them, and the forward direction rests on their not being asked for.

use std::sync::Arc;

use super::{Aim, Scope, cotangents, zeros};
use crate::array::body::Body;
use crate::array::control::{Control, Custom};
use crate::array::trace::traced;
use crate::array::{Array, flow};
use crate::error::Result;

/// What there is to know where a pull-back meets an operation with bodies.
pub(super) struct Pull<'a> {
    pub(super) operands: &'a [Array],
    /// Which operands' cotangents are wanted.
    pub(super) needed: Vec<bool>,
    pub(super) output: &'a Array,
    /// Of each result, where there is one; the last ones may be missing.
    pub(super) cotangents: Vec<Option<Array>>,
    pub(super) aim: Aim,
}

impl Pull<'_> {
    /// The cotangents of the operands.
    pub(super) fn through(&self, control: &Control) -> Result<Vec<Option<Array>>> {
        match control {
            Control::Switch(branches) if branches.len() == 1 => self.through_switch(branches, 0),
            Control::Switch(branches) => self.through_switch(branches, 1),
            Control::Scan(scan) => self.through_scan(scan),
            Control::While(looped) => self.through_while(looped),
            Control::WhileTransposed(looped) => self.through_transposed(looped),
            Control::Custom(custom) => self.through_custom(custom),
        }
    }

    /// The cotangent of a result, where there is one.
    pub(super) fn cotangent(&self, result: usize) -> Option<&Array> {
        self.cotangents.get(result).and_then(Option::as_ref)
    }

    fn through_switch(&self, branches: &[Arc<Body>], first: usize) -> Result<Vec<Option<Array>>> {
        let needed = &self.needed[first..];
        let backward = |body: &Arc<Body>| {
            traced(|| {
                let (scope, marked) = marked(&self.operands[first..], needed)?;
                let results = body.instantiate(&marked.all)?;
                let seeds = seeds(&scope, &results, |result| self.cotangent(result).cloned());
                filled(cotangents(&scope, &seeds, &marked.needed, self.aim)?, &marked.needed)
            })
        };
        let traces = branches.iter().map(backward).collect::<Result<Vec<_>>>()?;
        let found = flow::switch(traces, (first == 1).then(|| &self.operands[0]))?;
        let mut found = found.into_iter();
        Ok(self
            .needed
            .iter()
            .enumerate()
            .map(|(at, &n)| if n && at >= first { found.next() } else { None })
            .collect())
    }

    fn through_custom(&self, custom: &Custom) -> Result<Vec<Option<Array>>> {
        let residuals = &self.operands[custom.inputs + custom.results..];
        let given: Vec<Option<Array>> = (0..custom.results).map(|at| self.cotangent(at).cloned()).collect();
        let found = custom.rule.pull(residuals, &given)?;
        let others = self.operands.len() - custom.inputs;
        Ok(found.into_iter().take(custom.inputs).chain((0..others).map(|_| None)).collect())
    }
}

/// Operands on which a body is laid out.
pub(super) struct Marked {
    /// All, in order.
    pub(super) all: Vec<Array>,
    /// Those that a scope marks.
    pub(super) needed: Vec<Array>,
}

/// The operands, those marked whose cotangents are needed.
pub(super) fn marked(operands: &[Array], needed: &[bool]) -> Result<(Scope, Marked)> {
    let scope = Scope::open();
    let mark =
        |(operand, &needed): (&Array, &bool)| if needed { scope.input(operand) } else { Ok(operand.clone()) };
    let all = operands.iter().zip(needed).map(mark).collect::<Result<Vec<_>>>()?;
    let marks =
        all.iter().zip(needed).filter(|(_, needed)| **needed).map(|(array, _)| array.clone()).collect();
    Ok((scope, Marked { all, needed: marks }))
}

/// The results that depend on what the scope marked, with their cotangents.
pub(super) fn seeds(
    scope: &Scope,
    results: &[Array],
    cotangent: impl Fn(usize) -> Option<Array>,
) -> Vec<(Array, Array)> {
    let moving =
        results.iter().enumerate().filter(|(_, result)| scope.reaches(result) && result.dtype().is_float());
    moving.filter_map(|(at, result)| Some((result.clone(), cotangent(at)?))).collect()
}

/// Cotangents, zeros where there are none.
pub(super) fn filled(found: Vec<Option<Array>>, like: &[Array]) -> Result<Vec<Array>> {
    found.into_iter().zip(like).map(|(found, like)| found.map_or_else(|| zeros(like.spec()), Ok)).collect()
}
