//! Hyperbolic functions and their inverses.

use super::{float_unary, one, through_f64};
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::{loops, math};
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};

float_unary!(
    /// Hyperbolic sine.
    SINH, "sinh", math::sinh, f64::sinh,
    Derivative::Rule(|b| one(b.cotangent.mul(&b.inputs[0].cosh()?)))
);
float_unary!(
    /// Hyperbolic cosine.
    COSH, "cosh", math::cosh, f64::cosh,
    Derivative::Rule(|b| one(b.cotangent.mul(&b.inputs[0].sinh()?)))
);
float_unary!(
    /// Hyperbolic tangent.
    TANH, "tanh", math::tanh, f64::tanh,
    Derivative::Rule(|b| {
        // `1 - y` is exact near 1, where `1 - y²` would lose digits.
        let rest = b.output.full_like(1.0)?.sub(b.output)?;
        one(b.cotangent.add(&b.cotangent.mul(b.output)?)?.mul(&rest))
    })
);
float_unary!(
    /// The number whose hyperbolic sine is `x`.
    ASINH, "asinh", through_f64(asinh), asinh,
    Derivative::Rule(|b| {
        let square = b.inputs[0].mul(&b.inputs[0])?;
        one(b.cotangent.mul(&square.add(&square.full_like(1.0)?)?.rsqrt()?))
    })
);
float_unary!(
    /// The number that is not negative and whose hyperbolic cosine is `x`.
    ACOSH, "acosh", through_f64(acosh), acosh,
    Derivative::Rule(|b| {
        // As in JAX it is finite below -1 too, where the function is NaN: a cotangent of 0 stays 0 there.
        let x = b.inputs[0].abs()?;
        let ones = x.full_like(1.0)?;
        // Two roots, for their product does not overflow.
        one(b.cotangent.mul(&x.sub(&ones)?.rsqrt()?)?.mul(&x.add(&ones)?.rsqrt()?))
    })
);
float_unary!(
    /// The number whose hyperbolic tangent is `x`.
    ATANH, "atanh", through_f64(f64::atanh), f64::atanh,
    Derivative::Rule(|b| {
        let x = &b.inputs[0];
        let ones = x.full_like(1.0)?;
        one(b.cotangent.div(&ones.sub(x)?.mul(&ones.add(x)?)?))
    })
);

/// From here on the square of a number is all of its square and 1.
const HUGE: f64 = 1e9;

/// The standard library's doubles its argument, which overflows.
fn asinh(x: f64) -> f64 {
    if x.abs() < HUGE { x.asinh() } else { (x.abs().ln() + std::f64::consts::LN_2).copysign(x) }
}

/// The standard library's rounds a sum with 1 near 1, and overflows far from it.
fn acosh(x: f64) -> f64 {
    let beyond = x - 1.0;
    // Two roots, for a product of two negative numbers has one.
    if x < HUGE {
        (beyond + beyond.sqrt() * (x + 1.0).sqrt()).ln_1p()
    } else {
        x.ln() + std::f64::consts::LN_2
    }
}
