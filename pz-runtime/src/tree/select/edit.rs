//! Editing: a new tree in which the selected nodes are changed.

use super::Selection;
use super::node::IntoNode;
use crate::error::Result;
use crate::path::KeyPath;
use crate::tree::edits::Change;
use crate::tree::replace::replace;
use crate::tree::trail::{Paths, Trail};
use crate::tree::{Node, Tree};

/// # Edits
///
/// Each gives the whole tree back, of the same type as before (a [`Node`] where the root's type is not known); what is
/// beside the selected nodes is shared with the old tree. Each fails where nothing is selected (unless [`allow_empty`](Selection::allow_empty) was said),
/// where an earlier call of the chain failed, and where a field cannot hold what takes its child's place.
impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Replaces each selected node by what `change` makes of it: a node, or a `Result` with one.
    ///
    /// The paths stay as they were, so what was replaced is selected again by them: `at_keypaths(&paths)`, where `paths`
    /// are those of [`get_keypaths`](Selection::get_keypaths).
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    #[doc(alias = "keep_selected")]
    pub fn apply<N: IntoNode>(self, mut change: impl FnMut(&T) -> N) -> Result<Root::Owned> {
        self.edit("Selection::apply", |_, value| Ok(Change::One(change(value).into_node()?)))
    }

    /// As [`apply`](Self::apply), with the path of the node from the root.
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    pub fn apply_with_keypath<N: IntoNode>(
        self,
        mut change: impl FnMut(&KeyPath, &T) -> N,
    ) -> Result<Root::Owned> {
        self.edit("Selection::apply_with_keypath", |place, value| {
            Ok(Change::One(change(&place.path(), value).into_node()?))
        })
    }

    /// Puts `node` in the place of each selected node.
    ///
    /// # Errors
    /// See [Edits](#edits).
    pub fn set(self, node: impl IntoNode) -> Result<Root::Owned> {
        let node = node.into_node();
        self.edit("Selection::set", |_, _| Ok(Change::One(copy(&node)?)))
    }

    /// Takes each selected node out of the `Vec` or the `Option` that holds it.
    ///
    /// # Errors
    /// See [Edits](#edits).
    pub fn remove_from_parent(self) -> Result<Root::Owned> {
        self.edit("Selection::remove_from_parent", |_, _| Ok(Change::Many(Vec::new())))
    }

    /// The tree as it is, where the chain holds.
    pub(super) fn edit_nothing(self, operation: &str) -> Result<Root::Owned> {
        if self.error.is_some() {
            return Err(self.empty(operation));
        }
        replace(self.root, &self.trail, Vec::new())
    }

    /// Whether the chain has failed, or has nothing selected where that was not allowed.
    pub(super) fn cannot_be_edited(&self) -> bool {
        self.error.is_some() || (self.picked.is_empty() && !self.empty_allowed)
    }

    /// The root, where the chain selects nothing and may; else the selection.
    ///
    /// # Errors
    /// As of an edit.
    pub(crate) fn or_root(self, operation: &str) -> Result<Result<Self, &'r Root>> {
        match (self.cannot_be_edited(), self.picked.is_empty()) {
            (true, _) => Err(self.empty(operation)),
            (false, true) => Ok(Err(self.root)),
            (false, false) => Ok(Ok(self)),
        }
    }

    pub(super) fn edit(
        self,
        operation: &str,
        mut change: impl FnMut(&mut Place<'_, '_>, &T) -> Result<Change>,
    ) -> Result<Root::Owned> {
        if self.cannot_be_edited() {
            return Err(self.empty(operation));
        }
        let mut changes = Vec::with_capacity(self.picked.len());
        let mut place = Place { number: 0, step: 0, trail: &self.trail, paths: Paths::default() };
        for (number, picked) in self.picked.iter().enumerate() {
            (place.number, place.step) = (number, picked.step);
            changes.push((picked.step, change(&mut place, picked.value)?));
        }
        replace(self.root, &self.trail, changes)
    }
}

/// Which of the selected nodes is being edited.
pub(super) struct Place<'t, 'r> {
    /// Its number among them, from 0.
    pub(super) number: usize,
    pub(super) step: usize,
    trail: &'t Trail<'r>,
    paths: Paths,
}

impl Place<'_, '_> {
    /// The path of the node from the root.
    pub(super) fn path(&mut self) -> KeyPath {
        self.paths.of(self.trail, self.step)
    }
}

pub(super) fn copy(node: &Result<Node>) -> Result<Node> {
    node.as_ref().map(|node| node.clone_node()).map_err(Clone::clone)
}
