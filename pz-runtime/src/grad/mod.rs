//! Derivatives: walking the graph backwards and emitting more graph.
//!
//! A gradient scope marks its inputs; all that is made from them remembers where it came from as long as the
//! scope lives. [`pullback`] then walks from results back to the marked inputs, asks each operation's
//! derivative rule for the cotangents of its operands, and adds up what arrives at a node on several ways.
//! Rules only return cotangents; adding happens here and nowhere else. Since the outcome is graph again,
//! derivatives of derivatives need nothing more, and neither does the forward direction (`forward`).

mod forward;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::array::Array;
use crate::array::graph::Node;
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

    fn reaches(&self, node: &Node) -> bool {
        node.trackers.iter().any(|tracker| Arc::ptr_eq(tracker, &self.0))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The cotangents of `inputs` (made by `scope`) for cotangents of outputs, given as pairs; zeros for inputs that no
/// output depends on.
pub(crate) fn pullback(scope: &Scope, seeds: &[(Array, Array)], inputs: &[Array]) -> Result<Vec<Array>> {
    let found = cotangents(scope, seeds, inputs)?;
    inputs.iter().zip(found).map(|(input, found)| found.map_or_else(|| zeros(input.spec()), Ok)).collect()
}

fn zeros(spec: &Spec) -> Result<Array> {
    Array::full(0.0, &spec.dims, spec.dtype)
}

/// As [`pullback`]; `None` for inputs that no output depends on.
fn cotangents(scope: &Scope, seeds: &[(Array, Array)], inputs: &[Array]) -> Result<Vec<Option<Array>>> {
    let ends: HashSet<*const Node> = inputs.iter().map(|input| Arc::as_ptr(input.as_node())).collect();
    let mut arrived = Arrived::default();
    for (output, cotangent) in seeds {
        arrived.add(output.as_node(), cotangent.clone())?;
    }
    for node in backwards(scope, seeds.iter().map(|(output, _)| output)) {
        if ends.contains(&Arc::as_ptr(&node)) {
            continue;
        }
        let Some(cotangent) = arrived.take(&node) else { continue };
        let Some(op) = node.op else { continue };
        let Derivative::Rule(rule) = op.derivative else { continue };
        let operands: Vec<Array> = node.inputs().into_iter().map(Array::from_node).collect();
        let output = Array::from_node(node.clone());
        let backward =
            Backward { params: &node.params, inputs: &operands, output: &output, cotangent: &cotangent };
        for (operand, cotangent) in operands.iter().zip(rule(&backward)?) {
            if let Some(cotangent) = cotangent.filter(|_| scope.reaches(operand.as_node())) {
                arrived.add(operand.as_node(), cotangent)?;
            }
        }
    }
    Ok(inputs.iter().map(|input| arrived.get(input.as_node())).collect())
}

/// The sums of the cotangents that have arrived at nodes.
#[derive(Default)]
struct Arrived(HashMap<*const Node, Array>);

impl Arrived {
    fn add(&mut self, node: &Arc<Node>, cotangent: Array) -> Result<()> {
        let total = match self.0.remove(&Arc::as_ptr(node)) {
            Some(known) => known.add(&cotangent)?,
            None => cotangent,
        };
        self.0.insert(Arc::as_ptr(node), total);
        Ok(())
    }

    fn get(&self, node: &Arc<Node>) -> Option<Array> {
        self.0.get(&Arc::as_ptr(node)).cloned()
    }

    fn take(&mut self, node: &Arc<Node>) -> Option<Array> {
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
        if is_constant || !scope.reaches(&node) || !seen.insert(Arc::as_ptr(&node)) {
            continue;
        }
        let operands = node.inputs();
        stack.push((node, true));
        stack.extend(operands.into_iter().map(|operand| (operand, false)));
    }
    order.reverse();
    order
}
