//! Finding sizes for variables.
//!
//! Each pass goes over the constraints that are left, in the order of the tree. What stands for several axes, and is
//! solved, is put in place first; a constraint with two such variables waits for the next pass. A pass in which
//! something does not match ends the search with all that it found, and so does one that solves nothing.
//!
//! A constraint that waits is looked at again only where one of its variables has been solved since: else a chain of them
//! that is solved from its end would take a pass over all of them for each.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::StructureMismatchError;
use super::found::{Bound, MatchResult};
use super::outcome::{gather, mismatch, stuck};
use super::spec::{ArraySpec, DTypeSpec, Dim, MultiDimVar, Named, Place, VarKey, VarName};
use super::text::{named_text, positional_text};
use crate::error::Result;
use crate::path::PathKey;
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
pub(super) type Sourced = (Dim, Option<Source>);

pub(super) enum Shape {
    Positional { value: Vec<usize>, pattern: Vec<Place> },
    Named { value: Vec<(AxisName, usize)>, pattern: Vec<Named> },
}

impl Shape {
    /// The variables for several axes.
    fn rests(&self) -> Vec<&str> {
        match self {
            Shape::Positional { pattern, .. } => pattern
                .iter()
                .filter_map(|place| match place {
                    Place::Rest(rest) => Some(rest.0.as_str()),
                    Place::One(_) => None,
                })
                .collect(),
            Shape::Named { pattern, .. } => pattern
                .iter()
                .filter_map(|axis| match axis {
                    Named::Rest(rest) => Some(rest.0.as_str()),
                    Named::One(..) => None,
                })
                .collect(),
        }
    }
}

pub(super) struct Solution {
    pub(super) source: Source,
    pub(super) value: Bound,
}

/// Where a variable was solved: at a step of the ways, or before.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Known,
    At(usize),
}

pub(super) struct Solutions<'w> {
    pub(super) found: BTreeMap<VarName, Solution>,
    pub(super) ways: &'w Ways,
    /// How many steps the paths have together that texts name as sources.
    told: Cell<usize>,
    /// The variables for several axes that were solved since somebody asked.
    solved: Vec<VarName>,
}

impl Solutions<'_> {
    pub(super) fn get(&self, name: &VarName) -> Option<&Solution> {
        self.found.get(name)
    }

    pub(super) fn text(&self, source: Source) -> String {
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
    let mut solutions = Solutions { found, ways, told: Cell::new(0), solved: Vec::new() };
    let mut all: Vec<(usize, Shape)> = Vec::new();
    for Constraint { at, spec, form } in constraints {
        all.push((at, Shape::Positional { value: form.shape, pattern: spec.shape }));
        all.push((at, Shape::Named { value: form.named, pattern: spec.named }));
    }
    let waiting: Vec<usize> = search(&all, &mut solutions, &mut failures);
    if !failures.is_empty() {
        return Err(mismatch(failures, !waiting.is_empty(), prefix, ways));
    }
    if !waiting.is_empty() {
        return Err(stuck(waiting.into_iter().map(|number| &all[number]), prefix, &solutions));
    }
    gather(solutions, prefix)
}

/// Solves what can be solved, in passes; gives the constraints that are left.
fn search(
    all: &[(usize, Shape)],
    solutions: &mut Solutions<'_>,
    failures: &mut Vec<(usize, String)>,
) -> Vec<usize> {
    // Those to be looked at, by pass and place; those that wait, and for which variables.
    let mut ahead: BTreeSet<(usize, usize)> = (0..all.len()).map(|number| (0, number)).collect();
    let mut waiting = BTreeSet::new();
    let mut waiting_for: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut pass = 0;
    while let Some((of, number)) = ahead.pop_first() {
        if of > pass && !failures.is_empty() {
            break;
        }
        pass = of;
        let (at, shape) = &all[number];
        match judge(*at, shape, solutions) {
            Verdict::Matches => {
                waiting.remove(&number);
            }
            Verdict::Fails(text) => {
                waiting.remove(&number);
                failures.push((*at, text));
            }
            Verdict::Waits => {
                if waiting.insert(number) {
                    for rest in shape.rests() {
                        waiting_for.entry(rest).or_default().push(number);
                    }
                }
            }
        }
        for name in solutions.solved.drain(..) {
            for other in waiting_for.remove(&*name.name).unwrap_or_default() {
                if waiting.contains(&other) {
                    ahead.insert((if other > number { pass } else { pass + 1 }, other));
                }
            }
        }
    }
    waiting.into_iter().collect()
}

pub(super) fn whole(name: &str) -> VarName {
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
            Ok((axes, inlined)) => {
                if axes.iter().filter(|axis| matches!(axis, NamedStep::Rest(_))).count() > 1 {
                    return Verdict::Waits;
                }
                named(at, value, &axes, solutions).map(|text| text + &inlined_text(&inlined, solutions))
            }
        },
    };
    found.map_or(Verdict::Matches, Verdict::Fails)
}

/// A positional axis of a pattern with solved variables in place.
pub(super) enum Step {
    One(Sourced),
    Rest(MultiDimVar),
}

/// A solved variable that was put in place, what it is, and where it was solved.
pub(super) type Inlined = (String, Bound, Source);

/// What a message says of variables that were put in place.
fn inlined_text(inlined: &[Inlined], solutions: &Solutions<'_>) -> String {
    let line = |(name, value, source): &Inlined| {
        format!("\n  After inlining var('{name}') = {value} from {}", solutions.text(*source))
    };
    inlined.iter().map(line).collect()
}

pub(super) fn inline_places(pattern: &[Place], solutions: &Solutions<'_>) -> (Vec<Step>, Vec<Inlined>) {
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
pub(super) fn as_places(pattern: &[Step]) -> Vec<Place> {
    let place = |step: &Step| match step {
        Step::One((dim, _)) => Place::One(dim.clone()),
        Step::Rest(rest) => Place::Rest(rest.clone()),
    };
    pattern.iter().map(place).collect()
}

pub(super) fn as_named(axes: &[NamedStep]) -> Vec<Named> {
    let axis = |axis: &NamedStep| match axis {
        NamedStep::One(axis, (dim, _)) => Named::One(*axis, dim.clone()),
        NamedStep::Rest(rest) => Named::Rest(rest.clone()),
    };
    axes.iter().map(axis).collect()
}

/// A named axis of a pattern with solved variables in place: these are at its end.
pub(super) enum NamedStep {
    One(AxisName, Sourced),
    Rest(MultiDimVar),
}

pub(super) fn inline_named(
    pattern: &[Named],
    solutions: &Solutions<'_>,
) -> Result<(Vec<NamedStep>, Vec<Inlined>), String> {
    let (mut axes, mut inlined, mut solved) = (Vec::new(), Vec::new(), Vec::new());
    let mut known: HashSet<AxisName> = HashSet::new();
    for axis in pattern {
        match axis {
            Named::One(name, dim) => {
                known.insert(*name);
                axes.push(NamedStep::One(*name, (dim.clone(), None)));
            }
            Named::Rest(rest) => match solutions.get(&whole(&rest.0)) {
                Some(Solution { source, value: value @ Bound::Axes(sizes) }) => {
                    solved.push((rest, source, value, sizes));
                }
                _ => axes.push(NamedStep::Rest(rest.clone())),
            },
        }
    }
    for (rest, source, value, sizes) in solved {
        for (axis, size) in sizes {
            if !known.insert(*axis) {
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
            axes.push(NamedStep::One(*axis, (Dim::Known(name, *size), Some(*source))));
        }
        inlined.push((rest.0.clone(), value.clone(), *source));
    }
    Ok((axes, inlined))
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
    pattern: &[NamedStep],
    solutions: &mut Solutions<'_>,
) -> Option<String> {
    let mut wrong = Vec::new();
    let (mut left, mut unknown) = (value.to_vec(), None);
    for step in pattern {
        let (axis, dim) = match step {
            NamedStep::One(axis, dim) => (axis, dim),
            NamedStep::Rest(rest) => {
                unknown = Some(rest);
                continue;
            }
        };
        match value.iter().find(|(name, _)| name == axis) {
            Some((_, size)) => {
                wrong.extend(one(here, dim, *size, solutions).map(|text| format!("  Axis '{axis}': {text}")));
            }
            None => wrong.push(format!("  Axis '{axis}': Expected to be present but was missing")),
        }
        left.retain(|(name, _)| name != axis);
    }
    if let Some(rest) = unknown {
        let found = bind(here, whole(&rest.0), Bound::Axes(left), solutions);
        wrong.extend(found.map(|text| format!("  Unpack pattern **var('{}'): {text}", rest.0)));
    } else if !left.is_empty() {
        let mut names: Vec<_> = left.iter().map(|(name, _)| format!("'{name}'")).collect();
        names.sort();
        wrong.push(format!("  Unexpected names in value's named shape: [{}]", names.join(", ")));
    }
    (!wrong.is_empty()).then(|| {
        format!(
            "Named shape mismatch between value {} and pattern {}:\n{}",
            Bound::Axes(value.to_vec()),
            named_text(&as_named(pattern)),
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
            if !matches!(value, Bound::Size(_)) {
                solutions.solved.push(name.clone());
            }
            solutions.found.insert(name, Solution { source: Source::At(here), value });
            None
        }
    }
}
