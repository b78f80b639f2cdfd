//! The derivative of a scan: a scan the other way.
//!
//! It carries the cotangents of what was carried, and sums for what was held, and takes rows of the cotangents of the
//! rows that were made. A step lays the body out again on what was carried into it, which the scan has saved if a
//! gradient was to be expected, and which is computed by a second scan if not. Only what the step uses is handed to
//! it: the derivative of a linear body needs nothing of the way forward.

use std::sync::Arc;

use super::bodies::{Pull, filled, marked, seeds};
use super::{cotangents, zeros};
use crate::array::Array;
use crate::array::control::{self, Control, Scan, stacked};
use crate::array::flow::Steps;
use crate::array::ops::repeat::SCAN;
use crate::array::primitive::Spec;
use crate::array::trace::{abstract_like, traced};
use crate::error::Result;

impl Pull<'_> {
    /// The cotangents of the operands of a scan.
    pub(super) fn through_scan(&self, scan: &Scan) -> Result<Vec<Option<Array>>> {
        let (held, whole) = (scan.held, scan.held + scan.carried);
        let moving = scan.moved_carried(&self.needed);
        let mut needed = self.needed.clone();
        needed[held..whole].copy_from_slice(&moving);
        let moved = scan.body.moved(&needed);

        // What the step is given: what was carried into it, rows, cotangents of its rows and of what was saved.
        let rows_of = &scan.body.operands[held..];
        let primal = rows_of.iter().map(abstract_like).collect::<Result<Vec<_>>>()?;
        let made = scan.body.results().len() - scan.carried;
        let mut arriving: Vec<(usize, Array, Array)> = Vec::new();
        for at in scan.carried..scan.carried + made + scan.carried {
            let is_saved = at >= scan.carried + made;
            let moves = if is_saved { moving[at - scan.carried - made] } else { moved[at] };
            if let Some(cotangent) = self.cotangent(at).filter(|_| moves) {
                let row = Spec::new(&cotangent.dims()[1..], cotangent.dtype());
                arriving.push((at, cotangent.clone(), abstract_like(&row)?));
            }
        }
        let carried: Vec<Array> = primal[..scan.carried]
            .iter()
            .zip(&moving)
            .filter(|(_, moves)| **moves)
            .map(|(array, _)| abstract_like(array.spec()))
            .collect::<Result<_>>()?;
        let sums: Vec<Array> = self.operands[..held]
            .iter()
            .zip(&needed)
            .filter(|(_, needed)| **needed)
            .map(|(array, _)| abstract_like(array.spec()))
            .collect::<Result<_>>()?;

        let row_of =
            |result: usize| arriving.iter().find(|(at, ..)| *at == result).map(|(_, _, row)| row.clone());
        let step = traced(|| {
            let operands: Vec<Array> = self.operands[..held].iter().chain(&primal).cloned().collect();
            let (scope, marked) = marked(&operands, &needed)?;
            let results = scan.body.instantiate(&marked.all)?;
            let mut of_carried = carried.iter();
            let of_carried: Vec<Option<Array>> =
                moving.iter().map(|&moves| if moves { of_carried.next().cloned() } else { None }).collect();
            let arriving = |at: usize| if at < scan.carried { of_carried[at].clone() } else { row_of(at) };
            let found = cotangents(&scope, &seeds(&scope, &results, arriving), &marked.needed, self.aim)?;
            let mut found = filled(found, &marked.needed)?;
            let rows = found.split_off(sums.len() + carried.len());
            let mut next = found.split_off(sums.len());
            let places = (0..scan.carried).filter(|&at| moving[at]);
            for (place, next) in places.zip(&mut next) {
                if let Some(saved) = row_of(scan.carried + made + place) {
                    *next = next.add(&saved)?;
                }
            }
            for (sum, found) in sums.iter().zip(found) {
                next.push(sum.add(&found)?);
            }
            next.extend(rows);
            Ok(next)
        })?;

        let carried: Vec<Array> = carried.into_iter().chain(sums.iter().cloned()).collect();
        let (mut rows, mut stacks): (Vec<Array>, Vec<Array>) = (Vec::new(), Vec::new());
        let uses = step.1.uses(&primal, &step.0);
        let mut saved: Option<Array> = None;
        for (at, primal) in primal.iter().enumerate().filter(|(at, _)| uses[*at]) {
            rows.push(primal.clone());
            stacks.push(if at < scan.carried {
                let saving = match &saved {
                    Some(saving) => saving.clone(),
                    None => saved.insert(self.saving(scan)?).clone(),
                };
                control::part(&saving, scan.carried + made + at, &stacked(primal.spec(), scan.length))?
            } else {
                self.operands[held + at].clone()
            });
        }
        for (_, cotangent, row) in &arriving {
            rows.push(row.clone());
            stacks.push(cotangent.clone());
        }

        let last = (0..scan.carried).filter(|&at| moving[at]);
        let mut first: Vec<Array> = last
            .map(|at| self.cotangent(at).map_or_else(|| zeros(primal[at].spec()), |given| Ok(given.clone())))
            .collect::<Result<_>>()?;
        for sum in &sums {
            first.push(zeros(sum.spec())?);
        }
        let steps = Steps {
            carried: &carried,
            rows: &rows,
            first: &first,
            stacks: &stacks,
            length: scan.length,
            reverse: !scan.reverse,
            checkpoint: false,
        };
        let mut found = steps.scan(step)?;
        let rows = found.split_off(carried.len());
        let sums = found.split_off(carried.len() - sums.len());
        let mut by_kind = [sums.into_iter(), found.into_iter(), rows.into_iter()];
        let kind = |at: usize| if at < held { 0 } else { 1 + usize::from(at >= whole) };
        Ok((0..needed.len()).map(|at| needed[at].then(|| by_kind[kind(at)].next()).flatten()).collect())
    }

    /// The scan with what it carries saved: itself where it saves.
    fn saving(&self, scan: &Scan) -> Result<Array> {
        if scan.saves {
            return Ok(self.output.clone());
        }
        let saving = Scan { saves: true, ..scan.clone() };
        let operands: Vec<&Array> = self.operands.iter().collect();
        control::apply(&SCAN, Arc::new(Control::Scan(saving)), &operands)
    }
}
