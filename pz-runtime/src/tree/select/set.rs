//! Edits that give each selected node its own new value: by its number, from a list, or by its path.

use std::collections::{HashMap, HashSet};

use super::Selection;
use super::node::IntoNode;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::tree::edits::{Change, Piece};
use crate::tree::{Node, PyTree, Tree};

/// # Edits of each node by itself
///
/// They fail as the other [Edits](#edits) do.
impl<Root: PyTree, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// As [`apply`](Self::apply), with the number of the node among the selected ones, from 0.
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    pub fn apply_with_selected_index<N: IntoNode>(
        self,
        mut change: impl FnMut(usize, &T) -> N,
    ) -> Result<Root> {
        let mut index = 0..;
        self.edit("Selection::apply_with_selected_index", |_, value| {
            Ok(Change::One(change(index.next().unwrap_or_default(), value).into_node()?))
        })
    }

    /// Puts the first of `nodes` in the place of the first selected node, and so on. What is left over is not used.
    ///
    /// ```
    /// let tree = pz::select(&vec![1.0_f32, 2.0, 3.0]).at_children().set_sequence([4.0_f32, 5.0, 6.0])?;
    /// assert_eq!(tree, [4.0, 5.0, 6.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [Edits](#edits); and fewer nodes than are selected.
    pub fn set_sequence<N: IntoNode>(self, nodes: impl IntoIterator<Item = N>) -> Result<Root> {
        let mut nodes = nodes.into_iter();
        let (mut given, selected) = (0, self.count());
        self.edit("Selection::set_sequence", |path, _| match nodes.next() {
            Some(node) => {
                given += 1;
                Ok(Change::One(node.into_node()?))
            }
            None => {
                let problem =
                    format!("{selected} nodes are selected, and {given} were given: there is none for this");
                Err(Report::new("Selection::set_sequence", problem).path(path()).tree())
            }
        })
    }

    /// Puts in the place of each selected node the one that is given for its path. Other paths are not used. (A
    /// function of the path is [`apply_with_keypath`](Self::apply_with_keypath).)
    ///
    /// # Errors
    /// See [Edits](#edits); and a selected node for whose path there is none.
    pub fn set_by_path<N: IntoNode>(self, nodes: impl IntoIterator<Item = (KeyPath, N)>) -> Result<Root> {
        let nodes = by_path(nodes)?;
        self.edit("Selection::set_by_path", |path, _| {
            let path = path();
            match nodes.get(&path) {
                Some(node) => Ok(Change::One(node.clone_node())),
                None => {
                    let problem =
                        format!("the node is selected, and none of the {} given paths is its", nodes.len());
                    let report = Report::new("Selection::set_by_path", problem).path(path);
                    Err(report.help("to set only the given paths, select them: `.at_keypaths(..)`").tree())
                }
            }
        })
    }

    /// Puts the given nodes at the given paths, which begin at each selected node. Paths to nowhere are not used.
    ///
    /// # Errors
    /// See [Edits](#edits).
    pub fn select_and_set_by_path<N: IntoNode>(
        self,
        nodes: impl IntoIterator<Item = (KeyPath, N)>,
    ) -> Result<Root> {
        let nodes = by_path(nodes)?;
        let starts: HashSet<usize> = self.picked.iter().map(|picked| picked.step).collect();
        let found = self.at_keypaths(nodes.keys());
        let from = |step| found.trail.path_from(found.trail.nearest_above(step, &starts).unwrap_or(0), step);
        let relative: Vec<KeyPath> = found.picked.iter().map(|picked| from(picked.step)).collect();
        let mut relative = relative.iter();
        found.edit("Selection::select_and_set_by_path", |path, _| {
            let node = relative.next().and_then(|path| nodes.get(path));
            node.map(|node| Change::One(node.clone_node())).ok_or_else(|| {
                Report::new("Selection::select_and_set_by_path", "no node is given for this path")
                    .path(path())
                    .tree()
            })
        })
    }

    /// Puts in the place of each selected node all that `change` makes of it: elements of a `Vec` are spliced into it,
    /// a slot for any layer is given a `Sequential` of several.
    ///
    /// ```
    /// let tree = pz::select(&vec![1.0_f32, 2.0]).at_children().apply_and_inline(|_| [7.0_f32, 8.0])?;
    /// assert_eq!(tree, [7.0, 8.0, 7.0, 8.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    pub fn apply_and_inline<N: IntoNode, I: IntoIterator<Item = N>>(
        self,
        mut change: impl FnMut(&T) -> I,
    ) -> Result<Root> {
        self.edit("Selection::apply_and_inline", |_, value| {
            let pieces = change(value).into_iter().map(|node| node.into_node().map(Piece::New));
            Ok(Change::Many(pieces.collect::<Result<_>>()?))
        })
    }
}

fn by_path<N: IntoNode>(nodes: impl IntoIterator<Item = (KeyPath, N)>) -> Result<HashMap<KeyPath, Node>> {
    nodes.into_iter().map(|(path, node)| Ok((path, node.into_node()?))).collect()
}
