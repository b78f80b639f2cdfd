//! From graph to values: collect what is needed, plan it once, run it.
//!
//! A plan depends on the structure of a graph alone (operations, parameters, shapes, dtypes, sharing, and
//! which values somebody will want), so the second token of a text finds the plan of the first. Plans are kept
//! in a bounded cache. One evaluation runs at a time, on all the threads of the pool.

mod apart;
mod attention;
#[cfg(test)]
mod attention_tests;
mod body;
mod cache;
mod check;
mod collect;
mod compile;
mod cost;
mod execute;
mod group;
#[cfg(test)]
mod tests;
mod trace;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::graph::Node;
pub(crate) use body::{BodyPlan, Runner};
use cache::Cache;
use collect::Workspace;
pub(crate) use cost::cost;
use trace::Trace;

static EVALUATION: Mutex<Evaluator> =
    Mutex::new(Evaluator { cache: Cache::new(), workspace: Workspace::new() });
static VISITS: AtomicU64 = AtomicU64::new(0);

/// What one evaluation at a time works with.
struct Evaluator {
    cache: Cache,
    workspace: Workspace,
}

/// Gives each of `roots` its value, and every node on the way that somebody holds.
pub(crate) fn evaluate(roots: &[Arc<Node>]) {
    let mut evaluator = EVALUATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let visit = VISITS.fetch_add(1, Ordering::Relaxed) + 1;
    let graph = collect::collect(roots, visit, &mut evaluator.workspace);
    if graph.entries.iter().any(|entry| !entry.is_leaf) {
        let started = trace::is_on().then(Instant::now);
        let (plan, is_new) = evaluator.cache.plan_for(&graph);
        let trace = started.map(|started| Trace::begin(&plan, &graph, is_new, started.elapsed()));
        execute::execute(&plan, &graph, trace);
    }
    // The nodes that only the graph still held are dropped here, while no other evaluation runs.
    evaluator.workspace.take_back(graph);
}

/// How many steps the plan of an array that waits has.
#[cfg(test)]
fn steps(root: &super::Array) -> usize {
    let _evaluator = EVALUATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let visit = VISITS.fetch_add(1, Ordering::Relaxed) + 1;
    let graph = collect::collect(std::slice::from_ref(root.as_node()), visit, &mut Workspace::new());
    compile::compile(&graph).steps.len()
}
