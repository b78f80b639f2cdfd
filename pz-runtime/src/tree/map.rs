//! Trees as lists of leaves and back: map, zip, flatten.
//!
//! Leaves are exchanged by the engine of edits, so a mapped tree keeps its type, and a leaf that its field cannot hold
//! is an error that names the place.

use super::edits::Change;
use super::equal::diff;
use super::replace::located;
use super::same::leaves;
use super::select::{IntoNode, select};
use super::walk::{Event, Walker};
use super::{Kind, Node, PyTree, Tree, same_structure};
use crate::error::{Report, Result};
use crate::path::PathKey;

/// The tree with each leaf exchanged for what `change` makes of it.
///
/// ```
/// let tree = (1.0_f32, vec![2.0_f32, 3.0]);
/// let doubled = pz::tree::map(&tree, |leaf| Ok(leaf.downcast_ref::<f32>().map_or(0.0, |x| x * 2.0)))?;
/// assert_eq!(doubled, (2.0, vec![4.0, 6.0]));
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// The closure's own; a leaf that cannot be where the old one was.
pub fn map<T: PyTree, N: IntoNode>(tree: &T, mut change: impl FnMut(&dyn PyTree) -> Result<N>) -> Result<T> {
    select(tree).at_pytree_leaves().allow_empty().apply(|leaf| change(leaf)?.into_node())
}

/// The first tree with each leaf exchanged for what `change` makes of it and of the leaf at the same place of `other`.
///
/// # Errors
/// Trees of different structure, with the differences; and as [`map`].
pub fn zip<T: PyTree, N: IntoNode>(
    tree: &T,
    other: &(impl Tree + ?Sized),
    mut change: impl FnMut(&dyn PyTree, &dyn PyTree) -> Result<N>,
) -> Result<T> {
    if !same_structure(tree, other) {
        let problems = diff(tree, other)?.told(|difference| difference.what != super::What::Leaf);
        let report = Report::of("zipping two trees", problems);
        let report = report.unwrap_or_else(|| Report::new("zipping two trees", "their structure differs"));
        return Err(report.help("both trees must have the same types, keys and static fields").tree());
    }
    let mut others = leaves(other).into_iter();
    map(tree, |leaf| match others.next() {
        Some(other) => change(leaf, other),
        None => Err(Report::new("zipping two trees", "the second tree has fewer leaves").tree()),
    })
}

/// A tree without its leaves, which [`unflatten`](Structure::unflatten) puts back.
#[derive(Clone, Debug)]
pub struct Structure<T> {
    like: T,
    leaves: usize,
}

/// The leaves of a tree, and what is left of it without them.
///
/// ```
/// let tree = (1.0_f32, vec![2.0_f32]);
/// let (leaves, structure) = pz::tree::flatten(&tree);
/// assert_eq!(structure.unflatten(leaves)?, tree);
/// # Ok::<(), pz::Error>(())
/// ```
pub fn flatten<T: PyTree + Clone>(tree: &T) -> (Vec<Node>, Structure<T>) {
    let leaves: Vec<Node> = leaves(tree).into_iter().map(PyTree::clone_node).collect();
    let structure = Structure { like: tree.clone(), leaves: leaves.len() };
    (leaves, structure)
}

impl<T: PyTree> Structure<T> {
    /// The number of leaves.
    pub fn num_leaves(&self) -> usize {
        self.leaves
    }

    /// A tree of this structure with these leaves.
    ///
    /// # Errors
    /// Another number of leaves; a leaf that cannot be where it belongs.
    pub fn unflatten(&self, leaves: impl IntoIterator<Item = Node>) -> Result<T> {
        let leaves: Vec<Node> = leaves.into_iter().collect();
        if leaves.len() != self.leaves {
            let noun = if self.leaves == 1 { "leaf" } else { "leaves" };
            let were = if leaves.len() == 1 { "was" } else { "were" };
            let problem =
                format!("the structure has {} {noun}, and {} {were} given", self.leaves, leaves.len());
            return Err(Report::new("Structure::unflatten", problem).tree());
        }
        select(&self.like).at_pytree_leaves().allow_empty().set_sequence(leaves)
    }
}

/// The children of a node with their keys; `None` for a leaf.
///
/// ```
/// let tree = (1.0_f32, vec![2.0_f32]);
/// let level = pz::tree::flatten_exactly_one_level(&tree).unwrap();
/// let shown: Vec<_> = level.iter().map(|(key, child)| format!("{key} {}", child.info().type_name)).collect();
/// assert_eq!(shown, ["[0] f32", "[1] Vec"]);
/// assert!(pz::tree::flatten_exactly_one_level(&1.0_f32).is_none());
/// ```
pub fn flatten_exactly_one_level(tree: &(impl Tree + ?Sized)) -> Option<Vec<(PathKey, &dyn PyTree)>> {
    let node = tree.as_tree();
    (!node.is_leaf()).then(|| keys(node).into_iter().zip(node.children()).collect())
}

/// The keys of a node's children, in order.
pub(super) fn keys(node: &dyn PyTree) -> Vec<PathKey> {
    let children = node.children().len();
    match node.info().kind {
        Kind::Map => node.entry_keys().into_iter().map(|key| PathKey::entry(key.to_string())).collect(),
        _ => (0..children).map(|index| node.child_key(index)).collect(),
    }
}

/// A copy of a tree in which each node is replaced, from the leaves upwards, by what `change` makes of it; `change`
/// sees nodes whose children are already replaced, and gives `None` for those that stay.
///
/// Nodes in which nothing changes are shared with the old tree.
///
/// # Errors
/// The closure's own; a node that cannot be where the old one was.
pub fn map_upwards<T: PyTree, N: IntoNode>(
    tree: &T,
    mut change: impl FnMut(&dyn PyTree) -> Result<Option<N>>,
) -> Result<T> {
    let mut walker = Walker::new(tree.as_node());
    // What has become of the nodes that were left and whose parents were not: `None` where they stay.
    let mut done: Vec<Option<Node>> = Vec::new();
    while let Some(event) = walker.next() {
        let Event::Leave(children) = event else { continue };
        let Some(frame) = walker.frames().last() else { break };
        let old = frame.node;
        let below = done.split_off(done.len() - children);
        let edits = below.into_iter().enumerate();
        let edits: Vec<_> = edits.filter_map(|(index, node)| Some((index, Change::One(node?)))).collect();
        let rebuilt = match edits.is_empty() {
            true => None,
            false => {
                let rebuilt = old.rebuild(&mut super::Edits::of(edits));
                Some(rebuilt.map_err(|error| located(error, &walker.path()))?)
            }
        };
        let now = rebuilt.as_deref().map_or(old, |node| node.as_tree());
        done.push(match change(now)? {
            Some(node) => Some(node.into_node()?),
            None => rebuilt,
        });
    }
    let root = done.pop().flatten().unwrap_or_else(|| tree.clone_node());
    T::from_node(root).map_err(|node| {
        let problem = format!("the root became a `{}`, which its type cannot hold", node.info().type_name);
        Report::new("map_upwards", problem).tree()
    })
}
