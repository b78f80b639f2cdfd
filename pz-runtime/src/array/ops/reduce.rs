//! Reductions: many elements along axes become one.
//!
//! Derivatives follow JAX where it had to choose: equal extremes share the cotangent evenly, and a product passes
//! to each element the product of all others, without dividing, so that zeros are nothing special.

use super::infer;
use crate::array::Array;
use crate::array::dtype::DType;
use crate::array::kernels::reduce::{Reduction, place};
use crate::array::params::{AxisList, Params};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The sum over axes; integers wrap, an empty sum is 0.
pub(crate) static SUM: Primitive = Primitive {
    name: "sum",
    infer: number_spec,
    kernel: Kernel::Reduce(Reduction::Sum),
    derivative: Derivative::Rule(|b| {
        Ok(vec![Some(b.cotangent.broadcast_reduced(b.inputs[0].dims(), b.params.axes())?)])
    }),
};

/// The product over axes; integers wrap, an empty product is 1.
pub(crate) static PRODUCT: Primitive = Primitive {
    name: "prod",
    infer: number_spec,
    kernel: Kernel::Reduce(Reduction::Product),
    derivative: Derivative::Rule(product_backward),
};

/// The largest over axes; NaN if there is one.
pub(crate) static MAX: Primitive = Primitive {
    name: "max",
    infer: |params, inputs| extreme_spec("max", "largest", params, inputs),
    kernel: Kernel::Reduce(Reduction::Max),
    derivative: Derivative::Rule(extreme_backward),
};

/// The smallest over axes; NaN if there is one.
pub(crate) static MIN: Primitive = Primitive {
    name: "min",
    infer: |params, inputs| extreme_spec("min", "smallest", params, inputs),
    kernel: Kernel::Reduce(Reduction::Min),
    derivative: Derivative::Rule(extreme_backward),
};

/// Whether all over axes are true; of none, they are.
pub(crate) static ALL: Primitive = Primitive {
    name: "all",
    infer: truth_spec,
    kernel: Kernel::Reduce(Reduction::Min),
    derivative: Derivative::Zero,
};

/// Whether any over axes is true; of none, none is.
pub(crate) static ANY: Primitive = Primitive {
    name: "any",
    infer: truth_spec,
    kernel: Kernel::Reduce(Reduction::Max),
    derivative: Derivative::Zero,
};

/// The place of the first largest element along an axis; the first NaN counts as the largest.
pub(crate) static ARGMAX: Primitive = Primitive {
    name: "argmax",
    infer: |params, inputs| place_spec("argmax", params, inputs),
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(place(Reduction::Max, &inputs[0], params.axis(), &spec.dims, spec.dtype))
    }),
    derivative: Derivative::Zero,
};

/// The place of the first smallest element along an axis; the first NaN counts as the smallest.
pub(crate) static ARGMIN: Primitive = Primitive {
    name: "argmin",
    infer: |params, inputs| place_spec("argmin", params, inputs),
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(place(Reduction::Min, &inputs[0], params.axis(), &spec.dims, spec.dtype))
    }),
    derivative: Derivative::Zero,
};

fn number_spec(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    infer::number(params, inputs)?;
    infer::reduce(params, inputs)
}

fn truth_spec(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    if inputs[0].dtype != DType::Bool {
        let problem = format!("the operand is {}, and the operation is for bool", inputs[0].dtype);
        return Err(Report::new("all or any", problem).help("compare first: `x.not_equal(0)`").dtype());
    }
    infer::reduce(params, inputs)
}

fn extreme_spec(op: &str, word: &str, params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let spec = infer::reduce(params, inputs)?;
    if let Some(axis) = params.axes().iter().find(|&&axis| inputs[0].dims[axis] == 0) {
        let problem = format!("axis {axis} has size 0, and the {word} of no elements is not defined");
        return Err(Report::new(op, problem).shape());
    }
    Ok(spec)
}

/// The dtype of places along an axis of that size.
pub(crate) fn places_dtype(size: usize) -> DType {
    if i32::try_from(size).is_ok() { DType::I32 } else { DType::I64 }
}

fn place_spec(op: &str, params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let axis = params.axis();
    infer::axis_exists(op, axis, &inputs[0].dims)?;
    let size = inputs[0].dims[axis];
    if size == 0 {
        return Err(Report::new(op, format!("axis {axis} has size 0")).shape());
    }
    Ok(Spec::new(infer::without(&inputs[0].dims, &[axis]), places_dtype(size)))
}

/// The cotangent goes to the elements equal to the extreme, evenly where there are several.
fn extreme_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (x, axes) = (&b.inputs[0], b.params.axes());
    let hits = x.equal(&b.output.broadcast_reduced(x.dims(), axes)?)?.cast(x.dtype())?;
    let share = b.cotangent.div(&hits.sum(axes)?)?;
    Ok(vec![Some(share.broadcast_reduced(x.dims(), axes)?.mul(&hits)?)])
}

/// Each element's share is the product of the others: of those before it, times those behind it.
fn product_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let x = &b.inputs[0];
    let axes: AxisList = (0..x.dims().len()).filter(|axis| b.params.axes().contains(axis)).collect();
    let kept = (0..x.dims().len()).filter(|axis| !axes.contains(axis));
    let order: AxisList = kept.chain(axes.iter().copied()).collect();
    let moved = x.permute(&order)?;
    let (last, len) = (x.dims().len() - axes.len(), axes.iter().map(|&axis| x.dims()[axis]).product());
    let mut dims = x.dims_without(&axes);
    dims.push(len);
    let rows = moved.reshape(&dims)?;
    let cotangent = b.cotangent.broadcast_reduced(x.dims(), &axes)?.permute(&order)?.reshape(&dims)?;
    let before = rows.cumprod(last)?.shifted(last, 1.0)?;
    let back = rows.reverse(last)?;
    let behind = back.cumprod(last)?.shifted(last, 1.0)?.reverse(last)?;
    // The cotangent goes first: where it is 0 the product of the others may be infinite.
    let shares = cotangent.mul(&before)?.mul(&behind)?;
    Ok(vec![Some(shares.reshape(moved.dims())?.permute(&infer::inverse(&order))?)])
}

/// One method for each reduction of axes; over no axes the array stays as it is.
macro_rules! over_axes {
    ($($(#[$doc:meta])* $method:ident $OP:ident;)*) => {
        impl Array {
            $(
                $(#[$doc])*
                #[track_caller]
                pub(crate) fn $method(&self, axes: &[usize]) -> Result<Array> {
                    if axes.is_empty() {
                        return Ok(self.clone());
                    }
                    Array::apply(&$OP, Params::Axes(axes.into()), &[self])
                }
            )*
        }
    };
}
over_axes! {
    /// The sum over `axes`.
    sum SUM;
    /// The product over `axes`.
    prod PRODUCT;
    /// The largest over `axes`.
    max MAX;
    /// The smallest over `axes`.
    min MIN;
    /// Whether all over `axes` are true.
    all ALL;
    /// Whether any over `axes` is true.
    any ANY;
}

/// One method for each primitive that runs along one axis.
macro_rules! along_an_axis {
    ($($(#[$doc:meta])* $method:ident $OP:ident;)*) => {
        impl $crate::array::Array {
            $(
                $(#[$doc])*
                #[track_caller]
                pub(crate) fn $method(&self, axis: usize) -> $crate::Result<$crate::array::Array> {
                    $crate::array::Array::apply(&$OP, $crate::array::params::Params::Axis(axis), &[self])
                }
            )*
        }
    };
}
pub(crate) use along_an_axis;

along_an_axis! {
    /// The place of the largest along `axis`.
    argmax ARGMAX;
    /// The place of the smallest along `axis`.
    argmin ARGMIN;
}
