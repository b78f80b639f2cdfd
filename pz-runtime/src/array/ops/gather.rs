//! `gather`: slices of an array at computed places, along one axis or several at once.
//!
//! Operands are the array, then one index array for each axis of [`Params::Places`], all of one shape. The result's
//! axes are those of the index arrays, then the array's others. Everything that reads at computed places is this:
//! taking along an axis, indexing several axes together, and the diagonal of a shared axis, which is indexed by a
//! count.

use super::{index, infer, scatter};
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DKind, DType, Element, with_type};
use crate::array::kernels::gather::gather;
use crate::array::kernels::places::Places;
use crate::array::layout::Dims;
use crate::array::params::{Beyond, Params};
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::array::storage::take_vec;
use crate::error::{Error, Report, Result};

/// Slices at computed places.
pub(crate) static GATHER: Primitive = Primitive {
    name: "gather",
    infer: |params, inputs| {
        let (axes, beyond) = places(params);
        let Some((operand, indices)) = inputs.split_first() else {
            return Err(Report::new("gather", "an array is needed").shape());
        };
        let mut dims = judged("gather", axes, &operand.dims, indices)?;
        let nearest = matches!(beyond, Beyond::Nearest | Beyond::Clip);
        if let Some(axis) = axes.iter().find(|&&axis| operand.dims[axis] == 0)
            && nearest
            && !dims.contains(&0)
        {
            let problem = format!("axis {axis} has size 0, so there is nothing to take");
            return Err(Report::new("gather", problem).shape());
        }
        dims.extend(infer::without(&operand.dims, axes));
        Ok(Spec::new(dims, operand.dtype))
    },
    kernel: Kernel::Whole(
        |params, spec, inputs| with_type!(spec.dtype, T => run::<T>(params, spec, &inputs)),
    ),
    derivative: Derivative::Rule(|b| {
        let (axes, beyond) = places(b.params);
        let beyond = match beyond {
            Beyond::Clip => Beyond::Clip,
            _ => Beyond::Zero,
        };
        let indices: Vec<&Array> = b.inputs[1..].iter().collect();
        let zeros = b.inputs[0].full_like(0.0)?;
        let cotangent = zeros.scatter(&scatter::SCATTER_ADD, axes, beyond, &indices, b.cotangent)?;
        Ok(std::iter::once(Some(cotangent)).chain(indices.iter().map(|_| None)).collect())
    }),
};

/// The parameters of [`Params::Places`].
pub(super) fn places(params: &Params) -> (&[usize], Beyond) {
    match params {
        Params::Places { axes, beyond, .. } => (axes, *beyond),
        _ => (&[], Beyond::Fail),
    }
}

/// The shape of index arrays that fit an array of `dims`, or what is wrong with them.
pub(super) fn judged(op: &str, axes: &[usize], dims: &[usize], indices: &[Spec]) -> Result<Dims> {
    let Some(first) = indices.first().filter(|_| indices.len() == axes.len()) else {
        let problem = format!("{} index arrays were given for {} axes", indices.len(), axes.len());
        return Err(Report::new(op, problem).shape());
    };
    for (number, (&axis, index)) in axes.iter().zip(indices).enumerate() {
        infer::axis_exists(op, axis, dims)?;
        index::integer(op, index)?;
        if axes[..number].contains(&axis) {
            return Err(Report::new(op, format!("axis {axis} is indexed twice")).shape());
        }
        if index.dims != first.dims {
            return Err(infer::shapes(op, &first.dims, &index.dims));
        }
    }
    Ok(first.dims.clone())
}

/// The error about a place that is out of range.
pub(super) fn out_of_range(
    op: &str,
    params: &Params,
    places: &Places<'_>,
    dims: &[usize],
    place: usize,
) -> Error {
    let (number, index) = places.outside(place).unwrap_or_default();
    let Params::Places { axes, called, .. } = params else { unreachable!("it has these parameters") };
    let axis = axes[number];
    let name = called.get(number).map_or_else(|| format!("axis {axis}"), String::clone);
    let problem = format!("the place {index} is out of range for {name}, whose size is {}", dims[axis]);
    let remedy = "check the places, or say what one out of range means: `.out_of_range(OutOfRange::Clip)`";
    Report::new(op, problem).help(remedy).value()
}

fn run<T: Element>(params: &Params, spec: &Spec, inputs: &[Buffer]) -> Result<Buffer> {
    let (axes, beyond) = places(params);
    let (operand, indices) = (&inputs[0], &inputs[1..]);
    let rest: Dims = (0..operand.layout.dims.len()).filter(|axis| !axes.contains(axis)).collect();
    let clamp = matches!(beyond, Beyond::Nearest | Beyond::Clip);
    let places = Places::new(indices, axes, &operand.layout, clamp);
    let fill = if beyond == Beyond::Fill { nothing::<T>() } else { T::default() };
    let mut out = take_vec::<T>(spec.dims.iter().product());
    let outside = gather(operand.storage::<T>(), &operand.layout.permuted(&rest), &places, fill, &mut out);
    match outside {
        Some(place) if beyond == Beyond::Fail => {
            Err(out_of_range("gather", params, &places, &operand.layout.dims, place))
        }
        _ => Ok(Buffer::from_vec(out, &spec.dims)),
    }
}

/// What stands for an element that is not there, as in JAX.
fn nothing<T: Element>() -> T {
    match (T::DTYPE.kind(), T::DTYPE) {
        (DKind::Float, _) => T::from_f64(f64::NAN),
        (DKind::Bool, _) => T::from_f64(1.0),
        (_, DType::I8 | DType::I16 | DType::I32 | DType::I64) => T::from_f64(f64::NEG_INFINITY),
        _ => T::from_f64(f64::INFINITY),
    }
}

impl Array {
    /// Slices at computed places: `indices[i]` goes along `axes[i]`; the axes of the indices come first.
    #[track_caller]
    pub(crate) fn gather(&self, axes: &[usize], beyond: Beyond, indices: &[&Array]) -> Result<Array> {
        self.gather_at(Params::places(axes, beyond), indices)
    }

    /// [`gather`](Array::gather) with these [`Params::Places`].
    #[track_caller]
    pub(crate) fn gather_at(&self, params: Params, indices: &[&Array]) -> Result<Array> {
        let inputs: Vec<&Array> = std::iter::once(self).chain(indices.iter().copied()).collect();
        Array::apply(&GATHER, params, &inputs)
    }
}
