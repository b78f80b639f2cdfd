//! Running a plan.
//!
//! Values live exactly from the step that makes them to the last that reads them. The last reader is handed
//! the value itself, so that an operation which can work in place (a cache update) does. A step that fails
//! gives its error to every step that depends on it, and nothing else in the plan is lost.

use smallvec::SmallVec;

use super::apart::apart;
use super::check;
use super::collect::{Entry, Graph};
use super::compile::{Plan, Step, StepKind};
use super::trace::Trace;
use crate::array::buffer::Buffer;
use crate::array::graph::Value;
use crate::array::kernels::{attention, fused, reduce};
use crate::array::primitive::Kernel;
use crate::array::storage::has_room;
use crate::error::{Report, Result};

/// The values that steps have computed and others still read.
struct Values<'a> {
    plan: &'a Plan,
    slots: Vec<Option<Result<Buffer>>>,
}

impl Values<'_> {
    /// The place of an entry's value; none for what had its value before.
    fn of(&mut self, entry: u32) -> Option<&mut Option<Result<Buffer>>> {
        self.plan.slot(entry).map(|slot| &mut self.slots[slot])
    }

    fn set(&mut self, entry: u32, value: Option<Result<Buffer>>) {
        if let Some(slot) = self.of(entry) {
            *slot = value;
        }
    }
}

/// Computes every step, and gives nodes that are wanted their values.
pub(super) fn execute(plan: &Plan, graph: &Graph, mut trace: Option<Trace>) {
    let mut values = Values { plan, slots: vec![None; plan.slot_count] };
    for step in &plan.steps {
        let computed = run(step, graph, &mut values, trace.as_ref());
        step.last_uses.iter().for_each(|&ended| values.set(ended, None));
        let mut give = |index: u32, value: Result<Buffer>| {
            let entry = &graph.entries[index as usize];
            if entry.is_wanted {
                entry.node.finish(value.clone());
            }
            values.set(index, Some(value));
        };
        results(step).zip(computed).for_each(|(index, value)| give(index, value));
        if let Some(trace) = &mut trace {
            trace.between(values.slots.iter().flatten().flatten());
        }
    }
    if let Some(trace) = trace {
        trace.end();
    }
}

/// The entries that a step computes, in the order in which [`compute`] gives them.
pub(super) fn results(step: &Step) -> impl Iterator<Item = u32> {
    std::iter::once(step.out).chain(step.exports.iter().copied())
}

/// What each result of a step is. An operand's error passes through as it is; an error of this step names its call.
fn run(
    step: &Step,
    graph: &Graph,
    values: &mut Values<'_>,
    trace: Option<&Trace>,
) -> SmallVec<[Result<Buffer>; 1]> {
    let inputs: Vec<Result<Buffer>> =
        step.inputs.iter().map(|&index| input(step, index, graph, values)).collect();
    let entry = &graph.entries[step.out as usize];
    // What is kept for a second try is no longer this step's alone; a group writes nothing in place.
    let kept = (!step.exports.is_empty()).then(|| inputs.clone());
    let computed = inputs.into_iter().collect::<Result<Vec<_>>>().and_then(|inputs| {
        let traced = trace.map(|trace| (trace, trace.before(&inputs)));
        let computed = compute(step, entry, inputs).map_err(|error| entry.node.value_error(error));
        if let Some((trace, before)) = traced {
            trace.step(step, graph, before, &computed);
        }
        computed
    });
    match (computed, kept) {
        (Ok(buffers), _) => buffers.into_iter().map(Ok).collect(),
        (Err(_), Some(inputs)) => apart(step, graph, inputs).into(),
        (Err(error), None) => std::iter::once(Err(error)).collect(),
    }
}

/// What a step gives: its own value, then its exports.
pub(super) type Computed = SmallVec<[Buffer; 1]>;

pub(super) fn compute(step: &Step, entry: &Entry, inputs: Vec<Buffer>) -> Result<Computed> {
    let is_checked = check::is_on() && check::are_finite(&inputs);
    let values: Computed = match &step.kind {
        StepKind::Fused(program) => {
            let name = entry.node.name();
            program.results().try_for_each(|(dims, dtype)| has_room(name, dims, dtype))?;
            fused::run(program, &inputs).into()
        }
        StepKind::Attention(_) | StepKind::Single => std::iter::once(single(step, entry, inputs)?).collect(),
    };
    if is_checked {
        // Nothing is fused then, so a step has one value.
        values.iter().try_for_each(|value| check::judge(entry, value))?;
    }
    Ok(values)
}

fn single(step: &Step, entry: &Entry, inputs: Vec<Buffer>) -> Result<Buffer> {
    let (Some(op), params, spec) = (entry.node.op, &entry.node.params, &entry.node.spec) else {
        return Err(Report::new(entry.node.name(), "the array has no value").value());
    };
    match (&step.kind, op.kernel) {
        (StepKind::Single, Kernel::View(view)) => {
            let operand = &inputs[0];
            if let Some(layout) = view(params, &operand.layout) {
                return Ok(operand.with_layout(layout));
            }
            has_room(op.name, &operand.layout.dims, spec.dtype)?;
            let copy = operand.to_contiguous();
            view(params, &copy.layout).map(|layout| copy.with_layout(layout)).ok_or_else(|| {
                Report::new(op.name, format!("cannot view {:?} as {:?}", copy.layout.dims, spec.dims)).value()
            })
        }
        (StepKind::Attention(attention), _) => {
            has_room(op.name, &spec.dims, spec.dtype)?;
            operands_have_room(op.name, &inputs)?;
            Ok(attention::run(attention, &inputs, &spec.dims))
        }
        (StepKind::Single, Kernel::Same) => Ok(inputs[0].clone()),
        (StepKind::Single, Kernel::Reduce(reduction)) => {
            has_room(op.name, &spec.dims, spec.dtype)?;
            operands_have_room(op.name, &inputs)?;
            Ok(reduce::reduce(reduction, &inputs[0], params.axes(), &spec.dims))
        }
        (StepKind::Single, Kernel::Whole(kernel)) => {
            has_room(op.name, &spec.dims, spec.dtype)?;
            operands_have_room(op.name, &inputs)?;
            kernel(params, spec, inputs)
        }
        (StepKind::Single, Kernel::Elementwise(_)) | (StepKind::Fused(_), _) => {
            Err(Report::new(op.name, "an elementwise step was planned without a program").value())
        }
    }
}

/// A kernel may bring scattered operands together before it reads them; and who asks for a sum of 2^44 repetitions of a
/// number is told so, and need not wait for it.
fn operands_have_room(op: &str, inputs: &[Buffer]) -> Result<()> {
    let mut scattered = inputs.iter().filter(|input| !input.layout.is_contiguous());
    scattered.try_for_each(|input| has_room(op, &input.layout.dims, input.dtype()))
}

/// An operand's value: moved out where this step is the last to read it and nobody else wants it.
fn input(step: &Step, index: u32, graph: &Graph, values: &mut Values<'_>) -> Result<Buffer> {
    let entry: &Entry = &graph.entries[index as usize];
    let once = step.inputs.iter().filter(|&&input| input == index).count() == 1;
    let is_last = once && !entry.is_wanted && step.last_uses.contains(&index);
    if !entry.is_leaf {
        let value = values.of(index).and_then(|slot| if is_last { slot.take() } else { slot.clone() });
        return value.unwrap_or_else(|| missing(entry));
    }
    if is_last && let Some(buffer) = entry.node.take_buffer() {
        return Ok(buffer);
    }
    match entry.node.value() {
        Value::Ready(buffer) => Ok(buffer),
        Value::Failed(error) => Err(error),
        Value::Pending => missing(entry),
    }
}

fn missing(entry: &Entry) -> Result<Buffer> {
    Err(Report::new(entry.node.name(), "a value was used before it was computed").value())
}
