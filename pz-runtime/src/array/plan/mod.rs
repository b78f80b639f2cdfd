//! From graph to values: collect what is needed, plan it once, run it.
//!
//! A plan depends on the structure of a graph alone (operations, parameters, shapes, dtypes, sharing, and
//! which values somebody will want), so the second token of a text finds the plan of the first. Plans are kept
//! in a bounded cache. One evaluation runs at a time, on all the threads of the pool.

mod cache;
mod collect;
mod compile;
mod execute;
mod trace;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::graph::Node;
use cache::Cache;

static EVALUATION: Mutex<Cache> = Mutex::new(Cache::new());
static VISITS: AtomicU64 = AtomicU64::new(0);

/// Gives each of `roots` its value, and every node on the way that somebody holds.
pub(crate) fn evaluate(roots: &[Arc<Node>]) {
    let mut cache = EVALUATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let visit = VISITS.fetch_add(1, Ordering::Relaxed) + 1;
    let graph = collect::collect(roots, visit);
    if graph.entries.iter().all(|entry| entry.is_leaf) {
        return;
    }
    let plan = cache.plan_for(&graph);
    execute::execute(&plan, &graph);
    // The nodes that only the graph still held are dropped here, while no other evaluation runs.
    drop(graph);
}
