//! Rounding, bounds and remainders of floats.

use super::{both, float_binary, float_unary};
use crate::array::DType;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::loops;
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};

float_unary!(
    /// The largest integer not above.
    FLOOR, "floor", |x: &[f32], out: &mut [f32]| loops::map(x, out, f32::floor), f64::floor, Derivative::Zero
);
float_unary!(
    /// The smallest integer not below.
    CEIL, "ceil", |x: &[f32], out: &mut [f32]| loops::map(x, out, f32::ceil), f64::ceil, Derivative::Zero
);
float_unary!(
    /// The nearest integer; of two, the even one.
    ROUND, "round", |x: &[f32], out: &mut [f32]| loops::map(x, out, f32::round_ties_even), f64::round_ties_even,
    Derivative::Zero
);
float_binary!(
    /// The remainder of a division that is rounded towards 0: it has the sign of the dividend. Where it is NaN so is its
    /// derivative by the divisor (in JAX infinite at a divisor of 0).
    REM, "rem",
    |x: &[f32], y: &[f32], out: &mut [f32]| loops::zip(x, y, out, |x, y| x % y), |x, y| x % y,
    Derivative::Rule(|b| {
        let quotient = b.inputs[0].sub(b.output)?.div(&b.inputs[1])?.round()?;
        both(Ok(b.cotangent.clone()), b.cotangent.mul(&quotient)?.neg())
    })
);

/// Whether a float is neither infinite nor NaN.
pub(crate) static IS_FINITE: Primitive = Primitive {
    name: "is_finite",
    infer: |params, inputs| Ok(infer::float(params, inputs)?.of(DType::Bool)),
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::Bool(out)) => loops::map(x, out, f32::is_finite),
        (Slice::F64(x), SliceMut::Bool(out)) => loops::map(x, out, f64::is_finite),
        _ => unreachable!("the shape rule admits floats and gives bool"),
    }),
    derivative: Derivative::Zero,
};
