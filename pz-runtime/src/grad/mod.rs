//! Derivatives: walking the graph backwards and emitting more graph.
//!
//! A gradient scope marks its inputs; all that is made from them remembers where it came from as long as the
//! scope lives. `pullback` then walks from results back to the marked inputs, asks each operation's
//! derivative rule for the cotangents of its operands, and adds up what arrives at a node on several ways.
//! Rules only return cotangents; adding happens here and nowhere else. Since the outcome is graph again,
//! derivatives of derivatives need nothing more, and neither does the forward direction (`forward`). Control flow
//! has no rule of its own either: the derivative of a body is a body (`bodies`).

mod bodies;
mod forward;
mod pieces;
mod scan;
mod while_loop;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::array::Array;
use crate::array::graph::Node;
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Spec};
use crate::array::tracking::Tracker;
use crate::error::{Report, Result};

pub(crate) use forward::Linear;

/// An open gradient scope. It ends when dropped.
pub(crate) struct Scope(Arc<Tracker>);

impl Scope {
    /// Opens a scope.
    pub(crate) fn open() -> Self {
        Scope(Arc::new(Tracker::new()))
    }

    /// An array equal to `input`, by which derivatives are taken.
    pub(crate) fn input(&self, input: &Array) -> Result<Array> {
        if !input.dtype().is_float() {
            let problem = format!("an input is {}, and only floats have a derivative", input.dtype());
            return Err(Report::new("derivative", problem)
                .help("differentiate with respect to float arrays, and use the others inside the function")
                .dtype());
        }
        input.tracked(self.0.clone())
    }

    fn reaches(&self, array: &Array) -> bool {
        self.reaches_node(array.as_node())
    }

    fn reaches_node(&self, node: &Node) -> bool {
        node.trackers.iter().any(|tracker| Arc::ptr_eq(tracker, &self.0))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What becomes of a pull-back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// It is to be evaluated.
    Value,
    /// It is to be pulled back in turn, and never evaluated itself.
    Transpose,
}

/// The cotangents of `inputs` (made by `scope`) for cotangents of outputs, given as pairs; zeros for inputs that no
/// output depends on.
pub(crate) fn pullback(scope: &Scope, seeds: &[(Array, Array)], inputs: &[Array]) -> Result<Vec<Array>> {
    let found = cotangents(scope, seeds, inputs, Aim::Value)?;
    inputs.iter().zip(found).map(|(input, found)| found.map_or_else(|| zeros(input.spec()), Ok)).collect()
}

fn zeros(spec: &Spec) -> Result<Array> {
    Array::full(0.0, &spec.dims, spec.dtype)
}

/// As [`pullback`]; `None` for inputs that no output depends on.
fn cotangents(
    scope: &Scope,
    seeds: &[(Array, Array)],
    inputs: &[Array],
    aim: Aim,
) -> Result<Vec<Option<Array>>> {
    let ends: HashSet<*const Node> = inputs.iter().map(|input| Arc::as_ptr(input.as_node())).collect();
    let mut arrived = Arrived::default();
    for (output, cotangent) in seeds {
        arrived.add(output, 0, cotangent.clone())?;
    }
    for node in backwards(scope, seeds.iter().map(|(output, _)| output)) {
        if ends.contains(&Arc::as_ptr(&node)) {
            continue;
        }
        let Some(cotangents) = arrived.take(&node) else { continue };
        let Some(op) = node.op else { continue };
        let operands: Vec<Array> = node.inputs().into_iter().map(Array::from_node).collect();
        let output = Array::from_node(node.clone());
        let found = match (op.derivative, &node.params, cotangents.as_slice()) {
            (Derivative::Part, Params::Part { index, .. }, [Some(cotangent)]) => {
                arrived.add(&operands[0], *index, cotangent.clone())?;
                continue;
            }
            (Derivative::Bodies, Params::Control(control), _) => {
                let needed =
                    operands.iter().map(|operand| scope.reaches(operand) && operand.dtype().is_float());
                let pull = bodies::Pull {
                    operands: &operands,
                    needed: needed.collect(),
                    output: &output,
                    cotangents,
                    aim,
                };
                pull.through(control)?
            }
            (Derivative::Rule(rule) | Derivative::Instead(rule), params, [Some(cotangent)]) => {
                rule(&Backward { params, inputs: &operands, output: &output, cotangent })?
            }
            _ => continue,
        };
        for (operand, cotangent) in operands.iter().zip(found) {
            if let Some(cotangent) = cotangent.filter(|_| scope.reaches(operand)) {
                arrived.add(operand, 0, cotangent)?;
            }
        }
    }
    Ok(inputs.iter().map(|input| arrived.get(input)).collect())
}

/// The sums of the cotangents that have arrived at nodes, for each of a node's results.
#[derive(Default)]
struct Arrived(HashMap<*const Node, Vec<Option<Array>>>);

impl Arrived {
    fn add(&mut self, array: &Array, result: usize, cotangent: Array) -> Result<()> {
        let known = self.0.entry(Arc::as_ptr(array.as_node())).or_default();
        if known.len() <= result {
            known.resize(result + 1, None);
        }
        known[result] = Some(match known[result].take() {
            Some(known) => pieces::sum(&known, &cotangent)?,
            None => cotangent,
        });
        Ok(())
    }

    fn get(&self, array: &Array) -> Option<Array> {
        self.0.get(&Arc::as_ptr(array.as_node())).and_then(|known| known.first().cloned().flatten())
    }

    fn take(&mut self, node: &Arc<Node>) -> Option<Vec<Option<Array>>> {
        self.0.remove(&Arc::as_ptr(node))
    }
}

/// The nodes between outputs and the scope's inputs, each after all that are computed from it. What is below an
/// operation without a derivative is left out.
fn backwards<'a>(scope: &Scope, outputs: impl Iterator<Item = &'a Array>) -> Vec<Arc<Node>> {
    let mut order = Vec::new();
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut stack: Vec<(Arc<Node>, bool)> = outputs.map(|output| (output.as_node().clone(), false)).collect();
    while let Some((node, done)) = stack.pop() {
        if done {
            order.push(node);
            continue;
        }
        let is_constant = node.op.is_none_or(|op| matches!(op.derivative, Derivative::Zero));
        if is_constant || !scope.reaches_node(&node) || !seen.insert(Arc::as_ptr(&node)) {
            continue;
        }
        let operands = node.inputs();
        stack.push((node, true));
        stack.extend(operands.into_iter().map(|operand| (operand, false)));
    }
    order.reverse();
    order
}
