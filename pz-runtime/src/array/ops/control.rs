//! Bodies that run once: one of several, one that a gradient computes again, a function with the user's derivative.
//!
//! None of them has a derivative rule here: the derivative of a body is a body, which `grad` makes by walking through
//! this one.

use crate::array::buffer::Buffer;
use crate::array::control::Control;
use crate::array::dtype::{DType, sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout};
use crate::array::params::Params;
use crate::array::plan::Runner;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::array::storage::{Data, Results};
use crate::error::{Report, Result};

/// One of the results of an operation that has several.
pub(crate) static PART: Primitive = Primitive {
    name: "part",
    infer: |params, _| match params {
        Params::Part { spec, .. } => Ok((**spec).clone()),
        _ => Err(Report::new("part", "the number of a result is needed").shape()),
    },
    kernel: Kernel::Whole(|params, _, inputs| {
        let (Params::Part { index, .. }, Some(Data::Several(parts))) =
            (params, inputs.first().map(|several| &*several.data))
        else {
            return Err(Report::new("part", "the operand is one result, not several").value());
        };
        parts
            .0
            .get(*index)
            .cloned()
            .ok_or_else(|| Report::new("part", format!("there is no result {index}")).value())
    }),
    derivative: Derivative::Part,
};

/// The body whose number is the first operand, on the others. Numbers out of range are clamped.
pub(crate) static SWITCH: Primitive = Primitive {
    name: "switch",
    infer,
    kernel: Kernel::Whole(|params, _, inputs| match control(params)? {
        Control::Switch(branches) => {
            let mut inputs = inputs.into_iter();
            let number = inputs.next().map_or(0, |number| whole_number(&number));
            let number = usize::try_from(number.max(0)).unwrap_or(usize::MAX).min(branches.len() - 1);
            Ok(several(Runner::new(&branches[number], []).run(inputs)?))
        }
        _ => Err(unfit("switch")),
    }),
    derivative: Derivative::Bodies,
};

/// A body whose intermediate values nobody keeps: a gradient computes them again.
pub(crate) static CHECKPOINT: Primitive = Primitive {
    name: "checkpoint",
    infer,
    kernel: Kernel::Whole(|params, _, inputs| match control(params)? {
        Control::Switch(branches) => Ok(several(Runner::new(&branches[0], []).run(inputs)?)),
        _ => Err(unfit("checkpoint")),
    }),
    derivative: Derivative::Bodies,
};

/// Results that are among the operands, with a derivative of the user's.
pub(crate) static CUSTOM: Primitive = Primitive {
    name: "custom",
    infer,
    kernel: Kernel::Whole(|params, _, inputs| match control(params)? {
        Control::Custom(custom) => {
            Ok(several(inputs.into_iter().skip(custom.inputs).take(custom.results).collect()))
        }
        _ => Err(unfit("custom")),
    }),
    derivative: Derivative::Bodies,
};

/// The spec of a node with several results: that of no elements.
pub(crate) fn infer(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    control(params)?.judge("control flow", inputs)?;
    Ok(Spec::new(Dims::from_slice(&[0]), DType::U8))
}

/// The parameters of control flow.
pub(crate) fn control(params: &Params) -> Result<&Control> {
    match params {
        Params::Control(control) => Ok(control),
        _ => Err(Report::new("control flow", "bodies are needed").shape()),
    }
}

/// The error for parameters of another operation.
pub(crate) fn unfit(op: &str) -> crate::Error {
    Report::new(op, "the bodies are those of another operation").value()
}

/// Several results as one value.
pub(crate) fn several(parts: Vec<Buffer>) -> Buffer {
    Buffer { data: std::sync::Arc::new(Data::Several(Results(parts))), layout: Layout::contiguous(&[0]) }
}

fn whole_number(buffer: &Buffer) -> i64 {
    with_type!(buffer.dtype(), T => buffer.storage::<T>()[buffer.layout.offset].to_bits64())
}
