//! The reference evaluator: every node by itself.
//!
//! No plan is made. An operation's own kernel runs on row-major copies that nothing else holds, so there is nothing to
//! fuse, to view or to write in place; elementwise kernels run on short blocks of an odd length, so that the ends of
//! vector loops fall elsewhere than in a plan.

use std::collections::HashMap;
use std::sync::Arc;

use super::naive;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, sealed::Stored, with_type};
use crate::array::graph::{Node, Value};
use crate::array::kernels::block::{BlockFn, Blocks, Slice, apply, register_mut};
use crate::array::kernels::reduce;
use crate::array::layout::Layout;
use crate::array::params::Params;
use crate::array::primitive::{Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// Elements of a block: no multiple of any vector's length.
const SHORT: usize = 37;

/// The values of nodes, as far as they were asked for.
#[derive(Default)]
pub(super) struct Values(HashMap<*const Node, (Arc<Node>, Result<Buffer>)>);

impl Values {
    /// The value of an array. The node stays as it was.
    ///
    /// # Errors
    /// A node on the way whose value is not what the scalar loops give: its operation, and where.
    pub(super) fn of(&mut self, array: &Array) -> std::result::Result<&Result<Buffer>, String> {
        let root = array.as_node();
        let mut stack = vec![root.clone()];
        while let Some(node) = stack.pop() {
            if self.0.contains_key(&Arc::as_ptr(&node)) {
                continue;
            }
            let inputs = if node.is_pending() { node.inputs() } else { Default::default() };
            let missing: Vec<Arc<Node>> =
                inputs.iter().filter(|input| !self.0.contains_key(&Arc::as_ptr(input))).cloned().collect();
            if !missing.is_empty() {
                stack.push(node);
                stack.extend(missing);
                continue;
            }
            let operands: Result<Vec<Buffer>> =
                inputs.iter().map(|input| self.0[&Arc::as_ptr(input)].1.clone()).collect();
            let value = match (node.value(), operands) {
                (Value::Ready(buffer), _) => Ok(fresh(&buffer)),
                (Value::Failed(error), _) | (Value::Pending, Err(error)) => Err(error),
                (Value::Pending, Ok(operands)) => {
                    let op = node.op.expect("a node without an operation has its value");
                    let value = compute(op, &node.params, &node.spec, &operands);
                    if let Ok(value) = &value {
                        naive::judge(op.name, &node.params, &operands, value)?;
                    }
                    value
                }
            };
            self.0.insert(Arc::as_ptr(&node), (node, value));
        }
        Ok(&self.0[&Arc::as_ptr(root)].1)
    }
}

/// A row-major copy.
fn fresh(buffer: &Buffer) -> Buffer {
    with_type!(buffer.dtype(), T => Buffer::from_vec(buffer.to_vec::<T>(), &buffer.layout.dims))
}

fn compute(op: &'static Primitive, params: &Params, spec: &Spec, operands: &[Buffer]) -> Result<Buffer> {
    let operands: Vec<Buffer> = operands.iter().map(fresh).collect();
    let value = match op.kernel {
        Kernel::Elementwise(function) => elementwise(function, params, spec, &operands),
        Kernel::Same => operands[0].clone(),
        Kernel::View(view) => {
            let layout = view(params, &operands[0].layout);
            let missing = || Report::new(op.name, "a row-major array cannot be viewed so").value();
            operands[0].with_layout(layout.ok_or_else(missing)?)
        }
        Kernel::Reduce(reduction) => reduce::reduce(reduction, &operands[0], params.axes(), &spec.dims),
        Kernel::Whole(kernel) => kernel(params, spec, operands)?,
    };
    Ok(fresh(&value))
}

fn elementwise(function: BlockFn, params: &Params, spec: &Spec, operands: &[Buffer]) -> Buffer {
    fn part(buffer: &Buffer, from: usize, to: usize) -> Slice<'_> {
        with_type!(buffer.dtype(), T => T::view(&buffer.as_slice::<T>().expect("it is row-major")[from..to]))
    }
    let len = spec.dims.iter().product();
    let mut out = with_type!(spec.dtype, T => T::wrap(vec![T::default(); len]));
    for from in (0..len).step_by(SHORT) {
        let to = (from + SHORT).min(len);
        let args: Vec<Slice<'_>> = operands.iter().map(|operand| part(operand, from, to)).collect();
        apply(function, params, &args, &mut register_mut(&mut out, len).part(from, to));
    }
    Buffer { data: Arc::new(out), layout: Layout::contiguous(&spec.dims) }
}

/// Whether a dtype's elements are held as floats by the scalar loops.
pub(super) fn numbers(buffer: &Buffer) -> naive::Numbers {
    fn whole<T: Stored>(v: T, dtype: DType) -> i128 {
        match dtype {
            DType::U64 => i128::from(v.to_bits64() as u64),
            _ => i128::from(v.to_bits64()),
        }
    }
    let dtype = buffer.dtype();
    with_type!(dtype, T => match dtype.is_float() {
        true => naive::Numbers::Floats(buffer.to_vec::<T>().into_iter().map(Stored::to_f64).collect()),
        false => naive::Numbers::Whole(buffer.to_vec::<T>().into_iter().map(|v| whole(v, dtype)).collect()),
    })
}
