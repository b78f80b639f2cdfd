//! Gradient scopes: which nodes must remember what they were computed from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use super::graph::Node;

/// A live gradient scope. Nodes that depend on one of its inputs keep their parents after evaluation, so that
/// a value may be read inside the scope without harm; they let them go when the scope ends.
pub(crate) struct Tracker {
    live: AtomicBool,
    nodes: Mutex<Vec<Weak<Node>>>,
}

impl Tracker {
    /// Opens a scope.
    pub(crate) fn new() -> Self {
        Tracker { live: AtomicBool::new(true), nodes: Mutex::default() }
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
