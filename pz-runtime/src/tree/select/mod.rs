//! Selections: a tree, and some nodes of it to look at or to edit.
//!
//! A selection is made by [`select`], narrowed by a chain of methods, and ended by one that reads ([`get`]) or
//! edits ([`apply`], [`insert_after`]). Trees do not change: an edit gives a new tree of the same type (a `Node` where
//! the root's type is not known) that shares every subtree beside the edited ones with the old.
//!
//! Selected nodes are never inside one another. They come in the order of the tree. Errors wait for the end of the
//! chain, so that a chain reads as one sentence; so does the finding that nothing is selected, which is an error
//! for every edit unless [`allow_empty`](Selection::allow_empty) is said. (Penzai lets such an edit pass in
//! silence, and a misspelt selector then does nothing.)
//!
//! [`get`]: Selection::get
//! [`apply`]: Selection::apply
//! [`insert_after`]: Selection::insert_after

mod at;
mod edit;
mod explain;
mod insert;
mod look;
mod narrow;
mod node;
mod nth;
mod path;
mod read;
mod refine;
mod set;
mod split;
#[cfg(test)]
mod tests;

use std::any::type_name;
use std::fmt;

use super::trail::Trail;
use super::{Tree, short_type_name};
use crate::error::Error;

pub use node::IntoNode;
pub use nth::Nth;
pub use refine::Refinement;

/// Selects the root of a tree; the methods of [`Selection`] go on from there.
///
/// ```
/// use pz::select;
/// let tree = vec![Some(1.0_f32), None, Some(2.5)];
/// let doubled = select(&tree).at_instances_of::<f32>().apply(|x| x * 2.0)?;
/// assert_eq!(doubled, [Some(2.0), None, Some(5.0)]);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// A node whose type is not known, `&dyn PyTree`, is a tree as well: that is what the closures of some methods are given.
/// An edit of it gives a [`Node`](crate::tree::Node).
///
/// ```
/// use pz::{PyTree, select, tree::Node};
/// /// Doubles every number, whatever the tree is.
/// fn doubled(node: &dyn PyTree) -> pz::Result<Node> {
///     match node.downcast_ref::<f32>() {
///         Some(x) => Ok(Box::new(x * 2.0)),
///         None => select(node).at_children().allow_empty().apply(doubled),
///     }
/// }
/// let tree = vec![Some(1.0_f32), None, Some(2.5)];
/// assert_eq!(select(&tree).at_children().apply(doubled)?, [Some(2.0), None, Some(5.0)]);
/// # Ok::<(), pz::Error>(())
/// ```
pub fn select<Root: Tree + ?Sized>(tree: &Root) -> Selection<'_, Root, Root> {
    let stage =
        Stage { call: format!("select::<{}>", short_type_name(type_name::<Root>())), left: 1, sought: None };
    Selection {
        root: tree,
        trail: Trail::new(tree.as_tree()),
        picked: vec![Picked { step: 0, value: tree }],
        stages: vec![stage],
        empty_allowed: false,
        error: None,
    }
}

/// Some nodes of a tree of type `Root`, each seen as a `T`.
#[must_use = "a selection does nothing until it is read or edited"]
pub struct Selection<'r, Root: ?Sized, T: ?Sized> {
    root: &'r Root,
    trail: Trail<'r>,
    picked: Vec<Picked<'r, T>>,
    stages: Vec<Stage>,
    empty_allowed: bool,
    error: Option<Error>,
}

/// One selected node: its place, and the value that was asked for (a wrapper, where the path led to one).
struct Picked<'r, T: ?Sized> {
    step: usize,
    value: &'r T,
}

/// One call of the chain, kept for messages.
struct Stage {
    call: String,
    /// How many nodes were selected after it.
    left: usize,
    /// The type that it looked for.
    sought: Option<&'static str>,
}

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// The selection after one more call of the chain, which selects `picked`.
    fn then<U: ?Sized>(
        self,
        trail: Trail<'r>,
        picked: Vec<Picked<'r, U>>,
        call: String,
        sought: Option<&'static str>,
    ) -> Selection<'r, Root, U> {
        let Selection { root, mut stages, empty_allowed, error, .. } = self;
        stages.push(Stage { call, left: picked.len(), sought });
        Selection { root, trail, picked, stages, empty_allowed, error }
    }

    /// Lets an edit pass that selects nothing: it gives the tree back as it is.
    pub fn allow_empty(mut self) -> Self {
        self.empty_allowed = true;
        self
    }
}

impl<Root: Tree + ?Sized, T: Tree + ?Sized> fmt::Debug for Selection<'_, Root, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: Vec<_> = self.stages.iter().map(|stage| stage.call.as_str()).collect();
        match &self.error {
            None => write!(f, "Selection({} selected by {})", self.picked.len(), calls.join(".")),
            Some(error) => write!(f, "Selection({}: {error})", calls.join(".")),
        }
    }
}
