//! The layer scope: where in the model the program is while the model runs.
//!
//! Layers that call other layers do so through [`enter`], which remembers the step for as long as the guard
//! lives. Every error that is made meanwhile, and every array operation, keeps the scope it was made in, so a
//! message can say `in TransformerLM.body/Sequential.sublayers[3]` although the code that failed is a generic
//! multiplication that knows nothing of layers.
//!
//! A scope is a list shared by its tail: entering allocates one cell, keeping a scope clones one `Arc`.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use super::PathKey;

thread_local! {
    static CURRENT: RefCell<Scope> = const { RefCell::new(Scope(None)) };
}

/// A place in a running model. Prints as [`pretty_keystr`](crate::tree::pretty_keystr) does.
#[derive(Clone, Default)]
pub struct Scope(Option<Arc<Cell>>);

struct Cell {
    owner: &'static str,
    field: &'static str,
    index: Option<usize>,
    depth: usize,
    outer: Scope,
}

/// Leaves the scope when dropped.
#[must_use = "the scope ends when the guard is dropped"]
pub struct Guard {
    outer: Scope,
}

/// Enters the child `field` (and, in a sequence, `index`) of a node of type `owner`.
pub fn enter(owner: &'static str, field: &'static str, index: Option<usize>) -> Guard {
    CURRENT.with_borrow_mut(|current| {
        let outer = current.clone();
        *current = Scope(Some(Arc::new(Cell {
            owner,
            field,
            index,
            depth: outer.depth() + 1,
            outer: outer.clone(),
        })));
        Guard { outer }
    })
}

/// The scope the calling thread is in.
pub fn current() -> Scope {
    CURRENT.with_borrow(Scope::clone)
}

impl Drop for Guard {
    fn drop(&mut self) {
        let outer = std::mem::take(&mut self.outer);
        CURRENT.with_borrow_mut(|current| *current = outer);
    }
}

impl Scope {
    /// Whether no layer is running.
    pub fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// The number of layers that run inside one another.
    pub fn depth(&self) -> usize {
        self.0.as_ref().map_or(0, |cell| cell.depth)
    }

    /// The steps from layer to layer, outermost first: the type of the layer that is left, and the path to the one that
    /// is entered.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&'static str, PathKey, Option<PathKey>)> {
        self.cells()
            .into_iter()
            .map(|cell| (cell.owner, PathKey::attr(cell.field), cell.index.map(PathKey::Index)))
    }

    fn cells(&self) -> Vec<&Cell> {
        let mut cells: Vec<_> =
            std::iter::successors(self.0.as_deref(), |cell| cell.outer.0.as_deref()).collect();
        cells.reverse();
        cells
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, cell) in self.cells().into_iter().enumerate() {
            let slash = if depth == 0 { "" } else { "/" };
            write!(f, "{slash}{}{}", cell.owner, PathKey::attr(cell.field))?;
            if let Some(index) = cell.index {
                write!(f, "{}", PathKey::Index(index))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({self})")
    }
}
