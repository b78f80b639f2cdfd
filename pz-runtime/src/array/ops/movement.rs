//! Changes of shape, most of which move nothing.

use std::sync::Arc;

use super::infer;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{Element, with_type};
use crate::array::kernels::{copy, pool};
use crate::array::layout::Layout;
use crate::array::params::{Padding, Params};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::array::storage::take_vec;
use crate::error::{Report, Result};

/// The operand itself. Its node is where a gradient scope begins.
pub(crate) static IDENTITY: Primitive = Primitive {
    name: "identity",
    infer: infer::any,
    kernel: Kernel::Same,
    derivative: Derivative::Rule(|b| Ok(vec![Some(b.cotangent.clone())])),
};

/// The operand, as a constant for every derivative.
pub(crate) static STOP_GRADIENT: Primitive = Primitive {
    name: "stop_gradient",
    infer: infer::any,
    kernel: Kernel::Same,
    derivative: Derivative::Zero,
};

/// The first operand, which is the softmax of the second over axes. Its derivative is that of the softmax, said in terms
/// of its result: the steps on the way have derivatives too, but they divide twice, and keep what they divided. (JAX
/// goes by the steps, unless `jax_softmax_custom_jvp` is set.)
pub(crate) static SOFTMAX: Primitive = Primitive {
    name: "softmax",
    infer: |params, inputs| {
        infer::reduce(params, &inputs[..1])?;
        infer::float(params, inputs)
    },
    kernel: Kernel::Same,
    derivative: Derivative::Instead(|b| {
        let (y, axes) = (b.output, b.params.axes());
        // `y * (cotangent - mean)` takes as much, but halves would overflow in the difference.
        let part = y.mul(b.cotangent)?;
        let mean = part.sum(axes)?.broadcast_reduced(y.dims(), axes)?;
        Ok(vec![None, Some(part.sub(&y.mul(&mean)?)?)])
    }),
};

/// Repeats along new axes, and along axes of size 1.
pub(crate) static BROADCAST: Primitive = Primitive {
    name: "broadcast",
    infer: infer::given_dims,
    kernel: Kernel::View(|params, layout| match params {
        Params::Broadcast { dims, source } => Some(layout.broadcast(dims, source)),
        _ => None,
    }),
    derivative: Derivative::Rule(|b| {
        let Params::Broadcast { dims, source } = b.params else { return Ok(vec![None]) };
        let operand = b.inputs[0].dims();
        // Sum over what was repeated, then bring the axes that are left into the operand's order and shape.
        let kept = |axis: usize| source[axis].is_some_and(|from| operand[from] == dims[axis]);
        let summed: Vec<usize> = (0..dims.len()).filter(|&axis| !kept(axis)).collect();
        let sources: Vec<usize> =
            (0..dims.len()).filter(|&axis| kept(axis)).filter_map(|axis| source[axis]).collect();
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|&place| sources[place]);
        let cotangent = b.cotangent.sum(&summed)?.permute(&order)?.reshape(operand)?;
        Ok(vec![Some(cotangent)])
    }),
};

/// The axes in another order.
pub(crate) static PERMUTE: Primitive = Primitive {
    name: "permute",
    infer: |params, inputs| {
        let (order, dims) = (params.axes(), &inputs[0].dims);
        let mut seen = vec![false; dims.len()];
        let valid = order.len() == dims.len()
            && order.iter().all(|&axis| axis < seen.len() && !std::mem::replace(&mut seen[axis], true));
        if !valid {
            let problem = format!("{order:?} is not an order of {} axes", dims.len());
            return Err(Report::new("permute", problem).shape());
        }
        Ok(Spec::new(
            order.iter().map(|&axis| dims[axis]).collect::<smallvec::SmallVec<_>>(),
            inputs[0].dtype,
        ))
    },
    kernel: Kernel::View(|params, layout| Some(layout.permuted(params.axes()))),
    derivative: Derivative::Rule(|b| Ok(vec![Some(b.cotangent.permute(&infer::inverse(b.params.axes()))?)])),
};

/// The same elements in row-major order in other dimensions.
pub(crate) static RESHAPE: Primitive = Primitive {
    name: "reshape",
    infer: |params, inputs| {
        let spec = infer::given_dims(params, inputs)?;
        let (from, to) = (&inputs[0].dims, &spec.dims);
        if crate::array::layout::checked_len(from) != crate::array::layout::checked_len(to) {
            let problem =
                format!("an array of shape {from:?} cannot take the shape {to:?}: the counts differ");
            return Err(Report::new("reshape", problem).shape());
        }
        Ok(spec)
    },
    kernel: Kernel::View(|params, layout| match params {
        Params::Dims(dims) => layout.reshaped(dims),
        _ => None,
    }),
    derivative: Derivative::Rule(|b| Ok(vec![Some(b.cotangent.reshape(b.inputs[0].dims())?)])),
};

/// Every so many elements along one axis, forwards or backwards.
pub(crate) static SLICE: Primitive = Primitive {
    name: "slice",
    infer: |params, inputs| {
        let Params::Slice { axis, start, step, count, .. } = *params else {
            return Err(Report::new("slice", "no range was given").shape());
        };
        infer::axis_exists("slice", axis, &inputs[0].dims)?;
        let size = inputs[0].dims[axis];
        let last = (count.max(1) as i128 - 1) * step as i128 + start as i128;
        if count > 0 && (start >= size || last < 0 || last >= size as i128) {
            let problem =
                format!("elements {start} to {last} of axis {axis} were asked for, and its size is {size}");
            return Err(Report::new("slice", problem).shape());
        }
        let mut spec = inputs[0].clone();
        spec.dims[axis] = count;
        Ok(spec)
    },
    kernel: Kernel::View(|params, layout| match *params {
        Params::Slice { axis, start, step, count, .. } => Some(layout.sliced(axis, start, step, count)),
        _ => None,
    }),
    derivative: Derivative::Rule(|b| {
        let Params::Slice { axis, start, step, count, len } = *b.params else { return Ok(vec![None]) };
        let forwards = if step < 0 { b.cotangent.reverse(axis)? } else { b.cotangent.clone() };
        let reach = step.unsigned_abs().saturating_mul(count.saturating_sub(1));
        let low = if count == 0 {
            0
        } else if step < 0 {
            start - reach
        } else {
            start
        };
        let interior = step.unsigned_abs().saturating_sub(1);
        let covered = if count == 0 { 0 } else { reach + 1 };
        let padding = Padding { low: low as isize, high: (len - low - covered) as isize, interior };
        Ok(vec![Some(forwards.pad_axis(axis, padding)?)])
    }),
};

/// Arrays behind one another along an axis.
pub(crate) static CONCATENATE: Primitive = Primitive {
    name: "concatenate",
    infer: |params, inputs| {
        let axis = params.axis();
        let Some((first, rest)) = inputs.split_first() else {
            return Err(Report::new("concatenate", "no arrays were given")
                .help("give at least one array")
                .shape());
        };
        infer::axis_exists("concatenate", axis, &first.dims)?;
        let mut spec = first.clone();
        for other in rest {
            let fits = other.dims.len() == first.dims.len()
                && other
                    .dims
                    .iter()
                    .zip(&first.dims)
                    .enumerate()
                    .all(|(place, (a, b))| place == axis || a == b);
            if !fits {
                return Err(infer::shapes("concatenate", &first.dims, &other.dims));
            }
            spec.dims[axis] = spec.dims[axis].saturating_add(other.dims[axis]);
        }
        Ok(spec)
    },
    kernel: Kernel::Whole(|params, spec, inputs| Ok(concatenate(params.axis(), spec, &inputs))),
    derivative: Derivative::Rule(concatenate_backward),
};

/// Elements, about, that one task puts in place.
const TASK: usize = 1 << 15;

fn concatenate(axis: usize, spec: &Spec, inputs: &[Buffer]) -> Buffer {
    fn typed<T: Element>(axis: usize, spec: &Spec, inputs: &[Buffer]) -> Buffer {
        let mut out = take_vec::<T>(spec.dims.iter().product());
        let width = spec.dims[axis..].iter().product::<usize>().max(1);
        let rows = (TASK / width).max(1);
        pool::run_chunks(&mut out, rows * width, &|task, out| {
            let mut first = 0;
            for input in inputs.iter().filter(|input| input.layout.len() > 0) {
                copy::columns(input.storage::<T>(), &input.layout, axis, task * rows, out, [width, first]);
                first += input.layout.dims[axis..].iter().product::<usize>();
            }
        });
        Buffer { data: Arc::new(T::wrap(out)), layout: Layout::contiguous(&spec.dims) }
    }
    with_type!(spec.dtype, T => typed::<T>(axis, spec, inputs))
}

fn concatenate_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let axis = b.params.axis();
    let mut start = 0;
    let slices = b.inputs.iter().map(|input| {
        let count = input.dims()[axis];
        let slice = b.cotangent.slice(axis, start, 1, count)?;
        start += count;
        Ok(Some(slice))
    });
    slices.collect()
}
