//! Bodies that run again and again: over the rows of arrays, or while a condition holds.
//!
//! A loop is one operation of the graph, so its number of steps costs no memory but that of the rows it makes. What is
//! carried moves from step to step, so a body that updates it does so in place.

use std::sync::Arc;

use super::control::{control, infer, several, unfit};
use crate::array::buffer::Buffer;
use crate::array::control::{Control, Scan, While};
use crate::array::dtype::{Element, sealed::Stored, with_type};
use crate::array::kernels::copy;
use crate::array::layout::{Dims, Layout, Strides};
use crate::array::plan::Runner;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::array::storage::{has_room, take_vec};
use crate::error::{Report, Result};

/// A body over rows.
pub(crate) static SCAN: Primitive = Primitive {
    name: "scan",
    infer,
    kernel: Kernel::Whole(|params, _, inputs| match control(params)? {
        Control::Scan(parameters) => scan(parameters, inputs),
        _ => Err(unfit("scan")),
    }),
    derivative: Derivative::Bodies,
};

/// A body while a condition holds.
pub(crate) static WHILE: Primitive = Primitive {
    name: "while",
    infer,
    kernel: Kernel::Whole(|params, _, inputs| match control(params)? {
        Control::While(parameters) => while_loop(parameters, inputs),
        _ => Err(unfit("while")),
    }),
    derivative: Derivative::Bodies,
};

/// The transpose of a loop: what the forward direction goes through, and nobody evaluates. No row of the table of
/// primitives: it computes nothing.
pub(crate) static WHILE_TRANSPOSED: Primitive = Primitive {
    name: "while_transposed",
    infer,
    kernel: Kernel::Whole(|_, _, _| {
        Err(Report::new("while_loop", "the number of steps is not known, so there is no way back through it")
            .value())
    }),
    derivative: Derivative::Bodies,
};

fn scan(scan: &Scan, inputs: Vec<Buffer>) -> Result<Buffer> {
    let mut inputs = inputs.into_iter();
    let mut runner = Runner::new(&scan.body, inputs.by_ref().take(scan.held));
    let mut carried: Vec<Buffer> = inputs.by_ref().take(scan.carried).collect();
    let rows_of: Vec<Buffer> = inputs.collect();
    let mut stacks = scan.stacks().iter().map(Stack::new).collect::<Result<Vec<_>>>()?;
    let made = scan.body.outputs.len() - scan.carried;
    for step in 0..scan.length {
        let at = if scan.reverse { scan.length - 1 - step } else { step };
        for (stack, carried) in stacks[made..].iter_mut().zip(&carried) {
            stack.put(at, carried);
        }
        let rows = rows_of.iter().map(|array| row(array, at));
        let mut results = runner.run(carried.drain(..).chain(rows))?;
        for (stack, row) in stacks.iter_mut().zip(results.drain(scan.carried..)) {
            stack.put(at, &row);
        }
        carried = results;
    }
    carried.extend(stacks.into_iter().map(|stack| stack.0));
    Ok(several(carried))
}

fn row(array: &Buffer, at: usize) -> Buffer {
    let layout = &array.layout;
    array.with_layout(Layout {
        dims: Dims::from_slice(&layout.dims[1..]),
        strides: Strides::from_slice(&layout.strides[1..]),
        offset: layout.offset.wrapping_add_signed(at as isize * layout.strides[0]),
    })
}

/// An array that is written row by row.
struct Stack(Buffer);

impl Stack {
    fn new(spec: &Spec) -> Result<Self> {
        has_room("scan", &spec.dims, spec.dtype)?;
        let len = spec.dims.iter().product();
        Ok(Stack(with_type!(spec.dtype, T => Buffer::from_vec(take_vec::<T>(len), &spec.dims))))
    }

    fn put(&mut self, at: usize, row: &Buffer) {
        fn typed<T: Element>(stack: &mut Buffer, at: usize, row: &Buffer) {
            let width = row.layout.len();
            let Some(values) = Arc::get_mut(&mut stack.data).and_then(|data| <T as Stored>::vec_mut(data))
            else {
                unreachable!("nobody else has a stack that is being written");
            };
            let out = &mut values[at * width..][..width];
            match row.as_slice::<T>() {
                Some(row) => out.copy_from_slice(row),
                None => copy::gather(row.storage::<T>(), &row.layout, out),
            }
        }
        with_type!(row.dtype(), T => typed::<T>(&mut self.0, at, row));
    }
}

fn while_loop(parameters: &While, inputs: Vec<Buffer>) -> Result<Buffer> {
    let (held, mut carried) = (&inputs[..parameters.held], inputs[parameters.held..].to_vec());
    let mut condition = Runner::new(&parameters.condition, held.iter().cloned());
    let mut body = Runner::new(&parameters.body, held.iter().cloned());
    drop(inputs);
    loop {
        let holds = condition.run(carried.iter().cloned())?;
        if !holds.iter().all(|holds| holds.storage::<bool>()[holds.layout.offset]) {
            return Ok(several(carried));
        }
        drop(holds);
        carried = body.run(carried.drain(..))?;
    }
}
