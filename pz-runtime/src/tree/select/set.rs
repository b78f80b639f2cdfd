//! Edits that give each selected node its own new value: by its number, from a list, or by its path.

use super::Selection;
use super::look::ends;
use super::node::IntoNode;
use crate::error::{Report, Result};
use crate::path::{KeyPath, PathSet};
use crate::tree::edits::Change;
use crate::tree::{Node, Tree};

/// # Edits of each node by itself
///
/// They fail as the other [Edits](#edits) do.
impl<Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// As [`apply`](Self::apply), with the number of the node among the selected ones, from 0.
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    pub fn apply_with_selected_index<N: IntoNode>(
        self,
        mut change: impl FnMut(usize, &T) -> N,
    ) -> Result<Root::Owned> {
        self.edit("Selection::apply_with_selected_index", |place, value| {
            Ok(Change::One(change(place.number, value).into_node()?))
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
    pub fn set_sequence<N: IntoNode>(self, nodes: impl IntoIterator<Item = N>) -> Result<Root::Owned> {
        let (mut nodes, selected) = (nodes.into_iter(), self.count());
        self.edit("Selection::set_sequence", |place, _| match nodes.next() {
            Some(node) => Ok(Change::One(node.into_node()?)),
            None => {
                let given = place.number;
                let problem =
                    format!("{selected} nodes are selected, and {given} were given: there is none for this");
                Err(Report::new("Selection::set_sequence", problem).path(place.path()).tree())
            }
        })
    }

    /// Puts in the place of each selected node the one that is given for its path. Other paths are not used. (A
    /// function of the path is [`apply_with_keypath`](Self::apply_with_keypath).)
    ///
    /// # Errors
    /// See [Edits](#edits); and a selected node for whose path there is none.
    pub fn set_by_path<N: IntoNode>(
        self,
        nodes: impl IntoIterator<Item = (KeyPath, N)>,
    ) -> Result<Root::Owned> {
        let given = Given::of(nodes)?;
        // Where each step of the trail is among the given paths. A step comes after the one above it.
        let mut places: Vec<Option<usize>> = Vec::with_capacity(self.trail.steps().len());
        for step in self.trail.steps() {
            places.push(match &step.key {
                None => Some(PathSet::ROOT),
                Some(key) => places[step.above].and_then(|above| given.paths.next(above, key)),
            });
        }
        self.edit("Selection::set_by_path", |place, _| {
            match places[place.step].and_then(|place| given.paths.end(place)) {
                Some(number) => Ok(Change::One(given.nodes[number].clone_node())),
                None => {
                    let count = given.nodes.len();
                    let problem = match count {
                        1 => "the node is selected, and the given path is that of another".to_owned(),
                        _ => format!("the node is selected, and none of the {count} given paths is its"),
                    };
                    let report = Report::new("Selection::set_by_path", problem).path(place.path());
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
    ) -> Result<Root::Owned> {
        let given = Given::of(nodes)?;
        let mut numbers = Vec::new();
        let found = self.go("select_and_set_by_path".into(), |trail, step, found| {
            for (step, number) in ends(&given.paths, trail, step) {
                found.push(step);
                numbers.push(number);
            }
        });
        found.edit("Selection::select_and_set_by_path", |place, _| {
            Ok(Change::One(given.nodes[numbers[place.number]].clone_node()))
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
    ) -> Result<Root::Owned> {
        self.edit("Selection::apply_and_inline", |_, value| many(change(value)))
    }

    /// As [`apply_and_inline`](Self::apply_and_inline), with the path of the node from the root, in the tree as it was.
    ///
    /// ```
    /// let tree = vec![vec![1.0_f32, 2.0], vec![3.0]];
    /// let first = |path: &pz::path::KeyPath| path.to_string().starts_with("[0]");
    /// let tree = pz::select(&tree)
    ///     .at_instances_of::<f32>()
    ///     .apply_and_inline_with_keypath(|path, x| if first(path) { vec![*x, -x] } else { vec![] })?;
    /// assert_eq!(tree, [vec![1.0, -1.0, 2.0, -2.0], vec![]]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [Edits](#edits); and the closure's own.
    pub fn apply_and_inline_with_keypath<N: IntoNode, I: IntoIterator<Item = N>>(
        self,
        mut change: impl FnMut(&KeyPath, &T) -> I,
    ) -> Result<Root::Owned> {
        self.edit("Selection::apply_and_inline_with_keypath", |place, value| {
            many(change(&place.path(), value))
        })
    }
}

fn many<N: IntoNode>(nodes: impl IntoIterator<Item = N>) -> Result<Change> {
    Ok(Change::Many(nodes.into_iter().map(IntoNode::into_node).collect::<Result<_>>()?))
}

/// Nodes, each for a path.
struct Given {
    paths: PathSet,
    nodes: Vec<Node>,
}

impl Given {
    fn of<N: IntoNode>(nodes: impl IntoIterator<Item = (KeyPath, N)>) -> Result<Self> {
        let (mut paths, mut given) = (Vec::new(), Vec::new());
        for (path, node) in nodes {
            paths.push(path);
            given.push(node.into_node()?);
        }
        Ok(Given { paths: PathSet::of(&paths), nodes: given })
    }
}
