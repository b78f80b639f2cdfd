//! Running a body: its plan once, its steps as often as a loop goes round.
//!
//! A body runs inside a kernel, while the evaluation that the kernel belongs to holds its lock, so this is another
//! way into the same steps: values come from operands in place of nodes, and results are handed out in place of being
//! given to nodes. What a loop holds from step to step stays where it is.

use smallvec::SmallVec;

use super::collect::{Entry, Graph};
use super::compile::{Plan, compile};
use super::execute::{compute, results};
use crate::array::Array;
use crate::array::body::Body;
use crate::array::buffer::Buffer;
use crate::array::params::Params;
use crate::array::trace::ABSTRACT;
use crate::error::{Report, Result};

/// The plan of a body, and what it is a plan of.
pub(crate) struct BodyPlan {
    pub(super) graph: Graph,
    pub(super) plan: Plan,
}

impl BodyPlan {
    /// Plans a body.
    pub(crate) fn new(body: &Body) -> Self {
        let operand = |spec: &crate::array::primitive::Spec| Entry {
            node: Array::template(&ABSTRACT, Params::None, spec.clone(), crate::array::caller::here()),
            inputs: SmallVec::new(),
            is_leaf: true,
            is_wanted: false,
            uses: 0,
        };
        let mut entries: Vec<Entry> = body.operands.iter().map(operand).collect();
        entries.extend(body.steps.iter().map(|step| Entry {
            node: Array::template(step.op, step.params.clone(), step.spec.clone(), step.call),
            inputs: step.inputs.clone(),
            is_leaf: false,
            is_wanted: false,
            uses: 0,
        }));
        for &output in &body.outputs {
            entries[output as usize].is_wanted = true;
        }
        let graph = Graph { entries, hash: 0 };
        let plan = compile(&graph);
        BodyPlan { graph, plan }
    }
}

/// A body that runs again and again with the same first operands.
pub(crate) struct Runner<'a> {
    body: &'a Body,
    held: usize,
    values: Vec<Option<Buffer>>,
}

impl<'a> Runner<'a> {
    /// Prepares to run `body`, whose first operands are `held`.
    pub(crate) fn new(body: &'a Body, held: impl IntoIterator<Item = Buffer>) -> Self {
        let mut values: Vec<Option<Buffer>> = held.into_iter().map(Some).collect();
        let held = values.len();
        values.resize(body.operands.len() + body.steps.len(), None);
        Runner { body, held, values }
    }

    /// Runs the body once, on the rest of its operands.
    pub(crate) fn run(&mut self, operands: impl IntoIterator<Item = Buffer>) -> Result<Vec<Buffer>> {
        let BodyPlan { graph, plan } = self.body.plan();
        for (slot, operand) in self.values[self.held..].iter_mut().zip(operands) {
            *slot = Some(operand);
        }
        for step in &plan.steps {
            let entry = &graph.entries[step.out as usize];
            let inputs: Vec<Buffer> = step
                .inputs
                .iter()
                .map(|&place| {
                    let once = step.inputs.iter().filter(|&&other| other == place).count() == 1;
                    let ends = once && step.last_uses.contains(&place) && self.is_free(graph, place);
                    let slot = &mut self.values[place as usize];
                    if ends { slot.take() } else { slot.clone() }.ok_or_else(missing)
                })
                .collect::<Result<_>>()?;
            let computed = compute(step, entry, inputs).map_err(|error| entry.node.value_error(error))?;
            for &ended in &step.last_uses {
                if self.is_free(graph, ended) {
                    self.values[ended as usize] = None;
                }
            }
            for (place, value) in results(step).zip(computed) {
                self.values[place as usize] = Some(value);
            }
        }
        let outputs = &self.body.outputs;
        let results = outputs.iter().enumerate().map(|(index, &place)| {
            let again = (place as usize) < self.held || outputs[index + 1..].contains(&place);
            let slot = &mut self.values[place as usize];
            if again { slot.clone() } else { slot.take() }.ok_or_else(missing)
        });
        let results = results.collect::<Result<Vec<_>>>()?;
        // Operands that the body does not use are let go of.
        self.values[self.held..self.body.operands.len().max(self.held)].fill(None);
        Ok(results)
    }

    fn is_free(&self, graph: &Graph, place: u32) -> bool {
        place as usize >= self.held && !graph.entries[place as usize].is_wanted
    }
}

fn missing() -> crate::Error {
    Report::new("body", "a value was used before it was computed").value()
}
