//! What evaluating a graph would cost: products counted, memory followed from step to step. Nothing is computed.
//!
//! The graph is planned as an evaluation would plan it, and the plan is gone through with sizes in the place of values.
//! A view has its operand's memory, and so has an update in place. What was there before the graph (arrays with a value,
//! and arrays that will never have one) takes no memory of the evaluation's.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use super::body::BodyPlan;
use super::collect::{Entry, Graph, Workspace, collect};
use super::compile::{Plan, Step, StepKind, compile};
use super::execute::results;
use super::{EVALUATION, VISITS};
use crate::array::Array;
use crate::array::body::Body;
use crate::array::control::Control;
use crate::array::layout::Layout;
use crate::array::ops::{contract, control, conv, index};
use crate::array::params::Params;
use crate::array::primitive::{Kernel, Primitive, Spec};
use crate::array::trace::ABSTRACT;
use crate::path::scope::Scope;

/// What a graph costs, by the layers whose operations it is made of.
pub(crate) struct GraphCost {
    /// The multiply-adds of each contraction and convolution.
    pub(crate) multiply_adds: Vec<(Scope, u128)>,
    /// For each step the bytes of all values that are there while it runs: once for each operation that it is made of.
    pub(crate) memory: Vec<(Scope, u128)>,
}

/// What it costs to give `outputs` their values.
pub(crate) fn cost(outputs: &[Array]) -> GraphCost {
    // Marks on nodes belong to whoever evaluates.
    let _evaluator = EVALUATION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let visit = VISITS.fetch_add(1, Ordering::Relaxed) + 1;
    let roots: Vec<_> = outputs.iter().map(|output| output.as_node().clone()).collect();
    let mut graph = collect(&roots, visit, &mut Workspace::new());
    // What has no value stands for what would be there before; two of one shape are not one.
    graph.entries.iter_mut().for_each(|entry| entry.is_leaf |= entry.node.op == Some(&ABSTRACT));
    let plan = compile(&graph);
    let multiply_adds = graph.entries.iter().filter(|entry| !entry.is_leaf).filter_map(|entry| {
        let spec = |place: u32| &graph.entries[place as usize].node.spec;
        let node = &entry.node;
        let count =
            products(node.op?, &node.params, &node.spec, &|at| entry.inputs.get(at).map(|&i| spec(i)));
        (count > 0).then(|| (node.scope().clone(), count))
    });
    let multiply_adds = multiply_adds.collect();
    let mut memory = Vec::new();
    for (step, bytes) in Memory::of(&graph, &plan) {
        let made_of = operations(&graph, &plan, step).into_iter();
        memory.extend(made_of.map(|entry| (graph.entries[entry].node.scope().clone(), bytes)));
    }
    GraphCost { multiply_adds, memory }
}

/// The operations that a step is made of: what its results are computed from, back to what it is given.
fn operations(graph: &Graph, plan: &Plan, step: &Step) -> Vec<usize> {
    let mut found: Vec<usize> = results(step).map(|entry| entry as usize).collect();
    if matches!(step.kind, StepKind::Single) {
        return found;
    }
    let mut seen: HashSet<usize> = found.iter().copied().collect();
    let mut at = 0;
    while let Some(&entry) = found.get(at) {
        at += 1;
        for &input in &graph.entries[entry].inputs {
            let is_inside = !graph.entries[input as usize].is_leaf
                && !step.inputs.contains(&input)
                && plan.slot(input).is_none();
            if is_inside && seen.insert(input as usize) {
                found.push(input as usize);
            }
        }
    }
    found
}

fn elements(dims: &[usize]) -> u128 {
    dims.iter().fold(1, |product: u128, &dim| product.saturating_mul(dim as u128))
}

fn bytes(spec: &Spec) -> u128 {
    elements(&spec.dims).saturating_mul(spec.dtype.size() as u128)
}

/// The multiply-adds of one operation. A loop over values that are not known is taken to go round once, and of branches
/// the dearest is taken.
fn products<'s>(
    op: &'static Primitive,
    params: &Params,
    result: &Spec,
    operand: &dyn Fn(usize) -> Option<&'s Spec>,
) -> u128 {
    let each = match params {
        Params::Dot { contract, .. } if *op == contract::DOT => {
            let Some(left) = operand(0) else { return 0 };
            contract.iter().map(|&(axis, _)| left.dims[axis] as u128).product()
        }
        Params::Slides(_) if *op == conv::CONVOLUTION => {
            // The kernel is (groups, places…, features, new features).
            let Some(kernel) = operand(1) else { return 0 };
            elements(&kernel.dims[1..kernel.dims.len() - 1])
        }
        Params::Control(control) => return of_bodies(control),
        _ => return 0,
    };
    elements(&result.dims).saturating_mul(each)
}

fn of_bodies(control: &Control) -> u128 {
    match control {
        Control::Switch(branches) => branches.iter().map(|body| of_body(body)).max().unwrap_or_default(),
        Control::Scan(scan) => of_body(&scan.body).saturating_mul(scan.length as u128),
        Control::While(looped) => of_body(&looped.condition).saturating_add(of_body(&looped.body)),
        Control::WhileTransposed(_) | Control::Custom(_) => 0,
    }
}

fn of_body(body: &Body) -> u128 {
    let count = |step: &crate::array::body::Step| {
        products(step.op, &step.params, &step.spec, &|at| step.inputs.get(at).map(|&place| body.spec(place)))
    };
    body.steps.iter().map(count).fold(0, u128::saturating_add)
}

/// The memory of an evaluation that is gone through.
struct Memory<'a> {
    entries: &'a [Entry],
    /// For each block of memory its bytes, and how many values lie in it that are still needed.
    blocks: Vec<(u128, usize)>,
    /// Where each entry's value lies: in a block, unless it was there before, and how.
    values: Vec<Option<(Option<usize>, Layout)>>,
    live: u128,
}

impl Memory<'_> {
    /// The steps of a plan, with the bytes that are there while each runs.
    fn of<'p>(graph: &Graph, plan: &'p Plan) -> Vec<(&'p Step, u128)> {
        let entries = &graph.entries;
        let mut memory = Memory { entries, blocks: Vec::new(), values: vec![None; entries.len()], live: 0 };
        let mut found = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let entry = &entries[step.out as usize];
            results(step).for_each(|result| memory.make(step, result as usize));
            let inside = match &entry.node.params {
                Params::Control(control) => inside(control),
                _ => 0,
            };
            found.push((step, memory.live.saturating_add(inside)));
            let ended = step.last_uses.iter().filter(|&&ended| !entries[ended as usize].is_wanted);
            ended.for_each(|&ended| memory.end(ended as usize));
        }
        found
    }

    fn value(&self, entry: usize) -> (Option<usize>, Layout) {
        let outside = || (None, Layout::contiguous(&self.entries[entry].node.spec.dims));
        self.values[entry].clone().unwrap_or_else(outside)
    }

    /// Gives a result of a step its place.
    fn make(&mut self, step: &Step, result: usize) {
        let node = &self.entries[result].node;
        let dims = &node.spec.dims;
        let shared = match (&step.kind, node.op, step.inputs.first()) {
            (StepKind::Single, Some(op), Some(&operand)) => self.shared(step, op, &node.params, operand),
            _ => None,
        };
        let (block, layout) = shared.unwrap_or_else(|| {
            let size = match &node.params {
                Params::Control(control) => control.results().iter().map(bytes).sum(),
                _ => bytes(&node.spec),
            };
            self.live = self.live.saturating_add(size);
            self.blocks.push((size, 0));
            (Some(self.blocks.len() - 1), Layout::contiguous(dims))
        });
        if let Some(block) = block {
            self.blocks[block].1 += 1;
        }
        self.values[result] = Some((block, layout));
    }

    /// The place of a result that lies in its operand's memory.
    fn shared(
        &self,
        step: &Step,
        op: &'static Primitive,
        params: &Params,
        operand: u32,
    ) -> Option<(Option<usize>, Layout)> {
        let (block, layout) = self.value(operand as usize);
        let dims = &self.entries[step.out as usize].node.spec.dims;
        match op.kernel {
            Kernel::Same => Some((block, layout)),
            Kernel::View(view) => view(params, &layout).map(|layout| (block, layout)),
            _ if *op == control::PART || *op == index::DYNAMIC_SLICE => {
                Some((block, Layout::contiguous(dims)))
            }
            _ if index::writes_in_place(op) => {
                let entry = &self.entries[operand as usize];
                let is_alone = block.is_none_or(|block| self.blocks[block].1 == 1);
                let is_last = !entry.is_wanted && step.last_uses.contains(&operand);
                (is_alone && is_last).then_some((block, layout))
            }
            _ => None,
        }
    }

    /// A value is needed no more.
    fn end(&mut self, entry: usize) {
        let Some((Some(block), _)) = &self.values[entry] else { return };
        let (size, users) = &mut self.blocks[*block];
        *users -= 1;
        if *users == 0 {
            self.live -= *size;
        }
    }
}

/// The most memory that running a body takes beside its operands.
fn inside(control: &Control) -> u128 {
    let most = |body: &Body| {
        let BodyPlan { graph, plan } = body.plan();
        Memory::of(graph, plan).into_iter().map(|(_, bytes)| bytes).max().unwrap_or_default()
    };
    match control {
        Control::Switch(branches) => branches.iter().map(|body| most(body)).max().unwrap_or_default(),
        Control::Scan(scan) => most(&scan.body),
        Control::While(looped) => most(&looped.condition).max(most(&looped.body)),
        Control::WhileTransposed(_) | Control::Custom(_) => 0,
    }
}
