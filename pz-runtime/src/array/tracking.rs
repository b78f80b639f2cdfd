//! Gradient scopes: which nodes must remember what they were computed from.

use std::sync::atomic::{AtomicBool, Ordering};

/// A live gradient scope. Nodes that depend on one of its inputs keep their parents after evaluation, so that
/// a value may be read inside the scope without harm; they stop when the scope ends.
pub(crate) struct Tracker {
    live: AtomicBool,
}

impl Tracker {
    /// Opens a scope.
    pub(crate) fn new() -> Self {
        Tracker { live: AtomicBool::new(true) }
    }

    /// Ends the scope.
    pub(crate) fn end(&self) {
        self.live.store(false, Ordering::Release);
    }

    /// Whether the scope is still open.
    pub(crate) fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }
}
