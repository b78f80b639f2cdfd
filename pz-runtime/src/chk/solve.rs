//! Finding sizes for variables.
//!
//! Each pass goes over the constraints that are left, in the order of the tree. What stands for several axes, and is
//! solved, is put in place first; a constraint with two such variables waits for the next pass. A pass in which
//! something does not match ends the search with all that it found, and so does one that solves nothing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::StructureMismatchError;
use super::found::{Bound, MatchResult, tuple};
use super::spec::{ArraySpec, DTypeSpec, Dim, MultiDimVar, Named, Place, VarKey, VarName};
use crate::error::Result;
use crate::path::{KeyPath, PathKey};
use crate::shape::AxisName;
use crate::tree::{TOLD_STEPS, path_to};

/// The axes and element type of an array.
pub(super) struct Form {
    pub(super) dtype: DTypeSpec,
    pub(super) shape: Vec<usize>,
    pub(super) named: Vec<(AxisName, usize)>,
}

/// The ways to the nodes: each a step after another one. A path is built only where it is told.
pub(super) type Ways = [(usize, Option<PathKey>)];

/// An array and what it has to match.
pub(super) struct Constraint {
    /// Its place: a step of the ways.
    pub(super) at: usize,
    pub(super) spec: ArraySpec,
    pub(super) form: Form,
}

/// A pattern in which solved variables are in place, each with where it was solved.
type Sourced = (Dim, Option<Source>);

enum Shape {
    Positional { value: Vec<usize>, pattern: Vec<Place> },
    Named { value: Vec<(AxisName, usize)>, pattern: Vec<Named> },
}

struct Solution {
    source: Source,
    value: Bound,
}

/// Where a variable was solved: at a step of the ways, or before.
#[derive(Clone, Copy)]
enum Source {
    Known,
    At(usize),
}

struct Solutions<'w> {
    found: BTreeMap<VarName, Solution>,
    ways: &'w Ways,
    /// How many steps the paths have together that texts name as sources.
    told: Cell<usize>,
}

impl Solutions<'_> {
    fn get(&self, name: &VarName) -> Option<&Solution> {
        self.found.get(name)
    }

    fn text(&self, source: Source) -> String {
        match source {
            Source::Known => {
                "the known variable assignments (argument `known_vars` to check_structure)".into()
            }
            Source::At(_) if self.told.get() > TOLD_STEPS => "a place deeper than can be told".into(),
            Source::At(step) => {
                let path = path_to(self.ways, step);
                self.told.update(|told| told + path.len());
                format!("root{path}")
            }
        }
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

pub(super) fn solve(
    constraints: Vec<Constraint>,
    mut failures: Vec<(usize, String)>,
    known: &MatchResult,
    prefix: &str,
    ways: &Ways,
) -> Result<MatchResult, StructureMismatchError> {
    let found = known
        .iter()
        .map(|(name, bound)| (whole(name), Solution { source: Source::Known, value: bound.clone() }))
        .collect();
    let mut solutions = Solutions { found, ways, told: Cell::new(0) };
    let mut open: Vec<(usize, Shape)> = Vec::new();
    for Constraint { at, spec, form } in constraints {
        open.push((at, Shape::Positional { value: form.shape, pattern: spec.shape }));
        open.push((at, Shape::Named { value: form.named, pattern: spec.named }));
    }
    while !open.is_empty() || !failures.is_empty() {
        let before = open.len();
        let mut waiting = Vec::new();
        for (at, shape) in open {
            match judge(at, &shape, &mut solutions) {
                Verdict::Matches => {}
                Verdict::Fails(text) => failures.push((at, text)),
                Verdict::Waits => waiting.push((at, shape)),
            }
        }
        if !failures.is_empty() {
            let (failures, left) = told(failures, ways);
            let mut notes = Vec::new();
            if left > 0 {
                notes.push(format!("{left} more mismatches are deeper in the tree than can be told."));
            }
            if !waiting.is_empty() {
                notes.push(
                    "There may also be additional mismatches due to remaining unsolved constraints.".into(),
                );
            }
            return Err(StructureMismatchError {
                summary: format!("{prefix}Mismatch while checking structures:"),
                failures,
                note: (!notes.is_empty()).then(|| notes.join("\n")),
            });
        }
        if waiting.len() == before {
            return Err(stuck(&waiting, prefix, &solutions));
        }
        open = waiting;
    }
    gather(solutions, prefix)
}

fn whole(name: &str) -> VarName {
    VarName { name: name.into(), key: None }
}

enum Verdict {
    Matches,
    Fails(String),
    /// Two variables for several axes are not solved.
    Waits,
}

fn judge(at: usize, shape: &Shape, solutions: &mut Solutions<'_>) -> Verdict {
    let found = match shape {
        Shape::Positional { value, pattern } => {
            let (pattern, inlined) = inline_places(pattern, solutions);
            if pattern.iter().filter(|place| matches!(place, Step::Rest(_))).count() > 1 {
                return Verdict::Waits;
            }
            positional(at, value, &pattern, solutions).map(|text| text + &inlined_text(&inlined, solutions))
        }
        Shape::Named { value, pattern } => match inline_named(pattern, solutions) {
            Err(text) => Some(text),
            Ok((_, _, rests)) if rests.len() > 1 => return Verdict::Waits,
            Ok((axes, inlined, rests)) => named(at, value, &axes, rests.first(), solutions)
                .map(|text| text + &inlined_text(&inlined, solutions)),
        },
    };
    found.map_or(Verdict::Matches, Verdict::Fails)
}

/// A positional axis of a pattern with solved variables in place.
enum Step {
    One(Sourced),
    Rest(MultiDimVar),
}

/// A solved variable that was put in place, what it is, and where it was solved.
type Inlined = (String, Bound, Source);

/// What a message says of variables that were put in place.
fn inlined_text(inlined: &[Inlined], solutions: &Solutions<'_>) -> String {
    let line = |(name, value, source): &Inlined| {
        format!("\n  After inlining var('{name}') = {value} from {}", solutions.text(*source))
    };
    inlined.iter().map(line).collect()
}

fn inline_places(pattern: &[Place], solutions: &Solutions<'_>) -> (Vec<Step>, Vec<Inlined>) {
    let (mut steps, mut inlined) = (Vec::new(), Vec::new());
    for place in pattern {
        match place {
            Place::One(dim) => steps.push(Step::One((dim.clone(), None))),
            Place::Rest(rest) => match solutions.get(&whole(&rest.0)) {
                Some(Solution { source, value: value @ Bound::Sizes(sizes) }) => {
                    for (index, size) in sizes.iter().enumerate() {
                        let name = VarName { name: rest.0.clone(), key: Some(VarKey::Index(index)) };
                        steps.push(Step::One((Dim::Known(name, *size), Some(*source))));
                    }
                    inlined.push((rest.0.clone(), value.clone(), *source));
                }
                _ => steps.push(Step::Rest(rest.clone())),
            },
        }
    }
    (steps, inlined)
}

/// A pattern without where its solved variables were solved.
fn as_places(pattern: &[Step]) -> Vec<Place> {
    let place = |step: &Step| match step {
        Step::One((dim, _)) => Place::One(dim.clone()),
        Step::Rest(rest) => Place::Rest(rest.clone()),
    };
    pattern.iter().map(place).collect()
}

fn as_named(axes: &[(AxisName, Sourced)], rests: &[MultiDimVar]) -> Vec<Named> {
    let axes = axes.iter().map(|(axis, (dim, _))| Named::One(*axis, dim.clone()));
    axes.chain(rests.iter().cloned().map(Named::Rest)).collect()
}

type Axes = (Vec<(AxisName, Sourced)>, Vec<Inlined>, Vec<MultiDimVar>);

fn inline_named(pattern: &[Named], solutions: &Solutions<'_>) -> Result<Axes, String> {
    let (mut axes, mut rests, mut inlined) = (Vec::<(AxisName, Sourced)>::new(), Vec::new(), Vec::new());
    let mut solved = Vec::new();
    for axis in pattern {
        match axis {
            Named::One(name, dim) => axes.push((*name, (dim.clone(), None))),
            Named::Rest(rest) => match solutions.get(&whole(&rest.0)) {
                Some(Solution { source, value: value @ Bound::Axes(sizes) }) => {
                    solved.push((rest, source, value, sizes));
                }
                _ => rests.push(rest.clone()),
            },
        }
    }
    for (rest, source, value, sizes) in solved {
        for (axis, size) in sizes {
            if axes.iter().any(|(known, _)| known == axis) {
                return Err(format!(
                    "Key conflict while substituting unpacked variable var('{}') for known named sub-shape {value} \
                     from {}: name {axis} is already present in the shape {}.{}",
                    rest.0,
                    solutions.text(*source),
                    named_text(pattern),
                    inlined_text(&inlined, solutions)
                ));
            }
            let name = VarName { name: rest.0.clone(), key: Some(VarKey::Axis(*axis)) };
            axes.push((*axis, (Dim::Known(name, *size), Some(*source))));
        }
        inlined.push((rest.0.clone(), value.clone(), *source));
    }
    Ok((axes, inlined, rests))
}

fn positional(
    here: usize,
    value: &[usize],
    pattern: &[Step],
    solutions: &mut Solutions<'_>,
) -> Option<String> {
    let shown_value = Bound::Sizes(value.to_vec());
    let shown = || positional_text(&as_places(pattern));
    let mut wrong = Vec::new();
    let rest = pattern.iter().position(|step| matches!(step, Step::Rest(_)));
    let fixed = pattern.len() - usize::from(rest.is_some());
    if rest.is_none() && value.len() != fixed {
        return Some(format!("Positional shape {shown_value} had different length than pattern {}", shown()));
    }
    if value.len() < fixed {
        return Some(format!("Positional shape {shown_value} was shorter than wildcard pattern {}", shown()));
    }
    let many = value.len() - fixed;
    if let Some(at) = rest
        && let Step::Rest(rest) = &pattern[at]
    {
        let middle = Bound::Sizes(value[at..at + many].to_vec());
        let found = bind(here, whole(&rest.0), middle, solutions);
        wrong.extend(found.map(|text| format!("  Unpack pattern *var('{}'): {text}", rest.0)));
    }
    let mut place = 0;
    for step in pattern {
        match step {
            Step::Rest(_) => place += many,
            Step::One(dim) => {
                wrong.extend(
                    one(here, dim, value[place], solutions).map(|text| format!("  Dim {place}: {text}")),
                );
                place += 1;
            }
        }
    }
    (!wrong.is_empty()).then(|| {
        format!(
            "Positional shape mismatch between value {shown_value} and pattern {}:\n{}",
            shown(),
            wrong.join("\n")
        )
    })
}

fn named(
    here: usize,
    value: &[(AxisName, usize)],
    axes: &[(AxisName, Sourced)],
    rest: Option<&MultiDimVar>,
    solutions: &mut Solutions<'_>,
) -> Option<String> {
    let mut wrong = Vec::new();
    for (axis, dim) in axes {
        match value.iter().find(|(name, _)| name == axis) {
            Some((_, size)) => {
                wrong.extend(one(here, dim, *size, solutions).map(|text| format!("  Axis '{axis}': {text}")));
            }
            None => wrong.push(format!("  Axis '{axis}': Expected to be present but was missing")),
        }
    }
    let left: Vec<_> =
        value.iter().filter(|(name, _)| axes.iter().all(|(axis, _)| axis != name)).copied().collect();
    if let Some(rest) = rest {
        let found = bind(here, whole(&rest.0), Bound::Axes(left), solutions);
        wrong.extend(found.map(|text| format!("  Unpack pattern **var('{}'): {text}", rest.0)));
    } else if !left.is_empty() {
        let mut names: Vec<_> = left.iter().map(|(name, _)| format!("'{name}'")).collect();
        names.sort();
        wrong.push(format!("  Unexpected names in value's named shape: [{}]", names.join(", ")));
    }
    (!wrong.is_empty()).then(|| {
        let pattern = as_named(axes, rest.map(std::slice::from_ref).unwrap_or_default());
        format!(
            "Named shape mismatch between value {} and pattern {}:\n{}",
            Bound::Axes(value.to_vec()),
            named_text(&pattern),
            wrong.join("\n")
        )
    })
}

/// Why a size does not match.
fn one(here: usize, (dim, from): &Sourced, size: usize, solutions: &mut Solutions<'_>) -> Option<String> {
    match dim {
        Dim::Size(wanted) => {
            (size != *wanted).then(|| format!("Actual size {size} does not match expected {dim}"))
        }
        Dim::Var(name) => bind(here, name.clone(), Bound::Size(size), solutions),
        Dim::Known(name, wanted) => {
            let found = bind(here, name.clone(), Bound::Size(*wanted), solutions);
            found.map(|text| text.replacen(&format!("for {name} "), &format!("for {dim} "), 1)).or_else(
                || {
                    (size != *wanted).then(|| match from {
                        Some(source) => format!(
                            "Size {size} does not match previous size {wanted} for {dim} from {}",
                            solutions.text(*source)
                        ),
                        None => format!("Actual size {size} does not match expected {dim}"),
                    })
                },
            )
        }
    }
}

/// Solves a variable, or says why what it was solved as before is something else.
fn bind(here: usize, name: VarName, value: Bound, solutions: &mut Solutions<'_>) -> Option<String> {
    match solutions.get(&name) {
        Some(known) if known.value != value => Some(format!(
            "Size {value} does not match previous size {} for {name} from {}",
            known.value,
            solutions.text(known.source)
        )),
        Some(_) => None,
        None => {
            solutions.found.insert(name, Solution { source: Source::At(here), value });
            None
        }
    }
}

pub(super) fn positional_text(pattern: &[Place]) -> String {
    let text = |place: &Place| match place {
        Place::One(dim) => dim.to_string(),
        Place::Rest(rest) => format!("*var('{}')", rest.0),
    };
    tuple(pattern.iter().map(text).collect())
}

pub(super) fn named_text(pattern: &[Named]) -> String {
    let text = |axis: &Named| match axis {
        Named::One(name, dim) => format!("'{name}': {dim}"),
        Named::Rest(rest) => format!("**var('{}')", rest.0),
    };
    format!("{{{}}}", pattern.iter().map(text).collect::<Vec<_>>().join(", "))
}

/// The error where nothing more can be solved: the constraints that are left, with what is solved in place.
fn stuck(open: &[(usize, Shape)], prefix: &str, solutions: &Solutions<'_>) -> StructureMismatchError {
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
                let pattern =
                    inlined.map_or_else(|_| pattern.clone(), |(axes, _, rests)| as_named(&axes, &rests));
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
fn gather(solutions: Solutions<'_>, prefix: &str) -> Result<MatchResult, StructureMismatchError> {
    let mut found = MatchResult::default();
    let mut conflicts = Vec::new();
    for (name, solution) in &solutions.found {
        let Bound::Size(size) = solution.value else {
            found.0.insert(name.name.clone(), solution.value.clone());
            continue;
        };
        let Some(key) = &name.key else {
            found.0.insert(name.name.clone(), solution.value.clone());
            continue;
        };
        if let Some(all) = solutions.get(&whole(&name.name)) {
            let known = match (&all.value, key) {
                (Bound::Sizes(sizes), VarKey::Index(index)) => sizes.get(*index).copied(),
                (Bound::Axes(axes), VarKey::Axis(axis)) => {
                    axes.iter().find(|(known, _)| known == axis).map(|(_, size)| *size)
                }
                _ => None,
            };
            if known != Some(size) {
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
        match (found.0.get_mut(&name.name), key) {
            (Some(Bound::Axes(axes)), VarKey::Axis(axis)) => axes.push((*axis, size)),
            (Some(Bound::Places(places)), VarKey::Index(index)) => places.push((*index, size)),
            (_, VarKey::Axis(axis)) => {
                found.0.insert(name.name.clone(), Bound::Axes(vec![(*axis, size)]));
            }
            (_, VarKey::Index(index)) => {
                found.0.insert(name.name.clone(), Bound::Places(vec![(*index, size)]));
            }
        }
    }
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
