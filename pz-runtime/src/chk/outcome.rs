//! What a search for sizes comes to: the sizes, or the error that says why there are none.

use std::collections::{BTreeMap, BTreeSet};

use super::StructureMismatchError;
use super::found::{Bound, MatchResult};
use super::solve::{Shape, Solutions, Ways, as_named, as_places, inline_named, inline_places, whole};
use super::spec::{Dim, Named, Place, VarKey, VarName};
use super::text::{named_text, positional_text};
use crate::path::KeyPath;
use crate::tree::{TOLD_STEPS, path_to};

/// The error that tells what does not match. `waits`: whether something could not be judged.
pub(super) fn mismatch(
    failures: Vec<(usize, String)>,
    waits: bool,
    prefix: &str,
    ways: &Ways,
) -> StructureMismatchError {
    let (failures, left) = told(failures, ways);
    let mut notes = Vec::new();
    if left > 0 {
        notes.push(format!("{left} more mismatches are deeper in the tree than can be told."));
    }
    if waits {
        notes.push("There may also be additional mismatches due to remaining unsolved constraints.".into());
    }
    StructureMismatchError {
        summary: format!("{prefix}Mismatch while checking structures:"),
        failures,
        note: (!notes.is_empty()).then(|| notes.join("\n")),
    }
}

/// The mismatches with their paths, as far as these are not too long, and how many are left out.
fn told(failures: Vec<(usize, String)>, ways: &Ways) -> (Vec<(KeyPath, String)>, usize) {
    let (mut told, mut steps, count) = (Vec::new(), 0, failures.len());
    for (step, text) in failures {
        if steps > TOLD_STEPS {
            break;
        }
        let path = path_to(ways, step);
        steps += path.len();
        told.push((path, text));
    }
    let left = count - told.len();
    (told, left)
}

/// The error where nothing more can be solved: the constraints that are left, with what is solved in place.
pub(super) fn stuck<'s>(
    open: impl Iterator<Item = &'s (usize, Shape)>,
    prefix: &str,
    solutions: &Solutions<'_>,
) -> StructureMismatchError {
    let mut variables: BTreeSet<VarName> = BTreeSet::new();
    let mut lines = String::new();
    let mut add = |dim: &Dim| {
        if let Dim::Var(name) = dim {
            variables.insert(name.clone());
        }
    };
    let (mut rests, mut steps, mut left) = (Vec::new(), 0, 0);
    for (at, shape) in open {
        let (value, pattern) = match shape {
            Shape::Positional { value, pattern } => {
                let pattern = as_places(&inline_places(pattern, solutions).0);
                for place in &pattern {
                    match place {
                        Place::One(dim) => add(dim),
                        Place::Rest(rest) => rests.push(whole(&rest.0)),
                    }
                }
                (Bound::Sizes(value.clone()), positional_text(&pattern))
            }
            Shape::Named { value, pattern } => {
                let inlined = inline_named(pattern, solutions);
                let pattern = inlined.map_or_else(|_| pattern.clone(), |(axes, _)| as_named(&axes));
                for axis in &pattern {
                    match axis {
                        Named::One(_, dim) => add(dim),
                        Named::Rest(rest) => rests.push(whole(&rest.0)),
                    }
                }
                (Bound::Axes(value.clone()), named_text(&pattern))
            }
        };
        if steps > TOLD_STEPS {
            left += 1;
            continue;
        }
        let path = path_to(solutions.ways, *at);
        steps += path.len();
        lines += &format!("\n  {value} == {pattern} from root{path}");
    }
    if left > 0 {
        lines += &format!("\n  and {left} more, deeper in the tree than can be told");
    }
    variables.extend(rests);
    let variables: Vec<_> = variables.iter().map(ToString::to_string).collect();
    StructureMismatchError {
        summary: format!(
            "{prefix}Could not solve for all variable constraints. This usually means the variable assignment is \
             ambiguous because multiple unpack patterns (*var(...) or **var(...)) appeared in the same positional or \
             named shape.\nUnsolvable variables: {}\nUnsolvable constraints:{lines}",
            variables.join(", ")
        ),
        failures: Vec::new(),
        note: None,
    }
}

/// The solutions by name: variables that belong together become one.
pub(super) fn gather(solutions: Solutions<'_>, prefix: &str) -> Result<MatchResult, StructureMismatchError> {
    let mut found = MatchResult::default();
    let mut keyed: BTreeMap<&str, Vec<(VarKey, usize)>> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (name, solution) in &solutions.found {
        let (Bound::Size(size), Some(key)) = (&solution.value, &name.key) else {
            found.0.insert(name.name.clone(), solution.value.clone());
            continue;
        };
        if let Some(all) = solutions.get(&whole(&name.name)) {
            let known = match (&all.value, key) {
                (Bound::Sizes(sizes), VarKey::Index(index)) => sizes.get(*index).copied(),
                (Bound::Axes(axes), VarKey::Axis(axis)) => {
                    axes.iter().find(|(known, _)| known == axis).map(|(_, size)| *size)
                }
                (Bound::Places(places), VarKey::Index(index)) => {
                    places.iter().find(|(known, _)| known == index).map(|(_, size)| *size)
                }
                (Bound::Keys(keys), key) => {
                    keys.iter().find(|(known, _)| known == key).map(|(_, size)| *size)
                }
                _ => None,
            };
            if known != Some(*size) {
                conflicts.push(format!(
                    "  {}: Solved as {} from {} but separately solved {name} as {size} from {}",
                    whole(&name.name),
                    all.value,
                    solutions.text(all.source),
                    solutions.text(solution.source)
                ));
            }
            continue;
        }
        keyed.entry(&name.name).or_default().push((key.clone(), *size));
    }
    found.0.extend(keyed.into_iter().map(|(name, sizes)| (name.to_owned(), Bound::of_keys(sizes))));
    if conflicts.is_empty() {
        return Ok(found);
    }
    Err(StructureMismatchError {
        summary: format!(
            "{prefix}Unexpected conflicts between variable assignments:\n{}",
            conflicts.join("\n")
        ),
        failures: Vec::new(),
        note: None,
    })
}
