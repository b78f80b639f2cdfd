//! Gradient scopes and traces: which nodes must remember what they were computed from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use super::graph::Node;

/// A live gradient scope. Nodes that depend on one of its inputs keep their parents after evaluation, so that
/// a value may be read inside the scope without harm; they let them go when the scope ends.
pub(crate) struct Tracker {
    is_gradient: bool,
    live: AtomicBool,
    nodes: Mutex<Vec<Weak<Node>>>,
}

impl Tracker {
    /// Opens a gradient scope.
    pub(crate) fn new() -> Self {
        Tracker { is_gradient: true, live: AtomicBool::new(true), nodes: Mutex::default() }
    }

    /// Begins the trace of a function: its nodes keep their parents too, until they are a body.
    pub(crate) fn of_trace() -> Self {
        Tracker { is_gradient: false, ..Tracker::new() }
    }

    /// Whether this is a gradient scope, and open.
    pub(crate) fn wants_gradient(&self) -> bool {
        self.is_gradient && self.is_live()
    }

    /// Notes a node that depends on an input of the scope.
    pub(crate) fn remember(&self, node: &Arc<Node>) {
        self.nodes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Arc::downgrade(node));
    }

    /// Ends the scope.
    pub(crate) fn end(&self) {
        self.live.store(false, Ordering::Release);
        let nodes =
            std::mem::take(&mut *self.nodes.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        nodes.iter().filter_map(Weak::upgrade).for_each(|node| node.forget_parents());
    }

    /// Whether the scope is still open.
    pub(crate) fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }
}
