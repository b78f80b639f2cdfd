//! Where shared nodes are allocated: a node with what was found out about the tree below it, and how deep trees of
//! them are dropped.
//!
//! Trees do not change, so what holds for a subtree holds as long as it is there: the hash of its structure is computed
//! once, and kept beside the node that was hashed. After an edit, only what is above the edited nodes is hashed again.
//!
//! A layer that holds a layer that holds a layer would be dropped by as many nested calls, and a deep enough tree
//! would overflow the stack. So the wrapper that shares layers (`AnyLayer`) buries what it held: the outermost drop
//! on a thread works off a queue, and drops within it only add to the queue.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::PyTree;

/// A node where it is allocated.
pub(crate) struct Kept<T: ?Sized> {
    memo: Memo,
    node: T,
}

/// What is known of a shared subtree. (Who has it is a detail of how a child is stored: [`PyTree::as_part`] passes it
/// on.)
#[derive(Debug, Default)]
pub struct Memo {
    /// The hash of the structure; 0 while it is not known.
    structure: AtomicU64,
}

impl<T> Kept<T> {
    /// A node of which nothing is known yet.
    pub(crate) fn new(node: T) -> Self {
        Kept { memo: Memo::default(), node }
    }
}

impl<T: ?Sized> Kept<T> {
    pub(crate) fn node(&self) -> &T {
        &self.node
    }

    pub(crate) fn memo(&self) -> &Memo {
        &self.memo
    }
}

impl Memo {
    /// The hash of the structure, where it was computed before.
    pub(super) fn structure(&self) -> Option<u64> {
        Some(self.structure.load(Ordering::Relaxed)).filter(|hash| *hash != 0)
    }

    /// Keeps the hash of the structure, which is never 0.
    pub(super) fn keep_structure(&self, hash: u64) {
        // Who comes second found the same.
        self.structure.store(hash, Ordering::Relaxed);
    }
}

/// A shared node that nobody may hold any more.
pub(crate) enum Shared {
    /// With what is known of it.
    Kept(Arc<Kept<dyn PyTree>>),
    /// Alone.
    Plain(Arc<dyn PyTree>),
}

thread_local! {
    /// What is still to be dropped; `None` when no drop is under way.
    static QUEUE: RefCell<Option<Vec<Shared>>> = const { RefCell::new(None) };
}

/// Drops a shared node without nesting: at once, or after the drop that is under way on this thread.
pub(crate) fn bury(node: Shared) {
    let holders = match &node {
        Shared::Kept(node) => Arc::strong_count(node),
        Shared::Plain(node) => Arc::strong_count(node),
    };
    if holders > 1 {
        return;
    }
    // While the thread ends, the queue may be gone: then the closure drops the node in place.
    let first = QUEUE.try_with(|queue| match &mut *queue.borrow_mut() {
        Some(waiting) => {
            waiting.push(node);
            None
        }
        idle => {
            *idle = Some(Vec::new());
            Some(node)
        }
    });
    let Ok(Some(first)) = first else { return };
    let _working = Working;
    let mut next = Some(first);
    while let Some(node) = next {
        drop(node);
        next = QUEUE.with(|queue| queue.borrow_mut().as_mut().and_then(Vec::pop));
    }
}

/// Marks the queue as idle again, even when a drop panics.
struct Working;

impl Drop for Working {
    fn drop(&mut self) {
        // Taken out first: what is left in it must not be dropped while the queue is borrowed.
        let rest = QUEUE.try_with(|queue| queue.borrow_mut().take());
        drop(rest);
    }
}
