//! Traces: a function run on arrays that have a shape and no value, to get its graph.
//!
//! Arguments are made by a primitive of their own, so they wait for ever, print as any array that waits, and
//! reading one (or what depends on one) is an error like that of any other kernel: it names the call. While a
//! function is traced, all that its thread makes is marked, so that what the function does can be told from what it
//! merely uses: the latter becomes an operand of the [`Body`], without the user saying so.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smallvec::SmallVec;

use super::Array;
use super::body::{Body, Step};
use super::graph::{Node, Trackers};
use super::params::Params;
use super::primitive::{Derivative, Kernel, Primitive, Spec};
use super::tracking::Tracker;
use crate::error::{Report, Result};

/// The array that stands for an argument. No row of the table of primitives: it computes nothing.
pub(crate) static ABSTRACT: Primitive = Primitive {
    name: "argument",
    infer: |params, _| match params {
        Params::Part { spec, .. } => Ok((**spec).clone()),
        _ => Err(Report::new("argument", "a shape is needed").shape()),
    },
    kernel: Kernel::Whole(|_, _, _| {
        let problem = "a value was read that depends on an array which has a shape but no value: an argument of a \
                       function which is being traced, or what `ArraySpec::into_pytree` gives";
        Err(Report::new("argument", problem)
            .help(
                "of a function, return the value, and read what its caller gets; for an array of a known shape write \
                 `NamedArray::zeros(..)`",
            )
            .value())
    }),
    derivative: Derivative::Zero,
};

/// An array of this shape without a value.
#[track_caller]
pub(crate) fn abstract_like(spec: &Spec) -> Result<Array> {
    Array::apply(&ABSTRACT, Params::Part { index: 0, spec: Box::new(spec.clone()) }, &[])
}

/// Whether an array waits for one that has no value.
pub(crate) fn is_abstract(array: &Array) -> bool {
    let mut seen: HashSet<*const Node> = HashSet::new();
    let mut queue = vec![array.as_node().clone()];
    while let Some(node) = queue.pop() {
        if node.is_pending() && seen.insert(Arc::as_ptr(&node)) {
            if node.op == Some(&ABSTRACT) {
                return true;
            }
            queue.extend(node.inputs());
        }
    }
    false
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<Arc<Tracker>>> = const { RefCell::new(Vec::new()) };
}

/// Marks a new node as made by the functions that this thread is tracing.
pub(crate) fn mark(trackers: &mut Trackers) {
    if DEPTH.get() > 0 {
        OPEN.with_borrow(|open| trackers.extend(open.iter().cloned()));
    }
}

/// Whether this thread is tracing a function.
pub(crate) fn is_open() -> bool {
    DEPTH.get() > 0
}

/// A function's graph, as far as it was traced. Its nodes keep their parents for as long as this is there.
pub(crate) struct Trace(Arc<Tracker>);

impl Drop for Trace {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Marks what is made for as long as it is there, also where the function fails.
struct Open(Arc<Tracker>);

impl Open {
    fn new(tracker: &Arc<Tracker>) -> Self {
        OPEN.with_borrow_mut(|all| {
            all.push(tracker.clone());
            DEPTH.set(all.len());
        });
        Open(tracker.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| {
            open.retain(|tracker| !Arc::ptr_eq(tracker, &self.0));
            DEPTH.set(open.len());
        });
    }
}

/// Runs a function, so that what it makes can be made a body.
pub(crate) fn traced<R>(function: impl FnOnce() -> Result<R>) -> Result<(R, Trace)> {
    let trace = Trace(Arc::new(Tracker::of_trace()));
    let made = trace.goes_on(function)?;
    Ok((made, trace))
}

/// Where the walk stops, and what it goes through.
struct Walked {
    /// The nodes of the function, each after all that it is computed from.
    made: Vec<Arc<Node>>,
    /// What the function uses and did not make.
    outside: Vec<Arc<Node>>,
    /// Nodes that depend on an argument.
    dependent: HashSet<*const Node>,
}

impl Trace {
    /// Runs more of the function that is traced.
    pub(crate) fn goes_on<R>(&self, more: impl FnOnce() -> Result<R>) -> Result<R> {
        let _open = Open::new(&self.0);
        more()
    }

    fn made(&self, node: &Node) -> bool {
        node.is_pending() && node.trackers.iter().any(|tracker| Arc::ptr_eq(tracker, &self.0))
    }

    fn walk(&self, stops: &[Array], outputs: &[Array]) -> Walked {
        let stops: HashSet<*const Node> = stops.iter().map(|stop| Arc::as_ptr(stop.as_node())).collect();
        let mut walked = Walked { made: Vec::new(), outside: Vec::new(), dependent: HashSet::new() };
        let mut seen: HashSet<*const Node> = HashSet::new();
        let mut stack: Vec<(Arc<Node>, bool)> =
            outputs.iter().rev().map(|output| (output.as_node().clone(), false)).collect();
        while let Some((node, done)) = stack.pop() {
            let key = Arc::as_ptr(&node);
            if done {
                if node.inputs().iter().any(|input| walked.dependent.contains(&Arc::as_ptr(input))) {
                    walked.dependent.insert(key);
                }
                walked.made.push(node);
            } else if !seen.insert(key) {
            } else if stops.contains(&key) {
                walked.dependent.insert(key);
            } else if !self.made(&node) {
                walked.outside.push(node);
            } else {
                let inputs = node.inputs();
                stack.push((node, true));
                stack.extend(inputs.into_iter().rev().map(|input| (input, false)));
            }
        }
        walked
    }

    /// Which of `arguments` the outputs depend on.
    pub(crate) fn uses(&self, arguments: &[Array], outputs: &[Array]) -> Vec<bool> {
        let walked = self.walk(arguments, outputs);
        arguments.iter().map(|argument| walked.dependent.contains(&Arc::as_ptr(argument.as_node()))).collect()
    }

    /// What the outputs depend on beside `arguments`. With `hoist`, the function's own operations that depend on no
    /// argument count as outside: a loop computes them once.
    pub(crate) fn captures(&self, arguments: &[Array], outputs: &[Array], hoist: bool) -> Vec<Array> {
        let mut walked = self.walk(arguments, outputs);
        if hoist {
            let dependent = &walked.dependent;
            let mut seen: HashSet<*const Node> = HashSet::new();
            let used = walked.made.iter().filter(|node| dependent.contains(&Arc::as_ptr(node)));
            let used = used.flat_map(|node| node.inputs()).chain(outputs.iter().map(|o| o.as_node().clone()));
            walked.outside = used
                .filter(|node| !dependent.contains(&Arc::as_ptr(node)) && seen.insert(Arc::as_ptr(node)))
                .collect();
        }
        walked.outside.into_iter().map(Array::from_node).collect()
    }

    /// The function as a body of `operands`: all that it uses, arguments among it.
    pub(crate) fn body(&self, operands: &[Array], outputs: &[Array]) -> Arc<Body> {
        let walked = self.walk(operands, outputs);
        let mut places: HashMap<*const Node, u32> = HashMap::new();
        for (place, operand) in operands.iter().enumerate() {
            places.insert(Arc::as_ptr(operand.as_node()), place as u32);
        }
        let mut steps = Vec::new();
        for node in &walked.made {
            let Some(op) = node.op else { continue };
            let inputs: SmallVec<[u32; 3]> =
                node.inputs().iter().filter_map(|input| places.get(&Arc::as_ptr(input)).copied()).collect();
            places.insert(Arc::as_ptr(node), (operands.len() + steps.len()) as u32);
            steps.push(Step {
                op,
                params: node.params.clone(),
                inputs,
                spec: node.spec.clone(),
                call: node.call,
            });
        }
        let outputs = outputs.iter().filter_map(|output| places.get(&Arc::as_ptr(output.as_node())).copied());
        let operands = operands.iter().map(|operand| operand.spec().clone()).collect();
        Body::interned(operands, steps, outputs.collect())
    }
}
