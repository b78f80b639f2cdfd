//! Sorting: places in order, elements at places along an axis, and the transpose of that.
//!
//! A sorted array is the elements at their places in order, so the derivative of a sort needs no rule of its own:
//! it passes through `pick`, whose transpose is `deal`, whose transpose is `pick`. The order is JAX's: equal
//! elements keep theirs, zeros of both signs are equal, and NaN is last, or first where the order is descending.

use super::infer;
use super::reduce::places_dtype;
use crate::array::Array;
use crate::array::dtype::DKind;
use crate::array::kernels::sort;
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The places of the first elements in order along an axis.
pub(crate) static ARGSORT: Primitive = Primitive {
    name: "argsort",
    infer: |params, inputs| {
        let Params::Sort(sort) = *params else {
            return Err(Report::new("argsort", "an axis and an order are needed").shape());
        };
        let mut dims = inputs[0].dims.clone();
        infer::axis_exists("argsort", sort.axis, &dims)?;
        let size = dims[sort.axis];
        if sort.count > size {
            let problem = format!("{} of {size} elements were asked for", sort.count);
            return Err(Report::new("argsort", problem).shape());
        }
        dims[sort.axis] = sort.count;
        Ok(Spec::new(dims, places_dtype(size)))
    },
    kernel: Kernel::Whole(|params, spec, inputs| match *params {
        Params::Sort(sort) => Ok(sort::argsort(sort, &inputs[0], &spec.dims, spec.dtype)),
        _ => Err(Report::new("argsort", "an axis and an order are needed").value()),
    }),
    derivative: Derivative::Zero,
};

/// Elements of the first operand along an axis, at the places in the second, which has the same other axes. The
/// places lie within the axis.
pub(crate) static PICK: Primitive = Primitive {
    name: "pick",
    infer: |params, inputs| {
        let [operand, places] = inputs else {
            return Err(Report::new("pick", "two operands are needed").shape());
        };
        let axis = params.axis();
        same_but_along("pick", axis, operand, places)?;
        if operand.dims[axis] == 0 && places.dims.iter().all(|&dim| dim > 0) {
            let problem = format!("axis {axis} has size 0, so there is nothing to take");
            return Err(Report::new("pick", problem).shape());
        }
        Ok(places.of(operand.dtype))
    },
    kernel: Kernel::Whole(|params, _, inputs| Ok(sort::pick(&inputs[0], &inputs[1], params.axis()))),
    derivative: Derivative::Rule(|b| {
        let axis = b.params.axis();
        Ok(vec![Some(b.cotangent.deal(axis, b.inputs[0].dims()[axis], &b.inputs[1])?), None])
    }),
};

/// Zeros, to which the elements of the first operand are added along an axis at the places in the second.
pub(crate) static DEAL: Primitive = Primitive {
    name: "deal",
    infer: |params, inputs| {
        let ([values, places], Params::Along { axis, len }) = (inputs, params) else {
            return Err(Report::new("deal", "two operands, an axis and its size are needed").shape());
        };
        same_but_along("deal", *axis, values, places)?;
        if values.dims != places.dims {
            return Err(infer::shapes("deal", &values.dims, &places.dims));
        }
        let mut spec = infer::number(params, &inputs[..1])?;
        spec.dims[*axis] = *len;
        Ok(spec)
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(sort::deal(&inputs[0], &inputs[1], params.axis(), &spec.dims))
    }),
    derivative: Derivative::Rule(|b| {
        let picked = Array::apply(&PICK, Params::Axis(b.params.axis()), &[b.cotangent, &b.inputs[1]])?;
        Ok(vec![Some(picked), None])
    }),
};

fn same_but_along(op: &str, axis: usize, operand: &Spec, places: &Spec) -> Result<()> {
    infer::axis_exists(op, axis, &operand.dims)?;
    if places.dtype.kind() != DKind::Int {
        let problem = format!("places are {}, and must be integers", places.dtype);
        return Err(Report::new(op, problem).help("cast them: `places.cast(DType::I32)`").dtype());
    }
    let (mut a, mut b) = (operand.dims.clone(), places.dims.clone());
    if a.len() == b.len() {
        (a[axis], b[axis]) = (0, 0);
    }
    if a == b { Ok(()) } else { Err(infer::shapes(op, &operand.dims, &places.dims)) }
}

impl Array {
    /// The places of the first `count` elements in order along `axis`.
    #[track_caller]
    pub(crate) fn argsort(&self, axis: usize, descending: bool, count: usize) -> Result<Array> {
        Array::apply(&ARGSORT, Params::Sort(sort::Sort { axis, descending, count }), &[self])
    }

    /// The elements along `axis` at `places`, which has the same other axes.
    #[track_caller]
    pub(crate) fn pick(&self, axis: usize, places: &Array) -> Result<Array> {
        Array::apply(&PICK, Params::Axis(axis), &[self, places])
    }

    /// Zeros, `len` along `axis`, to which the elements of this are added at `places`.
    #[track_caller]
    pub(crate) fn deal(&self, axis: usize, len: usize, places: &Array) -> Result<Array> {
        Array::apply(&DEAL, Params::Along { axis, len }, &[self, places])
    }
}
