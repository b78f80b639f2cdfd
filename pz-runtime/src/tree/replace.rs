//! The engine of all edits: rebuilds the nodes on the trail, each once, from the bottom up.
//!
//! Everything beside the trail is shared with the old tree. Neither depth nor width costs more than once: a step
//! knows its node, its parent and its index, so nothing is looked up.

use super::edits::{Change, Edits, article, bare, described, holds_any_layer, no_layer};
use super::trail::Trail;
use super::{Node, Tree, short_type_name};
use crate::error::{Error, Report, Result};
use crate::path::KeyPath;

/// The tree in which the nodes at the given steps of the trail are changed.
///
/// No two of the steps may be above each other.
///
/// # Errors
/// A field cannot hold what takes its child's place, or `Root` is not what takes the root's place.
pub(super) fn replace<Root: Tree + ?Sized>(
    root: &Root,
    trail: &Trail<'_>,
    changes: Vec<(usize, Change)>,
) -> Result<Root::Owned> {
    let nodes = match rebuild(trail, changes)? {
        Some(change) => change.beside(|| root.to_node()),
        None => vec![root.to_node()],
    };
    Root::from_edit(nodes).map_err(|given| match Root::KNOWN {
        true => root_misfit(std::any::type_name::<Root>(), &given),
        false => root_count(given.len()),
    })
}

/// What takes the root's place; `None` where nothing changes.
fn rebuild(trail: &Trail<'_>, changes: Vec<(usize, Change)>) -> Result<Option<Change>> {
    let steps = trail.steps();
    let mut places: Vec<Place> = steps.iter().map(|_| Place::default()).collect();
    for (step, change) in changes {
        places[step].change = Some(change);
    }
    let mut edits = Edits::default();
    for (id, step) in steps.iter().enumerate().rev() {
        let mut next = places[id].below;
        if places[id].change.is_none() {
            if next.is_none() {
                continue;
            }
            edits.clear();
            while let Some(child) = next {
                let Place { change, beside, .. } = &mut places[child];
                if let Some(change) = change.take() {
                    edits.put(steps[child].index, change);
                }
                next = *beside;
            }
            let node = step.node.rebuild(&mut edits);
            let node = node.map_err(|error| located(error, &trail.path(id)))?;
            places[id].change = Some(Change::One(node));
        }
        if step.key.is_none() {
            break;
        }
        places[id].beside = places[step.above].below.replace(id);
    }
    Ok(places[0].change.take())
}

/// What becomes of a step, and of those below it: the children that change, as a list.
#[derive(Default)]
struct Place {
    change: Option<Change>,
    /// The first child that changes.
    below: Option<usize>,
    /// The next child of the same step that does.
    beside: Option<usize>,
}

/// An error of `rebuild`, its path completed by that of the node that was rebuilt.
pub(super) fn located(error: Error, node: &KeyPath) -> Error {
    match error {
        Error::Tree(mut report) => {
            report.path = Some(report.path.as_ref().map_or_else(|| node.clone(), |rest| node.join(rest)));
            Error::Tree(report)
        }
        error => error,
    }
}

fn root_misfit(root: &str, given: &[Node]) -> Error {
    let root = short_type_name(root);
    let (a, any) = (article(&root), holds_any_layer(bare(&root)));
    let keeps = "an edit keeps the root's type: select on an `AnyLayer` that holds the model if its type is to change";
    let (problem, help) = match given {
        [] if any => (
            format!("the root is {a} `{root}` and cannot be removed"),
            "put a layer in its place that hands its input on".to_owned(),
        ),
        [] => (format!("the root is {a} `{root}` and cannot be removed"), keeps.to_owned()),
        [node] if any => no_layer(&**node, "the root"),
        [node] => (
            format!("the root is {a} `{root}`, and an edit of it gave {}", described(&**node)),
            keeps.to_owned(),
        ),
        _ => (
            format!("the root is {a} `{root}`, and inserting beside it gave {} nodes", given.len()),
            keeps.to_owned(),
        ),
    };
    Report::new("editing a tree", problem).help(help).tree()
}

/// The error where a root that may be any node became none, or several.
fn root_count(count: usize) -> Error {
    let (problem, help) = match count {
        0 => ("the root is one node and cannot be removed".to_owned(), "put another node in its place"),
        _ => (
            format!("the root is one node, and inserting beside it gave {count} nodes"),
            "put a node that holds both in its place",
        ),
    };
    Report::new("editing a tree", problem).help(help).tree()
}
