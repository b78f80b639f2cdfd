//! Selections put together: one inside each selected node, and the complement.

use std::collections::{HashMap, HashSet};

use super::look::nodes_at;
use super::{Picked, Selection};
use crate::error::{Error, Report};
use crate::tree::trail::Trail;
use crate::tree::{PyTree, Tree, short_type_name};

/// What [`Selection::refine`] selects in one node: a selection whose root is forgotten, so that nodes of different
/// types can be refined in different ways.
pub struct Refinement<'r, U: ?Sized> {
    trail: Trail<'r>,
    picked: Vec<Picked<'r, U>>,
    error: Option<Error>,
}

impl<'r, Root: PyTree, U: Tree + ?Sized> From<Selection<'r, Root, U>> for Refinement<'r, U> {
    fn from(selection: Selection<'r, Root, U>) -> Self {
        Refinement { trail: selection.trail, picked: selection.picked, error: selection.error }
    }
}

impl<'r, Root: PyTree, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects, in each selected node, what `choose` selects in it.
    ///
    /// (Penzai takes two steps: it puts a selection in the place of each node, and flattens the selected selections. A
    /// selection is no tree here, so that none is ever left in a model, and the two are one.)
    ///
    /// ```
    /// use pz::select;
    /// let tree = vec![(1.0_f32, 2.0_f32), (3.0, 4.0)];
    /// let larger = select(&tree).at_children().refine(|node| {
    ///     let pair = node.downcast_ref::<(f32, f32)>().expect("the list holds pairs");
    ///     if pair.0 < 2.0 { select(pair).at(|pair| &pair.0) } else { select(pair).at(|pair| &pair.1) }
    /// });
    /// assert_eq!(larger.get_sequence()?, [&1.0, &4.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[doc(alias = "flatten_selected_selections")]
    pub fn refine<U: Tree + ?Sized, S: Into<Refinement<'r, U>>>(
        mut self,
        mut choose: impl FnMut(&'r T) -> S,
    ) -> Selection<'r, Root, U> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_node()));
        let mut picked = Vec::new();
        for &Picked { step, value } in &self.picked {
            let inside: Refinement<'r, U> = choose(value).into();
            if let Some(error) = inside.error {
                self.error.get_or_insert(error);
                continue;
            }
            let Some(places) = trail.graft(step, inside.trail) else {
                let name = short_type_name(std::any::type_name::<U>());
                let problem = format!(
                    "the closure gave a selection of `{name}` in a tree that is not the node it was given"
                );
                let report = Report::new("Selection::refine", problem).path(trail.path(step));
                let report =
                    report.help("begin it with `select(node)`, where `node` is the closure's argument");
                self.error.get_or_insert(report.tree());
                continue;
            };
            picked.extend(
                inside
                    .picked
                    .into_iter()
                    .map(|inner| Picked { step: places[inner.step], value: inner.value }),
            );
        }
        self.then(trail, picked, "refine".into(), None)
    }

    /// Selects the largest nodes in which nothing was selected. Where nothing was selected at all, that is the root;
    /// where the root was, nothing is left.
    ///
    /// ```
    /// let tree = (1.0_f32, vec![2.0_f32, 3.0], vec![4.0_f32]);
    /// let rest = pz::select(&tree).at(|tree| &tree.1[0]).invert();
    /// let paths: Vec<_> = rest.get_keypaths()?.iter().map(|path| path.to_string()).collect();
    /// assert_eq!(paths, ["[0]", "[1][1]", "[2]"]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn invert(mut self) -> Selection<'r, Root, dyn PyTree> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_node()));
        let selected: HashSet<usize> = self.picked.iter().map(|picked| picked.step).collect();
        let below = ways_to(&trail, &selected);
        let mut found = Vec::new();
        let mut stack = vec![(0, !selected.is_empty())];
        while let Some((step, holds_selected)) = stack.pop() {
            if selected.contains(&step) {
                continue;
            }
            if !holds_selected {
                found.push(step);
                continue;
            }
            let children = trail.steps()[step].node.children().len();
            let on_the_way = below.get(&step);
            let free: Vec<Vec<usize>> = (0..children)
                .filter(|index| on_the_way.is_none_or(|ways| !ways.contains_key(index)))
                .map(|index| vec![index])
                .collect();
            let steps = trail.descend_all(step, &free);
            let mut next: Vec<(usize, usize, bool)> = free
                .iter()
                .map(|index| index[0])
                .zip(steps)
                .map(|(index, step)| (index, step, false))
                .collect();
            next.extend(on_the_way.into_iter().flatten().map(|(index, step)| (*index, *step, true)));
            next.sort_unstable_by_key(|(index, ..)| std::cmp::Reverse(*index));
            stack.extend(next.into_iter().map(|(_, step, holds)| (step, holds)));
        }
        let picked = nodes_at(&trail, found);
        self.then(trail, picked, "invert".into(), None)
    }
}

/// For each step on the way to the selected ones, the steps below it that are on the way too, by their index.
pub(super) fn ways_to(trail: &Trail<'_>, selected: &HashSet<usize>) -> HashMap<usize, HashMap<usize, usize>> {
    let mut below: HashMap<usize, HashMap<usize, usize>> = HashMap::new();
    for &step in selected {
        let mut step = step;
        while trail.steps()[step].key.is_some() {
            let at = &trail.steps()[step];
            if below.entry(at.above).or_default().insert(at.index, step).is_some() {
                break;
            }
            step = at.above;
        }
    }
    below
}
