//! Reverse-mode derivatives: walking the graph backwards and emitting more graph.
//!
//! A gradient scope marks its inputs; all that is made from them remembers where it came from as long as the
//! scope lives. `pullback` then walks from a result back to the marked inputs, asks each operation's
//! derivative rule for the cotangents of its operands, and adds up what arrives at a node on several ways.
//! Rules only return cotangents; adding happens here and nowhere else. Since the outcome is graph again,
//! derivatives of derivatives need nothing more.

use std::collections::HashMap;
use std::sync::Arc;

use crate::array::Array;
use crate::array::graph::Node;
use crate::array::primitive::{Backward, Derivative};
use crate::array::tracking::Tracker;
use crate::error::{Report, Result};

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
            let problem = format!("an input is {}, and only floats have a gradient", input.dtype());
            return Err(Report::new("grad", problem)
                .help("differentiate with respect to float arrays, and use the others inside the function")
                .dtype());
        }
        input.tracked(self.0.clone())
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The cotangents of `inputs` (made by `scope`) for the cotangent `seed` of `output`; zeros for inputs that
/// the output does not depend on.
pub(crate) fn pullback(scope: &Scope, output: &Array, seed: Array, inputs: &[Array]) -> Result<Vec<Array>> {
    let mut cotangents: HashMap<*const Node, Array> = HashMap::new();
    cotangents.insert(Arc::as_ptr(output.as_node()), seed);
    for node in backwards(scope, output) {
        let is_input = inputs.iter().any(|input| Arc::ptr_eq(input.as_node(), &node));
        if is_input {
            continue;
        }
        let Some(cotangent) = cotangents.remove(&Arc::as_ptr(&node)) else { continue };
        let operands: Vec<Array> = node.inputs().into_iter().map(Array::from_node).collect();
        let Some(op) = node.op else { continue };
        let Derivative::Rule(rule) = op.derivative else { continue };
        let output = Array::from_node(node.clone());
        let backward =
            Backward { params: &node.params, inputs: &operands, output: &output, cotangent: &cotangent };
        for (operand, arriving) in operands.iter().zip(rule(&backward)?) {
            let Some(arriving) = arriving.filter(|_| depends(scope, operand.as_node())) else { continue };
            let key = Arc::as_ptr(operand.as_node());
            let total = match cotangents.remove(&key) {
                Some(known) => known.add(&arriving)?,
                None => arriving,
            };
            cotangents.insert(key, total);
        }
    }
    inputs
        .iter()
        .map(|input| match cotangents.get(&Arc::as_ptr(input.as_node())) {
            Some(cotangent) => Ok(cotangent.clone()),
            None => input.full_like(0.0),
        })
        .collect()
}

fn depends(scope: &Scope, node: &Node) -> bool {
    node.trackers.iter().any(|tracker| Arc::ptr_eq(tracker, &scope.0))
}

/// The nodes between `output` and the scope's inputs, each after all that are computed from it.
fn backwards(scope: &Scope, output: &Array) -> Vec<Arc<Node>> {
    let mut order = Vec::new();
    let mut seen: HashMap<*const Node, ()> = HashMap::new();
    let mut stack = vec![(output.as_node().clone(), false)];
    while let Some((node, done)) = stack.pop() {
        if done {
            order.push(node);
            continue;
        }
        if !depends(scope, &node) || seen.insert(Arc::as_ptr(&node), ()).is_some() {
            continue;
        }
        let operands = node.inputs();
        stack.push((node, true));
        stack.extend(operands.into_iter().map(|operand| (operand, false)));
    }
    order.reverse();
    order
}
