//! What `einsum!` and `rearrange!` call: patterns that were checked when the program was compiled, on arrays.
//!
//! What is left to find out is whether the arrays have the axes that the pattern says, and whether sizes fit; every
//! message repeats the pattern.

use smallvec::SmallVec;

use super::hidden::is_hidden;
use super::{NamedArray, Role, Roles, einsum};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// The pattern of an `einsum!`.
#[derive(Debug)]
pub struct EinsumPattern<'a> {
    /// As it was written.
    pub text: &'static str,
    /// The axes of each array.
    pub operands: &'a [PatternNames<'a>],
    /// The axes of the result.
    pub output: PatternNames<'a>,
}

/// The axes of one array.
#[derive(Debug)]
pub struct PatternNames<'a> {
    /// Those that have names in the pattern.
    pub names: &'a [&'static str],
    /// Whether it may have others, and before how many of the names they are.
    pub rest: Option<usize>,
}

/// The pattern of a `rearrange!`.
#[derive(Debug)]
pub struct RearrangePattern<'a> {
    /// As it was written.
    pub text: &'static str,
    /// The axes of the array.
    pub left: &'a [PatternTerm<'a>],
    /// The axes of the result.
    pub right: &'a [PatternTerm<'a>],
}

/// An axis of a pattern.
#[derive(Debug)]
pub enum PatternTerm<'a> {
    /// An axis by name.
    Axis(&'static str),
    /// All that have no name.
    Rest,
    /// An axis that several are one of, and its name.
    Group(Option<&'static str>, &'a [&'static str]),
}

fn failed(op: &str, text: &str, problems: Vec<String>) -> Result<()> {
    match Report::of(op, problems) {
        Some(report) => Err(report.help(format!("the pattern is `{text}`")).shape()),
        None => Ok(()),
    }
}

/// The sums of products that a pattern says.
///
/// # Errors
/// An array has other axes than the pattern says; an axis has two sizes.
#[track_caller]
pub fn by_einsum(pattern: &EinsumPattern<'_>, arrays: &[&NamedArray]) -> Result<NamedArray> {
    let _call = caller::enter("einsum!");
    let mut problems = Vec::new();
    let (mut sizes, mut others) = (Vec::<(AxisName, usize)>::new(), Vec::<AxisName>::new());
    for (number, (array, operand)) in arrays.iter().zip(pattern.operands).enumerate() {
        array.refuse_positional("einsum!")?;
        let missing = operand.names.iter().filter(|name| array.axis_of(**name).is_none());
        problems.extend(
            missing
                .map(|name| format!("array {number} has no axis `{name}`; it has ({})", array.axes_text())),
        );
        for (name, size) in array.named_shape() {
            let is_named = operand.names.contains(&name.as_str());
            if !is_named && operand.rest.is_none() {
                problems.push(format!(
                    "array {number} has an axis `{name}` of size {size} that the pattern has not"
                ));
            } else if !is_named && !others.contains(&name) {
                others.push(name);
            }
            match sizes.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if *known != size => problems.push(format!(
                    "the axis `{name}` has size {size} in array {number}, and {known} in one before it"
                )),
                Some(_) => {}
                None => sizes.push((name, size)),
            }
        }
    }
    let mut output: Vec<AxisName> = pattern.output.names.iter().map(|name| AxisName::new(name)).collect();
    // What one array has without a name may be an axis that another one's part of the pattern names.
    let named =
        |name: &AxisName| pattern.operands.iter().any(|operand| operand.names.contains(&name.as_str()));
    let clashing = others.iter().filter(|name| named(name));
    problems.extend(
        clashing.map(|name| format!("the axis `{name}` is under `..` in one array and named in another")),
    );
    failed("einsum!", pattern.text, problems)?;
    if let Some(at) = pattern.output.rest {
        output.splice(at..at, others);
    }
    einsum(arrays, output)
}

/// An axis of the array while it is taken apart: where it comes from, and what it becomes.
struct Split {
    axis: usize,
    parts: SmallVec<[(AxisName, usize); 4]>,
}

/// The array with its axes split, joined and ordered as a pattern says.
///
/// # Errors
/// The array has other axes than the pattern says; an axis does not divide as the sizes say.
#[track_caller]
pub fn by_rearrange(
    pattern: &RearrangePattern<'_>,
    array: &NamedArray,
    sizes: &[(&'static str, usize)],
) -> Result<NamedArray> {
    let _call = caller::enter("rearrange!");
    array.refuse_positional("rearrange!")?;
    let (splits, rest) = taken_apart(pattern, array, sizes)?;
    // Split: the rest, then the parts of each axis.
    let order: Dims = rest.iter().copied().chain(splits.iter().map(|split| split.axis)).collect();
    let whole = array.permuted(&order)?;
    let mut axes: Vec<(Role, usize)> =
        rest.iter().map(|&axis| (array.roles[axis], array.array.dims()[axis])).collect();
    let parts = splits.iter().flat_map(|split| &split.parts);
    axes.extend(parts.map(|&(name, size)| (Role::Named(name), size)));
    let dims: Dims = axes.iter().map(|(_, size)| *size).collect();
    let parts = whole.array.reshape(&dims)?;
    // Order and join.
    let place = |name: &str| axes.iter().position(|(role, _)| *role == Role::Named(AxisName::intern(name)));
    let (mut order, mut roles, mut dims) = (Dims::new(), Roles::new(), Dims::new());
    let hidden = (0..rest.len()).filter(|&at| axes[at].0.name().is_some_and(is_hidden));
    for at in hidden {
        order.push(at);
        roles.push(axes[at].0);
        dims.push(axes[at].1);
    }
    for term in pattern.right {
        match term {
            PatternTerm::Rest => {
                for at in (0..rest.len()).filter(|&at| !axes[at].0.name().is_some_and(is_hidden)) {
                    order.push(at);
                    roles.push(axes[at].0);
                    dims.push(axes[at].1);
                }
            }
            PatternTerm::Axis(name) => {
                let at = place(name);
                order.extend(at);
                roles.push(Role::Named(AxisName::new(name)));
                dims.push(at.map_or(1, |at| axes[at].1));
            }
            PatternTerm::Group(name, names) => {
                let places: Dims = names.iter().filter_map(|name| place(name)).collect();
                dims.push(places.iter().map(|&at| axes[at].1).product());
                roles.push(Role::Named(AxisName::new(name.unwrap_or("joined"))));
                order.extend(places);
            }
        }
    }
    let twice = roles.iter().enumerate().filter(|(at, role)| roles[..*at].contains(role));
    let problems = twice.map(|(_, role)| format!("the axis `{role:?}` would be there twice")).collect();
    failed("rearrange!", pattern.text, problems)?;
    Ok(NamedArray::new(parts.permute(&order)?.reshape(&dims)?, roles))
}

/// The axes that the left side of a pattern names, with their parts, and the numbers of all others.
fn taken_apart(
    pattern: &RearrangePattern<'_>,
    array: &NamedArray,
    sizes: &[(&'static str, usize)],
) -> Result<(Vec<Split>, Vec<usize>)> {
    let mut problems = Vec::new();
    let names = pattern.left.iter().filter_map(|term| match *term {
        PatternTerm::Axis(name) | PatternTerm::Group(Some(name), _) => Some(name),
        PatternTerm::Rest | PatternTerm::Group(None, _) => None,
    });
    let named: Vec<usize> = names.filter_map(|name| array.axis_of(name)).collect();
    let is_hidden_axis = |axis: usize| array.roles[axis].name().is_some_and(is_hidden);
    let mut left: Vec<usize> =
        (0..array.roles.len()).filter(|axis| !named.contains(axis) && !is_hidden_axis(*axis)).collect();
    left.reverse();
    let mut splits = Vec::new();
    for term in pattern.left {
        let (asked, found, parts) = match *term {
            PatternTerm::Rest => continue,
            PatternTerm::Axis(name) => (name, array.axis_of(name), None),
            PatternTerm::Group(Some(name), parts) => (name, array.axis_of(name), Some(parts)),
            PatternTerm::Group(None, parts) => ("(…)", left.pop(), Some(parts)),
        };
        let Some(axis) = found else {
            problems.push(format!("there is no axis `{asked}`; the array has ({})", array.axes_text()));
            continue;
        };
        let size = array.array.dims()[axis];
        let Some(parts) = parts else {
            splits.push(Split { axis, parts: SmallVec::from_elem((AxisName::new(asked), size), 1) });
            continue;
        };
        match divided(parts, size, sizes) {
            Some(parts) => splits.push(Split { axis, parts }),
            None => {
                let given = sizes.iter().filter(|(name, _)| parts.contains(name));
                let given: Vec<String> = given.map(|(name, size)| format!("`{name}` = {size}")).collect();
                problems.push(format!(
                    "the axis `{:?}` of size {size} does not divide into ({}) with {}",
                    array.roles[axis],
                    parts.join(" "),
                    given.join(", ")
                ));
            }
        }
    }
    let has_rest = pattern.left.iter().any(|term| matches!(term, PatternTerm::Rest));
    if !has_rest {
        for axis in left.drain(..).rev() {
            let size = array.array.dims()[axis];
            problems.push(format!(
                "the array has an axis `{:?}` of size {size} that the pattern has not",
                array.roles[axis]
            ));
        }
    }
    failed("rearrange!", pattern.text, problems)?;
    left.reverse();
    let rest = (0..array.roles.len()).filter(|axis| is_hidden_axis(*axis)).chain(left).collect();
    Ok((splits, rest))
}

/// The sizes of the parts of an axis: those given, and what follows for the one that is not.
fn divided(
    parts: &[&'static str],
    size: usize,
    sizes: &[(&'static str, usize)],
) -> Option<SmallVec<[(AxisName, usize); 4]>> {
    let given = |name: &str| sizes.iter().find(|(known, _)| *known == name).map(|(_, size)| *size);
    let known = parts.iter().filter_map(|name| given(name)).try_fold(1usize, usize::checked_mul)?;
    let open = parts.iter().filter(|name| given(name).is_none()).count();
    let follows = match (open, known) {
        (0, _) if known == size => 1,
        (1, 1..) if size.is_multiple_of(known) => size / known,
        _ => return None,
    };
    Some(parts.iter().map(|&name| (AxisName::new(name), given(name).unwrap_or(follows))).collect())
}

/// What stands in a program beside the errors of a pattern: never called.
///
/// # Errors
/// Always.
pub fn wrong_pattern() -> Result<NamedArray> {
    Err(Report::new("pattern", "the pattern was refused when the program was compiled").shape())
}
