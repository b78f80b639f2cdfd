//! A function for as long as a condition holds.
//!
//! Under [`nmap`](super::nmap) slices may need different numbers of steps. It goes as under JAX's `vmap`: the loop runs
//! until the condition fails for every slice, and a slice that is done keeps what it has. What a step makes for it is
//! thrown away, and [`guard`](super::guard) keeps that from failing.

use super::NamedArray;
use super::control::truth;
use super::guard::{self, Guard};
use super::hidden::SizedAxes;
use super::leaves::{filled, leaves, like, repeated};
use crate::array::trace::{Trace, abstract_like, traced};
use crate::array::{Array, caller, flow};
use crate::error::Result;
use crate::path::KeyPath;
use crate::shape::AxisName;
use crate::tree::PyTree;

/// Carries `init` through `body` for as long as `condition` holds of what is carried.
///
/// Both functions are traced and cannot read values: once, or a few times under [`nmap`](super::nmap), until it is
/// known what differs from slice to slice. There the loop goes on until the condition fails for every slice, and each
/// slice keeps what it had when it failed for that one.
///
/// The loop has a derivative forwards ([`jvp`](super::jvp)), and none backwards, as how many steps it takes is known
/// only when it runs: use [`scan`](super::scan()) or [`fori_loop`](super::fori_loop) for that.
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
    mut condition: impl FnMut(&C) -> Result<NamedArray>,
    mut body: impl FnMut(C) -> Result<C>,
    init: C,
) -> Result<C> {
    let _call = caller::enter("while_loop");
    let mut first = leaves("while_loop", &init)?;
    loop {
        let carried = arguments(&first)?;
        let (holds, condition_trace) = traced(|| holds(&mut condition, &init, &carried))?;
        let ((counts, after), body_trace) = traced(|| {
            let given = filled(&init, carried.clone())?;
            if holds.roles.is_empty() {
                return Ok((None, caller::suspended(|| body(given))?));
            }
            let counts = self::holds(&mut condition, &init, &carried)?;
            let _guard = Guard::new(&counts)?;
            Ok((Some(counts), caller::suspended(|| body(given))?))
        })?;
        if repeated("while_loop", &mut first, &after, &holds.hidden_axes())? {
            continue;
        }
        let step = Step { init: &init, first: &first, carried: &carried };
        return step.run((holds, condition_trace), (counts, after, body_trace));
    }
}

/// Arrays without values in the form of what is carried at first.
fn arguments(first: &[(KeyPath, NamedArray)]) -> Result<Vec<NamedArray>> {
    let argument = |(_, array): &(KeyPath, NamedArray)| {
        Ok(NamedArray::new(abstract_like(array.array.spec())?, array.roles.clone()))
    };
    first.iter().map(argument).collect()
}

/// Whether the loop goes on, for each slice where that differs; never for slices that do not count.
fn holds<C: PyTree>(
    condition: &mut impl FnMut(&C) -> Result<NamedArray>,
    init: &C,
    carried: &[NamedArray],
) -> Result<NamedArray> {
    let carried = filled(init, carried.to_vec())?;
    let holds = caller::suspended(|| condition(&carried))?;
    truth("while_loop", &holds)?;
    match guard::counting(&holds)? {
        Some(counts) => holds.logical_and(counts),
        None => Ok(holds),
    }
}

/// A loop to be, when it is known along which hidden axes everything differs.
struct Step<'a, C> {
    init: &'a C,
    first: &'a [(KeyPath, NamedArray)],
    carried: &'a [NamedArray],
}

impl<C: PyTree> Step<'_, C> {
    #[track_caller]
    fn run(
        &self,
        (holds, condition_trace): (NamedArray, Trace),
        (counts, after, body_trace): (Option<NamedArray>, C, Trace),
    ) -> Result<C> {
        let axes: SizedAxes = holds.hidden_axes();
        let names: Vec<AxisName> = axes.into_iter().map(|(name, _)| name).collect();
        let any = if names.is_empty() { holds } else { condition_trace.goes_on(|| holds.any(names))? };
        let given = filled(self.init, self.carried.to_vec())?;
        let after = body_trace.goes_on(|| {
            let (was, is) = ("what is carried into the body", "what it carries on");
            let after = like("while_loop", (&given, was), (&after, is))?;
            let Some(counts) = counts else { return Ok(after) };
            let kept = after.iter().zip(self.carried).map(|(after, before)| {
                let kept = counts.select(after, before)?;
                kept.in_order_of(before)
            });
            kept.collect()
        })?;
        let bare = |named: &[NamedArray]| named.iter().map(|named| named.array.clone()).collect::<Vec<_>>();
        let first: Vec<Array> = self.first.iter().map(|(_, array)| array.array.clone()).collect();
        let last = flow::while_loop(
            (vec![any.array], condition_trace),
            (bare(&after), body_trace),
            &bare(self.carried),
            &first,
        )?;
        let last = last.into_iter().zip(self.first);
        let last = last.map(|(array, (_, first))| NamedArray::new(array, first.roles.clone()));
        filled(self.init, last.collect())
    }
}
