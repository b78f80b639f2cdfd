//! Finding sizes for variables.
//!
//! Each pass goes over the constraints that are left, in the order of the tree. What stands for several axes, and is
//! solved, is put in place first; a constraint with two such variables waits for the next pass. A pass in which
//! something does not match ends the search with all that it found, and so does one that solves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::StructureMismatchError;
use super::spec::{ArraySpec, Dim, MultiDimVar, Named, Place, VarKey, VarName};
use crate::array::DType;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::shape::AxisName;

/// What a variable was found to be.
#[derive(Clone, Debug)]
pub enum Bound {
    /// One size.
    Size(usize),
    /// The sizes of several positional axes.
    Sizes(Vec<usize>),
    /// The sizes of several named axes.
    Axes(Vec<(AxisName, usize)>),
    /// Sizes by place.
    Places(Vec<(usize, usize)>),
}

impl PartialEq for Bound {
    /// The order of named axes does not matter.
    fn eq(&self, other: &Self) -> bool {
        let sorted = |axes: &[(AxisName, usize)]| axes.iter().copied().collect::<BTreeSet<_>>();
        match (self, other) {
            (Bound::Size(a), Bound::Size(b)) => a == b,
            (Bound::Sizes(a), Bound::Sizes(b)) => a == b,
            (Bound::Axes(a), Bound::Axes(b)) => sorted(a) == sorted(b),
            (Bound::Places(a), Bound::Places(b)) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Size(size) => write!(f, "{size}"),
            Bound::Sizes(sizes) => f.write_str(&tuple(sizes.iter().map(ToString::to_string).collect())),
            Bound::Axes(axes) => {
                let axes: Vec<_> = axes.iter().map(|(axis, size)| format!("'{axis}': {size}")).collect();
                write!(f, "{{{}}}", axes.join(", "))
            }
            Bound::Places(places) => {
                let places: Vec<_> = places.iter().map(|(place, size)| format!("{place}: {size}")).collect();
                write!(f, "{{{}}}", places.join(", "))
            }
        }
    }
}

/// The sizes of the variables of a pattern that matched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchResult(BTreeMap<String, Bound>);

impl MatchResult {
    /// What the variable `name` is.
    pub fn get(&self, name: &str) -> Option<&Bound> {
        self.0.get(name)
    }

    /// Every variable, by its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bound)> {
        self.0.iter().map(|(name, bound)| (name.as_str(), bound))
    }

    /// The size of the variable `name`.
    ///
    /// # Errors
    /// No such variable, or one of another kind.
    pub fn size(&self, name: &str) -> Result<usize> {
        match self.get(name) {
            Some(Bound::Size(size)) => Ok(*size),
            other => Err(self.no("one size", name, other)),
        }
    }

    /// The sizes of the positional axes that `name` stands for.
    ///
    /// # Errors
    /// As [`size`](Self::size).
    pub fn sizes(&self, name: &str) -> Result<&[usize]> {
        match self.get(name) {
            Some(Bound::Sizes(sizes)) => Ok(sizes),
            other => Err(self.no("the sizes of positional axes", name, other)),
        }
    }

    /// The named axes that `name` stands for.
    ///
    /// # Errors
    /// As [`size`](Self::size).
    pub fn axes(&self, name: &str) -> Result<&[(AxisName, usize)]> {
        match self.get(name) {
            Some(Bound::Axes(axes)) => Ok(axes),
            other => Err(self.no("the sizes of named axes", name, other)),
        }
    }

    fn no(&self, wanted: &str, name: &str, found: Option<&Bound>) -> crate::Error {
        let found =
            found.map_or_else(|| "there is no such variable".to_owned(), |bound| format!("it is {bound}"));
        let known: Vec<_> = self.0.keys().map(|name| format!("`{name}`")).collect();
        let problem = format!("the variable `{name}` was asked for as {wanted}, and {found}");
        Report::new("MatchResult", problem).help(format!("the variables are: {}", known.join(", "))).shape()
    }
}

impl<N: Into<String>> FromIterator<(N, Bound)> for MatchResult {
    fn from_iter<I: IntoIterator<Item = (N, Bound)>>(bounds: I) -> Self {
        MatchResult(bounds.into_iter().map(|(name, bound)| (name.into(), bound)).collect())
    }
}

/// The axes and element type of an array.
pub(super) struct Form {
    pub(super) dtype: DType,
    pub(super) shape: Vec<usize>,
    pub(super) named: Vec<(AxisName, usize)>,
}

/// An array and what it has to match.
pub(super) struct Constraint {
    pub(super) path: KeyPath,
    pub(super) spec: ArraySpec,
    pub(super) form: Form,
}

/// A pattern in which solved variables are in place, each with where it was solved.
type Sourced = (Dim, Option<String>);

enum Shape {
    Positional { value: Vec<usize>, pattern: Vec<Place> },
    Named { value: Vec<(AxisName, usize)>, pattern: Vec<Named> },
}

struct Solution {
    source: String,
    value: Bound,
}

type Solutions = BTreeMap<VarName, Solution>;

pub(super) fn solve(
    constraints: Vec<Constraint>,
    mut failures: Vec<(KeyPath, String)>,
    known: &MatchResult,
    prefix: &str,
) -> Result<MatchResult, StructureMismatchError> {
    let source = "the known variable assignments (argument `known_vars` to check_structure)";
    let mut solutions: Solutions = known
        .iter()
        .map(|(name, bound)| (whole(name), Solution { source: source.into(), value: bound.clone() }))
        .collect();
    let mut open: Vec<(KeyPath, Shape)> = Vec::new();
    for Constraint { path, spec, form } in constraints {
        open.push((path.clone(), Shape::Positional { value: form.shape, pattern: spec.shape }));
        open.push((path, Shape::Named { value: form.named, pattern: spec.named }));
    }
    while !open.is_empty() || !failures.is_empty() {
        let before = open.len();
        let mut waiting = Vec::new();
        for (path, shape) in open {
            match judge(&path, &shape, &mut solutions) {
                Verdict::Matches => {}
                Verdict::Fails(text) => failures.push((path, text)),
                Verdict::Waits => waiting.push((path, shape)),
            }
        }
        if !failures.is_empty() {
            let note = "There may also be additional mismatches due to remaining unsolved constraints.";
            return Err(StructureMismatchError {
                summary: format!("{prefix}Mismatch while checking structures:"),
                failures,
                note: (!waiting.is_empty()).then(|| note.into()),
            });
        }
        if waiting.len() == before {
            return Err(stuck(&waiting, prefix));
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

fn judge(path: &KeyPath, shape: &Shape, solutions: &mut Solutions) -> Verdict {
    let found = match shape {
        Shape::Positional { value, pattern } => {
            let (pattern, inlined) = inline_places(pattern, solutions);
            if pattern.iter().filter(|place| matches!(place, Step::Rest(_))).count() > 1 {
                return Verdict::Waits;
            }
            positional(path, value, &pattern, solutions).map(|text| text + &inlined)
        }
        Shape::Named { value, pattern } => match inline_named(pattern, solutions) {
            Err(text) => Some(text),
            Ok((_, _, rests)) if rests.len() > 1 => return Verdict::Waits,
            Ok((axes, inlined, rests)) => {
                named(path, value, &axes, rests.first(), solutions).map(|text| text + &inlined)
            }
        },
    };
    found.map_or(Verdict::Matches, Verdict::Fails)
}

/// A positional axis of a pattern with solved variables in place.
enum Step {
    One(Sourced),
    Rest(MultiDimVar),
}

fn inline_places(pattern: &[Place], solutions: &Solutions) -> (Vec<Step>, String) {
    let (mut steps, mut text) = (Vec::new(), String::new());
    for place in pattern {
        match place {
            Place::One(dim) => steps.push(Step::One((dim.clone(), None))),
            Place::Rest(rest) => match solutions.get(&whole(&rest.0)) {
                Some(Solution { source, value: value @ Bound::Sizes(sizes) }) => {
                    for (index, size) in sizes.iter().enumerate() {
                        let name = VarName { name: rest.0.clone(), key: Some(VarKey::Index(index)) };
                        steps.push(Step::One((Dim::Known(name, *size), Some(source.clone()))));
                    }
                    text += &format!("\n  After inlining var('{}') = {value} from {source}", rest.0);
                }
                _ => steps.push(Step::Rest(rest.clone())),
            },
        }
    }
    (steps, text)
}

type Axes = (Vec<(AxisName, Sourced)>, String, Vec<MultiDimVar>);

fn inline_named(pattern: &[Named], solutions: &Solutions) -> Result<Axes, String> {
    let (mut axes, mut rests, mut text) = (Vec::<(AxisName, Sourced)>::new(), Vec::new(), String::new());
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
                     from {source}: name {axis} is already present in the shape {}.{text}",
                    rest.0,
                    named_text(pattern)
                ));
            }
            let name = VarName { name: rest.0.clone(), key: Some(VarKey::Axis(*axis)) };
            axes.push((*axis, (Dim::Known(name, *size), Some(source.clone()))));
        }
        text += &format!("\n  After inlining var('{}') = {value} from {source}", rest.0);
    }
    Ok((axes, text, rests))
}

fn positional(
    path: &KeyPath,
    value: &[usize],
    pattern: &[Step],
    solutions: &mut Solutions,
) -> Option<String> {
    let shown_value = Bound::Sizes(value.to_vec());
    let shown = || {
        let places: Vec<_> = pattern
            .iter()
            .map(|step| match step {
                Step::One((dim, _)) => Place::One(dim.clone()),
                Step::Rest(rest) => Place::Rest(rest.clone()),
            })
            .collect();
        positional_text(&places)
    };
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
        let found = bind(path, whole(&rest.0), middle, solutions);
        wrong.extend(found.map(|text| format!("  Unpack pattern *var('{}'): {text}", rest.0)));
    }
    let mut place = 0;
    for step in pattern {
        match step {
            Step::Rest(_) => place += many,
            Step::One(dim) => {
                wrong.extend(
                    one(path, dim, value[place], solutions).map(|text| format!("  Dim {place}: {text}")),
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
    path: &KeyPath,
    value: &[(AxisName, usize)],
    axes: &[(AxisName, Sourced)],
    rest: Option<&MultiDimVar>,
    solutions: &mut Solutions,
) -> Option<String> {
    let mut wrong = Vec::new();
    for (axis, dim) in axes {
        match value.iter().find(|(name, _)| name == axis) {
            Some((_, size)) => {
                wrong.extend(one(path, dim, *size, solutions).map(|text| format!("  Axis '{axis}': {text}")));
            }
            None => wrong.push(format!("  Axis '{axis}': Expected to be present but was missing")),
        }
    }
    let left: Vec<_> =
        value.iter().filter(|(name, _)| axes.iter().all(|(axis, _)| axis != name)).copied().collect();
    if let Some(rest) = rest {
        let found = bind(path, whole(&rest.0), Bound::Axes(left), solutions);
        wrong.extend(found.map(|text| format!("  Unpack pattern **var('{}'): {text}", rest.0)));
    } else if !left.is_empty() {
        let mut names: Vec<_> = left.iter().map(|(name, _)| format!("'{name}'")).collect();
        names.sort();
        wrong.push(format!("  Unexpected names in value's named shape: [{}]", names.join(", ")));
    }
    (!wrong.is_empty()).then(|| {
        let pattern: Vec<_> = axes.iter().map(|(axis, (dim, _))| Named::One(*axis, dim.clone())).collect();
        let pattern: Vec<_> = pattern.into_iter().chain(rest.map(|rest| Named::Rest(rest.clone()))).collect();
        format!(
            "Named shape mismatch between value {} and pattern {}:\n{}",
            Bound::Axes(value.to_vec()),
            named_text(&pattern),
            wrong.join("\n")
        )
    })
}

/// Why a size does not match.
fn one(path: &KeyPath, (dim, from): &Sourced, size: usize, solutions: &mut Solutions) -> Option<String> {
    match dim {
        Dim::Size(wanted) => {
            (size != *wanted).then(|| format!("Actual size {size} does not match expected {dim}"))
        }
        Dim::Var(name) => bind(path, name.clone(), Bound::Size(size), solutions),
        Dim::Known(name, wanted) => {
            let found = bind(path, name.clone(), Bound::Size(*wanted), solutions);
            found.map(|text| text.replacen(&format!("for {name} "), &format!("for {dim} "), 1)).or_else(
                || {
                    (size != *wanted).then(|| match from {
                        Some(source) => format!(
                            "Size {size} does not match previous size {wanted} for {dim} from {source}"
                        ),
                        None => format!("Actual size {size} does not match expected {dim}"),
                    })
                },
            )
        }
    }
}

/// Solves a variable, or says why what it was solved as before is something else.
fn bind(path: &KeyPath, name: VarName, value: Bound, solutions: &mut Solutions) -> Option<String> {
    match solutions.get(&name) {
        Some(known) if known.value != value => Some(format!(
            "Size {value} does not match previous size {} for {name} from {}",
            known.value, known.source
        )),
        Some(_) => None,
        None => {
            solutions.insert(name, Solution { source: format!("root{path}"), value });
            None
        }
    }
}

fn tuple(items: Vec<String>) -> String {
    if items.len() == 1 { format!("({},)", items[0]) } else { format!("({})", items.join(", ")) }
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

fn stuck(open: &[(KeyPath, Shape)], prefix: &str) -> StructureMismatchError {
    let mut variables: BTreeSet<VarName> = BTreeSet::new();
    let mut lines = String::new();
    let mut add = |dim: &Dim| {
        if let Dim::Var(name) | Dim::Known(name, _) = dim {
            variables.insert(name.clone());
        }
    };
    let mut rests = Vec::new();
    for (path, shape) in open {
        let (value, pattern) = match shape {
            Shape::Positional { value, pattern } => {
                for place in pattern {
                    match place {
                        Place::One(dim) => add(dim),
                        Place::Rest(rest) => rests.push(whole(&rest.0)),
                    }
                }
                (Bound::Sizes(value.clone()), positional_text(pattern))
            }
            Shape::Named { value, pattern } => {
                for axis in pattern {
                    match axis {
                        Named::One(_, dim) => add(dim),
                        Named::Rest(rest) => rests.push(whole(&rest.0)),
                    }
                }
                (Bound::Axes(value.clone()), named_text(pattern))
            }
        };
        lines += &format!("\n  {value} == {pattern} from root{path}");
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
fn gather(solutions: Solutions, prefix: &str) -> Result<MatchResult, StructureMismatchError> {
    let mut found = MatchResult::default();
    let mut conflicts = Vec::new();
    for (name, solution) in &solutions {
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
                    all.source,
                    solution.source
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
