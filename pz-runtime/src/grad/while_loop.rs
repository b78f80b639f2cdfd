//! The derivative of a loop whose number of steps nobody knows: forwards only.
//!
//! Going back would need what was carried into every step, and memory for it that cannot be sized. Where a
//! pull-back is only made to be pulled back itself, an operation stands for it, and the transpose of that operation
//! is a loop that carries tangents beside what it carried before.

use std::sync::Arc;

use super::bodies::{Pull, marked};
use super::{Aim, Linear, zeros};
use crate::array::Array;
use crate::array::control::{self, Control, While, WhileTransposed};
use crate::array::flow;
use crate::array::ops::repeat::WHILE_TRANSPOSED;
use crate::array::primitive::Spec;
use crate::array::trace::{abstract_like, traced};
use crate::error::{Report, Result};

impl Pull<'_> {
    /// The cotangents of the operands of a loop, to be transposed.
    pub(super) fn through_while(&self, looped: &While) -> Result<Vec<Option<Array>>> {
        if self.aim == Aim::Value {
            let problem = "`while_loop` has no derivative backwards: how many steps it takes is known only when it runs";
            return Err(Report::new("grad", problem)
                .help(
                    "use `pz::scan` or `pz::fori_loop`, whose number of steps is given, or the derivative forwards, \
                     `pz::jvp`",
                )
                .value());
        }
        let moving = looped.moved_carried(&self.needed);
        let mut needed = self.needed.clone();
        needed[looped.held..].copy_from_slice(&moving);
        let mut operands = self.operands.to_vec();
        for at in (0..moving.len()).filter(|&at| moving[at]) {
            let spec = self.operands[looped.held + at].spec();
            operands.push(self.cotangent(at).map_or_else(|| zeros(spec), |given| Ok(given.clone()))?);
        }
        let control =
            Control::WhileTransposed(WhileTransposed { looped: looped.clone(), needed: needed.clone() });
        let specs = control.results();
        let operands: Vec<&Array> = operands.iter().collect();
        let several = control::apply(&WHILE_TRANSPOSED, Arc::new(control), &operands)?;
        let mut found = control::parts(&several, &specs)?.into_iter();
        Ok(needed.into_iter().map(|needed| needed.then(|| found.next()).flatten()).collect())
    }

    /// The transpose of that: the tangents of what is carried in the end.
    pub(super) fn through_transposed(&self, transposed: &WhileTransposed) -> Result<Vec<Option<Array>>> {
        let WhileTransposed { looped, needed } = transposed;
        let count = looped.body.operands.len();
        let (held, first) = self.operands[..count].split_at(looped.held);
        let specs = Control::WhileTransposed(transposed.clone()).results();
        let tangents = specs.iter().enumerate().map(|(at, spec): (usize, &Spec)| {
            self.cotangent(at).map_or_else(|| zeros(spec), |given| Ok(given.clone()))
        });
        let mut of_held = tangents.collect::<Result<Vec<_>>>()?;
        let of_first = of_held.split_off(needed[..looped.held].iter().filter(|needed| **needed).count());

        let carried = first.iter().map(|array| abstract_like(array.spec())).collect::<Result<Vec<_>>>()?;
        let moved = of_first.iter().map(|array| abstract_like(array.spec())).collect::<Result<Vec<_>>>()?;
        let operands: Vec<Array> = held.iter().chain(&carried).cloned().collect();
        let condition = traced(|| looped.condition.instantiate(&operands))?;
        let body = traced(|| {
            let (scope, marked) = marked(&operands, needed)?;
            let results = looped.body.instantiate(&marked.all)?;
            let moving = results.iter().zip(&needed[looped.held..]).filter(|(_, needed)| **needed);
            let moving: Vec<Array> = moving.map(|(array, _)| array.clone()).collect();
            let tangents: Vec<Array> = of_held.iter().chain(&moved).cloned().collect();
            let after = Linear::new(&scope, &moving, &marked.needed)?.push(&tangents)?;
            Ok(results.into_iter().chain(after).collect())
        })?;
        let arguments: Vec<Array> = carried.iter().chain(&moved).cloned().collect();
        let start: Vec<Array> = first.iter().chain(&of_first).cloned().collect();
        let last = flow::while_loop(condition, body, &arguments, &start)?;
        Ok((0..count).map(|_| None).chain(last.into_iter().skip(carried.len()).map(Some)).collect())
    }
}
