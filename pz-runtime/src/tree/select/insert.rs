//! Insertion beside the selected nodes, and where the inserted nodes are then.
//!
//! An insertion moves what stands after it in the same list, so the paths of the old tree do not lead to the new nodes.
//! Their new paths are made on the way that the edit went: in a list a number grows by the insertions before it, and in a
//! slot for any layer the two nodes are the elements of a `Sequential` that is new there.

use std::collections::HashSet;

use super::Selection;
use super::edit::copy;
use super::node::IntoNode;
use super::refine::ways_to;
use crate::error::Result;
use crate::path::KeyPath;
use crate::tree::edits::Change;
use crate::tree::replace::replace;
use crate::tree::trail::Trail;
use crate::tree::{PyTree, Tree};

/// # Insertions
///
/// They fail as the other [Edits](#edits) do.
impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Inserts `node` before each selected node.
    ///
    /// In a `Vec` it becomes an element of its own. A single field that holds any layer (`AnyLayer`, `Slot`) is
    /// given a `Sequential` of both.
    ///
    /// # Errors
    /// See [Edits](#edits).
    pub fn insert_before(self, node: impl IntoNode) -> Result<Root::Owned> {
        self.insert("Selection::insert_before", Side::Before, node).map(|(tree, _)| tree)
    }

    /// Inserts `node` after each selected node, as [`insert_before`](Self::insert_before) does before it.
    ///
    /// # Errors
    /// See [Edits](#edits).
    pub fn insert_after(self, node: impl IntoNode) -> Result<Root::Owned> {
        self.insert("Selection::insert_after", Side::After, node).map(|(tree, _)| tree)
    }

    /// As [`insert_before`](Self::insert_before), and gives the paths of the inserted nodes in the new tree, in its order:
    /// `at_keypaths(&paths)` selects them.
    ///
    /// ```
    /// let tree = vec![1.0_f32, 2.0];
    /// let (tree, inserted) = pz::select(&tree).at_children().insert_before_and_select(0.0_f32)?;
    /// let tree = pz::select(&tree).at_keypaths(&inserted).apply_with_selected_index(|index, _| -(index as f32))?;
    /// assert_eq!(tree, [0.0, 1.0, -1.0, 2.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [Edits](#edits).
    #[doc(alias = "and_select")]
    pub fn insert_before_and_select(self, node: impl IntoNode) -> Result<(Root::Owned, Vec<KeyPath>)> {
        let (tree, inserted) = self.insert("Selection::insert_before_and_select", Side::Before, node)?;
        let paths = inserted.paths(Root::edited(&tree));
        Ok((tree, paths))
    }

    /// As [`insert_before_and_select`](Self::insert_before_and_select), for nodes after the selected ones.
    ///
    /// ```
    /// use pz::nn::{AnyLayer, Identity, Sequential, Softmax};
    /// let model = Sequential::new([AnyLayer::new(Softmax::new(["x"])), AnyLayer::new(Identity {})]);
    /// let softmax = pz::select(&model).at_instances_of::<Softmax>();
    /// let (model, inserted) = softmax.insert_after_and_select(Identity {})?;
    /// assert_eq!(inserted[0].to_string(), ".sublayers[1]");
    /// assert_eq!(model.sublayers.len(), 3);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [Edits](#edits).
    #[doc(alias = "and_select")]
    pub fn insert_after_and_select(self, node: impl IntoNode) -> Result<(Root::Owned, Vec<KeyPath>)> {
        let (tree, inserted) = self.insert("Selection::insert_after_and_select", Side::After, node)?;
        let paths = inserted.paths(Root::edited(&tree));
        Ok((tree, paths))
    }

    fn insert(self, operation: &str, side: Side, node: impl IntoNode) -> Result<(Root::Owned, Inserted<'r>)> {
        if self.cannot_be_edited() {
            return Err(self.empty(operation));
        }
        let node = node.into_node();
        let mut changes = Vec::with_capacity(self.picked.len());
        for picked in &self.picked {
            let node = copy(&node)?;
            changes.push((
                picked.step,
                if side == Side::Before { Change::Before(node) } else { Change::After(node) },
            ));
        }
        let tree = replace(self.root, &self.trail, changes)?;
        let beside = self.picked.iter().map(|picked| picked.step).collect();
        Ok((tree, Inserted { trail: self.trail, beside, side }))
    }
}

/// On which side of a selected node its new neighbour is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Where nodes were inserted: the way in the old tree.
struct Inserted<'r> {
    trail: Trail<'r>,
    beside: Vec<usize>,
    side: Side,
}

/// What is left to look at: an inserted node, or a step of the old way and the node that is there now.
enum Ahead<'n> {
    Inserted,
    Way(usize, &'n dyn PyTree),
}

impl Inserted<'_> {
    /// The paths of the inserted nodes in the new tree, in its order.
    fn paths(&self, new: &dyn PyTree) -> Vec<KeyPath> {
        let beside: HashSet<usize> = self.beside.iter().copied().collect();
        let (ways, steps) = (ways_to(&self.trail, &beside), self.trail.steps());
        let after = usize::from(self.side == Side::After);
        let mut found = Vec::with_capacity(beside.len());
        let mut stack = vec![(KeyPath::root(), Ahead::Way(0, new))];
        while let Some((path, ahead)) = stack.pop() {
            let (step, node) = match ahead {
                Ahead::Inserted => {
                    found.push(path);
                    continue;
                }
                Ahead::Way(step, node) => (step, node),
            };
            let children = node.children();
            if beside.contains(&step) {
                // A slot for any layer: its `Sequential` has one list.
                let path = path.child(node.child_key(0));
                found.extend(children.first().map(|list| path.child(list.child_key(after))));
                continue;
            }
            let mut below: Vec<(usize, usize)> =
                ways.get(&step).into_iter().flatten().map(|(index, step)| (*index, *step)).collect();
            below.sort_unstable();
            let is_list = children.len() > steps[step].node.children().len();
            let (mut moved, first) = (0, stack.len());
            for (index, below) in below {
                let inserted = is_list && beside.contains(&below);
                let place = index + moved + if inserted { after } else { 0 };
                let key = match &steps[below].key {
                    Some(key) if place == index => key.clone(),
                    _ => node.child_key(place),
                };
                let ahead = match children.get(place) {
                    Some(child) if !inserted => Ahead::Way(below, *child),
                    _ => Ahead::Inserted,
                };
                stack.push((path.child(key), ahead));
                moved += usize::from(inserted);
            }
            stack[first..].reverse();
        }
        found
    }
}
