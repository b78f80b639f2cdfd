//! Elements at places that are values: gather, scatter, windows at a computed start.
//!
//! Places out of range behave as in JAX, where Penzai relies on it: `take` counts negative places from the
//! end once and then clamps to the axis, the start of a window clamps so that the window fits, and
//! `scatter_add` leaves out what falls outside.

use super::infer;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DKind, DType, Element, sealed::Stored, with_type};
use crate::array::kernels::copy;
use crate::array::layout::{Dims, Layout};
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::array::storage::take_vec;
use crate::error::{Report, Result};

/// `0, 1, 2, …` along one axis, as `i32` (`i64` where that is too small); no operand.
pub(crate) static IOTA: Primitive = Primitive {
    name: "iota",
    infer: |params, _| match *params {
        Params::Window { len, .. } => {
            let dtype = if i32::try_from(len).is_ok() { DType::I32 } else { DType::I64 };
            Ok(Spec::new(Dims::from_slice(&[len]), dtype))
        }
        _ => Err(Report::new("iota", "a length is needed").shape()),
    },
    kernel: Kernel::Whole(|_, spec, _| {
        Ok(match spec.dtype {
            DType::I32 => Buffer::from_vec((0..spec.dims[0] as i32).collect(), &spec.dims),
            _ => Buffer::from_vec((0..spec.dims[0] as i64).collect(), &spec.dims),
        })
    }),
    derivative: Derivative::Zero,
};

fn integer(op: &str, spec: &Spec) -> Result<()> {
    if spec.dtype.kind() == DKind::Int {
        return Ok(());
    }
    let problem = format!("places are {}, and must be integers", spec.dtype);
    Err(Report::new(op, problem).help("cast them: `indices.cast(DType::I32)`").dtype())
}

/// Slices of the first operand along an axis, at the places in the second. The result's axes: those of the
/// places, then the operand's others.
pub(crate) static TAKE: Primitive = Primitive {
    name: "take",
    infer: |params, inputs| {
        let [operand, places] = inputs else {
            return Err(Report::new("take", "two operands are needed").shape());
        };
        let axis = params.axis();
        infer::axis_exists("take", axis, &operand.dims)?;
        integer("take", places)?;
        if operand.dims[axis] == 0 && places.dims.iter().all(|&dim| dim > 0) {
            return Err(
                Report::new("take", format!("axis {axis} has size 0, so there is nothing to take")).shape()
            );
        }
        let mut dims = places.dims.clone();
        dims.extend(infer::without(&operand.dims, &[axis]));
        Ok(Spec::new(dims, operand.dtype))
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(with_type!(spec.dtype, T => take::<T>(params, spec, &inputs)))
    }),
    derivative: Derivative::Rule(|b| {
        let axis = b.params.axis();
        let params = Params::Window { axis, len: b.inputs[0].dims()[axis] };
        Ok(vec![Some(Array::apply(&SCATTER_ADD, params, &[&b.inputs[1], b.cotangent])?), None])
    }),
};

/// The operand with `axis` first and the rest behind, and the layout of one slice.
fn slices(layout: &Layout, axis: usize) -> (isize, Layout) {
    let rest: Dims = (0..layout.dims.len()).filter(|&other| other != axis).collect();
    (layout.strides[axis], layout.permuted(&rest))
}

fn places(buffer: &Buffer) -> Vec<i64> {
    with_type!(buffer.dtype(), T => buffer.to_vec::<T>().into_iter().map(Stored::to_bits64).collect())
}

fn take<T: Element>(params: &Params, spec: &Spec, inputs: &[Buffer]) -> Buffer {
    let axis = params.axis();
    let size = inputs[0].layout.dims[axis] as i64;
    let (stride, slice) = slices(&inputs[0].layout, axis);
    let mut out = take_vec::<T>(spec.dims.iter().product());
    let width = slice.len();
    if width > 0 {
        let collapsed = slice.collapsed();
        for (out, place) in out.chunks_exact_mut(width).zip(places(&inputs[1])) {
            let place = if place < 0 { place + size } else { place }.clamp(0, size - 1);
            let mut layout = collapsed.clone();
            layout.offset = layout.offset.wrapping_add_signed(place as isize * stride);
            copy::gather_from(inputs[0].storage::<T>(), &layout, 0, out);
        }
    }
    Buffer::from_vec(out, &spec.dims)
}

/// Zeros, to which slices are added at places: the transpose of `take`. Operands: places, slices.
pub(crate) static SCATTER_ADD: Primitive = Primitive {
    name: "scatter_add",
    infer: |params, inputs| {
        let [places, slices] = inputs else {
            return Err(Report::new("scatter_add", "two operands are needed").shape());
        };
        let Params::Window { axis, len } = *params else {
            return Err(Report::new("scatter_add", "an axis and its size are needed").shape());
        };
        integer("scatter_add", places)?;
        let rank = places.dims.len();
        if slices.dims.len() < rank
            || slices.dims[..rank] != places.dims[..]
            || axis > slices.dims.len() - rank
        {
            return Err(infer::shapes("scatter_add", &places.dims, &slices.dims));
        }
        let mut dims: Dims = slices.dims[rank..].into();
        dims.insert(axis, len);
        Ok(Spec::new(dims, slices.dtype))
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(match spec.dtype {
            DType::F32 => scatter_add::<f32>(params, spec, &inputs, |a, b| a + b),
            DType::F64 => scatter_add::<f64>(params, spec, &inputs, |a, b| a + b),
            dtype => with_type!(dtype, T => scatter_add::<T>(params, spec, &inputs, |a, b| {
                if T::DTYPE.is_float() {
                    T::from_f64(a.to_f64() + b.to_f64())
                } else {
                    T::from_bits64(a.to_bits64().wrapping_add(b.to_bits64()))
                }
            })),
        })
    }),
    derivative: Derivative::Rule(|b| {
        let params = Params::Axis(b.params.axis());
        Ok(vec![None, Some(Array::apply(&TAKE, params, &[b.cotangent, &b.inputs[0]])?)])
    }),
};

fn scatter_add<T: Element>(
    params: &Params,
    spec: &Spec,
    inputs: &[Buffer],
    add: impl Fn(T, T) -> T,
) -> Buffer {
    let axis = params.axis();
    let size = spec.dims[axis] as i64;
    let outer: usize = spec.dims[..axis].iter().product();
    let inner: usize = spec.dims[axis + 1..].iter().product();
    let mut out = take_vec::<T>(spec.dims.iter().product());
    out.fill(T::default());
    let values = inputs[1].to_vec::<T>();
    if outer * inner > 0 {
        for (slice, place) in values.chunks_exact(outer * inner).zip(places(&inputs[0])) {
            let place = if place < 0 { place + size } else { place };
            if !(0..size).contains(&place) {
                continue;
            }
            for (o, run) in slice.chunks_exact(inner).enumerate() {
                let start = (o * size as usize + place as usize) * inner;
                out[start..start + inner].iter_mut().zip(run).for_each(|(to, from)| *to = add(*to, *from));
            }
        }
    }
    Buffer::from_vec(out, &spec.dims)
}

/// A window along an axis from a computed start. Operands: array, start.
pub(crate) static DYNAMIC_SLICE: Primitive = Primitive {
    name: "dynamic_slice",
    infer: |params, inputs| {
        let Params::Window { axis, len } = *params else {
            return Err(Report::new("dynamic_slice", "an axis and a length are needed").shape());
        };
        infer::axis_exists("dynamic_slice", axis, &inputs[0].dims)?;
        integer("dynamic_slice", &inputs[1])?;
        let size = inputs[0].dims[axis];
        if len > size {
            let problem = format!("a window of {len} was asked for, and the axis has size {size}");
            return Err(Report::new("dynamic_slice", problem).shape());
        }
        let mut spec = inputs[0].clone();
        spec.dims[axis] = len;
        Ok(spec)
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        let axis = params.axis();
        let start = window_start(&inputs[1], inputs[0].layout.dims[axis], spec.dims[axis]);
        Ok(inputs[0].with_layout(inputs[0].layout.sliced(axis, start, 1, spec.dims[axis])))
    }),
    derivative: Derivative::Rule(|b| {
        let zeros = b.inputs[0].full_like(0.0)?;
        Ok(vec![Some(zeros.dynamic_update_slice(b.params.axis(), b.cotangent, &b.inputs[1])?), None])
    }),
};

/// An array in which a window along an axis is overwritten from a computed start on. Operands: array, window,
/// start. Written in place where nobody else holds the array.
pub(crate) static DYNAMIC_UPDATE_SLICE: Primitive = Primitive {
    name: "dynamic_update_slice",
    infer: |params, inputs| {
        let [operand, update, start] = inputs else {
            return Err(Report::new("dynamic_update_slice", "three operands are needed").shape());
        };
        let axis = params.axis();
        infer::axis_exists("dynamic_update_slice", axis, &operand.dims)?;
        integer("dynamic_update_slice", start)?;
        let fits = operand.dims.len() == update.dims.len()
            && update
                .dims
                .iter()
                .zip(&operand.dims)
                .enumerate()
                .all(|(place, (new, old))| if place == axis { new <= old } else { new == old });
        if !fits || operand.dtype != update.dtype {
            let problem = format!(
                "a window of {}{:?} does not fit into an array of {}{:?} along axis {axis}",
                update.dtype, update.dims, operand.dtype, operand.dims
            );
            return Err(Report::new("dynamic_update_slice", problem).shape());
        }
        Ok(operand.clone())
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(with_type!(spec.dtype, T => update::<T>(params, inputs)))
    }),
    derivative: Derivative::Rule(|b| {
        let axis = b.params.axis();
        let hole = b.inputs[1].full_like(0.0)?;
        let around = b.cotangent.dynamic_update_slice(axis, &hole, &b.inputs[2])?;
        let window = b.cotangent.dynamic_slice(axis, &b.inputs[2], b.inputs[1].dims()[axis])?;
        Ok(vec![Some(around), Some(window), None])
    }),
};

/// The start, clamped so that the window fits.
fn window_start(start: &Buffer, size: usize, len: usize) -> usize {
    let start = places(start).first().copied().unwrap_or(0);
    let start = if start < 0 { start.saturating_add(size as i64) } else { start };
    start.clamp(0, (size - len) as i64) as usize
}

fn update<T: Element>(params: &Params, inputs: Vec<Buffer>) -> Buffer {
    let axis = params.axis();
    let mut inputs = inputs.into_iter();
    let (Some(mut target), Some(window), Some(start)) = (inputs.next(), inputs.next(), inputs.next()) else {
        unreachable!("the shape rule asks for three operands");
    };
    let len = window.layout.dims[axis];
    let start = window_start(&start, target.layout.dims[axis], len);
    // A repeated element cannot be written for one of its places only.
    let distinct =
        target.layout.dims.iter().zip(&target.layout.strides).all(|(&dim, &stride)| dim <= 1 || stride != 0);
    let in_place =
        distinct && std::sync::Arc::get_mut(&mut target.data).is_some_and(|data| T::vec_mut(data).is_some());
    if !in_place {
        target = Buffer::from_vec(target.to_vec::<T>(), &target.layout.dims);
    }
    let place = target.layout.sliced(axis, start, 1, len);
    let data = std::sync::Arc::get_mut(&mut target.data).and_then(|data| T::vec_mut(data));
    if let Some(values) = data
        && window.layout.len() > 0
    {
        match window.as_slice::<T>() {
            Some(window) => copy::scatter(values, &place, window),
            None => copy::scatter(values, &place, &window.to_vec::<T>()),
        }
    }
    target
}
