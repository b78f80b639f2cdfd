//! `pad`: elements added before, after and between those of an array, or cut off where the number is below 0.
//!
//! The semantics are those of XLA's pad. A slice is the inverse of it, so each is the other's derivative: whatever
//! step and direction a slice has, what passes back through it is one pad.

use smallvec::SmallVec;

use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{Element, with_type};
use crate::array::kernels::copy;
use crate::array::layout::{Dims, Layout};
use crate::array::params::{Padding, Params};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::array::storage::take_vec;
use crate::error::{Report, Result};

/// An array with elements around. Operands: array, the one element that is added.
pub(crate) static PAD: Primitive = Primitive {
    name: "pad",
    infer: |params, inputs| {
        let (pads, [operand, fill]) = (paddings(params), inputs) else {
            return Err(Report::new("pad", "an array and a filling element are needed").shape());
        };
        if pads.len() != operand.dims.len() || !fill.dims.is_empty() || fill.dtype != operand.dtype {
            let problem = format!(
                "{} paddings and a filling of {}{:?} were given for an array of {}{:?}",
                pads.len(),
                fill.dtype,
                fill.dims,
                operand.dtype,
                operand.dims
            );
            return Err(Report::new("pad", problem).shape());
        }
        let mut dims = Dims::new();
        for (axis, (pad, &size)) in pads.iter().zip(&operand.dims).enumerate() {
            match usize::try_from(padded(pad, size)) {
                Ok(len) => dims.push(len),
                Err(_) => {
                    let problem = format!(
                        "axis {axis} of size {size} cannot have {} before, {} after and {} between",
                        pad.low, pad.high, pad.interior
                    );
                    return Err(Report::new("pad", problem).help("cut off no more than there is").shape());
                }
            }
        }
        Ok(Spec::new(dims, operand.dtype))
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(with_type!(spec.dtype, T => run::<T>(paddings(params), spec, &inputs)))
    }),
    derivative: Derivative::Rule(backward),
};

fn paddings(params: &Params) -> &[Padding] {
    match params {
        Params::Pad(pads) => pads,
        _ => &[],
    }
}

/// The size of a padded axis, which may be below 0 or beyond what can be.
fn padded(pad: &Padding, size: usize) -> i128 {
    let between = size.saturating_sub(1) as i128 * pad.interior as i128;
    pad.low as i128 + pad.high as i128 + size as i128 + between
}

/// The elements of an axis that a padding does not cut off: the first of them, and their number. The step between
/// their places is `interior + 1`.
fn visible(pad: &Padding, size: usize) -> (usize, usize) {
    let step = pad.interior as i128 + 1;
    let len = padded(pad, size);
    // The element `i` lies at `low + i * step`.
    let first =
        (-(pad.low as i128)).max(0).div_euclid(step) + i128::from((-(pad.low as i128)).max(0) % step != 0);
    let end = (len - pad.low as i128 - 1).div_euclid(step) + 1;
    let (first, end) = (first.min(size as i128), end.clamp(0, size as i128));
    (first as usize, (end - first).max(0) as usize)
}

/// The place in the result of the element `index`.
fn place(pad: &Padding, index: usize) -> usize {
    (pad.low as i128 + index as i128 * (pad.interior as i128 + 1)).max(0) as usize
}

fn run<T: Element>(pads: &[Padding], spec: &Spec, inputs: &[Buffer]) -> Buffer {
    let mut out = take_vec::<T>(spec.dims.iter().product());
    let fill = &inputs[1];
    out.fill(fill.storage::<T>()[fill.layout.offset]);
    let (mut from, mut to) = (inputs[0].layout.clone(), Layout::contiguous(&spec.dims));
    for (axis, pad) in pads.iter().enumerate() {
        let (first, count) = visible(pad, inputs[0].layout.dims[axis]);
        from = from.sliced(axis, first, 1, count);
        let step = if count > 1 { pad.interior as isize + 1 } else { 1 };
        to = to.sliced(axis, place(pad, first), step, count);
    }
    if from.len() > 0 {
        copy::between(inputs[0].storage::<T>(), &from, &mut out, &to);
    }
    Buffer::from_vec(out, &spec.dims)
}

/// The elements that are to be seen get theirs; the filling gets the sum of the others.
fn backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (pads, operand) = (paddings(b.params), &b.inputs[0]);
    let mut seen = b.cotangent.clone();
    let mut back: SmallVec<[Padding; 4]> = SmallVec::new();
    for (axis, pad) in pads.iter().enumerate() {
        let size = operand.dims()[axis];
        let (first, count) = visible(pad, size);
        let step = if count > 1 { pad.interior as isize + 1 } else { 1 };
        let start = if count > 0 { place(pad, first) } else { 0 };
        seen = seen.slice(axis, start, step, count)?;
        back.push(Padding { low: first as isize, high: (size - first - count) as isize, interior: 0 });
    }
    let all: Vec<usize> = (0..pads.len()).collect();
    let filling = b.cotangent.sum(&all)?.sub(&seen.sum(&all)?)?;
    Ok(vec![Some(seen.pad(&back, &filling.full_like(0.0)?)?), Some(filling)])
}

impl Array {
    /// This array with `pads[i]` elements around those of axis `i`, each of them `fill`.
    #[track_caller]
    pub(crate) fn pad(&self, pads: &[Padding], fill: &Array) -> Result<Array> {
        if pads.len() == self.dims().len() && pads.iter().all(|pad| *pad == Padding::default()) {
            return Ok(self.clone());
        }
        Array::apply(&PAD, Params::Pad(pads.into()), &[self, fill])
    }

    /// This array with zeros around along one axis.
    #[track_caller]
    pub(crate) fn pad_axis(&self, axis: usize, pad: Padding) -> Result<Array> {
        let pads: Vec<Padding> =
            (0..self.dims().len()).map(|at| if at == axis { pad } else { Padding::default() }).collect();
        self.pad(&pads, &Array::scalar_of(0.0, self.dtype()))
    }
}
