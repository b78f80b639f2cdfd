//! Planning: which nodes are computed together, in which order, and when a value is needed no more.
//!
//! An elementwise node whose value nobody wants, and whose consumers are all in one fused group, joins that
//! group: its elements then never leave the first-level cache. Since consumers come after what they consume,
//! one pass from the last node to the first finds all groups.

use super::collect::{Entry, Graph};
use crate::array::dtype::DType;
use crate::array::kernels::elementwise::{Instruction, Operand, Program};
use crate::array::primitive::Kernel;

/// Operations in one fused group at most: its registers must fit into the first-level cache.
const MAX_GROUP: usize = 32;

/// The steps of an evaluation.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
}

/// One step: it computes the entry `out`.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    pub(super) inputs: Vec<u32>,
    pub(super) out: u32,
    /// Entries that are needed no more after this step.
    pub(super) last_uses: Vec<u32>,
}

/// How a step computes.
#[derive(Debug)]
pub(super) enum StepKind {
    Fused(Program),
    /// The entry's own primitive.
    Single,
}

/// Plans a graph.
pub(super) fn compile(graph: &Graph) -> Plan {
    let groups = groups(&graph.entries);
    let mut steps = Vec::new();
    for (index, entry) in graph.entries.iter().enumerate() {
        if entry.is_leaf || groups[index] != index {
            continue;
        }
        let step = match entry.node.op.map(|op| op.kernel) {
            Some(Kernel::Elementwise(_)) => fused(&graph.entries, &groups, index),
            _ => Step {
                kind: StepKind::Single,
                inputs: entry.inputs.to_vec(),
                out: index as u32,
                last_uses: Vec::new(),
            },
        };
        steps.push(step);
    }
    mark_last_uses(&mut steps, graph.entries.len());
    Plan { steps }
}

/// For each entry the index of the last entry of its group; its own where it stands alone.
fn groups(entries: &[Entry]) -> Vec<usize> {
    #[derive(Clone, Copy, PartialEq)]
    enum Users {
        None,
        In(usize),
        Several,
    }
    let mut group: Vec<usize> = (0..entries.len()).collect();
    let mut size = vec![1usize; entries.len()];
    let mut users = vec![Users::None; entries.len()];
    for index in (0..entries.len()).rev() {
        let entry = &entries[index];
        let elementwise = is_elementwise(entry);
        if let (true, false, Users::In(of)) = (elementwise, entry.is_wanted, users[index])
            && size[of] < MAX_GROUP
        {
            group[index] = of;
            size[of] += 1;
        }
        let own = if elementwise { Users::In(group[index]) } else { Users::Several };
        for &input in &entry.inputs {
            let known = &mut users[input as usize];
            *known = if *known == Users::None || *known == own { own } else { Users::Several };
        }
    }
    group
}

fn is_elementwise(entry: &Entry) -> bool {
    !entry.is_leaf && matches!(entry.node.op.map(|op| op.kernel), Some(Kernel::Elementwise(_)))
}

/// The fused step of the group that ends in `last`.
fn fused(entries: &[Entry], groups: &[usize], last: usize) -> Step {
    let members = members(entries, groups, last);
    let last_use = |member: usize| {
        members
            .iter()
            .rposition(|&user| entries[user].inputs.contains(&(member as u32)))
            .unwrap_or(members.len())
    };
    let mut inputs: Vec<u32> = Vec::new();
    let mut registers: Vec<DType> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut place: Vec<(usize, usize, usize)> = Vec::new(); // (member, register, last use)
    let mut code = Vec::new();
    for (position, &member) in members.iter().enumerate() {
        let entry = &entries[member];
        let Some((op, Kernel::Elementwise(function))) = entry.node.op.map(|op| (op, op.kernel)) else {
            continue;
        };
        let args = entry.inputs.iter().map(|&input| {
            if let Some((_, register, _)) = place.iter().find(|(known, _, _)| *known == input as usize) {
                return Operand::Register(*register);
            }
            let known = inputs.iter().position(|&i| i == input).unwrap_or_else(|| {
                inputs.push(input);
                inputs.len() - 1
            });
            Operand::Input(known)
        });
        let args = args.collect();
        let dtype = entry.node.spec.dtype;
        // The result may not share a register with an argument, so those that end here are freed after.
        let register = match free.iter().position(|&register| registers[register] == dtype) {
            Some(at) => free.swap_remove(at),
            None => {
                registers.push(dtype);
                registers.len() - 1
            }
        };
        place.retain(|&(_, register, until)| {
            let ends = until == position;
            if ends {
                free.push(register);
            }
            !ends
        });
        place.push((member, register, last_use(member)));
        let params = entry.node.params.clone();
        code.push(Instruction { op: function, name: op.name, params, args, dtype, register });
    }
    Step {
        kind: StepKind::Fused(Program { code, registers }),
        inputs,
        out: last as u32,
        last_uses: Vec::new(),
    }
}

/// The entries of a group in order, found by walking back from its last.
fn members(entries: &[Entry], groups: &[usize], last: usize) -> Vec<usize> {
    let mut members = vec![last];
    let mut next = 0;
    while next < members.len() {
        for &input in &entries[members[next]].inputs {
            let input = input as usize;
            if groups[input] == last && !entries[input].is_leaf && !members.contains(&input) {
                members.push(input);
            }
        }
        next += 1;
    }
    members.sort_unstable();
    members
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
