//! From a selection to the leaves, the children, the nodes that equal a template, or the nodes at given paths.

use super::narrow::Nested;
use super::{Picked, Selection};
use crate::path::{KeyPath, PathSet};
use crate::tree::hash::structure_hashes;
use crate::tree::map::keys;
use crate::tree::trail::Trail;
use crate::tree::walk::{Event, Walker};
use crate::tree::{PyTree, Tree, equal};

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects the leaves in the selected nodes: numbers, arrays, variables. An empty list or `None` is no leaf.
    ///
    /// ```
    /// let tree = (1.0_f32, vec![Some(2.0_f32), None]);
    /// assert_eq!(pz::select(&tree).at_pytree_leaves().count(), 2);
    /// assert_eq!(pz::select(&tree).at_childless().count(), 3);
    /// assert_eq!(pz::select(&tree).at_children().count(), 2);
    /// ```
    pub fn at_pytree_leaves(self) -> Selection<'r, Root, dyn PyTree> {
        self.narrow("at_pytree_leaves".into(), None, Nested::Outermost, false, |_, node| node.is_leaf(), Some)
    }

    /// Selects the leaves and the nodes without children: an empty list, `None`, a struct without child fields.
    pub fn at_childless(self) -> Selection<'r, Root, dyn PyTree> {
        let childless = |_: &KeyPath, node: &dyn PyTree| node.is_leaf() || node.children().is_empty();
        self.narrow("at_childless".into(), None, Nested::Outermost, false, childless, Some)
    }

    /// Selects the children of the selected nodes. Leaves have none, and so leave the selection.
    pub fn at_children(self) -> Selection<'r, Root, dyn PyTree> {
        self.go("at_children".into(), |trail, step, found| {
            let children = trail.steps()[step].node.children().len();
            found
                .extend(trail.descend_all(step, &(0..children).map(|index| vec![index]).collect::<Vec<_>>()));
        })
    }

    /// Selects the nodes that are equal to `template`: of the same type and structure, with equal leaves. Numbers are
    /// equal where their bits are; a variable is, where its label and its value are.
    ///
    /// Where a value cannot be computed, the node is not selected.
    pub fn at_equal_to(self, template: &(impl Tree + ?Sized)) -> Selection<'r, Root, dyn PyTree> {
        let template = template.as_tree();
        let wanted = structure_hashes(template)[0];
        self.go("at_equal_to".into(), |trail, step, found| {
            // A node is compared where its structure is the same, so nodes that are compared are not in one another.
            let nodes = structure_hashes(trail.steps()[step].node);
            let mut walker = Walker::new(trail.steps()[step].node);
            let mut number = 0;
            while let Some(event) = walker.next() {
                let Event::Enter(node) = event else { continue };
                if nodes[number] == wanted && equal(node, template).unwrap_or(false) {
                    found.push(trail.record(step, &mut walker));
                    walker.skip();
                    number += nodes[number].1;
                } else {
                    number += 1;
                }
            }
        })
    }

    /// Selects the nodes at these paths, which begin at the selected nodes. A path to a node above another one wins;
    /// a path to nowhere selects nothing.
    pub fn at_keypaths<'p>(
        self,
        paths: impl IntoIterator<Item = &'p KeyPath>,
    ) -> Selection<'r, Root, dyn PyTree> {
        let wanted = PathSet::of(paths);
        self.go("at_keypaths".into(), |trail, step, found| {
            found.extend(ends(&wanted, trail, step).into_iter().map(|(step, _)| step));
        })
    }

    /// The selection of the steps that `find` gives for each selected step.
    pub(super) fn go(
        mut self,
        call: String,
        mut find: impl FnMut(&mut Trail<'r>, usize, &mut Vec<usize>),
    ) -> Selection<'r, Root, dyn PyTree> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let mut found = Vec::new();
        for picked in &self.picked {
            find(&mut trail, picked.step, &mut found);
        }
        let picked = nodes_at(&trail, found);
        self.then(trail, picked, call, None)
    }
}

/// The nodes at these steps.
pub(super) fn nodes_at<'r>(trail: &Trail<'r>, steps: Vec<usize>) -> Vec<Picked<'r, dyn PyTree>> {
    steps.into_iter().map(|step| Picked { step, value: trail.steps()[step].node }).collect()
}

/// The steps at the ends of the paths that begin at the step `base`, in the tree's order, each with the number of its path.
pub(super) fn ends(wanted: &PathSet, trail: &mut Trail<'_>, base: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut stack = vec![(PathSet::ROOT, base)];
    while let Some((place, step)) = stack.pop() {
        if let Some(number) = wanted.end(place) {
            found.push((step, number));
            continue;
        }
        if !wanted.goes_on(place) {
            continue;
        }
        let keys = keys(trail.steps()[step].node);
        let places =
            keys.iter().enumerate().filter_map(|(index, key)| Some((index, wanted.next(place, key)?)));
        let places: Vec<(usize, usize)> = places.collect();
        let steps =
            trail.descend_all(step, &places.iter().map(|(index, _)| vec![*index]).collect::<Vec<_>>());
        stack.extend(places.iter().map(|(_, place)| *place).zip(steps).rev());
    }
    found
}
