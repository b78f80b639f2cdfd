//! Choices that values make: one function of several, a function while a condition holds.
//!
//! Every function is traced, and only what is chosen runs. Arrays that a function uses are its operands without being
//! named; where a function is not taken, what only it makes is not computed.

use super::NamedArray;
use super::leaves::{filled, leaves, like};
use crate::array::caller;
use crate::array::dtype::DKind;
use crate::array::flow;
use crate::array::trace::{abstract_like, traced};
use crate::array::{Array, DType};
use crate::error::{Report, Result};
use crate::tree::PyTree;

/// What the first function gives where `condition` is true, else what the second gives; both are given `operands`,
/// and only one of them runs. For a choice of each element, use [`select`](NamedArray::select).
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
    truth("cond", condition)?;
    let (first, on_true) = trace_branch(|| on_true(operands.clone()))?;
    let (_, on_false) = trace_branch(|| {
        let result = on_false(operands)?;
        fitted("cond", &first, "the second function gives", result, "the first function")
    })?;
    finish(&first, &[on_false, on_true], Some(&condition.array.cast(DType::I32)?))
}

/// What the function of the number `index` gives; all are given `operands`, and only that one runs. An index out of
/// range is taken as the nearest that is not, as in JAX.
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
    if index.dtype().kind() != DKind::Int || !index.roles.is_empty() {
        let problem = format!("the index is {}, and has to be one integer", index.summary_text());
        return Err(Report::new("switch", problem).dtype());
    }
    let Some((first, rest)) = branches.split_first() else {
        return Err(Report::new("switch", "there is no branch to take").help("give at least one").shape());
    };
    let (like, first) = trace_branch(|| first(operands.clone()))?;
    let mut traces = vec![first];
    for (place, branch) in rest.iter().enumerate() {
        let is = format!("function {} gives", place + 1);
        let fit = || fitted("switch", &like, &is, branch(operands.clone())?, "function 0");
        traces.push(trace_branch(fit)?.1);
    }
    finish(&like, &traces, (traces.len() > 1).then_some(&index.array))
}

/// What a function gives, as one operation.
#[track_caller]
pub(super) fn run_traced<Y: PyTree>(function: impl FnOnce() -> Result<Y>) -> Result<Y> {
    let (result, trace) = trace_branch(function)?;
    finish(&result, &[trace], None)
}

/// A branch's result and its trace.
fn trace_branch<Y: PyTree>(branch: impl FnOnce() -> Result<Y>) -> Result<(Y, flow::Traced)> {
    let ((result, arrays), trace) = traced(|| {
        let result = branch()?;
        let arrays = leaves("cond", &result)?.into_iter().map(|(_, array)| array.array.clone());
        let arrays = arrays.collect::<Vec<Array>>();
        Ok((result, arrays))
    })?;
    Ok((result, (arrays, trace)))
}

/// A branch's result in the form of the first branch's.
fn fitted<Y: PyTree>(op: &str, wanted: &Y, is: &str, given: Y, was: &str) -> Result<Y> {
    let arrays = like(op, (wanted, &format!("what {was} gives")), (&given, &format!("what {is}")))?;
    filled(&given, arrays)
}

#[track_caller]
fn finish<Y: PyTree>(form: &Y, traces: &[flow::Traced], number: Option<&Array>) -> Result<Y> {
    let results = flow::switch(traces, number)?;
    let roles = leaves("cond", form)?;
    let named =
        results.into_iter().zip(roles).map(|(array, (_, like))| NamedArray::new(array, like.roles.clone()));
    filled(form, named.collect())
}

fn truth(op: &str, condition: &NamedArray) -> Result<()> {
    if condition.dtype() == DType::Bool && condition.roles.is_empty() {
        return Ok(());
    }
    let problem = format!("the condition is {}, and has to be one truth value", condition.summary_text());
    Err(Report::new(op, problem)
        .help("compare and reduce it to one; for a choice of each element, use `condition.select(a, b)`")
        .dtype())
}

/// Carries `init` through `body` for as long as `condition` holds of what is carried.
///
/// Both functions are traced once, and cannot read values. The loop has a derivative forwards ([`jvp`](super::jvp)),
/// and none backwards, as how many steps it takes is known only when it runs: use [`scan`](super::scan) or
/// [`fori_loop`](super::fori_loop) for that.
///
/// # Errors
/// The condition is not one truth value; what is carried changes its axes or its dtype (every leaf that does is
/// named); a leaf is no array; or what the functions return.
///
/// ```
/// use pz::NamedArray;
/// // The smallest power of three above a hundred.
/// let power = pz::while_loop(|p: &NamedArray| p.less(100), |p| p.mul(3), NamedArray::scalar(1i32))?;
/// assert_eq!(power.item::<i32>()?, 243);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn while_loop<C: PyTree>(
    condition: impl FnOnce(&C) -> Result<NamedArray>,
    body: impl FnOnce(C) -> Result<C>,
    init: C,
) -> Result<C> {
    let first: Vec<NamedArray> = leaves("while_loop", &init)?.into_iter().map(|(_, array)| array).collect();
    let argument =
        |array: &NamedArray| Ok(NamedArray::new(abstract_like(array.array.spec())?, array.roles.clone()));
    let call = caller::enter("while_loop");
    let carried = first.iter().map(argument).collect::<Result<Vec<_>>>()?;
    drop(call);
    let condition = traced(|| {
        let holds = condition(&filled(&init, carried.clone())?)?;
        truth("while_loop", &holds)?;
        Ok(vec![holds.array.clone()])
    })?;
    let body = traced(|| {
        let after = body(filled(&init, carried.clone())?)?;
        let after =
            like("while_loop", (&init, "what is carried into the body"), (&after, "what it carries on"))?;
        Ok(after.into_iter().map(|array| array.array.clone()).collect())
    })?;
    let bare = |named: &[NamedArray]| named.iter().map(|named| named.array.clone()).collect::<Vec<_>>();
    let last = flow::while_loop(condition, body, &bare(&carried), &bare(&first))?;
    let last = last.into_iter().zip(&first).map(|(array, first)| NamedArray::new(array, first.roles.clone()));
    filled(&init, last.collect())
}
