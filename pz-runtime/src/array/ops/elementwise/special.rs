//! The error function and the gamma function with what belongs to them.
//!
//! The derivatives of ln Γ are one primitive, told its order, so that derivatives of any order exist.

use super::{each, float_unary, one};
use crate::array::Array;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::math::special;
use crate::array::kernels::{loops, math};
use crate::array::ops::infer;
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Kernel, Primitive};
use crate::error::Result;

float_unary!(
    /// The error function.
    ERF, "erf", math::erf, libm::erf,
    Derivative::Rule(|b| one(b.cotangent.mul(&bell(&b.inputs[0])?)))
);
float_unary!(
    /// One less the error function, precise where that is near 1.
    ERFC, "erfc", math::erfc, libm::erfc,
    Derivative::Rule(|b| one(b.cotangent.mul(&bell(&b.inputs[0])?)?.neg()))
);
float_unary!(
    /// The number whose error function is `x`.
    ERF_INV, "erf_inv", math::erf_inv, special::erf_inv,
    Derivative::Rule(|b| one(b.cotangent.mul(&inverse_bell(b.output)?)))
);
float_unary!(
    /// The logarithm of the absolute value of the gamma function.
    LGAMMA, "lgamma", math::lgamma::lgamma, libm::lgamma,
    Derivative::Rule(|b| one(b.cotangent.mul(&polygamma(0, &b.inputs[0])?)))
);

/// The derivative of ln Γ of order 1 (digamma), and one more for each unit of the parameter.
pub(crate) static POLYGAMMA: Primitive = Primitive {
    name: "polygamma",
    infer: infer::float,
    kernel: Kernel::Elementwise(|params, args, out| {
        let order = order(params);
        match (args[0], out) {
            (Slice::F32(x), SliceMut::F32(out)) => {
                each(x, out, |x| special::polygamma(order, f64::from(x)) as f32);
            }
            (Slice::F64(x), SliceMut::F64(out)) => each(x, out, |x| special::polygamma(order, x)),
            _ => unreachable!("the shape rule admits floats"),
        }
    }),
    derivative: Derivative::Rule(|b| {
        one(b.cotangent.mul(&polygamma(order(b.params).saturating_add(1), &b.inputs[0])?))
    }),
};

fn order(params: &Params) -> u32 {
    match params {
        Params::Order(order) => *order,
        _ => 0,
    }
}

/// The derivative of ln Γ of order `order + 1`.
#[track_caller]
pub(crate) fn polygamma(order: u32, x: &Array) -> Result<Array> {
    Array::apply(&POLYGAMMA, Params::Order(order), &[x])
}

/// The derivative of the error function, `2/√π · e^(-x²)`.
pub(crate) fn bell(x: &Array) -> Result<Array> {
    x.mul(x)?.neg()?.exp()?.mul_scalar(std::f64::consts::FRAC_2_SQRT_PI)
}

/// The derivative of the inverse error function where its value is `y`, `√π/2 · e^(y²)`.
pub(crate) fn inverse_bell(y: &Array) -> Result<Array> {
    y.mul(y)?.exp()?.mul_scalar(std::f64::consts::PI.sqrt() / 2.0)
}
