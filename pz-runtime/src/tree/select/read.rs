//! Reading a selection.

use super::Selection;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::tree::Tree;
use crate::tree::trail::Paths;

/// How many paths a message lists.
const LISTED: usize = 5;

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// The tree in which nodes are selected.
    pub(crate) fn root(&self) -> &'r Root {
        self.root
    }

    /// The number of selected nodes; 0 where the chain has failed.
    pub fn count(&self) -> usize {
        if self.error.is_some() { 0 } else { self.picked.len() }
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The one selected node.
    ///
    /// # Errors
    /// None or several are selected, or the chain has failed.
    pub fn get(self) -> Result<&'r T> {
        if self.count() == 0 {
            return Err(self.empty("Selection::get"));
        }
        match self.picked.as_slice() {
            [one] => Ok(one.value),
            _ => Err(self.count_error("Selection::get", "needs exactly one selected node")),
        }
    }

    /// The selected nodes, in the tree's order.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn get_sequence(self) -> Result<Vec<&'r T>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.picked.into_iter().map(|picked| picked.value).collect()),
        }
    }

    /// The selected nodes with their paths from the root, in the tree's order.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn get_by_path(self) -> Result<Vec<(KeyPath, &'r T)>> {
        match self.error {
            Some(error) => Err(error),
            None => {
                let mut paths = Paths::default();
                let picked = self.picked.iter();
                Ok(picked.map(|picked| (paths.of(&self.trail, picked.step), picked.value)).collect())
            }
        }
    }

    /// The paths of the selected nodes from the root, in the tree's order.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn get_keypaths(self) -> Result<Vec<KeyPath>> {
        match self.error {
            Some(error) => Err(error),
            None => {
                let mut paths = Paths::default();
                Ok(self.picked.iter().map(|picked| paths.of(&self.trail, picked.step)).collect())
            }
        }
    }

    /// The selection itself, where it has `n` nodes.
    ///
    /// # Errors
    /// It has another number of nodes, or the chain has failed.
    pub fn assert_count_is(self, n: usize) -> Result<Self> {
        match self.count() {
            count if count == n && self.error.is_none() => Ok(self),
            0 => Err(self.empty("Selection::assert_count_is")),
            _ => Err(self.count_error("Selection::assert_count_is", &format!("needs {n} selected"))),
        }
    }

    fn count_error(&self, operation: &str, needs: &str) -> crate::Error {
        let count = self.picked.len();
        let mut paths: Vec<_> =
            self.picked.iter().take(LISTED).map(|picked| self.trail.path(picked.step).told()).collect();
        if count > LISTED {
            paths.push("…".into());
        }
        let noun = if count == 1 { "node is" } else { "nodes are" };
        let at = if paths.is_empty() { String::new() } else { format!(" (at {})", paths.join(", ")) };
        Report::new(operation, format!("{needs}, and {count} {noun} selected{at}"))
            .help("narrow it with `.where_(..)`, `.at(..)` or `.pick_nth_selected(..)`, or read all with `.get_sequence()`")
            .tree()
    }
}
