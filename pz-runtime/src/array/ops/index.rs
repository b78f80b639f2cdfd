//! Counting, and windows at a computed start.
//!
//! As in JAX, where Penzai relies on it: a start below 0 counts from the end once, and then every start clamps so
//! that its window fits. One node serves windows along several axes, with a start for each.

use super::infer;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DKind, DType, Element, sealed::Stored, with_type};
use crate::array::kernels::copy;
use crate::array::layout::{Dims, Layout};
use crate::array::params::{AxisList, Params};
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// `0, 1, 2, …` along one axis, as `i32` (`i64` where that is too small); no operand.
pub(crate) static IOTA: Primitive = Primitive {
    name: "iota",
    infer: |params, _| match params {
        Params::Dims(dims) if dims.len() == 1 => {
            let dtype = if i32::try_from(dims[0]).is_ok() { DType::I32 } else { DType::I64 };
            Ok(Spec::new(dims.clone(), dtype))
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

/// Refuses indices that are no integers.
pub(super) fn integer(op: &str, spec: &Spec) -> Result<()> {
    if spec.dtype.kind() == DKind::Int {
        return Ok(());
    }
    let problem = format!("places are {}, and must be integers", spec.dtype);
    Err(Report::new(op, problem).help("cast them: `indices.cast(DType::I32)`").dtype())
}

/// Refuses starts that are not one integer for each axis.
fn starts(op: &str, axes: &[usize], starts: &[Spec]) -> Result<()> {
    if starts.len() != axes.len() || starts.iter().any(|start| !start.dims.is_empty()) {
        let problem = format!("{} starts were given for windows along {} axes", starts.len(), axes.len());
        return Err(Report::new(op, problem).help("give one number without axes for each axis").shape());
    }
    starts.iter().try_for_each(|start| integer(op, start))
}

/// A window from computed starts. Operands: array, a start for each axis. A view.
pub(crate) static DYNAMIC_SLICE: Primitive = Primitive {
    name: "dynamic_slice",
    infer: |params, inputs| {
        let Params::Windows { axes, lens } = params else {
            return Err(Report::new("dynamic_slice", "axes and lengths are needed").shape());
        };
        starts("dynamic_slice", axes, &inputs[1..])?;
        let mut spec = inputs[0].clone();
        for (&axis, &len) in axes.iter().zip(lens.iter()) {
            infer::axis_exists("dynamic_slice", axis, &spec.dims)?;
            let size = inputs[0].dims[axis];
            if len > size {
                let problem = format!("a window of {len} was asked for, and axis {axis} has size {size}");
                return Err(Report::new("dynamic_slice", problem).shape());
            }
            spec.dims[axis] = len;
        }
        Ok(spec)
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        let axes = window_axes(params);
        Ok(inputs[0].with_layout(window(&inputs[0].layout, axes, &spec.dims, &inputs[1..])))
    }),
    derivative: Derivative::Rule(|b| {
        let zeros = b.inputs[0].full_like(0.0)?;
        let starts: Vec<&Array> = b.inputs[1..].iter().collect();
        let put = zeros.dynamic_update_slices(window_axes(b.params), b.cotangent, &starts)?;
        Ok(std::iter::once(Some(put)).chain(starts.iter().map(|_| None)).collect())
    }),
};

/// An array in which a window is overwritten from computed starts on. Operands: array, window, a start for each
/// axis. Written in place where nobody else holds the array.
pub(crate) static DYNAMIC_UPDATE_SLICE: Primitive = Primitive {
    name: "dynamic_update_slice",
    infer: |params, inputs| {
        let [operand, update, start @ ..] = inputs else {
            return Err(Report::new("dynamic_update_slice", "two operands and starts are needed").shape());
        };
        let axes = window_axes(params);
        starts("dynamic_update_slice", axes, start)?;
        axes.iter().try_for_each(|&axis| infer::axis_exists("dynamic_update_slice", axis, &operand.dims))?;
        let pairs = update.dims.iter().zip(&operand.dims).enumerate();
        let fits = update.dims.len() == operand.dims.len()
            && pairs
                .into_iter()
                .all(|(at, (new, old))| if axes.contains(&at) { new <= old } else { new == old });
        if !fits || operand.dtype != update.dtype {
            let problem = format!(
                "a window of {}{:?} does not fit into an array of {}{:?} along axes {axes:?}",
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
        let axes = window_axes(b.params);
        let starts: Vec<&Array> = b.inputs[2..].iter().collect();
        let hole = b.inputs[1].full_like(0.0)?;
        let around = b.cotangent.dynamic_update_slices(axes, &hole, &starts)?;
        let lens: Vec<usize> = axes.iter().map(|&axis| b.inputs[1].dims()[axis]).collect();
        let window = b.cotangent.dynamic_slices(axes, &starts, &lens)?;
        Ok([Some(around), Some(window)].into_iter().chain(starts.iter().map(|_| None)).collect())
    }),
};

fn window_axes(params: &Params) -> &[usize] {
    match params {
        Params::Windows { axes, .. } | Params::Axes(axes) => axes,
        _ => &[],
    }
}

/// The part of a layout that is `dims` large, from starts on that are clamped so that it fits.
fn window(layout: &Layout, axes: &[usize], dims: &[usize], starts: &[Buffer]) -> Layout {
    let sliced = |layout: Layout, (&axis, start): (&usize, &Buffer)| {
        let size = layout.dims[axis] as i64;
        let start = with_type!(start.dtype(), T => start.to_vec::<T>()[0].to_bits64());
        let start = if start < 0 { start.saturating_add(size) } else { start };
        layout.sliced(axis, start.clamp(0, size - dims[axis] as i64) as usize, 1, dims[axis])
    };
    axes.iter().zip(starts).fold(layout.clone(), sliced)
}

/// Whether an operation writes into its first operand where nobody else holds that: those that ask for [`writable`].
pub(crate) fn writes_in_place(op: &'static Primitive) -> bool {
    *op == DYNAMIC_UPDATE_SLICE || super::scatter::is_scatter(op)
}

/// An array to write to: itself where nobody else holds it, else a copy.
pub(super) fn writable<T: Element>(mut target: Buffer) -> Buffer {
    // A repeated element cannot be written for one of its places only.
    let distinct =
        target.layout.dims.iter().zip(&target.layout.strides).all(|(&dim, &stride)| dim <= 1 || stride != 0);
    let alone = std::sync::Arc::get_mut(&mut target.data).is_some_and(|data| T::vec_mut(data).is_some());
    if distinct && alone { target } else { Buffer::from_vec(target.to_vec::<T>(), &target.layout.dims) }
}

/// The storage of an array that is [`writable`].
pub(super) fn values_mut<T: Element>(target: &mut Buffer) -> &mut [T] {
    let data = std::sync::Arc::get_mut(&mut target.data).and_then(|data| T::vec_mut(data));
    data.expect("only an array that nobody else holds is written to")
}

fn update<T: Element>(params: &Params, inputs: Vec<Buffer>) -> Buffer {
    let mut inputs = inputs.into_iter();
    let (Some(target), Some(update)) = (inputs.next(), inputs.next()) else {
        unreachable!("the shape rule asks for two operands and starts");
    };
    let starts: Vec<Buffer> = inputs.collect();
    let mut target = writable::<T>(target);
    if update.layout.len() > 0 {
        let place = window(&target.layout, window_axes(params), &update.layout.dims, &starts);
        let values = values_mut::<T>(&mut target);
        match update.as_slice::<T>() {
            Some(update) => copy::scatter(values, &place, update),
            None => copy::scatter(values, &place, &update.to_vec::<T>()),
        }
    }
    target
}

impl Array {
    /// `0, 1, …` up to `len`; a length that cannot be counted fails when it is read.
    #[track_caller]
    pub(crate) fn iota(len: usize) -> Array {
        let dims = Dims::from_slice(&[len]);
        let iota = Array::apply(&IOTA, Params::Dims(dims.clone()), &[]);
        iota.unwrap_or_else(|error| Array::failed(Spec::new(dims, DType::I64), error))
    }

    /// A window of `lens[i]` elements along each `axes[i]`, from the computed `starts[i]` on.
    #[track_caller]
    pub(crate) fn dynamic_slices(&self, axes: &[usize], starts: &[&Array], lens: &[usize]) -> Result<Array> {
        let params = Params::Windows { axes: AxisList::from_slice(axes), lens: lens.into() };
        let inputs: Vec<&Array> = std::iter::once(self).chain(starts.iter().copied()).collect();
        Array::apply(&DYNAMIC_SLICE, params, &inputs)
    }

    /// This array with `update` in place of its window along `axes`, from the computed `starts` on.
    #[track_caller]
    pub(crate) fn dynamic_update_slices(
        &self,
        axes: &[usize],
        update: &Array,
        starts: &[&Array],
    ) -> Result<Array> {
        let inputs: Vec<&Array> = [self, update].into_iter().chain(starts.iter().copied()).collect();
        Array::apply(&DYNAMIC_UPDATE_SLICE, Params::Axes(AxisList::from_slice(axes)), &inputs)
    }
}
