//! The arrays of a tree, taken out in order and put back.
//!
//! Control flow works on lists of arrays; users carry trees through it. What is compared between one step and the
//! next is the structure of the tree and, leaf by leaf, axes and dtype: everything that differs is one report.

use super::NamedArray;
use super::derivative::Form;
use super::hidden::{self, SizedAxes};
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::shape::AxisName;
use crate::tree::{PyTree, Walk, same_structure, select, visit};

/// The arrays of a tree with their paths.
pub(super) fn leaves<T: PyTree>(op: &str, tree: &T) -> Result<Vec<(KeyPath, NamedArray)>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    visit(tree, |path, node| {
        match node.downcast_ref::<NamedArray>() {
            Some(array) => found.push((path.clone(), array.clone())),
            None if node.is_leaf() => {
                problems.push(format!(
                    "{}is a `{}`, and has to be an array",
                    place(path),
                    node.info().type_name
                ));
            }
            None => {}
        }
        Walk::Enter
    });
    match Report::of(op, problems) {
        Some(report) => Err(report.help("make it an array: `NamedArray::scalar(…)`").tree()),
        None => Ok(found),
    }
}

/// `` `.hidden` `` and a space; for a tree that is one array, that it is the leaf.
pub(super) fn place(path: &KeyPath) -> String {
    if path.is_empty() { "the leaf ".into() } else { format!("`{path}` ") }
}

/// The tree with other arrays in the places of its own.
pub(super) fn filled<T: PyTree>(tree: &T, arrays: Vec<NamedArray>) -> Result<T> {
    let mut arrays = arrays.into_iter();
    select(tree)
        .at_instances_of::<NamedArray>()
        .allow_empty()
        .apply(|old| arrays.next().unwrap_or_else(|| old.clone()))
}

/// Trees of one structure, their arrays repeated along those hidden axes that another's array in the same place has.
/// `run` is given the number of a tree, and what repeats its arrays.
pub(super) fn widened<T: PyTree>(
    op: &str,
    trees: &[T],
    run: impl Fn(usize, &mut dyn FnMut() -> Result<T>) -> Result<T>,
) -> Result<Vec<T>> {
    let all = trees.iter().map(|tree| leaves(op, tree)).collect::<Result<Vec<_>>>()?;
    let hidden = |place: usize| {
        let mut axes = SizedAxes::new();
        let there = all.iter().filter_map(|leaves| leaves.get(place));
        there.for_each(|(_, array)| hidden::extend(&mut axes, array.hidden_axes()));
        axes
    };
    let repeated = trees.iter().zip(&all).enumerate().map(|(number, (tree, leaves))| {
        run(number, &mut || {
            let wide = leaves.iter().enumerate().map(|(place, (_, array))| array.widened(&hidden(place)));
            filled(tree, wide.collect::<Result<_>>()?)
        })
    });
    repeated.collect()
}

/// Repeats what a loop carries at first along the hidden axes that it has when it is carried on, and along `others`.
/// Whether that changed any of it, so that the step has to be traced once more.
pub(super) fn repeated<T: PyTree>(
    op: &str,
    first: &mut [(KeyPath, NamedArray)],
    after: &T,
    others: &[(AxisName, usize)],
) -> Result<bool> {
    let after = leaves(op, after)?;
    hidden::refuse_leaked(op, "what the step carries on", &after)?;
    let mut is_changed = false;
    for ((_, first), (_, after)) in first.iter_mut().zip(&after) {
        let before = first.roles.len();
        *first = first.widened(&after.hidden_axes())?.widened(others)?;
        is_changed |= first.roles.len() > before;
    }
    Ok(is_changed)
}

/// The arrays of a tree in the forms of another tree's, along whose hidden axes they are repeated: `was` and `is` say
/// what the two are.
pub(super) fn like<T: PyTree>(
    op: &str,
    (wanted, was): (&T, &str),
    (given, is): (&T, &str),
) -> Result<Vec<NamedArray>> {
    if !same_structure(wanted, given) {
        let problem = format!("{is} and {was} differ in structure, and have to be the same tree");
        return Err(Report::new(op, problem).tree());
    }
    let (mut fitting, mut problems) = (Vec::new(), Vec::new());
    for ((path, wanted), (_, given)) in leaves(op, wanted)?.into_iter().zip(leaves(op, given)?) {
        match Form::of(&wanted).fit(&given) {
            Some(array) => fitting.push(array?),
            None => problems.push(format!(
                "{}of {was} is {}, and of {is} {}",
                place(&path),
                wanted.summary_text(),
                given.summary_text()
            )),
        }
    }
    match Report::of(op, problems) {
        Some(report) => Err(report.help("both have to have the same axes and the same dtype").shape()),
        None => Ok(fitting),
    }
}
