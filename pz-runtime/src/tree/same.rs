//! Questions about whole trees: how many nodes, which leaves, whether two are the same.
//!
//! What makes two leaves the same depends on the leaf (bits, tolerance, identity of a variable), so the caller
//! says it.

use std::any::Any;

use super::walk::{Walk, visit};
use super::{Part, PyTree, Tree};

/// The number of nodes of a tree, leaves included.
pub fn count(tree: &(impl Tree + ?Sized)) -> usize {
    let mut count = 0;
    visit(tree, |_, _| {
        count += 1;
        Walk::Enter
    });
    count
}

/// The leaves of a tree, in order. An empty list or `None` is a node without children, and no leaf.
pub fn leaves(tree: &(impl Tree + ?Sized)) -> Vec<&dyn PyTree> {
    let mut leaves = Vec::new();
    visit(tree, |_, node| {
        if node.is_leaf() {
            leaves.push(node);
        }
        Walk::Enter
    });
    leaves
}

/// Whether two trees have the same structure: types, variants of enums, keys, static fields and numbers of children.
pub fn same_structure(left: &(impl Tree + ?Sized), right: &(impl Tree + ?Sized)) -> bool {
    same_tree(left, right, |_, _| true)
}

/// Whether two trees have the same structure, and `same_leaf` says that each leaf is the same as the other.
pub fn same_tree(
    left: &(impl Tree + ?Sized),
    right: &(impl Tree + ?Sized),
    mut same_leaf: impl FnMut(&dyn PyTree, &dyn PyTree) -> bool,
) -> bool {
    let mut pairs = vec![(left.as_tree(), right.as_tree())];
    let (mut left_parts, mut right_parts) = (Vec::new(), Vec::new());
    while let Some((left, right)) = pairs.pop() {
        if (left as &dyn Any).type_id() != (right as &dyn Any).type_id()
            || left.info().type_name != right.info().type_name
            || left.entry_keys() != right.entry_keys()
        {
            return false;
        }
        if left.is_leaf() && !same_leaf(left, right) {
            return false;
        }
        left.parts(&mut left_parts);
        right.parts(&mut right_parts);
        if left_parts.len() != right_parts.len() {
            return false;
        }
        for (left, right) in left_parts.drain(..).zip(right_parts.drain(..)) {
            match (left, right) {
                (Part::Child(left, _), Part::Child(right, _)) => pairs.push((left, right)),
                (Part::Static(left), Part::Static(right)) if left.same(right) => {}
                _ => return false,
            }
        }
    }
    true
}
