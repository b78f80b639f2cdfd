//! How deep trees are dropped.
//!
//! A layer that holds a layer that holds a layer would be dropped by as many nested calls, and a deep enough tree
//! would overflow the stack. So the wrapper that shares layers (`AnyLayer`) buries what it held: the outermost drop
//! on a thread works off a queue, and drops within it only add to the queue.

use std::cell::RefCell;
use std::sync::Arc;

use super::PyTree;

thread_local! {
    /// What is still to be dropped; `None` when no drop is under way.
    static QUEUE: RefCell<Option<Vec<Arc<dyn PyTree>>>> = const { RefCell::new(None) };
}

/// Drops a shared node without nesting: at once, or after the drop that is under way on this thread.
pub(crate) fn bury(node: Arc<dyn PyTree>) {
    if Arc::strong_count(&node) > 1 {
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
