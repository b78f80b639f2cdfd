//! Choices that values make: one function of several.
//!
//! Every function is traced, and only what is chosen runs. Arrays that a function uses are its operands without being
//! named; where a function is not taken, what only it makes is not computed.
//!
//! Under [`nmap`](super::nmap), where what chooses differs from slice to slice, there is no one function to take. It
//! goes as under JAX's `vmap`: all of them run, and each slice selects what is its own.

use super::NamedArray;
use super::guard::Guard;
use super::leaves::{filled, leaves, like, widened};
use crate::array::dtype::DKind;
use crate::array::flow;
use crate::array::trace::{Trace, traced};
use crate::array::{Array, DType, caller};
use crate::error::{Report, Result};
use crate::tree::PyTree;

/// What the first function gives where `condition` is true, else what the second gives; both are given `operands`,
/// and only one of them runs. For a choice of each element, use [`select`](NamedArray::select).
///
/// Under [`nmap`](super::nmap) a condition that differs from slice to slice has both functions run, and each slice
/// gets what is its own. Derivatives are those of both, one of them times 0: where the function that is not taken has an
/// infinite derivative, that is NaN, as it is under JAX's `vmap`.
///
/// # Errors
/// The condition is not one truth value; the functions give trees that differ in structure, axes or dtypes; a leaf is
/// no array; or what the functions return.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 4.], [("n", 2)])?;
/// let is_large = x.sum("n")?.greater(3.0)?;
/// let y = pz::cond(&is_large, |x: NamedArray| x.sqrt(), |x| x.neg(), x)?;
/// assert_eq!(y.to_vec::<f32>()?, [1., 2.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn cond<X: PyTree + Clone, Y: PyTree>(
    condition: &NamedArray,
    on_true: impl FnOnce(X) -> Result<Y>,
    on_false: impl FnOnce(X) -> Result<Y>,
    operands: X,
) -> Result<Y> {
    let _call = caller::enter("cond");
    truth("cond", condition)?;
    let said = |place: usize| if place == 0 { "the first function" } else { "the second function" };
    let said = |place| said(place).to_string();
    if condition.roles.is_empty() {
        let first = trace_branch(|| on_true(operands.clone()))?;
        let second = trace_branch(|| on_false(operands))?;
        let number = condition.logical_not()?.array.cast(DType::I32)?;
        return choice("cond", &said, vec![first, second], Some(&number));
    }
    let otherwise = condition.logical_not()?;
    let first = counting(condition, || on_true(operands.clone()))?;
    let second = counting(&otherwise, || on_false(operands))?;
    selected("cond", &said, vec![first, second], |_| Ok(otherwise.clone()))
}

/// What the function of the number `index` gives; all are given `operands`, and only that one runs. An index out of
/// range is taken as the nearest that is not, as in JAX.
///
/// Under [`nmap`](super::nmap) an index that differs from slice to slice has all functions run, as for [`cond`].
///
/// # Errors
/// The index is not one integer; there is no function; and as [`cond`].
///
/// ```
/// use pz::NamedArray;
/// let (one, x) = (NamedArray::scalar(1), NamedArray::scalar(3f32));
/// let y = pz::switch(&one, &[&|x: NamedArray| x.neg(), &|x| x.square()], x)?;
/// assert_eq!(y.item::<f32>()?, 9.0);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn switch<X: PyTree + Clone, Y: PyTree>(
    index: &NamedArray,
    branches: &[&dyn Fn(X) -> Result<Y>],
    operands: X,
) -> Result<Y> {
    let _call = caller::enter("switch");
    if index.dtype().kind() != DKind::Int || !index.is_one_number() {
        let problem = format!("the index is {}, and has to be one integer", index.summary_text());
        return Err(Report::new("switch", problem).dtype());
    }
    let said = |place| format!("function {place}");
    let Some(last) = branches.len().checked_sub(1) else {
        return Err(Report::new("switch", "there is no branch to take").help("give at least one").shape());
    };
    if index.roles.is_empty() || last == 0 {
        let traced = branches.iter().map(|branch| trace_branch(|| branch(operands.clone())));
        let number = (last > 0).then_some(&index.array);
        return choice("switch", &said, traced.collect::<Result<_>>()?, number);
    }
    let index = index.cast(DType::I64)?.clamp(0, last as i64)?;
    let results = branches.iter().zip(0..).map(|(branch, place): (_, i64)| {
        let takes = index.equal(place)?;
        counting(&takes, || branch(operands.clone()))
    });
    selected("switch", &said, results.collect::<Result<_>>()?, |place| index.equal(place as i64))
}

/// What a function gives, as one operation.
#[track_caller]
pub(super) fn run_traced<Y: PyTree>(function: impl FnOnce() -> Result<Y>) -> Result<Y> {
    let traced = trace_branch(function)?;
    choice("checkpoint", &|_| "the function".into(), vec![traced], None)
}

fn trace_branch<Y>(branch: impl FnOnce() -> Result<Y>) -> Result<(Y, Trace)> {
    traced(|| caller::suspended(branch))
}

/// What a function gives that runs for all slices, where only those count for which `takes` holds.
fn counting<Y>(takes: &NamedArray, branch: impl FnOnce() -> Result<Y>) -> Result<Y> {
    let _guard = Guard::new(takes)?;
    caller::suspended(branch)
}

/// What is given, in the form of what the first function gives.
fn fitted<Y: PyTree>(
    op: &str,
    said: &dyn Fn(usize) -> String,
    first: &Y,
    given: &Y,
    place: usize,
) -> Result<Vec<NamedArray>> {
    let (was, is) = (format!("what {} gives", said(0)), format!("what {} gives", said(place)));
    like(op, (first, &was), (given, &is))
}

/// The operation that runs the function of a number; the only one where there is no number.
#[track_caller]
fn choice<Y: PyTree>(
    op: &str,
    said: &dyn Fn(usize) -> String,
    branches: Vec<(Y, Trace)>,
    number: Option<&Array>,
) -> Result<Y> {
    let (given, traces): (Vec<Y>, Vec<Trace>) = branches.into_iter().unzip();
    // What is repeated along hidden axes is so in its own function.
    let wide = widened(op, &given, |place, repeat| traces[place].goes_on(repeat))?;
    let first = &wide[0];
    let mut bodies = Vec::new();
    for (place, (given, trace)) in wide.iter().zip(traces).enumerate() {
        let arrays = trace.goes_on(|| fitted(op, said, first, given, place))?;
        bodies.push((arrays.into_iter().map(|named| named.array).collect(), trace));
    }
    let results = flow::switch(bodies, number)?;
    let named = results
        .into_iter()
        .zip(leaves(op, first)?)
        .map(|(array, (_, like))| NamedArray::new(array, like.roles.clone()));
    filled(first, named.collect())
}

/// For each slice what the last function gives for which `takes` holds, or else the first.
fn selected<Y: PyTree>(
    op: &str,
    said: &dyn Fn(usize) -> String,
    given: Vec<Y>,
    takes: impl Fn(usize) -> Result<NamedArray>,
) -> Result<Y> {
    let wide = widened(op, &given, |_, repeat| repeat())?;
    let first = &wide[0];
    let mut chosen = fitted(op, said, first, first, 0)?;
    for (place, given) in wide.iter().enumerate().skip(1) {
        let takes = takes(place)?;
        for (chosen, own) in chosen.iter_mut().zip(fitted(op, said, first, given, place)?) {
            *chosen = takes.select(own, &*chosen)?;
        }
    }
    filled(first, chosen)
}

/// Refuses what is not one truth value, or one for each slice.
pub(super) fn truth(op: &str, condition: &NamedArray) -> Result<()> {
    if condition.dtype() == DType::Bool && condition.is_one_number() {
        return Ok(());
    }
    let problem = format!("the condition is {}, and has to be one truth value", condition.summary_text());
    Err(Report::new(op, problem)
        .help("compare and reduce it to one; for a choice of each element, use `condition.select(a, b)`")
        .dtype())
}
