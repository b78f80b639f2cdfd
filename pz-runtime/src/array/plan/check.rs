//! `PZ_CHECK=finite`: the first operation that makes NaN or infinity out of finite numbers fails, and says where.
//!
//! The error is that of any value that cannot be: it names the operation, the element, the user's line and the layer,
//! and is read wherever the value is needed. Nothing is fused while this is on, so that every operation is seen by
//! itself; each looks through its operands and its result, which is slow, and costs nothing when it is off. What an
//! operation makes of NaN or infinity that was there before (a mask of minus infinities) is its own affair.

use std::sync::LazyLock;

use super::collect::Entry;
use crate::array::buffer::Buffer;
use crate::array::dtype::{Element, with_type};
use crate::array::setting;
use crate::array::storage::Data;
use crate::error::{Report, Result};

static FINITE: LazyLock<bool> = LazyLock::new(|| {
    let parse = |text: &str| (text == "finite").then_some(true);
    setting::read("PZ_CHECK", "finite", parse, || (false, "checking nothing".to_owned()))
});

/// Whether operations are to be checked.
pub(super) fn is_on() -> bool {
    *FINITE
}

/// Whether all elements are finite.
pub(super) fn are_finite(buffers: &[Buffer]) -> bool {
    buffers.iter().all(|buffer| match &*buffer.data {
        Data::Several(several) => are_finite(&several.0),
        _ => strange(buffer).is_none(),
    })
}

/// Refuses what an operation on finite operands gave, where that is not finite.
pub(super) fn judge(entry: &Entry, result: &Buffer) -> Result<()> {
    let several = match &*result.data {
        Data::Several(several) => several.0.as_slice(),
        _ => std::slice::from_ref(result),
    };
    let Some((index, value)) = several.iter().find_map(strange) else { return Ok(()) };
    let node = &entry.node;
    let (dtype, dims) = (node.spec.dtype, &node.spec.dims);
    // A part of what the user called, which the report is about, is named beside it.
    let of = match node.call.function {
        Some(function) if function != node.name() => format!(" of `{}`", node.name()),
        _ => String::new(),
    };
    let problem =
        format!("element {index:?} of the result {dtype}{dims:?}{of} is {value}, of finite operands");
    Err(Report::new(node.name(), problem)
        .help("PZ_CHECK=finite is set, which makes this an error; without it the value is computed with")
        .value())
}

/// The first element that is not finite: its index, and what it is.
fn strange(buffer: &Buffer) -> Option<(Vec<usize>, f64)> {
    fn typed<T: Element>(buffer: &Buffer) -> Option<(usize, f64)> {
        match buffer.as_slice::<T>() {
            Some(values) => first(values),
            None => first(&buffer.to_vec::<T>()),
        }
    }
    fn first<T: Element>(values: &[T]) -> Option<(usize, f64)> {
        values.iter().map(|value| value.to_f64()).enumerate().find(|(_, value)| !value.is_finite())
    }
    if !buffer.dtype().is_float() {
        return None;
    }
    // What is repeated is looked at once.
    let mut layout = buffer.layout.clone();
    layout.dims.iter_mut().zip(&layout.strides).for_each(|(dim, &stride)| {
        if stride == 0 {
            *dim = (*dim).min(1);
        }
    });
    let dims = layout.dims.clone();
    let seen = buffer.with_layout(layout);
    let (mut place, value) = with_type!(seen.dtype(), T => typed::<T>(&seen))?;
    let mut index = vec![0; dims.len()];
    for (index, &dim) in index.iter_mut().zip(&dims).rev() {
        *index = place % dim;
        place /= dim;
    }
    Some((index, value))
}
