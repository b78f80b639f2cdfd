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

impl<'r, Root: Tree + ?Sized, U: Tree + ?Sized> From<Selection<'r, Root, U>> for Refinement<'r, U> {
    fn from(selection: Selection<'r, Root, U>) -> Self {
        Refinement { trail: selection.trail, picked: selection.picked, error: selection.error }
    }
}

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects, in each selected node, what `choose` selects in it.
    ///
    /// ```
    /// use pz::select;
    /// let tree = vec![vec![1, 5, 2], vec![4, 3]];
    /// let largest = select(&tree).at_children().refine(|row| {
    ///     let numbers = || select(row).at_instances_of::<i32>();
    ///     let most = numbers().get_sequence().unwrap_or_default().into_iter().max();
    ///     numbers().where_(move |n| Some(n) == most)
    /// });
    /// assert_eq!(largest.set(0)?, [vec![1, 0, 2], vec![0, 3]]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn refine<U: Tree + ?Sized, S: Into<Refinement<'r, U>>>(
        self,
        mut choose: impl FnMut(&'r T) -> S,
    ) -> Selection<'r, Root, U> {
        let chosen: Vec<_> = self.picked.iter().map(|picked| choose(picked.value).into()).collect();
        self.grafted(
            "refine",
            "the closure gave",
            "the node it was given",
            "begin it with `select(node)`, where `node` is the closure's argument",
            chosen,
        )
    }

    /// Selects what these selections select: one for each selected node, in the tree's order, that begins at this node.
    /// [`refine`](Self::refine) is the same where a closure makes them.
    ///
    /// (In Penzai the selections are put in the place of the nodes. A selection is no tree here, so that none is ever left
    /// in a model.)
    ///
    /// ```
    /// use pz::select;
    /// let tree = vec![vec![1.0_f32, -2.0], vec![-3.0]];
    /// let rows = select(&tree).at_children();
    /// let negative = tree.iter().map(|row| select(row).at_instances_of::<f32>().where_(|x| *x < 0.0));
    /// let edited = rows.flatten_selected_selections(negative).set(0.0_f32)?;
    /// assert_eq!(edited, [vec![1.0, 0.0], vec![0.0]]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// The chain ends in an error where there are more or fewer selections than nodes, and where one begins elsewhere.
    pub fn flatten_selected_selections<U: Tree + ?Sized, S: Into<Refinement<'r, U>>>(
        mut self,
        selections: impl IntoIterator<Item = S>,
    ) -> Selection<'r, Root, U> {
        let count = self.picked.len();
        let mut chosen: Vec<_> = selections.into_iter().take(count + 1).map(Into::into).collect();
        if chosen.len() != count {
            let nodes = if count == 1 { "1 node is" } else { &format!("{count} nodes are") };
            let given = match chosen.len() {
                given if given > count => "there are more selections",
                1 => "there is 1 selection",
                given => &format!("there are {given} selections"),
            };
            let problem = format!("{nodes} selected, and {given}");
            let report = Report::new("Selection::flatten_selected_selections", problem);
            let report = report.help("give one for each selected node, in the tree's order");
            self.error.get_or_insert(report.tree());
            chosen.clear();
        }
        let help = "begin it at the selected node: the selections come in the order of `get_sequence()`";
        self.grafted("flatten_selected_selections", "there is", "the selected node", help, chosen)
    }

    /// The selection of what is selected in each selected node.
    fn grafted<U: Tree + ?Sized>(
        mut self,
        call: &str,
        gave: &str,
        wanted: &str,
        help: &str,
        chosen: Vec<Refinement<'r, U>>,
    ) -> Selection<'r, Root, U> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let mut picked = Vec::new();
        for (&Picked { step, .. }, inside) in self.picked.iter().zip(chosen) {
            if let Some(error) = inside.error {
                self.error.get_or_insert(error);
                continue;
            }
            let Some(places) = trail.graft(step, inside.trail) else {
                let name = short_type_name(std::any::type_name::<U>());
                let problem = format!("{gave} a selection of `{name}` in a tree that is not {wanted}");
                let report =
                    Report::new(format!("Selection::{call}"), problem).path(trail.path(step)).help(help);
                self.error.get_or_insert(report.tree());
                continue;
            };
            let inside = inside.picked.into_iter();
            picked.extend(inside.map(|inner| Picked { step: places[inner.step], value: inner.value }));
        }
        self.then(trail, picked, call.into(), None)
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
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
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
