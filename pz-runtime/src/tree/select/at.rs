//! `at`: the node that a closure points to.
//!
//! The closure gives a reference into the selected node; the node with that address and type is looked for. A layer
//! that is shared is in the tree at two places and has one address: then the closure runs once more on a copy that
//! shares nothing, where each place has its own. Values of size zero may still share an address; that is an error
//! which lists the places.

use std::any::{Any, type_name};

use super::{Picked, Selection};
use crate::error::{Error, Report, Result};
use crate::path::KeyPath;
use crate::tree::edits::Edits;
use crate::tree::trail::Trail;
use crate::tree::walk::{Event, Walker};
use crate::tree::{Node, PyTree, Tree, short_type_name};

/// How many places a message lists, and a search looks for.
const LISTED: usize = 8;

impl<'r, Root: PyTree, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects, in each selected node, the one that `pointer` points to: a field, an element, what a wrapper
    /// holds.
    ///
    /// The chain ends in an error where the reference is not to a node inside (a static field, a value from
    /// elsewhere), or where several nodes of size zero share the address.
    ///
    /// ```
    /// use pz::select;
    /// let pair = (1.0_f32, vec![2.0_f32, 3.0]);
    /// let edited = select(&pair).at(|pair| &pair.1[1]).set(4.0_f32)?;
    /// assert_eq!(edited, (1.0, vec![2.0, 4.0]));
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn at<U, F>(mut self, pointer: F) -> Selection<'r, Root, U>
    where
        U: Tree + ?Sized,
        F: for<'a> Fn(&'a T) -> &'a U,
    {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_node()));
        let mut picked = Vec::new();
        for &Picked { step, value } in &self.picked {
            let target = pointer(value);
            let top = trail.steps()[step].node;
            let found = resolve(top, target.as_tree(), |copy| {
                let copy = T::from_copy(copy).ok()?;
                Some(places(copy.as_tree(), pointer(&copy).as_tree()))
            });
            match found {
                Ok(indices) => {
                    picked.extend(trail.descend(step, &indices).map(|step| Picked { step, value: target }))
                }
                Err(problem) => {
                    let error = problem.report(&trail.path(step), top, type_name::<U>());
                    self.error.get_or_insert(error);
                }
            }
        }
        self.then(trail, picked, "at".into(), None)
    }
}

impl<'r, Root: PyTree, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// As [`at`](Self::at), for a closure that points to several nodes. They come in the tree's order, each once.
    ///
    /// The chain also ends in an error where one of them is in another.
    ///
    /// ```
    /// let tree = (1.0_f32, 2.0_f32, 3.0_f32);
    /// let outer = pz::select(&tree).at_several(|tree| vec![&tree.2, &tree.0]);
    /// assert_eq!(outer.get_sequence()?, [&1.0, &3.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn at_several<U, F>(mut self, pointer: F) -> Selection<'r, Root, U>
    where
        U: Tree + ?Sized,
        F: for<'a> Fn(&'a T) -> Vec<&'a U>,
    {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_node()));
        let mut picked = Vec::new();
        for &Picked { step, value } in &self.picked {
            let top = trail.steps()[step].node;
            let mut found: Vec<(Vec<usize>, &U)> = Vec::new();
            let mut lost = None;
            for (number, target) in pointer(value).into_iter().enumerate() {
                let resolved = resolve(top, target.as_tree(), |copy| {
                    let copy = T::from_copy(copy).ok()?;
                    let target = pointer(&copy).get(number).copied()?;
                    Some(places(copy.as_tree(), target.as_tree()))
                });
                match resolved {
                    Ok(indices) => found.push((indices, target)),
                    Err(problem) => lost = lost.or(Some(problem)),
                }
            }
            found.sort_by(|(a, _), (b, _)| a.cmp(b));
            found.dedup_by(|(a, _), (b, _)| a == b);
            if let Some(pair) = found.windows(2).find(|pair| pair[1].0.starts_with(&pair[0].0)) {
                lost = lost.or_else(|| Some(Lost::Nested(pair[0].0.clone(), pair[1].0.clone())));
            }
            if let Some(problem) = lost {
                let error = problem.report(&trail.path(step), top, type_name::<U>());
                self.error.get_or_insert(error);
                continue;
            }
            let (ways, targets): (Vec<_>, Vec<_>) = found.into_iter().unzip();
            let steps = trail.descend_all(step, &ways);
            picked.extend(steps.into_iter().zip(targets).map(|(step, value)| Picked { step, value }));
        }
        self.then(trail, picked, "at_several".into(), None)
    }
}

/// Why a pointer could not be followed.
enum Lost {
    /// No node has the address and type.
    Outside,
    /// Several nodes have.
    Ambiguous(Vec<Vec<usize>>),
    /// The tree could not be copied.
    Copy(Error),
    /// One of several nodes is in another.
    Nested(Vec<usize>, Vec<usize>),
}

/// The child indices that lead from `top` to `target`. `again` repeats the search on a copy of the tree.
fn resolve(
    top: &dyn PyTree,
    target: &dyn PyTree,
    again: impl FnOnce(Node) -> Option<Vec<Vec<usize>>>,
) -> Result<Vec<usize>, Lost> {
    let mut found = places(top, target);
    match found.len() {
        0 => Err(Lost::Outside),
        1 => Ok(found.swap_remove(0)),
        _ => {
            let copy = unshared(top).map_err(Lost::Copy)?;
            match again(copy).map(<[Vec<usize>; 1]>::try_from) {
                Some(Ok([place])) => Ok(place),
                _ => Err(Lost::Ambiguous(found)),
            }
        }
    }
}

/// The places in a tree of the node with the address and type of `target`: at most [`LISTED`].
fn places(top: &dyn PyTree, target: &dyn PyTree) -> Vec<Vec<usize>> {
    let wanted = (target as &dyn Any).type_id();
    positions(top, |node| std::ptr::addr_eq(node, target) && (node as &dyn Any).type_id() == wanted)
}

/// The places of the nodes for which `matches` says so: at most [`LISTED`].
fn positions(top: &dyn PyTree, matches: impl Fn(&dyn PyTree) -> bool) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut walker = Walker::new(top);
    while let Some(event) = walker.next() {
        if let Event::Enter(node) = event
            && matches(node)
        {
            found.push(walker.frames()[1..].iter().map(|frame| frame.index).collect());
            if found.len() == LISTED {
                break;
            }
        }
    }
    found
}

/// A copy of a tree in which no two places share a node.
fn unshared(top: &dyn PyTree) -> Result<Node> {
    let mut walker = Walker::new(top);
    let mut done: Vec<Node> = Vec::new();
    while let Some(event) = walker.next() {
        if let Event::Leave(children) = event {
            let node = walker.frames().last().map_or(top, |frame| frame.node);
            let copies = done.split_off(done.len() - children);
            done.push(if copies.is_empty() {
                node.clone_node()
            } else {
                node.rebuild(&mut Edits::new(copies.into_iter().enumerate()))?
            });
        }
    }
    Ok(done.pop().unwrap_or_else(|| top.clone_node()))
}

impl Lost {
    fn report(self, above: &KeyPath, top: &dyn PyTree, target: &str) -> Error {
        let owner = top.info().type_name;
        let target = short_type_name(target);
        let paths = |places: &[Vec<usize>]| {
            let mut trail = Trail::new(top);
            let steps: Vec<_> = places.iter().filter_map(|place| trail.descend(0, place)).collect();
            steps.into_iter().map(|step| format!("`{}`", trail.path(step))).collect::<Vec<_>>().join(", ")
        };
        let report = match self {
            Lost::Copy(error) => return error,
            Lost::Nested(outer, inner) => Report::new(
                "Selection::at_several",
                format!("the closure gave two nodes of which one is in the other: {}", paths(&[outer, inner])),
            )
            .help("selected nodes are never inside one another: give the outer or the inner one"),
            Lost::Outside => Report::new(
                "Selection::at",
                format!("the closure gave a `{target}` that is no node in this `{owner}`"),
            )
            .help(
                "return a reference to a child field, an element of one, or what a wrapper holds; a static field is \
                 no node",
            ),
            Lost::Ambiguous(places) => Report::new(
                "Selection::at",
                format!(
                    "the closure's `{target}` has the address of {} nodes of this `{owner}`: {}{}",
                    if places.len() == LISTED { "many".into() } else { places.len().to_string() },
                    paths(&places),
                    if places.len() == LISTED { ", …" } else { "" },
                ),
            )
            .help("values of size zero share an address: select with `at_subtrees_where(|path, _| ..)` instead"),
        };
        report.path(above.clone()).tree()
    }
}
