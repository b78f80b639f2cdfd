//! `at`: the node that a closure points to.
//!
//! The closure gives references into the selected node; one walk looks for the nodes with those addresses and types. A
//! layer that is shared is in the tree at two places and has one address: then the closure runs once more on a copy that
//! shares nothing, where each place has its own, and the places are told apart by their numbers in the walk. Values of
//! size zero may still share an address; that is an error which lists the places.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;

use super::{Picked, Selection};
use crate::error::{Error, Report, Result};
use crate::tree::edits::Edits;
use crate::tree::trail::Trail;
use crate::tree::walk::{Event, Walker};
use crate::tree::{Node, PyTree, Tree, short_type_name};

/// How many places a message lists.
const LISTED: usize = 8;

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
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
    pub fn at<U, F>(self, pointer: F) -> Selection<'r, Root, U>
    where
        U: Tree + ?Sized,
        F: for<'a> Fn(&'a T) -> &'a U,
    {
        self.pointed("at", one(pointer))
    }

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
    pub fn at_several<U, F>(self, pointer: F) -> Selection<'r, Root, U>
    where
        U: Tree + ?Sized,
        F: for<'a> Fn(&'a T) -> Vec<&'a U>,
    {
        self.pointed("at_several", pointer)
    }

    fn pointed<U, F>(mut self, call: &'static str, pointer: F) -> Selection<'r, Root, U>
    where
        U: Tree + ?Sized,
        F: for<'a> Fn(&'a T) -> Vec<&'a U>,
    {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let mut picked = Vec::new();
        for &Picked { step, value } in &self.picked {
            let targets = pointer(value);
            let found = resolve(&mut trail, step, &nodes(&targets), |copy| {
                let copy = T::from_copy(copy).ok()?;
                Some(numbers(copy.as_tree(), &nodes(&pointer(&copy))))
            });
            match found {
                Ok(found) => {
                    picked.extend(found.iter().map(|(step, of)| Picked { step: *step, value: targets[*of] }));
                }
                Err(problem) => {
                    let top = trail.steps()[step].node.info().type_name;
                    let target = short_type_name(type_name::<U>());
                    let error = problem.report(call, &trail, step, top, &target);
                    self.error.get_or_insert(error);
                }
            }
        }
        self.then(trail, picked, call.into(), None)
    }
}

/// A closure that points to one node as one that points to several.
fn one<T: ?Sized, U: ?Sized>(
    pointer: impl for<'a> Fn(&'a T) -> &'a U,
) -> impl for<'a> Fn(&'a T) -> Vec<&'a U> {
    move |value| vec![pointer(value)]
}

fn nodes<'a, U: Tree + ?Sized>(targets: &[&'a U]) -> Vec<&'a dyn PyTree> {
    targets.iter().map(|target| target.as_tree()).collect()
}

/// Why a pointer could not be followed. Places are steps.
enum Lost {
    /// No node has the address and type.
    Outside,
    /// Several nodes have.
    Ambiguous(Vec<usize>),
    /// The tree could not be copied.
    Copy(Error),
    /// One of several nodes is in another.
    Nested(usize, usize),
}

/// A node with the address and type of a target.
#[derive(Clone, Copy)]
struct Candidate {
    step: usize,
    /// The number of the node in the walk, and that of the first node after those in it.
    number: usize,
    end: usize,
}

/// The targets by address and type: the first that has them.
fn by_address(targets: &[&dyn PyTree]) -> HashMap<(usize, TypeId), usize> {
    let mut first = HashMap::new();
    for (index, target) in targets.iter().enumerate() {
        first.entry(identity(*target)).or_insert(index);
    }
    first
}

fn identity(node: &dyn PyTree) -> (usize, TypeId) {
    (std::ptr::from_ref(node).addr(), (node as &dyn Any).type_id())
}

/// The steps to the targets in the node at the step `base`, in the tree's order and each once, with the number of the
/// target. `again` gives the numbers that the targets have in the walk over a copy of the node.
fn resolve(
    trail: &mut Trail<'_>,
    base: usize,
    targets: &[&dyn PyTree],
    again: impl FnOnce(Node) -> Option<Vec<Option<usize>>>,
) -> Result<Vec<(usize, usize)>, Lost> {
    let top = trail.steps()[base].node;
    let wanted = by_address(targets);
    let mut candidates: Vec<Vec<Candidate>> = targets.iter().map(|_| Vec::new()).collect();
    let mut walker = Walker::new(top);
    let (mut open, mut number) = (Vec::new(), 0);
    while let Some(event) = walker.next() {
        let depth = walker.frames().len();
        match event {
            Event::Enter(node) => {
                if let Some(&target) = wanted.get(&identity(node)) {
                    open.push((depth, target, candidates[target].len()));
                    let step = trail.record(base, &mut walker);
                    candidates[target].push(Candidate { step, number, end: number });
                }
                number += 1;
            }
            Event::Leave(_) => {
                if let Some((_, target, place)) = open.pop_if(|(at, ..)| *at == depth) {
                    candidates[target][place].end = number;
                }
            }
        }
    }
    let of = |target: &&dyn PyTree| &candidates[wanted[&identity(*target)]];
    let found: Vec<&Vec<Candidate>> = targets.iter().map(of).collect();
    if found.iter().any(|found| found.is_empty()) {
        return Err(Lost::Outside);
    }
    let numbers = match found.iter().any(|found| found.len() > 1) {
        false => None,
        true => again(unshared(top).map_err(Lost::Copy)?),
    };
    let mut chosen = Vec::with_capacity(targets.len());
    for (target, found) in found.into_iter().enumerate() {
        let of_copy = numbers.as_ref().and_then(|numbers| *numbers.get(target)?);
        let one = match (found.as_slice(), of_copy) {
            ([one], _) => Some(*one),
            (_, Some(number)) => {
                let place = found.binary_search_by_key(&number, |candidate| candidate.number);
                place.ok().map(|place| found[place])
            }
            _ => None,
        };
        let ambiguous = || Lost::Ambiguous(found.iter().map(|candidate| candidate.step).collect());
        chosen.push((one.ok_or_else(ambiguous)?, target));
    }
    chosen.sort_by_key(|(candidate, _)| candidate.number);
    chosen.dedup_by_key(|(candidate, _)| candidate.number);
    match chosen.windows(2).find(|pair| pair[1].0.number < pair[0].0.end) {
        Some(pair) => Err(Lost::Nested(pair[0].0.step, pair[1].0.step)),
        None => Ok(chosen.into_iter().map(|(candidate, target)| (candidate.step, target)).collect()),
    }
}

/// For each target, the number that the node with its address and type has in the walk over a tree; `None` where several
/// nodes have them.
fn numbers(top: &dyn PyTree, targets: &[&dyn PyTree]) -> Vec<Option<usize>> {
    let wanted = by_address(targets);
    let mut found: Vec<(usize, usize)> = vec![(0, 0); targets.len()];
    let mut walker = Walker::new(top);
    let mut number = 0;
    while let Some(event) = walker.next() {
        if let Event::Enter(node) = event {
            if let Some(&target) = wanted.get(&identity(node)) {
                found[target] = (found[target].0 + 1, number);
            }
            number += 1;
        }
    }
    // Targets of one address are found as the first of them.
    let one = |(count, number): (usize, usize)| (count == 1).then_some(number);
    targets.iter().map(|target| one(found[wanted[&identity(*target)]])).collect()
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
    fn report(self, call: &str, trail: &Trail<'_>, base: usize, owner: &str, target: &str) -> Error {
        let operation = format!("Selection::{call}");
        let paths = |steps: &[usize]| {
            let paths = steps.iter().take(LISTED).map(|step| trail.path_from(base, *step).told());
            paths.collect::<Vec<_>>().join(", ") + if steps.len() > LISTED { ", …" } else { "" }
        };
        let report = match self {
            Lost::Copy(error) => return error,
            Lost::Nested(outer, inner) => Report::new(
                operation,
                format!("the closure gave two nodes of which one is in the other: {}", paths(&[outer, inner])),
            )
            .help("selected nodes are never inside one another: give the outer or the inner one"),
            Lost::Outside => Report::new(
                operation,
                format!("the closure gave a `{target}` that is no node in this `{owner}`"),
            )
            .help(
                "return a reference to a child field, an element of one, or what a wrapper holds; a static field is \
                 no node",
            ),
            Lost::Ambiguous(places) => Report::new(
                operation,
                format!(
                    "the closure's `{target}` has the address of {} nodes of this `{owner}`: {}",
                    places.len(),
                    paths(&places),
                ),
            )
            .help("values of size zero share an address: select with `at_subtrees_where(|path, _| ..)` instead"),
        };
        // Of the root, the report says all already.
        let above = trail.path(base);
        if above.is_empty() { report.tree() } else { report.path(above).tree() }
    }
}
