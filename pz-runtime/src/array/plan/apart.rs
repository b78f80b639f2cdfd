//! The results of a group one by one, when its step has failed.
//!
//! A group gives out values on the way, and what failed may be an operand of some of them only. So its operations are
//! run again, each by itself, and what does not depend on the failure has its value. The bits are the same: that is
//! what groups are held to.

use std::collections::HashMap;

use super::collect::Graph;
use super::compile::{Step, StepKind};
use super::execute::{compute, results};
use super::group::Sketch;
use crate::array::buffer::Buffer;
use crate::array::graph::Value;
use crate::array::kernels::fused::{Instruction, Level, Listing, Operand, Program, Work};
use crate::array::primitive::Kernel;
use crate::error::{Report, Result};

/// What each result of a step is, of what its inputs are.
pub(super) fn apart(step: &Step, graph: &Graph, inputs: Vec<Result<Buffer>>) -> Vec<Result<Buffer>> {
    let sketch = Sketch::new(&graph.entries);
    let mut known: HashMap<u32, Result<Buffer>> = step.inputs.iter().copied().zip(inputs).collect();
    results(step)
        .map(|result| {
            let mut stack = vec![result];
            while let Some(&index) = stack.last() {
                let missing = |input: &&u32| !known.contains_key(*input);
                let missing: Vec<u32> =
                    match graph.entries[index as usize].is_leaf || known.contains_key(&index) {
                        true => Vec::new(),
                        false => sketch.inputs[index as usize].iter().filter(missing).copied().collect(),
                    };
                if missing.is_empty() {
                    stack.pop();
                    if !known.contains_key(&index) {
                        let value = alone(graph, &sketch, index, &known);
                        known.insert(index, value);
                    }
                }
                stack.extend(missing);
            }
            known[&result].clone()
        })
        .collect()
}

/// One operation of known operands.
fn alone(
    graph: &Graph,
    sketch: &Sketch<'_>,
    index: u32,
    known: &HashMap<u32, Result<Buffer>>,
) -> Result<Buffer> {
    let entry = &graph.entries[index as usize];
    if entry.is_leaf {
        return match entry.node.value() {
            Value::Ready(buffer) => Ok(buffer),
            Value::Failed(error) => Err(error),
            Value::Pending => Err(Report::new(entry.node.name(), "a value was let go of too early").value()),
        };
    }
    let inputs = sketch.inputs[index as usize].iter().map(|input| known[input].clone());
    let inputs: Vec<Buffer> = inputs.collect::<Result<_>>()?;
    let kind = match entry.node.op.map(|op| (op.name, op.kernel)) {
        Some((name, Kernel::Elementwise(function))) => {
            let (params, dims, dtype) =
                (entry.node.params.clone(), entry.node.spec.dims.clone(), entry.node.spec.dtype);
            let args = (0..inputs.len()).map(Operand::Input).collect();
            let (work, level) = (Work::Each(function), Level::Full);
            StepKind::Fused(Box::new(Program::new(Listing {
                code: vec![Instruction { work, name, params, args, dtype, level, register: 0 }],
                registers: vec![(dtype, level)],
                inputs: vec![level; inputs.len()],
                orders: Vec::new(),
                turned: Vec::new(),
                kept: dims.len(),
                dims,
                exports: Vec::new(),
            })))
        }
        _ => StepKind::Single,
    };
    let places = sketch.inputs[index as usize].to_vec();
    let step = Step { kind, inputs: places, out: index, exports: Vec::new(), last_uses: Vec::new() };
    let mut computed = compute(&step, entry, inputs).map_err(|error| entry.node.value_error(error))?;
    computed.pop().ok_or_else(|| Report::new(entry.node.name(), "a step gave nothing").value())
}
