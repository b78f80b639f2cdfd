//! The scatters: an array with slices put to computed places, or combined with what is there.
//!
//! Operands are the array, one index array for each axis of [`Params::Places`], and the slices, whose axes are those
//! of the index arrays, then the array's others. A place that comes several times takes its slices in their order.
//! The array is written in place where nobody else holds it. Derivatives follow JAX where it has them, and where
//! it has none (products at repeated places) are what the definition gives.

use super::gather::{judged, out_of_range, places};
use super::{index, infer};
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, with_type};
use crate::array::kernels::places::Places;
use crate::array::kernels::scatter::{Updates, scatter};
use crate::array::layout::Dims;
use crate::array::params::{Beyond, Params};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// How a slice meets what is there. One body for each wide type; the others go through a pointer.
macro_rules! scatters {
    ($($(#[$doc:meta])* $STATIC:ident $name:literal $wide:expr, $any:ident, $backward:expr;)*) => {
        $(
            $(#[$doc])*
            pub(crate) static $STATIC: Primitive = Primitive {
                name: $name,
                infer: |params, inputs| infer($name, params, inputs),
                kernel: Kernel::Whole(|params, spec, inputs| match spec.dtype {
                    DType::F32 => run::<f32>($name, params, inputs, $wide),
                    DType::F64 => run::<f64>($name, params, inputs, $wide),
                    dtype => with_type!(dtype, T => run::<T>($name, params, inputs, $any::<T> as fn(T, T) -> T)),
                }),
                derivative: Derivative::Rule($backward),
            };
        )*

        /// Whether an operation is one of these.
        pub(super) fn is_scatter(op: &'static Primitive) -> bool {
            [$(&$STATIC),*].contains(&op)
        }
    };
}
scatters! {
    /// Slices in place of what was there; of several at one place, the last.
    SCATTER_SET "scatter" |_, new| new, second, set_backward;
    /// Slices added to what was there.
    SCATTER_ADD "scatter_add" |old, new| old + new, add, |b| {
        Ok(cotangents(b, b.cotangent.clone(), read(b, b.cotangent)?))
    };
    /// Slices multiplied with what was there.
    SCATTER_MUL "scatter_mul" |old, new| old * new, mul, mul_backward;
    /// The smaller of slices and what was there; NaN if any is.
    SCATTER_MIN "scatter_min" |old, new| if new < old || new.is_nan() { new } else { old }, min, extremum_backward;
    /// The larger of slices and what was there; NaN if any is.
    SCATTER_MAX "scatter_max" |old, new| if new > old || new.is_nan() { new } else { old }, max, extremum_backward;
}

fn second<T: Element>(_: T, new: T) -> T {
    new
}

fn add<T: Element>(old: T, new: T) -> T {
    if T::DTYPE.is_float() {
        return T::from_f64(old.to_f64() + new.to_f64());
    }
    T::from_bits64(old.to_bits64().wrapping_add(new.to_bits64()))
}

fn mul<T: Element>(old: T, new: T) -> T {
    if T::DTYPE.is_float() {
        return T::from_f64(old.to_f64() * new.to_f64());
    }
    T::from_bits64(old.to_bits64().wrapping_mul(new.to_bits64()))
}

fn is_nan<T: Element>(value: T) -> bool {
    value.partial_cmp(&value).is_none()
}

fn min<T: Element>(old: T, new: T) -> T {
    if new < old || is_nan(new) { new } else { old }
}

fn max<T: Element>(old: T, new: T) -> T {
    if new > old || is_nan(new) { new } else { old }
}

fn infer(op: &'static str, params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let (axes, _) = places(params);
    let [operand, indices @ .., updates] = inputs else {
        return Err(Report::new(op, "an array, indices and updates are needed").shape());
    };
    let mut dims = judged(op, axes, &operand.dims, indices)?;
    dims.extend(infer::without(&operand.dims, axes));
    if updates.dims != dims || updates.dtype != operand.dtype {
        let problem = format!(
            "the updates are {}{:?}, and must be {}{dims:?}: the axes of the indices, then the array's others",
            updates.dtype, updates.dims, operand.dtype
        );
        return Err(Report::new(op, problem).shape());
    }
    Ok(operand.clone())
}

fn run<T: Element>(
    op: &'static str,
    params: &Params,
    mut inputs: Vec<Buffer>,
    combine: impl Fn(T, T) -> T + Sync,
) -> Result<Buffer> {
    let (axes, beyond) = places(params);
    let Some(updates) = inputs.pop() else { unreachable!("the shape rule asks for updates") };
    let mut target = index::writable::<T>(inputs.remove(0));
    let layout = target.layout.clone();
    let rest: Dims = (0..layout.dims.len()).filter(|axis| !axes.contains(axis)).collect();
    let places = Places::new(&inputs, axes, &layout, beyond == Beyond::Clip);
    let count = inputs.first().map_or(0, |index| index.layout.len());
    let slices = Updates { source: updates.storage::<T>(), layout: &updates.layout, count };
    let values = index::values_mut::<T>(&mut target);
    match scatter(values, &layout.permuted(&rest), &places, &slices, &combine) {
        Some(place) if beyond == Beyond::Fail => Err(out_of_range(op, params, &places, &layout.dims, place)),
        _ => Ok(target),
    }
}

/// The cotangents of array and updates, and none of the indices.
fn cotangents(b: &Backward<'_>, operand: Array, updates: Array) -> Vec<Option<Array>> {
    let indices = (2..b.inputs.len()).map(|_| None);
    std::iter::once(Some(operand)).chain(indices).chain([Some(updates)]).collect()
}

fn index_arrays<'a>(b: &Backward<'a>) -> Vec<&'a Array> {
    b.inputs[1..b.inputs.len() - 1].iter().collect()
}

/// What an array of the result's shape has at the places; 0 where an update was left out.
fn read(b: &Backward<'_>, array: &Array) -> Result<Array> {
    let (axes, beyond) = places(b.params);
    array.gather(axes, reading(beyond), &index_arrays(b))
}

fn reading(beyond: Beyond) -> Beyond {
    if beyond == Beyond::Clip { Beyond::Clip } else { Beyond::Zero }
}

/// `slices` scattered over `array` at the same places.
fn put(b: &Backward<'_>, op: &'static Primitive, array: &Array, slices: &Array) -> Result<Array> {
    let (axes, beyond) = places(b.params);
    array.scatter(op, axes, reading(beyond), &index_arrays(b), slices)
}

/// Nothing passes to what was overwritten: the array's elements at the places, and all but the last update of one.
fn set_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let updates = &b.inputs[b.inputs.len() - 1];
    let operand = put(b, &SCATTER_SET, b.cotangent, &updates.full_like(0.0)?)?;
    let dims = updates.dims();
    let count: usize = b.inputs[1].dims().iter().product();
    if count <= 1 {
        return Ok(cotangents(b, operand, read(b, b.cotangent)?));
    }
    // Each update is given its number; which of them are read back are those that stayed.
    let rank = b.inputs[1].dims().len();
    let numbers = Array::iota(count).reshape(&dims[..rank])?;
    let source: Vec<Option<usize>> = (0..dims.len()).map(|axis| (axis < rank).then_some(axis)).collect();
    let numbers = numbers.broadcast(dims, &source)?;
    let none = Array::full(-1.0, b.output.dims(), numbers.dtype())?;
    let stayed = read(b, &put(b, &SCATTER_SET, &none, &numbers)?)?.equal(&numbers)?;
    let updates = stayed.select(&read(b, b.cotangent)?, &updates.full_like(0.0)?)?;
    Ok(cotangents(b, operand, updates))
}

/// The cotangent of a factor is the cotangent times all the others: the product of those that are not 0 without it,
/// if no other is 0.
fn mul_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (array, updates) = (&b.inputs[0], &b.inputs[b.inputs.len() - 1]);
    let factors = put(b, &SCATTER_MUL, &array.full_like(1.0)?, updates)?;
    let operand = b.cotangent.mul(&factors)?;
    let (zero, one) = (updates.full_like(0.0)?, updates.full_like(1.0)?);
    let is_zero = updates.equal(&zero)?;
    let others = is_zero.select(&one, updates)?;
    let product = read(b, &put(b, &SCATTER_MUL, &array.full_like(1.0)?, &others)?)?.div(&others)?;
    let zero_count = is_zero.select(&one, &zero)?;
    let zeros = read(b, &put(b, &SCATTER_ADD, &array.full_like(0.0)?, &zero_count)?)?;
    let only = zeros.equal(&zero_count)?;
    let around = read(b, &b.cotangent.mul(array)?)?;
    let updates = around.mul(&only.select(&product, &zero)?)?;
    Ok(cotangents(b, operand, updates))
}

/// All that are the extremum, of the updates and what was there, share the cotangent evenly.
fn extremum_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (array, updates) = (&b.inputs[0], &b.inputs[b.inputs.len() - 1]);
    let marks = |is: Array, like: &Array| is.select(&like.full_like(1.0)?, &like.full_like(0.0)?);
    let held = marks(array.equal(b.output)?, array)?;
    let won = marks(updates.equal(&read(b, b.output)?)?, updates)?;
    let count = put(b, &SCATTER_ADD, &held, &won)?;
    // Where nobody is the extremum (NaN), nobody gets a share.
    let share = b.cotangent.div(&count.maximum(&count.full_like(1.0)?)?)?;
    let updates = read(b, &share)?.mul(&won)?;
    Ok(cotangents(b, share.mul(&held)?, updates))
}

impl Array {
    /// This array with `updates` combined, as the scatter `op` says, with its slices at computed places:
    /// `indices[i]` goes along `axes[i]`.
    #[track_caller]
    pub(crate) fn scatter(
        &self,
        op: &'static Primitive,
        axes: &[usize],
        beyond: Beyond,
        indices: &[&Array],
        updates: &Array,
    ) -> Result<Array> {
        self.scatter_at(op, Params::places(axes, beyond), indices, updates)
    }

    /// [`scatter`](Array::scatter) with these [`Params::Places`].
    #[track_caller]
    pub(crate) fn scatter_at(
        &self,
        op: &'static Primitive,
        params: Params,
        indices: &[&Array],
        updates: &Array,
    ) -> Result<Array> {
        let inputs: Vec<&Array> =
            std::iter::once(self).chain(indices.iter().copied()).chain([updates]).collect();
        Array::apply(op, params, &inputs)
    }
}
