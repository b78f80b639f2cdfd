//! Planning: the steps of an evaluation in their order, and when a value is needed no more.
//!
//! A step is a primitive by itself or a group of them; a group becomes a little program, whose registers are shared
//! by values that are not needed at the same time.

use std::sync::Arc;

use smallvec::SmallVec;

use super::collect::{Entry, Graph};
use super::execute::results;
use super::group::{Groups, Sketch, groups, is_elementwise};
use crate::array::dtype::DType;
use crate::array::kernels::attention::Attention;
use crate::array::kernels::fused::{Instruction, Level, Listing, Operand, Program, Work};
use crate::array::params::{AxisList, Params};
use crate::array::primitive::Kernel;

/// The steps of an evaluation.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// For each entry the place of its value, if a step computes it; so many places there are.
    slots: Vec<u32>,
    pub(super) slot_count: usize,
}

impl Plan {
    fn new(steps: Vec<Step>, entries: usize) -> Self {
        let mut slots = vec![u32::MAX; entries];
        let computed = steps.iter().flat_map(results).enumerate();
        let slot_count = computed.map(|(slot, entry)| slots[entry as usize] = slot as u32).count();
        Plan { steps, slots, slot_count }
    }

    /// The place of an entry's value, where a step computes it.
    pub(super) fn slot(&self, entry: u32) -> Option<usize> {
        Some(self.slots[entry as usize]).filter(|&slot| slot != u32::MAX).map(|slot| slot as usize)
    }
}

/// One step: it computes the entry `out`, and those of `exports`.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    pub(super) inputs: Vec<u32>,
    pub(super) out: u32,
    /// Entries that it computes on the way and gives out too.
    pub(super) exports: Vec<u32>,
    /// Entries that are needed no more after this step.
    pub(super) last_uses: Vec<u32>,
}

/// How a step computes.
#[derive(Debug)]
pub(super) enum StepKind {
    /// A group of operations.
    Fused(Box<Program>),
    /// The weighted values of an attention, without its scores.
    Attention(Arc<Attention>),
    /// The entry's own primitive.
    Single,
}

/// Plans a graph.
pub(super) fn compile(graph: &Graph) -> Plan {
    let sketch = Sketch::new(&graph.entries);
    let groups = groups(&sketch);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); graph.entries.len()];
    groups.of.iter().enumerate().for_each(|(index, &of)| members[of].push(index));
    let mut steps = Vec::new();
    for (index, entry) in graph.entries.iter().enumerate() {
        if entry.is_leaf || groups.of[index] != index {
            continue;
        }
        let step = match is_elementwise(entry) || members[index].len() > 1 {
            true => grouped(&sketch, &groups, &members[index]),
            false => Step {
                kind: sketch
                    .attentions
                    .get(&index)
                    .map_or(StepKind::Single, |found| StepKind::Attention(found.clone())),
                inputs: sketch.inputs[index].to_vec(),
                out: index as u32,
                exports: Vec::new(),
                last_uses: Vec::new(),
            },
        };
        steps.push(step);
    }
    let mut steps = needed(steps, &graph.entries);
    mark_last_uses(&mut steps, graph.entries.len());
    Plan::new(steps, graph.entries.len())
}

/// The step of a group, whose members are given in their order.
fn grouped(sketch: &Sketch<'_>, groups: &Groups, members: &[usize]) -> Step {
    let entries = sketch.entries;
    let last = members[members.len() - 1];
    let frame = groups.frames[last].as_deref();
    let exports: Vec<usize> =
        (0..members.len()).filter(|&position| groups.is_exported[members[position]]).collect();
    let level = |entry: &Entry| match frame {
        Some(frame) if entry.node.spec.dims.len() < frame.dims.len() => Level::Row,
        _ => Level::Full,
    };
    let mut registers = Registers::default();
    // What is read, and in which order of its axes.
    let mut inputs: Vec<(u32, Option<&AxisList>)> = Vec::new();
    let mut code = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for (position, &member) in members.iter().enumerate() {
        let (entry, order) = (&entries[member], groups.orders.get(&member));
        let mut args: SmallVec<[Operand; 3]> = SmallVec::new();
        for &input in &sketch.inputs[member] {
            args.push(match registers.of(turned(sketch, input)) {
                Some(register) => Operand::Register(register),
                None => match registers.repeated(sketch, input).filter(|_| order.is_none()) {
                    Some(operand) => {
                        let last_use = last_use(sketch, members, input).unwrap_or(position);
                        let node = &entries[input as usize].node;
                        let (dtype, level) = (node.spec.dtype, Level::Full);
                        let register = registers.take(input as usize, (dtype, level), None, last_use);
                        let args = SmallVec::from_slice(&[Operand::Register(operand)]);
                        let (work, name, params) = (Work::Spread, node.name(), Params::None);
                        code.push(Instruction { work, name, params, args, dtype, level, register });
                        Operand::Register(register)
                    }
                    None => {
                        let input = unrepeated(sketch, input);
                        let order = order.filter(|_| !entries[input as usize].node.spec.dims.is_empty());
                        let read = (input, order);
                        let known = inputs.iter().position(|&known| known == read).unwrap_or_else(|| {
                            inputs.push(read);
                            inputs.len() - 1
                        });
                        Operand::Input(known)
                    }
                },
            });
        }
        let last_use = last_use(sketch, members, member as u32);
        let dtype = entry.node.spec.dtype;
        let register =
            registers.take(member, (dtype, level(entry)), Some(position), last_use.unwrap_or(members.len()));
        let Some(op) = entry.node.op else { continue };
        places.push(code.len());
        let work = match op.kernel {
            Kernel::Elementwise(function) => Work::Each(function),
            Kernel::Reduce(reduction) => Work::Fold(reduction),
            Kernel::Same | Kernel::View(_) | Kernel::Whole(_) => Work::Spread,
        };
        let (name, params, level) = (op.name, entry.node.params.clone(), level(entry));
        code.push(Instruction { work, name, params, args, dtype, level, register });
    }
    let dims = frame.map_or(&entries[last].node.spec.dims, |frame| &frame.dims);
    let program = Program::new(Listing {
        code,
        registers: registers.kinds,
        // A number is there for each element, wherever it is read.
        inputs: inputs
            .iter()
            .map(|&(input, _)| &entries[input as usize])
            .map(|entry| if entry.node.spec.dims.is_empty() { Level::Full } else { level(entry) })
            .collect(),
        orders: inputs
            .iter()
            .enumerate()
            .filter_map(|(at, (_, order))| Some((at, (*order)?.clone())))
            .collect(),
        turned: std::iter::once(&(members.len() - 1))
            .chain(&exports)
            .enumerate()
            .filter_map(|(result, &position)| Some((result, groups.orders.get(&members[position])?.clone())))
            .collect(),
        exports: exports.iter().map(|&position| places[position]).collect(),
        kept: frame.map_or(dims.len(), |frame| frame.kept),
        dims: dims.clone(),
    });
    let exports = exports.into_iter().map(|position| members[position] as u32).collect();
    Step {
        kind: StepKind::Fused(Box::new(program)),
        inputs: inputs.into_iter().map(|(input, _)| input).collect(),
        out: last as u32,
        exports,
        last_uses: Vec::new(),
    }
}

/// The entry that is read for an input: where that repeats one number, the number.
fn unrepeated(sketch: &Sketch<'_>, input: u32) -> u32 {
    let entry = &sketch.entries[input as usize];
    let is_repeated = !entry.is_leaf && matches!(entry.node.params, Params::Broadcast { .. });
    match sketch.inputs[input as usize].first() {
        Some(&of) if is_repeated && sketch.entries[of as usize].node.spec.dims.is_empty() => of,
        _ => input,
    }
}

/// What an entry has in another order of axes; the entry where it is not that.
fn turned(sketch: &Sketch<'_>, entry: u32) -> usize {
    let of = if sketch.turns[entry as usize].is_some() { sketch.inputs[entry as usize][0] } else { entry };
    of as usize
}

/// The last member that reads an entry, by itself or through a view.
fn last_use(sketch: &Sketch<'_>, members: &[usize], entry: u32) -> Option<usize> {
    let reads = |&input: &u32| {
        input == entry || sketch.is_view(input as usize) && sketch.inputs[input as usize][0] == entry
    };
    members.iter().rposition(|&user| sketch.inputs[user].iter().any(reads))
}

/// Where the values of a group are kept until their last use.
#[derive(Default)]
struct Registers {
    kinds: Vec<(DType, Level)>,
    free: Vec<usize>,
    /// Member, register, the position of its last use.
    places: Vec<(usize, usize, usize)>,
}

impl Registers {
    fn of(&self, member: usize) -> Option<usize> {
        self.places.iter().find(|(known, _, _)| *known == member).map(|(_, register, _)| *register)
    }

    /// The register of what an entry repeats along rows, where the group has computed that.
    fn repeated(&self, sketch: &Sketch<'_>, input: u32) -> Option<usize> {
        sketch.spreads[input as usize].as_ref()?;
        self.of(sketch.inputs[input as usize][0] as usize)
    }

    /// A register for the result of a member at `position`. It shares none with the member's operands, so those that
    /// end here are freed after; a result between members frees none.
    fn take(
        &mut self,
        member: usize,
        kind: (DType, Level),
        position: Option<usize>,
        last_use: usize,
    ) -> usize {
        let register = match self.free.iter().position(|&register| self.kinds[register] == kind) {
            Some(at) => self.free.swap_remove(at),
            None => {
                self.kinds.push(kind);
                self.kinds.len() - 1
            }
        };
        let free = &mut self.free;
        self.places.retain(|&(_, register, until)| {
            let ends = Some(until) == position;
            if ends {
                free.push(register);
            }
            !ends
        });
        self.places.push((member, register, last_use));
        register
    }
}

/// The steps that somebody needs, each after those that it reads: a repetition along rows may be read long after the group
/// that computes what it repeats, whose last value comes after the repetition in the graph.
fn needed(steps: Vec<Step>, entries: &[Entry]) -> Vec<Step> {
    let mut producer: Vec<Option<usize>> = vec![None; entries.len()];
    for (place, step) in steps.iter().enumerate() {
        results(step).for_each(|entry| producer[entry as usize] = Some(place));
    }
    let mut waiting: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    let mut stack: Vec<(usize, usize)> = Vec::new();
    let wanted = entries.iter().enumerate().filter(|(_, entry)| entry.is_wanted);
    for place in wanted.filter_map(|(index, _)| producer[index]) {
        stack.push((place, 0));
        while let Some((place, next)) = stack.last_mut() {
            let Some(step) = &waiting[*place] else {
                stack.pop();
                continue;
            };
            if let Some(&input) = step.inputs.get(*next) {
                *next += 1;
                stack.extend(producer[input as usize].map(|place| (place, 0)));
                continue;
            }
            ordered.extend(waiting[*place].take());
            stack.pop();
        }
    }
    ordered
}

fn mark_last_uses(steps: &mut [Step], entries: usize) {
    let mut seen = vec![false; entries];
    for step in steps.iter_mut().rev() {
        for &input in &step.inputs {
            if !std::mem::replace(&mut seen[input as usize], true) {
                step.last_uses.push(input);
            }
        }
    }
}
