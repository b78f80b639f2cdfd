//! Reductions and running sums.

use super::infer;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::DType;
use crate::array::kernels::reduce;
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The sum over axes; integers wrap, an empty sum is 0.
pub(crate) static SUM: Primitive = Primitive {
    name: "sum",
    infer: |params, inputs| {
        infer::number(params, inputs)?;
        infer::reduce(params, inputs)
    },
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(reduced(reduce::Reduction::Sum, params, spec, &inputs[0]))
    }),
    derivative: Derivative::Rule(|b| {
        Ok(vec![Some(b.cotangent.broadcast_reduced(b.inputs[0].dims(), b.params.axes())?)])
    }),
};

/// The largest over axes; NaN if there is one.
pub(crate) static MAX: Primitive = Primitive {
    name: "max",
    infer: extreme_spec,
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(reduced(reduce::Reduction::Max, params, spec, &inputs[0]))
    }),
    derivative: Derivative::Rule(extreme_backward),
};

/// The smallest over axes; NaN if there is one.
pub(crate) static MIN: Primitive = Primitive {
    name: "min",
    infer: extreme_spec,
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(reduced(reduce::Reduction::Min, params, spec, &inputs[0]))
    }),
    derivative: Derivative::Rule(extreme_backward),
};

fn extreme_spec(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    infer::number(params, inputs)?;
    let spec = infer::reduce(params, inputs)?;
    if let Some(axis) = params.axes().iter().find(|&&axis| inputs[0].dims[axis] == 0) {
        let problem = format!("axis {axis} has size 0, and the largest of no elements is not defined");
        return Err(Report::new("max or min", problem).shape());
    }
    Ok(spec)
}

fn reduced(reduction: reduce::Reduction, params: &Params, spec: &Spec, input: &Buffer) -> Buffer {
    reduce::reduce(reduction, input, params.axes(), &spec.dims)
}

/// The cotangent goes to the elements equal to the extreme, evenly where there are several.
fn extreme_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (x, axes) = (&b.inputs[0], b.params.axes());
    let hits = x.equal(&b.output.broadcast_reduced(x.dims(), axes)?)?.cast(x.dtype())?;
    let share = b.cotangent.div(&hits.sum(axes)?)?;
    Ok(vec![Some(share.broadcast_reduced(x.dims(), axes)?.mul(&hits)?)])
}

/// The place of the first largest element along an axis; the first NaN counts as the largest.
pub(crate) static ARGMAX: Primitive = Primitive {
    name: "argmax",
    infer: |params, inputs| {
        let axis = params.axis();
        infer::axis_exists("argmax", axis, &inputs[0].dims)?;
        if inputs[0].dims[axis] == 0 {
            return Err(Report::new("argmax", format!("axis {axis} has size 0")).shape());
        }
        Ok(Spec::new(infer::without(&inputs[0].dims, &[axis]), DType::I32))
    },
    kernel: Kernel::Whole(|params, spec, inputs| Ok(reduce::argmax(&inputs[0], params.axis(), &spec.dims))),
    derivative: Derivative::Zero,
};

/// The sum of the elements up to each place along an axis.
pub(crate) static CUMSUM: Primitive = Primitive {
    name: "cumsum",
    infer: |params, inputs| {
        infer::axis_exists("cumsum", params.axis(), &inputs[0].dims)?;
        infer::number(params, inputs)
    },
    kernel: Kernel::Whole(|params, _, inputs| Ok(reduce::cumsum(&inputs[0], params.axis()))),
    derivative: Derivative::Rule(|b| {
        let axis = b.params.axis();
        Ok(vec![Some(b.cotangent.reverse(axis)?.cumsum(axis)?.reverse(axis)?)])
    }),
};
